//! Fields and objects as JSON Schema.

use serde_json::{Map, Value, json};

use crate::describe::{Field, FieldKind, OBJECTS, Object};

/// Where an object of the description is.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Every object, by name.
pub(super) fn components() -> Map<String, Value> {
    let mut all: Map<String, Value> =
        OBJECTS.iter().map(|object| (object.name.to_owned(), of_object(object))).collect();
    let errors = [
        (
            "Error",
            json!({
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string", "description": "What went wrong, for people."},
                    "code": {"type": "string", "description": "What a plugin refused for, for programs."},
                },
                "additionalProperties": false,
            }),
        ),
        (
            "ValidationError",
            json!({
                "type": "object",
                "required": ["detail"],
                "properties": {"detail": {"type": "array", "items": reference("FieldError")}},
                "additionalProperties": false,
            }),
        ),
        (
            "FieldError",
            json!({
                "type": "object",
                "required": ["type", "loc", "msg"],
                "properties": {
                    "type": {"type": "string", "description": "For programs: `missing`, `value_error`, …"},
                    "loc": {
                        "type": "array",
                        "items": {"type": ["string", "integer"]},
                        "description": "`body` or `query`, and the way to the field.",
                    },
                    "msg": {"type": "string"},
                    "ctx": {"type": "object"},
                },
                "additionalProperties": false,
            }),
        ),
    ];
    all.extend(errors.map(|(name, schema)| (name.to_owned(), schema)));
    all
}

fn of_object(object: &Object) -> Value {
    let mut schema = of_fields(object.fields);
    schema["additionalProperties"] = object.is_open.into();
    schema
}

/// The object that a list of fields makes. Unknown fields are ignored by the server, so they are allowed.
pub(super) fn of_fields(fields: &[Field]) -> Value {
    let required: Vec<_> = fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), of_field(field))).collect();
    json!({"type": "object", "required": required, "properties": properties})
}

/// One field.
pub(super) fn of_field(field: &Field) -> Value {
    let mut schema = match field.kind {
        FieldKind::Text => json!({"type": "string"}),
        FieldKind::Name => json!({"type": "string", "minLength": 1}),
        FieldKind::Email => json!({"type": "string", "format": "email"}),
        FieldKind::Password => json!({"type": "string", "format": "password"}),
        FieldKind::Bool => json!({"type": "boolean"}),
        FieldKind::Int => json!({"type": "integer"}),
        FieldKind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        FieldKind::Names => json!({"type": "array", "items": {"type": "string", "minLength": 1}}),
        FieldKind::Object => json!({"type": "object"}),
        FieldKind::One(name) => reference(name),
    };
    if field.is_nullable {
        let kind = schema["type"].take();
        schema["type"] = json!([kind, "null"]);
    }
    if !field.doc.is_empty() {
        schema["description"] = field.doc.into();
    }
    schema
}

//! Every answer that any test sees is compared with what `/openapi.json` declares.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::Value;
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

use crate::kit::Reply;

/// The description of one application's routes.
#[derive(Default)]
pub(crate) struct Contract(OnceCell<Value>);

impl Contract {
    /// Panics if an answer is not declared.
    pub(crate) async fn check(&self, router: &Router, method: &str, target: &str, reply: &Reply) {
        let document = self.0.get_or_init(|| read(router.clone())).await;
        let path = target.split('?').next().unwrap_or_default();
        let Some(operation) = find(document, method, path) else { return };
        let status = reply.status.as_u16();
        // Any route may fail by a bug, which a test with a hook that panics pretends.
        if status == 500 {
            return;
        }
        let declared = &operation["responses"][status.to_string()];
        assert!(declared.is_object(), "{method} {path}: {status} is not declared: {}", reply.body);
        let Some(content) = declared["content"].as_object() else {
            assert_eq!(reply.body, "", "{method} {path}: no body is declared");
            return;
        };
        let kind = reply.header("content-type").split(';').next().unwrap_or_default();
        let Some(media) = content.get(kind) else { panic!("{method} {path}: {kind} is not declared") };
        if kind == "application/json" {
            let complaint = mismatch(document, &media["schema"], &reply.json());
            assert_eq!(complaint, None, "{method} {path} {status}: {}", reply.body);
        }
    }
}

/// The document, or null where there is none.
async fn read(router: Router) -> Value {
    let request = Request::get("/openapi.json").body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("infallible");
    let body = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
    serde_json::from_slice(&body).unwrap_or_default()
}

/// The operation that a request belongs to. What is written out wins over what is a parameter.
fn find<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(a, b)| a == b || a.starts_with('{'))
    };
    let paths = document["paths"].as_object()?;
    let found = paths.iter().filter(|(template, _)| fits(template));
    let (_, methods) = found.min_by_key(|(template, _)| template.contains('{'))?;
    methods.get(method.to_lowercase())
}

/// Where a value is not what its schema says. Knows what our schemas use.
fn mismatch(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).expect("a schema");
        return mismatch(document, schema, value);
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.iter().any(|declared| declared == kind) {
        return Some(format!("a {kind} where {} is declared", schema["type"]));
    }
    match value {
        Value::Array(items) => items.iter().find_map(|item| mismatch(document, &schema["items"], item)),
        Value::Object(members) => {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(name) =
                required.iter().find(|name| !members.contains_key(name.as_str().expect("text")))
            {
                return Some(format!("no {name}"));
            }
            let is_open = schema["additionalProperties"] != false;
            members.iter().find_map(|(name, value)| match &schema["properties"][name] {
                Value::Null if is_open => None,
                Value::Null => Some(format!("an undeclared `{name}`")),
                schema => mismatch(document, schema, value).map(|text| format!("`{name}`: {text}")),
            })
        }
        _ => None,
    }
}

//! `/openapi.json`, written from the route table and its descriptions.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::StatusCode;
use hookgate_core::settings::SessionStrategy;
use serde_json::{Map, Value, json};

use super::schema::{components, of_field, of_fields, reference};
use crate::describe::{Description, Field, FieldKind, Shape};
use crate::options::TokenDelivery;
use crate::state::App;
use crate::table::Row;

/// The whole document.
pub(crate) fn document(app: &App, rows: &[Row]) -> Bytes {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for row in rows {
        if let Some(description) = row.description {
            let operation = Operation { app, row, description }.describe();
            paths.entry(&row.path).or_default().insert(row.method.to_lowercase(), operation);
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hookgate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Authentication, wire-compatible with FastAuth.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": components(), "securitySchemes": security_schemes(app)},
    });
    // Writing a `Value` does not fail.
    Bytes::from(document.to_string())
}

/// The ways to authenticate. A cookie needs the CSRF header with it where something changes.
fn security_schemes(app: &App) -> Value {
    let csrf = &app.options.csrf;
    let mut schemes = json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "The access token, or the session token."},
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": app.options.cookies.name_access,
            "description": "The same token, as it is set in cookies.",
        },
    });
    if csrf.enabled {
        schemes["csrf"] = json!({
            "type": "apiKey",
            "in": "header",
            "name": csrf.header_name.as_str(),
            "description": format!("Repeats the cookie `{}`. With the cookie, for requests that change something.", csrf.cookie_name),
        });
    }
    schemes
}

/// One route in the making.
struct Operation<'a> {
    app: &'a App,
    row: &'a Row,
    description: &'static Description,
}

impl Operation<'_> {
    fn describe(&self) -> Value {
        let Description { summary, tag, body, body_is_optional, .. } = self.description;
        let mut operation = json!({
            "operationId": self.id(),
            "summary": summary,
            "tags": [tag],
            "parameters": self.parameters(),
            "responses": self.responses(),
            "security": self.security(),
        });
        if !body.is_empty() {
            let mut schema = of_fields(body);
            if *body_is_optional {
                // As good as none.
                schema["type"] = json!(["object", "null"]);
            }
            operation["requestBody"] = json!({
                "required": !body_is_optional,
                "content": {"application/json": {"schema": schema}},
            });
        }
        operation
    }

    /// A name for code generators: `post_roles_name_permissions`.
    fn id(&self) -> String {
        let words = self.description.path.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        format!("{}_{}", self.row.method.to_lowercase(), words.join("_"))
    }

    fn is_for_callers(&self) -> bool {
        self.row.access == "caller"
    }

    fn changes_something(&self) -> bool {
        self.row.method != "GET"
    }

    fn security(&self) -> Value {
        if !self.is_for_callers() {
            return json!([]);
        }
        let with_cookie = if self.changes_something() && self.app.options.csrf.enabled {
            json!({"cookie": [], "csrf": []})
        } else {
            json!({"cookie": []})
        };
        json!([{"bearer": []}, with_cookie])
    }

    fn parameters(&self) -> Vec<Value> {
        let names = self.row.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let in_path = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
        let in_query = self.description.query.iter().map(|field| {
            // The text says what the parameter is, so the schema need not.
            let schema = of_field(&Field { doc: "", ..*field });
            let mut parameter = json!({
                "name": field.name,
                "in": "query",
                "required": field.is_required,
                "description": field.doc,
                "schema": schema,
            });
            if field.kind == FieldKind::Texts {
                parameter["explode"] = true.into();
            }
            parameter
        });
        in_path.chain(in_query).collect()
    }

    fn responses(&self) -> Value {
        let mut responses: BTreeMap<u16, Value> = BTreeMap::new();
        for (status, text) in self.implied_errors().into_iter().chain(self.description.errors.iter().copied())
        {
            let schema = if status == 422 { "ValidationError" } else { "Error" };
            let mut response = json_response(text, &reference(schema));
            if let Some(headers) = headers_of(status) {
                response["headers"] = headers;
            }
            responses.insert(status, response);
        }
        if self.sends_on() {
            responses
                .insert(302, json!({"description": "To `oauth_redirect_url`, with the tokens in cookies."}));
        } else {
            responses.insert(self.description.status, self.success());
        }
        json!(responses.into_iter().map(|(status, one)| (status.to_string(), one)).collect::<Map<_, _>>())
    }

    /// Whether success is a redirect to the front end.
    fn sends_on(&self) -> bool {
        matches!(self.description.answer, Shape::Returned) && self.app.options.oauth_redirect_url.is_some()
    }

    /// What follows from the route's access, input and class.
    fn implied_errors(&self) -> Vec<(u16, &'static str)> {
        let Description { query, class, .. } = self.description;
        let reads_body = self.row.reads_body;
        let mut errors =
            vec![(503, "The server is busy, a plugin gave no usable answer, or storage is away.")];
        if class.is_some() && self.app.options.rate_limits.is_some() {
            errors.push((429, "This client calls too often."));
        }
        if self.is_for_callers() {
            errors.push((401, "There is no token, it is not good, or the account is deactivated."));
            if self.changes_something() && self.app.options.csrf.enabled {
                errors.push((403, "The token came by cookie without a good CSRF header."));
            }
        }
        if reads_body {
            errors.push((400, "The body can't be read as JSON text."));
            errors.push((408, "The body came too slowly."));
            errors.push((413, "The body is too large."));
        }
        if reads_body || query.iter().any(|field| field.is_required) {
            errors.push((422, "A field is missing or not what it should be; each is named."));
        }
        errors
    }

    fn success(&self) -> Value {
        let text = self.description.summary;
        match self.description.answer {
            Shape::Message => json_response(text, &reference("Message")),
            Shape::One(name) => json_response(text, &reference(name)),
            Shape::Many(name) => json_response(text, &json!({"type": "array", "items": reference(name)})),
            Shape::Free => json_response(text, &json!({"type": "object"})),
            Shape::Registered if !self.app.services.settings().security.register_reveals_existing => {
                json_response(text, &reference("Message"))
            }
            Shape::SignedIn | Shape::Registered | Shape::Returned => self.signed_in(text),
            Shape::Page => {
                json!({"description": text, "content": {"text/html": {"schema": {"type": "string"}}}})
            }
            Shape::Empty => json!({"description": text}),
        }
    }

    /// Tokens, the way that this server delivers them.
    fn signed_in(&self, text: &str) -> Value {
        let settings = self.app.services.settings();
        match (self.app.options.token_delivery, settings.session_strategy) {
            (TokenDelivery::Json, SessionStrategy::Jwt) => json_response(text, &reference("Tokens")),
            (TokenDelivery::Json, SessionStrategy::Database) => {
                json_response(text, &reference("SessionToken"))
            }
            (TokenDelivery::Cookie, _) => {
                let mut response = json_response(text, &reference("Message"));
                response["headers"] = json!({
                    "Set-Cookie": {"schema": {"type": "string"}, "description": "The tokens, one cookie each, and the CSRF cookie."}
                });
                response
            }
        }
    }
}

fn json_response(text: &str, schema: &Value) -> Value {
    json!({"description": text, "content": {"application/json": {"schema": schema}}})
}

fn headers_of(status: u16) -> Option<Value> {
    let header = |name: &str, kind: &str| Some(json!({name: {"schema": {"type": kind}}}));
    match StatusCode::from_u16(status).ok()? {
        StatusCode::UNAUTHORIZED => header("WWW-Authenticate", "string"),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => header("Retry-After", "integer"),
        _ => None,
    }
}

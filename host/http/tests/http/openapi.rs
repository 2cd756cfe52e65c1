//! `/openapi.json` and `/docs`.

use hookgate_http::TokenDelivery;
use serde_json::Value;

use crate::kit::{TestApp, call, get};

async fn document(app: &TestApp) -> Value {
    let reply = app.send(get("/openapi.json")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    reply.json()
}

/// Every `$ref` in a document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(text) => found.push(text.to_owned()),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn references_lead_somewhere_and_operations_have_names_of_their_own() {
    let document = document(&TestApp::new()).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let operations: Vec<_> = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|methods| methods.as_object().expect("methods").values())
        .collect();
    let mut names: Vec<_> =
        operations.iter().map(|one| one["operationId"].as_str().expect("a name")).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for operation in operations {
        assert!(operation["responses"].as_object().is_some_and(|all| all.contains_key("503")));
    }
}

#[tokio::test]
async fn it_describes_the_server_as_it_is_configured() {
    let plain = document(&TestApp::new()).await;
    let login = &plain["paths"]["/auth/login"]["post"];
    let tokens = "#/components/schemas/Tokens";
    let pointer = "/responses/200/content/application~1json/schema/$ref";
    assert_eq!(login.pointer(pointer).and_then(Value::as_str), Some(tokens));
    assert!(login["responses"]["429"].is_null());
    assert_eq!(login["security"], serde_json::json!([]));
    let logout = &plain["paths"]["/auth/logout"]["post"];
    assert_eq!(logout["security"], serde_json::json!([{"bearer": []}, {"cookie": [], "csrf": []}]));

    let other = document(&TestApp::with(|wish| {
        wish.options.route_prefix = "/api".to_owned();
        wish.options.token_delivery = TokenDelivery::Cookie;
        wish.options.rate_limits = Some(hookgate_http::RateLimits::new());
        wish.options.cookies.name_access = "at".to_owned();
        wish.settings.providers.magic_links = false;
    }))
    .await;
    let login = &other["paths"]["/api/login"]["post"];
    assert_eq!(login.pointer(pointer).and_then(Value::as_str), Some("#/components/schemas/Message"));
    assert!(login["responses"]["200"]["headers"]["Set-Cookie"].is_object());
    assert!(login["responses"]["429"]["headers"]["Retry-After"].is_object());
    assert_eq!(other["components"]["securitySchemes"]["cookie"]["name"], "at");
    assert!(other["paths"]["/api/magic-links/login"].is_null());
}

#[tokio::test]
async fn the_page_is_there_and_both_can_be_switched_off() {
    let app = TestApp::new();
    let page = app.send(get("/docs")).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(app.send(call("HEAD", "/docs")).await.status, 200);
    let off = TestApp::with(|wish| wish.options.openapi = false);
    for path in ["/docs", "/openapi.json"] {
        assert_eq!(off.send(get(path)).await.status, 404, "{path}");
    }
}

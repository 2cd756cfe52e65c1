//! Roles, and what reverse proxies ask.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use hookgate_core::adapters::Change;
use hookgate_core::ids::UserId;
use hookgate_core::role::Role;
use serde_json::{Value, json};

use crate::kit::{EMAIL, PASSWORD, TestApp, call, delete, get, post};

/// A caller with the role `admin`, which no route gives to the first one.
async fn administrator(app: &TestApp) -> (String, String) {
    let token = app.register().await.text("access_token");
    let id = app.send(get("/auth/me").bearer(&token)).await.text("id");
    let role = Role { name: "admin".to_owned(), permissions: BTreeSet::from(["all".to_owned()]) };
    let assign = Change::AssignRole { user: UserId(id.clone()), role: role.name.clone() };
    let changes = vec![Change::CreateRole(role), assign];
    app.adapters.transactions.commit(changes).await.expect("the store works");
    (token, id)
}

#[tokio::test]
async fn roles_are_made_given_and_taken() {
    let app = TestApp::new();
    let (token, id) = administrator(&app).await;
    let create = |body: &Value| post("/auth/roles").bearer(&token).json(body);
    let editor = json!({"name": "editor", "permissions": ["write", "read"]});
    let created = app.send(create(&editor)).await;
    assert_eq!(created.line(), r#"201 {"name":"editor","permissions":["read","write"]}"#);
    assert_eq!(app.send(create(&editor)).await.line(), r#"409 {"detail":"Role already exists"}"#);
    assert_eq!(app.send(create(&json!({"permissions": 1}))).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let assign = |user: &str, role: &str| {
        post("/auth/roles/assign").bearer(&token).json(&json!({"user_id": user, "role_name": role}))
    };
    for _ in 0..2 {
        assert_eq!(app.send(assign(&id, "editor")).await.line(), r#"200 {"message":"Role assigned"}"#);
    }
    assert_eq!(app.send(assign(&id, "nobody")).await.line(), r#"404 {"detail":"Role not found"}"#);
    assert_eq!(app.send(assign("nobody", "editor")).await.line(), r#"404 {"detail":"User not found"}"#);

    let permissions = |method: &str| {
        call(method, "/auth/roles/editor/permissions")
            .bearer(&token)
            .json(&json!({"permissions": ["publish"]}))
    };
    assert_eq!(app.send(permissions("POST")).await.line(), r#"200 {"message":"Permissions added"}"#);
    let mine = app.send(get("/auth/roles/me").bearer(&token)).await.json();
    assert_eq!(mine["roles"], json!(["admin", "editor"]));
    assert_eq!(mine["permissions"], json!(["all", "publish", "read", "write"]));
    assert_eq!(app.send(permissions("DELETE")).await.line(), r#"200 {"message":"Permissions removed"}"#);

    let revoke = json!({"user_id": id, "role_name": "editor"});
    let revoked = app.send(post("/auth/roles/revoke").bearer(&token).json(&revoke)).await;
    assert_eq!(revoked.line(), r#"200 {"message":"Role revoked"}"#);
    assert_eq!(
        app.send(delete("/auth/roles/editor").bearer(&token)).await.line(),
        r#"200 {"message":"Role deleted"}"#
    );
    assert_eq!(app.send(delete("/auth/roles/editor").bearer(&token)).await.status, StatusCode::NOT_FOUND);
    let others = app.send(get("/auth/roles/user/nobody").bearer(&token)).await;
    assert_eq!(others.line(), r#"200 {"user_id":"nobody","roles":[],"permissions":[]}"#);
}

#[tokio::test]
async fn roles_are_changed_by_administrators_only_and_rights_come_before_fields() {
    let app = TestApp::new();
    let token = app.register().await.text("access_token");
    let refused = r#"403 {"detail":"Insufficient role"}"#;
    for (method, path) in [
        ("GET", "/auth/roles"),
        ("POST", "/auth/roles"),
        ("DELETE", "/auth/roles/x"),
        ("POST", "/auth/roles/x/permissions"),
        ("POST", "/auth/roles/assign"),
        ("GET", "/auth/roles/user/x"),
    ] {
        assert_eq!(app.send(call(method, path).bearer(&token)).await.line(), refused, "{method} {path}");
        assert_eq!(app.send(call(method, path)).await.status, StatusCode::UNAUTHORIZED);
    }
    let mine = app.send(get("/auth/roles/me").bearer(&token)).await;
    assert_eq!(mine.json()["roles"], json!([]));
}

#[tokio::test]
async fn a_proxy_asks_and_gets_an_identity() {
    let app = TestApp::new();
    let (token, id) = administrator(&app).await;
    let ask = async |query: &str| app.send(get(&format!("/auth/verify{query}")).bearer(&token)).await;
    let good = ask("?role=admin&permission=all").await;
    assert_eq!(good.status, StatusCode::OK);
    assert_eq!((good.header("x-auth-user-id"), good.header("x-auth-email")), (id.as_str(), EMAIL));
    assert_eq!((good.header("x-auth-roles"), good.header("x-auth-permissions")), ("admin", "all"));
    assert_eq!(ask("").await.status, StatusCode::OK);
    assert_eq!(ask("?role=admin&role=other").await.line(), r#"403 {"detail":"Insufficient role"}"#);
    assert_eq!(ask("?permission=fly").await.line(), r#"403 {"detail":"Insufficient permissions"}"#);
    assert_eq!(app.send(get("/auth/verify")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_are_introspected_by_their_owner() {
    let app = TestApp::new();
    let tokens = app.register().await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let ask = async |caller: &str, token: &str| {
        app.send(post("/auth/token/introspect").bearer(caller).json(&json!({"token": token}))).await.json()
    };
    let found = ask(&access, &access).await;
    assert_eq!(
        (&found["active"], &found["token_type"], &found["email"]),
        (&json!(true), &json!("access"), &json!(EMAIL))
    );
    assert_eq!(ask(&access, &refresh).await["token_type"], "refresh");
    let inactive =
        json!({"active": false, "sub": null, "exp": null, "jti": null, "token_type": null, "email": null});
    assert_eq!(ask(&access, "nonsense").await, inactive);
    let other = json!({"email": "bob@example.com", "password": PASSWORD});
    let bob = app.send(post("/auth/register").json(&other)).await.text("access_token");
    assert_eq!(ask(&bob, &access).await, inactive, "nobody asks about others");

    let revoke = async |caller: &str, token: &str| {
        app.send(post("/auth/token/revoke").bearer(caller).json(&json!({"token": token}))).await.line()
    };
    assert_eq!(revoke(&access, "nonsense").await, r#"400 {"detail":"Invalid token"}"#);
    assert_eq!(revoke(&access, &access).await, r#"400 {"detail":"Only refresh tokens can be revoked"}"#);
    assert_eq!(revoke(&bob, &refresh).await, r#"403 {"detail":"Cannot revoke another user's token"}"#);
    for _ in 0..2 {
        assert_eq!(revoke(&access, &refresh).await, r#"200 {"message":"Token revoked"}"#);
    }
    assert_eq!(ask(&access, &refresh).await, inactive);
    let (admin, _) = {
        let id = app.send(get("/auth/me").bearer(&bob)).await.text("id");
        let role = Role { name: "admin".to_owned(), permissions: BTreeSet::new() };
        let changes =
            vec![Change::CreateRole(role), Change::AssignRole { user: UserId(id), role: "admin".to_owned() }];
        app.adapters.transactions.commit(changes).await.expect("the store works");
        (bob, ())
    };
    assert_eq!(ask(&admin, &access).await["active"], true, "administrators ask about all");
}

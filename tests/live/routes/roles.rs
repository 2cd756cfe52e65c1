//! Roles that the configuration names.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{Server, Setup};

const ROLES: &str = "default_role = \"member\"\n[[roles]]\nname = \"editor\"\npermissions = [\"read\", \"write\"]\n\
                     [[roles]]\nname = \"admin\"\n";

/// Every role, as an administrator sees it.
async fn roles(server: &Server, token: &str) -> Value {
    server.get("/auth/roles", token).await.expect(200).json()
}

#[tokio::test]
async fn configured_roles_exist_and_only_grow() {
    let mut server = Setup::new().config(ROLES).start().await;
    let token = server.register("ada@example.com").await.expect(201).text("access_token");
    let mine = server.get("/auth/roles/me", &token).await;
    assert_eq!(mine.expect(200).json()["roles"], json!(["member"]));
    server.operate(&["role", "assign", "ada@example.com", "admin"]);
    let expected = json!([
        {"name": "admin", "permissions": []},
        {"name": "editor", "permissions": ["read", "write"]},
        {"name": "member", "permissions": []},
    ]);
    assert_eq!(roles(&server, &token).await, expected);

    // What an administrator grants, or takes …
    let path = "/auth/roles/editor/permissions";
    for (method, permission) in [(Method::POST, "publish"), (Method::DELETE, "write")] {
        let request =
            server.request(method, path).bearer_auth(&token).json(&json!({"permissions": [permission]}));
        server.send(request).await.expect(200);
    }
    server.stop().await;

    // … the next start completes, and takes nothing away. A role that is listed no more stays.
    let fewer = "[[roles]]\nname = \"editor\"\npermissions = [\"write\", \"review\"]\n";
    let server = Setup::new().config(fewer).data_of(&server).start().await;
    let expected = json!([
        {"name": "admin", "permissions": []},
        {"name": "editor", "permissions": ["publish", "read", "review", "write"]},
        {"name": "member", "permissions": []},
    ]);
    assert_eq!(roles(&server, &token).await, expected);
}

#[tokio::test]
async fn a_role_may_be_named_like_a_path() {
    let server = Server::start().await;
    let token = server.register("ada@example.com").await.expect(201).text("access_token");
    // The role that manages roles needs no set-up.
    server.operate(&["role", "assign", "ada@example.com", "admin"]);
    let send = async |method: Method, path: &str, body: Value| {
        server.send(server.request(method, path).bearer_auth(&token).json(&body)).await
    };
    for name in ["user", "me", "assign", "revoke", "permissions", "roles", "admin2", "a b", "a/b", "ä?#%"] {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for segment in [name, encoded.as_str()] {
            if segment == name && !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                continue;
            }
            send(Method::POST, "/auth/roles", json!({"name": name})).await.expect(201);
            let path = format!("/auth/roles/{segment}");
            let body = json!({"permissions": ["read", "write"]});
            send(Method::POST, &format!("{path}/permissions"), body).await.expect(200);
            let body = json!({"permissions": ["write"]});
            send(Method::DELETE, &format!("{path}/permissions"), body).await.expect(200);
            let expected =
                json!([{"name": "admin", "permissions": []}, {"name": name, "permissions": ["read"]}]);
            let mut found = roles(&server, &token).await;
            found.as_array_mut().unwrap().sort_by_key(|role| role["name"] != "admin");
            assert_eq!(found, expected);
            send(Method::DELETE, &path, Value::Null).await.expect(200);
        }
    }
    // What is at those paths already stays there.
    assert_eq!(server.get("/auth/roles/user/permissions", &token).await.json()["roles"], json!([]));
    assert_eq!(server.get("/auth/roles/me", &token).await.json()["roles"], json!(["admin"]));
    let nobody = server.request(Method::DELETE, "/auth/roles/me");
    server.send(nobody).await.expect_detail(401, "Not authenticated");
    let other = server.register("bob@example.com").await.text("access_token");
    server.delete("/auth/roles/me", &other).await.expect_detail(403, "Insufficient role");
}

#[tokio::test]
async fn roles_and_permissions_have_names() {
    let server = Server::start().await;
    let token = server.register("ada@example.com").await.expect(201).text("access_token");
    server.operate(&["role", "assign", "ada@example.com", "admin"]);
    let post = async |path: &str, body: Value| {
        server.send(server.request(Method::POST, path).bearer_auth(&token).json(&body)).await
    };
    let before = roles(&server, &token).await;
    let too_short = |loc: Value| {
        let message = "String should have at least 1 character";
        json!({"type": "string_too_short", "loc": loc, "msg": message, "ctx": {"min_length": 1}})
    };
    let refused = post("/auth/roles", json!({"name": "", "permissions": ["a", ""]})).await;
    let expected = json!([too_short(json!(["body", "name"])), too_short(json!(["body", "permissions", 1]))]);
    assert_eq!(refused.expect(422).json()["detail"], expected);
    let refused = post("/auth/roles/admin/permissions", json!({"permissions": [""]})).await;
    assert_eq!(refused.expect(422).json()["detail"], json!([too_short(json!(["body", "permissions", 0]))]));
    assert_eq!(roles(&server, &token).await, before, "nothing was made");
}

#[tokio::test]
async fn a_deleted_default_role_keeps_nobody_out() {
    let server = Setup::new().config("default_role = \"member\"\n").start().await;
    let token = server.register("ada@example.com").await.expect(201).text("access_token");
    server.operate(&["role", "assign", "ada@example.com", "admin"]);
    server.delete("/auth/roles/member", &token).await.expect(200);
    assert_eq!(roles(&server, &token).await, json!([{"name": "admin", "permissions": []}]));
    let token = server.register("bob@example.com").await.expect(201).text("access_token");
    assert_eq!(server.get("/auth/roles/me", &token).await.json()["roles"], json!(["member"]));
}

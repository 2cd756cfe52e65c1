//! Roles that the configuration names.

use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{BINARY, Server, Setup};

const ROLES: &str = "default_role = \"member\"\n[[roles]]\nname = \"editor\"\npermissions = [\"read\", \"write\"]\n\
                     [[roles]]\nname = \"admin\"\n";

/// Every role, as an administrator sees it.
async fn roles(server: &Server, token: &str) -> Value {
    server.get("/auth/roles", token).await.expect(200).json()
}

fn make_admin(server: &Server, email: &str) {
    let data = server.data_dir();
    let output = Command::new(BINARY)
        .args(["role", "assign", email, "admin", "--config"])
        .arg(data.with_file_name("test.toml"))
        .arg("--data-dir")
        .arg(&data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn configured_roles_exist_and_only_grow() {
    let mut server = Setup::new().config(ROLES).start().await;
    let token = server.register("ada@example.com").await.expect(201).text("access_token");
    let mine = server.get("/auth/roles/me", &token).await;
    assert_eq!(mine.expect(200).json()["roles"], json!(["member"]));
    make_admin(&server, "ada@example.com");
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

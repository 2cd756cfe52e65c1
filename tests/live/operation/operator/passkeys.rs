//! Passkeys at the command line: listed, removed, moved, taken over from FastAuth.

use std::path::Path;

use serde_json::{Value, json};

use super::{Desk, access_token, text};
use crate::kit::passkeys::{PROVIDERS, add, authenticator, sign_in};
use crate::kit::{Authenticator, Server, Setup};

const ADA: &str = "ada@example.com";

async fn server() -> Server {
    Setup::new().config(PROVIDERS).start().await
}

/// Ada with passkeys.
async fn ada<const N: usize>() -> (Server, [Authenticator; N]) {
    let server = server().await;
    let token = server.register(ADA).await.text("access_token");
    let mut authenticators = [(); N].map(|()| authenticator());
    for authenticator in &mut authenticators {
        add(&server, &token, authenticator).await;
    }
    (server, authenticators)
}

#[tokio::test]
async fn a_lost_passkey_is_removed() {
    let (server, [mut first, mut second, mut third]) = ada().await;
    sign_in(&server, &mut first).await.expect(200);
    let desk = Desk::of(&server);
    let list = desk.json(&["passkey", "list", ADA], "");
    let id = list[0]["id"].as_str().unwrap();
    assert_eq!(list.as_array().unwrap().len(), 3, "{list}");
    let used = list.as_array().unwrap().iter().filter(|passkey| passkey["last_used_at"].is_i64()).count();
    assert_eq!((&list[0]["name"], used), (&json!("Laptop"), 1));
    assert!(desk.does(&["passkey", "list", ADA], "").contains(id));
    assert_eq!(desk.json(&["user", "show", ADA], "")["passkeys"], list);

    let lost = crate::kit::encode(&second.credential_id);
    assert_eq!(desk.json(&["passkey", "delete", &lost], "")["deleted"], 1);
    desk.refuses(&["passkey", "delete", &lost], "", &format!("no passkey `{lost}`"));
    // Ids may begin with a hyphen.
    desk.refuses(&["passkey", "delete", "-x"], "", "no passkey `-x`");
    sign_in(&server, &mut second).await.expect_detail(401, "Passkey not found");
    sign_in(&server, &mut third).await.expect(200);
    assert_eq!(desk.json(&["passkey", "delete", "--user", ADA], "")["deleted"], 2);
    sign_in(&server, &mut first).await.expect_detail(401, "Passkey not found");
    assert_eq!(desk.run(&["passkey", "delete"], "").status.code(), Some(2));
    desk.refuses(&["passkey", "list", "nobody@example.com"], "", "no user");
}

#[tokio::test]
async fn exported_passkeys_sign_in_elsewhere() {
    let (from, [mut authenticator]) = ada().await;
    sign_in(&from, &mut authenticator).await.expect(200);
    let lines = Desk::of(&from).does(&["export", "-"], "");
    let to = server().await;
    let desk = Desk::of(&to);
    assert_eq!(desk.json(&["import", "-"], &lines)["created"], 1);
    assert_eq!(desk.does(&["export", "-"], ""), lines);
    // The counter went along, so a copy of the authenticator is noticed there too.
    authenticator.sign_count = 0;
    sign_in(&to, &mut authenticator).await.expect(401);
    authenticator.sign_count = 1;
    sign_in(&to, &mut authenticator).await.expect(200);
    // An older export does not set it back.
    assert_eq!(desk.json(&["import", "-", "--update"], &lines)["updated"], 1);
    authenticator.sign_count = 1;
    sign_in(&to, &mut authenticator).await.expect(401);
}

#[tokio::test]
async fn a_passkey_that_can_not_be_used_costs_nothing_but_itself() {
    let (from, [authenticator]) = ada().await;
    let line = Desk::of(&from).does(&["export", "-"], "");
    let mut record: Value = serde_json::from_str(&line).unwrap();
    let good = record["passkeys"][0].clone();
    let with = |name: &str, value: &str| {
        let mut passkey = good.clone();
        passkey["id"] = json!(format!("{name}AAAA"));
        passkey[name] = json!(value);
        passkey
    };
    record["passkeys"] = json!([with("id", "%"), good, with("public_key", "AAAA"), with("public_key", "?")]);
    for dry_run in [true, false] {
        let desk = Desk::new();
        let arguments = if dry_run { &["import", "-", "--dry-run"][..] } else { &["import", "-"] };
        let output = desk.run(arguments, &record.to_string());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        for part in
            ["line 1, passkey %: the id", "the public key is malformed", "3 records were not imported"]
        {
            assert!(message.contains(part), "{part}: {message}");
        }
        if !dry_run {
            let list = desk.json(&["passkey", "list", ADA], "");
            assert_eq!(list[0]["id"], crate::kit::encode(&authenticator.credential_id));
            assert_eq!(list.as_array().unwrap().len(), 1);
        }
    }

    // Nobody gets somebody else's.
    let desk = Desk::new();
    let of = |email: &str| json!({"email": email, "passkeys": [good]}).to_string();
    desk.json(&["import", "-"], &of(ADA));
    let output = desk.run(&["import", "-"], &of("eve@example.com"));
    assert!(text(&output.stderr).contains("line 1: the passkey exists"), "{}", text(&output.stderr));
    assert_eq!(desk.json(&["passkey", "list", ADA], "").as_array().unwrap().len(), 1);
}

/// As `SQLAlchemy` makes it from FastAuth's models.
fn fastauth_database(path: &Path, passkey: &Value, password_hash: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let tables = "
        CREATE TABLE fastauth_users (id VARCHAR NOT NULL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            name VARCHAR, image VARCHAR, hashed_password VARCHAR, email_verified BOOLEAN NOT NULL,
            is_active BOOLEAN NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
            deleted_at DATETIME);
        CREATE TABLE fastauth_passkeys (id VARCHAR NOT NULL PRIMARY KEY, user_id VARCHAR NOT NULL,
            public_key BLOB NOT NULL, sign_count INTEGER NOT NULL, aaguid VARCHAR NOT NULL,
            name VARCHAR NOT NULL, created_at DATETIME NOT NULL, last_used_at DATETIME);";
    connection.execute_batch(tables).unwrap();
    let user = "INSERT INTO fastauth_users VALUES ('clh3am2xk0000', 'ada@example.com', 'Ada', NULL, ?1, 1, 1,
        '2024-02-29 23:59:59.123456', '2024-03-01 00:00:00.500000', NULL)";
    connection.execute(user, [password_hash]).unwrap();
    let insert = "INSERT INTO fastauth_passkeys VALUES (?1, 'clh3am2xk0000', ?2, 0, '', 'Phone',
        '2024-02-29 23:59:59.123456', NULL)";
    let public_key = crate::kit::decode(&passkey["public_key"]);
    connection.execute(insert, (passkey["id"].as_str().unwrap(), public_key)).unwrap();
}

#[tokio::test]
async fn passkeys_of_fastauth_are_taken_over() {
    let (from, [mut authenticator]) = ada().await;
    let line = Desk::of(&from).does(&["export", "-", "--with-hashes"], "");
    let record: Value = serde_json::from_str(&line).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fastauth.db");
    fastauth_database(&file, &record["passkeys"][0], record["password_hash"].as_str().unwrap());

    let to = server().await;
    let report = Desk::of(&to).json(&["import", "--fastauth", file.to_str().unwrap()], "");
    assert_eq!((&report["created"], &report["refused"]), (&json!(1), &json!([])));
    let token = access_token(&to, ADA).await;
    let list = to.get("/auth/passkeys", &token).await.json();
    assert_eq!(
        (&list[0]["name"], &list[0]["created_at"]),
        (&json!("Phone"), &json!("2024-02-29T23:59:59+00:00"))
    );
    // FastAuth gave the user's id as the handle.
    authenticator.user_handle = Some(b"clh3am2xk0000".to_vec());
    sign_in(&to, &mut authenticator).await.expect(200);
}

//! Backups, exports, imports.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Desk, access_token, text};
use crate::kit::{BINARY, Server, Setup};

#[tokio::test]
async fn a_backup_of_a_serving_database_serves() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    server.register("ada@example.com").await.expect(201);
    let copy = Desk::new();
    fs::create_dir(&copy.data).unwrap();
    let file = copy.data.join("hookgate.db");
    let file = file.to_str().unwrap();
    let answer = desk.json(&["backup", file], "");
    assert!(answer["bytes"].as_u64().unwrap() > 0, "{answer}");
    desk.refuses(&["backup", file], "", "exists");
    server.register("grace@example.com").await.expect(201);
    assert!(copy.does(&["check"], "").contains("hookgate.db: good"));

    let config = format!("[database]\npath = \"{file}\"\n");
    let again = Setup::new().config(&config).start().await;
    again.login("ada@example.com").await.expect(200);
    again.login("grace@example.com").await.expect(401);
}

#[test]
fn check_reads_the_whole_database() {
    let desk = Desk::new();
    assert!(desk.does(&["check"], "").contains("none yet"));
    assert!(!desk.data.exists());
    let id = desk.create("ada@example.com", &[]);
    assert!(desk.does(&["check"], "").contains("hookgate.db: good"));
    let file = desk.data.join("hookgate.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute("INSERT INTO user_roles VALUES (?1, 'ghost')", [id]).unwrap();
    drop(connection);
    desk.refuses(&["check"], "", "user_roles");
}

#[tokio::test]
async fn exported_users_sign_in_elsewhere() {
    let from = Desk::new();
    from.does(&["role", "create", "editor", "--permission", "posts:write"], "");
    let id = from.create("ada@example.com", &["--name", "Ada", "--role", "editor", "--verified"]);
    from.create("grace@example.com", &[]);
    from.does(&["user", "disable", "grace@example.com"], "");
    let plain = from.does(&["export", "-"], "");
    assert_eq!(plain.lines().count(), 2);
    assert!(!plain.contains("argon2"), "no hashes unless asked for");
    let file = from.data.join("users.jsonl");
    let file = file.to_str().unwrap();
    from.does(&["export", file, "--with-hashes"], "");
    from.refuses(&["export", file], "", "exists");

    let server = Server::start().await;
    let to = Desk::of(&server);
    let report = to.json(&["import", file, "--dry-run"], "");
    assert_eq!((&report["created"], &report["roles"]), (&json!(2), &json!(["editor"])));
    assert_eq!(to.json(&["user", "list"], ""), json!([]));
    assert_eq!(to.json(&["import", file], "")["created"], 2);
    let token = access_token(&server, "ada@example.com").await;
    assert_eq!(server.get("/auth/me", &token).await.text("id"), id);
    assert_eq!(server.get("/auth/roles/me", &token).await.json()["roles"], json!(["editor"]));
    server.login("grace@example.com").await.expect(401);
    assert_eq!(to.does(&["export", "-", "--with-hashes"], ""), fs::read_to_string(file).unwrap().trim_end());

    assert_eq!(to.json(&["import", file], "")["skipped"], 2);
    let change = json!({"email": "ADA@example.com", "name": "Countess", "email_verified": true}).to_string();
    assert_eq!(to.json(&["import", "-", "--update"], &change)["updated"], 1);
    let me = server.get("/auth/me", &token).await;
    assert_eq!((me.text("id"), me.text("name")), (id, "Countess".to_owned()));
}

#[test]
fn bad_lines_are_named_and_cost_nobody_else() {
    let desk = Desk::new();
    let lines = [
        r#"{"email": "one@example.com", "id": "user-1"}"#,
        "",
        r#"{"email": "#,
        r#"{"email": "nonsense"}"#,
        r#"{"email": "two@example.com", "id": "user-1"}"#,
        r#"{"email": "three@example.com", "password_hash": "$2b$31$nope"}"#,
        r#"{"email": "four@example.com", "password_hash": "md5:1234"}"#,
        r#"{"email": "five@example.com", "pasword_hash": "x"}"#,
        r#"{"email": "ONE@example.com"}"#,
        r#"{"email": "six@example.com"}"#,
    ]
    .join("\n");
    for dry_run in [true, false] {
        let dry = if dry_run { vec!["--dry-run"] } else { vec![] };
        let output = desk.run(&[&["import", "-"][..], &dry].concat(), &lines);
        assert_eq!(output.status.code(), Some(2));
        let message = text(&output.stderr);
        let places: Vec<_> = message.lines().filter_map(|line| line.split_once(": ")).collect();
        let numbers: Vec<_> = places.iter().map(|(place, _)| *place).collect();
        let expected = ["line 3", "line 4", "line 5", "line 6", "line 7", "line 8", "hookgate"];
        assert_eq!(numbers, expected, "{message}");
        assert!(message.contains("another user has that id"), "{message}");
        assert!(message.contains("unknown field `pasword_hash`"), "{message}");
        let summary = text(&output.stdout);
        let summary: Vec<_> = summary.split_whitespace().collect();
        let summary = summary.join(" ");
        assert!(summary.contains("created 2 updated 0 skipped 1 refused 6"), "{summary}");
        assert_eq!(summary.contains("nothing was changed"), dry_run);
    }
    let users = desk.json(&["user", "list"], "");
    assert_eq!(users.as_array().unwrap().len(), 2, "{users}");
}

/// More users than one transaction or page takes.
#[test]
fn many_users_go_in_and_come_out() {
    use std::fmt::Write as _;
    let desk = Desk::new();
    let mut lines = String::new();
    for number in 0..1203 {
        writeln!(lines, "{{\"email\": \"user{number}@example.com\"}}").unwrap();
    }
    assert_eq!(desk.json(&["import", "-"], &lines)["created"], 1203);
    assert_eq!(desk.does(&["export", "-"], "").lines().count(), 1203);
    let first = desk.json(&["user", "list", "--limit", "1000"], "");
    let last = first.as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    let rest = desk.json(&["user", "list", "--limit", "1000", "--after", &last], "");
    assert_eq!(rest.as_array().unwrap().len(), 203);

    // A reader that has seen enough.
    let mut child = Command::new(BINARY)
        .args(["export", "-", "--config"])
        .arg(&desk.config)
        .arg("--data-dir")
        .arg(&desk.data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

/// By glibc's `crypt` and Python's `hashlib`, of the kit's password.
const FOREIGN_HASHES: [(&str, &str); 3] = [
    ("bcrypt", "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"),
    ("scrypt", "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0c2H7/w$OOre8lw25NSX5xbsQtu1t6dHR2heMFAKu+Qtw9IveYQ"),
    ("pbkdf2", "$pbkdf2-sha256$29000$c2FsdHNhbHRzYWx0c2H7/w$lxV6LETQkiByaQjid8ysQVPxd/TwJNQO4SsRlTtQe5Y"),
];

#[tokio::test]
async fn hashes_of_other_systems_sign_in_and_become_argon2id() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    let mut lines = String::new();
    for (kind, hash) in FOREIGN_HASHES {
        let email = format!("{kind}@example.com");
        // FastAuth's name for it is as good.
        let field = if kind == "scrypt" { "hashed_password" } else { "password_hash" };
        lines += &format!("{}\n", json!({"email": email, field: hash}));
    }
    assert_eq!(desk.json(&["import", "-"], &lines)["created"], 3);
    for (kind, _) in FOREIGN_HASHES {
        let email = format!("{kind}@example.com");
        let wrong = json!({"email": email, "password": "wrong password"});
        server.post("/auth/login", wrong).await.expect(401);
        server.login(&email).await.expect(200);
    }
    let exported = desk.does(&["export", "-", "--with-hashes"], "");
    for line in exported.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert!(record["password_hash"].as_str().unwrap().starts_with("$argon2id$"), "{record}");
        server.login(record["email"].as_str().unwrap()).await.expect(200);
    }
}

/// As `SQLAlchemy` makes it from FastAuth's models.
fn fastauth_database(path: &Path, hash: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let tables = "
        CREATE TABLE fastauth_users (id VARCHAR NOT NULL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
            name VARCHAR, image VARCHAR, hashed_password VARCHAR, email_verified BOOLEAN NOT NULL,
            is_active BOOLEAN NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
            deleted_at DATETIME);
        CREATE TABLE fastauth_roles (name VARCHAR NOT NULL PRIMARY KEY);
        CREATE TABLE fastauth_user_roles (user_id VARCHAR NOT NULL, role_name VARCHAR NOT NULL,
            PRIMARY KEY (user_id, role_name));
        CREATE TABLE fastauth_role_permissions (role_name VARCHAR NOT NULL, permission VARCHAR NOT NULL,
            PRIMARY KEY (role_name, permission));
        CREATE TABLE fastauth_oauth_accounts (id VARCHAR NOT NULL PRIMARY KEY, provider VARCHAR NOT NULL,
            provider_account_id VARCHAR NOT NULL, user_id VARCHAR NOT NULL, access_token VARCHAR,
            refresh_token VARCHAR, expires_at DATETIME, created_at DATETIME NOT NULL);
        INSERT INTO fastauth_oauth_accounts VALUES
            ('clh3link0000', 'github', '4711', 'clh3am2xk0000', 'a token in clear', NULL, NULL,
             '2024-03-01 00:00:00.000000');
        INSERT INTO fastauth_roles VALUES ('admin'), ('editor');
        INSERT INTO fastauth_role_permissions VALUES ('editor', 'posts:write');
        INSERT INTO fastauth_user_roles VALUES ('clh3am2xk0000', 'editor');
        INSERT INTO fastauth_users VALUES
            ('clh3am2xk0001', 'grace@example.com', NULL, NULL, NULL, 0, 0,
             '2024-02-29 00:00:00.000000', '2024-02-29 00:00:00.000000', '2024-03-01 00:00:00.000000');";
    connection.execute_batch(tables).unwrap();
    let insert = "INSERT INTO fastauth_users VALUES ('clh3am2xk0000', 'ada@example.com', 'Ada', NULL, ?1,
        1, 1, '2024-02-29 23:59:59.123456', '2024-03-01 00:00:00.500000', NULL)";
    connection.execute(insert, [hash]).unwrap();
}

#[tokio::test]
async fn a_fastauth_database_is_taken_over() {
    let server = Server::start().await;
    let desk = Desk::of(&server);
    let source = Desk::new();
    source.create("ada@example.com", &[]);
    let record: Value = serde_json::from_str(&source.does(&["export", "-", "--with-hashes"], "")).unwrap();
    let file = source.data.join("fastauth.db");
    fastauth_database(&file, record["password_hash"].as_str().unwrap());
    let file = file.to_str().unwrap();

    let report = desk.json(&["import", "--fastauth", file], "");
    assert_eq!((&report["created"], &report["refused"]), (&json!(2), &json!([])));
    let token = access_token(&server, "ada@example.com").await;
    assert_eq!(server.get("/auth/me", &token).await.text("id"), "clh3am2xk0000");
    let mine = server.get("/auth/roles/me", &token).await.json();
    assert_eq!((&mine["roles"], &mine["permissions"]), (&json!(["editor"]), &json!(["posts:write"])));
    let ada = desk.json(&["user", "show", "ada@example.com"], "");
    assert_eq!(ada["oauth_accounts"], json!([{"provider": "github", "provider_account_id": "4711"}]));
    assert_eq!((&ada["created_at"], &ada["updated_at"]), (&json!(1_709_251_199), &json!(1_709_251_200)));
    let grace = desk.json(&["user", "show", "grace@example.com"], "");
    assert_eq!((&grace["is_active"], &grace["deleted_at"]), (&json!(false), &json!(1_709_251_200)));
    assert_eq!(desk.json(&["import", "--fastauth", file], "")["skipped"], 2);

    let ours = source.data.join("hookgate.db");
    desk.refuses(&["import", "--fastauth", ours.to_str().unwrap()], "", "not a FastAuth database");
    desk.refuses(&["import", "--fastauth", "absent.db"], "", "absent.db");
}

#[tokio::test]
async fn linked_accounts_move_with_their_users() {
    let desk = Desk::new();
    let link = json!({"provider": "google", "provider_account_id": "1", "created_at": 1_700_000_000});
    let ada = json!({"email": "ada@example.com", "oauth_accounts": [link]});
    assert_eq!(desk.json(&["import", "-"], &ada.to_string())["created"], 1);
    let exported: Value = serde_json::from_str(&desk.does(&["export", "-"], "")).unwrap();
    assert_eq!(exported["oauth_accounts"], json!([link]));
    assert!(desk.does(&["user", "show", "ada@example.com"], "").contains("google"));
    // Again, with one more.
    let more = json!({"provider": "github", "provider_account_id": "2"});
    let ada = json!({"email": "ada@example.com", "oauth_accounts": [link, more]});
    assert_eq!(desk.json(&["import", "-", "--update"], &ada.to_string())["updated"], 1);
    let shown = desk.json(&["user", "show", "ada@example.com"], "");
    assert_eq!(shown["oauth_accounts"].as_array().unwrap().len(), 2, "{shown}");
    // Somebody else's, and none.
    let eve = json!({"email": "eve@example.com", "oauth_accounts": [link]});
    let bad =
        json!({"email": "bad@example.com", "oauth_accounts": [{"provider": "", "provider_account_id": "3"}]});
    let output = desk.run(&["import", "-", "--json"], &format!("{eve}\n{bad}\n"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["created"], 1, "{report}");
    let reasons: Vec<_> =
        report["refused"].as_array().unwrap().iter().map(|one| one["reason"].clone()).collect();
    assert_eq!(
        reasons,
        ["the provider account is linked", "an OAuth account without a provider or without an id"]
    );
}

#[tokio::test]
async fn a_role_without_a_name_costs_nothing_but_itself() {
    let source = Desk::new();
    source.create("ada@example.com", &[]);
    let record: Value = serde_json::from_str(&source.does(&["export", "-", "--with-hashes"], "")).unwrap();
    let file = source.data.join("fastauth.db");
    fastauth_database(&file, record["password_hash"].as_str().unwrap());
    let add = "INSERT INTO fastauth_roles VALUES ('');
               INSERT INTO fastauth_role_permissions VALUES ('', 'x'), ('editor', '');
               INSERT INTO fastauth_user_roles VALUES ('clh3am2xk0000', '');";
    rusqlite::Connection::open(&file).unwrap().execute_batch(add).unwrap();

    let desk = Desk::new();
    let output = desk.run(&["import", "--fastauth", file.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(2), "what was not taken over is said");
    let message = text(&output.stderr);
    for place in ["roles: a role without a name", "user clh3am2xk0000: a role without a name"] {
        assert!(message.contains(place), "{place}: {message}");
    }
    let ada = desk.json(&["user", "show", "clh3am2xk0000"], "");
    assert_eq!(ada["roles"], json!(["editor"]));
    let editor = json!({"name": "editor", "permissions": ["posts:write"]});
    assert_eq!(desk.json(&["role", "list"], ""), json!([{"name": "admin", "permissions": []}, editor]));
}

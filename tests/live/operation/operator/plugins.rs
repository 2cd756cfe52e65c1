//! `hookgate plugin list`, `status`, `enable`, `disable`, `rollback`, `reload`.

use reqwest::Client;
use serde_json::{Value, json};

use crate::kit::Desk;
use crate::kit::{Plugins, Server, Setup, claims, eventually, guest};

fn versions() -> Plugins {
    let plugins = Plugins::with("jwt-add-claim");
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"one\"\n");
    plugins
}

async fn added_by(server: &Server) -> String {
    let answer = server.login("ada@example.com").await;
    answer.expect(200);
    let added = claims(&answer.text("access_token"))["added_by"].clone();
    added.as_str().map_or("nothing".to_owned(), |text| text.replace("jwt-add-claim ", ""))
}

async fn becomes(server: &Server, value: &str) {
    eventually(&format!("tokens say {value}"), || async { added_by(server).await == value }).await;
}

fn state(plugins: &Value, name: &str) -> Value {
    let plugins = plugins.as_array().unwrap();
    plugins.iter().find(|plugin| plugin["name"] == name).map_or(Value::Null, |plugin| plugin["state"].clone())
}

#[tokio::test]
async fn a_roll_back_takes_effect_at_once_and_ends_with_the_next_change() {
    let plugins = versions();
    let server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"two\"\n");
    becomes(&server, "two").await;

    let desk = Desk::of(&server);
    let said = desk.does(&["plugin", "rollback"], "");
    assert!(said.contains("rolled-back") && said.contains("rolled back to generation 1"), "{said}");
    assert_eq!(added_by(&server).await, "one");
    let status = desk.json(&["plugin", "status", "jwt-add-claim"], "");
    assert_eq!(status["state"], "rolled-back");
    assert_eq!(status["note"], "rolled back to generation 1 by the operator");

    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"three\"\n");
    becomes(&server, "three").await;
    assert_eq!(state(&desk.json(&["plugin", "list"], ""), "jwt-add-claim"), "serving");
    desk.does(&["plugin", "rollback", "jwt-add-claim", "--to", "2"], "");
    assert_eq!(added_by(&server).await, "two");
    desk.does(&["plugin", "reload"], "");
    assert_eq!(added_by(&server).await, "three");
}

#[tokio::test]
async fn a_gate_that_locks_everybody_out_is_switched_off_and_stays_off() {
    let plugins = Plugins::with("gate-trap");
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(503);
    let desk = Desk::of(&server);
    let said = desk.does(&["plugin", "disable", "gate-trap"], "");
    assert!(said.contains("the operator disabled it"), "{said}");
    server.login("ada@example.com").await.expect(200);
    plugins.put("gate-trap", &guest("deny-all"));
    server.stop().await;

    let server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    server.login("ada@example.com").await.expect(200);
    desk.does(&["plugin", "enable", "gate-trap"], "");
    server.login("ada@example.com").await.expect(403);
}

#[tokio::test]
async fn without_a_server_the_decision_waits_for_the_next_start() {
    let plugins = versions();
    let folder = plugins.path().to_str().unwrap();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    plugins.manifest("jwt-add-claim", "[config]\nvalue = \"two\"\n");
    becomes(&server, "two").await;
    server.stop().await;
    assert!(!server.data_dir().join("admin.sock").exists(), "the socket goes with its server");

    let desk = Desk::of(&server);
    desk.does(&["plugin", "rollback", "--plugins", folder], "");
    assert_eq!(
        state(&desk.json(&["plugin", "list", "--plugins", folder], ""), "jwt-add-claim"),
        "rolled-back"
    );
    let mut server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    assert_eq!(added_by(&server).await, "one");
    server.kill().await;

    // The socket of a server that was killed is nobody's.
    desk.does(&["plugin", "disable", "jwt-add-claim", "--plugins", folder], "");
    let server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    assert_eq!(added_by(&server).await, "nothing");
    desk.refuses(
        &["plugin", "rollback", "jwt-add-claim"],
        "",
        "plugin `jwt-add-claim` is disabled; enable it first",
    );
    desk.refuses(&["plugin", "disable", "x"], "", "there is no plugin `x`");
}

#[tokio::test]
async fn in_safe_mode_decisions_are_for_the_next_start() {
    let plugins = Plugins::with("gate-trap");
    let folder = plugins.path().to_str().unwrap();
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.stop().await;
    let mut safe =
        Setup::new().plugins(plugins.path()).data_of(&server).argument("--safe-mode").start().await;
    safe.login("ada@example.com").await.expect(200);
    let desk = Desk::of(&safe);
    assert!(desk.does(&["plugin", "list"], "").contains("safe mode"));
    desk.does(&["plugin", "disable", "gate-trap", "--plugins", folder], "");
    safe.stop().await;
    let server = Setup::new().plugins(plugins.path()).data_of(&safe).start().await;
    server.login("ada@example.com").await.expect(200);
}

#[tokio::test]
async fn a_gate_that_was_spoilt_while_the_server_was_down_is_asked_all_the_same() {
    let plugins = Plugins::with("deny-all");
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    server.register("ada@example.com").await.expect(201);
    server.login("ada@example.com").await.expect(403);
    server.stop().await;
    plugins.put("deny-all", &guest("deny-all")[..5000]);
    let server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
    server.login("ada@example.com").await.expect(403);
    assert_eq!(server.log.count(&["ERROR", "deny-all", "its last good version keeps serving"]), 1);
    assert_eq!(state(&Desk::of(&server).json(&["plugin", "list"], ""), "deny-all"), "last-good");
}

#[tokio::test]
async fn the_private_listener_wants_its_token() {
    let plugins = versions();
    let config = "[admin]\nlisten = \"127.0.0.1:0\"\n";
    let server = Setup::new().config(config).plugins(plugins.path()).start().await;
    let printed = server.printed.text();
    let line = printed.lines().find(|line| line.contains("operator's routes")).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');
    let token = std::fs::read_to_string(server.data_dir().join("admin-token")).unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    for wrong in [None, Some(""), Some("x"), Some(&token.trim()[1..])] {
        let request = client.get(format!("{url}/plugins"));
        let request = wrong.iter().fold(request, |request, token| request.bearer_auth(token));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    }
    let get = client.get(format!("{url}/plugins")).bearer_auth(token.trim()).send().await.unwrap();
    let overview: Value = get.json().await.unwrap();
    assert_eq!(state(&overview["plugins"], "jwt-add-claim"), "serving");
    assert!(!overview.to_string().contains("one"), "no manifest is told");
    let post = |path: &str, body: Value| {
        client.post(format!("{url}{path}")).bearer_auth(token.trim()).json(&body).send()
    };
    assert_eq!(post("/rollback", json!({})).await.unwrap().status(), 404, "nothing to go back to");
    assert_eq!(post("/rollback", json!({"generation": 1})).await.unwrap().status(), 422);
    assert_eq!(post("/reload", json!({"plugin": "jwt-add-claim"})).await.unwrap().status(), 200);
    assert_eq!(post("/plugins/x/disable", json!({})).await.unwrap().status(), 404);
    let page = client.get(format!("{url}/metrics")).bearer_auth(token.trim()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("hookgate_"), "the same figures as at the public door");
    // The users' listener knows nothing of it.
    server.send(server.request(reqwest::Method::GET, "/plugins")).await.expect(404);
}

#[tokio::test]
async fn nobody_else_can_open_the_socket() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start().await;
    let socket = std::fs::metadata(server.data_dir().join("admin.sock")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    // A second server on the same folder takes over, and gives nothing up that is not its own.
    let mut second = Setup::new().data_of(&server).start().await;
    let desk = Desk::of(&server);
    desk.does(&["plugin", "list"], "");
    second.stop().await;
    assert!(!server.data_dir().join("admin.sock").exists());
}

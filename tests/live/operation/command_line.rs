use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::kit::{BINARY, SECRET, Server, Setup};

fn hookgate(arguments: &[&str], folder: &Path) -> Output {
    Command::new(BINARY).args(arguments).current_dir(folder).output().unwrap()
}

/// One sentence on standard error, exit code 2, nothing made.
#[track_caller]
fn refuses(arguments: &[&str], folder: &Path, parts: &[&str]) {
    let before = listing(folder);
    let output = hookgate(arguments, folder);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` in: {message}");
    }
    assert_eq!(listing(folder), before, "nothing is made");
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_wrong_configuration_is_one_sentence_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let cases: &[(&str, &[&str])] = &[
        ("secrt = \"x\"", &["hookgate.toml", "`secrt`", "did you mean `secret`?"]),
        ("secret = \"short\"", &["`secret`", "5 bytes", "32"]),
        ("secret = 7", &["`secret`", "text"]),
        ("[jwt]\naccess_token_ttl = \"15m\"", &["`jwt.access_token_ttl`", "whole number"]),
        ("[jwt]\naccess_token_ttl = 0", &["`jwt.access_token_ttl`", "0"]),
        ("[jwt]\nalgorithm = \"none\"", &["`jwt.algorithm`", "\"ES256\"", "none"]),
        (
            "secret = \"41 bytes, which is enough for HS256 alone\"\n[jwt]\nalgorithm = \"HS384\"",
            &["`secret`", "41 bytes", "48"],
        ),
        (
            "[jwt]\nalgorithm = \"RS256\"\nprivate_key = \"hunter2\"",
            &["`jwt.private_key`", "RSA private key"],
        ),
        ("[jwt]\nalgorithm = \"RS256\"\npublic_key = \"x\"", &["`jwt.public_key`", "`jwt.private_key`"]),
        ("[jwt]\nprivate_key_file = \"key.pem\"", &["`jwt.private_key`", "key pairs", "HS256"]),
        ("[jwt]\nalgorithm = \"ES256\"\nprivate_key_file = \"absent.pem\"", &["absent.pem"]),
        (
            "[jwt]\nalgorithm = \"ES256\"\nkey_rotation_interval = 60\nkey_publish_ahead = 60",
            &["`jwt.key_publish_ahead` (60)", "`jwt.key_rotation_interval` (60)"],
        ),
        ("[jwt]\nrefresh_grace = 2", &["`jwt.refresh_grace` (2)", "0", "more than 3"]),
        ("session_strategy = \"cookies\"", &["`session_strategy`", "\"jwt\", \"database\"", "cookies"]),
        ("route_prefix = \"auth\"", &["route_prefix", "`auth`"]),
        ("base_url = \"example.com\"", &["`base_url`"]),
        (
            "[telemetry]\notlp_endpoint = \"localhost:4318\"",
            &["`telemetry.otlp_endpoint`", "http://localhost:4318"],
        ),
        (
            "[telemetry]\notlp_endpoint = \"http://a:b@c\"",
            &["`telemetry.otlp_endpoint`", "`telemetry.headers`"],
        ),
        (
            "[telemetry]\notlp_endpoint = \"http://a\"\n[telemetry.headers]\n\"a b\" = \"hunter2\"",
            &["`telemetry.headers`", "`a b`"],
        ),
        ("[telemetry]\notlp_endpoint = \"http://a\"\nservice_name = \" \"", &["`telemetry.service_name`"]),
        ("[telemetry]\nsample_percent = 101", &["`telemetry.sample_percent`", "0 to 100", "101"]),
        ("[telemetry]\ntraceparent_from = \"all\"", &["`telemetry.traceparent_from`", "\"proxies\"", "all"]),
        ("[server]\nlisten = \"nowhere\"", &["`server.listen`", "nowhere"]),
        ("[password]\nmin_length = 20\nmax_length = 10", &["`password.min_length`", "20", "10"]),
        ("cookie_name_access = \"a b\"", &["cookie", "`a b`"]),
        ("[hooks]\nallow_signin_on = [\"signup\"]", &["`hooks.allow_signin_on`"]),
        ("providers = [\"passkey\"]", &["`providers`", "\"passkey\"", "`rp_id` is missing"]),
        (
            "[[providers]]\ntype = \"passkey\"\nrp_id = \"example.com\"\nrp_name = \"E\"\norigin = \"https://evil.example\"",
            &["`origin`", "`https://evil.example`", "`example.com`"],
        ),
        (
            "[[providers]]\ntype = \"passkey\"\nrp_id = \"example.com\"\nrp_name = \"E\"\norigin = [\"https://example.com\", 5]",
            &["`origin`", "5"],
        ),
        (
            "[[providers]]\ntype = \"passkey\"\nrp_id = \"localhost\"\nrp_name = \"E\"\norigin = \"http://localhost\"\nuser_verification = \"maybe\"",
            &["`user_verification`", "\"required\"", "maybe"],
        ),
        ("[[providers]]\ntype = \"passkey\"\nrpid = \"x\"", &["\"passkey\"", "`rpid`"]),
        ("[hooks]\non_violation = \"ignore\"", &["`hooks.on_violation`", "\"fail\", \"restore\"", "ignore"]),
        ("secret_file = \"absent\"", &["`secret_file`", "absent"]),
        ("base_url_file = \"x\"", &["unknown key `base_url_file`"]),
        ("[[roles]]\npermissions = [\"x\"]", &["`roles`", "`name`"]),
        ("[[roles]]\nname = \"\"", &["`roles`", "`name`", "empty"]),
        ("[[roles]]\nname = \"a\"\npermissions = \"x\"", &["`roles`", "\"a\"", "list of texts"]),
        ("[[roles]]\nname = \"a\"\npermission = []", &["`roles`", "\"a\"", "`permission`"]),
        ("roles = [\"a\", \"a\"]", &["`roles`", "\"a\"", "twice"]),
        ("[rate_limit]\nlogin = \"fast\"", &["`rate_limit.login`", "60/minute", "fast"]),
        ("[rate_limit]\nlogin = 60", &["`rate_limit.login`", "60/minute"]),
        (
            "[security]\nregister_reveals_existing = false",
            &["`security.register_reveals_existing = false`", "`email.transport`"],
        ),
        ("not toml", &["hookgate.toml"]),
    ];
    for (text, parts) in cases {
        fs::write(folder.path().join("hookgate.toml"), text).unwrap();
        refuses(&["serve"], folder.path(), parts);
        refuses(&["check"], folder.path(), parts);
    }
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    refuses(&["serve", "--config", "absent.toml"], folder.path(), &["absent.toml"]);
    refuses(&["serve", "--plugins", "absent"], folder.path(), &["absent"]);
    fs::write(folder.path().join("file"), "").unwrap();
    refuses(&["serve", "--data-dir", "file"], folder.path(), &["file"]);
    refuses(&["serve", "--bogus"], folder.path(), &["--bogus"]);
}

#[tokio::test]
async fn a_taken_port_is_named_and_nothing_is_made() {
    let server = Server::start().await;
    let address = server.url.trim_start_matches("http://");
    let folder = tempfile::tempdir().unwrap();
    refuses(&["serve", "--listen", address], folder.path(), &[address]);
}

#[test]
fn a_database_of_something_else_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("hookgate-data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("hookgate.db"), "my shopping list").unwrap();
    refuses(&["serve", "--listen", "127.0.0.1:0"], folder.path(), &["hookgate.db"]);
    assert_eq!(fs::read_to_string(data.join("hookgate.db")).unwrap(), "my shopping list");
}

#[test]
fn generated_secrets_are_good_and_differ() {
    let folder = tempfile::tempdir().unwrap();
    let secret = |arguments: &[&str]| {
        let output = hookgate(arguments, folder.path());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let first = secret(&["generate-secret"]);
    assert_eq!(first.len(), 86);
    assert_ne!(first, secret(&["generate-secret"]));
    assert_eq!(secret(&["generate-secret", "--length", "32"]).len(), 43);
}

#[test]
fn check_finds_a_good_set_up_good_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hookgate.toml"), format!("secret = \"{SECRET}\"")).unwrap();
    let output = hookgate(&["check"], folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(listing(folder.path()), ["hookgate.toml"]);
}

#[test]
fn check_names_a_bad_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = crate::kit::Plugins::with("jwt-add-claim");
    let arguments = ["check", "--plugins", plugins.path().to_str().unwrap()];
    assert!(hookgate(&arguments, folder.path()).status.success());
    plugins.put("broken", b"nonsense");
    refuses(&arguments, folder.path(), &["broken"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let plugins = crate::kit::Plugins::with("jwt-add-claim");
    let plugin = plugins.path().join("jwt-add-claim.wasm");
    let plugin = plugin.to_str().unwrap();
    for (arguments, code) in [
        (&["config-docs"][..], 0),
        (&["plugin", "inspect", plugin], 141),
        (&["plugin", "inspect", "--json", plugin], 141),
    ] {
        let output = unread(arguments);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
    // What it had to say is not known to be good.
    let folder = tempfile::tempdir().unwrap();
    let output = unread(&["check", "--data-dir", folder.path().to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("Broken pipe"));
    assert_eq!(output.status.code(), Some(2));
}

/// Runs it with a standard output that nobody reads.
fn unread(arguments: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Command::new(BINARY).args(arguments).stdout(writer).output().unwrap()
}

#[tokio::test]
async fn the_secret_is_made_once_and_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut server = Server::start().await;
    // The kit configures a secret, so none is made.
    assert!(!server.data_dir().join("secret").exists());
    server.stop().await;

    let folder = tempfile::tempdir().unwrap();
    let mut process = Command::new(BINARY)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let secret = folder.path().join("hookgate-data/secret");
    crate::kit::eventually("the secret is made", || {
        let is_made = fs::read_to_string(&secret).is_ok_and(|text| text.len() > 32);
        async move { is_made }
    })
    .await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&secret), 0o600);
    assert_eq!(mode(&folder.path().join("hookgate-data")), 0o700);
    crate::kit::eventually("the database is made", || {
        let is_made = folder.path().join("hookgate-data/hookgate.db").exists();
        async move { is_made }
    })
    .await;
    assert_eq!(mode(&folder.path().join("hookgate-data/hookgate.db")), 0o600);
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test]
async fn a_stopped_server_ends_well_and_goes_on_with_its_data() {
    let mut server = Server::start().await;
    let token = server.register("ada@example.com").await.text("refresh_token");
    assert_eq!(server.stop().await, Some(0));
    let again = Setup::new().data_of(&server).start().await;
    again.refresh(&token).await.expect(200);
}

#[tokio::test]
async fn health_and_readiness() {
    let server = Server::start().await;
    server.get("/healthz", "").await.expect(200);
    server.get("/readyz", "").await.expect(200);
}

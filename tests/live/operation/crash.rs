//! Power cuts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::kit::{Desk, PASSWORD, Plugins, Server, Setup, claims, eventually};

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let mut server = Server::start().await;
    let registered = join_all((0..20).map(|n| {
        let server = &server;
        async move { server.register(&format!("user{n}@example.com")).await.text("refresh_token") }
    }))
    .await;
    let mut rotated = Vec::new();
    for token in &registered {
        rotated.push(server.refresh(token).await.text("refresh_token"));
    }
    server.kill().await;

    let again = Setup::new().data_of(&server).start().await;
    for (n, token) in rotated.iter().enumerate() {
        again.login(&format!("user{n}@example.com")).await.expect(200);
        again.refresh(token).await.expect(200);
    }
    again.refresh(&registered[0]).await.expect_detail(401, "Refresh token has already been used");
}

/// Registers people until the server is gone. Gives the ids of those who were told that it worked.
async fn register_until_killed(server: &Server, prefix: &str) -> Vec<String> {
    let mut known = Vec::new();
    for n in 0.. {
        let body = json!({ "email": format!("{prefix}-{n}@example.com"), "password": PASSWORD });
        let request = server.request(Method::POST, "/auth/register").json(&body);
        let Ok(response) = request.send().await else { break };
        let Ok(answer) = response.json::<Value>().await else { break };
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}"));
        known.push(claims(token)["sub"].as_str().unwrap().to_owned());
    }
    known
}

/// Whatever moment the power cut chooses: who was told of his account has it, each account's event is told, and
/// none is told of an account that there is not.
#[tokio::test]
async fn kill_9_at_any_moment_loses_no_event_and_repeats_no_fact() {
    let plugins = Plugins::with("all-hooks");
    let mut server = Setup::new().plugins(plugins.path()).start().await;
    let (mut known, mut logs, mut moments) = (Vec::new(), vec![server.log.clone()], Vec::new());
    for round in 0..8 {
        let moment = Duration::from_micros(u64::from(
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() % 250_000,
        ));
        moments.push(moment);
        let pid = server.pid().to_string();
        let killing = async {
            tokio::time::sleep(moment).await;
            Command::new("kill").args(["-KILL", &pid]).status().await.unwrap();
        };
        let prefixes: Vec<_> = (0..4).map(|task| format!("r{round}-{task}")).collect();
        let registering = join_all(prefixes.iter().map(|prefix| register_until_killed(&server, prefix)));
        let (registered, ()) = join(registering, killing).await;
        known.extend(registered.into_iter().flatten());
        server.kill().await;
        server = Setup::new().plugins(plugins.path()).data_of(&server).start().await;
        logs.push(server.log.clone());
    }
    eventually("everything is delivered", || async {
        server.get("/metrics", "").await.body.contains("hookgate_outbox_pending 0")
    })
    .await;

    let list = Desk::of(&server).json(&["user", "list", "--limit", "100000"], "");
    let users: BTreeSet<String> =
        list.as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    let mut told = BTreeMap::<String, usize>::new();
    for line in logs.iter().flat_map(|log| log.text().lines().map(str::to_owned).collect::<Vec<_>>()) {
        let mut words = line.split("on-signup ").skip(1).filter_map(|rest| rest.split([' ', '"']).next());
        let id = words.find(|word| !word.contains('='));
        if let (true, Some(id)) = (line.contains("plugin=\"all-hooks\""), id) {
            *told.entry(id.to_owned()).or_default() += 1;
        }
    }
    assert!(!known.is_empty(), "somebody registered: {moments:?}");
    assert_eq!(known.len(), known.iter().collect::<BTreeSet<_>>().len(), "nobody twice");
    for id in &known {
        assert!(users.contains(id), "{id} was told of an account that is lost: {moments:?}");
    }
    let told_of: BTreeSet<String> = told.keys().cloned().collect();
    let odd: Vec<_> = told_of.symmetric_difference(&users).collect();
    assert!(odd.is_empty(), "each account is told of and no other, at {moments:?}: {odd:?}");
    // Again only if the power went between the call and the note of it: then once more with the next start.
    let again: usize = told.values().map(|times| times - 1).sum();
    let most_at_once = 256 * moments.len();
    assert!(again <= most_at_once && told.values().all(|times| *times <= 1 + moments.len()));
    assert_eq!(server.log.count(&["ERROR"]), 0, "{}", server.log.text());
}

//! Exchanging plugins while requests run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookgate_core::hooks::{Decision, Hook, Hooks};

use crate::kit::{allowing, claim, claims, context, denying, load, registry, user};

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_chain_keeps_its_generation() {
    let registry = registry(&[("plan", claim("plan", "old"))]).await;
    let pinned = registry.pin();
    let number = registry.replace(vec![load("plan", claim("plan", "new")).await]);

    let old = pinned.modify_jwt(&context(), claims(), &user()).await.expect("an answer");
    let new = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("an answer");
    assert_eq!((old["plan"].as_str(), new["plan"].as_str()), (Some("old"), Some("new")));
    assert_eq!((pinned.generation(), registry.pin().generation()), (1, number));
    assert_eq!(number, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_generation_goes_when_its_last_request_ends() {
    let registry = registry(&[("a", allowing())]).await;
    let plugin = Arc::downgrade(&registry.current().plugins()[0]);
    let pinned = registry.pin();
    registry.replace(Vec::new());
    assert!(plugin.upgrade().is_some());
    drop(pinned);
    // On a blocking thread.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while plugin.strong_count() > 0 {
        assert!(std::time::Instant::now() < until, "it is still there");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_is_lost_in_a_swap() {
    let (a, b) = (load("gate", allowing()).await, load("gate", denying("no", "No.", "r")).await);
    let registry = Arc::new(registry(&[]).await);
    registry.replace(vec![a.clone()]);
    let done = Arc::new(AtomicBool::new(false));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (registry, done) = (Arc::clone(&registry), Arc::clone(&done));
        callers.spawn(async move {
            let (mut allowed, mut denied) = (0_u32, 0_u32);
            while !done.load(Ordering::Relaxed) {
                let chain = registry.pin();
                assert_eq!(chain.implementers(Hook::AllowSignin), ["gate"]);
                match chain.allow_signin(&context(), &user(), "credentials").await.expect("an answer") {
                    Decision::Allow => allowed += 1,
                    Decision::Deny(_) => denied += 1,
                }
            }
            (allowed, denied)
        });
    }
    for _ in 0..200 {
        registry.replace(vec![b.clone()]);
        tokio::task::yield_now().await;
        registry.replace(vec![a.clone()]);
        // Let at least one caller see it.
        registry.pin().allow_signin(&context(), &user(), "credentials").await.expect("an answer");
    }
    done.store(true, Ordering::Relaxed);
    let mut calls = 0;
    while let Some(counts) = callers.join_next().await {
        let (allowed, denied) = counts.expect("no call failed");
        calls += allowed + denied;
    }
    assert!(calls > 200, "{calls}");
}

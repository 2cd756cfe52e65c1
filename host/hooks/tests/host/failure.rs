//! What becomes of a request when a plugin fails: policies, breakers, the budget of a request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookgate_core::hooks::{Decision, DeliveryError, Hook, HookFailure, Hooks as _, Stage};
use hookgate_hooks::{
    BreakerConfig, BreakerState, Called, EngineConfig, HookEngine, Manifest, Observer, Outcome, Registry,
};

use crate::kit::{
    Logged, allowing, claim, claims, context, denying, event, failing, fixed, guest, load_with, user,
};

async fn decide(registry: &Registry) -> Result<Decision, HookFailure> {
    registry.pin().allow_signin(&context(), &user(), "credentials").await
}

const FAILING_DENIES: &str = "[on_failure]\nallow-signin = \"deny\"";
const FAILING_SKIPS: &str = "[on_failure]\nallow-signin = \"skip\"";

fn broken_gate() -> Vec<u8> {
    failing(Hook::AllowSignin, "database gone")
}

#[tokio::test]
async fn a_failing_gate_may_deny() {
    let registry = Registry::new(vec![load_with("gate", broken_gate(), FAILING_DENIES).await]);
    let (logged, _guard) = Logged::listen();
    let Ok(Decision::Deny(denial)) = decide(&registry).await else { panic!("not denied") };
    assert_eq!((denial.code, denial.message, denial.plugin.as_str()), (None, None, "gate"));
    assert_eq!(denial.reason.as_deref(), Some("it answered with an error: database gone"));
    assert_eq!(logged.text().lines().count(), 1, "{}", logged.text());
    assert!(logged.text().contains("a hook failed") && logged.text().contains("policy=\"deny\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_gate_may_be_left_out_and_the_others_still_decide() {
    let broken = load_with("a", broken_gate(), FAILING_SKIPS).await;
    let registry = Registry::new(vec![broken.clone(), load_with("b", allowing(), "").await]);
    assert_eq!(decide(&registry).await, Ok(Decision::Allow));
    let registry = Registry::new(vec![broken, load_with("b", denying("no", "No.", "listed"), "").await]);
    assert!(matches!(decide(&registry).await, Ok(Decision::Deny(denial)) if denial.plugin == "b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_mutation_may_leave_things_as_they_were() {
    let skips = "order = 1\n[on_failure]\nmodify-jwt = \"skip\"";
    for broken in [
        guest(Hook::ModifyJwt, "", "unreachable"),
        fixed(Hook::ModifyJwt, r#"{"sub":"somebody else"}"#),
        fixed(Hook::ModifyJwt, "[]"),
    ] {
        let registry = Registry::new(vec![
            load_with("first", claim("plan", "pro"), "").await,
            load_with("broken", broken, skips).await,
            load_with("last", claim("team", "blue"), "order = 2").await,
        ]);
        let answer = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("goes on");
        assert_eq!((answer["plan"].as_str(), answer["team"].as_str()), (Some("pro"), Some("blue")));
        assert_eq!(answer["sub"], "u1");
    }
}

/// An engine whose breakers open after three failures, for fifty milliseconds or so.
fn engine() -> HookEngine {
    let breaker =
        BreakerConfig { failures: 3, pause_ms: 50, longest_pause_ms: 50, ..BreakerConfig::default() };
    HookEngine::new(EngineConfig { breaker, ..EngineConfig::default() }).expect("an engine")
}

async fn registry(engine: &HookEngine, bytes: Vec<u8>, manifest: &str) -> Registry {
    let manifest = Manifest::parse(manifest).expect("a manifest");
    Registry::new(vec![engine.prepare("gate", bytes, manifest).await.expect("loads")])
}

fn state(registry: &Registry, hook: Hook) -> BreakerState {
    registry.current().plugins()[0].breaker_state(hook)
}

/// Fails for ada, allows everybody whose address has another length.
fn fails_for_ada() -> Vec<u8> {
    guest(
        Hook::AllowSignin,
        "",
        "(if (i32.eq (local.get $email_len) (i32.const 15)) (then unreachable))
        (i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 0)) (i32.const 0)",
    )
}

#[tokio::test]
async fn an_open_breaker_answers_by_the_policy_without_asking() {
    let engine = engine();
    let registry = registry(&engine, fails_for_ada(), FAILING_DENIES).await;
    let seen = Seen::of(&engine);
    let (logged, _guard) = Logged::listen();
    for _ in 0..10 {
        assert!(matches!(decide(&registry).await, Ok(Decision::Deny(_))), "fails closed, open or not");
    }
    assert_eq!(state(&registry, Hook::AllowSignin), BreakerState::Open);
    assert_eq!(seen.count("trap"), 3, "asked until it opened");
    assert_eq!(seen.count("breaker-open"), 7);
    let text = logged.text();
    assert_eq!(text.matches("circuit breaker open").count(), 1, "{text}");
    assert!(text.contains("its failure policy `deny` answers"), "{text}");
    assert_eq!(text.lines().count(), 4, "one line each, and none for what was not asked: {text}");

    let bob = hookgate_core::user::User { email: "bob@example.org.uk".to_owned(), ..user() };
    while state(&registry, Hook::AllowSignin) == BreakerState::Open {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..3 {
        let decision = registry.pin().allow_signin(&context(), &bob, "credentials").await;
        assert_eq!(decision, Ok(Decision::Allow), "somebody tries it");
    }
    assert_eq!(state(&registry, Hook::AllowSignin), BreakerState::Closed);
    let text = logged.text();
    assert_eq!(text.matches("circuit breaker half-open").count(), 1, "{text}");
    assert_eq!(text.matches("circuit breaker closed").count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_breaker_of_an_event_makes_it_wait() {
    let engine = engine();
    let registry = registry(&engine, failing(Hook::OnSignup, "no"), "").await;
    let deliver = async || registry.pin().deliver("gate", &event(Hook::OnSignup), 1).await;
    for _ in 0..3 {
        assert!(matches!(deliver().await, Err(DeliveryError::Failed(_))));
    }
    assert!(matches!(deliver().await, Err(DeliveryError::BreakerOpen { retry_ms: 1..=60, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_time_is_not_the_plugins_fault() {
    let config = EngineConfig { request_budget_ms: 30, ..EngineConfig::default() };
    let engine = HookEngine::new(config).expect("an engine");
    let loops = guest(Hook::ModifyJwt, "", "(loop $on (br $on)) (i32.const 0)");
    let skips = "[on_failure]\nmodify-jwt = \"skip\"";
    let plugins = ["a", "b", "c"].map(|name| {
        let (engine, loops) = (engine.clone(), loops.clone());
        async move { engine.prepare(name, loops, Manifest::parse(skips).expect("fine")).await.expect("loads") }
    });
    let [a, b, c] = plugins;
    let registry = Registry::new(vec![a.await, b.await, c.await]);
    let seen = Seen::of(&engine);
    for _ in 0..5 {
        // One pin is one request.
        registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("goes on without them");
    }
    // Without a budget each would take its own hundred milliseconds.
    assert_eq!(seen.count("budget"), 15);
    for plugin in registry.current().plugins() {
        assert_eq!(plugin.breaker_state(Hook::ModifyJwt), BreakerState::Closed);
    }
    let error = Stage::Budget { limit_ms: 30 }.to_string();
    assert!(error.contains("30 ms") && error.contains("`request_budget_ms`"), "{error}");
}

/// What observers were told.
#[derive(Default)]
struct Seen(Mutex<Vec<(String, Outcome)>>);

impl Seen {
    fn of(engine: &HookEngine) -> Arc<Self> {
        let seen = Arc::new(Self::default());
        let observer: Arc<dyn Observer> = seen.clone();
        engine.observe(&observer);
        seen
    }

    fn count(&self, word: &str) -> usize {
        self.0.lock().expect("no panic").iter().filter(|(_, outcome)| outcome.word() == word).count()
    }
}

impl Observer for Seen {
    fn called(&self, call: &Called<'_>) {
        self.0.lock().expect("no panic").push((call.plugin.to_owned(), call.outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn observers_see_every_outcome_once() {
    let engine = engine();
    let seen = Seen::of(&engine);
    let registry = registry(&engine, denying("no", "No.", "no"), "").await;
    assert!(matches!(decide(&registry).await, Ok(Decision::Deny(_))));
    assert_eq!(*seen.0.lock().expect("no panic"), [("gate".to_owned(), Outcome::Denied)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_for_a_hook_that_is_not_there_is_a_mistake() {
    let manifest = Manifest::parse("[on_failure]\nmodify-jwt = \"skip\"").expect("well-formed");
    let refusal = engine().prepare("gate", allowing(), manifest).await.expect_err("refused");
    assert!(refusal.to_string().contains("does not export modify-jwt"), "{refusal}");
}

#[tokio::test]
async fn every_call_has_a_span() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let plugin = load_with("gate", denying("no", "No.", "no"), "").await;
    let digest = plugin.digest().short();
    assert!(matches!(decide(&Registry::new(vec![plugin])).await, Ok(Decision::Deny(_))));
    let text = logged.text();
    let line = text.lines().find(|line| line.contains("close")).unwrap_or_else(|| panic!("no span: {text}"));
    for part in [
        "hook{plugin=\"gate\"",
        &format!("digest=\"{digest}\""),
        "hook=\"allow-signin\"",
        "generation=1",
        "request.id=\"req-1\"",
        "outcome=\"denied\"",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

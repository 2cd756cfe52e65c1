//! What plugins answer together.

use hookgate_core::hooks::{Decision, DeliveryError, Hook, Hooks, Stage, Violation};
use hookgate_core::passkey::Passkey;
use hookgate_hooks::Registry;

use crate::kit::{
    allowing, claim, claims, context, denying, event, failing, fixed, guest, identity, load, load_with,
    object, registry, user,
};

async fn decide(registry: &Registry) -> Result<Decision, String> {
    let chain = registry.pin();
    chain.allow_signin(&context(), &user(), "credentials").await.map_err(|failure| failure.to_string())
}

async fn stage_of_jwt(bytes: Vec<u8>) -> Stage {
    let registry = registry(&[("guest", bytes)]).await;
    let failure = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect_err("a failure");
    assert_eq!((failure.plugin.as_str(), failure.hook), ("guest", Hook::ModifyJwt));
    failure.stage
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_objects_where_nobody_is_asked() {
    let registry = registry(&[]).await;
    assert_eq!(decide(&registry).await, Ok(Decision::Allow));
    let chain = registry.pin();
    assert_eq!(chain.modify_jwt(&context(), claims(), &user()).await.expect("unchanged"), claims());
    assert!(Hook::ALL.iter().all(|hook| chain.implementers(*hook).is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_must_allow() {
    let registry = registry(&[("a", allowing()), ("b", allowing())]).await;
    assert_eq!(decide(&registry).await, Ok(Decision::Allow));
    assert_eq!(registry.pin().implementers(Hook::AllowSignin), ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_denial_wins_with_all_its_fields() {
    let registry = registry(&[
        ("a", allowing()),
        ("b", denying("blocked_domain", "Not with this address.", "listed")),
        ("c", denying("later", "Never shown.", "never asked")),
    ])
    .await;
    let Ok(Decision::Deny(denial)) = decide(&registry).await else { panic!("allowed") };
    assert_eq!(denial.code.as_deref(), Some("blocked_domain"));
    assert_eq!(denial.message.as_deref(), Some("Not with this address."));
    assert_eq!(denial.reason.as_deref(), Some("listed"));
    assert_eq!(denial.plugin, "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_ends_the_chain_before_a_later_failure() {
    let registry =
        registry(&[("a", denying("no", "No.", "no")), ("b", failing(Hook::AllowSignin, "database gone"))])
            .await;
    assert!(matches!(decide(&registry).await, Ok(Decision::Deny(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_fails_lets_nobody_in() {
    let registry = registry(&[("a", allowing()), ("b", failing(Hook::AllowSignin, "database gone"))]).await;
    assert_eq!(
        decide(&registry).await,
        Err("plugin `b` failed in allow-signin: it answered with an error: database gone".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn error_texts_are_cut_and_cleaned() {
    let text = format!("line\n\u{1b}[31m{}", "x".repeat(3000));
    let Stage::Guest(text) = stage_of_jwt(failing(Hook::ModifyJwt, &text)).await else {
        panic!("another stage")
    };
    assert!(text.starts_with("line\\n\\u{1b}[31mxxx"), "{text}");
    assert!((2040..2100).contains(&text.len()), "{}", text.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_come_back_as_they_went() {
    let registry = registry(&[("identity", identity())]).await;
    let answer = registry.pin().modify_jwt(&context(), claims(), &user()).await;
    assert_eq!(answer.expect("an answer"), claims());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_plugin_sees_what_the_one_before_answered() {
    let registry =
        registry(&[("a", claim("plan", "free")), ("b", claim("plan", "pro")), ("c", claim("seats", "3"))])
            .await;
    let answer = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("an answer");
    let mut expected = claims();
    expected.insert("plan".to_owned(), "pro".into());
    expected.insert("seats".to_owned(), "3".into());
    assert_eq!(answer, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn order_comes_before_the_name() {
    let first = load_with("z", claim("plan", "z"), "order = -1").await;
    let last = load_with("a", claim("plan", "a"), "order = 5").await;
    let middle = load("m", claim("plan", "m")).await;
    let registry = Registry::new(vec![last, middle, first]);
    assert_eq!(registry.pin().implementers(Hook::ModifyJwt), ["z", "m", "a"]);
    let answer = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("an answer");
    assert_eq!(answer["plan"], "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_the_manifest_leaves_out_is_not_asked() {
    let plugin = load_with("a", identity(), "hooks = []").await;
    assert!(Registry::new(vec![plugin]).pin().implementers(Hook::ModifyJwt).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reserved_claim_is_guarded_at_every_step() {
    let registry =
        registry(&[("good", claim("plan", "pro")), ("forger", claim("sub", "root")), ("z", identity())])
            .await;
    let failure = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect_err("forged");
    assert_eq!(failure.plugin, "forger");
    assert_eq!(failure.stage, Stage::Answer(Violation::Reserved("sub")));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_claims_are_named() {
    let stage = stage_of_jwt(fixed(Hook::ModifyJwt, "garbage")).await;
    assert!(matches!(stage, Stage::Answer(Violation::NotJson(_))), "{stage}");
    assert_eq!(
        stage_of_jwt(fixed(Hook::ModifyJwt, "[]")).await,
        Stage::Answer(Violation::NotAnObject("array"))
    );
    let later = r#"{"sub":"u1","jti":"j1","type":"access","iat":1000,"exp":1901}"#;
    assert_eq!(stage_of_jwt(fixed(Hook::ModifyJwt, later)).await, Stage::Answer(Violation::LaterExpiry));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_cut_within_a_character_is_an_answer() {
    let cut = r#"{"sub":"u1","jti":"j1","type":"access","iat":1000,"exp":1900,"name":"fox \ud83e"}"#;
    let registry = registry(&[("cut", fixed(Hook::ModifyJwt, cut))]).await;
    let answer = registry.pin().modify_jwt(&context(), claims(), &user()).await.expect("an answer");
    assert_eq!(answer["name"], "fox \u{fffd}");
}

/// `{"x":"…"}` would be fine but for its size; these bytes are not even JSON, and nobody looks.
fn of_size(size: usize) -> Vec<u8> {
    guest(
        Hook::ModifyJwt,
        "",
        &format!("(call $answer (i32.const 0) (call $alloc (i32.const {size})) (i32.const {size}))"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_is_refused_before_it_is_parsed() {
    let stage = stage_of_jwt(of_size(16 * 1024 + 1)).await;
    assert_eq!(
        stage,
        Stage::Answer(Violation::TooLarge {
            size: 16 * 1024 + 1,
            limit: 16 * 1024,
            name: "max_claims_bytes"
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_answer_is_not_even_copied() {
    let stage = stage_of_jwt(of_size(2 << 20)).await;
    assert!(matches!(stage, Stage::Limit { name: "hostcall_bytes", limit: 1_048_576, .. }), "{stage}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_outside_of_memory_is_a_trap() {
    let body = "(call $answer (i32.const 0) (i32.const -16) (i32.const 64))";
    let stage = stage_of_jwt(guest(Hook::ModifyJwt, "", body)).await;
    assert!(matches!(stage, Stage::Trap(_)), "{stage}");
    let body = "(i32.store8 (i32.const 2000) (i32.const 255)) (call $answer (i32.const 0) (i32.const 2000) (i32.const 1))";
    let stage = stage_of_jwt(guest(Hook::ModifyJwt, "", body)).await;
    assert!(matches!(&stage, Stage::Trap(text) if text.contains("utf-8")), "{stage}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_guarded_by_their_own_rules() {
    let session = object(r#"{"id":"s1","user_id":"u1","ip_address":"192.0.2.7"}"#);
    let good = fixed(Hook::ModifySession, r#"{"id":"s1","user_id":"u1","device":"phone"}"#);
    let answer =
        registry(&[("a", good)]).await.pin().modify_session(&context(), session.clone(), &user()).await;
    assert_eq!(answer.expect("an answer")["device"], "phone");

    let bad = fixed(Hook::ModifySession, r#"{"id":"s1","user_id":"u2"}"#);
    let failure = registry(&[("a", bad)]).await.pin().modify_session(&context(), session, &user()).await;
    assert_eq!(failure.expect_err("forged").stage, Stage::Answer(Violation::Reserved("user_id")));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_reach_the_plugin_that_they_are_for() {
    for hook in [
        Hook::OnSignup,
        Hook::OnSignin,
        Hook::OnSignout,
        Hook::OnTokenRefresh,
        Hook::OnEmailVerify,
        Hook::OnPasswordReset,
        Hook::OnOauthLink,
        Hook::OnMagicLinkSent,
        Hook::OnPasskeyRegistered,
        Hook::OnPasskeyDeleted,
    ] {
        let taken = guest(hook, "", "(call $answer (i32.const 0) (i32.const 0) (i32.const 0))");
        let registry = registry(&[("a", taken), ("b", failing(hook, "not now"))]).await;
        let chain = registry.pin();
        let mut event = event(hook).by("google");
        event.passkey = Some(Passkey {
            id: "k1".to_owned(),
            user_id: event.user.id.clone(),
            public_key: Vec::new(),
            sign_count: 7,
            backup_eligible: None,
            aaguid: "00000000-0000-0000-0000-000000000000".to_owned(),
            name: "Phone".to_owned(),
            created_at: hookgate_core::clock::Timestamp(5),
            last_used_at: None,
        });
        assert_eq!(chain.deliver("a", &event, 1).await, Ok(()), "{hook}");
        let Err(DeliveryError::Failed(failure)) = chain.deliver("b", &event, 1).await else {
            panic!("{hook}")
        };
        assert_eq!(failure.stage, Stage::Guest("not now".to_owned()));
        assert_eq!(chain.deliver("c", &event, 1).await, Err(DeliveryError::NotLoaded("c".to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_for_another_hook_is_not_delivered() {
    let registry = registry(&[("a", allowing())]).await;
    for hook in [Hook::OnSignup, Hook::AllowSignin] {
        let undelivered = registry.pin().deliver("a", &event(hook), 1).await;
        assert_eq!(undelivered, Err(DeliveryError::NotImplemented { plugin: "a".to_owned(), hook }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_event_without_a_passkey_fails_and_does_not_panic() {
    let registry = registry(&[("a", failing(Hook::OnPasskeyDeleted, "x"))]).await;
    let Err(DeliveryError::Failed(failure)) =
        registry.pin().deliver("a", &event(Hook::OnPasskeyDeleted), 1).await
    else {
        panic!("delivered")
    };
    assert_eq!(failure.stage.word(), "host");
}

//! The promise about texts: whatever is written comes back, to the last byte, in every field.

use hookgate_core::adapters::{Adapters, Announcement, Change, LockoutRule};
use hookgate_core::event::{Event, Parcel};
use hookgate_core::hooks::{Hook, RequestContext};
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::oauth_account::OAuthAccount;
use hookgate_core::passkey::Passkey;
use hookgate_core::role::Role;
use hookgate_core::session::Session;
use hookgate_core::token::{Token, TokenKind};
use hookgate_core::user::{User, UserPatch};
use serde_json::json;

use super::check::checks;
use super::fixtures::{NOW, NOW_MS, done, event, given_user, oauth_account, passkey, session, token, user};
use super::outbox::told;

checks!("texts":
    users_keep_every_text,
    sessions_keep_every_text,
    tokens_keep_every_text,
    oauth_accounts_keep_every_text,
    roles_keep_every_text,
    passkeys_keep_every_text,
    login_attempts_keep_every_text,
    state_keeps_every_text,
    the_outbox_keeps_every_text,
    long_texts_are_kept_whole,
    texts_that_look_alike_are_not_the_same,
    a_nul_is_kept_or_refused_but_never_cut,
);

/// Texts that a careless adapter trips over.
const TEXTS: [&str; 12] = [
    "'; DROP TABLE users; --",
    "\"; DELETE FROM sessions WHERE \"1\"=\"1",
    "100% of _ and ? :name @x $1 ?1",
    "back\\slash \\n \\' \\0",
    "line\nbreak\r\n\ttab \u{7f}\u{1b}[31m",
    "Ünïcödé ß ſ İ ı",
    "日本語 العربية \u{202e}rtl",
    "👩🏽‍🚀🏳️‍🌈 \u{1F600}",
    "e\u{301} and \u{e9}",
    "\u{feff}bom \u{fffd} \u{10ffff} \u{200b}",
    "{\"json\": [1, \"two\"]}",
    "  blanks around  ",
];

async fn users_keep_every_text(adapters: &Adapters) {
    for text in TEXTS {
        let odd = User {
            id: UserId(text.to_owned()),
            email: format!("{text}@example.com"),
            name: Some(text.to_owned()),
            image: Some(text.to_owned()),
            ..user("odd")
        };
        done(adapters.users.create_user(odd.clone(), Some(text.to_owned())), "create").await;
        assert_eq!(done(adapters.users.get_user_by_id(&odd.id), "lookup").await, Some(odd.clone()));
        let found = done(adapters.users.get_credentials_by_email(&odd.email), "lookup").await;
        let found = found.map(|found| (found.user, found.password_hash));
        assert_eq!(found, Some((odd.clone(), Some(text.to_owned()))));

        let patch = UserPatch { name: Some(format!("{text}!")), ..UserPatch::default() };
        done(adapters.users.update_user(&odd.id, patch, NOW), "update").await;
        let found = done(adapters.users.get_user_by_id(&odd.id), "lookup").await;
        assert_eq!(found.and_then(|user| user.name), Some(format!("{text}!")));
    }
    let mut ids: Vec<String> = TEXTS.map(str::to_owned).to_vec();
    ids.sort();
    let listed = done(adapters.users.list_users(None, 100), "list").await;
    let listed: Vec<String> = listed.into_iter().map(|user| user.id.0).collect();
    assert_eq!(listed, ids, "all are there, in the order of bytes");
}

async fn sessions_keep_every_text(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    for text in TEXTS {
        let mut odd = Session {
            id: SessionId(text.to_owned()),
            ip_address: Some(text.to_owned()),
            user_agent: Some(text.to_owned()),
            ..session(text, &ada)
        };
        odd.payload.insert(text.to_owned(), json!([text]));
        done(adapters.sessions.create_session(odd.clone()), "create").await;
        assert_eq!(done(adapters.sessions.get_session(&odd.id, NOW), "lookup").await, Some(odd.clone()));
        done(adapters.sessions.delete_session(&odd.id), "delete").await;
        assert_eq!(done(adapters.sessions.get_session(&odd.id, NOW), "lookup").await, None);
    }
}

async fn tokens_keep_every_text(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    for text in TEXTS {
        let odd = Token { data: json!({ text: text }), ..token(text, TokenKind::EmailChange, &ada) };
        done(adapters.tokens.create_token(odd.clone()), "create").await;
        let found = adapters.tokens.consume_token(&odd.key, odd.kind, NOW);
        assert_eq!(done(found, "consume").await, Some(odd));
    }
}

async fn oauth_accounts_keep_every_text(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    for text in TEXTS {
        let odd = OAuthAccount {
            provider_account_id: text.to_owned(),
            access_token: Some(text.to_owned()),
            refresh_token: Some(text.to_owned()),
            ..oauth_account(text, text, &ada)
        };
        done(adapters.oauth_accounts.create_oauth_account(odd.clone()), "create").await;
        let found = adapters.oauth_accounts.get_oauth_account(text, text);
        assert_eq!(done(found, "lookup").await, Some(odd));
        done(adapters.oauth_accounts.delete_oauth_account(text), "delete").await;
    }
    assert_eq!(done(adapters.oauth_accounts.list_oauth_accounts(&ada.id), "list").await, []);
}

async fn roles_keep_every_text(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    for text in TEXTS {
        let odd = Role { name: text.to_owned(), permissions: TEXTS.map(str::to_owned).into() };
        done(adapters.roles.create_role(odd.clone()), "create").await;
        assert_eq!(done(adapters.roles.get_role(text), "lookup").await, Some(odd.clone()));
        done(adapters.roles.assign_role(&ada.id, text), "assign").await;
        assert_eq!(done(adapters.roles.get_user_roles(&ada.id), "list").await, [odd]);
        done(adapters.roles.remove_permissions(text, [text.to_owned()].into()), "remove").await;
        let found = done(adapters.roles.get_role(text), "lookup").await.map(|role| role.permissions.len());
        assert_eq!(found, Some(TEXTS.len() - 1));
        done(adapters.roles.delete_role(text), "delete").await;
    }
}

async fn passkeys_keep_every_text(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    for text in TEXTS {
        let odd = Passkey { aaguid: text.to_owned(), name: text.to_owned(), ..passkey(text, &ada) };
        done(adapters.passkeys.create_passkey(odd.clone()), "create").await;
        assert_eq!(done(adapters.passkeys.get_passkey(text), "lookup").await, Some(odd));
    }
}

async fn login_attempts_keep_every_text(adapters: &Adapters) {
    let rule = LockoutRule { max_attempts: 9, lockout_seconds: 300, window_seconds: 900 };
    let all = TEXTS.map(str::to_owned);
    done(adapters.login_attempts.record_failure(&all, rule, NOW), "fail").await;
    for key in &all {
        let key = std::slice::from_ref(key);
        let found = done(adapters.login_attempts.get_attempts(key, NOW), "lookup").await;
        assert_eq!(found.failures, 1, "{key:?} is a key like any other");
        done(adapters.login_attempts.clear_attempts(key), "clear").await;
        let found = done(adapters.login_attempts.get_attempts(key, NOW), "lookup").await;
        assert_eq!(found.failures, 0, "{key:?} is cleared like any other");
    }
}

async fn state_keeps_every_text(adapters: &Adapters) {
    for text in TEXTS {
        done(adapters.backend.write(text, json!({ text: [text] }), NOW.plus(1)), "write").await;
    }
    for text in TEXTS {
        let found = done(adapters.backend.take(text, NOW), "take").await;
        assert_eq!(found, Some(json!({ text: [text] })));
    }
}

async fn the_outbox_keeps_every_text(adapters: &Adapters) {
    for text in TEXTS {
        let odd = User { id: UserId(text.to_owned()), name: Some(text.to_owned()), ..user("odd") };
        let request = RequestContext {
            id: text.to_owned(),
            time_ms: NOW_MS,
            ip: Some(text.to_owned()),
            user_agent: Some(text.to_owned()),
        };
        let fact = Event::new(Hook::OnOauthLink, odd, request).by(text);
        let change = Change::Enqueue(Announcement { event: fact.clone(), plugins: vec![text.to_owned()] });
        done(adapters.transactions.commit(vec![change]), "enqueue").await;
        let due = done(adapters.outbox.due_deliveries(NOW_MS, 9), "due").await;
        let found: Vec<_> = due.iter().map(told).collect();
        assert_eq!(found, [(text, &fact)]);
        done(adapters.outbox.mark_failed(due[0].id, NOW_MS, text), "failed").await;
        done(adapters.outbox.mark_dead(due[0].id, text), "dead").await;

        let letter = Change::Post { user: fact.user.id, letter: text.to_owned(), now_ms: NOW_MS };
        done(adapters.transactions.commit(vec![letter]), "post").await;
        let due = done(adapters.outbox.due_deliveries(NOW_MS, 9), "due").await;
        let found: Vec<_> = due.iter().map(|delivery| &delivery.parcel).collect();
        assert_eq!(found, [&Parcel::Letter(text.to_owned())]);
        done(adapters.outbox.mark_delivered(&[due[0].id]), "delivered").await;
    }
}

async fn long_texts_are_kept_whole(adapters: &Adapters) {
    // 10 kB, in characters of several bytes. Keys need not be that long, so none is.
    let long = "ä€🙂x".repeat(1000);
    let ada = User { name: Some(long.clone()), image: Some(long.clone()), ..user("ada") };
    done(adapters.users.create_user(ada.clone(), Some(long.clone())), "create").await;
    assert_eq!(done(adapters.users.get_user_by_id(&ada.id), "lookup").await, Some(ada.clone()));

    let mut session = Session { user_agent: Some(long.clone()), ..session("one", &ada) };
    session.payload.insert("long".to_owned(), json!(long));
    done(adapters.sessions.create_session(session.clone()), "create").await;
    let found = done(adapters.sessions.get_session(&session.id, NOW), "lookup").await;
    assert_eq!(found, Some(session));

    let token = Token { data: json!(long), ..token("t", TokenKind::MagicLink, &ada) };
    done(adapters.tokens.create_token(token.clone()), "create").await;
    assert_eq!(done(adapters.tokens.get_token(&token.key, token.kind, NOW), "lookup").await, Some(token));

    let passkey = Passkey { name: long.clone(), public_key: vec![7; 10_000], ..passkey("p", &ada) };
    done(adapters.passkeys.create_passkey(passkey.clone()), "create").await;
    assert_eq!(done(adapters.passkeys.get_passkey("p"), "lookup").await, Some(passkey));

    done(adapters.backend.write("key", json!([long]), NOW.plus(1)), "write").await;
    assert_eq!(done(adapters.backend.read("key", NOW), "read").await, Some(json!([long])));

    let fact = event(Hook::OnSignin, &ada, NOW_MS);
    let change = Change::Enqueue(Announcement { event: fact.clone(), plugins: vec!["crm".to_owned()] });
    done(adapters.transactions.commit(vec![change]), "enqueue").await;
    let due = done(adapters.outbox.due_deliveries(NOW_MS, 9), "due").await;
    assert_eq!(due.first().map(|delivery| told(delivery).1), Some(&fact));
}

async fn texts_that_look_alike_are_not_the_same(adapters: &Adapters) {
    // Adapters compare bytes: what counts as the same address is decided before it gets here.
    let ids = ["a", "A", "a ", " a", "\u{e9}", "e\u{301}", "ss", "ß", ""];
    for id in ids {
        given_user(adapters, id).await;
        done(adapters.backend.write(id, json!(id), NOW.plus(1)), "write").await;
    }
    for id in ids {
        let found = done(adapters.users.get_user_by_id(&UserId::from(id)), "lookup").await;
        assert_eq!(found.map(|user| user.id.0).as_deref(), Some(id), "each id has its user");
        let found = done(adapters.backend.read(id, NOW), "read").await;
        assert_eq!(found, Some(json!(id)), "each key has its value");
    }
}

async fn a_nul_is_kept_or_refused_but_never_cut(adapters: &Adapters) {
    let admin = given_user(adapters, "admin").await;
    let impostor = User {
        id: UserId::from("admin\0"),
        email: format!("{}\0.evil.example", admin.email),
        name: Some("a\0b".to_owned()),
        ..user("impostor")
    };
    let is_kept = adapters.users.create_user(impostor.clone(), None).await.is_ok();

    let found = done(adapters.users.get_user_by_email(&admin.email), "lookup").await;
    assert_eq!(found.as_ref(), Some(&admin), "what stands before a NUL is not the address");
    let found = done(adapters.users.get_user_by_id(&admin.id), "lookup").await;
    assert_eq!(found, Some(admin), "nor the id");
    if is_kept {
        let found = done(adapters.users.get_user_by_id(&impostor.id), "lookup").await;
        assert_eq!(found, Some(impostor), "what was kept was kept whole");
    }
}

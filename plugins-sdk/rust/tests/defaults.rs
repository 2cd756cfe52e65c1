//! A plugin names only what it needs; the rest allows and does nothing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hookgate_plugin::{Decision, Error, EventHooks, IntoDecision, Outcome, User, plugin, testing};

struct Plan;

#[plugin]
impl EventHooks for Plan {
    fn modify_jwt(claims: &mut hookgate_plugin::Claims, _: &User) -> Result<(), std::num::ParseIntError> {
        claims.set("seats", "5".parse::<u32>()?);
        Ok(())
    }
}

#[test]
fn a_hook_that_is_not_there_allows_and_changes_nothing() {
    let user = testing::user("ada@example.com");
    let mut session = testing::session(&user);

    assert_eq!(Plan::allow_signin(&user, "credentials").into_decision(), Ok(Decision::Allow));
    assert_eq!(Plan::modify_session(&mut session, &user).into_result(), Ok::<_, Error>(()));
    assert_eq!(session, testing::session(&user));
    assert_eq!(Plan::on_passkey_deleted(&user, &testing::passkey(&user)).into_result(), Ok(()));
}

#[test]
fn any_error_type_will_do() {
    let user = testing::user("ada@example.com");
    let mut claims = testing::claims(&user);

    Plan::modify_jwt(&mut claims, &user).unwrap();

    assert_eq!(claims["seats"], 5);
}

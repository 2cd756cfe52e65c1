//! The hooks, by FastAuth's names. Each has a default, so that a plugin names only what it needs.

use crate::{Claims, IntoDecision, Outcome, Passkey, Session, User};

/// The points in a user's life at which a plugin may speak.
///
/// Implement what you need and put [`#[plugin]`](crate::plugin) on the `impl`: what is not there is not
/// exported, and the server never calls it.
///
/// Hooks have no `self`, since every call gets a fresh instance: nothing is kept from one call to the
/// next.
///
/// Three kinds:
/// - `allow_signin` is a **gate**: it may refuse.
/// - `modify_jwt` and `modify_session` are **mutations**: they may change.
/// - `on_*` are **events**: they hear what has happened, after it is stored, and change nothing. An event
///   comes at least once; [`request::event_id`](crate::request::event_id) is the same at each attempt.
///
/// An `Err`, a panic, a breached limit and a time-out are *failures*. After one in a gate or a mutation
/// nothing is issued and the client gets 503. After one in an event, the event comes again later.
#[expect(unused_variables, reason = "the defaults need no argument, and the names are for the reader")]
pub trait EventHooks {
    /// May this user come in? Asked after the proof of identity and before any session or token exists.
    ///
    /// `provider` is `credentials`, `magic_link`, `passkey`, or the id of an OAuth provider.
    ///
    /// Returns `bool`, [`Decision`](crate::Decision), [`Denial`](crate::Denial), or a
    /// [`Result`](crate::Result) of one of them. All plugins must allow; the first denial ends the chain
    /// and the client gets 403.
    fn allow_signin(user: &User, provider: &str) -> impl IntoDecision {
        true
    }

    /// Changes the claims of a token just before it is signed.
    ///
    /// Called twice for every issue: for the access token, then for the refresh token;
    /// [`request::token_kind`](crate::request::token_kind) tells which. Returns nothing or `Result<()>`.
    fn modify_jwt(claims: &mut Claims, user: &User) -> impl Outcome {}

    /// Changes the payload of a session before it is stored. Returns nothing or `Result<()>`.
    fn modify_session(session: &mut Session, user: &User) -> impl Outcome {}

    /// A user was created, in whatever way. Returns nothing or `Result<()>`, as do all events.
    fn on_signup(user: &User) -> impl Outcome {}

    /// A user signed in and a session began. `provider` is as in [`allow_signin`](Self::allow_signin).
    fn on_signin(user: &User, provider: &str) -> impl Outcome {}

    /// A user signed out; the refresh tokens are already revoked.
    fn on_signout(user: &User) -> impl Outcome {}

    /// A refresh token was exchanged for a new pair.
    fn on_token_refresh(user: &User) -> impl Outcome {}

    /// A user's address was proven for the first time.
    fn on_email_verify(user: &User) -> impl Outcome {}

    /// A password was reset by e-mail; the user's refresh tokens are already revoked.
    fn on_password_reset(user: &User) -> impl Outcome {}

    /// An account of an OAuth provider was linked to a signed-in user.
    fn on_oauth_link(user: &User, provider: &str) -> impl Outcome {}

    /// A magic link was handed to the mail transport, or there is none.
    fn on_magic_link_sent(user: &User) -> impl Outcome {}

    /// A passkey was added to a user.
    fn on_passkey_registered(user: &User, passkey: &Passkey) -> impl Outcome {}

    /// A passkey was removed from a user.
    fn on_passkey_deleted(user: &User, passkey: &Passkey) -> impl Outcome {}

    /// A sign-in of a known user failed. `reason` is `password`, `unverified`, `inactive` or `denied`; the way
    /// in is [`request::provider`](crate::request::provider). While an account is locked no attempt is reported.
    fn on_signin_failed(user: &User, reason: &str) -> impl Outcome {}

    /// Too many wrong passwords: sign-in with one is locked for a while.
    fn on_lockout(user: &User) -> impl Outcome {}

    /// A user, or the operator, set another password.
    fn on_password_change(user: &User) -> impl Outcome {}

    /// A user's address was changed, and the new one is proven. `previous` is the address before.
    fn on_email_change(user: &User, previous: &str) -> impl Outcome {}

    /// An account was deleted or deactivated.
    fn on_account_delete(user: &User) -> impl Outcome {}

    /// A session was ended otherwise than by signing out. `session_id` is empty if all of them were.
    fn on_session_revoke(user: &User, session_id: &str) -> impl Outcome {}

    /// A refresh token was presented that had been spent before: somebody holds a copy. All sessions of the
    /// user are ended already.
    fn on_refresh_reuse(user: &User) -> impl Outcome {}

    /// Are the operator's settings good? No hook: asked once, when the plugin is loaded. An `Err` refuses the
    /// plugin with its text, and the version before it keeps serving.
    fn validate_config() -> impl Outcome {}
}

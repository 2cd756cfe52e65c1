//! Between the generated bindings and [`EventHooks`]: one `Guest` per hook, all for the same type.
//! [`#[plugin]`](crate::plugin) exports those that the plugin implements.

use std::marker::PhantomData;

use crate::bindings::host::hookgate::hooks::types;
use crate::{Claims, Decision, EventHooks, IntoDecision, Outcome, Passkey, Session, User, bindings};

/// As every hook answers on the wire.
type Answer<T> = Result<T, String>;

/// A plugin, as the bindings want it.
#[derive(Debug)]
pub struct Exported<P>(PhantomData<P>);

/// What every call does first.
fn begin() {
    #[cfg(feature = "panic-log")]
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(|location| ("location".to_owned(), location.to_string()));
        let text = panic.payload_as_str().unwrap_or("without a text");
        let fields: Vec<_> = location.into_iter().collect();
        crate::host::log(crate::log::Level::Error, &format!("the plugin panicked: {text}"), &fields);
    }));
}

macro_rules! export {
    ($hook:ident($($argument:ident: $type:ty),*) -> $answer:ty, $body:expr) => {
        impl<P: EventHooks> bindings::$hook::exports::hookgate::hooks::$hook::Guest for Exported<P> {
            fn $hook($($argument: $type),*) -> $answer {
                begin();
                $body
            }
        }
    };
    // An event about a user alone.
    ($hook:ident) => {
        export!($hook(user: types::User) -> Answer<()>, Ok(P::$hook(&user.into()).into_result()?));
    };
    // An event about a user and one more thing.
    ($hook:ident, $argument:ident: $wire:ty as $ours:ty) => {
        export!($hook(user: types::User, $argument: $wire) -> Answer<()>, {
            let $argument: $ours = $argument.into();
            Ok(P::$hook(&user.into(), &$argument).into_result()?)
        });
    };
}

export!(allow_signin(user: types::User, provider: String) -> Answer<types::Decision>, {
    Ok(P::allow_signin(&user.into(), &provider).into_decision()?.into())
});
export!(modify_jwt(claims: String, user: types::User) -> Answer<String>, {
    let mut claims: Claims = claims.parse()?;
    P::modify_jwt(&mut claims, &user.into()).into_result()?;
    Ok(claims.to_json()?)
});
export!(modify_session(session: String, user: types::User) -> Answer<String>, {
    let mut session: Session = session.parse()?;
    P::modify_session(&mut session, &user.into()).into_result()?;
    Ok(session.to_json()?)
});
export!(on_signup);
export!(on_signin, provider: String as String);
export!(on_signout);
export!(on_token_refresh);
export!(on_email_verify);
export!(on_password_reset);
export!(on_oauth_link, provider: String as String);
export!(on_magic_link_sent);
export!(on_passkey_registered, passkey: types::Passkey as Passkey);
export!(on_passkey_deleted, passkey: types::Passkey as Passkey);
export!(on_signin_failed, reason: String as String);
export!(on_lockout);
export!(on_password_change);
export!(on_email_change, previous: String as String);
export!(on_account_delete);
export!(on_session_revoke, session_id: String as String);
export!(on_refresh_reuse);
export!(validate_config() -> Answer<()>, Ok(P::validate_config().into_result()?));

impl From<types::User> for User {
    fn from(user: types::User) -> Self {
        let types::User { id, email, name, image, email_verified, is_active } = user;
        Self { id, email, name, image, email_verified, is_active }
    }
}

impl From<types::Passkey> for Passkey {
    fn from(passkey: types::Passkey) -> Self {
        let types::Passkey { id, user_id, name, aaguid, sign_count, created_at, last_used_at } = passkey;
        Self { id, user_id, name, aaguid, sign_count, created_at, last_used_at }
    }
}

impl From<Decision> for types::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allow => Self::Allow,
            Decision::Deny(crate::Denial { code, message, reason }) => {
                Self::Deny(types::Denial { code, message, reason })
            }
        }
    }
}

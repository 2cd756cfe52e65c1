//! The domain's types as the contract's, and back.

use hookgate_core::hooks::{Decision, Denial};
use hookgate_core::passkey::Passkey;
use hookgate_core::user::User;

use super::bindings::{DecisionVariant, DenialRecord, PasskeyRecord, UserRecord};
use crate::text::{escape, truncate};

/// What a denial may hold, as the WIT promises.
const MAX_CODE: usize = 64;
const MAX_MESSAGE: usize = 512;
const MAX_REASON: usize = 2048;

impl<'a> From<&'a User> for UserRecord<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            email: &user.email,
            name: user.name.as_deref(),
            image: user.image.as_deref(),
            email_verified: user.email_verified,
            is_active: user.is_active,
        }
    }
}

impl<'a> From<&'a Passkey> for PasskeyRecord<'a> {
    fn from(passkey: &'a Passkey) -> Self {
        // The contract knows no time before 1970, and the domain has none.
        let seconds = |at: hookgate_core::clock::Timestamp| u64::try_from(at.0).unwrap_or(0);
        Self {
            id: &passkey.id,
            user_id: passkey.user_id.as_str(),
            name: &passkey.name,
            aaguid: &passkey.aaguid,
            sign_count: passkey.sign_count,
            created_at: seconds(passkey.created_at),
            last_used_at: passkey.last_used_at.map(seconds),
        }
    }
}

/// The answer of a gate, with the denial's texts cut and cleaned. The flag says whether a code was
/// dropped because a client could not rely on it.
pub(crate) fn decision(answer: DecisionVariant, plugin: &str) -> (Decision, bool) {
    match answer {
        DecisionVariant::Allow => (Decision::Allow, false),
        DecisionVariant::Deny(DenialRecord { code, message, reason }) => {
            let given = code.is_some();
            let code = code.map(|code| truncate(&code, MAX_CODE).to_owned()).filter(|code| is_code(code));
            let dropped = given && code.is_none();
            let denial = Denial {
                code,
                message: message.map(|text| shown(&text)).filter(|text| !text.is_empty()),
                reason: reason.map(|text| escape(truncate(&text, MAX_REASON)).into_owned()),
                plugin: plugin.to_owned(),
            };
            (Decision::Deny(denial), dropped)
        }
    }
}

fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-'))
}

/// For a user's eyes: control characters are left out, not escaped.
fn shown(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !crate::text::is_unprintable(*c)).collect();
    truncate(&clean, MAX_MESSAGE).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(code: &str, message: &str, reason: &str) -> (Denial, bool) {
        let answer = DecisionVariant::Deny(DenialRecord {
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
            reason: Some(reason.to_owned()),
        });
        match decision(answer, "guard") {
            (Decision::Deny(denial), dropped) => (denial, dropped),
            (Decision::Allow, _) => unreachable!("it was a denial"),
        }
    }

    #[test]
    fn a_proper_denial_comes_through() {
        let (denial, dropped) = denied("no_access.v-2", "Not today.", "blocked domain");
        assert_eq!(denial.code.as_deref(), Some("no_access.v-2"));
        assert_eq!(denial.message.as_deref(), Some("Not today."));
        assert_eq!(denial.reason.as_deref(), Some("blocked domain"));
        assert_eq!((denial.plugin.as_str(), dropped), ("guard", false));
    }

    #[test]
    fn a_code_that_clients_could_not_use_is_dropped() {
        for code in ["", "No", "a b", "ü", "a\n"] {
            let (denial, dropped) = denied(code, "m", "r");
            assert_eq!((denial.code, dropped), (None, true), "{code:?}");
        }
    }

    #[test]
    fn texts_are_cut_and_cleaned() {
        let (denial, _) = denied("c", &format!("a\u{1b}[31mb\nc{}", "ü".repeat(600)), &"x\n".repeat(2000));
        let message = denial.message.expect("a message");
        assert!(message.starts_with("a[31mbc") && message.len() <= 512, "{message}");
        assert!(!denial.reason.expect("a reason").contains('\n'));
        assert_eq!(denied(&"x".repeat(65), "m", "r").0.code.map(|code| code.len()), Some(64));
    }
}

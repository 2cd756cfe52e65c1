//! Reading who somebody is from what a provider says.

use hookgate_core::JsonObject;
use hookgate_core::oauth::{Identity, ProviderError};
use serde_json::Value;

/// The longest account id, in characters (OpenID Connect Core section 2).
const ID_LIMIT: usize = 255;
/// The longest name that is taken over, in characters.
const NAME_LIMIT: usize = 200;
/// The longest picture URL that is taken over, in bytes.
const IMAGE_LIMIT: usize = 2048;

/// OpenID Connect's standard claims.
pub(super) fn from_claims(claims: &JsonObject) -> Result<Identity, ProviderError> {
    Ok(Identity {
        account_id: account_id(claims.get("sub"))?,
        email: text(claims, "email"),
        email_verified: is_true(claims.get("email_verified")),
        name: text(claims, "name").map(name),
        image: image(claims, "picture"),
    })
}

/// An account id: a text, or a number as text.
pub(super) fn account_id(value: Option<&Value>) -> Result<String, ProviderError> {
    let id = match value {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) if id.is_u64() => id.to_string(),
        _ => String::new(),
    };
    if id.is_empty() || id.chars().count() > ID_LIMIT {
        return Err(ProviderError::Untrusted("no account id".to_owned()));
    }
    Ok(id)
}

/// A text that is not empty.
pub(super) fn text(object: &JsonObject, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// `true`; some providers write it as a text.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// A display name of a length that fits.
pub(super) fn name(text: String) -> String {
    match text.char_indices().nth(NAME_LIMIT) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

/// A picture's URL, if it is one that a page can show.
pub(super) fn image(object: &JsonObject, name: &str) -> Option<String> {
    let is_url = |url: &String| {
        url.len() <= IMAGE_LIMIT && (url.starts_with("https://") || url.starts_with("http://"))
    };
    text(object, name).filter(is_url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Option<Identity> {
        from_claims(claims.as_object().expect("an object")).ok()
    }

    #[test]
    fn only_a_clear_yes_verifies_an_address() {
        for (claim, expected) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!("True"), false),
            (json!(1), false),
            (json!(null), false),
        ] {
            let identity = read(&json!({"sub": "1", "email": "a@example.com", "email_verified": claim}));
            assert_eq!(identity.expect("an identity").email_verified, expected, "{claim}");
        }
        assert!(!read(&json!({"sub": "1", "email": "a@example.com"})).expect("an identity").email_verified);
    }

    #[test]
    fn an_account_has_an_id() {
        assert_eq!(read(&json!({"sub": 42})).expect("an identity").account_id, "42");
        for bad in [json!(""), json!(null), json!(-1), json!(1.5), json!({}), json!("x".repeat(256))] {
            assert_eq!(read(&json!({"sub": bad})), None, "{bad}");
        }
        assert_eq!(read(&json!({"email": "a@example.com"})), None);
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let claims =
            json!({"sub": "1", "name": "ä".repeat(300), "picture": "javascript:alert(1)", "email": 5});
        let identity = read(&claims).expect("an identity");
        assert_eq!(identity.name, Some("ä".repeat(200)));
        assert_eq!((identity.image, identity.email), (None, None));
    }
}

//! The claims of access and refresh tokens: FastAuth's, plus `sid`.

use serde_json::{Value, json};

use crate::JsonObject;
use crate::clock::Timestamp;
use crate::hooks::TokenUse;
use crate::ids::{SessionId, UserId, generate_id};
use crate::settings::JwtSettings;
use crate::user::User;

/// Why a token whose signature is good is refused all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// A claim is missing or of the wrong type.
    #[error("`{0}` is missing or malformed")]
    Malformed(&'static str),
    /// It is over.
    #[error("expired")]
    Expired,
    /// It is from the future.
    #[error("not valid yet")]
    NotYet,
    /// Another `iss`.
    #[error("another issuer")]
    Issuer,
    /// Another `aud`.
    #[error("another audience")]
    Audience,
    /// An access token where a refresh token is wanted, or the other way round.
    #[error("another type")]
    Type,
}

/// Builds and checks claim sets.
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a> {
    settings: &'a JwtSettings,
    now: Timestamp,
}

/// What the server reads from a token that it accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSubject {
    /// `sub`.
    pub user_id: UserId,
    /// `jti`; tokens of other makers may lack it.
    pub jti: Option<String>,
    /// `sid`; tokens from before an upgrade lack it.
    pub session_id: Option<SessionId>,
    /// `exp`.
    pub expires_at: Timestamp,
}

impl<'a> Claims<'a> {
    /// Claims as of `now`.
    #[must_use]
    pub const fn new(settings: &'a JwtSettings, now: Timestamp) -> Self {
        Self { settings, now }
    }

    /// A new claim set, before hooks see it.
    #[must_use]
    pub fn build(&self, user: &User, session: &SessionId, token_use: TokenUse, ttl: i64) -> JsonObject {
        let mut claims = JsonObject::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("sub", json!(user.id));
        set("jti", json!(generate_id()));
        set("sid", json!(session));
        if let Some(issuer) = &self.settings.issuer {
            set("iss", json!(issuer));
        }
        if !self.settings.audience.is_empty() {
            set("aud", json!(self.settings.audience));
        }
        set("iat", json!(self.now));
        set("exp", json!(self.now.plus(ttl)));
        set("type", json!(token_use.as_str()));
        set("email", json!(user.email));
        set("name", json!(user.name));
        set("email_verified", json!(user.email_verified));
        claims
    }

    /// Checks a claim set whose signature is good, as FastAuth does: no leeway, `exp` and `sub`
    /// required, a `null` issuer or audience counts as absent.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn check(&self, claims: &JsonObject, token_use: TokenUse) -> Result<TokenSubject, ClaimsError> {
        let expires_at = self.date(claims, "exp")?.ok_or(ClaimsError::Malformed("exp"))?;
        if expires_at < self.now {
            return Err(ClaimsError::Expired);
        }
        for name in ["nbf", "iat"] {
            if self.date(claims, name)?.is_some_and(|date| date > self.now) {
                return Err(ClaimsError::NotYet);
            }
        }
        self.check_issuer(claims)?;
        self.check_audience(claims)?;
        if claims.get("type").and_then(Value::as_str) != Some(token_use.as_str()) {
            return Err(ClaimsError::Type);
        }
        let user_id = text(claims, "sub")?.ok_or(ClaimsError::Malformed("sub"))?;
        Ok(TokenSubject {
            user_id: UserId(user_id),
            jti: text(claims, "jti")?,
            session_id: text(claims, "sid")?.map(SessionId),
            expires_at,
        })
    }

    fn check_issuer(&self, claims: &JsonObject) -> Result<(), ClaimsError> {
        match &self.settings.issuer {
            Some(issuer) if text(claims, "iss")?.as_ref() != Some(issuer) => Err(ClaimsError::Issuer),
            _ => Ok(()),
        }
    }

    fn check_audience(&self, claims: &JsonObject) -> Result<(), ClaimsError> {
        if self.settings.audience.is_empty() {
            return Ok(());
        }
        let is_ours = |value: &Value| {
            value.as_str().is_some_and(|name| self.settings.audience.iter().any(|own| own == name))
        };
        let accepted = match claims.get("aud") {
            Some(Value::Array(names)) => names.iter().any(is_ours),
            Some(name) => is_ours(name),
            None => false,
        };
        if accepted { Ok(()) } else { Err(ClaimsError::Audience) }
    }

    /// A `NumericDate`; fractions are cut, which for `exp` is the strict side.
    fn date(&self, claims: &JsonObject, name: &'static str) -> Result<Option<Timestamp>, ClaimsError> {
        match claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a float beyond i64 saturates, as it should"
                )]
                let seconds = value.as_i64().or_else(|| value.as_f64().map(|float| float.floor() as i64));
                seconds.map(|seconds| Some(Timestamp(seconds))).ok_or(ClaimsError::Malformed(name))
            }
        }
    }
}

fn text(claims: &JsonObject, name: &'static str) -> Result<Option<String>, ClaimsError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ClaimsError::Malformed(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn object(value: Value) -> JsonObject {
        let Value::Object(object) = value else { unreachable!("tests write objects") };
        object
    }

    fn checked(settings: &JwtSettings, change: Value) -> Result<TokenSubject, ClaimsError> {
        let mut claims = object(json!({"sub": "u1", "type": "access", "iat": NOW, "exp": NOW.plus(1)}));
        claims.extend(object(change));
        Claims::new(settings, NOW).check(&claims, TokenUse::Access)
    }

    #[test]
    fn a_token_is_good_in_the_second_of_its_expiry_and_no_longer() {
        let settings = JwtSettings::default();
        assert!(checked(&settings, json!({"exp": NOW})).is_ok());
        assert_eq!(checked(&settings, json!({"exp": NOW.plus(-1)})), Err(ClaimsError::Expired));
    }

    #[test]
    fn odd_claims_are_refused_one_by_one() {
        let settings = JwtSettings::default();
        let cases = [
            (json!({"exp": null}), ClaimsError::Malformed("exp")),
            (json!({"exp": "1000001"}), ClaimsError::Malformed("exp")),
            (json!({"exp": -1e300}), ClaimsError::Expired),
            (json!({"iat": NOW.plus(1)}), ClaimsError::NotYet),
            (json!({"nbf": NOW.plus(1)}), ClaimsError::NotYet),
            (json!({"sub": null}), ClaimsError::Malformed("sub")),
            (json!({"sub": 7}), ClaimsError::Malformed("sub")),
            (json!({"type": "refresh"}), ClaimsError::Type),
            (json!({"type": null}), ClaimsError::Type),
            (json!({"sid": []}), ClaimsError::Malformed("sid")),
        ];
        for (change, error) in cases {
            assert_eq!(checked(&settings, change.clone()), Err(error), "{change}");
        }
    }

    #[test]
    fn issuer_and_audience_count_only_where_configured() {
        let open = JwtSettings::default();
        assert!(checked(&open, json!({"iss": null, "aud": null})).is_ok());
        assert!(checked(&open, json!({"iss": "anyone", "aud": ["x"]})).is_ok());

        let strict = JwtSettings {
            issuer: Some("https://id.example".to_owned()),
            audience: vec!["api".to_owned(), "web".to_owned()],
            ..JwtSettings::default()
        };
        let good = json!({"iss": "https://id.example", "aud": "web"});
        assert!(checked(&strict, good).is_ok());
        assert!(checked(&strict, json!({"iss": "https://id.example", "aud": ["x", "api"]})).is_ok());
        assert_eq!(checked(&strict, json!({"aud": "api"})), Err(ClaimsError::Issuer));
        let issuer_only = json!({"iss": "https://id.example"});
        assert_eq!(checked(&strict, issuer_only), Err(ClaimsError::Audience));
    }
}

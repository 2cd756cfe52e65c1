//! What the `modify_*` hooks change: the claims of a token and the payload of a session, both JSON
//! objects.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Error, Result};

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// It can also be used as the [`serde_json::Map`] that it holds.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name(Map<String, Value>);

        impl $name {
            /// Adds or replaces a member.
            pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) -> &mut Self {
                self.0.insert(key.into(), value.into());
                self
            }

            /// Adds or replaces a member by anything that serialises.
            pub fn set_json<T: Serialize + ?Sized>(&mut self, key: impl Into<String>, value: &T) -> Result<&mut Self> {
                let value = serde_json::to_value(value)?;
                Ok(self.set(key, value))
            }

            /// A member, if it is there and a text.
            pub fn get_str(&self, key: &str) -> Option<&str> {
                self.0.get(key)?.as_str()
            }

            /// As JSON text, as the server takes it.
            pub(crate) fn to_json(&self) -> Result<String> {
                Ok(serde_json::to_string(&self.0)?)
            }
        }

        /// From JSON text, as the server sends it.
        impl FromStr for $name {
            type Err = Error;

            fn from_str(json: &str) -> Result<Self> {
                object(json).map(Self)
            }
        }

        impl Deref for $name {
            type Target = Map<String, Value>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl DerefMut for $name {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl From<Map<String, Value>> for $name {
            fn from(map: Map<String, Value>) -> Self {
                Self(map)
            }
        }

        /// As JSON text.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_json().map_err(|_| fmt::Error)?)
            }
        }
    };
}

/// Read as any JSON first: to be told what else it is, by serde, would be a seventh of a small plugin's code.
fn object(json: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(json) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("not a JSON object".into()),
        Err(error) => Err(format!("not a JSON object: {error}").into()),
    }
}

payload! {
    /// The claims of a token, just before it is signed.
    ///
    /// `sub`, `iss`, `aud`, `iat`, `nbf`, `jti`, `type` and `sid` must stay as they are and `exp` may only
    /// become earlier, or no token is issued.
    ///
    /// ```
    /// # use hookgate_plugin::Claims;
    /// # let mut claims = Claims::default();
    /// claims.set("plan", "pro").set("seats", 5).set("roles", vec!["reader", "writer"]);
    /// assert_eq!(claims.get_str("plan"), Some("pro"));
    /// claims.remove("seats");
    /// assert!(!claims.contains_key("seats"));
    /// ```
    Claims
}

payload! {
    /// The payload of a session before it is stored; it starts with `ip_address` and `user_agent`.
    ///
    /// `id`, `user_id` and `expires_at` are the server's and must stay as they are, or no session begins.
    Session
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn text_survives_a_round_trip() {
        let text = r#"{"aud":["a","b"],"exp":4102444800,"sub":"u1"}"#;

        assert_eq!(Claims::from_str(text).unwrap().to_string(), text);
    }

    #[test]
    fn only_an_object_is_accepted() {
        for text in ["[]", "null", "\"sub\"", "{", ""] {
            let error = Session::from_str(text).unwrap_err();
            assert!(error.message().starts_with("not a JSON object"), "{text}: {error:?}");
        }
    }

    #[test]
    fn structures_can_be_set() {
        #[derive(Serialize)]
        struct Device {
            os: &'static str,
        }
        let mut session = Session::default();

        session.set_json("device", &Device { os: "Linux" }).unwrap();

        assert_eq!(session["device"]["os"], "Linux");
    }
}

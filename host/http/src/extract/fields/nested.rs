//! Objects within the body, and what WebAuthn puts into them.

use hookgate_core::webauthn::from_base64url;
use serde_json::Value;

use super::{Context, FieldError, Fields, Location};

impl Fields {
    /// An object within. What `read` finds wrong in it is told with its place in the whole.
    pub(crate) fn object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let path = [Location::Name(name)];
        match self.object.remove(name) {
            Some(Value::Object(object)) => {
                let mut inner = Self::new(object);
                let value = read(&mut inner);
                let errors = inner.errors.into_iter().map(|mut error| {
                    // After `body`.
                    error.loc.insert(1, Location::Name(name));
                    error
                });
                self.errors.extend(errors);
                value
            }
            Some(_) => self.fail(FieldError::new("dict_type", &path, "Input should be a valid dictionary")),
            None => self.fail(FieldError::missing(&path)),
        }
    }

    /// Whether there is such a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Required bytes, in base64url.
    pub(crate) fn bytes(&mut self, name: &'static str) -> Option<Vec<u8>> {
        self.decoded(name, "base64url", Some)
    }

    /// Bytes that may be absent or null.
    pub(crate) fn optional_bytes(&mut self, name: &'static str) -> Option<Option<Vec<u8>>> {
        match self.object.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(_) => self.bytes(name).map(Some),
        }
    }

    /// Required bytes, in base64url, that are something.
    pub(crate) fn decoded<T>(
        &mut self,
        name: &'static str,
        what: &str,
        decode: impl FnOnce(Vec<u8>) -> Option<T>,
    ) -> Option<T> {
        let text = self.string(name)?;
        match from_base64url(&text).and_then(decode) {
            Some(value) => Some(value),
            None => {
                let msg = format!("Value error, not {what}");
                self.fail(FieldError::new("value_error", &[Location::Name(name)], msg))
            }
        }
    }

    /// A required text that must be one text.
    pub(crate) fn constant(&mut self, name: &'static str, expected: &str) -> Option<()> {
        if self.string(name)? == expected {
            return Some(());
        }
        let msg = format!("Input should be '{expected}'");
        self.fail(FieldError::new("literal_error", &[Location::Name(name)], msg))
    }

    /// A text of bounded length that may be absent or null.
    pub(crate) fn optional_string_of(&mut self, name: &'static str, max: usize) -> Option<Option<String>> {
        let text = self.optional_string(name)?;
        if text.as_ref().is_some_and(|text| text.chars().nth(max).is_some()) {
            let msg = format!("String should have at most {max} characters");
            let error = FieldError::new("string_too_long", &[Location::Name(name)], msg);
            return self.fail(FieldError { ctx: Some(Context::MaxLength(max)), ..error });
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::extract::Invalid;

    fn fields(body: Value) -> Fields {
        let Value::Object(object) = body else { unreachable!("tests pass objects") };
        Fields::new(object)
    }

    fn read(body: Value) -> Result<Vec<u8>, Value> {
        let mut fields = fields(body);
        let values = (fields.object("outer", |outer| outer.object("inner", |inner| inner.bytes("x"))),);
        let read: Result<_, Invalid> = fields.finish(values);
        read.map(|(bytes,)| bytes).map_err(|invalid| serde_json::to_value(invalid).expect("plain data"))
    }

    #[test]
    fn errors_within_are_told_with_their_place() {
        let cases = [
            (json!({}), json!(["body", "outer"]), "missing"),
            (json!({"outer": []}), json!(["body", "outer"]), "dict_type"),
            (json!({"outer": {}}), json!(["body", "outer", "inner"]), "missing"),
            (json!({"outer": {"inner": {"x": 1}}}), json!(["body", "outer", "inner", "x"]), "string_type"),
            (json!({"outer": {"inner": {"x": "?"}}}), json!(["body", "outer", "inner", "x"]), "value_error"),
        ];
        for (body, place, kind) in cases {
            let detail = read(body.clone()).expect_err("refused");
            assert_eq!((&detail[0]["loc"], &detail[0]["type"]), (&place, &json!(kind)), "{body}");
            assert_eq!(detail.as_array().map(Vec::len), Some(1), "{body}");
        }
    }

    #[test]
    fn bytes_may_be_padded() {
        for text in ["_w", "_w=="] {
            assert_eq!(read(json!({"outer": {"inner": {"x": text}}})), Ok(vec![255]));
        }
        let mut fields = fields(json!({"a": null, "b": "/w"}));
        assert_eq!(fields.optional_bytes("a"), Some(None));
        assert_eq!(fields.optional_bytes("b"), None);
    }

    #[test]
    fn a_text_may_be_too_long() {
        assert_eq!(fields(json!({"x": "äö"})).optional_string_of("x", 2), Some(Some("äö".to_owned())));
        let mut fields = fields(json!({"x": "äöü"}));
        let values = (fields.optional_string_of("x", 2),);
        let invalid = fields.finish(values).expect_err("refused");
        assert_eq!(
            serde_json::to_value(invalid).expect("plain data"),
            json!([{
                "type": "string_too_long",
                "loc": ["body", "x"],
                "msg": "String should have at most 2 characters",
                "ctx": {"max_length": 2}
            }])
        );
    }
}

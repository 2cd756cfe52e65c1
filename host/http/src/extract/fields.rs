//! The fields of a JSON object, checked as pydantic checks them.
//!
//! All fields are looked at before any error is reported: a getter answers `None` and remembers what
//! was wrong, and [`Fields::finish`] gives the values only if nothing was.

mod nested;

use hookgate_core::JsonObject;
use hookgate_core::email::EmailAddress;
use serde::Serialize;
use serde_json::Value;

use super::json_error::JsonError;

/// Everything that is wrong with a request; the `detail` of a 422.
#[derive(Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
#[error("{} invalid fields", .0.len())]
pub(crate) struct Invalid(Vec<FieldError>);

impl Invalid {
    pub(crate) fn one(error: FieldError) -> Self {
        Self(vec![error])
    }

    pub(crate) fn all(errors: impl Iterator<Item = FieldError>) -> Self {
        Self(errors.collect())
    }
}

/// One thing that is wrong. FastAuth repeats the input here, password included; this does not.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Location>,
    msg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Context>,
}

/// A step on the way to the field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Location {
    Name(&'static str),
    Index(usize),
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Context {
    Reason(String),
    Error(&'static str),
    #[serde(rename = "max_length")]
    MaxLength(usize),
    #[serde(rename = "min_length")]
    MinLength(usize),
}

impl FieldError {
    fn new(kind: &'static str, path: &[Location], msg: impl Into<String>) -> Self {
        let loc = [Location::Name("body")].into_iter().chain(path.iter().cloned()).collect();
        Self { kind, loc, msg: msg.into(), ctx: None }
    }

    /// The body is not JSON.
    pub(crate) fn json(error: JsonError) -> Self {
        let place = [Location::Index(error.position)];
        let ctx = Some(Context::Error(error.message));
        Self { ctx, ..Self::new("json_invalid", &place, "JSON decode error") }
    }

    /// A parameter of the query is not there.
    pub(crate) fn missing_query(name: &'static str) -> Self {
        let loc = vec![Location::Name("query"), Location::Name(name)];
        Self { kind: "missing", loc, msg: "Field required".to_owned(), ctx: None }
    }

    /// There is no body.
    pub(crate) fn missing_body() -> Self {
        Self::missing(&[])
    }

    /// The body is no object.
    pub(crate) fn not_an_object() -> Self {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        Self::new("model_attributes_type", &[], msg)
    }

    fn missing(path: &[Location]) -> Self {
        Self::new("missing", path, "Field required")
    }

    fn empty(path: &[Location]) -> Self {
        let ctx = Some(Context::MinLength(1));
        Self { ctx, ..Self::new("string_too_short", path, "String should have at least 1 character") }
    }

    fn no_string(path: &[Location]) -> Self {
        Self::new("string_type", path, "Input should be a valid string")
    }
}

/// The fields of an object and the errors found so far. Unknown fields are ignored.
#[derive(Debug)]
pub(crate) struct Fields {
    object: JsonObject,
    errors: Vec<FieldError>,
}

impl Fields {
    pub(crate) const fn new(object: JsonObject) -> Self {
        Self { object, errors: Vec::new() }
    }

    /// A required address.
    pub(crate) fn email(&mut self, name: &'static str) -> Option<EmailAddress> {
        let text = self.string(name)?;
        match EmailAddress::parse(&text) {
            Ok(address) => Some(address),
            Err(error) => {
                let msg = format!("value is not a valid email address: {error}");
                let ctx = Some(Context::Reason(error.to_string()));
                self.fail(FieldError { ctx, ..FieldError::new("value_error", &[Location::Name(name)], msg) })
            }
        }
    }

    /// A required text.
    pub(crate) fn string(&mut self, name: &'static str) -> Option<String> {
        let path = [Location::Name(name)];
        match self.object.remove(name) {
            Some(Value::String(text)) => Some(text),
            Some(_) => self.fail(FieldError::no_string(&path)),
            None => self.fail(FieldError::missing(&path)),
        }
    }

    /// A required text that must not be empty.
    pub(crate) fn name(&mut self, name: &'static str) -> Option<String> {
        let text = self.string(name)?;
        if text.is_empty() { self.fail(FieldError::empty(&[Location::Name(name)])) } else { Some(text) }
    }

    /// A text that may be absent or null.
    pub(crate) fn optional_string(&mut self, name: &'static str) -> Option<Option<String>> {
        match self.object.remove(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => Some(Some(text)),
            Some(_) => self.fail(FieldError::no_string(&[Location::Name(name)])),
        }
    }

    /// A truth value in any of the usual spellings; `default` if absent.
    pub(crate) fn bool_or(&mut self, name: &'static str, default: bool) -> Option<bool> {
        let Some(value) = self.object.remove(name) else { return Some(default) };
        let path = [Location::Name(name)];
        match truth(&value) {
            Ok(truth) => Some(truth),
            Err(NoTruth::Unclear) => self.fail(FieldError::new(
                "bool_parsing",
                &path,
                "Input should be a valid boolean, unable to interpret input",
            )),
            Err(NoTruth::WrongType) => {
                self.fail(FieldError::new("bool_type", &path, "Input should be a valid boolean"))
            }
        }
    }

    /// A list of texts; `default` if absent, or an error if there is none.
    pub(crate) fn strings(
        &mut self,
        name: &'static str,
        default: Option<Vec<String>>,
    ) -> Option<Vec<String>> {
        let path = [Location::Name(name)];
        match (self.object.remove(name), default) {
            (Some(Value::Array(items)), _) => self.each_string(name, items),
            (Some(_), _) => self.fail(FieldError::new("list_type", &path, "Input should be a valid list")),
            (None, Some(default)) => Some(default),
            (None, None) => self.fail(FieldError::missing(&path)),
        }
    }

    /// As [`strings`](Self::strings), none of them empty.
    pub(crate) fn names(&mut self, name: &'static str, default: Option<Vec<String>>) -> Option<Vec<String>> {
        let names = self.strings(name, default)?;
        let empty = names.iter().enumerate().filter(|(_, item)| item.is_empty());
        let errors: Vec<_> = empty
            .map(|(index, _)| FieldError::empty(&[Location::Name(name), Location::Index(index)]))
            .collect();
        let is_good = errors.is_empty();
        self.errors.extend(errors);
        is_good.then_some(names)
    }

    fn each_string(&mut self, name: &'static str, items: Vec<Value>) -> Option<Vec<String>> {
        let mut texts = Vec::with_capacity(items.len());
        let errors_before = self.errors.len();
        for (index, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                _ => {
                    let path = [Location::Name(name), Location::Index(index)];
                    self.errors.push(FieldError::no_string(&path));
                }
            }
        }
        (self.errors.len() == errors_before).then_some(texts)
    }

    /// The values that the getters gave, if none of them found anything wrong.
    pub(crate) fn finish<T: Complete>(self, values: T) -> Result<T::Values, Invalid> {
        match values.complete() {
            Some(values) if self.errors.is_empty() => Ok(values),
            _ => Err(Invalid(self.errors)),
        }
    }

    fn fail<T>(&mut self, error: FieldError) -> Option<T> {
        self.errors.push(error);
        None
    }
}

/// A tuple of what getters gave.
pub(crate) trait Complete {
    /// The tuple of the values.
    type Values;

    /// The values if all are there.
    fn complete(self) -> Option<Self::Values>;
}

macro_rules! complete {
    ($($name:ident)+) => {
        impl<$($name),+> Complete for ($(Option<$name>,)+) {
            type Values = ($($name,)+);

            #[expect(non_snake_case, reason = "one letter serves as type and as variable")]
            fn complete(self) -> Option<Self::Values> {
                let ($($name,)+) = self;
                Some(($($name?,)+))
            }
        }
    };
}

complete!(A);
complete!(A B);
complete!(A B C);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoTruth {
    /// Of a type that might have been one.
    Unclear,
    /// Of a type that never is.
    WrongType,
}

fn truth(value: &Value) -> Result<bool, NoTruth> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            // Only what would fit an integer is taken for an attempt at one.
            Some(float) if float.fract() == 0.0 && float.abs() < 9.2e18 => Err(NoTruth::Unclear),
            _ => Err(NoTruth::WrongType),
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "0" | "off" | "f" | "false" | "n" | "no" => Ok(false),
            "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
            _ => Err(NoTruth::Unclear),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Err(NoTruth::WrongType),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fields(body: Value) -> Fields {
        let Value::Object(object) = body else { unreachable!("tests pass objects") };
        Fields::new(object)
    }

    fn detail(invalid: Invalid) -> Value {
        serde_json::to_value(invalid).expect("plain data")
    }

    #[test]
    fn all_errors_are_told_in_order() {
        let mut fields = fields(json!({"email": "x", "remember": "maybe", "other": 1}));
        let values = (fields.email("email"), fields.string("password"), fields.bool_or("remember", false));
        assert_eq!(
            detail(fields.finish(values).expect_err("invalid")),
            json!([
                {
                    "type": "value_error",
                    "loc": ["body", "email"],
                    "msg": "value is not a valid email address: An email address must have an @-sign.",
                    "ctx": {"reason": "An email address must have an @-sign."}
                },
                {"type": "missing", "loc": ["body", "password"], "msg": "Field required"},
                {
                    "type": "bool_parsing",
                    "loc": ["body", "remember"],
                    "msg": "Input should be a valid boolean, unable to interpret input"
                },
            ])
        );
    }

    #[test]
    fn values_come_out_when_all_is_well() {
        let mut fields = fields(json!({"email": " Ada@Example.com", "password": "", "remember": "YES"}));
        let values = (fields.email("email"), fields.string("password"), fields.bool_or("remember", false));
        let (email, password, remember) = fields.finish(values).expect("valid");
        assert_eq!((email.as_str(), password.as_str(), remember), ("ada@example.com", "", true));
    }

    #[test]
    fn null_is_not_absent() {
        for (body, expected) in [
            (json!({}), Some(None)),
            (json!({"x": null}), Some(None)),
            (json!({"x": "y"}), Some(Some("y".to_owned()))),
            (json!({"x": 1}), None),
        ] {
            assert_eq!(fields(body).optional_string("x"), expected);
        }
        let mut fields = fields(json!({"x": null}));
        let value = (fields.string("x"),);
        assert_eq!(detail(fields.finish(value).expect_err("invalid"))[0]["type"], "string_type");
    }

    #[test]
    fn truth_is_lax() {
        let yes = [
            json!(true),
            json!(1),
            json!(1.0),
            json!("1"),
            json!("t"),
            json!("On"),
            json!("YES"),
            json!("y"),
        ];
        let no = [json!(false), json!(0), json!(-0.0), json!("0"), json!("F"), json!("off"), json!("no")];
        let unclear = [
            json!(2),
            json!(-1),
            json!(2.0),
            json!(""),
            json!("2"),
            json!(" true"),
            json!("1.0"),
            json!("ｏn"),
        ];
        let wrong = [json!(null), json!([]), json!({}), json!(0.5), json!(1e300), json!(u64::MAX)];
        for (values, expected) in [
            (&yes[..], Ok(true)),
            (&no[..], Ok(false)),
            (&unclear[..], Err(NoTruth::Unclear)),
            (&wrong[..], Err(NoTruth::WrongType)),
        ] {
            for value in values {
                assert_eq!(truth(value), expected, "{value}");
            }
        }
    }

    #[test]
    fn each_bad_item_of_a_list_is_told() {
        let list = |body: Value, default: Option<Vec<String>>| {
            let mut fields = fields(body);
            let values = (fields.strings("x", default),);
            fields.finish(values).map(|(list,)| list).map_err(detail)
        };
        assert_eq!(list(json!({"x": ["a", "b"]}), None), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(list(json!({}), Some(vec![])), Ok(vec![]));
        assert_eq!(
            list(json!({"x": ["a", 1, null]}), None),
            Err(json!([
                {"type": "string_type", "loc": ["body", "x", 1], "msg": "Input should be a valid string"},
                {"type": "string_type", "loc": ["body", "x", 2], "msg": "Input should be a valid string"},
            ]))
        );
        assert_eq!(
            list(json!({"x": "a"}), Some(vec![])),
            Err(json!([{"type": "list_type", "loc": ["body", "x"], "msg": "Input should be a valid list"}]))
        );
        assert_eq!(
            list(json!({}), None),
            Err(json!([{"type": "missing", "loc": ["body", "x"], "msg": "Field required"}]))
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("ada@example.com")),
        ];
        leaf.prop_recursive(2, 12, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
    }

    proptest! {
        #[test]
        fn values_or_errors_never_both_never_neither(
            email in prop::option::of(any_json()),
            password in prop::option::of(any_json()),
            remember in prop::option::of(any_json()),
        ) {
            let given = [("email", email), ("password", password), ("remember", remember)];
            let object: JsonObject = given
                .into_iter()
                .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
                .collect();
            let is_string = |name: &str| object.get(name).is_some_and(Value::is_string);
            let (has_email, has_password) = (is_string("email"), is_string("password"));

            let mut fields = Fields::new(object);
            let values = (fields.email("email"), fields.string("password"), fields.bool_or("remember", false));
            match fields.finish(values) {
                Ok(_) => prop_assert!(has_email && has_password),
                Err(invalid) => {
                    let detail = detail(invalid);
                    let errors = detail.as_array().expect("a list");
                    prop_assert!(!errors.is_empty() && errors.len() <= 3);
                    for error in errors {
                        prop_assert_eq!(&error["loc"][0], "body");
                        prop_assert!(error.get("input").is_none());
                    }
                }
            }
        }
    }
}

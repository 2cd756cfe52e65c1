//! From the library's errors to sentences: what was expected, in the words of TOML, and never the value that
//! was found, which may be nobody else's business.

use boon::{ErrorKind, InstanceLocation, InstanceToken, Type, ValidationError};
use serde_json::Value;

use super::misfit::{ConfigMisfit, Problem, Root, Step};
use crate::text::{nearest, one_line};

/// Longer lists of alternatives are cut.
const MAX_TEXT: usize = 300;

/// All that does not fit.
pub(super) fn of(root: Root, schema: &Value, error: &ValidationError<'_, '_>) -> ConfigMisfit {
    let mut problems = Vec::new();
    Writer { root, schema }.collect(error, &mut problems);
    problems.into()
}

struct Writer<'a> {
    root: Root,
    schema: &'a Value,
}

impl Writer<'_> {
    fn collect(&self, error: &ValidationError<'_, '_>, problems: &mut Vec<Problem>) {
        let path = path(&error.instance_location);
        let mut at = |steps: Vec<Step>, message: String| {
            problems.push(Problem::new(self.root, steps, one_line(&message, MAX_TEXT)));
        };
        let below = |key: &str| [&path[..], &[Step::Key(key.to_owned())]].concat();
        match &error.kind {
            ErrorKind::Required { want } => {
                want.iter().for_each(|key| at(below(key), "is missing".to_owned()));
            }
            ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
                missing.iter().for_each(|key| at(below(key), format!("is missing, which `{prop}` needs")));
            }
            ErrorKind::AdditionalProperties { got } => {
                got.iter().for_each(|key| at(below(key), self.unknown(error.schema_url, key)));
            }
            ErrorKind::AnyOf | ErrorKind::OneOf(None) => at(path, self.alternatives(error)),
            kind => match message(kind) {
                Some(message) => at(path, message),
                None => error.causes.iter().for_each(|cause| self.collect(cause, problems)),
            },
        }
    }

    /// A key that the schema has no place for.
    fn unknown(&self, schema_url: &str, key: &str) -> String {
        let pointer = schema_url.split_once('#').map_or("", |(_, pointer)| pointer);
        let properties = self.schema.pointer(pointer).and_then(|schema| schema.get("properties"));
        let known = properties.and_then(Value::as_object).map(|known| known.keys().map(String::as_str));
        match known.and_then(|known| nearest(key, known)) {
            Some(nearest) => format!("is unknown; did you mean `{nearest}`?"),
            None => "is unknown".to_owned(),
        }
    }

    fn alternatives(&self, error: &ValidationError<'_, '_>) -> String {
        let mut problems = Vec::new();
        error.causes.iter().for_each(|cause| self.collect(cause, &mut problems));
        let mut messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
        messages.dedup();
        format!("fits none of what it may be: {}", messages.join("; "))
    }
}

fn path(location: &InstanceLocation<'_>) -> Vec<Step> {
    let step = |token: &InstanceToken<'_>| match token {
        InstanceToken::Prop(key) => Step::Key(key.to_string()),
        InstanceToken::Item(index) => Step::Item(*index),
    };
    location.tokens.iter().map(step).collect()
}

/// What was expected. None for what only says that something inside of it does not fit.
fn message(kind: &ErrorKind<'_, '_>) -> Option<String> {
    Some(match kind {
        ErrorKind::Type { got, want } => {
            let want: Vec<_> = want.iter().map(name).collect();
            format!("must be {}, not {}", want.join(" or "), name(*got))
        }
        ErrorKind::Enum { want } => {
            let want: Vec<_> = want.iter().map(ToString::to_string).collect();
            format!("must be one of {}", want.join(", "))
        }
        ErrorKind::Const { want } => format!("must be {want}"),
        ErrorKind::Format { want, .. } => format!("must be a valid {want}"),
        ErrorKind::Pattern { want, .. } => format!("must match the pattern `{want}`"),
        ErrorKind::Minimum { want, .. } => format!("must be at least {want}"),
        ErrorKind::Maximum { want, .. } => format!("must be at most {want}"),
        ErrorKind::ExclusiveMinimum { want, .. } => format!("must be more than {want}"),
        ErrorKind::ExclusiveMaximum { want, .. } => format!("must be less than {want}"),
        ErrorKind::MultipleOf { want, .. } => format!("must be a multiple of {want}"),
        ErrorKind::MinLength { got, want } => format!("must have at least {want} characters, not {got}"),
        ErrorKind::MaxLength { got, want } => format!("must have at most {want} characters, not {got}"),
        ErrorKind::MinItems { got, want } => format!("must have at least {want} items, not {got}"),
        ErrorKind::MaxItems { got, want } => format!("must have at most {want} items, not {got}"),
        ErrorKind::MinProperties { got, want } => format!("must have at least {want} keys, not {got}"),
        ErrorKind::MaxProperties { got, want } => format!("must have at most {want} keys, not {got}"),
        ErrorKind::AdditionalItems { got } => format!("has {got} items more than it may"),
        ErrorKind::UniqueItems { got: [a, b] } => format!("has the same item twice: [{a}] and [{b}]"),
        ErrorKind::PropertyName { prop } => format!("has a key that it may not have: `{prop}`"),
        ErrorKind::FalseSchema => "is not allowed".to_owned(),
        ErrorKind::Not => "is what the schema excludes".to_owned(),
        ErrorKind::OneOf(Some(_)) => "fits more than one of what it may be".to_owned(),
        ErrorKind::RefCycle { .. } => "is held against a schema that refers to itself".to_owned(),
        ErrorKind::Contains | ErrorKind::MinContains { .. } => {
            "lacks an item that the schema wants".to_owned()
        }
        ErrorKind::MaxContains { want, .. } => format!("may have at most {want} items of a kind"),
        _ => return None,
    })
}

/// What TOML calls a type.
const fn name(of: Type) -> &'static str {
    match of {
        Type::Null => "null",
        Type::Boolean => "a boolean",
        Type::Number => "a number",
        Type::Integer => "an integer",
        Type::String => "a string",
        Type::Array => "an array",
        Type::Object => "a table",
    }
}

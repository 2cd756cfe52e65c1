//! `[config_schema]` of a manifest: a JSON Schema that the plugin's settings have to fit.

mod misfit;
mod sentence;

use boon::{CompileError, Compiler, Draft, SchemaIndex, Schemas, SchemeUrlLoader};
use serde_json::Value;

pub use self::misfit::ConfigMisfit;
use self::misfit::{Problem, Root};
use crate::plugin::config::PluginConfig;
use crate::text::one_line;

/// What the schema is called inside the library; nothing is ever loaded from anywhere.
const PLACE: &str = "mem:///config_schema";

/// A JSON Schema, draft 2020-12 unless its `$schema` says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSchema(Value);

impl ConfigSchema {
    /// A schema.
    ///
    /// # Errors
    /// Where and why it is none.
    pub(crate) fn new(schema: Value) -> Result<Self, ConfigMisfit> {
        let schema = Self(schema);
        schema.compile().map(drop)?;
        Ok(schema)
    }

    /// Holds settings against the schema.
    ///
    /// # Errors
    /// What does not fit, each by its key and with what was expected. The settings' values are not in it.
    pub fn check(&self, config: &PluginConfig) -> Result<(), ConfigMisfit> {
        let (schemas, index) = self.compile()?;
        let config = serde_json::from_str(config.as_json()).unwrap_or_default();
        schemas.validate(&config, index).map_err(|error| sentence::of(Root::Config, &self.0, &error))
    }

    fn compile(&self) -> Result<(Schemas, SchemaIndex), ConfigMisfit> {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        // Without this it would read files.
        compiler.use_loader(Box::new(SchemeUrlLoader::new()));
        if let Err(error) = compiler.add_resource(PLACE, self.0.clone()) {
            return Err(self.no_schema(&error));
        }
        let index = compiler.compile(PLACE, &mut schemas).map_err(|error| self.no_schema(&error))?;
        Ok((schemas, index))
    }

    fn no_schema(&self, error: &CompileError) -> ConfigMisfit {
        let message = match error {
            CompileError::ValidationError { src, .. } => return sentence::of(Root::Schema, &self.0, src),
            CompileError::LoadUrlError { url, .. } | CompileError::UnsupportedUrlScheme { url } => {
                format!("refers to `{}`, but it has to be whole in itself", one_line(url, 200))
            }
            CompileError::InvalidRegex { regex, .. } => {
                format!("has a pattern that is no regular expression: `{}`", one_line(regex, 200))
            }
            other => one_line(&other.to_string().replace(PLACE, "config_schema"), 300),
        };
        Problem::new(Root::Schema, Vec::new(), message).into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(schema: &Value, config: Value) -> String {
        let Value::Object(config) = config else { panic!("settings are a table") };
        let schema = ConfigSchema::new(schema.clone()).expect("a schema");
        match schema.check(&PluginConfig::from_json(config)) {
            Ok(()) => String::new(),
            Err(misfit) => misfit.to_string(),
        }
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_key_with_what_was_expected() {
        let schema = json!({
            "type": "object",
            "required": ["url"],
            "additionalProperties": false,
            "properties": {
                "url": { "type": "string", "format": "uri", "pattern": "^https://" },
                "seats": { "type": "integer", "minimum": 1, "maximum": 9 },
                "plan": { "enum": ["free", "pro"] },
                "domains": { "type": "array", "maxItems": 2, "uniqueItems": true, "items": { "type": "string" } },
                "limit": { "anyOf": [{ "type": "integer" }, { "const": "none" }] },
                "users": { "additionalProperties": { "$ref": "#/$defs/user" } }
            },
            "$defs": { "user": { "properties": { "age": { "exclusiveMinimum": 0 } } } }
        });
        let url = "https://a.example/";
        assert_eq!(
            problem(&schema, json!({ "url": url, "seats": 3, "domains": ["a"], "limit": "none" })),
            ""
        );
        for (config, sentence) in [
            (json!({}), "`config.url` is missing"),
            (json!({ "url": url, "seats": "many" }), "`config.seats` must be an integer, not a string"),
            (json!({ "url": url, "seats": 1.5 }), "`config.seats` must be an integer, not a number"),
            (json!({ "url": url, "seats": 0 }), "`config.seats` must be at least 1"),
            (json!({ "url": url, "seats": 10 }), "`config.seats` must be at most 9"),
            (json!({ "url": url, "plan": "gold" }), "`config.plan` must be one of \"free\", \"pro\""),
            (json!({ "url": url, "domains": "a" }), "`config.domains` must be an array, not a string"),
            (
                json!({ "url": url, "domains": ["a", 7] }),
                "`config.domains[1]` must be a string, not a number",
            ),
            (
                json!({ "url": url, "domains": ["a", "a"] }),
                "`config.domains` has the same item twice: [0] and [1]",
            ),
            (
                json!({ "url": url, "domains": ["a", "b", "c"] }),
                "`config.domains` must have at most 2 items, not 3",
            ),
            (json!({ "url": "ftp://a" }), "`config.url` must match the pattern `^https://`"),
            (json!({ "url": "https://a b" }), "`config.url` must be a valid uri"),
            (json!({ "url": url, "seat": 1 }), "`config.seat` is unknown; did you mean `seats`?"),
            (
                json!({ "url": url, "limit": true }),
                "`config.limit` fits none of what it may be: must be an integer, not a boolean; must be \"none\"",
            ),
            (
                json!({ "url": url, "users": { "ada@example.com": { "age": 0 } } }),
                "`config.users.\"ada@example.com\".age` must be more than 0",
            ),
        ] {
            assert_eq!(problem(&schema, config.clone()), sentence, "{config}");
        }
        let several = problem(&schema, json!({ "seats": "a", "plan": 1 }));
        for part in ["`config.url` is missing; ", "`config.seats` must be", "`config.plan` must be"] {
            assert!(several.contains(part), "{several}");
        }
    }

    #[test]
    fn values_are_not_told() {
        let schema = json!({ "properties": {
            "a": { "type": "integer" }, "b": { "pattern": "^x" }, "c": { "maxLength": 3 }, "d": { "format": "email" },
            "e": { "enum": ["x"] }, "f": { "not": { "type": "string" } },
        } });
        let config = json!({
            "a": "s3cret", "b": "s3cret", "c": "s3cret", "d": "s3cret", "e": "s3cret", "f": "s3cret"
        });
        let text = problem(&schema, config);
        assert!(!text.is_empty() && !text.contains("s3cret"), "{text}");
    }

    #[test]
    fn what_is_no_schema_or_lies_elsewhere_is_refused() {
        for (schema, part) in [
            (json!({ "type": "sting" }), "`config_schema.type` fits none of what it may be: must be one of"),
            (
                json!({ "properties": { "a": { "minimum": "x" } } }),
                "`config_schema.properties.a.minimum` must be a number, not a string",
            ),
            (
                json!({ "$ref": "https://example.com/schema.json" }),
                "`config_schema` refers to `https://example.com/schema.json`",
            ),
            (json!({ "$ref": "file:///etc/passwd" }), "`config_schema` refers to `file:///etc/passwd`"),
            (json!({ "$ref": "#/$defs/none" }), "`config_schema` json-pointer in"),
            (json!({ "pattern": "(" }), "`config_schema.pattern` must be a valid regex"),
        ] {
            let error = ConfigSchema::new(schema.clone()).expect_err("no schema").to_string();
            assert!(error.contains(part), "{schema}: {error}");
        }
    }

    #[test]
    fn earlier_drafts_are_understood() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": { "n": { "type": "integer" } },
            "properties": { "n": { "$ref": "#/definitions/n" } }
        });
        assert_eq!(problem(&schema, json!({ "n": "x" })), "`config.n` must be an integer, not a string");
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({ "$ref": "#" });
        let error = ConfigSchema::new(schema).and_then(|schema| schema.check(&PluginConfig::default()));
        assert!(error.is_err());
        let tree = json!({ "properties": { "next": { "$ref": "#" }, "n": { "type": "integer" } } });
        assert_eq!(
            problem(&tree, json!({ "next": { "next": { "n": "x" } } })),
            "`config.next.next.n` must be an integer, not a string"
        );
    }
}

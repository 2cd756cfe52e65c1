//! The manifest's `[config_schema]`: a JSON Schema that `[config]` has to fit.

use jsonschema::PatternOptions;
use serde_json::Value;

use crate::text::one_line;

/// More than these nobody reads at once.
const MAX_PROBLEMS: usize = 5;

/// Holds settings against a schema.
///
/// # Errors
/// What does not fit, each with its key; or that the schema itself is none.
pub(crate) fn check(schema: &Value, config: &Value) -> Result<(), String> {
    // The linear engine: a pattern must not be able to hold up the loading of plugins.
    let validator = jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| {
            let at = path("config_schema", error.instance_path().as_str());
            format!("`{at}` is not a JSON Schema: {}", one_line(&error.to_string(), 300))
        })?;
    let problems: Vec<String> = validator
        .iter_errors(config)
        .take(MAX_PROBLEMS)
        .map(|error| {
            let at = path("config", error.instance_path().as_str());
            format!("`{at}`: {}", one_line(&error.to_string(), 300))
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

/// A JSON Pointer as TOML writes keys: `config.limits.0`.
fn path(root: &str, pointer: &str) -> String {
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    std::iter::once(root.to_owned()).chain(keys).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_named_by_its_key() {
        let schema = json!({
            "type": "object",
            "required": ["url"],
            "additionalProperties": false,
            "properties": {
                "url": { "type": "string", "pattern": "^https://" },
                "seats": { "type": "integer", "minimum": 1 },
                "domains": { "type": "array", "items": { "type": "string" } }
            }
        });
        let check = |config: Value| check(&schema, &config);
        assert_eq!(check(json!({ "url": "https://a.example", "seats": 3, "domains": ["a"] })), Ok(()));
        for (config, text) in [
            (json!({}), "`config`: \"url\" is a required property"),
            (
                json!({ "url": "https://a", "seats": "many" }),
                "`config.seats`: \"many\" is not of type \"integer\"",
            ),
            (
                json!({ "url": "https://a", "domains": ["a", 7] }),
                "`config.domains.1`: 7 is not of type \"string\"",
            ),
            (json!({ "url": "ftp://a" }), "`config.url`: "),
            (json!({ "url": "https://a", "sets": 1 }), "'sets' was unexpected"),
        ] {
            let error = check(config).expect_err("it does not fit");
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn what_is_no_schema_or_refers_to_elsewhere_is_refused() {
        for schema in [
            json!({ "type": "sting" }),
            json!({ "properties": { "a": { "minimum": "x" } } }),
            json!({ "$ref": "https://example.com/schema.json" }),
            json!({ "$ref": "file:///etc/passwd" }),
        ] {
            let error = check(&schema, &json!({})).expect_err("no schema");
            assert!(error.contains("is not a JSON Schema"), "{error}");
        }
    }
}

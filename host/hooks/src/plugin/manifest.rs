//! `NAME.toml` beside `NAME.wasm`: what the operator wants of one plugin.

use std::collections::BTreeMap;
use std::ops::Range;

use hookgate_core::JsonObject;
use hookgate_core::hooks::{FailurePolicy, Hook};
use serde::Deserialize;
use serde_json::Value as Json;
use toml::de::DeTable;
use toml::{Spanned, Table, Value};

use super::config::PluginConfig;
use super::config_schema::ConfigSchema;
use super::limits::{LimitError, Limits, LimitsChange};
use super::reuse::Reuse;
use super::secrets::SecretSource;
use crate::contract::capability::Capability;
use crate::http::HttpGrant;
use crate::text::{nearest, one_line};

const KEYS: [&str; 12] = [
    "order",
    "enabled",
    "hooks",
    "grants",
    "http",
    "secrets",
    "smoke_call",
    "on_failure",
    "limits",
    "reuse",
    "config",
    "config_schema",
];

/// What the operator wants of one plugin. `Default` is a plugin without a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Lower comes first in the chain; plugins of the same order go by name.
    pub order: i64,
    /// A plugin that is not enabled is not loaded.
    pub enabled: bool,
    /// The hooks that it is used for; without it all that it exports.
    pub hooks: Option<Vec<Hook>>,
    /// What it may import; without it [`Capability::BY_DEFAULT`].
    pub grants: Option<Vec<Capability>>,
    /// Where it may send requests.
    pub http: HttpGrant,
    /// What it may use without reading it.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Whether a new version is asked made-up questions before it replaces an old one.
    pub smoke_call: bool,
    /// What becomes of a request when it fails, where that is not [`FailurePolicy::Error`].
    pub on_failure: BTreeMap<Hook, FailurePolicy>,
    /// Limits that differ from the server's defaults.
    pub limits: LimitsChange,
    /// Whether its instances may serve more than one call. Without it each call has its own.
    pub reuse: Option<Reuse>,
    /// What `config` answers.
    pub config: PluginConfig,
    /// What the settings have to fit.
    pub config_schema: Option<ConfigSchema>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            order: 0,
            enabled: true,
            hooks: None,
            grants: None,
            http: HttpGrant::default(),
            secrets: BTreeMap::new(),
            smoke_call: true,
            on_failure: BTreeMap::new(),
            limits: LimitsChange::default(),
            reuse: None,
            config: PluginConfig::default(),
            config_schema: None,
        }
    }
}

/// Why a manifest can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct ManifestError {
    /// Where, if it is in one place.
    pub line: Option<usize>,
    /// What, and what to do.
    pub message: String,
}

impl From<LimitError> for ManifestError {
    fn from(error: LimitError) -> Self {
        Self { line: None, message: error.to_string() }
    }
}

impl Manifest {
    /// Parses a manifest.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let reader = Reader { text };
        let table = DeTable::parse(text).map_err(|error| reader.toml(&error))?;
        reader.check_keys(table.get_ref(), &KEYS)?;
        if let Some(limits) = table.get_ref().get("limits").and_then(|limits| limits.get_ref().as_table()) {
            reader.check_keys(limits, Limits::NAMES)?;
        }
        if let Some(http) = table.get_ref().get("http").and_then(|http| http.get_ref().as_table()) {
            reader.check_keys(http, HttpGrant::KEYS)?;
        }
        if let Some(reuse) = table.get_ref().get("reuse").and_then(|reuse| reuse.get_ref().as_table()) {
            reader.check_keys(reuse, Reuse::KEYS)?;
        }
        let raw: Raw = toml::from_str(text).map_err(|error| reader.toml(&error))?;
        let hooks = raw.hooks.map(|names| reader.hooks(&names)).transpose()?;
        let grants = raw.grants.map(|names| reader.grants(&names)).transpose()?;
        let config = PluginConfig::from_json(object("config", raw.config)?);
        let config_schema = reader.schema(table.get_ref(), raw.config_schema, &config)?;
        reader.check_tables(table.get_ref(), grants.as_deref().unwrap_or_default())?;
        Ok(Self {
            order: raw.order,
            enabled: raw.enabled,
            hooks,
            grants,
            http: raw.http,
            secrets: raw.secrets,
            smoke_call: raw.smoke_call,
            on_failure: reader.policies(&raw.on_failure)?,
            limits: raw.limits,
            reuse: reader.reuse(table.get_ref(), raw.reuse)?,
            config,
            config_schema,
        })
    }

    /// What it may import.
    #[must_use]
    pub fn granted(&self) -> &[Capability] {
        self.grants.as_deref().unwrap_or(Capability::BY_DEFAULT)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    order: i64,
    #[serde(default = "yes")]
    enabled: bool,
    hooks: Option<Vec<Spanned<String>>>,
    grants: Option<Vec<Spanned<String>>>,
    #[serde(default = "yes")]
    smoke_call: bool,
    #[serde(default)]
    on_failure: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    http: HttpGrant,
    #[serde(default)]
    secrets: BTreeMap<String, SecretSource>,
    #[serde(default)]
    limits: LimitsChange,
    reuse: Option<Reuse>,
    #[serde(default)]
    config: Table,
    config_schema: Option<Table>,
}

const fn yes() -> bool {
    true
}

/// Knows where things are in the text.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn error(&self, at: Option<Range<usize>>, message: String) -> ManifestError {
        let line = at.and_then(|at| self.text.get(..at.start)).map(|before| before.matches('\n').count() + 1);
        ManifestError { line, message }
    }

    fn toml(&self, error: &toml::de::Error) -> ManifestError {
        let mut message = one_line(error.message(), 300);
        if let Some((found, number)) = message.split_once(", expected ")
            && matches!(number, "i32" | "i64" | "u32" | "u64" | "usize")
        {
            message = format!("{found}, expected a whole number");
        }
        // Of a value of the wrong type the parser names what it found, and not for what.
        let key =
            error.span().and_then(|at| self.key_before(at.start)).filter(|_| message.starts_with("invalid"));
        let message = key.map(|key| format!("`{key}`: {message}")).unwrap_or(message);
        self.error(error.span(), message)
    }

    /// The key of the line in which a value begins.
    fn key_before(&self, at: usize) -> Option<String> {
        let line = self.text.get(..at)?.rsplit('\n').next()?;
        let key = line.split_once('=')?.0.trim();
        (!key.is_empty()).then(|| one_line(key, 64))
    }

    fn check_keys(&self, table: &DeTable<'_>, known: &[&str]) -> Result<(), ManifestError> {
        match table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
            Some(key) => {
                let message = unknown("key", key.get_ref(), known);
                Err(self.error(Some(key.span()), message))
            }
            None => Ok(()),
        }
    }

    /// A table that describes a grant which was not made would promise what is not so.
    fn check_tables(&self, table: &DeTable<'_>, grants: &[Capability]) -> Result<(), ManifestError> {
        for (name, needs) in
            [("http", &[Capability::Http][..]), ("secrets", &[Capability::Secrets, Capability::Http])]
        {
            if let Some((key, _)) = table.get_key_value(name)
                && !needs.iter().any(|capability| grants.contains(capability))
            {
                let message = format!("[{name}] grants nothing by itself; add \"{name}\" to `grants`, too");
                return Err(self.error(Some(key.span()), message));
            }
        }
        Ok(())
    }

    fn reuse(&self, table: &DeTable<'_>, reuse: Option<Reuse>) -> Result<Option<Reuse>, ManifestError> {
        let Some((name, message)) = reuse.and_then(|reuse| reuse.check().err()) else { return Ok(reuse) };
        let table = table.get("reuse").and_then(|reuse| reuse.get_ref().as_table());
        let key = table.and_then(|table| table.get_key_value(name));
        Err(self.error(key.map(|(key, _)| key.span()), message))
    }

    /// The schema, which the settings fit.
    fn schema(
        &self,
        table: &DeTable<'_>,
        schema: Option<Table>,
        config: &PluginConfig,
    ) -> Result<Option<ConfigSchema>, ManifestError> {
        let Some(schema) = schema else { return Ok(None) };
        let schema = Json::Object(object("config_schema", schema)?);
        ConfigSchema::new(schema)
            .and_then(|schema| schema.check(config).map(|()| Some(schema)))
            .map_err(|misfit| self.error(misfit.place(table), misfit.to_string()))
    }

    fn hooks(&self, names: &[Spanned<String>]) -> Result<Vec<Hook>, ManifestError> {
        names.iter().map(|name| self.hook(name)).collect()
    }

    fn hook(&self, name: &Spanned<String>) -> Result<Hook, ManifestError> {
        let known: Vec<_> = Hook::ALL.iter().map(|hook| hook.name()).collect();
        Hook::from_name(name.get_ref())
            .ok_or_else(|| self.error(Some(name.span()), unknown("hook", name.get_ref(), &known)))
    }

    fn policies(
        &self,
        table: &BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> Result<BTreeMap<Hook, FailurePolicy>, ManifestError> {
        let known = FailurePolicy::ALL.map(FailurePolicy::name);
        let mut policies = BTreeMap::new();
        for (name, word) in table {
            let hook = self.hook(name)?;
            let policy = FailurePolicy::from_name(word.get_ref())
                .ok_or_else(|| self.error(Some(word.span()), unknown("policy", word.get_ref(), &known)))?;
            policy
                .suits(hook)
                .map_err(|why| self.error(Some(word.span()), format!("{hook} = \"{policy}\": {why}")))?;
            policies.insert(hook, policy);
        }
        Ok(policies)
    }

    fn grants(&self, names: &[Spanned<String>]) -> Result<Vec<Capability>, ManifestError> {
        let known: Vec<_> = Capability::ALL.iter().map(|capability| capability.name()).collect();
        let parse = |name: &Spanned<String>| {
            Capability::from_name(name.get_ref())
                .ok_or_else(|| self.error(Some(name.span()), unknown("grant", name.get_ref(), &known)))
        };
        names.iter().map(parse).collect()
    }
}

fn unknown(kind: &str, word: &str, known: &[&str]) -> String {
    let word = one_line(word, 64);
    match nearest(&word, known.iter().copied()) {
        Some(nearest) => format!("unknown {kind} `{word}`; did you mean `{nearest}`?"),
        None => format!("unknown {kind} `{word}`; known are {}", known.join(", ")),
    }
}

/// A value as JSON. Dates become strings; a number that JSON can't express is an error that names its `path`.
fn json(path: &str, value: Value) -> Result<Json, ManifestError> {
    Ok(match value {
        Value::String(text) => Json::String(text),
        Value::Integer(number) => number.into(),
        Value::Boolean(truth) => Json::Bool(truth),
        Value::Datetime(date) => Json::String(date.to_string()),
        Value::Float(number) => match serde_json::Number::from_f64(number) {
            Some(number) => Json::Number(number),
            None => {
                let message = format!("`{path}` is {number}, which JSON can't express; write it as a string");
                return Err(ManifestError { line: None, message });
            }
        },
        Value::Array(values) => {
            let values = values.into_iter().map(|value| json(path, value)).collect::<Result<_, _>>()?;
            Json::Array(values)
        }
        Value::Table(table) => Json::Object(object(path, table)?),
    })
}

fn object(path: &str, table: Table) -> Result<JsonObject, ManifestError> {
    let member =
        |(key, value): (String, Value)| json(&format!("{path}.{key}"), value).map(|value| (key, value));
    table.into_iter().map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Manifest::parse(text).expect_err("a mistake").to_string()
    }

    #[test]
    fn an_empty_manifest_is_the_default() {
        assert_eq!(Manifest::parse(""), Ok(Manifest::default()));
    }

    #[test]
    fn everything_can_be_said() {
        let manifest = Manifest::parse(
            r#"
            order = -3
            enabled = false
            hooks = ["allow-signin", "modify_jwt"]
            grants = ["log"]
            [on_failure]
            allow-signin = "deny"
            modify_jwt = "skip"
            [limits]
            time_ms = 250
            [config]
            plan = "pro"
            seats = 3
            since = 2026-01-02
            nested = { list = [1, "two", true] }
            "#,
        )
        .expect("fine");
        assert_eq!((manifest.order, manifest.enabled), (-3, false));
        assert_eq!(manifest.hooks, Some(vec![Hook::AllowSignin, Hook::ModifyJwt]));
        assert_eq!(manifest.grants, Some(vec![Capability::Log]));
        let policies = [(Hook::AllowSignin, FailurePolicy::Deny), (Hook::ModifyJwt, FailurePolicy::Skip)];
        assert_eq!(manifest.on_failure, policies.into());
        assert_eq!(manifest.limits.time_ms, Some(250));
        assert_eq!(manifest.config.get("plan"), Some("pro"));
        assert_eq!(manifest.config.get("seats"), Some("3"));
        assert_eq!(manifest.config.get("since"), Some("2026-01-02"));
        assert_eq!(manifest.config.get("nested"), Some(r#"{"list":[1,"two",true]}"#));
        assert_eq!(manifest.config.get("absent"), None);
        assert!(manifest.config.as_json().contains(r#""seats":3"#));
    }

    #[test]
    fn mistakes_are_named_with_line_and_nearest_word() {
        assert_eq!(error("\noder = 1"), "line 2: unknown key `oder`; did you mean `order`?");
        assert_eq!(error("[limits]\ntime = 1"), "line 2: unknown key `time`; did you mean `time_ms`?");
        assert_eq!(
            error("hooks = [\"allow-sigin\"]"),
            "line 1: unknown hook `allow-sigin`; did you mean `allow-signin`?"
        );
        assert!(error("grants = [\n\"kw\"]").starts_with("line 2: unknown grant `kw`"));
        assert_eq!(
            error("[on_failure]\nallow-signin = \"denny\""),
            "line 2: unknown policy `denny`; did you mean `deny`?"
        );
        assert_eq!(
            error("[on_failure]\n\nmodify-jwt = \"deny\""),
            "line 3: modify-jwt = \"deny\": it changes things and has nobody to deny; write \"error\" or \"skip\""
        );
        assert!(
            error("[on_failure]\non-signup = \"skip\"")
                .starts_with("line 2: on-signup = \"skip\": it is an event")
        );
        assert!(error("[on_failure]\nallow-sigin = \"deny\"").contains("did you mean `allow-signin`?"));
        assert_eq!(
            error("order = \"x\""),
            "line 1: `order`: invalid type: string \"x\", expected a whole number"
        );
        assert!(error("order = ").starts_with("line 1: "));
        assert!(error("[config]\nx = nan").contains("`config.x` is NaN"));
    }

    #[test]
    fn reuse_is_off_unless_its_table_is_there() {
        assert_eq!(Manifest::parse("").expect("fine").reuse, None);
        assert_eq!(Manifest::parse("[reuse]").expect("fine").reuse, Some(Reuse::default()));
        let reuse = Reuse { max_calls: 7, max_memory_bytes: Some(1 << 20), ..Reuse::default() };
        let parsed = Manifest::parse("[reuse]\nmax_calls = 7\nmax_memory_bytes = 1048576").expect("fine");
        assert_eq!(parsed.reuse, Some(reuse));
    }

    #[test]
    fn mistakes_in_reuse_are_named() {
        assert_eq!(
            error("[reuse]\nmax_cals = 7"),
            "line 2: unknown key `max_cals`; did you mean `max_calls`?"
        );
        assert_eq!(error("[reuse]\nmax_calls = 1"), "line 2: `max_calls` = 1 is not between 2 and 1000000");
        assert_eq!(
            error("[reuse]\n\nmax_memory_bytes = 0"),
            "line 3: `max_memory_bytes` = 0 must be at least 1"
        );
        assert!(error("reuse = true").starts_with("line 1: `reuse`: invalid type"));
    }

    #[test]
    fn settings_have_to_fit_their_schema() {
        let schema =
            "[config_schema.properties]\nseats = { type = \"integer\" }\ntags.items.type = \"string\"\n";
        let manifest = Manifest::parse(&format!("[config]\nseats = 3\n{schema}")).expect("fits");
        assert!(manifest.config_schema.is_some());
        assert_eq!(
            error(&format!("[config]\na = 1\nseats = \"many\"\n{schema}")),
            "line 3: `config.seats` must be an integer, not a string"
        );
        assert_eq!(
            error(&format!("{schema}[config]\ntags = [\n\"a\",\n7]")),
            "line 7: `config.tags[1]` must be a string, not a number"
        );
        assert_eq!(
            error("[config_schema]\nrequired = [\"url\"]\n[config]\n"),
            "line 3: `config.url` is missing"
        );
        assert_eq!(error("[config_schema]\nrequired = [\"url\"]"), "`config.url` is missing");
        assert!(
            error("[config_schema]\n\nrequired = \"url\"").starts_with("line 3: `config_schema.required`")
        );
        assert!(error("config_schema = \"file.json\"").starts_with("line 1: `config_schema`: invalid type"));
        assert!(error("[config_schma]").contains("did you mean `config_schema`?"));
    }

    #[test]
    fn a_misspelt_key_in_config_is_the_plugins_own() {
        assert!(Manifest::parse("[config]\noder = 1").is_ok());
    }
}

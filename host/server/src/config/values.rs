//! From a file and the environment to checked values, by the table of keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hookgate_http::Rate;
use toml::{Table, Value};

use super::error::ConfigError;
use super::keys::{self, KEYS, Key, Kind, spellings};
use super::secret_file;

/// The settings that were given, each of the right type and within its bounds.
#[derive(Default)]
pub(crate) struct Values {
    given: BTreeMap<&'static str, Value>,
    /// The paths of files that hold secrets, by the name of the secret.
    files: BTreeMap<&'static str, String>,
}

/// Names alone: values may be secrets.
impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.given.keys()).entries(self.files.keys()).finish()
    }
}

impl Values {
    /// Reads a configuration file.
    pub(crate) fn read(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let table: Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            message: error.to_string().trim_end().replace('\n', "\n  "),
        })?;
        self.add_table(&path.display().to_string(), "", table)
    }

    fn add_table(&mut self, origin: &str, prefix: &str, table: Table) -> Result<(), ConfigError> {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            match value {
                Value::Table(inner) if is_table(&name) && keys::find(&name).is_none() => {
                    self.add_table(origin, &format!("{name}."), inner)?;
                }
                value => self.set(origin, &name, value)?,
            }
        }
        Ok(())
    }

    /// Reads the variables that begin with `HOOKGATE_`. A list is written with commas.
    pub(crate) fn read_environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (variable, text) in variables.filter(|(name, _)| name.starts_with("HOOKGATE_")) {
            // Both spellings of a nested key are common: HOOKGATE_JWT_ISSUER, HOOKGATE_JWT__ISSUER.
            let plain = variable.replace("__", "_");
            let Some(spelling) = spellings().find(|spelling| spelling.variable == plain) else {
                let nearest = nearest(&plain, spellings().map(|spelling| spelling.variable));
                return Err(ConfigError::Unknown {
                    origin: "environment".to_owned(),
                    name: variable,
                    nearest,
                });
            };
            let value = if spelling.is_file { Value::from(text) } else { parse(spelling.key.kind, &text) };
            self.set(&format!("environment variable {variable}"), &spelling.name, value)?;
        }
        Ok(())
    }

    /// Sets one value, from a flag for example.
    pub(crate) fn set(&mut self, origin: &str, name: &str, value: Value) -> Result<(), ConfigError> {
        let Some(spelling) = spellings().find(|spelling| spelling.name == name) else {
            return Err(ConfigError::Unknown {
                origin: origin.to_owned(),
                name: name.to_owned(),
                nearest: nearest(name, spellings().map(|spelling| spelling.name)),
            });
        };
        let key = spelling.key;
        if let Some(expected) = complaint(key.kind, &value) {
            // The value itself may be a secret.
            let found = match &value {
                Value::String(_) if matches!(key.kind, Kind::Choice(_) | Kind::Rate) => value.to_string(),
                Value::Integer(number) => number.to_string(),
                other => format!("a value of type {}", other.type_str()),
            };
            let (origin, name) = (origin.to_owned(), name.to_owned());
            return Err(ConfigError::Type { origin, name, expected, found });
        }
        match value {
            Value::String(path) if spelling.is_file => drop(self.files.insert(key.name, path)),
            value => drop(self.given.insert(key.name, value)),
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<Value> {
        let key = keys::find(name);
        debug_assert!(key.is_some(), "`{name}` is in the table of keys");
        self.given.get(name).cloned().or_else(|| key.and_then(default_of))
    }

    /// A secret, read from its file if it is given as one.
    pub(crate) fn secret(&self, name: &str) -> Result<Option<String>, ConfigError> {
        secret_file::either(name, self.text(name), self.files.get(name).cloned())
    }

    /// Whether somebody set it, whatever its default.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name) || self.files.contains_key(name)
    }

    /// The file that a secret stands in, if it does.
    pub(crate) fn file(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|value| value.as_str().map(str::to_owned))
    }

    /// A rate; none for `off`.
    pub(crate) fn rate(&self, name: &str) -> Option<Rate> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(|value| value.as_bool())
    }

    /// A number; none if it was not given and has no default.
    pub(crate) fn int<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        self.get(name).and_then(|value| value.as_integer()).and_then(|number| T::try_from(number).ok())
    }

    /// A number that has a default.
    pub(crate) fn number<T: TryFrom<i64>>(&self, name: &str) -> Result<T, ConfigError> {
        self.int(name).ok_or_else(|| ConfigError::Invalid(format!("`{name}` is out of range")))
    }

    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let value = self.get(name);
        let items = value.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A table of texts, those in files included.
    pub(crate) fn pairs(&self, name: &str) -> Result<Vec<(String, String)>, ConfigError> {
        let Some(Value::Table(table)) = self.get(name) else { return Ok(Vec::new()) };
        let bare = |key: &String| key.strip_suffix(secret_file::SUFFIX).unwrap_or(key).to_owned();
        let names: BTreeSet<String> = table.keys().map(bare).collect();
        let pair = |key: String| {
            let value = secret_file::of_table(name, &table, &key).transpose()?;
            Some(value.map(|value| (key, value)))
        };
        names.into_iter().filter_map(pair).collect()
    }

    /// An array of tables.
    pub(crate) fn tables(&self, name: &str) -> Vec<Table> {
        let value = self.get(name);
        let items = value.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let main = match keys::find(name).map(|key| key.kind) {
            Some(Kind::Tables(main)) => main,
            _ => "type",
        };
        let table = |item: &Value| match item {
            Value::Table(table) => table.clone(),
            word => Table::from_iter([(main.to_owned(), word.clone())]),
        };
        items.iter().map(table).collect()
    }
}

fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(table, _)| table == name))
}

fn default_of(key: &Key) -> Option<Value> {
    // The defaults are written as they would stand in the file; a test parses them all.
    format!("x = {}", key.default).parse::<Table>().ok().and_then(|mut table| table.remove("x"))
}

fn parse(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Text | Kind::Secret | Kind::Rate | Kind::Choice(_) => Value::from(text),
        Kind::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Value::from(true),
            "false" | "0" | "no" | "off" => Value::from(false),
            _ => Value::from(text),
        },
        Kind::Int(..) => text.trim().parse().map_or_else(|_| Value::from(text), Value::Integer),
        Kind::Pairs => {
            let pair = |item: &str| {
                let (name, value) = item.split_once(':')?;
                Some((name.trim().to_owned(), Value::from(value.trim())))
            };
            let items = text.split(',').filter(|item| !item.trim().is_empty());
            items.map(pair).collect::<Option<Table>>().map_or_else(|| Value::from(text), Value::Table)
        }
        Kind::List | Kind::ListOf(_) | Kind::Tables(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(Value::from).collect())
        }
    }
}

/// What the value should have been, if it is not that.
fn complaint(kind: Kind, value: &Value) -> Option<String> {
    let strings = |items: &[Value]| items.iter().all(Value::is_str);
    match (kind, value) {
        (Kind::Text | Kind::Secret, Value::String(_)) | (Kind::Bool, Value::Boolean(_)) => None,
        (Kind::Int(least, most), Value::Integer(number)) if (least..=most).contains(number) => None,
        (Kind::Choice(words), Value::String(word)) if words.contains(&word.as_str()) => None,
        (Kind::List, Value::Array(items)) if strings(items) => None,
        (Kind::ListOf(words), Value::Array(items))
            if items.iter().all(|item| item.as_str().is_some_and(|word| words.contains(&word))) =>
        {
            None
        }
        (Kind::Pairs, Value::Table(pairs)) if pairs.values().all(Value::is_str) => None,
        (Kind::Tables(_), Value::Array(items))
            if items.iter().all(|item| item.is_table() || item.is_str()) =>
        {
            None
        }
        (Kind::Rate, Value::String(text)) if text == "off" || text.parse::<Rate>().is_ok() => None,
        (Kind::Rate, _) => Some("a rate such as \"60/minute\", or \"off\"".to_owned()),
        (Kind::Pairs, _) => Some("a table of texts".to_owned()),
        (Kind::Tables(_), _) => Some("an array of tables".to_owned()),
        (Kind::Text | Kind::Secret, _) => Some("text".to_owned()),
        (Kind::Bool, _) => Some("true or false".to_owned()),
        (Kind::Int(least, most), _) => Some(format!("a whole number from {least} to {most}")),
        (Kind::Choice(words), _) => Some(format!("one of {}", quoted(words))),
        (Kind::List, _) => Some("a list of texts".to_owned()),
        (Kind::ListOf(words), _) => Some(format!("a list of {}", quoted(words))),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(name, &known), known))
        .filter(|(similarity, _)| *similarity > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_text(text: &str) -> Result<Values, ConfigError> {
        let mut values = Values::default();
        values.add_table("hookgate.toml", "", text.parse().expect("test writes TOML"))?;
        Ok(values)
    }

    #[test]
    fn every_default_parses_and_fits_its_key() {
        for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
            let value = default_of(key).unwrap_or_else(|| panic!("{} has a default that parses", key.name));
            assert_eq!(complaint(key.kind, &value), None, "{}", key.name);
        }
    }

    #[test]
    fn variables_are_distinct() {
        let mut variables: Vec<_> = spellings().map(|spelling| spelling.variable).collect();
        let count = variables.len();
        variables.sort();
        variables.dedup();
        assert_eq!(variables.len(), count);
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let message = |text| from_text(text).expect_err("unknown").to_string();
        assert_eq!(
            message("[jwt]\nacces_token_ttl = 1"),
            "hookgate.toml: unknown key `jwt.acces_token_ttl` (did you mean `jwt.access_token_ttl`?)"
        );
        assert_eq!(message("[nonsense]\nx = 1"), "hookgate.toml: unknown key `nonsense`");
    }

    #[test]
    fn a_wrong_type_names_the_key_and_never_a_secret() {
        let message = |text| from_text(text).expect_err("wrong type").to_string();
        assert_eq!(
            message("[jwt]\naccess_token_ttl = \"900\""),
            "hookgate.toml: `jwt.access_token_ttl` must be a whole number from 1 to 3153600000, not a value of type string"
        );
        assert_eq!(
            message("token_delivery = \"post\""),
            "hookgate.toml: `token_delivery` must be one of \"json\", \"cookie\", not \"post\""
        );
        assert!(!message("secret = [\"hunter2\"]").contains("hunter2"));
        assert_eq!(message("jwt = 5"), "hookgate.toml: unknown key `jwt`");
    }

    #[test]
    fn the_environment_wins_and_is_typed() {
        let mut values = from_text("debug = false\n[jwt]\nissuer = \"file\"").expect("good");
        let variables = [
            ("HOOKGATE_DEBUG", "yes"),
            ("HOOKGATE_JWT__ISSUER", "env"),
            ("HOOKGATE_JWT_AUDIENCE", "a, b"),
            ("HOOKGATE_JWT_ACCESS_TOKEN_TTL", "60"),
            ("PATH", "/bin"),
        ];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        values.read_environment(variables.into_iter()).expect("good");
        assert_eq!(values.bool("debug"), Some(true));
        assert_eq!(values.text("jwt.issuer").as_deref(), Some("env"));
        assert_eq!(values.list("jwt.audience"), ["a", "b"]);
        assert_eq!(values.int::<i64>("jwt.access_token_ttl"), Some(60));
        assert_eq!(values.int::<i64>("jwt.refresh_token_ttl"), Some(2_592_000));
    }

    #[test]
    fn tables_may_be_written_out_or_in_variables() {
        let mut values = from_text(
            "[[providers]]\ntype = \"magic_links\"\nmax_age = 60\n[email.webhook_headers]\nX-Key = \"a: b\"",
        )
        .expect("good");
        assert_eq!(values.tables("providers")[0]["max_age"], Value::from(60));
        let pairs = |values: &Values| values.pairs("email.webhook_headers").expect("good");
        assert_eq!(pairs(&values), [("X-Key".to_owned(), "a: b".to_owned())]);
        let variables = [
            ("HOOKGATE_PROVIDERS", "credentials, magic_links"),
            ("HOOKGATE_EMAIL_WEBHOOK_HEADERS", "X-Key: c:d, X-Other: e"),
        ];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        values.read_environment(variables.into_iter()).expect("good");
        assert_eq!(values.tables("providers")[1]["type"], Value::from("magic_links"));
        let expected =
            [("X-Key", "c:d"), ("X-Other", "e")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(&values), expected);

        let message = |text| from_text(text).expect_err("wrong type").to_string();
        assert_eq!(message("providers = 5"), "hookgate.toml: `providers` must be an array of tables, not 5");
        assert!(!message("[email]\nwebhook_headers = [\"hunter2\"]").contains("hunter2"));
    }

    #[test]
    fn every_secret_may_stand_in_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, "from a file\n").expect("written");
        let path = path.to_str().expect("UTF-8");
        let secrets: Vec<_> = KEYS.iter().filter(|key| key.kind == Kind::Secret).collect();
        assert!(secrets.len() >= 2);
        for key in secrets {
            let mut values = Values::default();
            let variable = (format!("{}_FILE", key.variable()), path.to_owned());
            values.read_environment([variable].into_iter()).expect("good");
            assert_eq!(values.secret(key.name).expect("read").as_deref(), Some("from a file"));
            values.set("a test", key.name, Value::from("hunter2")).expect("good");
            let error = values.secret(key.name).expect_err("both").to_string();
            assert!(error.contains(&format!("`{}_file`", key.name)) && !error.contains("hunter2"), "{error}");
        }
        let text = format!("[email.webhook_headers]\nAuthorization_file = {path:?}\nX-Plain = \"a\"");
        let expected = [("Authorization", "from a file"), ("X-Plain", "a")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(from_text(&text).expect("good").pairs("email.webhook_headers").expect("read"), expected);
        let error = from_text("debug_file = \"x\"").expect_err("no secret").to_string();
        assert!(error.contains("unknown key `debug_file`"), "{error}");
    }

    #[test]
    fn a_mistyped_variable_is_an_error() {
        let variables = [("HOOKGATE_SECRT".to_owned(), "x".to_owned())];
        let error = Values::default().read_environment(variables.into_iter()).expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "environment: unknown key `HOOKGATE_SECRT` (did you mean `HOOKGATE_SECRET`?)"
        );
    }
}

//! Secrets that stand in files of their own: `NAME_file` instead of `NAME`.

use std::path::Path;

use toml::Table;

use super::error::ConfigError;

/// What a secret's name ends with when it is the path of a file.
pub(super) const SUFFIX: &str = "_file";

/// The content of a file, without the line end that editors add.
pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A secret that was given in clear, as a file, or not at all. `name` is its key, after the place of its table
/// where that has no name.
pub(super) fn either(
    name: &str,
    given: Option<String>,
    file: Option<String>,
) -> Result<Option<String>, ConfigError> {
    match (given, file) {
        (Some(_), Some(_)) => {
            let key = name.rsplit(": ").next().unwrap_or(name);
            let name = quoted(name, "");
            Err(ConfigError::Invalid(format!("{name} and `{key}{SUFFIX}` are both set; give one of them")))
        }
        (given, None) => Ok(given),
        (None, Some(path)) => from_file(name, &path).map(Some),
    }
}

/// The secret of a table that stands in a list, such as a `[[providers]]`: `key`, or the file that
/// `key_file` names. `place` is what the operator calls the table.
pub(super) fn of_table(place: &str, table: &Table, key: &str) -> Result<Option<String>, ConfigError> {
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(value) => match value.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(ConfigError::Invalid(format!("{place}: `{key}` must be text"))),
        },
    };
    let name = format!("{place}: {key}");
    either(&name, text(key)?, text(&format!("{key}{SUFFIX}"))?)
}

/// The name of a key for people, with what comes before it.
fn quoted(name: &str, suffix: &str) -> String {
    match name.rsplit_once(": ") {
        Some((place, key)) => format!("{place}: `{key}{suffix}`"),
        None => format!("`{name}{suffix}`"),
    }
}

fn from_file(name: &str, path: &str) -> Result<String, ConfigError> {
    let name = quoted(name, SUFFIX);
    let secret = read(Path::new(path)).map_err(|error| ConfigError::Invalid(format!("{name}: {error}")))?;
    if secret.is_empty() {
        return Err(ConfigError::Invalid(format!("{name}: {path} is empty")));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Option<String>, String> {
        let table: Table = text.parse().expect("test writes TOML");
        of_table("`providers`: \"google\"", &table, "client_secret").map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_is_given_once_and_errors_never_show_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            format!("client_secret_file = {:?}", path.to_str().expect("UTF-8"))
        };
        assert_eq!(of(""), Ok(None));
        assert_eq!(of("client_secret = \"a\""), Ok(Some("a".to_owned())));
        assert_eq!(of(&file("good", "b c\r\n")), Ok(Some("b c".to_owned())));
        let both = of(&format!("client_secret = \"hunter2\"\n{}", file("good", "b"))).expect_err("both");
        let expected = "`providers`: \"google\": `client_secret` and `client_secret_file` are both set; give one of them";
        assert_eq!(both, expected, "and not the secret");
        let empty = of(&file("empty", "\n")).expect_err("empty");
        assert!(empty.contains("google") && empty.ends_with("is empty"), "{empty}");
        let absent = of("client_secret_file = \"absent\"").expect_err("absent");
        assert!(absent.contains("client_secret_file") && absent.contains("absent"), "{absent}");
        let number = of("client_secret = 5").expect_err("a number");
        assert!(number.contains("`client_secret` must be text"), "{number}");
    }
}

//! `docs/config.md`, written from the table of keys so that it can't be wrong.

use std::fmt::Write as _;

use super::keys::{KEYS, Kind};
use super::secret_file::SUFFIX;

/// The page.
pub(crate) fn render() -> String {
    let mut page = String::from(INTRODUCTION);
    let mut table = None;
    for key in KEYS {
        let (this_table, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if table != Some(this_table) {
            let title =
                if this_table.is_empty() { "Top level".to_owned() } else { format!("`[{this_table}]`") };
            let _ = write!(page, "\n## {title}\n\n| key | what | default | meaning |\n|---|---|---|---|\n");
            table = Some(this_table);
        }
        let default = if key.default.is_empty() { "–".to_owned() } else { format!("`{}`", key.default) };
        let cell = |text: &str| text.replace('|', "\\|");
        let name = match key.kind {
            Kind::Secret => format!("`{name}`, `{name}{SUFFIX}`"),
            _ => format!("`{name}`"),
        };
        let _ =
            writeln!(page, "| {name} | {} | {} | {} |", cell(&kind(key.kind)), cell(&default), cell(key.doc));
    }
    page
}

const INTRODUCTION: &str = "\
# Configuration

<!-- Written by `hookgate config-docs`; a test fails when it is stale. -->

`hookgate serve` needs none. It reads `hookgate.toml` in the current folder, or the file that `--config`
names; then the environment; then its flags. The later wins. Each key has a variable: `HOOKGATE_` and its
name in capitals, a dot written as `_` (`jwt.access_token_ttl` is `HOOKGATE_JWT_ACCESS_TOKEN_TTL`); a list
is written with commas. An unknown key, a wrong type or a value out of bounds is an error: the server says
which and does not start. `hookgate check` checks everything without starting.

Every secret may stand in a file of its own: `NAME_file` (and its variable `…_FILE`) is the path of a file that
holds the value of `NAME`. A line end at its end does not count. Both at once are an error.
";

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Secret => "text, or the path of a file that holds it".to_owned(),
        Kind::Rate => "`\"N/second\"`, `minute`, `hour` or `day`; or `\"off\"`".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Int(least, most) => format!("{least} to {most}"),
        Kind::Choice(words) => {
            words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ")
        }
        Kind::List => "list of texts".to_owned(),
        Kind::Pairs => "table of texts".to_owned(),
        Kind::Tables(_) => "array of tables".to_owned(),
        Kind::ListOf(words) => {
            format!(
                "list of {}",
                words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.md");
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == super::render(),
            "docs/config.md is stale: cargo run -p hookgate -- config-docs > docs/config.md"
        );
    }
}

//! The contract as a page for plugin authors: `docs/plugins/reference.md` is printed from the WIT.

use std::fmt::Write as _;

use crate::contract::FILES;

/// The page.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(
        "# The contract\n\nEvery hook and everything that the server offers, printed from [wit](../../wit). Each SDK has it in \
         the words of its language: `modify-jwt` is `modifyJwt` in JavaScript and AssemblyScript, `ModifyJwt` in Go, \
         `HOOKGATE_MODIFY_JWT` in C and `modify_jwt` elsewhere.\n",
    );
    let chapters = ["Types", "Gates", "Mutations", "Events", "At loading", "What the server offers"];
    for (title, text) in chapters.iter().zip(FILES) {
        let _ = write!(page, "\n## {title}\n");
        for interface in Interface::all(text) {
            let Interface { name, docs, body } = interface;
            let _ = write!(page, "\n### `{name}`\n\n{docs}\n```wit\n{body}```\n");
        }
    }
    page
}

/// One interface as it stands in a file.
struct Interface {
    name: String,
    docs: String,
    body: String,
}

impl Interface {
    /// Those of a file: what begins in the first column is an interface, or the comment before one.
    fn all(text: &str) -> Vec<Self> {
        let (mut all, mut docs) = (Vec::new(), String::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(comment) = line.strip_prefix("///") {
                let _ = writeln!(docs, "{}", comment.trim());
            } else if let Some(name) =
                line.strip_prefix("interface ").and_then(|rest| rest.strip_suffix(" {"))
            {
                let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
                let body = body
                    .iter()
                    .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
                    .collect();
                all.push(Self { name: name.to_owned(), docs: std::mem::take(&mut docs), body });
            } else {
                docs.clear();
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_interface() {
        let page = markdown();
        for name in
            FILES.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("interface "))
        {
            assert!(page.contains(&format!("### `{}`", name.trim_end_matches(" {"))), "{name}");
        }
        assert!(page.matches("### `").count() > 25);
    }

    /// With HOOKGATE_WRITE_REFERENCE=1 it is written instead.
    #[test]
    fn the_page_in_docs_is_the_contracts() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins/reference.md");
        if std::env::var_os("HOOKGATE_WRITE_REFERENCE").is_some() {
            std::fs::write(&file, markdown()).expect("the page can be written");
        }
        let page = std::fs::read_to_string(&file).unwrap_or_default();
        let remedy = "HOOKGATE_WRITE_REFERENCE=1 cargo test -p hookgate-plugin-build reference";
        assert!(page == markdown(), "docs/plugins/reference.md is not the contract's: {remedy}");
    }
}

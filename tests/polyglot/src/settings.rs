//! `validate-config`: a plugin is loaded with good settings, and refused in its own words with bad ones.

use std::path::Path;

use crate::cases::Outcome;
use crate::fixture;
use crate::subject::{ENGINE, Subject};

/// Settings that the reference plugin refuses, and what it says.
const REFUSED: [(&str, &str); 3] = [
    ("", "`seats` is missing"),
    ("seats = 0", "`seats` is 0: it must be a number from 1 on"),
    ("seats = \"viele ü 🦊\"", "`seats` is viele ü 🦊: it must be a number from 1 on"),
];

/// Loads a component with bad settings. That good ones are taken every other case shows.
///
/// # Errors
/// It is loaded, or refused with other words.
pub fn refuses_bad_settings(name: &str, path: &Path) -> Outcome {
    for (seats, sentence) in REFUSED {
        let manifest = fixture::MANIFEST.replace("seats = 3", seats);
        match Subject::load_with(&ENGINE, name, path, &manifest) {
            Ok(_) => return Err(format!("it was loaded with `{seats}`")),
            Err(refusal) if refusal.contains(sentence) => {}
            Err(refusal) => return Err(format!("with `{seats}` expected `{sentence}`, got `{refusal}`")),
        }
    }
    Ok(())
}

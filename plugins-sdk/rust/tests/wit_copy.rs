//! The crate carries its own copy of the contract, since it is also used outside this repository.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn wit_files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wit"))
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_copy_equals_the_contract() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let contract = wit_files(&here.join("../../wit"));
    let copy = wit_files(&here.join("wit"));

    assert!(!contract.is_empty());
    for (name, text) in &contract {
        assert_eq!(
            copy.get(name),
            Some(text),
            "plugins-sdk/rust/wit/{name} differs: run `cargo xtask plugins`"
        );
    }
    assert_eq!(copy.len(), contract.len(), "plugins-sdk/rust/wit holds files that wit/ has not");
}

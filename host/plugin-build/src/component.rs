//! From a core module to a component.

use wit_component::ComponentEncoder;

/// The module can't become a component.
#[derive(Debug, thiserror::Error)]
#[error("the module cannot be made a component: {0}")]
pub struct EncodeError(String);

/// Makes a component of a module that carries its WIT.
///
/// # Errors
/// The module has no WIT, or does not fit it.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| EncodeError(format!("{error:#}")))
}

/// Whether it is a component already, as linkers for WASI 0.2 make them.
#[must_use]
pub fn is_component(bytes: &[u8]) -> bool {
    // The magic number, then the version of the encoding and its layer: 0 of a module, 1 of a component.
    bytes.starts_with(b"\0asm") && bytes.get(6..8) == Some(&[1, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_and_modules_are_told_apart() {
        assert!(is_component(b"\0asm\x0d\0\x01\0"));
        assert!(!is_component(b"\0asm\x01\0\0\0"));
        assert!(!is_component(b"\0asm"));
    }

    #[test]
    fn what_is_no_module_is_refused() {
        let error = encode(b"nonsense").expect_err("nonsense");
        assert!(error.to_string().starts_with("the module cannot be made a component: "), "{error}");
    }
}

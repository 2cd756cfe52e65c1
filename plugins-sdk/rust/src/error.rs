//! Why a hook could not answer. A *failure* is not a denial: nobody is let in, and the text is for the
//! operator's log alone.

/// What `?` turns any error into: a text for the operator's log.
///
/// Made from every type that can be displayed: errors, `&str`, `String`.
///
/// ```
/// use hookgate_plugin::{Result, config};
///
/// fn seats() -> Result<u32> {
///     let text = config::get("seats").ok_or("`seats` is not set")?;
///     Ok(text.parse()?)
/// }
/// # assert_eq!(seats().unwrap_err().message(), "`seats` is not set");
/// ```
//
// `Display` is left out on purpose: with it, the conversion below would overlap with `From<T> for T`.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// The text that the operator reads.
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl<E: std::fmt::Display> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl From<Error> for String {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A result whose error is a text for the operator's log.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn text_and_errors_become_messages() {
        let parse = || -> Result<u32> { Ok("many".parse::<u32>()?) };

        assert_eq!(parse().unwrap_err().message(), "invalid digit found in string");
        assert_eq!(Error::from("short").message(), "short");
        assert_eq!(String::from(Error::from(format!("long {}", 1))), "long 1");
        assert_eq!(format!("{:?}", Error::from("seen")), "seen");
    }
}

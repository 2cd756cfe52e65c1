//! What a gate answers, and what may stand for such an answer.

use crate::{Error, Result};

/// Lets the user in, or refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing against it. The next plugin in the chain is asked.
    Allow,
    /// Refused. No further plugin is asked, and the client gets 403.
    Deny(Denial),
}

impl Decision {
    /// Whether the user is let in.
    pub fn is_allow(&self) -> bool {
        *self == Self::Allow
    }

    /// The refusal, if it is one.
    pub fn denial(&self) -> Option<&Denial> {
        match self {
            Self::Allow => None,
            Self::Deny(denial) => Some(denial),
        }
    }
}

impl From<bool> for Decision {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allow } else { Self::Deny(Denial::default()) }
    }
}

impl From<Denial> for Decision {
    fn from(denial: Denial) -> Self {
        Self::Deny(denial)
    }
}

/// A refusal, as the one who is refused and the one who reads the log see it.
///
/// ```
/// use hookgate_plugin::Denial;
///
/// let denial = Denial::new("banned")
///     .message("This account is closed. Write to help@example.com.")
///     .reason("listed in `banned_ids`");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Denial {
    /// Stable and machine-readable, for the client: at most 64 bytes of `a-z`, `0-9`, `_`, `.`, `-`.
    pub code: Option<String>,
    /// For the user's eyes, at most 512 bytes. Without one, the server's own text is shown.
    pub message: Option<String>,
    /// For the operator's log alone; it never leaves the server. At most 2048 bytes.
    pub reason: Option<String>,
}

impl Denial {
    /// A refusal with a code for the client. Without a code: `Denial::default()`.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..Self::default() }
    }

    /// Adds a text for the user.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds a text for the operator's log.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// What `allow_signin` may return: `bool`, [`Decision`], [`Denial`], or a [`Result`] of one of them.
#[diagnostic::on_unimplemented(
    message = "`allow_signin` cannot return `{Self}`",
    label = "return `bool`, `Decision`, `Result<bool>` or `Result<Decision>`"
)]
pub trait IntoDecision {
    /// The decision, or the failure.
    fn into_decision(self) -> Result<Decision>;
}

impl IntoDecision for bool {
    fn into_decision(self) -> Result<Decision> {
        Ok(self.into())
    }
}

impl IntoDecision for Decision {
    fn into_decision(self) -> Result<Decision> {
        Ok(self)
    }
}

impl IntoDecision for Denial {
    fn into_decision(self) -> Result<Decision> {
        Ok(self.into())
    }
}

impl<T: IntoDecision, E: Into<Error>> IntoDecision for std::result::Result<T, E> {
    fn into_decision(self) -> Result<Decision> {
        self.map_err(Into::into)?.into_decision()
    }
}

/// What the other hooks may return: nothing, or a [`Result`] of nothing.
#[diagnostic::on_unimplemented(
    message = "a hook other than `allow_signin` cannot return `{Self}`",
    label = "return nothing or `Result<()>`"
)]
pub trait Outcome {
    /// Success, or the failure.
    fn into_result(self) -> Result<()>;
}

impl Outcome for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl<E: Into<Error>> Outcome for std::result::Result<(), E> {
    fn into_result(self) -> Result<()> {
        self.map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_answer_means_what_it_says() {
        let banned = || Denial::new("banned");

        assert_eq!(true.into_decision(), Ok(Decision::Allow));
        assert_eq!(false.into_decision(), Ok(Decision::Deny(Denial::default())));
        assert_eq!(banned().into_decision(), Ok(Decision::Deny(banned())));
        assert_eq!(Decision::Allow.into_decision(), Ok(Decision::Allow));
        assert_eq!(Ok::<_, Error>(false).into_decision(), Ok(Decision::Deny(Denial::default())));
        assert_eq!(Err::<bool, _>("no list").into_decision(), Err("no list".into()));
        assert_eq!(().into_result(), Ok(()));
        assert_eq!(Err("no list").into_result(), Err("no list".into()));
    }
}

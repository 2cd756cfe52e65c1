//! What becomes of a request when a plugin fails: the operator's choice per plugin and hook.

use super::{Hook, HookKind};

/// What becomes of a request when a plugin fails in one of its hooks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailurePolicy {
    /// The request fails: nobody is let in, and the client may try again (503).
    #[default]
    Error,
    /// The failure counts as a denial (403). For gates alone.
    Deny,
    /// The request goes on as if the plugin were not there. Of a gate this opens the door.
    Skip,
}

impl FailurePolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Error, Self::Deny, Self::Skip];

    /// The word in manifests and the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Deny => "deny",
            Self::Skip => "skip",
        }
    }

    /// The policy of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// Whether it says anything about a hook; if not, why.
    ///
    /// # Errors
    /// What to write instead, as the rest of a sentence.
    pub const fn suits(self, hook: Hook) -> Result<(), &'static str> {
        match (hook.kind(), self) {
            (HookKind::Gate, _) | (HookKind::Mutation, Self::Error | Self::Skip) => Ok(()),
            (HookKind::Mutation, Self::Deny) => {
                Err("it changes things and has nobody to deny; write \"error\" or \"skip\"")
            }
            (HookKind::Event, _) => {
                Err("it is an event, which is delivered again until it is taken; leave it out")
            }
        }
    }
}

impl std::fmt::Display for FailurePolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_policies_that_mean_something() {
        let suiting = |hook: Hook| -> Vec<_> {
            FailurePolicy::ALL.into_iter().filter(|policy| policy.suits(hook).is_ok()).collect()
        };
        assert_eq!(suiting(Hook::AllowSignin), FailurePolicy::ALL);
        assert_eq!(suiting(Hook::ModifyJwt), [FailurePolicy::Error, FailurePolicy::Skip]);
        assert_eq!(suiting(Hook::OnSignup), []);
    }

    #[test]
    fn failing_closed_is_the_default() {
        assert_eq!(FailurePolicy::default(), FailurePolicy::Error);
        assert!(FailurePolicy::ALL.into_iter().all(|p| FailurePolicy::from_name(p.name()) == Some(p)));
    }
}

//! How sign-ins ended, counted for whoever watches the server.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Services;
use crate::error::AuthError;

/// Counts by way in and outcome. The ways in are the server's own, so there are few.
#[derive(Debug, Default)]
pub(super) struct SignIns(Mutex<BTreeMap<(String, &'static str), u64>>);

/// Sign-ins of one way in that ended in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInCount {
    /// The way in, as hooks know it: `credentials`, `magic_link` …
    pub provider: String,
    /// `ok`, `rejected` (no or wrong proof, a locked or deactivated account), `denied` (by a plugin),
    /// `hook-failed`, `busy` or `error`.
    pub outcome: &'static str,
    /// How many since the process began.
    pub count: u64,
}

impl Services {
    /// How sign-ins ended since the process began.
    #[must_use]
    pub fn sign_in_counts(&self) -> Vec<SignInCount> {
        let counts = self.sign_ins.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = counts.iter();
        all.map(|((provider, outcome), count)| SignInCount {
            provider: provider.clone(),
            outcome,
            count: *count,
        })
        .collect()
    }

    /// How many passwords wait to be hashed.
    #[must_use]
    pub fn waiting_passwords(&self) -> usize {
        self.hasher.waiting()
    }

    /// Counts how a sign-in ended, and hands that on.
    pub(super) fn counted<T>(&self, provider: &str, result: Result<T, AuthError>) -> Result<T, AuthError> {
        let outcome = match &result {
            Ok(_) => "ok",
            Err(AuthError::Denied(_)) => "denied",
            Err(AuthError::HookFailed(_)) => "hook-failed",
            Err(AuthError::Busy(_)) => "busy",
            Err(AuthError::Store(_) | AuthError::Internal(_)) => "error",
            Err(_) => "rejected",
        };
        let mut counts = self.sign_ins.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((provider.to_owned(), outcome)).or_default() += 1;
        result
    }
}

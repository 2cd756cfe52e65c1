//! Who is told of every call: metrics, automatic roll-back, an embedder's own counters.
//!
//! The chain reports each call in one place, when its outcome is known, whatever that outcome is.

use std::sync::Arc;

use arc_swap::ArcSwap;
use hookgate_core::hooks::{Hook, Stage};

use crate::contract::call::CallReport;

/// A call of a chain that came to its end.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// Whose: the plugin's name.
    pub plugin: &'a str,
    /// What for.
    pub hook: Hook,
    /// The generation that the request had pinned.
    pub generation: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What it cost. All zero for a plugin that was not asked.
    pub report: CallReport,
}

/// How a call ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The plugin answered, and not with a denial.
    Ok,
    /// The plugin denied.
    Denied,
    /// The plugin gave no usable answer; the word is [`Stage::word`].
    Failed(&'static str),
}

impl Outcome {
    /// A failure.
    #[must_use]
    pub const fn failed(stage: &Stage) -> Self {
        Self::Failed(stage.word())
    }

    /// A short, stable word for metrics and the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed(word) => word,
        }
    }

    /// Whether the plugin gave no usable answer.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

/// Is told of every call of a chain. It runs on the path of a request: it must be quick and not wait.
pub trait Observer: Send + Sync {
    /// A call came to its end.
    fn called(&self, call: &Called<'_>);
}

/// Everybody who wants to be told.
#[derive(Default)]
pub(crate) struct Observers(ArcSwap<Vec<Arc<dyn Observer>>>);

impl Observers {
    pub(crate) fn add(&self, observer: &Arc<dyn Observer>) {
        self.0.rcu(|all| {
            let mut all = Vec::clone(all);
            all.push(Arc::clone(observer));
            all
        });
    }

    pub(crate) fn tell(&self, call: &Called<'_>) {
        for observer in self.0.load().iter() {
            observer.called(call);
        }
    }
}

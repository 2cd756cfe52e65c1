//! What does not fit a schema, and where.

use std::fmt::{self, Write as _};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::text::one_line;

/// More than these nobody reads at once.
const MAX_PROBLEMS: usize = 5;

/// Settings that do not fit their schema, or a schema that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigMisfit(Vec<Problem>);

impl std::error::Error for ConfigMisfit {}

impl fmt::Display for ConfigMisfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(MAX_PROBLEMS).enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "; " })?;
        }
        match self.0.len().saturating_sub(MAX_PROBLEMS) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl From<Problem> for ConfigMisfit {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl From<Vec<Problem>> for ConfigMisfit {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
    }
}

impl ConfigMisfit {
    /// Where in a manifest the first problem is, as far as it can be found there.
    pub(crate) fn place(&self, manifest: &DeTable<'_>) -> Option<Range<usize>> {
        let problem = self.0.first()?;
        let (key, value) = manifest.get_key_value(problem.root.name())?;
        let (mut span, mut value) = (key.span(), value);
        for step in &problem.path {
            let Some((inner, next)) = step.of(value) else { break };
            (span, value) = (inner, next);
        }
        Some(span)
    }
}

/// The table of the manifest that a path begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Config,
    Schema,
}

impl Root {
    const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Schema => "config_schema",
        }
    }
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

impl Step {
    fn of<'a>(&self, value: &'a Spanned<DeValue<'_>>) -> Option<(Range<usize>, &'a Spanned<DeValue<'a>>)> {
        match (self, value.get_ref()) {
            (Self::Key(key), DeValue::Table(table)) => {
                let (key, value) = table.get_key_value(key.as_str())?;
                Some((key.span(), value))
            }
            (Self::Item(index), DeValue::Array(array)) => {
                let value = array.get(*index)?;
                Some((value.span(), value))
            }
            _ => None,
        }
    }
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    root: Root,
    path: Vec<Step>,
    pub(super) message: String,
}

impl Problem {
    pub(super) const fn new(root: Root, path: Vec<Step>, message: String) -> Self {
        Self { root, path, message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = self.root.name().to_owned();
        for step in &self.path {
            match step {
                Step::Item(index) => write!(path, "[{index}]")?,
                Step::Key(key) if is_bare(key) => write!(path, ".{key}")?,
                Step::Key(key) => write!(path, ".{key:?}")?,
            }
        }
        write!(f, "`{}` {}", one_line(&path, 200), self.message)
    }
}

/// Whether TOML takes a key without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

//! What one call writes into the server's log, capped and cleaned.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use hookgate_core::hooks::{Hook, HookContext};

use crate::contract::bindings::host::hookgate::hooks::log::Level;
use crate::plugin::info::PluginInfo;
use crate::plugin::limits::size;
use crate::text::{escape, truncate};

/// As the WIT promises.
const MAX_FIELDS: usize = 16;

/// The log of one call: what it wrote through `log` and what it printed share one budget.
pub(crate) struct CallLog {
    plugin: Arc<PluginInfo>,
    hook: Option<Hook>,
    context: Arc<HookContext>,
    budget: Mutex<Budget>,
}

struct Budget {
    left: usize,
    dropped: u64,
}

impl CallLog {
    pub(crate) fn new(plugin: Arc<PluginInfo>, hook: Option<Hook>, context: Arc<HookContext>) -> Self {
        let left = size(plugin.limits.max_log_bytes);
        Self { plugin, hook, context, budget: Mutex::new(Budget { left, dropped: 0 }) }
    }

    /// The longest line.
    pub(crate) fn line_limit(&self) -> usize {
        size(self.plugin.limits.max_log_line_bytes)
    }

    /// Writes one line, or counts it as dropped.
    pub(crate) fn write(&self, level: Level, message: &str, fields: &[(String, String)]) {
        let limit = self.line_limit();
        let message = truncate(message, limit);
        // Taken from the budget before the level is looked at: how much a plugin may say must not
        // depend on what the operator listens to.
        let wanted =
            fields.iter().take(MAX_FIELDS).map(|(key, value)| key.len() + value.len()).sum::<usize>();
        let cost = (message.len() + wanted).min(limit).max(1);
        if !self.take(cost) {
            return;
        }
        let message = escape(message);
        let fields = render(fields, limit.saturating_sub(message.len()));
        let hook = self.hook.map_or("start", Hook::name);
        let (plugin, digest, request) =
            (&*self.plugin.name, &*self.plugin.digest_short, &*self.context.request.id);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "plugin",
                    plugin, digest, hook, request.id = request, fields = fields.as_deref(), "{message}"
                )
            };
        }
        match level {
            Level::Trace => line!(trace),
            Level::Debug => line!(debug),
            Level::Info => line!(info),
            Level::Warn => line!(warn),
            Level::Error => line!(error),
        }
    }

    fn take(&self, cost: usize) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        if cost <= budget.left {
            budget.left -= cost;
            true
        } else {
            // Nothing after the first line that did not fit: a log with holes misleads.
            budget.left = 0;
            budget.dropped += 1;
            false
        }
    }
}

impl Drop for CallLog {
    fn drop(&mut self) {
        let dropped = self.budget.get_mut().unwrap_or_else(PoisonError::into_inner).dropped;
        if dropped > 0 {
            tracing::warn!(
                target: "plugin",
                plugin = &*self.plugin.name,
                digest = &*self.plugin.digest_short,
                hook = self.hook.map_or("start", Hook::name),
                request.id = &*self.context.request.id,
                dropped,
                "the plugin wrote more than {} bytes in one call (`max_log_bytes`); the rest was dropped",
                self.plugin.limits.max_log_bytes,
            );
        }
    }
}

/// `key=value` pairs, values quoted where they need it; as many bytes as are left of the line.
fn render(fields: &[(String, String)], limit: usize) -> Option<String> {
    if fields.is_empty() {
        return None;
    }
    let mut text = String::new();
    for (key, value) in fields.iter().take(MAX_FIELDS) {
        let separator = if text.is_empty() { "" } else { " " };
        let (key, value) = (truncate(key, limit), truncate(value, limit));
        let written = if value.is_empty() || value.contains([' ', '"', '=']) {
            write!(text, "{separator}{}={value:?}", escape(key))
        } else {
            write!(text, "{separator}{}={}", escape(key), escape(value))
        };
        // Writing to a String can't fail.
        if written.is_err() || text.len() >= limit {
            break;
        }
    }
    text.truncate(text.floor_char_boundary(limit));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn fields_are_quoted_where_needed() {
        let text = render(&pairs(&[("a", "1"), ("b", "two words"), ("c", "x\n"), ("d", "")]), 100);
        assert_eq!(text.as_deref(), Some(r#"a=1 b="two words" c=x\n d="""#));
        assert_eq!(render(&[], 100), None);
    }

    #[test]
    fn fields_are_limited_in_number_and_length() {
        let many: Vec<_> = (0..40).map(|n| (format!("k{n}"), "v".to_owned())).collect();
        assert_eq!(render(&many, 1000).expect("text").matches('=').count(), MAX_FIELDS);
        assert!(render(&pairs(&[("k", &"v".repeat(500))]), 20).expect("text").len() <= 20);
    }
}

//! Why something failed, in a line that can be shown.

use crate::text::one_line;

/// Error messages of the engine are cut here; the whole of it is in the debug log.
pub(crate) const MAX_MESSAGE: usize = 300;

/// An error with its causes, in one line, without the backtrace.
pub(crate) fn chain_of(error: &wasmtime::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = one_line(&cause.to_string(), MAX_MESSAGE);
        if !text.is_empty() && !text.starts_with("error while executing") {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// What somebody panicked with.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    one_line(text, MAX_MESSAGE)
}

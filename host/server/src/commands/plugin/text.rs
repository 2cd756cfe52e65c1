//! How numbers and rows look on a terminal.

use std::io::{self, Write};
use std::time::Duration;

use hookgate_hooks::Limits;

/// Writes one aligned row. The label is empty where a row goes on with the one before.
pub(super) fn row(out: &mut impl Write, label: &str, value: impl std::fmt::Display) -> io::Result<()> {
    writeln!(out, "{label:<14}{value}")
}

/// Text from elsewhere on one line: what would move the cursor is written out, quotes stay as they are.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// A size: `1.1 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut size = bytes as f64 / 1024.0;
    let mut unit = UNITS[0];
    for larger in &UNITS[1..] {
        if size >= 1024.0 {
            size /= 1024.0;
            unit = larger;
        }
    }
    let decimals = usize::from(size.fract() > 0.05);
    format!("{size:.decimals$} {unit}")
}

/// What a call may cost, as far as authors meet it.
pub(super) fn shown_limits(limits: &Limits) -> String {
    format!(
        "time {} ms, of it computing {} ms; memory {}, claims {}, session {}, log {}",
        limits.time_ms,
        limits.cpu_ms.min(limits.time_ms),
        bytes(limits.memory_bytes),
        bytes(limits.max_claims_bytes),
        bytes(limits.max_session_bytes),
        bytes(limits.max_log_bytes),
    )
}

/// A time: `12.3 µs`, and milliseconds from ten of them on.
pub(super) fn time(time: Duration) -> String {
    if time < Duration::from_millis(10) {
        format!("{:.1} µs", time.as_secs_f64() * 1e6)
    } else {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    }
}

/// Microseconds with one decimal, for JSON.
pub(super) fn microseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        for (size, text) in [(17, "17 bytes"), (65_536, "64 KiB"), (1_153_434, "1.1 MiB"), (3 << 30, "3 GiB")]
        {
            assert_eq!(bytes(size), text);
        }
        assert_eq!(time(Duration::from_nanos(12_345)), "12.3 µs");
        assert_eq!(printable("Ada's\n\u{1b}[1m"), "Ada's\\n\\u{1b}[1m");
        assert_eq!(time(Duration::from_millis(101)), "101.0 ms");
        assert!((microseconds(Duration::from_nanos(12_345)) - 12.3).abs() < 1e-9);
    }
}

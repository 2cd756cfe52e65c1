//! Times for people.

use hookgate_core::clock::Timestamp;

/// A time in UTC, to the second: `2026-01-31 12:00:00`.
pub(crate) fn date(at: Timestamp) -> String {
    at.iso_format().trim_end_matches("+00:00").replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_short() {
        assert_eq!(date(Timestamp(951_782_400)), "2000-02-29 00:00:00");
    }
}

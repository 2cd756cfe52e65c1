//! Halves of surrogate pairs in JSON text.
//!
//! Languages whose strings are UTF-16 can cut a text within a character, and their JSON then has an escape such as
//! `\ud83e` that stands for none (RFC 8259, section 8.2). Rust's strings have no place for it.

/// The text with U+FFFD in place of each half that lacks the other one, as encoders of UTF-8 have it.
pub(super) fn replaced(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let (length, is_half) = measure(escape);
        let (escape, after) = escape.split_at(length);
        whole.push_str(if is_half { "\\ufffd" } else { escape });
        rest = after;
    }
    whole.push_str(rest);
    whole
}

/// How long the escape is that a text begins with, in bytes, and whether it is half a character. The two halves of one
/// count as one escape.
fn measure(text: &str) -> (usize, bool) {
    match (unit(text), text.get(6..).and_then(unit)) {
        (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => (12, false),
        (Some(0xD800..0xE000), _) => (6, true),
        (Some(_), _) => (6, false),
        // The backslash, and what it escapes.
        (None, _) => (text.chars().take(2).map(char::len_utf8).sum(), false),
    }
}

/// The UTF-16 code unit of a `\uXXXX`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    // `from_str_radix` would take a sign.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_half_alone_becomes_the_replacement_character() {
        for (text, expected) in [
            (r#"{"a":"x\ud83e"}"#, r#"{"a":"x\ufffd"}"#),
            (r#"{"a":"\uDD8Ax"}"#, r#"{"a":"\ufffdx"}"#),
            (r#"{"a":"\ud83e\udd8a"}"#, r#"{"a":"\ud83e\udd8a"}"#),
            (r#"{"a":"\ud83e\ud83e\udd8a\udd8a"}"#, r#"{"a":"\ufffd\ud83e\udd8a\ufffd"}"#),
            (r#"{"\ud83e":"\\ud83e \\\ud83e \"\n\u00fc"}"#, r#"{"\ufffd":"\\ud83e \\\ufffd \"\n\u00fc"}"#),
            (r#"{"a":"\ud83"}"#, r#"{"a":"\ud83"}"#),
            (r#"\"#, r#"\"#),
            (r#"\ü\ud83e"#, r#"\ü\ufffd"#),
        ] {
            assert_eq!(replaced(text), expected);
        }
    }

    proptest! {
        #[test]
        fn what_it_makes_is_what_encoders_of_utf_8_make(units in prop::collection::vec(
            prop_oneof![any::<u16>(), 0xD800_u16..0xE000, Just(u16::from(b'\\')), Just(u16::from(b'u'))], 0..20,
        )) {
            let escaped: String = units.iter().map(|unit| match unit {
                0x5C => "\\\\".to_owned(),
                0x75 => "u".to_owned(),
                unit => format!("\\u{unit:04x}"),
            }).collect();
            let text: Value = serde_json::from_str(&replaced(&format!("\"{escaped}\""))).expect("JSON");
            prop_assert_eq!(text, String::from_utf16_lossy(&units));
        }

        #[test]
        fn what_has_no_half_stays_as_it_is(text in ".{0,40}") {
            let text = Value::from(text).to_string();
            prop_assert_eq!(replaced(&text), text);
        }
    }
}

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> String {
    EmailAddress::parse(text).map_or_else(|error| format!("refused: {error}"), EmailAddress::into_string)
}

#[test]
fn an_address_has_one_form() {
    let a63 = "a".repeat(63);
    let cases = [
        ("ada@example.com", "ada@example.com"),
        ("Ada.Lovelace@Example.COM", "ada.lovelace@example.com"),
        ("\t ada@example.com\u{a0}", "ada@example.com"),
        ("Ada Lovelace <ada@example.com>", "ada@example.com"),
        ("\"Lovelace, Ada\" < Ada@example.com >", "ada@example.com"),
        ("\"a <b@c.de> d\" <e@f.gh>", "e@f.gh"),
        ("<ada@example.com>", "ada@example.com"),
        ("o'brien+tag!#$%&*/=?^`{|}~-_@sub.example.org", "o'brien+tag!#$%&*/=?^`{|}~-_@sub.example.org"),
        ("e\u{301}@cafe\u{301}.fr", "é@café.fr"),
        ("Straße@EXÄMPLE.de", "strasse@exämple.de"),
        ("a@xn--exmple-cua.de", "a@exämple.de"),
        ("a@straße.de", "a@straße.de"),
        ("用户@例子.公司", "用户@例子.公司"),
        ("a@b。example。org", "a@b.example.org"),
        ("a@ｅxample.org", "a@example.org"),
        ("\u{212a}@example.org", "k@example.org"),
        ("a@l·l.com", "a@l·l.com"),
        ("a@カ・カ.jp", "a@カ・カ.jp"),
        (&format!("a@{a63}.org"), &format!("a@{a63}.org")),
    ];
    for (written, expected) in cases {
        assert_eq!(parsed(written), expected, "{written:?}");
    }
}

#[test]
fn a_refusal_says_why() {
    let special =
        "The part after the @-sign is a special-use or reserved name that cannot be used with email.";
    let cases = [
        ("", "An email address must have an @-sign."),
        ("plain", "An email address must have an @-sign."),
        (
            "a\u{ff20}b.de",
            "The email address has the \"full-width\" at-sign (@) character instead of a regular at-sign.",
        ),
        (
            "a\u{fe6b}b.de",
            "The email address has the \"small commercial at\" character instead of a regular at-sign.",
        ),
        ("@b.de", "There must be something before the @-sign."),
        ("a@", "There must be something after the @-sign."),
        ("a@b", "The part after the @-sign is not valid. It should have a period."),
        ("a@127.0.0.1", "The part after the @-sign is not valid. It is not within a valid top-level domain."),
        ("a..b@c.de", "An email address cannot have two periods in a row."),
        ("a@b..de", "An email address cannot have two periods in a row."),
        (".a@b.de", "An email address cannot start with a period."),
        ("a.@b.de", "An email address cannot have a period immediately before the @-sign."),
        ("a@.b.de", "An email address cannot have a period immediately after the @-sign."),
        ("a@b.de.", "An email address cannot end with a period."),
        ("a@-b.de", "An email address cannot have a hyphen immediately after the @-sign."),
        ("a@b.de-", "An email address cannot end with a hyphen."),
        ("a@b-.de", "An email address cannot have a period and a hyphen next to each other."),
        (
            "a@bc--d.de",
            "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode.",
        ),
        ("a b@c.de", "The email address contains invalid characters before the @-sign: SPACE."),
        ("a\0b(@c.de", "The email address contains invalid characters before the @-sign: '(', U+0000."),
        ("a@b_c.de", "The part after the @-sign contains invalid characters: '_'."),
        ("a@b@c.de", "The part after the @-sign contains invalid characters: '@'."),
        ("a\u{200b}b@c.de", "The email address contains unsafe characters: ZERO WIDTH SPACE."),
        ("a\u{202e}b@c.de", "The email address contains unsafe characters: RIGHT-TO-LEFT OVERRIDE."),
        ("a@b\u{200e}.de", "The email address contains unsafe characters: LEFT-TO-RIGHT MARK."),
        ("\u{301}a@b.de", "The email address contains unsafe characters: U+0301."),
        ("a;\u{37e}@b.de", "The email address contains invalid characters before the @-sign: ';'."),
        (
            "a\u{37e}@b.de",
            "After Unicode normalization: The email address contains invalid characters before the @-sign: ';'.",
        ),
        ("\"a b\"@c.de", "Quoting the part before the @-sign is not allowed here."),
        ("\"a\"b@c.de", "Extra character(s) found after close quote: 'b'"),
        ("a@[127.0.0.1]", "A bracketed IP address after the @-sign is not allowed here."),
        ("a@[IPv6:::1]", "A bracketed IP address after the @-sign is not allowed here."),
        (
            "a@[x]",
            "The part after the @-sign in brackets is not an IPv4 address and has no address literal tag.",
        ),
        ("Ada, Countess <a@b.de>", "The display name contains invalid characters when not quoted: ','."),
        ("Ada <a@b.de> x", "There can't be anything after the email address."),
        (
            "Ada <a@b.de",
            "An open angle bracket at the start of the email address has to be followed by a close angle bracket at the end.",
        ),
        (
            "a@☃.net",
            "The part after the @-sign is invalid (Codepoint U+2603 at position 1 of '☃' not allowed).",
        ),
        (
            "a@b·c.com",
            "The part after the @-sign is invalid (Codepoint U+00B7 not allowed at position 2 in 'b·c').",
        ),
        ("a@1.אב.com", "The part after the @-sign is invalid (not valid IDNA)."),
        ("a@xn--a.com", "The part after the @-sign is invalid (not valid IDNA)."),
        ("a\nb@c.de", "Carriage return and line feed characters are not allowed"),
        ("a@b.de\r", "Carriage return and line feed characters are not allowed"),
        ("a@b.test", special),
        ("a@x.localhost", special),
        ("a@x.local", special),
        ("a@x.INVALID", special),
        ("a@x.onion", special),
        ("a@1.0.0.127.in-addr.arpa", special),
    ];
    for (written, reason) in cases {
        assert_eq!(parsed(written), format!("refused: {reason}"), "{written:?}");
    }
}

#[test]
fn lengths_end_somewhere() {
    let cases = [
        (format!("{}@b.de", "x".repeat(64)), "x".repeat(64) + "@b.de"),
        (
            format!("{}@b.de", "x".repeat(65)),
            "refused: The email address is too long before the @-sign (1 character too many).".into(),
        ),
        (
            format!("{}@{}org", "x".repeat(64), "bb.".repeat(63)),
            "refused: The email address is too long (3 characters too many).".into(),
        ),
        (
            format!("{}@{}org", "é".repeat(64), "b.".repeat(65)),
            "refused: The email address is too long (4-8 characters too many).".into(),
        ),
        (
            format!("a@{}.org", "b".repeat(64)),
            "refused: After the @-sign, periods cannot be separated by so many characters (1 character too many).".into(),
        ),
        (
            format!("a@{}org", "b.".repeat(126)),
            "refused: The email address is too long after the @-sign (2 characters too many).".into(),
        ),
        (
            format!("a@{}org", "é.".repeat(60)),
            "refused: The email address is too long after the @-sign (230 bytes too many after IDNA encoding).".into(),
        ),
        (
            format!("{}@{}org", "a".repeat(64), "é.".repeat(24)),
            "refused: The email address is too long when the part after the @-sign is converted to IDNA ASCII (6 bytes too many).".into(),
        ),
        // Folding makes two characters of one.
        (
            format!("{}@b.de", "ŉ".repeat(33)),
            "refused: The email address is too long before the @-sign (2 characters too many).".into(),
        ),
        (format!("{} <a@b.de>", "x".repeat(3000)), "refused: Length must not exceed 2048 characters".into()),
        (format!("{} <a@b.de>", "x".repeat(2000)), "a@b.de".into()),
    ];
    for (written, expected) in cases {
        assert_eq!(parsed(&written), expected);
    }
}

#[test]
fn debug_output_keeps_the_address_to_itself() {
    let address = EmailAddress::parse("ada@example.com").expect("valid");
    assert_eq!(format!("{address:?}"), "EmailAddress(…)");
}

/// Texts that come close to addresses, with what is likely to upset a parser.
fn near_address() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("@".to_owned()),
        Just("ada".to_owned()),
        Just("example.org".to_owned()),
        Just("xn--".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("<".to_owned()),
        Just(">".to_owned()),
        Just(" ".to_owned()),
        "[.\\-@<>\"\\\\\\[\\]:]{1,3}",
        "\\PC{1,3}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in prop_oneof![near_address(), ".{0,300}"]) {
        let _ = EmailAddress::parse(&text);
    }

    #[test]
    fn what_is_taken_is_in_its_final_form(text in near_address()) {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            prop_assert!(address.as_str().len() <= ADDRESS_LIMIT);
        }
    }

    #[test]
    fn plain_addresses_are_taken(local in "[a-z0-9_+-]{1,20}(\\.[a-z0-9]{1,5}){0,2}", label in "[a-z0-9]{1,20}") {
        let address = format!("{local}@{label}.example");
        prop_assert_eq!(parsed(&address), address);
    }
}

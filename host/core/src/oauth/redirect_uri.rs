//! Where a provider may send the user back to.
//!
//! Comparison is by the letter (RFC 9700 section 2.1): prefixes, patterns and "the same host" are how
//! codes have been stolen.

/// The longest URI that is taken, in bytes. It is stored with the state, and its length is the client's
/// choice.
const MAX_BYTES: usize = 2048;

/// Whether a text can be a redirect URI: absolute, without a fragment (RFC 6749 section 3.1.2), written
/// in the characters of URIs. Apps have schemes of their own, so any will do but those that run code.
#[must_use]
pub fn is_usable(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_harmless = !["javascript", "data", "vbscript", "blob", "file"]
        .iter()
        .any(|bad| scheme.eq_ignore_ascii_case(bad));
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let has_host = rest.strip_prefix("//").is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', '?'])
            && !rest.split(['/', '?']).next().unwrap_or_default().contains('@')
    });
    let is_written_well = uri.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}#".contains(c));
    uri.len() <= MAX_BYTES
        && is_scheme
        && is_harmless
        && is_written_well
        && !rest.is_empty()
        && (has_host || !is_web)
}

/// Whether the operator lets users be sent there. Without a list the provider, which has one of its own,
/// is the judge.
#[must_use]
pub fn is_registered(uri: &str, allowed: &[String]) -> bool {
    is_usable(uri) && (allowed.is_empty() || allowed.iter().any(|known| known == uri))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const APP: &str = "https://app.example.com/oauth/callback";

    #[test]
    fn uris_are_absolute_and_run_no_code() {
        for good in [
            APP,
            "http://localhost:3000/cb?next=%2F",
            "http://127.0.0.1/cb",
            "http://[::1]:8000/cb",
            "com.example.app:/oauth",
            "com.example.app://oauth",
            "HTTPS://app.example.com",
        ] {
            assert!(is_usable(good), "{good}");
        }
        let long = format!("https://app.example.com/{}", "x".repeat(MAX_BYTES));
        for bad in [
            "",
            "/cb",
            "//app.example.com/cb",
            "app.example.com/cb",
            "https:",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///cb",
            "https://?x",
            "https://app.example.com@evil.example/cb",
            "https://app.example.com/cb#x",
            "https://app.example.com/c b",
            "https://app.example.com\\@evil.example",
            "https://äpp.example.com/",
            "https://app.example.com/\r\nx: y",
            "javascript:alert(1)",
            "JavaScript://app.example.com/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "1http://x/",
            &long,
        ] {
            assert!(!is_usable(bad), "{bad}");
        }
    }

    #[test]
    fn the_list_is_compared_by_the_letter() {
        let allowed = [APP.to_owned()];
        assert!(is_registered(APP, &allowed));
        for foreign in [
            "https://app.example.com/oauth/callback/",
            "https://app.example.com/oauth/callback?x=1",
            "https://app.example.com/oauth/callback/../x",
            "https://APP.example.com/oauth/callback",
            "https://app.example.com:443/oauth/callback",
            "http://app.example.com/oauth/callback",
            "https://app.example.com.evil.example/oauth/callback",
            "https://app.example.com/oauth",
        ] {
            assert!(!is_registered(foreign, &allowed), "{foreign}");
            assert!(is_registered(foreign, &[]), "{foreign}");
        }
        assert!(!is_registered("javascript:alert(1)", &["javascript:alert(1)".to_owned()]));
    }

    proptest! {
        #[test]
        fn nothing_but_the_registered_passes(uri in "\\PC{0,60}", tail in "\\PC{1,10}") {
            let allowed = [APP.to_owned()];
            prop_assert_eq!(is_registered(&uri, &allowed), uri == APP);
            for near in [format!("{APP}{tail}"), format!("{tail}{APP}")] {
                prop_assert!(!is_registered(&near, &allowed));
            }
        }
    }
}

//! What a `User-Agent` header gives away. A guess for people to read, never a base for decisions: the
//! header is whatever the client likes it to be.

/// A device, as a person would call it.
#[derive(serde::Serialize, Debug, PartialEq, Eq)]
pub struct Device {
    pub os: &'static str,
    pub browser: &'static str,
    pub kind: &'static str,
}

/// The first mark that is found decides, so those come first whose bearers also carry the others' marks.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

const BROWSERS: [(&str, &str); 13] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-", "Python"),
    ("Python-", "Python"),
    ("okhttp/", "OkHttp"),
    ("Go-http-client/", "Go"),
];

const TOOLS: [&str; 4] = ["curl", "Python", "OkHttp", "Go"];

impl Device {
    pub fn from_user_agent(user_agent: &str) -> Self {
        let find = |marks: &[(&str, &'static str)]| {
            marks.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("unknown", |(_, name)| *name)
        };
        let os = find(&SYSTEMS);
        let browser = find(&BROWSERS);
        let kind = match os {
            _ if TOOLS.contains(&browser) => "tool",
            "iPadOS" => "tablet",
            "iOS" => "phone",
            "Android" if user_agent.contains("Mobile") => "phone",
            "Android" => "tablet",
            "unknown" => "unknown",
            _ => "desktop",
        };
        Self { os, browser, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_clients_are_recognised() {
        for (user_agent, os, browser, kind) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Windows",
                "Edge",
                "desktop",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "macOS",
                "Safari",
                "desktop",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                "iOS",
                "Chrome",
                "phone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Android",
                "Samsung Internet",
                "phone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Android",
                "Chrome",
                "tablet",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 16181.61.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "ChromeOS",
                "Chrome",
                "desktop",
            ),
            ("curl/8.15.0", "unknown", "curl", "tool"),
            ("python-requests/2.32.4", "unknown", "Python", "tool"),
            ("", "unknown", "unknown", "unknown"),
        ] {
            assert_eq!(Device::from_user_agent(user_agent), Device { os, browser, kind }, "{user_agent}");
        }
    }
}

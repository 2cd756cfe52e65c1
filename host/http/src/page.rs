//! Pages of the server's own: one file that loads nothing from elsewhere, and a policy that says so.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// A page, the same for everybody.
pub(crate) struct Page {
    html: String,
    policy: HeaderValue,
}

impl Page {
    /// Puts a style and a script into the places of a page that are marked for them. They, and requests to
    /// this server, are all that its policy allows.
    pub(crate) fn new(html: &str, style: &str, script: &str) -> Self {
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; \
             form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
            hash(style),
            hash(script)
        );
        Self {
            html: html.replace("{style}", style).replace("{script}", script),
            // Base64 and plain words always fit in a header; without the exceptions the page would just not
            // work.
            policy: HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }

    /// The answer that shows it.
    pub(crate) fn to_response(&'static self) -> Response {
        let mut response = Response::new(Body::from(self.html.as_str()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        // The address may hold a token.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        response
    }
}

#[cfg(test)]
impl Page {
    /// Panics unless the page holds what its policy allows and nothing else that does something.
    pub(crate) fn assert_self_contained(&self, style: &str, script: &str) {
        assert!(self.html.contains(&format!("<style>{style}</style>")));
        assert!(self.html.contains(&format!("<script>{script}</script>")));
        for part in ["http:", "https:", "src=", "url(", "innerHTML", "@import"] {
            assert!(!self.html.contains(part), "{part}");
        }
        let markup = self.html.replace(script, "").replace(style, "");
        for part in ["style=", " onclick", " onsubmit", " onload", " onerror", "javascript:"] {
            assert!(!markup.contains(part), "{part}");
        }
        let policy = self.policy.to_str().expect("text");
        assert_eq!(policy.matches("'sha256-").count(), 2, "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

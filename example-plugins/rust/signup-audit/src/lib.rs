//! Writes one line to the log for each sign-up, sign-in and sign-out, with the same fields each time, so
//! that a log collector can count, alert and follow one user.
//!
//! The address itself is not written, only its domain: logs live longer than accounts.

use hookgate_plugin::{EventHooks, User, log, plugin, request};

struct SignupAudit;

#[plugin]
impl EventHooks for SignupAudit {
    fn on_signup(user: &User) {
        let provider = request::provider().unwrap_or_default();
        audit("signup", user, &provider);
    }

    fn on_signin(user: &User, provider: &str) {
        audit("signin", user, provider);
    }

    fn on_signout(user: &User) {
        audit("signout", user, "");
    }
}

fn audit(action: &str, user: &User, provider: &str) {
    // An event may come twice after a crash: the id lets the reader count it once.
    let event_id = request::event_id().unwrap_or_default();
    log::info!(
        audit.action = action,
        audit.event_id = event_id,
        audit.attempt = request::attempt(),
        audit.time_ms = request::time(),
        audit.provider = provider,
        user.id = user.id,
        user.email_domain = user.email_domain(),
        user.email_verified = user.email_verified;
        "audit: {action}"
    );
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::testing::{self, Host, Request};

    use super::*;

    #[test]
    fn each_event_is_one_line_with_the_same_fields() {
        let event_id = Some("event-7".to_owned());
        let host = Host::new().with_request(Request { event_id, attempt: 2, ..Default::default() });
        let user = testing::user("ada@example.com");

        SignupAudit::on_signup(&user);
        SignupAudit::on_signin(&user, "magic_link");
        SignupAudit::on_signout(&user);

        let lines = host.logs();
        let field = |key| lines.iter().map(|line| line.field(key).unwrap()).collect::<Vec<_>>();
        assert_eq!(field("audit.action"), ["signup", "signin", "signout"]);
        assert_eq!(field("audit.provider"), ["credentials", "magic_link", ""]);
        assert_eq!(field("audit.event_id"), ["event-7"; 3]);
        assert_eq!(field("audit.attempt"), ["2"; 3]);
        assert_eq!(field("user.id"), ["user-ada"; 3]);
        assert_eq!(lines[1].message, "audit: signin");
    }

    #[test]
    fn the_address_stays_out_of_the_log() {
        let host = Host::new();

        SignupAudit::on_signup(&testing::user("ada@example.com"));

        assert!(!format!("{:?}", host.logs()).contains("ada@"));
    }
}

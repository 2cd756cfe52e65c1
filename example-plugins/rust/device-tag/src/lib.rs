//! Tags a session with the device it began on and an address prefix that names no household, so that a
//! user can recognise "Firefox on Linux" in the list of their sessions.

mod device;

use std::net::IpAddr;

use hookgate_plugin::{EventHooks, Result, Session, User, config, plugin, request};

use device::Device;

struct DeviceTag;

#[plugin]
impl EventHooks for DeviceTag {
    fn modify_session(session: &mut Session, _user: &User) -> Result<()> {
        if let Some(user_agent) = request::user_agent() {
            session.set_json("device", &Device::from_user_agent(&user_agent))?;
        }
        if let Some(prefix) = request::ip().and_then(|ip| ip.parse().ok()).map(prefix) {
            session.set("ip_prefix", prefix);
        }
        if config::get("drop_originals").as_deref() == Some("true") {
            session.remove("ip_address");
            session.remove("user_agent");
        }
        Ok(())
    }
}

/// The network of an address: 24 bits of IPv4, 48 of IPv6.
fn prefix(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use hookgate_plugin::json;
    use hookgate_plugin::testing::{self, Host, Request};

    use super::*;

    fn tagged(ip: Option<&str>, user_agent: Option<&str>, settings: hookgate_plugin::Value) -> Session {
        let (ip, user_agent) = (ip.map(str::to_owned), user_agent.map(str::to_owned));
        let _host =
            Host::new().with_config(settings).with_request(Request { ip, user_agent, ..Default::default() });
        let user = testing::user("ada@example.com");
        let mut session = testing::session(&user);
        DeviceTag::modify_session(&mut session, &user).unwrap();
        session
    }

    #[test]
    fn a_session_gets_its_device_and_network() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

        let session = tagged(Some("203.0.113.77"), Some(firefox), json!({}));

        assert_eq!(session["device"], json!({ "os": "Linux", "browser": "Firefox", "kind": "desktop" }));
        assert_eq!(session["ip_prefix"], "203.0.113.0/24");
        assert!(session.contains_key("ip_address"));
    }

    #[test]
    fn nothing_is_known_of_a_caller_who_says_nothing() {
        let session = tagged(None, None, json!({}));

        assert!(!session.contains_key("device") && !session.contains_key("ip_prefix"), "{session}");
    }

    #[test]
    fn the_originals_can_be_dropped() {
        let session = tagged(Some("203.0.113.77"), None, json!({ "drop_originals": true }));

        assert!(!session.contains_key("ip_address") && !session.contains_key("user_agent"), "{session}");
        assert_eq!(session["id"], "session-1");
    }

    #[test]
    fn prefixes_name_no_household() {
        for (ip, expected) in [
            ("192.0.2.255", "192.0.2.0/24"),
            ("::ffff:192.0.2.1", "192.0.2.0/24"),
            ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::/48"),
            ("::1", "0:0:0::/48"),
        ] {
            assert_eq!(prefix(ip.parse().unwrap()), expected);
        }
    }
}

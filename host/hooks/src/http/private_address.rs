//! One entry of `[http] allow_private`: an address that is not public and may be reached all the same.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

/// `127.0.0.1:9000`, `[::1]:9000`, `10.1.0.0/16`. Without a port it is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateAddress {
    net: IpNet,
    port: Option<u16>,
}

impl PrivateAddress {
    /// Whether it covers this address.
    #[must_use]
    pub fn covers(&self, address: SocketAddr) -> bool {
        self.net.contains(&address.ip().to_canonical()) && self.port.is_none_or(|port| port == address.port())
    }
}

/// It is neither an address nor a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither an address nor a range; write it as `127.0.0.1:9000`, `[::1]:9000` or `10.1.0.0/16`")]
pub struct PrivateAddressError;

impl FromStr for PrivateAddress {
    type Err = PrivateAddressError;

    fn from_str(text: &str) -> Result<Self, PrivateAddressError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { net: address.ip().to_canonical().into(), port: Some(address.port()) });
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { net: address.to_canonical().into(), port: None });
        }
        text.parse().map(|net: IpNet| Self { net: net.trunc(), port: None }).map_err(|_| PrivateAddressError)
    }
}

impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.net, self.port) {
            (net, Some(port)) => write!(f, "{}", SocketAddr::new(net.addr(), port)),
            (net, None) => write!(f, "{net}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_are_told_apart() {
        let covers = |rule: &str, address: &str| {
            rule.parse::<PrivateAddress>().expect("a rule").covers(address.parse().expect("an address"))
        };
        for (rule, address) in [
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            ("127.0.0.1", "127.0.0.1:1"),
            ("127.0.0.1", "[::ffff:127.0.0.1]:1"),
            ("10.1.2.3/16", "10.1.255.255:80"),
            ("[::1]:9000", "[::1]:9000"),
        ] {
            assert!(covers(rule, address), "{rule} covers {address}");
        }
        for (rule, address) in [
            ("127.0.0.1:9000", "127.0.0.1:9001"),
            ("127.0.0.1:9000", "127.0.0.2:9000"),
            ("10.1.0.0/16", "10.2.0.0:80"),
            ("10.1.0.0/16", "[::1]:80"),
        ] {
            assert!(!covers(rule, address), "{rule} does not cover {address}");
        }
        for text in ["", "localhost", "10.0.0.0/33", "127.0.0.1:99999"] {
            assert!(text.parse::<PrivateAddress>().is_err(), "{text:?}");
        }
    }
}

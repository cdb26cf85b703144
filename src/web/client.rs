//! Who is calling: the address of the visitor, believed through our own proxies only.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::Network;

/// The visitor's end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Right-most address that is not one of our proxies.
    pub address: IpAddr,
    /// Whether the visitor's own line is encrypted, when our proxy says so.
    pub https: Option<bool>,
}

impl Client {
    /// Reads the forwarded headers only when the peer is a trusted proxy. A forged left part of
    /// X-Forwarded-For is never reached.
    #[must_use]
    pub fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        if !is_ours(peer) {
            return Self { address: peer, https: None };
        }
        let hops: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let mut address = peer;
        for hop in hops.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !is_ours(address) {
                break;
            }
        }
        Self { address, https: forwarded_https(headers) }
    }

    /// The key under which an address is counted: IPv4 whole, IPv6 by its /64.
    #[must_use]
    pub fn bucket(&self) -> String {
        match self.address {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

fn forwarded_https(headers: &HeaderMap) -> Option<bool> {
    let value = headers.get_all("x-forwarded-proto").iter().next_back()?.to_str().ok()?;
    match value.rsplit(',').next()?.trim() {
        "https" => Some(true),
        "http" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        Client::behind(peer.parse().unwrap(), &headers, &trusted).address.to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(seen("198.51.100.7", &["1.2.3.4"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
    }

    #[test]
    fn a_chain_of_our_proxies_is_walked_to_its_outer_end() {
        let trusted = ["10.0.0.0/8", "192.0.2.1"];
        assert_eq!(
            seen("10.0.0.1", &["203.0.113.9, 192.0.2.1, 10.2.2.2"], &trusted),
            "203.0.113.9"
        );
        assert_eq!(seen("::ffff:10.0.0.1", &["203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[], &trusted), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, rubbish"], &trusted), "10.0.0.1");
    }

    #[test]
    fn the_scheme_is_believed_from_a_proxy_only() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-proto", "https".parse().unwrap());
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let https = |peer: &str| Client::behind(peer.parse().unwrap(), &headers, &trusted).https;
        assert_eq!(https("10.0.0.1"), Some(true));
        assert_eq!(https("198.51.100.7"), None);
    }

    #[test]
    fn an_ipv6_visitor_is_its_network() {
        let client = |text: &str| Client { address: text.parse().unwrap(), https: None };
        assert_eq!(client("2001:db8:1:2:3:4:5:6").bucket(), "2001:db8:1:2::/64");
        assert_eq!(client("203.0.113.9").bucket(), "203.0.113.9");
    }
}

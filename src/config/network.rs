//! An address or a network of addresses, as proxies and shared networks are named.

use std::{net::IpAddr, str::FromStr};

/// `10.0.0.0/8`, `::1`, `203.0.113.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    mask: u128,
    v4: bool,
}

impl Network {
    /// True when the address belongs to this network. An IPv4 address written in IPv6 counts as
    /// IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.v4 && bits(address) & self.mask == self.first
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// The text is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix: u32 = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| NotANetwork)?,
            None => width,
        };
        let host_bits = width.checked_sub(prefix).ok_or(NotANetwork)?;
        let full = u128::MAX >> (128 - width);
        let host = if host_bits == 128 { u128::MAX } else { (1_u128 << host_bits) - 1 };
        let mask = full & !host;
        Ok(Self { first: bits(address) & mask, mask, v4: address.is_ipv4() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_knows_its_addresses() {
        let inside = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(inside("10.0.0.0/8", "10.200.3.4"));
        assert!(inside("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1"));
        assert!(inside("203.0.113.7", "203.0.113.7"));
        assert!(!inside("203.0.113.7", "203.0.113.8"));
        assert!(inside("2001:db8::/64", "2001:db8::42"));
        assert!(!inside("2001:db8::/64", "2001:db8:0:1::42"));
        assert!(inside("0.0.0.0/0", "8.8.8.8"));
        assert!(!inside("::/0", "8.8.8.8"));
        assert!(inside("::/0", "2001:db8::1"));
    }

    #[test]
    fn nonsense_is_not_a_network() {
        for wrong in ["", "10.0.0.0/33", "::/129", "example.fr", "10.0.0.0/-1", "10.0.0.0/x"] {
            assert_eq!(wrong.parse::<Network>(), Err(NotANetwork), "{wrong}");
        }
    }
}

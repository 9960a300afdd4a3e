//! Which addresses a webhook may reach: the public internet, and what the operator names. A pure function of the address that
//! is connected to, whatever notation or name it came from.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A block of addresses, e.g. `10.1.0.0/16`, `fd00::/8`, or one address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| ())?)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| ())?;
        let longest = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest { Err(()) } else { Ok(Network { first, prefix }) }
    }
}

impl Network {
    /// Whether an address lies in it.
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                same(first.to_bits().into(), address.to_bits().into(), 32 - self.prefix)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                same(first.to_bits(), address.to_bits(), 128 - self.prefix)
            }
            _ => false,
        }
    }
}

/// Whether two addresses differ in the last bits only.
fn same(one: u128, other: u128, free_bits: u8) -> bool {
    (one ^ other).checked_shr(free_bits.into()).unwrap_or(0) == 0
}

/// IPv4 that is no part of the public internet (RFC 6890 and what was registered since), with multicast and class E.
const NOT_PUBLIC: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // The metadata service of one large cloud stands in public space.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Whether a webhook may connect to an address: it is public, or in one of the networks that the operator names.
pub fn may_reach(address: IpAddr, allowed: &[Network]) -> bool {
    let plain = address.to_canonical();
    if allowed.iter().any(|network| network.holds(plain)) {
        return true;
    }
    match plain {
        IpAddr::V4(v4) => is_public(v4),
        IpAddr::V6(v6) => match carried(v6) {
            Some(v4) => is_public(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public(address: Ipv4Addr) -> bool {
    let inside = |(first, prefix): &(Ipv4Addr, u8)| {
        Network { first: IpAddr::V4(*first), prefix: *prefix }.holds(address.into())
    };
    !NOT_PUBLIC.iter().any(inside)
}

/// The IPv4 address that a gateway would take out of this one: NAT64 and 6to4.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let last = |shift: u32| Ipv4Addr::from_bits((bits >> shift) as u32);
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(last(0)),
        [0x2002, ..] => Some(last(80)),
        _ => None,
    }
}

/// Global unicast only, without what in it is reserved, tunnels or documentation. What lies outside `2000::/3` is loopback,
/// local, private, an IPv4 address in disguise, NAT64 of one's own, multicast, or nobody's.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // IETF protocols (Teredo among them), and documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(address: &str) -> bool {
        may_reach(address.parse().unwrap(), &[])
    }

    #[test]
    fn what_is_public_is_reached() {
        for address in [
            "1.1.1.1",
            "93.184.215.14",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "169.253.1.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2400:3200::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
        ] {
            assert!(reaches(address), "{address}");
        }
    }

    #[test]
    fn loopback_private_local_and_metadata_addresses_are_not_in_any_notation() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "168.63.129.16",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:db8::1",
            "3fff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "ff02::1",
            "100::1",
            "5f00::1",
            "4000::1",
            "::ffff:0:127.0.0.1",
        ] {
            assert!(!reaches(address), "{address}");
        }
    }

    #[test]
    fn what_the_operator_names_is_reached_and_nothing_beside_it() {
        let allowed: Vec<Network> =
            ["127.0.0.1", "10.1.0.0/16", "fd00:1::/32"].iter().map(|text| text.parse().unwrap()).collect();
        let reaches = |address: &str| may_reach(address.parse().unwrap(), &allowed);
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "10.1.255.255", "fd00:1:2::3", "1.1.1.1"] {
            assert!(reaches(address), "{address}");
        }
        for address in ["127.0.0.2", "10.2.0.0", "fd00:2::1", "::1"] {
            assert!(!reaches(address), "{address}");
        }
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "example.com", "10.0.0.0/-1"] {
            assert_eq!(text.parse::<Network>(), Err(()), "{text}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("9.9.9.9".parse().unwrap()));
    }
}

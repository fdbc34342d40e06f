//! Which IP addresses belong to the public internet: the registries of RFC 6890, read so that what is unknown is not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Address and length of each prefix of IPv4 that is not public.
const INSIDE_V4: [(Ipv4Addr, u32); 15] = [
    // "This network", RFC 791 §3.2: some systems take 0.0.0.0 for themselves.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private, RFC 1918.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Shared by carriers' NAT, RFC 6598.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback, RFC 1122 §3.2.1.3.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, RFC 3927; clouds keep credentials at 169.254.169.254.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments, RFC 6890 §2.1; relays of 6to4, RFC 7526.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Documentation, RFC 5737; benchmarks, RFC 2544.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast, RFC 5771; reserved and broadcast, RFC 1112 §4 and RFC 919 §7.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// All that is public today, RFC 4291 §2.4: loopback, mapped IPv4, unique-local, link-local and multicast are outside of it.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// And what is not, inside of that.
const INSIDE_V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments, Teredo among them: an IPv4 address may hide in it. RFC 2928, RFC 4380.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation, RFC 3849 and RFC 9637.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, RFC 3056: an IPv4 address hides in it.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// RFC 6052 §2.1: how a machine that has IPv6 only reaches IPv4.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !INSIDE_V4.iter().any(|net| in_v4(ip, *net)),
        IpAddr::V6(ip) if in_v6(ip, NAT64) => {
            let [.., a, b, c, d] = ip.octets();
            is_public(Ipv4Addr::new(a, b, c, d).into())
        }
        IpAddr::V6(ip) => in_v6(ip, PUBLIC_V6) && !INSIDE_V6.iter().any(|net| in_v6(ip, *net)),
    }
}

fn in_v4(ip: Ipv4Addr, (net, length): (Ipv4Addr, u32)) -> bool {
    (ip.to_bits() ^ net.to_bits()) >> (32 - length) == 0
}

fn in_v6(ip: Ipv6Addr, (net, length): (Ipv6Addr, u32)) -> bool {
    (ip.to_bits() ^ net.to_bits()) >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_not_public() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.170",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:93.184.216.34",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "64:ff9b::101:101",
            "2001:200::1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}

//! The network of a container: the host's, or a bridge with an address of its
//! own.

use crate::daemons::{ADDRESSES, Baseline, NETWORK, SUBNET};
use assay_workloads::{Capability, Setting};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

/// Which network an arm's containers are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NetworkKind {
    Host,
    Bridge,
}

/// What makes the network of the bridge.
pub(super) fn make_bridge() -> String {
    format!(
        "{} (or, with a daemon of your own: docker network create --subnet {SUBNET} --ip-range \
         {ADDRESSES} {NETWORK})",
        Baseline::Docker.remedy()
    )
}

/// Addresses of a bridge's network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bridge {
    /// The first address of the upper half.
    first: u32,
    /// How many there are in it.
    size: u32,
}

/// The network a recipe uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Network {
    Host,
    Bridge(Bridge),
}

impl Bridge {
    /// The upper half of a subnet, from which servers get addresses that are
    /// known before they start; the daemon gives out the lower half.
    pub(super) fn of(subnet: &str) -> Option<Bridge> {
        let (address, bits) = subnet.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| (8..=24).contains(bits))?;
        let size = 1_u32 << (32 - bits - 1);
        Some(Bridge {
            first: u32::from(address) + size,
            size,
        })
    }

    /// The first address of all, which names the subnet.
    pub(super) fn subnet(&self) -> Ipv4Addr {
        Ipv4Addr::from(self.first - self.size)
    }

    /// An address that this process has not given out for long. Runs beside
    /// this one begin elsewhere.
    fn next(&self) -> Ipv4Addr {
        static GIVEN: AtomicU32 = AtomicU32::new(0);
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        let begin = std::process::id().wrapping_mul(2_654_435_761) >> 8;
        // Neither the first nor the last: networks and broadcasts.
        let offset = begin.wrapping_add(given) % (self.size - 2) + 1;
        Ipv4Addr::from(self.first + offset)
    }
}

/// Whoever has a loopback of its own does not see the harness on the machine's.
const OWN_LOOPBACK: &str =
    "its loopback is its own: servers and clients of the harness are on the machine's";

impl Network {
    pub(super) fn kind(&self) -> NetworkKind {
        match self {
            Network::Host => NetworkKind::Host,
            Network::Bridge(_) => NetworkKind::Bridge,
        }
    }

    /// Where the next server listens, known to all sides before it starts.
    pub(super) fn address(&self, free: SocketAddr) -> SocketAddr {
        match self {
            Network::Host => free,
            Network::Bridge(bridge) => (IpAddr::V4(bridge.next()), free.port()).into(),
        }
    }

    /// Why a case cannot be tried on it.
    pub(super) fn refuses(&self, setting: &Setting) -> Option<String> {
        let on_loopback = [Capability::Tcp, Capability::Udp, Capability::OutgoingHttp];
        let meets = !setting.peers.is_empty()
            || on_loopback.iter().any(|one| setting.granted.contains(one));
        (self.kind() == NetworkKind::Bridge && meets).then(|| OWN_LOOPBACK.to_owned())
    }
}

impl NetworkKind {
    /// The end of an arm's id.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            NetworkKind::Host => "",
            NetworkKind::Bridge => "+bridge",
        }
    }

    /// Its label.
    pub(super) fn label(self) -> &'static str {
        match self {
            NetworkKind::Host => "net=host",
            NetworkKind::Bridge => "net=bridge",
        }
    }

    /// The daemon's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            NetworkKind::Host => "host",
            NetworkKind::Bridge => NETWORK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_get_addresses_from_the_upper_half() {
        let bridge = Bridge::of(SUBNET).unwrap();
        assert_eq!(bridge.subnet(), Ipv4Addr::new(10, 213, 0, 0));
        let network = Network::Bridge(bridge);
        let free: SocketAddr = "127.0.0.1:4567".parse().unwrap();
        let (one, two) = (network.address(free), network.address(free));
        assert_ne!(one, two);
        for address in [one, two] {
            let IpAddr::V4(ip) = address.ip() else {
                panic!("{address}");
            };
            let [a, b, c, _] = ip.octets();
            assert_eq!((a, b), (10, 213));
            assert!(c >= 128, "{ip}");
            assert_eq!(address.port(), 4567);
        }
        assert_eq!(Network::Host.address(free), free);
    }

    #[test]
    fn what_is_no_subnet_of_use_is_refused() {
        for text in ["", "10.0.0.0", "10.0.0.0/30", "fd00::/64", "10.0.0.0/0"] {
            assert_eq!(Bridge::of(text), None, "{text}");
        }
    }
}

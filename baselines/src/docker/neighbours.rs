//! How soon a new address on a bridge is found (arp(7)).
//!
//! A client that tries to connect before the container is there makes the kernel
//! ask for its address; nobody answers yet, and it asks again a second later. The
//! first response of a container that is up after 200 ms would come after 1,000.

use crate::daemons::ASK_AGAIN_MS;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

/// Asking again after more than this would show in a start.
const OFTEN_ENOUGH_MS: u64 = 20;

/// Why servers on a network cannot be timed from this machine, and how they can.
pub(super) fn too_rarely_asked(subnet: Ipv4Addr) -> Option<String> {
    let routes = fs::read_to_string("/proc/net/route").ok()?;
    let interface = interface_to(subnet, &routes)?;
    let setting = Path::new("/proc/sys/net/ipv4/neigh")
        .join(interface)
        .join("retrans_time_ms");
    let every: u64 = fs::read_to_string(&setting).ok()?.trim().parse().ok()?;
    (every > OFTEN_ENOUGH_MS).then(|| {
        format!(
            "{interface} asks for an address every {every} ms only, and a first response would be \
             late by as much: echo {ASK_AGAIN_MS} >{}",
            setting.display()
        )
    })
}

/// The interface by which a subnet is reached, of the lines of /proc/net/route: name,
/// destination (in network order, written as a number of this machine), …
fn interface_to(subnet: Ipv4Addr, routes: &str) -> Option<&str> {
    let destination = format!("{:08X}", u32::from_ne_bytes(subnet.octets()));
    routes.lines().find_map(|line| {
        let mut fields = line.split_whitespace();
        let interface = fields.next()?;
        (fields.next()? == destination).then_some(interface)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_interface_of_a_subnet_is_that_of_its_route() {
        let routes = "Iface\tDestination\tGateway \tFlags\n\
                      eth0\t00000000\t010200C0\t0003\n\
                      as166198853\t0000D50A\t00000000\t0001\n";
        let of = |subnet: &str| interface_to(subnet.parse().unwrap(), routes);
        assert_eq!(of("10.213.0.0"), Some("as166198853"));
        assert_eq!(of("10.214.0.0"), None);
        assert_eq!(too_rarely_asked(Ipv4Addr::new(203, 0, 113, 0)), None);
    }
}

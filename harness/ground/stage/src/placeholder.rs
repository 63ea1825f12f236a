//! Addresses are known only when peers are up, so definitions name them:
//! `{peer.NAME}` is the address of a peer, `{port.NAME}` a port that nobody
//! listens on.

use crate::error::UnknownPlaceholder;
use crate::script::Step;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};

/// What placeholders stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// The addresses of peers by name: `127.0.0.1:PORT` or `[::1]:PORT`.
    pub peers: BTreeMap<String, String>,
    /// Free ports by name.
    pub ports: BTreeMap<String, u16>,
}

impl Placeholders {
    fn value(&self, placeholder: &str) -> Option<String> {
        match placeholder.split_once('.')? {
            ("peer", name) => self.peers.get(name).cloned(),
            ("port", name) => self.ports.get(name).map(u16::to_string),
            _ => None,
        }
    }

    fn known(&self) -> Vec<String> {
        let peers = self.peers.keys().map(|name| format!("{{peer.{name}}}"));
        let ports = self.ports.keys().map(|name| format!("{{port.{name}}}"));
        peers.chain(ports).collect()
    }
}

/// `text` with its placeholders filled in. Braces that do not begin with
/// `{peer.` or `{port.` stand for themselves.
///
/// # Errors
/// When a placeholder has no value, or no end.
pub fn substitute(text: &str, placeholders: &Placeholders) -> Result<String, UnknownPlaceholder> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = ["{peer.", "{port."]
        .iter()
        .filter_map(|prefix| rest.find(prefix))
        .min()
    {
        let (before, from) = rest.split_at(start);
        let inner = &from[1..];
        let placeholder = inner.split_once('}').map_or(inner, |(name, _)| name);
        let value = (placeholder.len() < inner.len())
            .then(|| placeholders.value(placeholder))
            .flatten()
            .ok_or_else(|| UnknownPlaceholder {
                placeholder: placeholder.to_owned(),
                known: placeholders.known(),
            })?;
        filled.push_str(before);
        filled.push_str(&value);
        // The placeholder was shorter than what is left: a brace follows it.
        rest = &inner[placeholder.len() + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

impl Step {
    /// The step with the placeholders of its address filled in. No other step
    /// has any: contents are bytes, and stay what they are.
    ///
    /// # Errors
    /// When a placeholder has no value.
    pub fn substituted(&self, placeholders: &Placeholders) -> Result<Step, UnknownPlaceholder> {
        match self {
            Step::Connect { name, to, family } => Ok(Step::Connect {
                name: name.clone(),
                to: substitute(to, placeholders)?,
                family: *family,
            }),
            other => Ok(other.clone()),
        }
    }
}

/// A port for each of `names` that nobody listens on, for TCP and UDP, IPv4
/// and IPv6, and no port twice.
///
/// Each is bound, remembered and released, so somebody else may take it before
/// it is used: there is no way to reserve a port for another process. Two
/// things keep that unlikely. Ports outside the range from which the kernel
/// serves port 0 and outgoing connections are preferred, so only a program
/// that asks for that very number can be in the way; and one process does not
/// give out a port again until it has been through all of them.
///
/// # Errors
/// When the kernel has no free port or forbids to bind any.
pub fn free_ports<'a, I>(names: I) -> io::Result<BTreeMap<String, u16>>
where
    I: IntoIterator<Item = &'a str>,
{
    let names: BTreeSet<&str> = names.into_iter().collect();
    // Held until all are chosen: what is bound cannot be chosen twice.
    let mut held = Vec::with_capacity(names.len());
    let mut ports = BTreeMap::new();
    for name in names {
        let reserved = reserve()?;
        ports.insert(name.to_owned(), reserved.port);
        held.push(reserved);
    }
    Ok(ports)
}

/// The lowest port that is tried: above the services of a machine.
const LOWEST: u16 = 10_240;
/// Ports tried before the kernel is asked to choose.
const ATTEMPTS: u32 = 256;

static NEXT: AtomicU32 = AtomicU32::new(0);

struct Reserved {
    port: u16,
    _sockets: (TcpListener, UdpSocket, Option<(TcpListener, UdpSocket)>),
}

fn reserve() -> io::Result<Reserved> {
    let below = ephemeral_from().unwrap_or(LOWEST);
    let width = u32::from(below.saturating_sub(LOWEST));
    if width > 0 {
        // Processes start at different places, so that two harnesses on one
        // machine are seldom after the same port.
        let start = std::process::id().wrapping_mul(977);
        for _ in 0..ATTEMPTS {
            let step = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % width;
            // Below `width`, which came from a u16.
            let port = LOWEST + step as u16;
            if let Ok(reserved) = bind(port) {
                return Ok(reserved);
            }
        }
    }
    for _ in 1..ATTEMPTS {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        if let Ok(reserved) = bind(port) {
            return Ok(reserved);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AddrInUse,
        format!("none of {} ports on loopback was free", 2 * ATTEMPTS),
    ))
}

fn bind(port: u16) -> io::Result<Reserved> {
    let four = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let six = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let tcp = TcpListener::bind(four)?;
    let udp = UdpSocket::bind(four)?;
    let six = match TcpListener::bind(six) {
        Ok(tcp) => Some((tcp, UdpSocket::bind(six)?)),
        // A machine without IPv6 has nobody there either.
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => None,
        Err(error)
            if error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error()) =>
        {
            None
        }
        Err(error) => return Err(error),
    };
    Ok(Reserved {
        port,
        _sockets: (tcp, udp, six),
    })
}

/// The first port that the kernel gives out by itself.
fn ephemeral_from() -> Option<u16> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    range.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders() -> Placeholders {
        Placeholders {
            peers: BTreeMap::from([("a".to_owned(), "127.0.0.1:1".to_owned())]),
            ports: BTreeMap::from([("b".to_owned(), 2)]),
        }
    }

    #[test]
    fn both_kinds_are_filled_in_wherever_they_stand() {
        let text = "http://{peer.a}/x?p={port.b}{peer.a}";
        assert_eq!(
            substitute(text, &placeholders()).as_deref(),
            Ok("http://127.0.0.1:1/x?p=2127.0.0.1:1")
        );
    }

    #[test]
    fn other_braces_are_text() {
        for text in ["", "{", "{}", "{\"peer\": 1}", "{{port}}", "peer.a}"] {
            assert_eq!(substitute(text, &placeholders()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_that_says_what_there_is() {
        let error = substitute("x {peer.z} y", &placeholders()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown placeholder '{peer.z}'; known: {peer.a}, {port.b}"
        );
        assert!(substitute("{peer.b}", &placeholders()).is_err());
        assert!(substitute("{port.a}", &placeholders()).is_err());
        assert!(substitute("{peer.a", &placeholders()).is_err());
    }

    #[test]
    fn only_the_address_of_a_step_has_placeholders() {
        let step = Step::Write(b"{peer.z}".to_vec());
        assert_eq!(step.substituted(&placeholders()), Ok(step));
        let connect = |to: &str| Step::Connect {
            name: "c".to_owned(),
            to: to.to_owned(),
            family: crate::script::Family::Ipv4,
        };
        assert_eq!(
            connect("{port.b}").substituted(&placeholders()),
            Ok(connect("2"))
        );
        assert!(connect("{port.z}").substituted(&placeholders()).is_err());
    }

    #[test]
    fn free_ports_are_free_and_distinct() {
        let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let ports = free_ports(names.iter().map(String::as_str)).unwrap();
        let distinct: BTreeSet<u16> = ports.values().copied().collect();
        assert_eq!(distinct.len(), names.len());
        for port in distinct {
            // Released: it can be bound again at once, by TCP and UDP.
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
            UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        }
    }
}

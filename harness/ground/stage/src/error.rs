//! What can stop a case before its guest is even started.

use std::io;
use std::net::IpAddr;

/// Why peers could not be put up.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Two peers have one name.
    #[error("two peers have the name '{name}'; rename one, because placeholders use the name")]
    DuplicatePeer {
        /// The name.
        name: String,
    },
    /// A step that this kind of peer cannot take where it stands.
    #[error("peer '{peer}', step {position} ({step}): {why}")]
    Script {
        /// The peer.
        peer: String,
        /// Which of its steps, counted from 1.
        position: usize,
        /// The step in words.
        step: String,
        /// Why it makes no sense, and what would.
        why: &'static str,
    },
    /// Peers are reachable from this machine only.
    #[error("peer '{peer}' has the address {address}; use 127.0.0.1 or ::1")]
    NotLoopback {
        /// The peer.
        peer: String,
        /// The address it was given.
        address: IpAddr,
    },
    /// A socket could not be bound.
    #[error("peer '{peer}' cannot listen on {address}: {source}{}", hint(.address))]
    Bind {
        /// The peer.
        peer: String,
        /// Its address.
        address: IpAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// A thread or what wakes it could not be made.
    #[error("cannot start peer '{peer}': {source}; check the limits on threads and open files")]
    Start {
        /// The peer.
        peer: String,
        /// What the kernel said.
        source: io::Error,
    },
}

fn hint(address: &IpAddr) -> &'static str {
    if address.is_ipv6() {
        "; is IPv6 switched off (sysctl net.ipv6.conf.lo.disable_ipv6)?"
    } else {
        ""
    }
}

/// A placeholder without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown placeholder '{{{placeholder}}}'; known: {}", list(.known))]
pub struct UnknownPlaceholder {
    /// What stands between the braces.
    pub placeholder: String,
    /// What could.
    pub known: Vec<String>,
}

fn list(known: &[String]) -> String {
    if known.is_empty() {
        return "nothing".to_owned();
    }
    known.join(", ")
}

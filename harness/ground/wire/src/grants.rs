//! What a component may reach, beyond its arguments and streams.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The capabilities of one instance. The default is nothing but what every
/// WASI context has: its streams, the machine's clocks and random numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grants {
    /// Directories, in the order in which the guest is told of them.
    pub preopens: Vec<Preopen>,
    /// TCP, to and on loopback addresses.
    pub tcp: bool,
    /// UDP, to and on loopback addresses.
    pub udp: bool,
    /// Looking up names.
    pub dns: bool,
    /// Outgoing HTTP requests.
    pub outgoing_http: bool,
    /// The wall clock stands still at this many nanoseconds after the epoch.
    pub wall_clock: Option<u64>,
    /// The monotonic clock starts at 0 and advances by this many nanoseconds
    /// whenever it is read.
    pub monotonic_step: Option<u64>,
    /// Random numbers come from ChaCha8 key streams of this seed.
    pub random_seed: Option<u64>,
    /// Interfaces that are not linked, without their version
    /// (`wasi:clocks/wall-clock`): to call one is a trap.
    pub withheld: Vec<String>,
}

/// A directory that a guest is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preopen {
    /// The directory of the host.
    pub host: PathBuf,
    /// Its name for the guest.
    pub guest: String,
    /// Whether anything in it may be changed.
    pub write: bool,
}

/// Why an argument does not hold grants.
#[derive(Debug, thiserror::Error)]
#[error("this argument is not a list of grants: {0}")]
pub struct NotGrants(String);

impl Grants {
    /// One argument of a command line, for a process that has no argument
    /// parser: hexadecimal digits of the postcard encoding.
    ///
    /// # Errors
    /// When a path is not Unicode, which the encoding needs.
    pub fn to_argument(&self) -> Result<String, NotGrants> {
        let bytes = postcard::to_stdvec(self).map_err(|error| NotGrants(error.to_string()))?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The grants of such an argument.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_argument(text: &str) -> Result<Grants, NotGrants> {
        let digits = text.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        let bytes = bytes.ok_or_else(|| NotGrants("it is not hexadecimal".to_owned()))?;
        postcard::from_bytes(&bytes).map_err(|error| NotGrants(error.to_string()))
    }
}

/// Pipes of the harness that take the place of a guest's standard streams: each
/// is a path that opens the guest's end (`/proc/PID/fd/N`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Standard input.
    pub stdin: PathBuf,
    /// Standard output.
    pub stdout: PathBuf,
    /// Standard error.
    pub stderr: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_holds_all_grants() {
        let grants = Grants {
            preopens: vec![Preopen {
                host: "/a b".into(),
                guest: "/".into(),
                write: false,
            }],
            tcp: true,
            wall_clock: Some(1 << 60),
            withheld: vec!["wasi:cli/exit".into()],
            ..Grants::default()
        };
        let argument = grants.to_argument().unwrap();
        assert_eq!(Grants::from_argument(&argument).unwrap(), grants);
        assert!(Grants::from_argument("xyz").is_err());
        assert!(Grants::from_argument("").is_err());
    }
}

//! Load at a fixed arrival rate: requests are due at instants that do not
//! depend on the answers.
//!
//! A client that sends its next request when the last one is answered stops
//! asking while the server stalls, and so measures the stall once instead of
//! for everybody who would have come meanwhile ("coordinated omission", Gil
//! Tene, "How NOT to Measure Latency"; open against closed systems: Schroeder,
//! Wierman and Harchol-Balter, "Open Versus Closed: A Cautionary Tale", NSDI
//! 2006). Here latency counts from the instant at which a request was *due*,
//! whatever kept it: this generator, the wait for a free connection, or the
//! server.
//!
//! The exchanges are those of [`crate::exchange`], the same parser and the same
//! strictness; a general HTTP client would hide what the wire held, and would
//! be a second definition of an outcome.

mod connection;
mod generator;
mod result;
mod schedule;

pub use generator::run;
pub use result::{Distribution, LoadResult};
pub use schedule::Arrivals;

use crate::request::Request;
use crate::response::Limits;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// What to send, where to, how fast, and when to stop.
#[derive(Debug, Clone)]
pub struct Load {
    /// The server; must be on the loopback interface.
    pub addr: SocketAddr,
    /// The request, the same each time.
    pub request: Request,
    /// How the arrivals are spaced.
    pub arrivals: Arrivals,
    /// Arrivals per second, above 0.
    pub rate: f64,
    /// At most so many requests; at least 1.
    pub max_requests: u64,
    /// No arrival is due later than this after the start.
    pub max_time: Duration,
    /// Connections, all opened before the first arrival; at least 1. A request
    /// that finds none free waits, and its latency goes on counting.
    pub connections: usize,
    /// A request without a complete response this long after it was due has
    /// failed. The run ends at the latest this long after the last arrival.
    pub timeout: Duration,
    /// Bounds of a response.
    pub limits: Limits,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Load is only sent to this machine: anything else may be somebody's.
    #[error("{addr} is not a loopback address; load is only sent to this machine")]
    NotLoopback {
        /// The address.
        addr: SocketAddr,
    },
    /// The description makes no sense.
    #[error("cannot generate load: {what}")]
    Config {
        /// What is wrong.
        what: String,
    },
    /// The connections could not be opened.
    #[error("cannot open connection {number} of {wanted} to {addr}: {source}; is the server up?")]
    Connect {
        /// The address.
        addr: SocketAddr,
        /// Which one, from 1.
        number: usize,
        /// How many there should be.
        wanted: usize,
        /// What the kernel said.
        source: io::Error,
    },
    /// The generator itself cannot work on this machine.
    #[error("cannot set up the load generator: {source}")]
    Setup {
        /// What the kernel said.
        #[from]
        source: io::Error,
    },
}

impl Load {
    fn check(&self) -> Result<(), LoadError> {
        let config = |what: &str| Err(LoadError::Config { what: what.into() });
        if !self.addr.ip().to_canonical().is_loopback() {
            return Err(LoadError::NotLoopback { addr: self.addr });
        }
        if !self.rate.is_finite() || self.rate <= 0.0 {
            return config("the rate must be a positive number of arrivals per second");
        }
        if self.max_requests == 0 || self.max_time.is_zero() {
            return config("the bounds leave no request to send");
        }
        if self.connections == 0 {
            return config("at least one connection is needed");
        }
        if self.timeout.is_zero() {
            return config("a timeout of zero fails every request");
        }
        Ok(())
    }
}

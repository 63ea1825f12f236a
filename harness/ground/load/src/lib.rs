//! Clients for a server under test: the connect loop that finds the moment of
//! readiness, one HTTP/1.1 exchange with its stamps, clients of other manners
//! (slow, early to leave, many at once), and (feature `open-loop`) load at a
//! fixed arrival rate.
//!
//! Without features this crate is single-threaded system calls and a parser,
//! because it is linked into the small process that launches what is measured.

pub mod clock;
pub mod error;
pub mod exchange;
pub mod manner;
#[cfg(feature = "open-loop")]
pub mod open_loop;
pub mod readiness;
pub mod request;
pub mod response;
pub mod together;

mod chunked;
mod conversation;
mod parser;
mod socket;
mod wire;

pub use clock::Nanos;
pub use error::{ErrorKind, ExchangeError, Phase};
pub use exchange::{connect, exchange, exchange_encoded, exchange_new_connection};
pub use manner::{Ending, Manner, exchange_in_manner};
pub use readiness::{Connected, ReadinessError, connect_loop};
pub use request::{Body, Encoded, Request};
pub use response::{Limits, Response};
pub use together::exchange_together;

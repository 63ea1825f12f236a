//! When does the server answer? A connect loop without sleeps that would be
//! seen in a cold start.

use crate::clock::{self, Nanos};
use crate::socket::{self, Attempt};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::thread::{self, ClockId};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU64;
use std::time::Duration;

/// The longest period that a cold start may be polled with.
pub const MAX_PERIOD: Duration = Duration::from_micros(100);

/// How long an attempt that is neither accepted nor refused is waited for.
/// Loopback answers within the system call. Behind a bridge that is still
/// coming up the first packet is lost and would be repeated by TCP after a
/// second (RFC 6298 §2.1): a new attempt finds the server long before.
const PATIENCE: Duration = Duration::from_millis(1);

/// A connection, and how it came to be.
#[derive(Debug)]
pub struct Connected {
    /// The connection, blocking, with `TCP_NODELAY`.
    pub stream: TcpStream,
    /// When the successful connect was seen: `CLOCK_MONOTONIC`.
    pub at: Nanos,
    /// Attempts made, the successful one included.
    pub attempts: u64,
    /// The period that was asked for: no sleep was longer.
    pub period: Duration,
    /// The longest time from the start of one attempt to the start of the
    /// next, as it really was: readiness is known no more finely than this.
    pub longest_gap: Duration,
    /// Attempts that reached this very socket instead of a server; each was
    /// reset and not counted as success.
    pub self_connects: u64,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ReadinessError {
    /// The period is zero or too long for a measured span.
    #[error("readiness period {period:?} is not within 1 ns ..= {MAX_PERIOD:?}; use a shorter one")]
    Period {
        /// What was asked for.
        period: Duration,
    },
    /// Nobody accepted before the deadline.
    #[error(
        "nothing accepted connections at {addr} before the deadline ({attempts} attempts, \
         the last one: {last}); look at the server's output or raise the deadline"
    )]
    Deadline {
        /// Where a server was expected.
        addr: SocketAddr,
        /// Attempts made.
        attempts: u64,
        /// What the last attempt met.
        last: String,
    },
    /// The kernel would not let us try.
    #[error("cannot connect to {addr}: {source}")]
    Socket {
        /// Where to.
        addr: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
}

/// Connects to `addr` as soon as it accepts, trying once every `period` (at
/// most [`MAX_PERIOD`]) until `deadline` (an instant of `CLOCK_MONOTONIC`).
///
/// The attempts start on a grid of `period`; an attempt that takes longer is
/// followed by the next one at once. The timer slack of this thread (50 µs by
/// default, prctl(2) `PR_SET_TIMERSLACK`) is lowered while the loop runs, or
/// every sleep would be half a period late.
///
/// Take the port from a bind to port 0, or from outside the range in
/// `/proc/sys/net/ipv4/ip_local_port_range`: otherwise the kernel may pick it
/// as the source port of an attempt. The loop sees through that
/// ([`Connected::self_connects`]), but for an instant the server cannot bind.
///
/// # Errors
/// See [`ReadinessError`].
pub fn connect_loop(
    addr: SocketAddr,
    period: Duration,
    deadline: Nanos,
) -> Result<Connected, ReadinessError> {
    if period.is_zero() || period > MAX_PERIOD {
        return Err(ReadinessError::Period { period });
    }
    let socket_error = |errno: Errno| ReadinessError::Socket {
        addr,
        source: errno.into(),
    };
    let _slack = TimerSlack::lower();
    let (mut attempts, mut self_connects) = (0_u64, 0_u64);
    let mut longest_gap = Duration::ZERO;
    let mut started = clock::now();
    loop {
        attempts += 1;
        let patience = PATIENCE.min(deadline.left());
        let last = match socket::attempt(&addr, patience).map_err(socket_error)? {
            Attempt::Connected(fd, at) => {
                ioctl_fionbio(&fd, false).map_err(socket_error)?;
                return Ok(Connected {
                    stream: TcpStream::from(fd),
                    at,
                    attempts,
                    period,
                    longest_gap,
                    self_connects,
                });
            }
            Attempt::Refused(errno) => io::Error::from(errno).to_string(),
            Attempt::Unanswered => format!("no answer within {patience:?}"),
            Attempt::SelfConnect => {
                self_connects += 1;
                "the kernel connected the socket to itself".to_owned()
            }
        };
        if clock::now() >= deadline {
            return Err(ReadinessError::Deadline {
                addr,
                attempts,
                last,
            });
        }
        sleep_until(started.after(period));
        let next = clock::now();
        longest_gap = longest_gap.max(next.since(started));
        started = next;
    }
}

/// Sleeps until the instant; an interruption only makes the next attempt come
/// early, which does no harm.
fn sleep_until(at: Nanos) {
    if at > clock::now() {
        let _ = thread::clock_nanosleep_absolute(ClockId::Monotonic, &at.timespec());
    }
}

/// Lowers the timer slack of this thread, and restores it: children inherit
/// it, and a measured child must not run with other timers than usual.
struct TimerSlack(Option<NonZeroU64>);

impl TimerSlack {
    fn lower() -> Self {
        let before = thread::current_timer_slack().ok().and_then(NonZeroU64::new);
        // Refusal only costs precision, which `longest_gap` shows.
        if before.is_some() {
            let _ = thread::set_current_timer_slack(NonZeroU64::new(1));
        }
        Self(before)
    }
}

impl Drop for TimerSlack {
    fn drop(&mut self) {
        if self.0.is_some() {
            let _ = thread::set_current_timer_slack(self.0);
        }
    }
}

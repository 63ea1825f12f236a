//! Many copies of one request at the same time.

use crate::clock::Nanos;
use crate::error::ExchangeError;
use crate::exchange::connect;
use crate::manner::{Ending, Manner, exchange_in_manner};
use crate::request::Encoded;
use crate::response::Limits;
use std::io;
use std::net::SocketAddr;
use std::sync::{PoisonError, RwLock};
use std::thread;

/// A thread here makes system calls and parses: this is plenty, and a hundred
/// of them need not reserve the usual 2 MiB each.
const STACK: usize = 256 << 10;

/// Opens `copies` connections, and when all are open (or have failed to) sends
/// the request on each, so that the server has them at the same time. The
/// results are in the order of the connections.
///
/// # Errors
/// When a thread cannot be started. Each exchange has its own result.
pub fn exchange_together(
    addr: SocketAddr,
    request: &Encoded,
    limits: &Limits,
    manner: &Manner,
    copies: usize,
    deadline: Nanos,
) -> io::Result<Vec<Result<Ending, ExchangeError>>> {
    let connections: Vec<_> = (0..copies)
        .map(|_| connect(addr, request, deadline))
        .collect();
    // Every thread waits to read what is locked for writing until all of them
    // exist. Nothing is ever guarded by it, so poison means nothing either.
    let gate = RwLock::new(());
    thread::scope(|scope| {
        let closed = gate.write().unwrap_or_else(PoisonError::into_inner);
        let threads = connections
            .into_iter()
            .map(|connection| {
                let gate = &gate;
                thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, move || {
                        drop(gate.read().unwrap_or_else(PoisonError::into_inner));
                        exchange_in_manner(connection?, request, limits, manner, deadline)
                    })
            })
            .collect::<io::Result<Vec<_>>>();
        drop(closed);
        Ok(threads?
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect())
    })
}

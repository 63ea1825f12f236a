//! The generator: one thread that starts requests when they are due.

use super::connection::Connection;
use super::result::{Distribution, LoadResult};
use super::schedule::Schedule;
use super::{Load, LoadError};
use crate::clock::{self, Nanos};
use crate::error::{ErrorKind, ExchangeError};
use crate::request::Encoded;
use crate::response::{Limits, Response};
use rustix::fd::OwnedFd;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Semaphore;
use tokio::task::{LocalSet, yield_now};

/// Sends the load and returns when every request is over. `check` sees every
/// complete response, after its stamps were taken, and says whether it is the
/// right one; its time is the generator's and shows as lateness when it is
/// long.
///
/// Blocks the calling thread, on which all of the work is done: give it a
/// processor of its own where there is one.
///
/// # Errors
/// See [`LoadError`]; failures of single requests are part of the result.
pub fn run(
    load: &Load,
    check: impl Fn(&Response) -> bool + 'static,
) -> Result<LoadResult, LoadError> {
    load.check()?;
    let request = load.request.encode(&load.addr.to_string());
    let request = request.map_err(|error| LoadError::Config {
        what: error.to_string(),
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, generate(load, request, Box::new(check)))
}

type Check = Box<dyn Fn(&Response) -> bool>;

/// What the tasks share; all of them are on one thread.
struct Shared {
    addr: SocketAddr,
    request: Encoded,
    limits: Limits,
    timeout: Duration,
    check: Check,
    /// A permit is the right to one of the connections. First come, first
    /// served, or a request could starve.
    permits: Semaphore,
    state: RefCell<State>,
}

struct State {
    idle: Vec<Connection>,
    result: LoadResult,
    last_over: Nanos,
}

async fn generate(load: &Load, request: Encoded, check: Check) -> Result<LoadResult, LoadError> {
    let mut idle = Vec::with_capacity(load.connections);
    for number in 1..=load.connections {
        let failed = |source| LoadError::Connect {
            addr: load.addr,
            number,
            wanted: load.connections,
            source,
        };
        let late = || failed(io::ErrorKind::TimedOut.into());
        let open = tokio::time::timeout(load.timeout, Connection::open(load.addr));
        idle.push(open.await.map_err(|_| late())?.map_err(failed)?);
    }
    let timer = Timer::new()?;
    let shared = Rc::new(Shared {
        addr: load.addr,
        request,
        limits: load.limits,
        timeout: load.timeout,
        check,
        permits: Semaphore::new(load.connections),
        state: RefCell::new(State {
            idle,
            result: empty_result(load.rate),
            last_over: Nanos(0),
        }),
    });
    let schedule = Schedule::new(load.arrivals, load.rate, load.max_requests, load.max_time);
    let start = clock::now();
    let (mut first, mut last) = (None, start);
    let mut tasks = Vec::new();
    for offset in schedule {
        let due = start.after(offset);
        if due > clock::now() {
            timer.until(due).await?;
        } else if tasks.len() % 16 == 15 {
            // Behind schedule: still let the requests run that are under way.
            yield_now().await;
        }
        first.get_or_insert(due);
        let shared = Rc::clone(&shared);
        tasks.push(tokio::task::spawn_local(request_due(shared, due)));
        last = clock::now();
    }
    let due = tasks.len() as u64;
    for task in tasks {
        // A task fails only when `check` panics: then so do we.
        if let Err(error) = task.await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    let first = first.unwrap_or(start);
    let state = &mut *shared.state.borrow_mut();
    let mut result = std::mem::replace(&mut state.result, empty_result(load.rate));
    result.due = due;
    result.generating = last.since(first);
    result.elapsed = state.last_over.since(first);
    Ok(result)
}

/// One request, from the instant it is due to its place in the result.
async fn request_due(shared: Rc<Shared>, due: Nanos) {
    let lateness = clock::now().since(due);
    let left = due.after(shared.timeout).left();
    // An error of the outer result is the timeout.
    let answer = tokio::time::timeout(left, shared.one_exchange()).await;
    let over = clock::now();
    let right = matches!(&answer, Ok(Ok((_, response))) if (shared.check)(response));
    let state = &mut *shared.state.borrow_mut();
    state.last_over = state.last_over.max(over);
    let result = &mut state.result;
    result.lateness.record(lateness);
    match answer {
        Ok(Ok((started, response))) if right => {
            result.correct += 1;
            result.latency.record(response.complete_at.since(due));
            result.service.record(response.complete_at.since(started));
        }
        Ok(Ok((_, response))) => {
            result.wrong += 1;
            let what = || format!("a wrong response with status {}", response.status);
            result.first_failure.get_or_insert_with(what);
        }
        Ok(Err(error)) => {
            *result.errors.entry(error.kind()).or_default() += 1;
            result
                .first_failure
                .get_or_insert_with(|| error.to_string());
        }
        Err(_) => {
            result.latency.record(over.since(due));
            result.censored += 1;
            *result.errors.entry(ErrorKind::Deadline).or_default() += 1;
            let what = || format!("no complete response {:?} after it was due", shared.timeout);
            result.first_failure.get_or_insert_with(what);
        }
    }
}

impl Shared {
    /// Waits for a connection, uses it, and puts it back if it is still good.
    /// Dropped at the timeout, together with the connection.
    async fn one_exchange(&self) -> Result<(Nanos, Response), ExchangeError> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let mut connection = self.connection().await?;
        let answer = connection.exchange(&self.request, &self.limits).await?;
        if answer.1.reusable {
            self.state.borrow_mut().idle.push(connection);
        }
        Ok(answer)
    }

    async fn connection(&self) -> Result<Connection, ExchangeError> {
        loop {
            // Taken out first: the borrow must not last into the wait below.
            let idle = self.state.borrow_mut().idle.pop();
            match idle {
                Some(connection) if connection.is_idle() => return Ok(connection),
                Some(_closed) => {}
                None => break,
            }
        }
        self.state.borrow_mut().result.reconnects += 1;
        let opened = Connection::open(self.addr).await;
        opened.map_err(|source| ExchangeError::Connect {
            addr: self.addr,
            source,
        })
    }
}

fn empty_result(rate: f64) -> LoadResult {
    LoadResult {
        rate,
        due: 0,
        correct: 0,
        wrong: 0,
        errors: BTreeMap::new(),
        first_failure: None,
        reconnects: 0,
        generating: Duration::ZERO,
        elapsed: Duration::ZERO,
        latency: Distribution::new(),
        censored: 0,
        service: Distribution::new(),
        lateness: Distribution::new(),
    }
}

/// An alarm with the resolution of the kernel's timers. tokio's own are rounded
/// up to milliseconds, which are many requests.
struct Timer(AsyncFd<OwnedFd>);

impl Timer {
    fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        // SAFETY: needed because tokio 1.54 deprecates the safe constructor.
        // Sound because the descriptor is owned, open, moved into the AsyncFd
        // and never replaced: only shared references to it are given out.
        let registered = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) };
        Ok(Self(registered?))
    }

    /// Waits until an instant of `CLOCK_MONOTONIC`.
    async fn until(&self, at: Nanos) -> io::Result<()> {
        let setting = Itimerspec {
            it_interval: Nanos(0).timespec(),
            it_value: at.timespec(),
        };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::ABSTIME, &setting)?;
        let mut expirations = [0; 8];
        loop {
            let mut ready = self.0.readable().await?;
            let read =
                |fd: &AsyncFd<OwnedFd>| Ok(rustix::io::read(fd.get_ref(), &mut expirations)?);
            // An error means that it was not ready after all: wait again.
            if let Ok(read) = ready.try_io(read) {
                return read.map(|_| ());
            }
        }
    }
}

//! The shell of the 0.2 components: an executor on top of `wasi:io/poll`.
//!
//! 0.2 has no async functions. A component that wants to do several things at
//! once collects what each waits for in a list of pollables and blocks on all
//! of them. That is done here, once, so that the programs can be async.

pub mod command;
pub mod http;
mod streams;

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::{Pollable, poll};

use crate::world::Clock;

/// What the futures of this component wait for at this moment.
#[derive(Debug, Clone, Default)]
pub struct Executor {
    waiting: Rc<RefCell<Vec<Rc<Event>>>>,
}

/// One thing that can be waited for, as often as it happens.
#[derive(Debug)]
struct Event {
    pollable: Pollable,
    /// It happened, and nobody has looked at it yet.
    happened: Cell<bool>,
    /// It is among what the executor waits for.
    listed: Cell<bool>,
}

impl Event {
    fn new(pollable: Pollable) -> Rc<Self> {
        Rc::new(Self {
            pollable,
            happened: Cell::new(false),
            listed: Cell::new(false),
        })
    }
}

impl Executor {
    /// Runs a future to its end; blocks the component where it can only wait.
    ///
    /// # Panics
    /// When the future waits for nothing that the executor knows: it would
    /// never go on.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        // Whatever happened, the whole future is polled again: it is one task.
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            let waiting = self.waiting.borrow().clone();
            // The interface traps on an empty list.
            assert!(!waiting.is_empty(), "waits for nothing");
            let pollables: Vec<&Pollable> = waiting.iter().map(|event| &event.pollable).collect();
            for index in poll(&pollables) {
                let event = &waiting[index as usize];
                event.happened.set(true);
                event.listed.set(false);
            }
            self.waiting.borrow_mut().retain(|event| event.listed.get());
        }
    }

    /// Waits for an event.
    fn happens(&self, event: &Rc<Event>) -> Happens {
        Happens {
            executor: self.clone(),
            event: Rc::clone(event),
        }
    }
}

struct Happens {
    executor: Executor,
    event: Rc<Event>,
}

impl Future for Happens {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.event.happened.take() {
            return Poll::Ready(());
        }
        if !self.event.listed.replace(true) {
            let event = Rc::clone(&self.event);
            self.executor.waiting.borrow_mut().push(event);
        }
        Poll::Pending
    }
}

impl Drop for Happens {
    /// Takes the event off the list: a pollable has to go before what it
    /// belongs to, and a list that kept it would keep it longer.
    fn drop(&mut self) {
        if self.event.listed.replace(false) {
            self.executor
                .waiting
                .borrow_mut()
                .retain(|event| event.listed.get());
        }
    }
}

/// `wasi:clocks/monotonic-clock@0.2`.
#[derive(Debug)]
pub struct MonotonicClock<'a>(pub &'a Executor);

impl Clock for MonotonicClock<'_> {
    fn now(&self) -> u64 {
        monotonic_clock::now()
    }

    async fn sleep(&self, nanoseconds: u64) {
        let over = Event::new(monotonic_clock::subscribe_duration(nanoseconds));
        self.0.happens(&over).await;
    }
}

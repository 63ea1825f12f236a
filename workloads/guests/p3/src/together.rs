//! Several futures at once, in one task.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// Waits for all of them; the outputs are in the order of the futures,
/// whichever was done first.
pub async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures
        .into_iter()
        .map(|future| Slot::Running(Box::pin(future)))
        .collect();
    poll_fn(|context| {
        let mut pending = false;
        for slot in &mut slots {
            if let Slot::Running(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Slot::Done(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    slots
        .into_iter()
        .filter_map(|slot| match slot {
            Slot::Running(_) => None,
            Slot::Done(output) => Some(output),
        })
        .collect()
}

enum Slot<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

/// Waits for one of them, and drops the others. `None` if there is none.
pub async fn first<F: Future>(futures: impl IntoIterator<Item = F>) -> Option<(usize, F::Output)> {
    let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    if running.is_empty() {
        return None;
    }
    poll_fn(|context| {
        for (index, future) in running.iter_mut().enumerate() {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some((index, output)));
            }
        }
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{all, first};
    use core::future::{Future, poll_fn};
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    /// A future that is ready when it is polled for the n-th time.
    async fn after(polls: u32, output: u32) -> u32 {
        let mut left = polls;
        poll_fn(|_| {
            left = left.saturating_sub(1);
            if left == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        output
    }

    /// What a future gives, and the number of polls it took.
    fn run<F: Future>(future: F) -> (F::Output, u32) {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for polls in 1.. {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return (output, polls);
            }
        }
        unreachable!("the range has no end");
    }

    #[test]
    fn all_run_at_once_and_keep_their_order() {
        let (outputs, polls) = run(all([after(3, 30), after(1, 10), after(2, 20)]));
        assert_eq!(outputs, [30, 10, 20]);
        assert_eq!(polls, 3);
    }

    #[test]
    fn the_first_is_the_one_that_is_done_first() {
        let (output, polls) = run(first([after(3, 30), after(2, 20)]));
        assert_eq!(output, Some((1, 20)));
        assert_eq!(polls, 2);
    }

    #[test]
    fn of_none_there_is_nothing_to_wait_for() {
        assert_eq!(run(all(Vec::<core::future::Ready<()>>::new())).1, 1);
        assert_eq!(run(first(Vec::<core::future::Ready<()>>::new())), (None, 1));
    }
}

//! Live instances that stay.

use crate::launch::context;
use crate::wall;
use assay_engine::command::{Exit, Live, SyncCommand};
use assay_engine::stdio::Sink;
use assay_wire::worker::{Input, Proof, Stop};
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

/// Stands for the nonce in an instance's arguments.
const NONCE: &str = "{nonce}";

/// Instances that have run once and are kept: a command cannot be entered
/// twice, so its output is the proof that it was alive.
#[derive(Default)]
pub struct Held {
    instances: Vec<Live>,
    /// What all of them were fed: one copy, or a large input would be taken
    /// for memory of the instances.
    stdin: Bytes,
}

impl Held {
    /// How many there are.
    #[must_use]
    pub fn live(&self) -> u64 {
        self.instances.len() as u64
    }

    /// Ends all of them.
    pub fn clear(&mut self) {
        *self = Held::default();
    }

    /// Adds instances until there are that many; `Some` says what kept it from
    /// that.
    pub fn grow(
        &mut self,
        command: &SyncCommand,
        until: u64,
        input: &Input,
        proof: &Proof,
    ) -> Option<Stop> {
        if self.stdin != input.stdin {
            self.stdin = Bytes::copy_from_slice(&input.stdin);
        }
        while self.live() < until {
            if self.live().is_multiple_of(wall::LOOK_EVERY)
                && let Some(wall) = wall::ahead(self.live())
            {
                return Some(wall);
            }
            match self.one(command, input, proof) {
                Ok(live) => self.instances.push(live),
                Err(stop) => return Some(stop),
            }
        }
        None
    }

    fn one(&self, command: &SyncCommand, input: &Input, proof: &Proof) -> Result<Live, Stop> {
        let nonce = format!("{:016x}", nonce(self.live()));
        let args: Vec<String> = input
            .args
            .iter()
            .map(|arg| arg.replace(NONCE, &nonce))
            .collect();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let stdout = Sink::new(move |bytes: &[u8]| {
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(bytes);
            Ok(())
        });
        let stderr = Sink::new(|_: &[u8]| Ok(()));
        let mut live = context(input, &args, self.stdin.clone(), stdout, stderr)
            .and_then(|wasi| command.instantiate(wasi))
            .map_err(|error| Stop::Engine(format!("{error:?}")))?;
        match live.run() {
            Exit::Ok => {}
            Exit::Err => {
                let seen = format!("instance {} failed", self.live());
                return Err(Stop::WrongAnswer(seen));
            }
            Exit::Trap(error) => return Err(Stop::Engine(format!("{error:?}"))),
        }
        // Taken, not borrowed: a live instance keeps no transcript.
        let said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
        let proven = match proof {
            Proof::Nonce => String::from_utf8_lossy(&said).contains(&nonce),
            Proof::Stdout(expected) => said == *expected,
        };
        match proven {
            true => Ok(live),
            false => Err(Stop::WrongAnswer(format!(
                "instance {} said {:?}",
                self.live(),
                String::from_utf8_lossy(&said)
            ))),
        }
    }
}

/// Distinct for every instance and unlike a counter (splitmix64's finaliser).
fn nonce(index: u64) -> u64 {
    let mut z = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    #[test]
    fn nonces_are_distinct() {
        let all: std::collections::BTreeSet<_> = (0..10_000).map(super::nonce).collect();
        assert_eq!(all.len(), 10_000);
    }
}

//! Live instances that stay.

use crate::wall;
use assay_engine::command::{Exit, Live, SyncCommand};
use assay_engine::stdio::Sink;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime_wasi::WasiCtx;

/// Stands for the nonce in an instance's arguments.
const NONCE: &str = "{nonce}";

/// Instances that have run once and are kept: a command cannot be entered
/// twice, so its output is the proof that it was alive.
#[derive(Default)]
pub struct Held(Vec<Live>);

impl Held {
    /// How many there are.
    #[must_use]
    pub fn live(&self) -> u64 {
        self.0.len() as u64
    }

    /// Ends all of them.
    pub fn clear(&mut self) {
        self.0 = Vec::new();
    }

    /// Adds instances until there are that many; `Some` names the wall that
    /// was hit, or the instance that answered wrong.
    pub fn grow(&mut self, command: &SyncCommand, until: u64, args: &[String]) -> Option<String> {
        while self.live() < until {
            if self.live().is_multiple_of(wall::LOOK_EVERY)
                && let Some(wall) = wall::ahead(self.live())
            {
                return Some(wall);
            }
            match self.one(command, args) {
                Ok(live) => self.0.push(live),
                Err(wall) => return Some(wall),
            }
        }
        None
    }

    fn one(&self, command: &SyncCommand, args: &[String]) -> Result<Live, String> {
        let nonce = format!("{:016x}", nonce(self.live()));
        let args: Vec<String> = args.iter().map(|arg| arg.replace(NONCE, &nonce)).collect();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        let mut wasi = WasiCtx::builder();
        wasi.args(&args)
            .allow_blocking_current_thread(true)
            .stdout(Sink::new(move |bytes: &[u8]| {
                heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(bytes);
                Ok(())
            }));
        let mut live = command
            .instantiate(wasi.build())
            .map_err(|error| format!("engine: {error:?}"))?;
        match live.run() {
            Exit::Ok => {}
            Exit::Err => return Err(format!("wrong answer: instance {} failed", self.live())),
            Exit::Trap(error) => return Err(format!("engine: {error:?}")),
        }
        // Taken, not borrowed: a live instance keeps no transcript.
        let said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
        let said = String::from_utf8_lossy(&said);
        match said.contains(&nonce) {
            true => Ok(live),
            false => Err(format!(
                "wrong answer: instance {} said {said:?}",
                self.live()
            )),
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

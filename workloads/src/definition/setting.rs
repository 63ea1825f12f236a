//! What surrounds a case: directories and clocks.

use serde::Deserialize;

use super::leaf::{Below, GuestPath, Instant};
use crate::setting::Preopen;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPreopen {
    path: Below,
    at: GuestPath,
    write: Option<bool>,
}

impl From<RawPreopen> for Preopen {
    fn from(raw: RawPreopen) -> Self {
        Preopen {
            path: raw.path.0,
            at: raw.at.0,
            write: raw.write.unwrap_or(true),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockKeys {
    wall: Option<Instant>,
    monotonic_step_ns: Option<u64>,
}

/// The wall clock, and the step of the monotonic one.
#[derive(Default, Deserialize)]
#[serde(try_from = "ClockKeys")]
pub(super) struct Clock {
    pub(super) wall: Option<u64>,
    pub(super) monotonic_step: Option<u64>,
}

impl TryFrom<ClockKeys> for Clock {
    type Error = &'static str;
    fn try_from(keys: ClockKeys) -> Result<Self, &'static str> {
        match (keys.wall, keys.monotonic_step_ns) {
            (None, None) => Err("says neither wall nor monotonic_step_ns"),
            (wall, monotonic_step) => Ok(Clock {
                wall: wall.map(|wall| wall.0),
                monotonic_step,
            }),
        }
    }
}

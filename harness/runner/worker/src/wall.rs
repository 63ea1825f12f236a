//! Walls that a density run must foresee, because behind them a process hangs
//! or is killed instead of failing.

use assay_wire::memory_wall;
use assay_wire::worker::Stop;
use std::fs;

/// Memory maps that are left to the process itself.
const MAP_RESERVE: u64 = 1024;

/// Instances between two looks: reading `/proc/self/maps` takes longer than
/// starting many instances.
pub const LOOK_EVERY: u64 = 128;

/// Which wall the next [`LOOK_EVERY`] instances would hit, if any, after `live`
/// of them.
#[must_use]
pub fn ahead(live: u64) -> Option<Stop> {
    Readings {
        available: mem_available(),
        maps: map_count().zip(max_map_count()),
    }
    .wall(live)
}

/// What decides; `None` where the machine does not say.
struct Readings {
    /// Memory that the machine could still give out, in bytes.
    available: Option<u64>,
    /// Memory maps of this process, and how many it may have.
    maps: Option<(u64, u64)>,
}

impl Readings {
    fn wall(&self, live: u64) -> Option<Stop> {
        if let Some(wall) = self.available.and_then(memory_wall) {
            return Some(Stop::Memory(wall));
        }
        let (maps, limit) = self.maps?;
        let per_instance = maps.div_ceil(live.max(1));
        let needed = per_instance.saturating_mul(LOOK_EVERY) + MAP_RESERVE;
        (live > 0 && maps + needed > limit).then(|| {
            let seen = format!("{maps} of vm.max_map_count = {limit} with {live} live instances");
            Stop::MemoryMaps(seen)
        })
    }
}

fn mem_available() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim()
        .trim_end_matches("kB")
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kib| kib << 10)
}

fn map_count() -> Option<u64> {
    let maps = fs::read("/proc/self/maps").ok()?;
    Some(maps.iter().filter(|&&byte| byte == b'\n').count() as u64)
}

fn max_map_count() -> Option<u64> {
    fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Asks the kernel to end this process first when memory runs out, not the
/// harness or somebody else's program.
///
/// # Errors
/// When `/proc/self/oom_score_adj` cannot be written.
pub fn volunteer_for_oom() -> std::io::Result<()> {
    fs::write("/proc/self/oom_score_adj", "1000")
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_wire::MEMORY_RESERVE;

    #[test]
    fn the_machine_can_be_read() {
        assert!(mem_available().is_some());
        assert!(map_count().is_some_and(|maps| maps > 5));
        assert!(max_map_count().is_some());
    }

    const ORDINARY: Readings = Readings {
        available: Some(8 << 30),
        maps: Some((400, 65_530)),
    };

    #[test]
    fn a_process_of_ordinary_size_sees_no_wall() {
        for live in [0, 1, 100, 1_000_000] {
            assert_eq!(ORDINARY.wall(live), None, "{live}");
        }
    }

    #[test]
    fn memory_of_the_machine_is_a_wall() {
        let with = |available| Readings {
            available,
            ..ORDINARY
        };
        assert_eq!(with(Some(MEMORY_RESERVE)).wall(1), None);
        let wall = with(Some(MEMORY_RESERVE - 1)).wall(1);
        assert!(matches!(wall, Some(Stop::Memory(_))), "{wall:?}");
        assert_eq!(with(None).wall(1), None);
    }

    #[test]
    fn memory_maps_of_the_process_are_a_wall() {
        // Two maps an instance: the next look would come 256 maps later.
        let with = |maps| Readings {
            maps: Some((maps, 65_530)),
            ..ORDINARY
        };
        let last = 65_530 - MAP_RESERVE - 2 * LOOK_EVERY;
        assert_eq!(with(last).wall(last / 2), None);
        let wall = with(last + 2).wall(last / 2 + 1);
        assert!(matches!(wall, Some(Stop::MemoryMaps(_))), "{wall:?}");
        // Before there are instances, what one takes is not known.
        assert_eq!(with(65_529).wall(0), None);
    }
}

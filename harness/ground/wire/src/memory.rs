//! The memory that density runs leave to the rest of the machine: harness and
//! worker stop at the same wall.

/// Memory that is left, in bytes. Where it is used up, the kernel kills
/// processes, and not only those of the run.
pub const MEMORY_RESERVE: u64 = 2 << 30;

/// What is said where less than [`MEMORY_RESERVE`] is left; `available` is
/// `MemAvailable` of `/proc/meminfo`, in bytes.
#[must_use]
pub fn memory_wall(available: u64) -> Option<String> {
    (available < MEMORY_RESERVE).then(|| {
        format!("MemAvailable is {available} bytes, {MEMORY_RESERVE} are left to the machine")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_is_where_the_reserve_begins() {
        assert_eq!(memory_wall(MEMORY_RESERVE), None);
        let wall = memory_wall(MEMORY_RESERVE - 1).unwrap();
        assert!(wall.contains("2147483647 bytes"), "{wall}");
    }
}

//! The memory of one process, from `/proc/PID/smaps_rollup` or, where that is
//! missing, added up from `/proc/PID/smaps`.

use assay_model::Bytes;
use std::ops::Add;

/// Memory of a process in bytes. All figures are of the same read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProcessMemory {
    /// Proportional set size: each resident page divided by the number of
    /// processes that map it. The sum over processes counts every page once,
    /// which makes it the headline. Field `Pss`.
    pub pss: Bytes,
    /// Unique set size, what ending the process would give back:
    /// `Private_Clean + Private_Dirty + Private_Hugetlb`.
    pub uss: Bytes,
    /// Resident set size, shared pages counted in full: `Rss`. The kernel
    /// leaves huge pages of hugetlbfs out.
    pub rss: Bytes,
    /// Anonymous part of PSS: `Pss_Anon`. `None` where the kernel does not
    /// split PSS (before Linux 5.9, and in `smaps`).
    pub anon: Option<Bytes>,
    /// File part of PSS: `Pss_File`. `None` as for `anon`.
    pub file: Option<Bytes>,
    /// Shared-memory part of PSS (tmpfs, memfd, `MAP_SHARED` without a file):
    /// `Pss_Shmem`. `None` as for `anon`.
    pub shmem: Option<Bytes>,
    /// Proportional share of what is swapped out and thus in none of the
    /// above: `SwapPss`. `None` where the kernel does not tell.
    pub swap_pss: Option<Bytes>,
}

impl Add for ProcessMemory {
    type Output = ProcessMemory;

    /// The memory of a set of processes. RSS and USS are sums too, of which
    /// RSS counts shared pages more than once. A part that is unknown for one
    /// process is unknown for the set.
    fn add(self, other: Self) -> Self {
        let both = |a: Option<Bytes>, b: Option<Bytes>| Some(a? + b?);
        Self {
            pss: self.pss + other.pss,
            uss: self.uss + other.uss,
            rss: self.rss + other.rss,
            anon: both(self.anon, other.anon),
            file: both(self.file, other.file),
            shmem: both(self.shmem, other.shmem),
            swap_pss: both(self.swap_pss, other.swap_pss),
        }
    }
}

/// Adds up all lines `Key:  123 kB`; a rollup has one of each. The error is
/// the name of what is missing or the line that is not understood.
pub(crate) fn parse(text: &str) -> Result<ProcessMemory, Problem> {
    let mut sums = Sums::default();
    for line in text.lines() {
        // A mapping's own line starts with its address range; its path may
        // well contain a colon.
        let Some((key, rest)) = line.split_once(':') else {
            continue;
        };
        let Some(sum) = sums.of(key) else { continue };
        let kib = rest.trim().strip_suffix("kB").map(str::trim);
        let Some(kib) = kib.and_then(|number| number.parse::<u64>().ok()) else {
            return Err(Problem::Line(line.to_owned()));
        };
        let bytes = kib
            .checked_mul(1024)
            .and_then(|b| b.checked_add(sum.unwrap_or(0)));
        *sum = Some(bytes.ok_or_else(|| Problem::Line(line.to_owned()))?);
    }
    let need = |value: Option<u64>, name| value.map(Bytes).ok_or(Problem::Missing(name));
    let clean = need(sums.private_clean, "Private_Clean")?;
    let dirty = need(sums.private_dirty, "Private_Dirty")?;
    Ok(ProcessMemory {
        pss: need(sums.pss, "Pss")?,
        // Kernels without hugetlbfs leave its lines out (and so does the
        // memory of its pages).
        uss: clean + dirty + Bytes(sums.private_hugetlb.unwrap_or(0)),
        rss: need(sums.rss, "Rss")?,
        anon: sums.pss_anon.map(Bytes),
        file: sums.pss_file.map(Bytes),
        shmem: sums.pss_shmem.map(Bytes),
        swap_pss: sums.swap_pss.map(Bytes),
    })
}

/// Why a text is not the memory of a process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Missing(&'static str),
    Line(String),
}

#[derive(Default)]
struct Sums {
    rss: Option<u64>,
    pss: Option<u64>,
    pss_anon: Option<u64>,
    pss_file: Option<u64>,
    pss_shmem: Option<u64>,
    private_clean: Option<u64>,
    private_dirty: Option<u64>,
    private_hugetlb: Option<u64>,
    swap_pss: Option<u64>,
}

impl Sums {
    fn of(&mut self, key: &str) -> Option<&mut Option<u64>> {
        Some(match key {
            "Rss" => &mut self.rss,
            "Pss" => &mut self.pss,
            "Pss_Anon" => &mut self.pss_anon,
            "Pss_File" => &mut self.pss_file,
            "Pss_Shmem" => &mut self.pss_shmem,
            "Private_Clean" => &mut self.private_clean,
            "Private_Dirty" => &mut self.private_dirty,
            "Private_Hugetlb" => &mut self.private_hugetlb,
            "SwapPss" => &mut self.swap_pss,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLLUP: &str = "\
5584f2095000-7ffd78d56000 ---p 00000000 00:00 0                          [rollup]
Rss:                1600 kB
Pss:                 371 kB
Pss_Dirty:           112 kB
Pss_Anon:            112 kB
Pss_File:            258 kB
Pss_Shmem:             1 kB
Shared_Clean:       1440 kB
Shared_Dirty:          0 kB
Private_Clean:        48 kB
Private_Dirty:       112 kB
Referenced:         1600 kB
Anonymous:           112 kB
KSM:                   0 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:    2048 kB
Swap:                  9 kB
SwapPss:               8 kB
Locked:                0 kB
";

    const fn kib(kib: u64) -> Bytes {
        Bytes(kib * 1024)
    }

    #[test]
    fn a_rollup_is_read_field_by_field() {
        let expected = ProcessMemory {
            pss: kib(371),
            uss: kib(48 + 112 + 2048),
            rss: kib(1600),
            anon: Some(kib(112)),
            file: Some(kib(258)),
            shmem: Some(kib(1)),
            swap_pss: Some(kib(8)),
        };
        assert_eq!(parse(ROLLUP), Ok(expected));
    }

    #[test]
    fn smaps_of_an_old_kernel_is_added_up() {
        // Linux 4.4: no rollup, no split of PSS; a path with a colon, and one
        // that looks like a field.
        let smaps = "\
00400000-0040b000 r-xp 00000000 08:01 131 /srv/Pss:  9 kB
Size:                 44 kB
Rss:                  40 kB
Pss:                  20 kB
Private_Clean:         4 kB
Private_Dirty:         0 kB
VmFlags: rd ex mr mw me dw
7f00-7f01 rw-p 00000000 00:00 0 [heap]
Rss:                   8 kB
Pss:                   8 kB
Private_Clean:         0 kB
Private_Dirty:         8 kB
";
        let memory = parse(smaps).unwrap();
        assert_eq!(
            (memory.pss, memory.uss, memory.rss),
            (kib(28), kib(12), kib(48))
        );
        assert_eq!((memory.anon, memory.swap_pss), (None, None));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(parse(""), Err(Problem::Missing("Private_Clean")));
        let without = ROLLUP.replace("Pss:   ", "Nope:  ");
        assert_eq!(parse(&without), Err(Problem::Missing("Pss")));
        let odd = ROLLUP.replace("371 kB", "371 MB");
        assert!(matches!(parse(&odd), Err(Problem::Line(line)) if line.starts_with("Pss:")));
    }

    #[test]
    fn a_sum_does_not_invent_parts() {
        let whole = parse(ROLLUP).unwrap();
        let part = ProcessMemory {
            anon: None,
            ..whole
        };
        let sum = whole + part;
        assert_eq!(sum.pss, kib(742));
        assert_eq!(sum.anon, None);
        assert_eq!(sum.file, Some(kib(516)));
    }
}

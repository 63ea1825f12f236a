//! A part of the work, so that several processes or machines share it.

use crate::exit::Failure;
use assay_model::CaseId;
use assay_workloads::Workload;
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// The `K`th of `N` parts, written `K/N`. A workload is in one part with all of
/// its cases, so that it is prepared once; the parts of one `N` are all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    part: usize,
    parts: NonZeroUsize,
}

impl FromStr for Shard {
    type Err = String;
    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || format!("'{text}' is not a shard: write K/N with K from 1 to N, as in 2/4");
        let (part, parts) = text.split_once('/').ok_or_else(wrong)?;
        let part = part.parse().map_err(|_| wrong())?;
        let parts: NonZeroUsize = parts.parse().map_err(|_| wrong())?;
        match (1..=parts.get()).contains(&part) {
            true => Ok(Shard { part, parts }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.parts)
    }
}

impl Shard {
    /// Leaves the cases of this part. Workloads are dealt out in turn, so that
    /// neighbours in the catalog, which are alike, go to different parts.
    ///
    /// # Errors
    /// When there are more parts than workloads, and none is left for this one.
    pub fn keep(self, cases: &mut Vec<(&Workload, CaseId)>) -> Result<(), Failure> {
        let mut numbers = BTreeMap::new();
        for (workload, _) in cases.iter() {
            let next = numbers.len();
            numbers.entry(workload.id.clone()).or_insert(next);
        }
        let workloads = numbers.len();
        cases.retain(|(workload, _)| {
            let number = numbers.get(&workload.id);
            number.is_some_and(|&number| number % self.parts == self.part - 1)
        });
        match cases.is_empty() {
            false => Ok(()),
            true => Err(Failure::NothingSelected(format!(
                "shard {self} is empty: fewer workloads ({workloads}) are selected than there are \
                 shards"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_workloads::Catalog;
    use std::collections::BTreeSet;

    #[test]
    fn parts_are_all_of_it_and_share_nothing() {
        let catalog = Catalog::load(Catalog::default_directory()).unwrap();
        let all: Vec<(&Workload, CaseId)> = catalog
            .cases()
            .map(|case| (case.workload, case.case.id.clone()))
            .collect();
        let mut seen = BTreeSet::new();
        let mut workloads = BTreeSet::new();
        for part in 1..=3 {
            let mut cases = all.clone();
            let shard: Shard = format!("{part}/3").parse().unwrap();
            shard.keep(&mut cases).unwrap();
            assert!(cases.len() > all.len() / 5, "{shard} has {}", cases.len());
            let own: BTreeSet<_> = cases.iter().map(|(workload, _)| &workload.id).collect();
            for id in own {
                assert!(workloads.insert(id), "{id} is in two parts");
            }
            seen.extend(cases.into_iter().map(|(_, id)| id));
        }
        assert_eq!(seen.len(), all.len());
    }

    #[test]
    fn a_part_that_is_none_is_refused() {
        for text in ["", "1", "0/2", "3/2", "1/0", "a/b", "-1/2"] {
            let said = text.parse::<Shard>().unwrap_err();
            assert!(said.contains("K/N"), "{text}: {said}");
        }
        let shard: Shard = "2/2".parse().unwrap();
        assert_eq!(shard.keep(&mut Vec::new()).unwrap_err().code(), 4);
    }
}

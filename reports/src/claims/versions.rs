//! Claim 10: WASI 0.2 and 0.3.

use assay_model::{Shows, State, Unit, Verdict};

use super::claim::{Claim, Judgement, list};
use crate::analyse::{Analysis, Both, CellState, Pair};
use crate::format;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[Claim {
    id: "10",
    quote: "WASI 0.2 “is primarily synchronous”; 0.3 brings native async",
    test: "the same programs for 0.2 and for 0.3, including programs that wait for several things \
           at once: outcomes and cost",
    by_figures: true,
    decide: synchronous,
}];

/// The tag of programs that wait for several things at once: only they can tell
/// a version that can from one that cannot.
const CONCURRENT: &str = "concurrency";

/// How the members of some pairs came out, over all cases and arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    /// Cells in which the 0.2 member passed, and the 0.3 member.
    passed: Both<usize>,
    /// Cells that ran in both.
    ran: usize,
}

fn seen<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Seen {
    let mut seen = Seen::default();
    let outcomes = pairs
        .flat_map(|pair| &pair.arms)
        .flat_map(|on| &on.outcomes);
    for outcome in outcomes.filter(|outcome| outcome.ran()) {
        let passes = |state| usize::from(state == CellState::Known(State::Pass));
        seen.ran += 1;
        seen.passed.with += passes(outcome.states.with);
        seen.passed.of += passes(outcome.states.of);
    }
    seen
}

/// Claim 10.
fn synchronous(analysis: &Analysis<'_>) -> Judgement {
    let pairs = || analysis.pairs.iter().filter(|p| p.shows == Shows::Wasi03);
    let all = seen(pairs());
    let concurrent = seen(pairs().filter(|p| p.tags.iter().any(|tag| tag == CONCURRENT)));
    let (verdict, words) = verdict_on(all, concurrent);
    if all.ran == 0 {
        return Judgement::not_measured(words);
    }
    let mut reason = format!(
        "{words} Of {} cells of the same programs for either version {} pass on 0.2 and {} on \
         0.3; of the {} that wait for several things at once, {} and {}.",
        all.ran,
        all.passed.with,
        all.passed.of,
        concurrent.ran,
        concurrent.passed.with,
        concurrent.passed.of
    );
    let costs: Vec<String> = pairs().filter_map(cost).collect();
    reason.push_str(&if costs.is_empty() {
        " The cost of the two versions is not in this record.".to_owned()
    } else {
        format!(" From 0.2 to 0.3: {}.", costs.join("; "))
    });
    let rows = pairs()
        .flat_map(|pair| pair.arms.iter().map(|on| on.row(pair)))
        .collect();
    Judgement::new(verdict, reason, rows)
}

/// Sizes, and starts by arm.
fn cost(pair: &Pair) -> Option<String> {
    let starts: Vec<String> = pair
        .arms
        .iter()
        .filter_map(|on| {
            let start = on.starts.first()?;
            Some(format!("{} on {}", format::effect(&start.ratio), on.arm))
        })
        .collect();
    if starts.is_empty() {
        return None;
    }
    let size = pair.wasm.both().map_or_else(String::new, |(with, of)| {
        format!(
            " (component {} and {})",
            format::value(Unit::Bytes, *with),
            format::value(Unit::Bytes, *of)
        )
    });
    Some(format!("{}{size} starts in {}", pair.of, list(&starts)))
}

fn verdict_on(all: Seen, concurrent: Seen) -> (Verdict, &'static str) {
    if all.ran == 0 {
        (
            Verdict::NotMeasured,
            "No program in this record ran for both versions.",
        )
    } else if all.passed.of < all.ran {
        (
            Verdict::Depends,
            "It depends on the program: some give wrong outcomes on 0.3.",
        )
    } else if concurrent.ran == 0 {
        (
            Verdict::NotMeasured,
            "Programs for 0.3 run, but none in this record waits for several things at once, which \
             decides the claim.",
        )
    } else if concurrent.passed.with < concurrent.ran {
        (
            Verdict::Confirmed,
            "Programs that wait for several things at once pass on 0.3 and not on 0.2.",
        )
    } else {
        (
            Verdict::Depends,
            "True of the interfaces, not of what a program can do: each function of 0.2 returns \
             before the next begins, but a program can list what it waits for and wait for all of \
             it with wasi:io/poll, and such programs give the right outcomes on 0.2 as well. In \
             0.3 the waiting is in the functions themselves, and the program needs no executor for \
             it.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(with: usize, of: usize, ran: usize) -> Seen {
        Seen {
            passed: Both { with, of },
            ran,
        }
    }

    #[test]
    fn programs_that_wait_at_once_decide() {
        let none = Seen::default();
        for (all, concurrent, expected) in [
            (none, none, Verdict::NotMeasured),
            (seen(20, 20, 20), none, Verdict::NotMeasured),
            (seen(20, 19, 20), seen(8, 8, 8), Verdict::Depends),
            (seen(20, 20, 20), seen(8, 8, 8), Verdict::Depends),
            (seen(15, 20, 20), seen(3, 8, 8), Verdict::Confirmed),
        ] {
            assert_eq!(
                verdict_on(all, concurrent).0,
                expected,
                "{all:?} {concurrent:?}"
            );
        }
    }
}

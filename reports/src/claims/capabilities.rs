//! Claims 9 and 9b: what a component can get at.

use std::collections::BTreeMap;

use assay_model::{Access, ArmFacts, ArmKind, Verdict};

use super::claim::{Claim, Judgement, list};
use crate::analyse::{AccessCell, Analysis, Found, Tally};

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "9",
        quote: "“zero access to the host system by default”: no file system, socket or system \
                clock unless granted",
        test: "a grid of interface groups, granted and denied, with the error that the guest saw",
        by_figures: false,
        decide: zero_access,
    },
    Claim {
        id: "9b",
        quote: "a compromised component “cannot escape”, “significantly more granular than \
                Docker's OS-level isolation”",
        test: "the same escape attempts from a component, from its container twin and from a plain \
               process",
        by_figures: false,
        decide: cannot_escape,
    },
];

/// What the record shows of denying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Denials {
    /// Cells that deny to a program which was given nothing more.
    by_default: Tally,
    /// Cells in which interfaces are not linked.
    withheld: Tally,
    /// Cells of either that differ or broke, and no known defect says how.
    unexplained: usize,
    /// Groups of interfaces that a program has without being given anything.
    open: usize,
}

/// Claim 9.
fn zero_access(analysis: &Analysis<'_>) -> Judgement {
    let access = &analysis.access;
    let is_wasm = |c: &AccessCell| analysis.is(&c.arm, |facts| facts.kind.is_wasm());
    let denied = |c: &AccessCell| c.access == Access::Denied && is_wasm(c);
    let open = access.open_by_default();
    let denials = Denials {
        by_default: access.tally(|c| denied(c) && !c.withheld),
        withheld: access.tally(|c| denied(c) && c.withheld),
        unexplained: access
            .cells
            .iter()
            .filter(|c| denied(c) && c.state.is_failure())
            .count(),
        open: open.len(),
    };
    let (verdict, words) = verdict_on_access(denials);
    if verdict == Verdict::NotMeasured {
        return Judgement::not_measured(words);
    }
    let count = |t: Tally| format!("{} of {}", t.as_specified, t.ran());
    let mut reason = format!(
        "{words} Denied without a grant: {} cells on component arms with exactly the specified \
         error or an empty answer; denied by not linking: {}.",
        count(denials.by_default),
        count(denials.withheld)
    );
    if !open.is_empty() {
        reason.push_str(&format!(
            " Interface groups that are available without a grant, and withheld only by not \
             linking them: {}.",
            list(&open)
        ));
    }
    let known = access
        .cells
        .iter()
        .filter(|c| denied(c) && c.found == Found::Differs && !c.state.is_failure())
        .count();
    if known > 0 {
        reason.push_str(&format!(
            " Cells that differ because of known defects, each listed with its reason and report: \
             {known}."
        ));
    }
    let rests = |c: &&AccessCell| {
        denied(c) && c.ran() && (!c.withheld || c.found != Found::AsSpecified)
            || c.access == Access::Granted
                && c.ran()
                && is_wasm(c)
                && !c.withheld
                && open.iter().any(|group| group == c.group())
    };
    Judgement::new(
        verdict,
        reason,
        access.cells.iter().filter(rests).map(|c| c.row()).collect(),
    )
}

fn verdict_on_access(denials: Denials) -> (Verdict, &'static str) {
    match denials {
        Denials { by_default, .. } if by_default.ran() == 0 => (
            Verdict::NotMeasured,
            "No component in this record tried to use a capability that it was not granted.",
        ),
        Denials { unexplained, .. } if unexplained > 0 => (
            Verdict::Refuted,
            "A denied capability gave a result other than a denial, and no known defect explains \
             it.",
        ),
        Denials { open: 0, .. } => (
            Verdict::Confirmed,
            "No tested capability is available without a grant.",
        ),
        Denials { .. } => (
            Verdict::Depends,
            "It depends on the interface: whatever needs a grant (files, sockets, names, requests, \
             variables) is denied without one, but some interfaces are available without any \
             grant, and only a host that does not link them can withhold those.",
        ),
    }
}

/// Claim 9b.
fn cannot_escape(analysis: &Analysis<'_>) -> Judgement {
    let access = &analysis.access;
    let escape = [Access::Escape];
    let of_kind = |pick: fn(&ArmFacts) -> bool| {
        access.tally(|c| c.access == Access::Escape && analysis.is(&c.arm, pick))
    };
    let contained = |facts: &ArmFacts| facts.kind.is_contained();
    let components = of_kind(|facts| facts.kind.is_wasm());
    let containers = of_kind(contained);
    let processes = of_kind(|facts| facts.kind == ArmKind::NativeProcess);
    let (verdict, words) = verdict_on_escape(components, containers, processes);
    if components.ran() == 0 {
        return Judgement::not_measured(words);
    }
    let arms = access.arms(&escape);
    let counts: Vec<String> = arms
        .iter()
        .map(|arm| {
            let tally = access.tally(|c| c.access == Access::Escape && c.arm == *arm);
            let broke = match tally.broke {
                0 => String::new(),
                n => format!(" ({n} without an answer)"),
            };
            format!("{arm} {} of {}{broke}", tally.differs, tally.ran())
        })
        .collect();
    let mut reason = format!("{words} Successful attempts: {}.", list(&counts));
    // Which ways a container leaves open, and which it closes as well.
    let mut by_group: BTreeMap<&str, Tally> = BTreeMap::new();
    for cell in access.asking(&escape) {
        if analysis.is(&cell.arm, contained) {
            let group = cell.group();
            by_group.insert(
                group,
                access.tally(|c| {
                    c.access == Access::Escape
                        && c.group() == group
                        && analysis.is(&c.arm, contained)
                }),
            );
        }
    }
    let groups: Vec<String> = by_group
        .iter()
        .filter(|(_, tally)| tally.ran() > 0)
        .map(|(group, tally)| format!("{group} {} of {}", tally.differs, tally.ran()))
        .collect();
    if !groups.is_empty() {
        reason.push_str(&format!(
            " Containers, by kind of attempt: {}.",
            list(&groups)
        ));
    }
    reason.push_str(" No list of attempts can prove that escape is impossible.");
    let rows = access.asking(&escape).filter(|c| c.ran());
    Judgement::new(verdict, reason, rows.map(AccessCell::row).collect())
}

fn verdict_on_escape(
    components: Tally,
    containers: Tally,
    processes: Tally,
) -> (Verdict, &'static str) {
    if components.ran() == 0 {
        (
            Verdict::NotMeasured,
            "No component in this record tried to escape.",
        )
    } else if components.differs > 0 {
        (Verdict::Refuted, "A component escaped.")
    } else if !components.is_whole() {
        (
            Verdict::NotMeasured,
            "No component escaped, but some attempts ended without an answer.",
        )
    } else if containers.ran() == 0 {
        (
            Verdict::NotMeasured,
            "Every attempt from a component was refused, but this record has no container, with \
             which the claim compares.",
        )
    } else if processes.differs == 0 {
        (
            Verdict::NotMeasured,
            "Every attempt from a component was refused, but no plain process in this record \
             succeeded either, so nothing shows that the attempts work at all.",
        )
    } else if containers.differs == 0 {
        (
            Verdict::Depends,
            "For these attempts the first half holds, but containers did not differ: they refused \
             every attempt too.",
        )
    } else {
        (
            Verdict::Depends,
            "For these attempts it holds: every one from a component was refused, and some from a \
             container were not. It depends on which attempts matter: those that succeed in a \
             container are counted below by kind, and no attempts can prove “cannot”.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(as_specified: usize, differs: usize, broke: usize) -> Tally {
        Tally {
            as_specified,
            differs,
            broke,
        }
    }

    #[test]
    fn what_every_context_supplies_is_not_zero_access() {
        let none = Denials {
            by_default: tally(0, 0, 0),
            withheld: tally(5, 0, 0),
            unexplained: 0,
            open: 1,
        };
        let some = Denials {
            by_default: tally(20, 3, 0),
            ..none
        };
        assert_eq!(verdict_on_access(none).0, Verdict::NotMeasured);
        assert_eq!(verdict_on_access(some).0, Verdict::Depends);
        assert_eq!(
            verdict_on_access(Denials { open: 0, ..some }).0,
            Verdict::Confirmed
        );
        assert_eq!(
            verdict_on_access(Denials {
                unexplained: 1,
                ..some
            })
            .0,
            Verdict::Refuted
        );
    }

    #[test]
    fn refusing_these_attempts_never_confirms_cannot() {
        let (none, held, open) = (tally(0, 0, 0), tally(41, 0, 0), tally(26, 15, 0));
        let process = tally(0, 41, 0);
        for (components, containers, processes, expected) in [
            (none, open, process, Verdict::NotMeasured),
            (tally(40, 1, 0), open, process, Verdict::Refuted),
            (tally(40, 0, 1), open, process, Verdict::NotMeasured),
            (held, none, process, Verdict::NotMeasured),
            (held, open, none, Verdict::NotMeasured),
            (held, open, held, Verdict::NotMeasured),
            (held, held, process, Verdict::Depends),
            (held, open, process, Verdict::Depends),
        ] {
            let found = verdict_on_escape(components, containers, processes).0;
            assert_eq!(found, expected, "{components:?} {containers:?}");
        }
    }
}

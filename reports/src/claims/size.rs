//! Claims 3 and 4: sizes of components and images.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::facts::SCRATCH;
use assay_model::{Metric, Unit, Verdict};

use super::claim::{Claim, Judgement, list};
use crate::analyse::{Analysis, Summary};
use crate::format;

/// The claims that this file decides.
pub(super) const CLAIMS: &[Claim] = &[
    Claim {
        id: "3",
        quote: "Wasm binaries are “often kilobytes or a few megabytes”",
        test: "artifact.wasm of every pinned component",
        by_figures: false,
        decide: components_are_small,
    },
    Claim {
        id: "4",
        quote: "container images “frequently exceed 100MB”",
        test: "artifact.image and artifact.image.unpacked per image tier",
        by_figures: true,
        decide: images_are_large,
    },
];

/// "A few megabytes": five, in decimal megabytes.
const FEW_MEGABYTES: f64 = 5e6;

/// "100MB", decimal, as registries count.
const HUNDRED_MEGABYTES: f64 = 100e6;

/// Tiers of images, without which "frequently" cannot be answered: an empty
/// root file system is the exception in practice, and a language on top of a
/// distribution the rule.
const TYPICAL_TIERS: [&str; 3] = ["typical", "public-python", "public-node"];

/// Claim 3.
fn components_are_small(analysis: &Analysis<'_>) -> Judgement {
    // Several cases share a component: each component counts once.
    let digests: BTreeMap<_, _> = analysis
        .record
        .manifest
        .workloads
        .iter()
        .map(|w| (&w.id, w.component.as_str()))
        .collect();
    let mut seen = BTreeSet::new();
    let components: Vec<&Summary> = analysis
        .of_metric(Metric::ARTIFACT_WASM)
        .filter(|s| {
            let own = s.key.workload.workload();
            seen.insert(digests.get(&s.key.workload).copied().unwrap_or(own))
        })
        .collect();
    let sizes: Vec<f64> = components.iter().map(|s| s.estimate.median).collect();
    let (Some(least), Some(most)) = (
        sizes.iter().copied().reduce(f64::min),
        sizes.iter().copied().reduce(f64::max),
    ) else {
        return Judgement::not_measured("This record has no component sizes.");
    };
    let small = sizes.iter().filter(|s| **s <= FEW_MEGABYTES).count();
    let range = if least == most {
        format::value(Unit::Bytes, least)
    } else {
        format!(
            "{} to {}",
            format::value(Unit::Bytes, least),
            format::value(Unit::Bytes, most)
        )
    };
    let verdict = verdict_on_share(small, sizes.len());
    let reason = format!(
        "{small} of {} components of this record are at most 5 MB ({range}). They are small \
         programs of this suite: the figure does not cover components that carry an interpreter, \
         and leaves out the runtime, which must be installed once.",
        sizes.len()
    );
    Judgement::new(
        verdict,
        reason,
        components.iter().map(|s| s.row()).collect(),
    )
}

/// All: confirmed. None: refuted. Some: it depends on the program.
fn verdict_on_share(with: usize, of: usize) -> Verdict {
    match with {
        _ if of == 0 => Verdict::NotMeasured,
        0 => Verdict::Refuted,
        all if all == of => Verdict::Confirmed,
        _ => Verdict::Depends,
    }
}

/// Claim 4.
fn images_are_large(analysis: &Analysis<'_>) -> Judgement {
    let mut tiers: BTreeMap<&str, Vec<&Summary>> = BTreeMap::new();
    for metric in [Metric::ARTIFACT_IMAGE, Metric::ARTIFACT_IMAGE_UNPACKED] {
        let containers = analysis.of_metric(metric);
        // Images of components are claim 3's.
        for s in containers {
            let facts = analysis.facts(&s.key.arm);
            if let Some(facts) = facts.filter(|facts| facts.kind.is_contained()) {
                let tier = facts.tier.as_deref().unwrap_or(SCRATCH);
                tiers.entry(tier).or_default().push(s);
            }
        }
    }
    if tiers.is_empty() {
        return Judgement::not_measured("This record has no container image sizes.");
    }
    // The kindest reading of a tier: its largest figure, unpacked if need be.
    let largest: BTreeMap<&str, f64> = tiers
        .iter()
        .map(|(tier, all)| {
            let sizes = all.iter().map(|s| s.estimate.median);
            (*tier, sizes.fold(0.0, f64::max))
        })
        .collect();
    let large: Vec<bool> = largest.values().map(|s| *s > HUNDRED_MEGABYTES).collect();
    let (verdict, words) = verdict_on_images(
        &large,
        TYPICAL_TIERS.iter().any(|tier| largest.contains_key(tier)),
    );
    let parts: Vec<String> = largest
        .iter()
        .map(|(tier, size)| format!("{tier} up to {}", format::value(Unit::Bytes, *size)))
        .collect();
    // A row per tier and metric is enough: cases that share an image repeat it.
    let mut seen = BTreeSet::new();
    let rows = tiers
        .into_values()
        .flatten()
        .filter(|s| seen.insert((s.key.metric, s.key.arm.base(), s.estimate.median.to_bits())))
        .map(Summary::row)
        .collect();
    Judgement::new(
        verdict,
        format!("{words} Image tiers: {}.", list(&parts)),
        rows,
    )
}

fn verdict_on_images(large: &[bool], has_typical: bool) -> (Verdict, &'static str) {
    let (any, all) = (large.contains(&true), !large.contains(&false));
    match (any, all, has_typical) {
        (_, true, true) => (
            Verdict::Confirmed,
            "Every image tier of this record exceeds 100 MB.",
        ),
        (false, _, true) => (
            Verdict::Refuted,
            "No image tier of this record exceeds 100 MB, the typical one included.",
        ),
        (false, _, false) => (
            Verdict::Depends,
            "It depends on what the image is built from: a static program on an empty root file \
             system is far smaller. The claim is about images with a distribution and a language \
             runtime, which this record does not have.",
        ),
        (true, _, _) => (
            Verdict::Depends,
            "It depends on what the image is built from.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_give_verdicts() {
        assert_eq!(verdict_on_share(9, 9), Verdict::Confirmed);
        assert_eq!(verdict_on_share(3, 9), Verdict::Depends);
        assert_eq!(verdict_on_share(0, 9), Verdict::Refuted);
        assert_eq!(verdict_on_share(0, 0), Verdict::NotMeasured);
    }

    #[test]
    fn a_scratch_image_alone_refutes_nothing() {
        assert_eq!(verdict_on_images(&[false], false).0, Verdict::Depends);
        assert_eq!(verdict_on_images(&[false, false], true).0, Verdict::Refuted);
        assert_eq!(verdict_on_images(&[false, true], true).0, Verdict::Depends);
        assert_eq!(verdict_on_images(&[true], true).0, Verdict::Confirmed);
    }
}

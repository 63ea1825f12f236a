//! What kind of isolation an arm is, read from its id.

use assay_model::ArmId;

/// What stands between a program and its neighbours. Kinds are drawn in
/// different colours and shapes, and only `cold_start` and `teardown` compare
/// across them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A plain process.
    Native,
    /// A container or micro virtual machine.
    Container,
    /// A component in a fresh process.
    Fresh,
    /// A component in an engine that is already running.
    Resident,
    /// A component in another host.
    OtherHost,
}

impl Kind {
    /// Every kind, in the order of charts.
    pub const ALL: [Kind; 5] = [
        Kind::Native,
        Kind::Container,
        Kind::Fresh,
        Kind::Resident,
        Kind::OtherHost,
    ];

    /// The name in legends.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Kind::Native => "native process",
            Kind::Container => "container",
            Kind::Fresh => "Wasm, fresh process",
            Kind::Resident => "Wasm, resident host",
            Kind::OtherHost => "Wasm, other host",
        }
    }
}

/// Container runtimes and what stands above them, lowest first. Also the order
/// of the isolation ladder.
pub const CONTAINER_ENGINES: [&str; 8] = [
    "youki", "crun", "runc", "ctr", "docker", "podman", "gvisor", "microvm",
];

/// Those that bring a whole stack (daemon, image store, network set-up), which
/// is what most people call a container.
pub const CONTAINER_STACKS: [&str; 3] = ["ctr", "docker", "podman"];

/// Settings of the engine under which it is up before the clock starts.
const RESIDENT_CONFIGS: [&str; 5] = ["resident", "pooled", "dense", "winch", "pulley"];

/// The engine under test.
pub const ENGINE: &str = "wasmtime";

/// The arm that everything is compared with.
pub const BASELINE: &str = "native";

/// The config part of an id: what stands after the first `/`.
fn config(arm: &ArmId) -> &str {
    let base = arm.as_str().trim_end_matches("~aa");
    base.split_once('/')
        .map_or("", |(_, rest)| rest.split('+').next().unwrap_or_default())
}

/// The image tier of a container arm: `scratch` where the id names none.
#[must_use]
pub fn tier(arm: &ArmId) -> &str {
    arm.as_str()
        .trim_end_matches("~aa")
        .split('+')
        .skip(1)
        .find(|part| *part != "bridge")
        .unwrap_or("scratch")
}

/// The kind of an arm.
#[must_use]
pub fn kind(arm: &ArmId) -> Kind {
    let engine = arm.engine();
    if engine == BASELINE || engine == "native-dyn" {
        Kind::Native
    } else if CONTAINER_ENGINES.contains(&engine) {
        Kind::Container
    } else if engine == ENGINE && RESIDENT_CONFIGS.contains(&config(arm)) {
        Kind::Resident
    } else if engine == ENGINE {
        Kind::Fresh
    } else {
        Kind::OtherHost
    }
}

/// Whether an arm runs components.
#[must_use]
pub fn is_wasm(arm: &ArmId) -> bool {
    !matches!(kind(arm), Kind::Native | Kind::Container)
}

/// Sorts arms up the isolation ladder, twins after their originals.
#[must_use]
pub fn rank(arm: &ArmId) -> (Kind, usize, ArmId, bool) {
    const CONFIGS: [&str; 5] = ["jit", "aot", "resident", "pooled", "dense"];
    let place = match kind(arm) {
        Kind::Container => CONTAINER_ENGINES.iter().position(|e| *e == arm.engine()),
        Kind::Fresh | Kind::Resident => CONFIGS.iter().position(|c| *c == config(arm)),
        Kind::Native | Kind::OtherHost => Some(0),
    };
    (
        kind(arm),
        place.unwrap_or(usize::MAX),
        arm.base(),
        arm.is_twin(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_their_kind() {
        for (id, expected) in [
            ("native", Kind::Native),
            ("native~aa", Kind::Native),
            ("native-dyn", Kind::Native),
            ("youki", Kind::Container),
            ("docker+debian-slim+bridge", Kind::Container),
            ("wasmtime/aot", Kind::Fresh),
            ("wasmtime/pooled~aa", Kind::Resident),
            ("jco", Kind::OtherHost),
        ] {
            assert_eq!(kind(&id.parse().unwrap()), expected, "{id}");
        }
    }

    #[test]
    fn tiers_are_read_from_the_id() {
        let tier = |id: &str| tier(&id.parse().unwrap()).to_owned();
        assert_eq!(tier("youki"), "scratch");
        assert_eq!(tier("docker+debian-slim+bridge"), "debian-slim");
        assert_eq!(tier("docker+bridge"), "scratch");
    }

    #[test]
    fn the_ladder_goes_from_least_to_most() {
        let mut arms: Vec<ArmId> = ["wasmtime/pooled", "runc", "native~aa", "youki", "native"]
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        arms.sort_by_key(rank);
        let names: Vec<_> = arms.iter().map(ArmId::as_str).collect();
        assert_eq!(
            names,
            ["native", "native~aa", "youki", "runc", "wasmtime/pooled"]
        );
    }
}

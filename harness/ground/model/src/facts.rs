//! What an arm is, stated once by the arm itself.
//!
//! Planner, verification, analysis, claims and charts read these facts and
//! nothing else: an id is a name, and nobody may conclude anything from it. An
//! arm called `fast-host/x` that embeds Wasmtime says so in [`ArmFacts::engine`],
//! and its agreement with Wasmtime then proves nothing about independence.

use crate::id::{ArmId, EngineName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names the variants of an enum as serde does, in kebab case.
macro_rules! named {
    ($type:ident, { $($variant:ident = $name:literal),* $(,)? }) => {
        impl $type {
            /// Every value, in the order of the documentation.
            pub const ALL: &[$type] = &[$($type::$variant),*];

            /// The name in records and definitions.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $($type::$variant => $name),*
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use named;

/// What stands between a program and its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArmKind {
    /// A native program in a plain process.
    NativeProcess,
    /// A native program behind namespaces and control groups.
    Container,
    /// A native program on a kernel in user space, inside a container.
    SandboxedContainer,
    /// A native program on a kernel of its own.
    VirtualMachine,
    /// A component in a process that starts for it.
    WasmProcess,
    /// A component in an engine that is already running.
    WasmResident,
}

named!(ArmKind, {
    NativeProcess = "native-process",
    Container = "container",
    SandboxedContainer = "sandboxed-container",
    VirtualMachine = "virtual-machine",
    WasmProcess = "wasm-process",
    WasmResident = "wasm-resident",
});

impl ArmKind {
    /// Whether it runs components.
    #[must_use]
    pub fn is_wasm(self) -> bool {
        matches!(self, ArmKind::WasmProcess | ArmKind::WasmResident)
    }

    /// Whether the program is native and something isolates it from the machine.
    #[must_use]
    pub fn is_contained(self) -> bool {
        matches!(
            self,
            ArmKind::Container | ArmKind::SandboxedContainer | ArmKind::VirtualMachine
        )
    }
}

/// What stands between the harness and an instance when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stack {
    /// Nothing: the harness's own launcher or worker starts it.
    Direct,
    /// A runtime that makes one container and manages nothing.
    Runtime,
    /// A container engine with images and networks, asked through its API.
    EngineApi,
    /// The same, asked through its command line.
    EngineCli,
}

named!(Stack, {
    Direct = "direct",
    Runtime = "runtime",
    EngineApi = "engine-api",
    EngineCli = "engine-cli",
});

impl Stack {
    /// Whether a whole container engine stands in between, which is what most
    /// people mean by a container.
    #[must_use]
    pub fn is_engine(self) -> bool {
        matches!(self, Stack::EngineApi | Stack::EngineCli)
    }
}

/// The network that an instance finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// That of the machine.
    Host,
    /// An address of its own behind a bridge.
    Bridge,
}

named!(Network, { Host = "host", Bridge = "bridge" });

/// What an instance is: density and its budgets depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceUnit {
    /// A process of its own.
    Process,
    /// A container of its own.
    Container,
    /// A tenant of a resident host process.
    Tenant,
}

named!(InstanceUnit, {
    Process = "process",
    Container = "container",
    Tenant = "tenant",
});

/// Which form of a workload an arm runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// The native twin, linked statically, or the script that is its twin.
    StaticTwin,
    /// The native twin, linked dynamically.
    DynamicTwin,
    /// The twin that a Python or JavaScript interpreter runs.
    Script,
    /// The component.
    Component,
}

named!(Program, {
    StaticTwin = "static-twin",
    DynamicTwin = "dynamic-twin",
    Script = "script",
    Component = "component",
});

/// How an engine gets the memory of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allocation {
    /// Mapped when an instance starts.
    OnDemand,
    /// Taken from slots that were reserved when the engine started.
    Pooling,
}

named!(Allocation, { OnDemand = "on-demand", Pooling = "pooling" });

/// The place of an arm on the isolation ladder, least isolation first. Hundreds
/// tell classes apart, so that an arm can be put between two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(pub u16);

/// The name of the image tier without a base: one static program.
pub const SCRATCH: &str = "scratch";

/// Everything that planner and reports may know of an arm beside its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmFacts {
    /// What stands between a program and its neighbours.
    pub kind: ArmKind,
    /// Whose defects it shows.
    pub engine: EngineName,
    /// What starts an instance.
    pub stack: Stack,
    /// Which form of a workload it runs.
    pub program: Program,
    /// The tier of its image: `scratch`, `debian-slim`, …; absent without image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The network that an instance finds.
    pub network: Network,
    /// What an instance is.
    pub unit: InstanceUnit,
    /// Whether each start compiles the component.
    pub compiles_per_start: bool,
    /// What makes or interprets machine code: `cranelift`, `winch`, `pulley`, …;
    /// absent where the program is native.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
    /// How the engine gets memory; absent where nothing says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<Allocation>,
    /// Whether it notes which functions of the host a case calls.
    pub traces: bool,
    /// The name under which every run measures it a second time, so that the
    /// difference of the two shows the noise; absent where a run does so only
    /// for want of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aa_twin: Option<ArmId>,
    /// Its place on the isolation ladder.
    pub rank: Rank,
    /// Why none of its figures count, so that it is verified only; absent where
    /// they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untimed: Option<String>,
}

impl ArmFacts {
    /// An arm of a kind with nothing special about it: started directly, on the
    /// network of the machine, at the bottom of its part of the ladder. What is
    /// special of an arm is set on top of this.
    #[must_use]
    pub fn of(kind: ArmKind, engine: EngineName) -> ArmFacts {
        ArmFacts {
            kind,
            engine,
            stack: Stack::Direct,
            program: match kind.is_wasm() {
                true => Program::Component,
                false => Program::StaticTwin,
            },
            tier: None,
            network: Network::Host,
            unit: match kind {
                ArmKind::NativeProcess | ArmKind::WasmProcess => InstanceUnit::Process,
                ArmKind::WasmResident => InstanceUnit::Tenant,
                _ => InstanceUnit::Container,
            },
            compiles_per_start: false,
            compiler: None,
            allocation: None,
            traces: false,
            aa_twin: None,
            rank: Rank(match kind {
                ArmKind::NativeProcess => 100,
                ArmKind::Container => 200,
                ArmKind::SandboxedContainer => 400,
                ArmKind::VirtualMachine => 500,
                ArmKind::WasmProcess => 600,
                ArmKind::WasmResident => 700,
            }),
            untimed: None,
        }
    }

    /// Whether it is the arm that every other is compared with: the static
    /// native program in a plain process.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        self.kind == ArmKind::NativeProcess && self.program == Program::StaticTwin
    }

    /// Whether it is another arm with a further image, network or linkage. The
    /// smallest run has those that are named alone.
    #[must_use]
    pub fn is_variation(&self) -> bool {
        let base = self.tier.as_deref().is_none_or(|tier| tier == SCRATCH);
        !base || self.network == Network::Bridge || self.program == Program::DynamicTwin
    }

    /// Whether two arms are independent implementations: only if neither shows
    /// the defects of the other's engine.
    #[must_use]
    pub fn is_independent_of(&self, other: &ArmFacts) -> bool {
        self.engine != other.engine
    }

    /// What a reader sees as one class.
    #[must_use]
    pub fn class(&self) -> ArmClass {
        match (self.kind, self.stack.is_engine()) {
            (ArmKind::NativeProcess, _) => ArmClass::Native,
            (ArmKind::Container, false) => ArmClass::Runtime,
            (ArmKind::Container, true) => ArmClass::Engine,
            (ArmKind::SandboxedContainer | ArmKind::VirtualMachine, _) => ArmClass::Sandboxed,
            (ArmKind::WasmResident, _) => ArmClass::ResidentWasm,
            (ArmKind::WasmProcess, false) => ArmClass::FreshWasm,
            (ArmKind::WasmProcess, true) => ArmClass::WasmInEngine,
        }
    }
}

/// Arms that a reader weighs as one: charts have a row or a colour for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArmClass {
    /// A component in an engine that is already running.
    ResidentWasm,
    /// A component in a process that starts for it.
    FreshWasm,
    /// A native process.
    Native,
    /// A container that a bare runtime starts.
    Runtime,
    /// A component that a container engine starts.
    WasmInEngine,
    /// A container that an engine with images and networks starts.
    Engine,
    /// A container on a kernel of its own, in user space or virtual.
    Sandboxed,
}

impl ArmClass {
    /// Every class, in the order in which they usually start.
    pub const ALL: [ArmClass; 7] = [
        ArmClass::ResidentWasm,
        ArmClass::FreshWasm,
        ArmClass::Native,
        ArmClass::Runtime,
        ArmClass::WasmInEngine,
        ArmClass::Engine,
        ArmClass::Sandboxed,
    ];

    /// The name in legends.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            ArmClass::ResidentWasm => "resident Wasm",
            ArmClass::FreshWasm => "fresh Wasm process",
            ArmClass::Native => "native process",
            ArmClass::Runtime => "container, bare runtime",
            ArmClass::WasmInEngine => "Wasm in a container engine",
            ArmClass::Engine => "container engine",
            ArmClass::Sandboxed => "sandboxed container",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn facts() -> ArmFacts {
        ArmFacts {
            stack: Stack::Runtime,
            tier: Some(SCRATCH.to_owned()),
            ..ArmFacts::of(ArmKind::Container, "crun".parse().unwrap())
        }
    }

    #[test]
    fn a_further_image_network_or_linkage_makes_a_variation() {
        assert!(!facts().is_variation());
        let slim = ArmFacts {
            tier: Some("debian-slim".to_owned()),
            ..facts()
        };
        let bridge = ArmFacts {
            network: Network::Bridge,
            ..facts()
        };
        let dynamic = ArmFacts {
            program: Program::DynamicTwin,
            ..facts()
        };
        assert!(slim.is_variation() && bridge.is_variation() && dynamic.is_variation());
    }

    #[test]
    fn independence_is_a_matter_of_engines() {
        let shim = ArmFacts {
            engine: "wasmtime".parse().unwrap(),
            ..facts()
        };
        assert!(facts().is_independent_of(&shim));
        assert!(!shim.is_independent_of(&ArmFacts {
            kind: ArmKind::WasmProcess,
            ..shim.clone()
        }));
    }

    #[test]
    fn facts_survive_a_round_trip_by_the_names_that_displays_use() {
        let json = serde_json::to_value(facts()).unwrap();
        assert_eq!(json["kind"], ArmKind::Container.to_string());
        assert_eq!(serde_json::from_value::<ArmFacts>(json).unwrap(), facts());
    }
}

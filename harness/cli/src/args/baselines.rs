//! Flags of `assay baselines`.

use super::format::Format;
use assay_baselines::daemons::Baseline;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

/// What is done with them.
#[derive(Debug, Clone, Subcommand)]
pub enum BaselinesVerb {
    /// Start them, and wait until they answer; as root
    Start(Engines),
    /// Stop them, remove what they made, and look whether anything is left; as
    /// root
    Stop(Engines),
    /// What is installed, what runs, and where it listens
    Status(StatusArgs),
}

/// Engines by their names.
#[derive(Debug, Clone, Args)]
pub struct Engines {
    /// The engines [default: all]
    #[arg(value_name = "ENGINE", value_parser = engine())]
    pub engines: Vec<Baseline>,
}

/// Flags of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Which.
    #[command(flatten)]
    pub named: Engines,
    /// Form of the findings
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}

/// Takes the name of an engine; of an unknown one it says which are known.
fn engine() -> impl TypedValueParser<Value = Baseline> {
    let names = PossibleValuesParser::new(Baseline::ALL.map(Baseline::name));
    names.try_map(|name| Baseline::named(&name).ok_or("no such engine"))
}

//! Flags of `assay baselines`.

use super::format::Format;
use assay_baselines::daemons::Baseline;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

/// What is done with them.
#[derive(Debug, Clone, Subcommand)]
pub enum BaselinesVerb {
    /// Start the daemons and wait until they answer (needs root)
    Start(Engines),
    /// Stop the daemons, remove what they created, and check that nothing is left
    /// (needs root)
    Stop(Engines),
    /// Show what is installed, what is running, and where it listens
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
    /// Output format
    #[arg(long, value_name = "table|json|csv|md", default_value = "table")]
    pub format: Format,
}

/// Takes the name of an engine; of an unknown one it says which are known.
fn engine() -> impl TypedValueParser<Value = Baseline> {
    let names = PossibleValuesParser::new(Baseline::ALL.map(Baseline::name));
    names.try_map(|name| Baseline::named(&name).ok_or("no such engine"))
}

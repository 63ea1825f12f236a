//! Prints the fingerprint of this machine, for a look at what is read.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let here = std::env::current_dir()?;
    let fingerprint = assay_observe::fingerprint::collect(&here);
    writeln!(std::io::stdout(), "{fingerprint}\n{fingerprint:#?}")
}

//! Writes a bundle, to try a runtime by hand:
//! `cargo run -p assay-baselines --example bundle -- PROGRAM DIR [ARG…]`.
//! Root gets a root container; anyone else one with a user namespace. `MINIMAL=1` mounts proc and dev only, `WORK=DIR` a
//! directory at /work.

use std::error::Error;
use std::path::Path;

use assay_baselines::bundle::{Bundle, ContainerOptions, Mounts, Privileges, Rootfs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(program), Some(dir)) = (args.next(), args.next()) else {
        return Err("usage: bundle PROGRAM DIR [ARG…]".into());
    };
    let dir = Path::new(&dir);
    let options = ContainerOptions {
        args: args.collect(),
        privileges: Privileges::of_caller()?,
        mounts: match std::env::var_os("MINIMAL") {
            Some(_) => Mounts::Minimal,
            None => Mounts::Standard,
        },
        work: std::env::var_os("WORK").map(Into::into),
        ..ContainerOptions::default()
    };
    let rootfs = Rootfs::create(Path::new(&program), &dir.join("rootfs"))?;
    let bundle = Bundle::write(dir, &rootfs, &options)?;
    eprintln!("{}: {}", bundle.dir().display(), bundle.labels().join(", "));
    Ok(())
}

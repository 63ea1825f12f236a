//! Writes the OCI bundle of an arm, for whoever wants to start the very same
//! container by hand: `bundle RUNTIME PROGRAM DIR`, where RUNTIME is `youki`, `crun`,
//! `runc` or `gvisor` and PROGRAM a static executable. DIR is created; the root
//! file system is `DIR/rootfs`. `bundle open …` leaves the filter of system
//! calls out.

use assay_baselines::OciRuntime;
use assay_baselines::bundle::{Bundle, BundleError, Privileges, Rootfs, Seccomp};
use std::path::Path;
use std::process::ExitCode;

fn write(runtime: &OciRuntime, open: bool, program: &Path, dir: &Path) -> Result<(), BundleError> {
    let rootfs = Rootfs::create(program, &dir.join("rootfs"))?;
    let mut options = runtime.options(Privileges::of_caller()?);
    if open {
        options.seccomp = Seccomp::None;
    }
    Bundle::write(dir, &rootfs, &options)?;
    Ok(())
}

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let open = words.first().is_some_and(|word| word == "open");
    if open {
        words.remove(0);
    }
    let [id, program, dir] = words.as_slice() else {
        eprintln!("usage: bundle [open] RUNTIME PROGRAM DIR");
        return ExitCode::from(2);
    };
    let Some(runtime) = OciRuntime::named(id) else {
        eprintln!("bundle: no runtime of bundles is called {id}");
        return ExitCode::from(2);
    };
    match write(runtime, open, Path::new(program), Path::new(dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

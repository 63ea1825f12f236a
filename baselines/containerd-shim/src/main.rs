//! containerd's shim for components. containerd starts it by the name of the
//! runtime, `io.containerd.assay.v1`, or by its path, and asks it to create,
//! start and end containers whose program is a component.
//!
//! What it is made of is runwasi's: namespaces, control groups and filters are
//! those of libcontainer, as for a container that holds a Linux program. Inside
//! of them is not a program of the image but Wasmtime, in a process forked from
//! the shim.

mod ends;
mod guest;

use anyhow::Result;
use containerd_shim_wasm::sandbox::Sandbox;
use containerd_shim_wasm::sandbox::context::RuntimeContext;
use containerd_shim_wasm::shim::{Cli as _, Config, Shim, Version, version};
use guest::Guest;

struct Assay;

impl Shim for Assay {
    type Sandbox = Component;

    fn name() -> &'static str {
        "assay"
    }

    fn version() -> Version {
        version!()
    }
}

#[derive(Default)]
struct Component;

impl Sandbox for Component {
    async fn run_wasi(&self, context: &impl RuntimeContext) -> Result<i32> {
        ends::keep_own()?;
        let guest = Guest::of(context)?;
        // On a thread that belongs to nobody's runtime: the guest brings its
        // own, with one thread for everything.
        let ran = std::thread::spawn(move || guest.run()).join();
        Ok(i32::from(ran.unwrap_or(guest::FAILED)))
    }
}

fn main() {
    Assay::run(Config::default());
}

//! Which functions of the host a guest called.
//!
//! Wasmtime's generated bindings open a `tracing` span around every call of a
//! host function, named after interface and function. This subscriber keeps
//! the names and nothing else. It is set for a whole process, and only in one
//! that is not timed: a subscriber taxes every crossing.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static CALLED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Begins to record, for the rest of the process.
///
/// # Errors
/// When this process has a subscriber already.
pub fn start() -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    tracing::subscriber::set_global_default(Calls)
}

/// The calls since the last time, `package/interface#function` each, where the
/// package is `cli`, `clocks`, `filesystem`, `http`, `io`, `random` or
/// `sockets`.
#[must_use]
pub fn take() -> Vec<String> {
    let mut called = CALLED.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *called).into_iter().collect()
}

/// The name of the spans around imported functions.
const IMPORT: &str = "wit-bindgen import";

struct Calls;

impl Subscriber for Calls {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name() == IMPORT
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut names = Names::default();
        span.record(&mut names);
        let package = package(span.metadata().target());
        let call = format!("{package}/{}#{}", names.module, names.function);
        CALLED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(call);
        // Nothing is kept per span, so one id serves all.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The WASI package of a module of generated bindings: what follows `wasi` in
/// `…::wasi::filesystem::types`.
fn package(target: &str) -> &str {
    let mut parts = target.split("::").skip_while(|part| *part != "wasi");
    parts.nth(1).unwrap_or(target)
}

#[derive(Default)]
struct Names {
    module: String,
    function: String,
}

impl Visit for Names {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "module" => value.clone_into(&mut self.module),
            "function" => value.clone_into(&mut self.function),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

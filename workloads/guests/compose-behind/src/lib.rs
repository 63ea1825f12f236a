//! What the guard imports: `wasi:http/incoming-handler`, the handler behind it.
//! On other targets there is nothing here.
//!
//! A crate of its own because of how descriptions of worlds are merged: one
//! after the other, and each only into what has as much. This one names the
//! two types that it needs and has to come after that of `wasip2`; the linker
//! takes the crates in the order of their dependencies.

#[cfg(target_os = "wasi")]
mod bindings {
    wit_bindgen::generate!({
        path: "../../sources/wit/guard",
        world: "assay:guard/behind",
        with: {
            "wasi:http/types@0.2.12": wasip2::http::types,
        },
        generate_all,
    });
}

#[cfg(target_os = "wasi")]
pub use bindings::wasi::http::incoming_handler;

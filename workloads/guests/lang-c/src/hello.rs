//! The native twin of `lang/hello-c`: nothing but the C program, which has the
//! `main` of this binary.

#![cfg_attr(not(target_family = "wasm"), no_main)]

#[cfg(target_family = "wasm")]
fn main() {}

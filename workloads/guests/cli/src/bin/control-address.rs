//! `control-address`: prints where a heap object, a stack object and a
//! function are.
//!
//! A negative control: addresses are no part of what a program means. On a
//! native arm they change from run to run; in a component they are offsets
//! into its own memory and table, the same on every run of the same bytes.

use std::io;

use assay_guests_cli::say;

fn main() -> io::Result<()> {
    let heap = Box::new(0_u64);
    let stack = 0_u64;
    let function: fn() -> io::Result<()> = main;
    say(&format!(
        "heap {:p}\nstack {:p}\nfunction {:p}\n",
        std::hint::black_box(&raw const *heap),
        std::hint::black_box(&raw const stack),
        std::hint::black_box(function)
    ))
}

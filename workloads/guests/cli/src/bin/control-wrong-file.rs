//! `control-wrong-file`: says that it wrote the answer, and writes 41.
//!
//! A negative control: all it prints is as expected, only the file is not.

use std::fs;
use std::io;

use assay_guests_cli::say;

fn main() -> io::Result<()> {
    fs::write("answer.txt", "41\n")?;
    say("the answer is in answer.txt\n")
}

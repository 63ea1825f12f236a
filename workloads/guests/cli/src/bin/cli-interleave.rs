//! `cli-interleave turns N|free N`: stdout and stderr beside each other.
//!
//! `turns`: N times a line to stdout, a line to stderr, and then it waits for
//! a line of stdin. A host that keeps output until the program ends never
//! sends that line. `free`: N lines to each, without waiting, then one last
//! line to stdout; each stream must be whole and in order by itself.

use std::io::{self, BufRead as _, Write as _};

use assay_guests_cli::{argument, number, say};

fn complain(text: &str) -> io::Result<()> {
    io::stderr().write_all(text.as_bytes())
}

fn main() -> io::Result<()> {
    let mode = argument(1, "turns or free")?;
    let count = number(2, "how many lines")?;
    let wait = match mode.as_str() {
        "turns" => true,
        "free" => false,
        other => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("argument 1 is {other:?}, not turns or free"),
            ));
        }
    };
    let mut stdin = io::stdin().lock();
    let mut line = String::new();
    for turn in 1..=count {
        say(&format!("out {turn}\n"))?;
        complain(&format!("err {turn}\n"))?;
        if wait {
            line.clear();
            stdin.read_line(&mut line)?;
            say(&format!("in {:?}\n", line))?;
        }
    }
    say("done\n")
}

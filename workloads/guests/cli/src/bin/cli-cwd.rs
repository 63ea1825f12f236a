//! `cli-cwd [DIRECTORY…]`: where it starts, and where it is after changing into
//! each DIRECTORY in turn.
//!
//! The path itself differs between any two hosts, so what is printed is what
//! must hold everywhere: that it is absolute, that a name below it and the
//! same relative name are the same directory, and the sorted names in it.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use assay_guests_cli::say;

fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = fs::read_dir(directory)?
        .map(|entry| {
            Ok(entry?
                .file_name()
                .as_encoded_bytes()
                .escape_ascii()
                .to_string())
        })
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn describe(label: &str, text: &mut String) -> io::Result<PathBuf> {
    let directory = std::env::current_dir()?;
    let relative = names(Path::new("."))?;
    // Writing into a String cannot fail, hence `let _ =` in this file.
    let _ = writeln!(text, "{label}");
    let _ = writeln!(text, "  absolute: {}", directory.is_absolute());
    let _ = writeln!(
        text,
        "  same names by its path: {}",
        names(&directory)? == relative
    );
    let _ = writeln!(text, "  names: {}", relative.join(" "));
    Ok(directory)
}

fn main() -> io::Result<()> {
    let mut text = String::new();
    let mut here = describe("start", &mut text)?;
    for target in std::env::args().skip(1) {
        match std::env::set_current_dir(&target) {
            Ok(()) => {
                here = describe(&format!("in {target}"), &mut text)?;
            }
            Err(error) => {
                let stayed = std::env::current_dir()? == here;
                let _ = writeln!(text, "in {target}: {:?}, stayed: {stayed}", error.kind());
            }
        }
    }
    say(&text)
}

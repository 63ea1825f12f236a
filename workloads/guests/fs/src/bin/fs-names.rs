//! `fs-names`: file names beyond ASCII, carried as they are.

use std::fs;
use std::io;
use std::process::ExitCode;

use assay_guests_fs::{Entry, content, done, say};

const CASES: &[Entry] = &[("given", given), ("made", made), ("length", length)];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

/// All names in `names`, sorted by their bytes, with their content.
fn list() -> io::Result<()> {
    let mut found = fs::read_dir("names")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    found.sort_unstable();
    for path in found {
        let name = path.file_name().unwrap_or_default();
        let shown = name.as_encoded_bytes().escape_ascii().to_string();
        say(&shown, content(&path));
    }
    Ok(())
}

fn given() -> io::Result<()> {
    list()
}

fn made() -> io::Result<()> {
    for name in [
        "grün",
        // The same word with its dots as a character of their own.
        "gru\u{308}n",
        "Grün",
        "ελληνικά",
        "日本語",
        "עברית",
        "👩\u{200d}🔬",
        " leading and trailing ",
        "line\nbreak",
        "%2F",
        "C:",
        "con.txt",
        "~",
    ] {
        let path = format!("names/{name}");
        fs::write(&path, name)?;
        fs::rename(&path, format!("{path}."))?;
    }
    list()
}

fn length() -> io::Result<()> {
    // 255 bytes are a name, in whatever characters; one more is not.
    for (what, name) in [
        ("255 letters", "n".repeat(255)),
        ("256 letters", "n".repeat(256)),
        ("85 characters of three bytes", "日".repeat(85)),
        ("86 characters of three bytes", "日".repeat(86)),
    ] {
        let path = format!("names/{name}");
        say(what, done(fs::write(&path, "x")));
        if name.len() < 256 {
            say("read", content(&path));
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

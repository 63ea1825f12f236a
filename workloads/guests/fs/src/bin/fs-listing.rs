//! `fs-listing`: 2,000 entries, and a tree read to its leaves.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;
use std::process::ExitCode;

use assay_guests_fs::{Entry, done, say};

const CASES: &[Entry] = &[("many", many), ("tree", tree), ("errors", errors)];
const COUNT: usize = 2_000;

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn names(path: &str) -> io::Result<Vec<String>> {
    let mut names = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

fn many() -> io::Result<()> {
    fs::create_dir("many")?;
    // 761 and 2,000 have no common divisor, so each number comes once.
    for at in 0..COUNT {
        let number = at * 761 % COUNT;
        fs::write(format!("many/entry-{number:04}"), number.to_string())?;
    }
    let found = names("many")?;
    say("entries", found.len());
    say("first", &found[0]);
    say("last", &found[COUNT - 1]);
    let expected = (0..COUNT).map(|at| format!("entry-{at:04}"));
    say("each once", found.iter().cloned().eq(expected));
    let mut bytes = 0;
    for name in &found {
        bytes += fs::metadata(format!("many/{name}"))?.len();
    }
    say("bytes", bytes);
    for name in found.iter().filter(|name| !name.ends_with("00")) {
        fs::remove_file(format!("many/{name}"))?;
    }
    let left = names("many")?;
    say("left", left.len());
    for name in &left[2..] {
        fs::remove_file(format!("many/{name}"))?;
    }
    say("left", names("many")?.join(" "));
    Ok(())
}

fn walk(path: &Path, found: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry: DirEntry = entry?;
        let kind = entry.file_type()?;
        let shown = if kind.is_symlink() {
            let target = fs::read_link(entry.path())?;
            format!("link to {}", target.display())
        } else if kind.is_dir() {
            walk(&entry.path(), found)?;
            "directory".to_owned()
        } else {
            format!("file of {}", entry.metadata()?.len())
        };
        found.insert(entry.path().display().to_string(), shown);
    }
    Ok(())
}

fn tree() -> io::Result<()> {
    let mut found = BTreeMap::new();
    walk(Path::new("dir"), &mut found)?;
    for (path, what) in found {
        say(&path, what);
    }
    Ok(())
}

fn errors() -> io::Result<()> {
    for path in ["file.txt", "missing", "dangling", "loop-a", "file.txt/x"] {
        say(&format!("'{path}'"), done(fs::read_dir(path)));
    }
    Ok(())
}

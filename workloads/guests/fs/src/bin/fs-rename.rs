//! `fs-rename`: rename, over what is there and across directories.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::process::ExitCode;

use assay_guests_fs::{Entry, content, done, error_name, say, text};

const CASES: &[Entry] = &[
    ("over", over),
    ("across", across),
    ("directories", directories),
    ("errors", errors),
];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn over() -> io::Result<()> {
    let mut replaced = File::open("b.txt")?;
    say("over a file", done(fs::rename("a.txt", "b.txt")));
    say("old name", done(fs::metadata("a.txt")));
    say("new name", content("b.txt"));
    let mut bytes = Vec::new();
    replaced.read_to_end(&mut bytes)?;
    say("what was replaced", text(&bytes));
    say("over a link", done(fs::rename("b.txt", "link")));
    say("is a link", fs::symlink_metadata("link")?.is_symlink());
    say("content", content("link"));
    Ok(())
}

fn across() -> io::Result<()> {
    say("a file", done(fs::rename("a.txt", "full/a.txt")));
    say("content", content("full/a.txt"));
    say("a full directory", done(fs::rename("full", "empty/full")));
    say("below it", content("empty/full/inside.txt"));
    say("a link", done(fs::rename("link", "empty/link")));
    // It now starts from another directory.
    say("where it leads", content("empty/link"));
    Ok(())
}

fn directories() -> io::Result<()> {
    say("over an empty one", done(fs::rename("full", "empty")));
    say("below it", content("empty/inside.txt"));
    fs::create_dir("other")?;
    let refused = fs::rename("other", "empty").map_err(|error| error_name(&error));
    // POSIX has both.
    let allowed = matches!(
        refused.as_ref().map_err(String::as_str),
        Err("ENOTEMPTY" | "EEXIST")
    );
    say(
        "over a full one",
        if allowed {
            "refused".to_owned()
        } else {
            format!("{refused:?}")
        },
    );
    say("below itself", done(fs::rename("empty", "empty/new")));
    say("a file over one", done(fs::rename("a.txt", "other")));
    say("one over a file", done(fs::rename("other", "a.txt")));
    Ok(())
}

fn errors() -> io::Result<()> {
    for (old, new) in [
        ("missing", "new"),
        ("missing/x", "new"),
        ("a.txt", "missing/new"),
        ("a.txt/x", "new"),
        ("a.txt", "b.txt/new"),
        ("a.txt/", "new"),
    ] {
        say(&format!("'{old}' to '{new}'"), done(fs::rename(old, new)));
    }
    let long = "n".repeat(256);
    say("to 256 bytes", done(fs::rename("a.txt", long)));
    Ok(())
}

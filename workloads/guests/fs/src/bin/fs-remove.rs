//! `fs-remove`: removing files, directories and whole trees, also while open.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::process::ExitCode;

use assay_guests_fs::{Entry, content, done, say, text};

const CASES: &[Entry] = &[
    ("files", files),
    ("directories", directories),
    ("tree", tree),
    ("open", open),
];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn files() -> io::Result<()> {
    for path in [
        "a.txt",
        "a.txt",
        "link",
        "dangling",
        "full",
        "missing/x",
        "b.txt/x",
        "b.txt/",
    ] {
        say(
            &format!("remove_file '{path}'"),
            done(fs::remove_file(path)),
        );
    }
    say("target of the link", content("b.txt"));
    Ok(())
}

fn directories() -> io::Result<()> {
    for path in [
        "empty",
        "empty",
        "full",
        "a.txt",
        "link-dir",
        "missing/x",
        "a.txt/x",
    ] {
        say(&format!("remove_dir '{path}'"), done(fs::remove_dir(path)));
    }
    fs::remove_file("full/inside.txt")?;
    say("remove_dir, emptied", done(fs::remove_dir("full")));
    Ok(())
}

fn tree() -> io::Result<()> {
    fs::create_dir_all("full/one/two/three")?;
    fs::write("full/one/two/deep.txt", "deep\n")?;
    assay_guests_fs::symlink("../b.txt", "full/out")?;
    assay_guests_fs::symlink("..", "full/one/up")?;
    say("remove_dir_all", done(fs::remove_dir_all("full")));
    say("is there", fs::exists("full")?);
    // Links are removed, not followed.
    say("target of a link", content("b.txt"));
    say("remove_dir_all, missing", done(fs::remove_dir_all("full")));
    Ok(())
}

fn open() -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open("a.txt")?;
    say("remove_file", done(fs::remove_file("a.txt")));
    say("by name", done(fs::metadata("a.txt")));
    file.write_all(b"A")?;
    fs::write("a.txt", "another\n")?;
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    say("through the handle", text(&bytes));
    say("by name, again", content("a.txt"));
    file.set_len(3)?;
    say("length", file.metadata()?.len());
    Ok(())
}

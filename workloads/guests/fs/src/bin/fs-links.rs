//! `fs-links`: symbolic and hard links.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::process::ExitCode;

use assay_guests_fs::{Entry, content, done, say, shown, symlink};

const CASES: &[Entry] = &[
    ("symbolic", symbolic),
    ("symbolic-errors", symbolic_errors),
    ("through", through),
    ("loops", loops),
    ("hard", hard),
    ("hard-errors", hard_errors),
];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn target(path: &str) -> String {
    shown(fs::read_link(path), |target| target.display().to_string())
}

fn symbolic() -> io::Result<()> {
    for (to, path) in [
        ("file.txt", "to-file"),
        ("../file.txt", "dir/to-parent"),
        ("nowhere", "to-nowhere"),
        ("dir", "to-dir"),
    ] {
        say(path, done(symlink(to, path)));
        say("reads", target(path));
        say("length", fs::symlink_metadata(path)?.len());
        say(
            "leads to",
            shown(fs::metadata(path), |found| {
                if found.is_dir() {
                    "a directory"
                } else {
                    "a file"
                }
            }),
        );
    }
    say("content", content("dir/to-parent"));
    Ok(())
}

fn symbolic_errors() -> io::Result<()> {
    for path in ["file.txt", "dir", "dangling", "missing/new", "file.txt/new"] {
        say(
            &format!("symlink '{path}'"),
            done(symlink("anywhere", path)),
        );
    }
    for path in ["file.txt", "dir", "missing", "file.txt/x"] {
        say(&format!("read_link '{path}'"), target(path));
    }
    Ok(())
}

fn through() -> io::Result<()> {
    say("read", content("link"));
    fs::write("link", "written\n")?;
    say("the target", content("file.txt"));
    say("still a link", fs::symlink_metadata("link")?.is_symlink());
    say("below a link", content("link-dir/inside.txt"));
    say("up from a link", content("link-dir/../file.txt"));
    // Creating through a dangling link makes what it leads to.
    fs::write("dangling", "made\n")?;
    say("made", content("nowhere.txt"));
    Ok(())
}

fn loops() -> io::Result<()> {
    symlink("self", "self")?;
    for path in ["loop-a", "self", "loop-b/x"] {
        say(&format!("read '{path}'"), content(path));
        say(&format!("metadata '{path}'"), done(fs::metadata(path)));
        say(
            &format!("create_dir '{path}/new'"),
            done(fs::create_dir(format!("{path}/new"))),
        );
    }
    say("read_link", target("self"));
    say("remove_file", done(fs::remove_file("self")));
    Ok(())
}

fn hard() -> io::Result<()> {
    fs::hard_link("file.txt", "second")?;
    OpenOptions::new()
        .append(true)
        .open("second")?
        .write_all(b"more\n")?;
    say("written by the other name", content("file.txt"));
    fs::hard_link("second", "dir/third")?;
    fs::remove_file("file.txt")?;
    say("one name less", content("dir/third"));
    // Writing a new file over one name leaves the other.
    fs::write("new.txt", "new\n")?;
    fs::rename("new.txt", "second")?;
    say("replaced", content("second"));
    say("the last name", content("dir/third"));
    Ok(())
}

fn hard_errors() -> io::Result<()> {
    for (old, new) in [
        ("missing", "new"),
        ("file.txt", "file.txt"),
        ("file.txt", "dir"),
        ("file.txt", "dangling"),
        ("file.txt", "missing/new"),
        ("dir", "new"),
    ] {
        say(
            &format!("'{old}' to '{new}'"),
            done(fs::hard_link(old, new)),
        );
    }
    Ok(())
}

//! `fs-open`: `OpenOptions` in each combination that programs use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use assay_guests_fs::{Entry, content, done, say, shown};

const CASES: &[Entry] = &[
    ("create", create),
    ("create-new", create_new),
    ("truncate", truncate),
    ("append", append),
    ("modes", modes),
    ("errors", errors),
];

fn main() -> ExitCode {
    assay_guests_fs::run(CASES)
}

fn create() -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    for path in ["new.txt", "file.txt", "dir/new.txt"] {
        options.open(path)?.write_all(b"NEW")?;
        say(path, content(path));
    }
    Ok(())
}

fn create_new() -> io::Result<()> {
    let open = |path| {
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).open(path);
        shown(opened, |mut file| done(file.write_all(b"new")))
    };
    for path in ["new.txt", "new.txt", "file.txt", "dir", "link", "dangling"] {
        say(path, open(path));
    }
    // Not even a link that leads nowhere is followed.
    say("nowhere.txt", done(fs::metadata("nowhere.txt")));
    Ok(())
}

fn truncate() -> io::Result<()> {
    drop(File::create("file.txt")?);
    say("File::create", content("file.txt"));
    let mut options = OpenOptions::new();
    options.write(true).truncate(true);
    options.open("dir/inside.txt")?.write_all(b"x")?;
    say("truncate and write", content("dir/inside.txt"));
    say("truncate, missing", done(options.open("new.txt")));
    Ok(())
}

fn append() -> io::Result<()> {
    let mut first = OpenOptions::new().append(true).open("file.txt")?;
    let mut second = OpenOptions::new()
        .append(true)
        .read(true)
        .open("file.txt")?;
    first.write_all(b"1")?;
    second.write_all(b"22")?;
    first.write_all(b"3\n")?;
    say("by turns", content("file.txt"));
    fs::write("file.txt", "cut\n")?;
    second.write_all(b"4\n")?;
    say("after a cut", content("file.txt"));
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    options.open("new.txt")?.write_all(b"a")?;
    options.open("new.txt")?.write_all(b"b")?;
    say("created", content("new.txt"));
    Ok(())
}

fn modes() -> io::Result<()> {
    let mut buffer = [0; 4];
    let mut both = OpenOptions::new().read(true).write(true).open("file.txt")?;
    both.read_exact(&mut buffer)?;
    both.write_all(b"____")?;
    say("read, then write", content("file.txt"));
    // The name of the error is left to fs/raw-io: between a stream that fails
    // and errno there is a C library, and they differ.
    let refused = |failed: bool| if failed { "refused" } else { "done" };
    let mut reader = File::open("file.txt")?;
    say(
        "write to what is open to read",
        refused(reader.write(b"x").is_err()),
    );
    let mut writer = OpenOptions::new().write(true).open("file.txt")?;
    say(
        "read what is open to write",
        refused(writer.read(&mut buffer).is_err()),
    );
    say("content", content("file.txt"));
    Ok(())
}

fn errors() -> io::Result<()> {
    let long = "n".repeat(256);
    for path in [
        "missing",
        "missing/x",
        "file.txt/x",
        "file.txt/",
        "dangling",
        "loop-a",
        &long,
    ] {
        let name = if path.len() > 64 { "256 bytes" } else { path };
        say(&format!("open '{name}'"), done(File::open(path)));
    }
    for path in ["dir", "missing/new", "file.txt/new", "loop-a", &long] {
        let name = if path.len() > 64 { "256 bytes" } else { path };
        say(&format!("create '{name}'"), done(File::create(path)));
    }
    Ok(())
}

//! `fs-raw-directory`: create-directory-at, read-directory and its entries.

use std::process::ExitCode;

#[cfg(not(target_os = "wasi"))]
fn main() -> ExitCode {
    assay_guests_fs_raw::component_only()
}

#[cfg(target_os = "wasi")]
fn main() -> ExitCode {
    assay_guests_fs_raw::wasi::run(guest::CASES)
}

#[cfg(target_os = "wasi")]
mod guest {
    use assay_guests_fs_raw::wasi::{
        Descriptor, Entry, ErrorCode, NO_FOLLOW, OpenFlags, Preopens, READ, WRITE, create, done,
        must, open, say, shown, type_at, type_name,
    };

    pub const CASES: &[Entry] = &[
        ("create", make),
        ("create-errors", make_errors),
        ("entries", entries),
        ("streams", streams),
        ("many", many),
        ("names", names),
        ("not-a-directory", not_a_directory),
    ];

    fn make(preopens: &Preopens) {
        let root = preopens.root();
        for path in ["new", "new/below", "new/below/deep", "slash/", "dir/more"] {
            say(&format!("'{path}'"), done(root.create_directory_at(path)));
        }
        say("is a", type_at(root, "new/below/deep"));
        let below = open(root, "new/below", READ);
        say("from below", type_at(&below, "deep"));
    }

    fn make_errors(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "dir",
            "dir/",
            ".",
            "file.txt",
            "link",
            "dangling",
            "missing/new",
            "file.txt/new",
            "",
        ] {
            say(&format!("'{path}'"), done(root.create_directory_at(path)));
        }
    }

    /// All entries as `type name`, sorted by name: no order is promised.
    fn list(dir: &Descriptor) -> Result<Vec<(String, &'static str)>, ErrorCode> {
        let stream = dir.read_directory()?;
        let mut found = Vec::new();
        while let Some(entry) = stream.read_directory_entry()? {
            found.push((entry.name, type_name(entry.type_)));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn say_list(what: &str, dir: &Descriptor) {
        for (name, kind) in must("read-directory", list(dir)) {
            say(&format!("{what}: {kind}"), name.escape_debug());
        }
    }

    fn entries(preopens: &Preopens) {
        let root = preopens.root();
        say_list("root", root);
        say_list("dir", &open(root, "dir", READ));
        let empty = shown(list(&open(root, "empty", READ)), |found| found.len());
        say("empty", empty);
        // What is there when the listing is asked for.
        create(root, "dir/new.txt", b"");
        must("unlink", root.unlink_file_at("dir/inside.txt"));
        say_list("dir, changed", &open(root, "dir", READ));
    }

    fn streams(preopens: &Preopens) {
        let root = preopens.root();
        let first = must("read-directory", root.read_directory());
        let one = must("read-directory-entry", first.read_directory_entry());
        let second = must("read-directory", root.read_directory());
        let rest = |stream: &assay_guests_fs_raw::wasi::DirectoryEntryStream| {
            let mut count = 0;
            while must("read-directory-entry", stream.read_directory_entry()).is_some() {
                count += 1;
            }
            count
        };
        say("first, one entry", one.is_some());
        say("second, all of it", rest(&second));
        say("first, the rest", rest(&first));
        let third = must("read-directory", root.read_directory());
        say("third, from the start", rest(&third));
    }

    /// More entries than any buffer of a host holds at once.
    fn many(preopens: &Preopens) {
        const COUNT: usize = 2_000;
        let root = preopens.root();
        must("create", root.create_directory_at("many"));
        let dir = assay_guests_fs_raw::wasi::directory(root, "many");
        // 761 and 2,000 have no common divisor, so each number comes once.
        for at in 0..COUNT {
            let name = format!("entry-{:04}", at * 761 % COUNT);
            must(
                &name,
                dir.open_at(NO_FOLLOW, &name, OpenFlags::CREATE, WRITE),
            );
        }
        let found = must("read-directory", list(&dir));
        say("entries", found.len());
        let expected = (0..COUNT).map(|at| format!("entry-{at:04}"));
        say(
            "each once, sorted",
            found.iter().map(|(name, _)| name.clone()).eq(expected),
        );
        say(
            "all files",
            found.iter().all(|(_, kind)| *kind == "regular-file"),
        );
        for (name, _) in &found[3..] {
            must(name, dir.unlink_file_at(name));
        }
        say_list("left", &dir);
    }

    /// Names that a host must carry as they are: nothing folded, nothing joined.
    fn names(preopens: &Preopens) {
        let root = preopens.root();
        let dir = assay_guests_fs_raw::wasi::directory(root, "names");
        say_list("given", &dir);
        for name in [
            // A letter with its accent as one scalar value, and as two.
            "\u{e9}t\u{e9}",
            "e\u{301}te\u{301}",
            "\u{65e5}\u{672c}",
            "\u{1f980}",
            "Name",
            "name",
            " space ",
            "tab\tline\n",
            "back\\slash",
            "quote\"'",
            "-dash",
            "..dots",
            "...",
            "star*?",
            "\u{202e}right",
        ] {
            create(&dir, name, name.as_bytes());
        }
        for (name, _) in must("read-directory", list(&dir)) {
            let content = assay_guests_fs_raw::wasi::content_at(&dir, &name);
            say(&format!("{}", name.escape_unicode()), content);
        }
        // 255 bytes in 85 scalar values.
        let long = "\u{65e5}".repeat(85);
        create(&dir, &long, b"long");
        say("255 bytes", type_at(&dir, &long));
        must("unlink", dir.unlink_file_at(&long));
    }

    fn not_a_directory(preopens: &Preopens) {
        let file = open(preopens.root(), "file.txt", READ);
        say("read-directory", done(file.read_directory()));
    }
}

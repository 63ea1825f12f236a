//! `fs-raw-read-only`: a directory given without mutate-directory. Reading
//! works; every operation that would change something is refused, and each of
//! them would succeed otherwise.

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
        Datetime, DescriptorFlags, Entry, FOLLOW, MUTATE, NO_FOLLOW, NewTimestamp, OpenFlags,
        PLAIN, Preopens, READ, READ_WRITE, WRITE, content_at, content_of, done, must, open, say,
        shown, type_name,
    };

    pub const CASES: &[Entry] = &[
        ("reading", reading),
        ("flags", flags),
        ("create", create),
        ("open-to-write", open_to_write),
        ("change", change),
        ("move-out", move_out),
        ("move-in", move_in),
        ("below", below),
        ("files", files),
        ("unchanged", unchanged),
    ];

    const LONG_AGO: NewTimestamp = NewTimestamp::Timestamp(Datetime {
        seconds: 1_000_000_000,
        nanoseconds: 0,
    });

    fn reading(preopens: &Preopens) {
        let fixed = preopens.at("/fixed");
        say("content", content_at(fixed, "file.txt"));
        say("through a link", content_at(fixed, "link"));
        say(
            "stat-at",
            shown(fixed.stat_at(NO_FOLLOW, "file.txt"), |stat| stat.size),
        );
        say(
            "readlink-at",
            shown(fixed.readlink_at("link"), |target| target),
        );
        say(
            "metadata-hash-at",
            shown(fixed.metadata_hash_at(FOLLOW, "file.txt"), |_| "a hash"),
        );
        let stream = must("read-directory", fixed.read_directory());
        let mut names = Vec::new();
        while let Some(entry) = must("read-directory-entry", stream.read_directory_entry()) {
            names.push(format!("{} {}", type_name(entry.type_), entry.name));
        }
        names.sort_unstable();
        say("read-directory", names.join(", "));
        say("below", content_at(&open(fixed, "dir", READ), "inside.txt"));
        let file = open(fixed, "file.txt", READ);
        let stream = must("read-via-stream", file.read_via_stream(3));
        let rest = stream.blocking_read(100).unwrap_or_default();
        say("read-via-stream", rest.escape_ascii());
        say("sync", done(file.sync()));
        say(
            "missing",
            done(fixed.open_at(FOLLOW, "missing", PLAIN, READ)),
        );
    }

    fn flags(preopens: &Preopens) {
        for name in ["/fixed", "/open"] {
            let flags = must("get-flags", preopens.at(name).get_flags());
            let set = flags.contains(DescriptorFlags::MUTATE_DIRECTORY);
            say(
                name,
                if set {
                    "mutate-directory"
                } else {
                    "no mutate-directory"
                },
            );
        }
    }

    fn create(preopens: &Preopens) {
        let fixed = preopens.at("/fixed");
        let exclusive = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        say(
            "open-at with create",
            done(fixed.open_at(FOLLOW, "new", OpenFlags::CREATE, READ_WRITE)),
        );
        say(
            "with create, to read",
            done(fixed.open_at(FOLLOW, "new", OpenFlags::CREATE, READ)),
        );
        say(
            "with exclusive",
            done(fixed.open_at(FOLLOW, "new", exclusive, READ_WRITE)),
        );
        say(
            "with create, of what is there",
            done(fixed.open_at(FOLLOW, "file.txt", OpenFlags::CREATE, READ)),
        );
        say(
            "create-directory-at",
            done(fixed.create_directory_at("new")),
        );
        say("symlink-at", done(fixed.symlink_at("file.txt", "new")));
        say(
            "link-at",
            done(fixed.link_at(NO_FOLLOW, "file.txt", fixed, "new")),
        );
    }

    fn open_to_write(preopens: &Preopens) {
        let fixed = preopens.at("/fixed");
        say(
            "with write",
            done(fixed.open_at(FOLLOW, "file.txt", PLAIN, WRITE)),
        );
        say(
            "with read and write",
            done(fixed.open_at(FOLLOW, "file.txt", PLAIN, READ_WRITE)),
        );
        say(
            "with truncate",
            done(fixed.open_at(FOLLOW, "file.txt", OpenFlags::TRUNCATE, READ_WRITE)),
        );
        say(
            "with truncate, to read",
            done(fixed.open_at(FOLLOW, "file.txt", OpenFlags::TRUNCATE, READ)),
        );
        say(
            "through a link",
            done(fixed.open_at(FOLLOW, "link", PLAIN, WRITE)),
        );
    }

    fn change(preopens: &Preopens) {
        let fixed = preopens.at("/fixed");
        say("rename-at", done(fixed.rename_at("file.txt", fixed, "new")));
        say(
            "rename-at, over",
            done(fixed.rename_at("file.txt", fixed, "link")),
        );
        say("unlink-file-at", done(fixed.unlink_file_at("file.txt")));
        say("unlink-file-at, a link", done(fixed.unlink_file_at("link")));
        say(
            "remove-directory-at",
            done(fixed.remove_directory_at("empty")),
        );
        say(
            "set-times-at",
            done(fixed.set_times_at(FOLLOW, "file.txt", LONG_AGO, LONG_AGO)),
        );
        say("set-times", done(fixed.set_times(LONG_AGO, LONG_AGO)));
    }

    fn move_out(preopens: &Preopens) {
        let (fixed, changeable) = (preopens.at("/fixed"), preopens.at("/open"));
        say(
            "rename-at",
            done(fixed.rename_at("file.txt", changeable, "new")),
        );
        // A second name of the file would be one to write it by.
        say(
            "link-at",
            done(fixed.link_at(NO_FOLLOW, "file.txt", changeable, "new")),
        );
    }

    fn move_in(preopens: &Preopens) {
        let (fixed, changeable) = (preopens.at("/fixed"), preopens.at("/open"));
        say(
            "rename-at",
            done(changeable.rename_at("file.txt", fixed, "new")),
        );
        say(
            "rename-at, over",
            done(changeable.rename_at("file.txt", fixed, "file.txt")),
        );
        say(
            "link-at",
            done(changeable.link_at(NO_FOLLOW, "file.txt", fixed, "new")),
        );
    }

    /// A directory opened from one that may not be changed is no way around it.
    fn below(preopens: &Preopens) {
        let fixed = preopens.at("/fixed");
        say(
            "open-at with mutate-directory",
            done(fixed.open_at(FOLLOW, "dir", PLAIN, MUTATE)),
        );
        let dir = open(fixed, "dir", READ);
        say("create-directory-at", done(dir.create_directory_at("new")));
        say("unlink-file-at", done(dir.unlink_file_at("inside.txt")));
        say(
            "open-at with write",
            done(dir.open_at(FOLLOW, "inside.txt", PLAIN, WRITE)),
        );
    }

    /// The same without the error codes: a host with another code for it must
    /// still let nothing through.
    fn unchanged(preopens: &Preopens) {
        let (fixed, changeable) = (preopens.at("/fixed"), preopens.at("/open"));
        let refused =
            |what: &str, failed: bool| say(what, if failed { "refused" } else { "let through" });
        let open = |flags, how| fixed.open_at(FOLLOW, "file.txt", flags, how).is_err();
        refused(
            "create",
            fixed
                .open_at(FOLLOW, "new", OpenFlags::CREATE, WRITE)
                .is_err(),
        );
        refused("write", open(PLAIN, WRITE));
        refused("truncate", open(OpenFlags::TRUNCATE, READ));
        refused(
            "create-directory-at",
            fixed.create_directory_at("new").is_err(),
        );
        refused("symlink-at", fixed.symlink_at("file.txt", "new").is_err());
        refused(
            "link-at, within",
            fixed.link_at(NO_FOLLOW, "file.txt", fixed, "new").is_err(),
        );
        refused(
            "link-at, out",
            fixed
                .link_at(NO_FOLLOW, "file.txt", changeable, "new")
                .is_err(),
        );
        refused(
            "link-at, in",
            changeable
                .link_at(NO_FOLLOW, "file.txt", fixed, "new")
                .is_err(),
        );
        refused(
            "rename-at, within",
            fixed.rename_at("file.txt", fixed, "new").is_err(),
        );
        refused(
            "rename-at, out",
            fixed.rename_at("file.txt", changeable, "new").is_err(),
        );
        refused(
            "rename-at, in",
            changeable.rename_at("file.txt", fixed, "new").is_err(),
        );
        refused("unlink-file-at", fixed.unlink_file_at("file.txt").is_err());
        refused(
            "remove-directory-at",
            fixed.remove_directory_at("empty").is_err(),
        );
        let before = must("stat-at", fixed.stat_at(FOLLOW, "file.txt")).data_modification_timestamp;
        refused(
            "set-times-at",
            fixed
                .set_times_at(FOLLOW, "file.txt", LONG_AGO, LONG_AGO)
                .is_err(),
        );
        refused("set-times", fixed.set_times(LONG_AGO, LONG_AGO).is_err());
        let after = must("stat-at", fixed.stat_at(FOLLOW, "file.txt")).data_modification_timestamp;
        let key = |time: Option<Datetime>| time.map(|time| (time.seconds, time.nanoseconds));
        say(
            "modified",
            if key(before) == key(after) {
                "not"
            } else {
                "moved"
            },
        );
        say("content", content_at(fixed, "file.txt"));
    }

    /// Which error a file gives that was opened to read, is not said; that nothing
    /// changes is certain.
    fn files(preopens: &Preopens) {
        let file = open(preopens.at("/fixed"), "file.txt", READ);
        let refused = |changed: bool| if changed { "changed" } else { "refused" };
        say("write", refused(file.write(b"x", 0).is_ok()));
        say("set-size", refused(file.set_size(0).is_ok()));
        say(
            "set-times",
            refused(file.set_times(LONG_AGO, LONG_AGO).is_ok()),
        );
        let written = |stream: Result<assay_guests_fs_raw::wasi::OutputStream, _>| {
            stream.is_ok_and(|stream| stream.blocking_write_and_flush(b"x").is_ok())
        };
        say(
            "write-via-stream",
            refused(written(file.write_via_stream(0))),
        );
        say(
            "append-via-stream",
            refused(written(file.append_via_stream())),
        );
        say("content", content_of(&file));
    }
}

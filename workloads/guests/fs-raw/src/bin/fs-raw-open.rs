//! `fs-raw-open`: open-at with each of its flags, and each way it refuses.

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
        DescriptorFlags, Entry, ErrorCode, FOLLOW, NO_FOLLOW, OpenFlags, PLAIN, Preopens, READ,
        READ_WRITE, WRITE, content_at, content_of, done, flag_names, must, one_of, open, say,
        shown, type_at, type_name, write_all,
    };

    pub const CASES: &[Entry] = &[
        ("missing", missing),
        ("create", create),
        ("create-read-only", create_read_only),
        ("exclusive", exclusive),
        ("truncate", truncate),
        ("directory", directory),
        ("write-to-directory", write_to_directory),
        ("symlink", symlink),
        ("long-name", long_name),
        ("nul", nul),
        ("file-as-base", file_as_base),
    ];

    fn missing(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "missing",
            "dir/missing",
            "missing/child",
            "file.txt/child",
            "file.txt/",
            "",
        ] {
            let opened = root.open_at(FOLLOW, path, PLAIN, READ);
            say(&format!("open-at '{path}'"), done(opened));
        }
    }

    fn create(preopens: &Preopens) {
        let root = preopens.root();
        let size = |path: &str, flags| {
            let opened = root.open_at(FOLLOW, path, OpenFlags::CREATE, flags);
            shown(opened, |file| shown(file.stat(), |stat| stat.size))
        };
        say("new: size", size("new.txt", READ_WRITE));
        say("existing: size", size("file.txt", READ_WRITE));
        say("existing: content", content_at(root, "file.txt"));
        say("in a directory: size", size("dir/new.txt", WRITE));
        say("in a missing directory", size("missing/new.txt", WRITE));
        say("below a file", size("file.txt/new.txt", WRITE));
    }

    fn create_read_only(preopens: &Preopens) {
        let root = preopens.root();
        let file = must(
            "create",
            root.open_at(FOLLOW, "new.txt", OpenFlags::CREATE, READ),
        );
        say("get-flags", shown(file.get_flags(), flag_names));
        say(
            "write",
            shown(file.write(b"written", 0), |count| format!("{count} bytes")),
        );
        say("content", content_of(&file));
    }

    fn exclusive(preopens: &Preopens) {
        let root = preopens.root();
        let flags = OpenFlags::CREATE.union(OpenFlags::EXCLUSIVE);
        for path in ["new.txt", "new.txt", "file.txt", "dir", "link", "dangling"] {
            let opened = root.open_at(NO_FOLLOW, path, flags, READ_WRITE);
            say(&format!("open-at '{path}'"), shown(opened, |_| "created"));
        }
        say(
            "the target of the dangling link",
            type_at(root, "made-by-link.txt"),
        );
    }

    fn truncate(preopens: &Preopens) {
        let root = preopens.root();
        let opened = |path, flags: OpenFlags| {
            let opened = root.open_at(FOLLOW, path, flags, WRITE);
            shown(opened, |file| shown(file.stat(), |stat| stat.size))
        };
        say("existing: size", opened("file.txt", OpenFlags::TRUNCATE));
        say("existing: content", content_at(root, "file.txt"));
        say("missing", opened("new.txt", OpenFlags::TRUNCATE));
        say(
            "missing, with create: size",
            opened("new.txt", OpenFlags::CREATE | OpenFlags::TRUNCATE),
        );
        say("directory", opened("dir", OpenFlags::TRUNCATE));
        // Through a link it is the target that is cut.
        say(
            "through a link: size",
            opened("link-inside", OpenFlags::TRUNCATE),
        );
        say("the link is a", type_at(root, "link-inside"));
        say("its target: content", content_at(root, "dir/inside.txt"));
    }

    fn directory(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "dir", "dir/", "dir/.", ".", "link-dir", "file.txt", "link", "missing",
        ] {
            let opened = root.open_at(FOLLOW, path, OpenFlags::DIRECTORY, READ);
            let kind = shown(opened, |found| shown(found.get_type(), type_name));
            say(&format!("open-at '{path}'"), kind);
        }
    }

    fn write_to_directory(preopens: &Preopens) {
        let root = preopens.root();
        say("with read", done(root.open_at(FOLLOW, "dir", PLAIN, READ)));
        say(
            "with write",
            done(root.open_at(FOLLOW, "dir", PLAIN, WRITE)),
        );
        say(
            "with create and write",
            done(root.open_at(FOLLOW, "dir", OpenFlags::CREATE, WRITE)),
        );
    }

    fn symlink(preopens: &Preopens) {
        let root = preopens.root();
        say("followed", content_at(root, "link"));
        say(
            "not followed",
            done(root.open_at(NO_FOLLOW, "link", PLAIN, READ)),
        );
        // Only the last place is a matter of the flag.
        let through = root.open_at(NO_FOLLOW, "link-dir/inside.txt", PLAIN, READ);
        say(
            "not followed, in the middle",
            shown(through, |file| content_of(&file)),
        );
        say("loop", done(root.open_at(FOLLOW, "loop-a", PLAIN, READ)));
        say(
            "loop, in the middle",
            done(root.open_at(FOLLOW, "loop-a/x", PLAIN, READ)),
        );
        say(
            "dangling",
            done(root.open_at(FOLLOW, "dangling", PLAIN, READ)),
        );
        let created = root.open_at(FOLLOW, "dangling", OpenFlags::CREATE, WRITE);
        say(
            "dangling, with create",
            shown(created, |file| done(write_all(&file, b"made", 0))),
        );
        say("its target", content_at(root, "made-by-link.txt"));
    }

    fn long_name(preopens: &Preopens) {
        let root = preopens.root();
        let name = "n".repeat(256);
        let below = format!("dir/{name}");
        say("open-at", done(root.open_at(FOLLOW, &name, PLAIN, READ)));
        say(
            "open-at with create",
            done(root.open_at(FOLLOW, &name, OpenFlags::CREATE, WRITE)),
        );
        say(
            "below a directory",
            done(root.open_at(FOLLOW, &below, OpenFlags::CREATE, WRITE)),
        );
        say("stat-at", done(root.stat_at(NO_FOLLOW, &name)));
        say("create-directory-at", done(root.create_directory_at(&name)));
        say("symlink-at", done(root.symlink_at("file.txt", &name)));
        say(
            "link-at",
            done(root.link_at(NO_FOLLOW, "file.txt", root, &name)),
        );
        say("rename-at", done(root.rename_at("file.txt", root, &name)));
        say("unlink-file-at", done(root.unlink_file_at(&name)));
        say("remove-directory-at", done(root.remove_directory_at(&name)));
        say("readlink-at", done(root.readlink_at(&name)));
        let longest = "n".repeat(255);
        let created = root.open_at(FOLLOW, &longest, OpenFlags::CREATE, WRITE);
        say(
            "one byte less",
            shown(created, |file| shown(file.get_type(), type_name)),
        );
        say("and away", done(root.unlink_file_at(&longest)));
    }

    fn nul(preopens: &Preopens) {
        // Which error it is, no specification says. That neither a name with a
        // NUL nor its beginning may come into being is certain.
        let root = preopens.root();
        let refused = [
            ErrorCode::Invalid,
            ErrorCode::IllegalByteSequence,
            ErrorCode::NoEntry,
        ];
        let created = root.open_at(FOLLOW, "new\0name", OpenFlags::CREATE, WRITE);
        say("open-at", one_of(created, &refused, "refused"));
        let made = root.create_directory_at("new\0name");
        say("create-directory-at", one_of(made, &refused, "refused"));
        let removed = root.unlink_file_at("file.txt\0");
        say("unlink-file-at", one_of(removed, &refused, "refused"));
        say("stat-at 'new'", done(root.stat_at(NO_FOLLOW, "new")));
        say("stat-at 'file.txt'", type_at(root, "file.txt"));
    }

    fn file_as_base(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", READ);
        let keep = assay_guests_fs_raw::wasi::NewTimestamp::NoChange;
        say(
            "open-at",
            done(file.open_at(FOLLOW, "x", PLAIN, DescriptorFlags::READ)),
        );
        say("stat-at", done(file.stat_at(FOLLOW, "x")));
        say(
            "set-times-at",
            done(file.set_times_at(FOLLOW, "x", keep, keep)),
        );
        say("create-directory-at", done(file.create_directory_at("x")));
        say("read-directory", done(file.read_directory()));
        say("symlink-at", done(file.symlink_at("y", "x")));
        say("readlink-at", done(file.readlink_at("x")));
        say(
            "link-at, from",
            done(file.link_at(NO_FOLLOW, "x", root, "new.txt")),
        );
        say(
            "link-at, to",
            done(root.link_at(NO_FOLLOW, "dir/inside.txt", &file, "x")),
        );
        say(
            "rename-at, from",
            done(file.rename_at("x", root, "new.txt")),
        );
        say(
            "rename-at, to",
            done(root.rename_at("dir/inside.txt", &file, "x")),
        );
        say("unlink-file-at", done(file.unlink_file_at("x")));
        say("remove-directory-at", done(file.remove_directory_at("x")));
        say("metadata-hash-at", done(file.metadata_hash_at(FOLLOW, "x")));
    }
}

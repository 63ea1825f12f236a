//! `fs-raw-remove`: unlink-file-at and remove-directory-at, also of what is
//! open.

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
        Entry, FOLLOW, OpenFlags, Preopens, READ, READ_WRITE, WRITE, content_at, content_of,
        create, directory, done, must, open, say, shown, type_at, write_all,
    };

    pub const CASES: &[Entry] = &[
        ("file", file),
        ("file-errors", file_errors),
        ("directory", directories),
        ("directory-slash", directory_slash),
        ("directory-errors", directory_errors),
        ("open-file", open_file),
        ("open-directory", open_directory),
    ];

    fn file(preopens: &Preopens) {
        let root = preopens.root();
        say("unlink-file-at", done(root.unlink_file_at("a.txt")));
        say("stat-at", type_at(root, "a.txt"));
        say("again", done(root.unlink_file_at("a.txt")));
        say(
            "below a directory",
            done(root.unlink_file_at("full/inside.txt")),
        );
        say("a link", done(root.unlink_file_at("link")));
        say(
            "a link to a directory",
            done(root.unlink_file_at("link-dir")),
        );
        say("a dangling link", done(root.unlink_file_at("dangling")));
        say("target of the link", content_at(root, "b.txt"));
        say("target of the link to a directory", type_at(root, "empty"));
    }

    fn file_errors(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "full",
            "empty",
            "empty/",
            "missing",
            "missing/x",
            "a.txt/x",
            "a.txt/",
            "",
            ".",
        ] {
            say(&format!("'{path}'"), done(root.unlink_file_at(path)));
        }
    }

    fn directories(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "remove-directory-at",
            done(root.remove_directory_at("empty")),
        );
        say("stat-at", type_at(root, "empty"));
        must("unlink", root.unlink_file_at("full/inside.txt"));
        say("emptied", done(root.remove_directory_at("full")));
        say("stat-at", type_at(root, "full"));
    }

    fn directory_slash(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "remove-directory-at",
            done(root.remove_directory_at("other/")),
        );
        say("stat-at", type_at(root, "other"));
    }

    fn directory_errors(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "full",
            "a.txt",
            "a.txt/",
            "link-dir",
            "missing",
            "missing/x",
            "a.txt/x",
            "",
            "empty/.",
        ] {
            say(&format!("'{path}'"), done(root.remove_directory_at(path)));
        }
    }

    fn open_file(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "a.txt", READ_WRITE);
        let before = shown(file.stat(), |stat| stat.link_count);
        say("unlink-file-at", done(root.unlink_file_at("a.txt")));
        say("by name", type_at(root, "a.txt"));
        say("content", content_of(&file));
        must("write", write_all(&file, b"written", 2));
        say("content, written", content_of(&file));
        say(
            "links",
            format!(
                "{before} then {}",
                shown(file.stat(), |stat| stat.link_count)
            ),
        );
        let other = create(root, "a.txt", b"new\n");
        say("the name again", content_at(root, "a.txt"));
        say("the same object", other.is_same_object(&file));
        say("content of the old", content_of(&file));
    }

    fn open_directory(preopens: &Preopens) {
        let root = preopens.root();
        let dir = directory(root, "empty");
        say(
            "remove-directory-at",
            done(root.remove_directory_at("empty")),
        );
        let created = dir.open_at(FOLLOW, "new.txt", OpenFlags::CREATE, WRITE);
        say("open-at with create", done(created));
        say("create-directory-at", done(dir.create_directory_at("new")));
        say("stat-at", done(dir.stat_at(FOLLOW, "new.txt")));
        say(
            "the name",
            done(root.open_at(FOLLOW, "empty", OpenFlags::DIRECTORY, READ)),
        );
    }
}

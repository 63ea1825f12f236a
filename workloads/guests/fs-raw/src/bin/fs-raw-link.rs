//! `fs-raw-link`: link-at, and two names of one file.

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
        Entry, FOLLOW, NO_FOLLOW, Preopens, READ, READ_WRITE, content_at, content_of, directory,
        done, must, open, say, shown, type_at, write_all,
    };

    pub const CASES: &[Entry] = &[
        ("create", create),
        ("across", across),
        ("errors", errors),
        ("directory", directories),
        ("symlink", symlink),
        ("symlink-follow", symlink_follow),
    ];

    fn links(root: &assay_guests_fs_raw::wasi::Descriptor, path: &str) -> String {
        shown(root.stat_at(NO_FOLLOW, path), |stat| stat.link_count)
    }

    fn create(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "link-at",
            done(root.link_at(NO_FOLLOW, "file.txt", root, "second")),
        );
        say("links", links(root, "file.txt"));
        let (first, second) = (
            open(root, "file.txt", READ_WRITE),
            open(root, "second", READ),
        );
        say("the same object", first.is_same_object(&second));
        must("write", write_all(&first, b"CON", 0));
        say("written through the other", content_of(&second));
        must("link", root.link_at(NO_FOLLOW, "second", root, "dir/third"));
        say("links", links(root, "second"));
        say("unlink-file-at", done(root.unlink_file_at("file.txt")));
        say("links", links(root, "second"));
        say("content", content_at(root, "dir/third"));
    }

    fn across(preopens: &Preopens) {
        let root = preopens.root();
        let (dir, other) = (directory(root, "dir"), directory(root, "other"));
        say(
            "link-at",
            done(dir.link_at(NO_FOLLOW, "inside.txt", &other, "linked.txt")),
        );
        say("content", content_at(root, "other/linked.txt"));
        say("links", links(root, "dir/inside.txt"));
    }

    fn errors(preopens: &Preopens) {
        let root = preopens.root();
        for (old, new) in [
            ("missing", "new"),
            ("missing/x", "new"),
            ("file.txt/x", "new"),
            ("", "new"),
            ("file.txt", "file.txt"),
            ("file.txt", "dir/inside.txt"),
            ("file.txt", "dir"),
            ("file.txt", "dangling"),
            ("file.txt", "missing/new"),
            ("file.txt", "dir/inside.txt/new"),
            ("file.txt", ""),
        ] {
            say(
                &format!("'{old}' to '{new}'"),
                done(root.link_at(NO_FOLLOW, old, root, new)),
            );
        }
        say("links", links(root, "file.txt"));
    }

    fn directories(preopens: &Preopens) {
        let root = preopens.root();
        say("link-at", done(root.link_at(NO_FOLLOW, "dir", root, "new")));
        say("made", type_at(root, "new"));
    }

    fn symlink(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "link-at",
            done(root.link_at(NO_FOLLOW, "link", root, "new")),
        );
        say("is a", type_at(root, "new"));
        say("links of the target", links(root, "file.txt"));
    }

    fn symlink_follow(preopens: &Preopens) {
        let root = preopens.root();
        say("link-at", done(root.link_at(FOLLOW, "link", root, "new")));
        say("is a", type_at(root, "new"));
        say("links of the target", links(root, "file.txt"));
    }
}

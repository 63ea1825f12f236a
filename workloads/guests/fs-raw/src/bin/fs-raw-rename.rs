//! `fs-raw-rename`: rename-at, over what is there, across directories, and each
//! way it refuses.

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
        Entry, ErrorCode, NO_FOLLOW, Preopens, READ, READ_WRITE, content_at, content_of, directory,
        done, must, one_of, open, say, shown, type_at, write_all,
    };

    pub const CASES: &[Entry] = &[
        ("over-file", over_file),
        ("across", across),
        ("directories", directories),
        ("mismatch", mismatch),
        ("into-itself", into_itself),
        ("missing", missing),
        ("same", same),
        ("symlink", symlink),
    ];

    fn over_file(preopens: &Preopens) {
        let root = preopens.root();
        let (old, replaced) = (open(root, "a.txt", READ_WRITE), open(root, "b.txt", READ));
        say("rename-at", done(root.rename_at("a.txt", root, "b.txt")));
        say("old name", type_at(root, "a.txt"));
        say("new name", content_at(root, "b.txt"));
        say(
            "the same object",
            open(root, "b.txt", READ).is_same_object(&old),
        );
        // Both descriptors still are what they were.
        must("write", write_all(&old, b"A", 0));
        say("new name, after a write", content_at(root, "b.txt"));
        say("what was replaced", content_of(&replaced));
        say("its links", shown(replaced.stat(), |stat| stat.link_count));
    }

    fn across(preopens: &Preopens) {
        let root = preopens.root();
        let (one, two) = (directory(root, "one"), directory(root, "two"));
        say("by paths", done(root.rename_at("a.txt", root, "one/a.txt")));
        say(
            "by descriptors",
            done(one.rename_at("a.txt", &two, "moved.txt")),
        );
        say("content", content_at(root, "two/moved.txt"));
        say(
            "a full directory",
            done(one.rename_at("full", &two, "full")),
        );
        say("below it", content_at(root, "two/full/inside.txt"));
        say("its old name", type_at(root, "one/full"));
        // A descriptor follows its directory.
        let full = directory(root, "two/full");
        must("rename", root.rename_at("two/full", root, "one/again"));
        say("through a descriptor", content_at(&full, "inside.txt"));
    }

    fn directories(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "over an empty one",
            done(root.rename_at("one", root, "empty")),
        );
        say("below it", content_at(root, "empty/full/inside.txt"));
        // POSIX has both.
        let refused = [ErrorCode::NotEmpty, ErrorCode::Exist];
        say(
            "over a full one",
            one_of(root.rename_at("two", root, "empty"), &refused, "refused"),
        );
        say("with slashes", done(root.rename_at("two/", root, "three/")));
        say("new name", type_at(root, "three"));
    }

    fn mismatch(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "a file over a directory",
            done(root.rename_at("a.txt", root, "empty")),
        );
        say(
            "a directory over a file",
            done(root.rename_at("empty", root, "a.txt")),
        );
        say(
            "a file to a name with a slash",
            done(root.rename_at("a.txt", root, "new/")),
        );
        say("the file", content_at(root, "a.txt"));
    }

    fn into_itself(preopens: &Preopens) {
        let root = preopens.root();
        say("below itself", done(root.rename_at("one", root, "one/new")));
        say(
            "further below",
            done(root.rename_at("one", root, "one/full/new")),
        );
    }

    fn missing(preopens: &Preopens) {
        let root = preopens.root();
        for (old, new) in [
            ("missing", "new"),
            ("missing/x", "new"),
            ("a.txt", "missing/new"),
            ("a.txt/x", "new"),
            ("a.txt", "b.txt/new"),
            ("", "new"),
            ("a.txt", ""),
        ] {
            say(
                &format!("'{old}' to '{new}'"),
                done(root.rename_at(old, root, new)),
            );
        }
    }

    fn same(preopens: &Preopens) {
        let root = preopens.root();
        say("onto itself", done(root.rename_at("a.txt", root, "a.txt")));
        say("content", content_at(root, "a.txt"));
        must("link", root.link_at(NO_FOLLOW, "a.txt", root, "other.txt"));
        // Two names of one file: nothing happens, and both stay.
        say(
            "onto another link",
            done(root.rename_at("a.txt", root, "other.txt")),
        );
        say("old name", content_at(root, "a.txt"));
        say(
            "links",
            shown(root.stat_at(NO_FOLLOW, "other.txt"), |stat| stat.link_count),
        );
    }

    fn symlink(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "the link itself",
            done(root.rename_at("link", root, "moved-link")),
        );
        say("is a", type_at(root, "moved-link"));
        say("its target", content_at(root, "b.txt"));
        say(
            "over a link",
            done(root.rename_at("a.txt", root, "moved-link")),
        );
        say("is a", type_at(root, "moved-link"));
        say("the target of the link", content_at(root, "b.txt"));
    }
}

//! `fs-raw-symlink`: symlink-at, readlink-at, and paths that lead through links.

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
        Entry, FOLLOW, NO_FOLLOW, Preopens, content_at, done, must, say, shown, type_at,
    };

    pub const CASES: &[Entry] = &[
        ("create", create),
        ("create-errors", create_errors),
        ("absolute", absolute),
        ("read", read),
        ("read-absolute", read_absolute),
        ("follow", follow),
        ("loop", circle),
    ];

    fn quoted(path: String) -> String {
        format!("\"{}\"", path.escape_debug())
    }

    fn create(preopens: &Preopens) {
        let root = preopens.root();
        for (target, path) in [
            ("file.txt", "to-file"),
            ("dir", "to-dir"),
            ("../file.txt", "dir/to-parent"),
            ("nowhere", "to-nowhere"),
            ("\u{1f980} and more", "to-crab"),
        ] {
            say(path, done(root.symlink_at(target, path)));
            say("is a", type_at(root, path));
            say("reads", shown(root.readlink_at(path), quoted));
        }
        say("content of to-file", content_at(root, "to-file"));
        say(
            "content of to-dir/inside.txt",
            content_at(root, "to-dir/inside.txt"),
        );
        say(
            "content of dir/to-parent",
            content_at(root, "dir/to-parent"),
        );
        say("content of to-nowhere", content_at(root, "to-nowhere"));
    }

    fn create_errors(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "file.txt",
            "dir",
            "link",
            "dangling",
            "missing/new",
            "file.txt/new",
            "",
        ] {
            say(
                &format!("'{path}'"),
                done(root.symlink_at("anywhere", path)),
            );
        }
    }

    fn absolute(preopens: &Preopens) {
        let root = preopens.root();
        for target in ["/", "/file.txt", "//file.txt"] {
            say(
                &format!("to '{target}'"),
                done(root.symlink_at(target, "new")),
            );
            say("made", type_at(root, "new"));
        }
    }

    fn read(preopens: &Preopens) {
        let root = preopens.root();
        for path in ["link", "dangling", "link-dir", "link-dir/up", "loop-a"] {
            say(&format!("'{path}'"), shown(root.readlink_at(path), quoted));
        }
        for path in [
            "file.txt",
            "dir",
            "missing",
            "missing/x",
            "file.txt/x",
            "",
            "loop-a/x",
        ] {
            say(&format!("'{path}'"), shown(root.readlink_at(path), quoted));
        }
    }

    fn read_absolute(preopens: &Preopens) {
        let root = preopens.root();
        say("readlink-at", shown(root.readlink_at("absolute"), quoted));
        say("is a", type_at(root, "absolute"));
        say(
            "size",
            shown(root.stat_at(NO_FOLLOW, "absolute"), |stat| stat.size),
        );
    }

    fn follow(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "through a directory link",
            content_at(root, "link-dir/inside.txt"),
        );
        say(
            "up from a directory link",
            content_at(root, "link-dir/../file.txt"),
        );
        say(
            "through a link upwards",
            content_at(root, "dir/up/file.txt"),
        );
        // POSIX promises eight.
        must("link", root.symlink_at("file.txt", "chain-1"));
        for at in 1..8 {
            must(
                "link",
                root.symlink_at(&format!("chain-{at}"), &format!("chain-{}", at + 1)),
            );
        }
        say("through eight links", content_at(root, "chain-8"));
        say(
            "size of the last",
            shown(root.stat_at(NO_FOLLOW, "chain-8"), |stat| stat.size),
        );
        for at in 1..9 {
            must("unlink", root.unlink_file_at(&format!("chain-{at}")));
        }
    }

    fn circle(preopens: &Preopens) {
        let root = preopens.root();
        must("link", root.symlink_at("self", "self"));
        for path in ["loop-a", "loop-b/x", "self", "self/x"] {
            say(
                &format!("stat-at '{path}'"),
                done(root.stat_at(FOLLOW, path)),
            );
            say(&format!("open-at '{path}'"), content_at(root, path));
        }
        say(
            "create-directory-at 'self/x'",
            done(root.create_directory_at("self/x")),
        );
        say(
            "unlink-file-at 'self/x'",
            done(root.unlink_file_at("self/x")),
        );
        say(
            "rename-at to 'self/x'",
            done(root.rename_at("file.txt", root, "self/x")),
        );
        say("stat-at, not followed", type_at(root, "self"));
        say("unlink-file-at 'self'", done(root.unlink_file_at("self")));
    }
}

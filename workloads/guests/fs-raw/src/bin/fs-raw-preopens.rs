//! `fs-raw-preopens`: the directories a component is given, what they are
//! called, and moving between them.

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
        Entry, NO_FOLLOW, Preopens, READ, content_at, create, done, must, open, say, shown, type_at,
    };

    pub const CASES: &[Entry] = &[
        ("names", names),
        ("several", several),
        ("move", between),
        ("nested", nested),
        ("neighbour", neighbour),
    ];

    fn names(preopens: &Preopens) {
        let names = preopens.names();
        say("directories", names.len());
        for name in names {
            say("name", name.escape_debug());
        }
    }

    fn several(preopens: &Preopens) {
        names(preopens);
        for name in preopens.names() {
            let dir = preopens.at(name);
            say(&format!("{name}/file.txt"), content_at(dir, "file.txt"));
            create(dir, "new.txt", name.as_bytes());
        }
        // Asked again, they are the same.
        let again = Preopens::get();
        say("again", again.names() == preopens.names());
        for name in preopens.names() {
            say(
                &format!("{name}, again"),
                again.at(name).is_same_object(preopens.at(name)),
            );
            say(
                &format!("{name}/new.txt, again"),
                content_at(again.at(name), "new.txt"),
            );
        }
    }

    /// All of them are on one filesystem here, so nothing is cross-device.
    fn between(preopens: &Preopens) {
        let (one, two) = (preopens.at("/one"), preopens.at("/two"));
        say(
            "rename-at",
            done(one.rename_at("file.txt", two, "moved.txt")),
        );
        say("old name", type_at(one, "file.txt"));
        say("new name", content_at(two, "moved.txt"));
        say(
            "link-at",
            done(two.link_at(NO_FOLLOW, "moved.txt", one, "linked.txt")),
        );
        say(
            "links",
            shown(two.stat_at(NO_FOLLOW, "moved.txt"), |stat| stat.link_count),
        );
        say("a directory", done(one.rename_at("dir", two, "dir")));
        say("below it", content_at(two, "dir/inside.txt"));
    }

    /// One directory by two names: below another preopen, and as one of its own.
    fn nested(preopens: &Preopens) {
        names(preopens);
        let (root, dir) = (preopens.root(), preopens.at("/dir"));
        say(
            "the same object",
            open(root, "dir", READ).is_same_object(dir),
        );
        create(dir, "new.txt", b"by one name");
        say("by the other", content_at(root, "dir/new.txt"));
        must("unlink", root.unlink_file_at("dir/inside.txt"));
        say("removed by the other", type_at(dir, "inside.txt"));
    }

    /// A path does not lead from one to another, although both are given.
    fn neighbour(preopens: &Preopens) {
        let one = preopens.at("/one");
        for path in [
            "../two",
            "../two/file.txt",
            "/two/file.txt",
            "link/file.txt",
        ] {
            say(
                &format!("stat-at '{path}'"),
                done(one.stat_at(NO_FOLLOW, path)),
            );
            say(&format!("open-at '{path}'"), content_at(one, path));
        }
    }
}

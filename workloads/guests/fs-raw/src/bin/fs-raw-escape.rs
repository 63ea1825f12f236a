//! `fs-raw-escape`: every function that takes a path, with every kind of path
//! that leads out of the directory it is relative to.

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
        Datetime, Descriptor, Entry, FOLLOW, NO_FOLLOW, NewTimestamp, OpenFlags, PLAIN, Preopens,
        READ, WRITE, content_at, done, open, say, shown, type_name,
    };

    pub const CASES: &[Entry] = &[
        ("parent", |preopens| each(preopens, "..")),
        ("nested-parent", |preopens| each(preopens, "dir/../..")),
        ("absolute", |preopens| each(preopens, "/")),
        ("link-to-parent", |preopens| each(preopens, "link-parent")),
        ("link-to-root", |preopens| each(preopens, "link-root")),
        ("out-and-back", |preopens| each(preopens, "../box")),
        ("from-below", from_below),
        ("last-link", last_link),
        ("itself", itself),
        ("inside", inside),
    ];

    const LONG_AGO: NewTimestamp = NewTimestamp::Timestamp(Datetime {
        seconds: 1_000_000_000,
        nanoseconds: 0,
    });

    /// With a path below `way`, which is outside of the box.
    fn each(preopens: &Preopens, way: &str) {
        attempt(preopens.at("/box"), way);
    }

    fn attempt(base: &Descriptor, way: &str) {
        let below = |name: &str| format!("{}/{name}", way.trim_end_matches('/'));
        let (file, dir, new) = (below("outside.txt"), below("empty"), below("new"));
        let link = below("link");
        say(
            "open-at to read",
            done(base.open_at(FOLLOW, &file, PLAIN, READ)),
        );
        say(
            "open-at to write",
            done(base.open_at(FOLLOW, &file, PLAIN, WRITE)),
        );
        say(
            "open-at to truncate",
            done(base.open_at(FOLLOW, &file, OpenFlags::TRUNCATE, WRITE)),
        );
        say(
            "open-at to create",
            done(base.open_at(FOLLOW, &new, OpenFlags::CREATE, WRITE)),
        );
        say(
            "open-at, a directory",
            done(base.open_at(FOLLOW, &dir, OpenFlags::DIRECTORY, READ)),
        );
        say("stat-at", done(base.stat_at(NO_FOLLOW, &file)));
        say("stat-at, missing", done(base.stat_at(NO_FOLLOW, &new)));
        say(
            "metadata-hash-at",
            done(base.metadata_hash_at(NO_FOLLOW, &file)),
        );
        say(
            "set-times-at",
            done(base.set_times_at(NO_FOLLOW, &file, LONG_AGO, LONG_AGO)),
        );
        say("readlink-at", done(base.readlink_at(&link)));
        say("create-directory-at", done(base.create_directory_at(&new)));
        say("symlink-at", done(base.symlink_at("file.txt", &new)));
        say(
            "link-at, from",
            done(base.link_at(NO_FOLLOW, &file, base, "new")),
        );
        say(
            "link-at, to",
            done(base.link_at(NO_FOLLOW, "file.txt", base, &new)),
        );
        say("rename-at, from", done(base.rename_at(&file, base, "new")));
        say(
            "rename-at, to",
            done(base.rename_at("file.txt", base, &new)),
        );
        say(
            "rename-at, over",
            done(base.rename_at("file.txt", base, &file)),
        );
        say("unlink-file-at", done(base.unlink_file_at(&file)));
        say("remove-directory-at", done(base.remove_directory_at(&dir)));
    }

    /// Outside of a directory that was opened is still inside of the preopen, and
    /// refused all the same: the base is what counts.
    fn from_below(preopens: &Preopens) {
        let dir = open(preopens.at("/box"), "dir", READ);
        for path in ["..", "../file.txt", "up", "up/file.txt"] {
            say(&format!("open-at '{path}'"), content_at(&dir, path));
            let stat = dir.stat_at(FOLLOW, path);
            say(&format!("stat-at '{path}'"), done(stat));
        }
    }

    /// A link in the last place that leads out, followed.
    fn last_link(preopens: &Preopens) {
        let base = preopens.at("/box");
        for path in [
            "link-outside",
            "link-absolute",
            "link-parent",
            "link-root",
            "link-new",
        ] {
            say(path, content_at(base, path));
            say("stat-at", done(base.stat_at(FOLLOW, path)));
            say(
                "metadata-hash-at",
                done(base.metadata_hash_at(FOLLOW, path)),
            );
            say(
                "set-times-at",
                done(base.set_times_at(FOLLOW, path, LONG_AGO, LONG_AGO)),
            );
            say(
                "open-at to create",
                done(base.open_at(FOLLOW, path, OpenFlags::CREATE, WRITE)),
            );
            // Not followed, it is no more than a name.
            say(
                "not followed",
                shown(base.stat_at(NO_FOLLOW, path), |stat| type_name(stat.type_)),
            );
        }
    }

    /// The parent itself, and the root, as the thing asked for.
    fn itself(preopens: &Preopens) {
        let base = preopens.at("/box");
        for path in ["..", "/", "../", "dir/../..", "/box", "/box/file.txt"] {
            say(
                &format!("open-at '{path}'"),
                done(base.open_at(FOLLOW, path, PLAIN, READ)),
            );
            say(
                &format!("stat-at '{path}'"),
                done(base.stat_at(NO_FOLLOW, path)),
            );
        }
    }

    /// What stays inside is no escape.
    fn inside(preopens: &Preopens) {
        let base = preopens.at("/box");
        for path in [
            "dir/../file.txt",
            "./file.txt",
            "dir/./inside.txt",
            "dir//inside.txt",
            "dir/up/file.txt",
        ] {
            say(path, content_at(base, path));
        }
        for path in [".", "dir/..", "dir/up", "dir/../dir/.."] {
            say(path, open(base, path, READ).is_same_object(base));
        }
    }
}

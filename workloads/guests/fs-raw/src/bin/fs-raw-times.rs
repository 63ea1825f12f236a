//! `fs-raw-times`: set-times and set-times-at, read back.

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
        Datetime, Descriptor, DescriptorStat, Entry, ErrorCode, FOLLOW, NO_FOLLOW, NewTimestamp,
        Preopens, READ, WRITE, create, done, must, one_of, open, say,
    };

    pub const CASES: &[Entry] = &[
        ("descriptor", descriptor),
        ("path", path),
        ("symlink", symlink),
        ("no-change", no_change),
        ("now", now),
        ("directory", directory),
        ("preopen", preopen),
        ("nanoseconds", nanoseconds),
        ("too-many-nanoseconds", too_many_nanoseconds),
        ("errors", errors),
    ];

    /// 2001-09-09T01:46:40Z, and a round number of seconds before it.
    const LATER: u64 = 1_000_000_000;
    const EARLIER: u64 = 500_000_000;

    fn at(seconds: u64, nanoseconds: u32) -> NewTimestamp {
        NewTimestamp::Timestamp(Datetime {
            seconds,
            nanoseconds,
        })
    }

    fn time(time: Option<Datetime>) -> String {
        time.map_or_else(
            || "none".to_owned(),
            |time| format!("{}.{:09}", time.seconds, time.nanoseconds),
        )
    }

    fn times(stat: &DescriptorStat) -> String {
        format!(
            "accessed {} modified {}",
            time(stat.data_access_timestamp),
            time(stat.data_modification_timestamp)
        )
    }

    fn of(descriptor: &Descriptor) -> String {
        times(&must("stat", descriptor.stat()))
    }

    fn of_path(root: &Descriptor, path: &str) -> String {
        times(&must("stat-at", root.stat_at(NO_FOLLOW, path)))
    }

    fn descriptor(preopens: &Preopens) {
        let root = preopens.root();
        for flags in [WRITE, READ] {
            let file = open(root, "file.txt", flags);
            say(
                "set-times",
                done(file.set_times(at(EARLIER, 0), at(LATER, 0))),
            );
            say("stat", of(&file));
            say("stat-at", of_path(root, "file.txt"));
            say("epoch", done(file.set_times(at(0, 0), at(1, 0))));
            say("stat", of(&file));
        }
    }

    fn path(preopens: &Preopens) {
        let root = preopens.root();
        for (flags, what) in [(NO_FOLLOW, "not followed"), (FOLLOW, "followed")] {
            let seconds = if flags == FOLLOW { LATER } else { EARLIER };
            say(
                what,
                done(root.set_times_at(
                    flags,
                    "dir/inside.txt",
                    at(seconds, 0),
                    at(seconds + 1, 0),
                )),
            );
            say("stat-at", of_path(root, "dir/inside.txt"));
        }
    }

    fn symlink(preopens: &Preopens) {
        let root = preopens.root();
        must(
            "set",
            root.set_times_at(NO_FOLLOW, "file.txt", at(1, 0), at(2, 0)),
        );
        must(
            "set",
            root.set_times_at(NO_FOLLOW, "link", at(3, 0), at(4, 0)),
        );
        say("the link", of_path(root, "link"));
        say("its target", of_path(root, "file.txt"));
        must("set", root.set_times_at(FOLLOW, "link", at(5, 0), at(6, 0)));
        // Following it may count as an access to the link.
        let link = must("stat-at", root.stat_at(NO_FOLLOW, "link"));
        say(
            "the link, followed: modified",
            time(link.data_modification_timestamp),
        );
        say("its target, followed", of_path(root, "file.txt"));
    }

    fn no_change(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", WRITE);
        let keep = NewTimestamp::NoChange;
        must("set", file.set_times(at(EARLIER, 0), at(LATER, 0)));
        say("modified alone", done(file.set_times(keep, at(2, 0))));
        say("stat", of(&file));
        say(
            "accessed alone",
            done(root.set_times_at(NO_FOLLOW, "file.txt", at(1, 0), keep)),
        );
        say("stat", of(&file));
        say("neither", done(file.set_times(keep, keep)));
        say(
            "neither, by path",
            done(root.set_times_at(NO_FOLLOW, "file.txt", keep, keep)),
        );
        say("stat", of(&file));
    }

    /// Against a file made just now: the filesystem's own clock, not the guest's.
    fn now(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", WRITE);
        let fresh = must("stat", create(root, "fresh.txt", b"x").stat());
        let reference = fresh.data_modification_timestamp.map(|time| time.seconds);
        let near = |time: Option<Datetime>| match (time, reference) {
            (Some(time), Some(reference)) => (time.seconds.abs_diff(reference) < 60).to_string(),
            _ => "not maintained".to_owned(),
        };
        for part in ["descriptor", "path"] {
            must("set", file.set_times(at(1, 0), at(2, 0)));
            let set = if part == "descriptor" {
                file.set_times(NewTimestamp::Now, NewTimestamp::Now)
            } else {
                root.set_times_at(NO_FOLLOW, "file.txt", NewTimestamp::Now, NewTimestamp::Now)
            };
            say(part, done(set));
            let stat = must("stat", file.stat());
            say("accessed within a minute", near(stat.data_access_timestamp));
            say(
                "modified within a minute",
                near(stat.data_modification_timestamp),
            );
        }
        must("set", file.set_times(at(1, 0), at(2, 0)));
        say(
            "modified alone",
            done(file.set_times(NewTimestamp::NoChange, NewTimestamp::Now)),
        );
        let stat = must("stat", file.stat());
        say("accessed", time(stat.data_access_timestamp));
        say(
            "modified within a minute",
            near(stat.data_modification_timestamp),
        );
    }

    fn directory(preopens: &Preopens) {
        let root = preopens.root();
        let dir = assay_guests_fs_raw::wasi::directory(root, "dir");
        say(
            "set-times",
            done(dir.set_times(at(EARLIER, 0), at(LATER, 0))),
        );
        say("stat", of(&dir));
        say(
            "set-times-at",
            done(root.set_times_at(NO_FOLLOW, "dir", at(1, 0), at(2, 0))),
        );
        say("stat-at", of_path(root, "dir"));
        say(
            "set-times-at '.'",
            done(dir.set_times_at(NO_FOLLOW, ".", at(3, 0), at(4, 0))),
        );
        say("stat", of(&dir));
    }

    /// The directory that was given is open like any other.
    fn preopen(preopens: &Preopens) {
        let root = preopens.root();
        say(
            "set-times",
            done(root.set_times(at(EARLIER, 0), at(LATER, 0))),
        );
        say("stat", of(root));
    }

    fn nanoseconds(preopens: &Preopens) {
        let file = open(preopens.root(), "file.txt", WRITE);
        must("set", file.set_times(at(LATER, 1), at(LATER, 999_999_999)));
        say("stat", of(&file));
        let by_path = preopens.root().set_times_at(
            NO_FOLLOW,
            "file.txt",
            at(EARLIER, 123_456_789),
            at(EARLIER, 987_654_321),
        );
        must("set", by_path);
        say("stat", of(&file));
    }

    fn too_many_nanoseconds(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", WRITE);
        must("set", file.set_times(at(1, 0), at(2, 0)));
        let wrong = at(EARLIER, 1_000_000_000);
        say("set-times", done(file.set_times(wrong, wrong)));
        say(
            "set-times-at",
            done(root.set_times_at(NO_FOLLOW, "file.txt", wrong, wrong)),
        );
        say("stat", of(&file));
    }

    fn errors(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "missing",
            "missing/x",
            "file.txt/x",
            "file.txt/",
            "",
            "dangling",
            "loop-a",
        ] {
            let set = root.set_times_at(FOLLOW, path, at(1, 0), at(2, 0));
            say(&format!("'{path}'"), done(set));
        }
        // POSIX has EINVAL, the specification also a code of its own.
        let refused = [ErrorCode::Invalid, ErrorCode::Overflow];
        let far = at(u64::MAX, 0);
        say(
            "a time too far",
            one_of(
                open(root, "file.txt", WRITE).set_times(far, far),
                &refused,
                "refused",
            ),
        );
    }
}

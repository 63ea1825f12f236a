//! `fs-raw-stat`: the fields of stat and stat-at. Times are shown only by what
//! they are to each other.

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
        Datetime, DescriptorStat, Entry, FOLLOW, NO_FOLLOW, NewTimestamp, Preopens, READ,
        READ_WRITE, done, must, open, say, shown, type_name, write_all,
    };
    use wasip2::clocks::monotonic_clock::subscribe_duration;

    pub const CASES: &[Entry] = &[
        ("file", file),
        ("directory", directory),
        ("symlink", symlink),
        ("errors", errors),
        ("modified", modified),
        ("status-change", status_change),
    ];

    fn fields(stat: &DescriptorStat) -> String {
        let kind = type_name(stat.type_);
        format!("{kind} size {} links {}", stat.size, stat.link_count)
    }

    fn file(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "file.txt",
            "empty.txt",
            "dir/inside.txt",
            "./dir/../file.txt",
        ] {
            say(
                path,
                shown(open(root, path, READ).stat(), |stat| fields(&stat)),
            );
            say(
                &format!("{path}, by path"),
                shown(root.stat_at(NO_FOLLOW, path), |stat| fields(&stat)),
            );
        }
    }

    fn directory(preopens: &Preopens) {
        let root = preopens.root();
        let kind = |stat: DescriptorStat| type_name(stat.type_);
        say("preopen", shown(root.stat(), kind));
        say("opened", shown(open(root, "dir", READ).stat(), kind));
        for path in [".", "dir", "dir/", "dir/..", "link-dir/"] {
            say(
                &format!("'{path}'"),
                shown(root.stat_at(FOLLOW, path), kind),
            );
        }
    }

    fn symlink(preopens: &Preopens) {
        let root = preopens.root();
        for path in [
            "link",
            "dangling",
            "loop-a",
            "link-dir",
            "link-dir/inside.txt",
        ] {
            let stat = |flags| {
                shown(root.stat_at(flags, path), |stat| {
                    let kind = type_name(stat.type_);
                    // The size of a directory is nobody's to say.
                    if kind == "directory" {
                        kind.to_owned()
                    } else {
                        format!("{kind} {}", stat.size)
                    }
                })
            };
            say(path, stat(NO_FOLLOW));
            say(&format!("{path}, followed"), stat(FOLLOW));
        }
    }

    fn errors(preopens: &Preopens) {
        let root = preopens.root();
        for path in ["missing", "missing/x", "file.txt/x", "file.txt/", ""] {
            say(&format!("'{path}'"), done(root.stat_at(FOLLOW, path)));
        }
    }

    fn order(time: Option<Datetime>, reference: Option<Datetime>) -> &'static str {
        match (time, reference) {
            (Some(time), Some(reference)) => {
                let key = |t: Datetime| (t.seconds, t.nanoseconds);
                match key(time).cmp(&key(reference)) {
                    std::cmp::Ordering::Less => "earlier",
                    std::cmp::Ordering::Equal => "the same",
                    std::cmp::Ordering::Greater => "later",
                }
            }
            (None, None) => "not maintained",
            _ => "maintained by turns",
        }
    }

    /// From a known past on, so that no resolution of a clock matters.
    fn modified(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", READ_WRITE);
        let past = NewTimestamp::Timestamp(Datetime {
            seconds: 1_000_000_000,
            nanoseconds: 0,
        });
        let stat = || must("stat", file.stat());
        must("set-times", file.set_times(past, past));
        let before = stat();
        must("write", write_all(&file, b"X", 0));
        let written = stat();
        say(
            "modified after a write",
            order(
                written.data_modification_timestamp,
                before.data_modification_timestamp,
            ),
        );
        must("set-times", file.set_times(past, past));
        must("set-size", file.set_size(2));
        say(
            "modified after set-size",
            order(
                stat().data_modification_timestamp,
                before.data_modification_timestamp,
            ),
        );
        let (by_path, opened) = (must("stat-at", root.stat_at(NO_FOLLOW, "file.txt")), stat());
        say(
            "by path: accessed",
            order(by_path.data_access_timestamp, opened.data_access_timestamp),
        );
        say(
            "by path: modified",
            order(
                by_path.data_modification_timestamp,
                opened.data_modification_timestamp,
            ),
        );
        say(
            "by path: status",
            order(
                by_path.status_change_timestamp,
                opened.status_change_timestamp,
            ),
        );
    }

    /// The status of a file changes when its times are set, even to the past.
    fn status_change(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", READ_WRITE);
        let past = NewTimestamp::Timestamp(Datetime {
            seconds: 1_000_000_000,
            nanoseconds: 0,
        });
        let before = must("stat", file.stat());
        // Longer than a tick of any kernel, which file times are taken from.
        subscribe_duration(100_000_000).block();
        must("set-times", file.set_times(past, past));
        let after = must("stat", file.stat());
        say(
            "modified",
            order(
                after.data_modification_timestamp,
                before.data_modification_timestamp,
            ),
        );
        let status = order(
            after.status_change_timestamp,
            before.status_change_timestamp,
        );
        // A platform need not maintain it.
        let allowed = ["later", "not maintained"].contains(&status);
        say(
            "status change",
            if allowed {
                "later, or not maintained"
            } else {
                status
            },
        );
    }
}

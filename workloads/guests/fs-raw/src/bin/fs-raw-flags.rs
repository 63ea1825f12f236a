//! `fs-raw-flags`: what a descriptor may do, as get-flags says it and as the
//! operations show it, and get-type.

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
        Datetime, Descriptor, DescriptorFlags, Entry, FOLLOW, MUTATE, NO_FOLLOW, NewTimestamp,
        OpenFlags, PLAIN, Preopens, READ, READ_WRITE, WRITE, content_at, done, flag_names, must,
        open, say, shown, type_name,
    };

    pub const CASES: &[Entry] = &[
        ("types", types),
        ("file-modes", file_modes),
        ("preopen", preopen),
        ("directory-read", directory_read),
        ("directory-mutate", directory_mutate),
        ("directory-fixed", directory_fixed),
        ("sync", sync),
    ];

    fn types(preopens: &Preopens) {
        let root = preopens.root();
        say("preopen", shown(root.get_type(), type_name));
        for path in ["file.txt", "dir", "link", "link-dir"] {
            let found = open(root, path, READ);
            say(path, shown(found.get_type(), type_name));
        }
    }

    fn file_modes(preopens: &Preopens) {
        let root = preopens.root();
        for flags in [READ, WRITE, READ_WRITE] {
            let file = open(root, "file.txt", flags);
            say(&flag_names(flags), shown(file.get_flags(), flag_names));
        }
    }

    fn preopen(preopens: &Preopens) {
        let flags = must("get-flags", preopens.root().get_flags());
        let set = |flag| {
            if flags.contains(flag) {
                "set"
            } else {
                "not set"
            }
        };
        say("mutate-directory", set(DescriptorFlags::MUTATE_DIRECTORY));
    }

    fn directory_read(preopens: &Preopens) {
        let dir = open(preopens.root(), "dir", READ);
        say("get-flags", shown(dir.get_flags(), flag_names));
        say(
            "stat-at",
            shown(dir.stat_at(NO_FOLLOW, "inside.txt"), |stat| stat.size),
        );
        say("content", content_at(&dir, "inside.txt"));
    }

    fn directory_mutate(preopens: &Preopens) {
        let dir = open(preopens.root(), "dir", MUTATE);
        say("get-flags", shown(dir.get_flags(), flag_names));
        say("create-directory-at", done(dir.create_directory_at("new")));
    }

    /// Everything that would succeed with mutate-directory.
    fn directory_fixed(preopens: &Preopens) {
        let root = preopens.root();
        let dir: &Descriptor = &open(root, "dir", READ);
        let long_ago = NewTimestamp::Timestamp(Datetime {
            seconds: 1_000_000_000,
            nanoseconds: 0,
        });
        say(
            "create-directory-at",
            done(dir.create_directory_at("new-dir")),
        );
        say("symlink-at", done(dir.symlink_at("inside.txt", "new-link")));
        say(
            "link-at, from",
            done(dir.link_at(NO_FOLLOW, "inside.txt", root, "new-name")),
        );
        say(
            "link-at, to",
            done(root.link_at(NO_FOLLOW, "file.txt", dir, "new-name")),
        );
        say(
            "rename-at, from",
            done(dir.rename_at("first.txt", root, "moved.txt")),
        );
        say("rename-at, to", done(root.rename_at("link", dir, "moved")));
        say("unlink-file-at", done(dir.unlink_file_at("second.txt")));
        say(
            "remove-directory-at",
            done(dir.remove_directory_at("empty")),
        );
        say(
            "set-times-at",
            done(dir.set_times_at(NO_FOLLOW, "inside.txt", long_ago, long_ago)),
        );
        say("set-times", done(dir.set_times(long_ago, long_ago)));
        say(
            "open-at with create",
            done(dir.open_at(FOLLOW, "new.txt", OpenFlags::CREATE, READ)),
        );
        say(
            "open-at with truncate",
            done(dir.open_at(FOLLOW, "cut.txt", OpenFlags::TRUNCATE, WRITE)),
        );
        say(
            "open-at with write",
            done(dir.open_at(FOLLOW, "inside.txt", PLAIN, WRITE)),
        );
        say(
            "open-at with mutate-directory",
            done(dir.open_at(FOLLOW, "sub", PLAIN, MUTATE)),
        );
    }

    /// Requests, not requirements: they may be without effect, but a file opens.
    fn sync(preopens: &Preopens) {
        let root = preopens.root();
        for (at, flag) in [
            DescriptorFlags::FILE_INTEGRITY_SYNC,
            DescriptorFlags::DATA_INTEGRITY_SYNC,
            DescriptorFlags::REQUESTED_WRITE_SYNC,
        ]
        .into_iter()
        .enumerate()
        {
            let opened = root.open_at(FOLLOW, "file.txt", PLAIN, READ_WRITE | flag);
            let written = shown(opened, |file| {
                shown(file.write(b"+", at as u64), |count| {
                    format!("wrote {count}")
                })
            });
            say(&flag_names(flag), written);
        }
        say("content", content_at(root, "file.txt"));
    }
}

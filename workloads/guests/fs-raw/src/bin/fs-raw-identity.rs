//! `fs-raw-identity`: is-same-object, metadata-hash and metadata-hash-at. No
//! hash is printed: it may hold a secret of the host.

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
        Descriptor, Entry, ErrorCode, FOLLOW, NO_FOLLOW, PathFlags, Preopens, READ, WRITE, done,
        must, open, say, shown,
    };

    pub const CASES: &[Entry] = &[
        ("same-object", same_object),
        ("hash", hash),
        ("hash-errors", hash_errors),
    ];

    fn same_object(preopens: &Preopens) {
        let root = preopens.root();
        let file = open(root, "file.txt", READ);
        let is = |what: &str, other: &Descriptor| say(what, file.is_same_object(other));
        is("itself", &file);
        is("opened again", &open(root, "file.txt", WRITE));
        is("through a link", &open(root, "link", READ));
        is("by another way", &open(root, "dir/../file.txt", READ));
        is("equal content", &open(root, "copy.txt", READ));
        is("a directory", &open(root, "dir", READ));
        must("link", root.link_at(NO_FOLLOW, "file.txt", root, "hard"));
        is("a hard link", &open(root, "hard", READ));
        must("rename", root.rename_at("file.txt", root, "dir/moved.txt"));
        is("renamed", &open(root, "dir/moved.txt", READ));
        let dir = open(root, "dir", READ);
        say(
            "directory, itself",
            dir.is_same_object(&open(root, "link-dir", READ)),
        );
        say("directory, its parent", dir.is_same_object(root));
        say(
            "directory, by a dot",
            dir.is_same_object(&open(&dir, ".", READ)),
        );
        say(
            "the preopen",
            root.is_same_object(&open(root, "dir/..", READ)),
        );
    }

    type Hash = (u64, u64);

    fn of(descriptor: &Descriptor) -> Result<Hash, ErrorCode> {
        descriptor
            .metadata_hash()
            .map(|hash| (hash.lower, hash.upper))
    }

    fn at(base: &Descriptor, flags: PathFlags, path: &str) -> Result<Hash, ErrorCode> {
        base.metadata_hash_at(flags, path)
            .map(|hash| (hash.lower, hash.upper))
    }

    /// The two functions compute the same, that is all that is promised.
    fn hash(preopens: &Preopens) {
        let root = preopens.root();
        for path in ["file.txt", "empty.txt", "dir", "dir/inside.txt"] {
            let opened = must("metadata-hash", of(&open(root, path, READ)));
            say(
                path,
                shown(at(root, NO_FOLLOW, path), |by_path| by_path == opened),
            );
        }
        let target = must("metadata-hash", of(&open(root, "file.txt", READ)));
        say(
            "link, followed",
            shown(at(root, FOLLOW, "link"), |by_path| by_path == target),
        );
        say(
            "dangling, not followed",
            shown(at(root, NO_FOLLOW, "dangling"), |_| "a hash"),
        );
        say("the preopen", {
            let opened = must("metadata-hash", of(root));
            shown(at(root, NO_FOLLOW, "."), |by_path| by_path == opened)
        });
    }

    fn hash_errors(preopens: &Preopens) {
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
            say(
                &format!("'{path}'"),
                done(root.metadata_hash_at(FOLLOW, path)),
            );
        }
    }
}

//! `fs-raw-sync`: sync, sync-data and advise. What they are for cannot be seen
//! from inside; that they succeed and change nothing can.

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
        Advice, Entry, Preopens, READ, READ_WRITE, content_of, done, must, open, say, shown,
        write_all,
    };

    pub const CASES: &[Entry] = &[
        ("written", written),
        ("unwritten", unwritten),
        ("advise", advise),
    ];

    fn written(preopens: &Preopens) {
        let file = open(preopens.root(), "file.txt", READ_WRITE);
        must("write", write_all(&file, b"CON", 0));
        say("sync-data", done(file.sync_data()));
        must("write", write_all(&file, b"TENT", 3));
        say("sync", done(file.sync()));
        say("content", content_of(&file));
        must("unlink", preopens.root().unlink_file_at("file.txt"));
        say("sync, unlinked", done(file.sync()));
        say("sync-data, unlinked", done(file.sync_data()));
    }

    /// Not opened for writing: success without an effect.
    fn unwritten(preopens: &Preopens) {
        let root = preopens.root();
        for path in ["file.txt", "dir", "."] {
            let found = open(root, path, READ);
            say(&format!("sync '{path}'"), done(found.sync()));
            say(&format!("sync-data '{path}'"), done(found.sync_data()));
        }
        say("sync of the preopen", done(root.sync()));
        say("sync-data of the preopen", done(root.sync_data()));
    }

    fn advise(preopens: &Preopens) {
        let file = open(preopens.root(), "file.txt", READ_WRITE);
        for (advice, name) in [
            (Advice::Normal, "normal"),
            (Advice::Sequential, "sequential"),
            (Advice::Random, "random"),
            (Advice::WillNeed, "will-need"),
            (Advice::DontNeed, "dont-need"),
            (Advice::NoReuse, "no-reuse"),
        ] {
            say(name, done(file.advise(0, 8, advice)));
        }
        say("to the end", done(file.advise(2, 0, Advice::WillNeed)));
        // Advice need not be about bytes that are there.
        say(
            "behind the end",
            done(file.advise(1 << 20, 1 << 20, Advice::WillNeed)),
        );
        say("size", shown(file.stat(), |stat| stat.size));
        say("content", content_of(&file));
    }
}

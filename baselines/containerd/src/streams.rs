//! The three streams of a task: named pipes that the shim opens at its end, and
//! that are copied here from and to the streams of this process.
//!
//! Each has a thread, because to open a named pipe waits for the other end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use rustix::fs::{CWD, FileType, Mode};
use tokio::sync::oneshot;

use crate::error::{Error, file, io as failed};

/// As much as a pipe holds.
const CHUNK: usize = 64 << 10;

/// The named pipes of one task; removed when dropped.
pub struct Fifos {
    paths: [PathBuf; 3],
}

impl Fifos {
    /// Makes them in `dir`, named after the container.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(dir: &Path, id: &str) -> Result<Fifos, Error> {
        let paths = ["stdin", "stdout", "stderr"].map(|name| dir.join(format!("{id}-{name}")));
        for path in &paths {
            rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
                .map_err(|error| file(path)(error.into()))?;
        }
        Ok(Fifos { paths })
    }

    /// Their paths, as the daemon is told them: stdin, stdout, stderr.
    pub fn names(&self) -> [String; 3] {
        let name = |path: &PathBuf| path.to_string_lossy().into_owned();
        [&self.paths[0], &self.paths[1], &self.paths[2]].map(name)
    }
}

impl Drop for Fifos {
    fn drop(&mut self) {
        for path in &self.paths {
            let _ = fs::remove_file(path);
        }
    }
}

/// The threads that read output.
pub type Readers = [JoinHandle<Result<(), Error>>; 2];

/// A file of its own for a standard stream: the standard library's handles
/// buffer and lock.
fn unbuffered(stream: &impl AsFd, name: &str) -> Result<File, Error> {
    let fd = stream.as_fd().try_clone_to_owned().map_err(failed(name))?;
    Ok(fd.into())
}

/// Starts to copy, before the shim has opened its ends. The first of the answer
/// hears when this process' stdin has ended and all of it was passed on.
///
/// # Errors
/// When this process lacks a stream.
pub fn copy(fifos: &Fifos) -> Result<(oneshot::Receiver<()>, Readers), Error> {
    let [input, output, errors] = fifos.paths.clone();
    let (tell, fed) = oneshot::channel();
    let mut stdin = unbuffered(&io::stdin(), "stdin")?;
    thread::spawn(move || {
        if let Ok(mut pipe) = OpenOptions::new().write(true).open(&input) {
            // The program may have closed its input, or ended.
            let _ = pass(&mut stdin, |chunk| pipe.write_all(chunk));
        }
        let _ = tell.send(());
    });
    let reader = |path: PathBuf, mut to: File, name: &'static str| {
        thread::spawn(move || {
            let mut pipe = File::open(&path).map_err(file(&path))?;
            pass(&mut pipe, |chunk| match to.write_all(chunk) {
                // The shim holds the other end open whatever happens here, so
                // nobody can tell the program that its reader has gone.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                other => other,
            })
            .map_err(failed(name))
        })
    };
    let stdout = unbuffered(&io::stdout(), "stdout")?;
    let stderr = unbuffered(&io::stderr(), "stderr")?;
    let readers = [
        reader(output, stdout, "stdout"),
        reader(errors, stderr, "stderr"),
    ];
    Ok((fed, readers))
}

fn pass(from: &mut impl Read, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk)? {
            0 => return Ok(()),
            count => to(chunk.get(..count).unwrap_or_default())?,
        }
    }
}

/// Waits until all output has been passed on; the task has ended.
///
/// # Errors
/// When it could not be.
pub fn finish(readers: Readers) -> Result<(), Error> {
    for reader in readers {
        reader.join().unwrap_or(Ok(()))?;
    }
    Ok(())
}

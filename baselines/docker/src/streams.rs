//! The three streams of a container, to and from those of this process.
//!
//! Each direction has a thread, because a pipe can block, and what blocks must
//! not keep the other direction from going on.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd;
use std::thread;

use bollard::container::{AttachContainerResults, LogOutput};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use crate::error::{Error, io as failed, refused};

/// As much as a pipe holds.
const CHUNK: usize = 64 << 10;
/// Chunks that may wait for a slow reader.
const WAITING: usize = 16;

/// A file of its own for a standard stream: the standard library's handles
/// buffer and lock.
fn unbuffered(stream: &impl AsFd, name: &str) -> Result<File, Error> {
    let fd = stream.as_fd().try_clone_to_owned().map_err(failed(name))?;
    Ok(fd.into())
}

/// Copies until the container's output ends.
///
/// # Errors
/// When the daemon breaks off, or this process' output fails other than by
/// having no reader.
pub async fn copy(name: &str, attached: AttachContainerResults) -> Result<(), Error> {
    let AttachContainerResults {
        mut output,
        mut input,
    } = attached;

    let mut stdin = unbuffered(&io::stdin(), "stdin")?;
    let (fed, mut feed) = mpsc::channel::<Bytes>(WAITING);
    thread::spawn(move || {
        let mut chunk = vec![0; CHUNK];
        while let Ok(count @ 1..) = stdin.read(&mut chunk) {
            let bytes = Bytes::copy_from_slice(chunk.get(..count).unwrap_or_default());
            if fed.blocking_send(bytes).is_err() {
                break;
            }
        }
    });
    tokio::spawn(async move {
        while let Some(bytes) = feed.recv().await {
            // The program may have closed its input, or ended.
            if input.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = input.shutdown().await;
    });

    let stdout = unbuffered(&io::stdout(), "stdout")?;
    let stderr = unbuffered(&io::stderr(), "stderr")?;
    let (said, hear) = mpsc::channel(WAITING);
    let writer = thread::spawn(move || write(stdout, stderr, hear));
    while let Some(chunk) = output.next().await {
        let chunk = chunk.map_err(refused("pass on the output of container", name))?;
        if said.send(chunk).await.is_err() {
            break;
        }
    }
    drop(said);
    writer.join().unwrap_or(Ok(()))
}

fn write(
    mut stdout: File,
    mut stderr: File,
    mut hear: mpsc::Receiver<LogOutput>,
) -> Result<(), Error> {
    while let Some(chunk) = hear.blocking_recv() {
        let (file, name, bytes) = match &chunk {
            LogOutput::StdErr { message } => (&mut stderr, "stderr", message),
            LogOutput::StdOut { message }
            | LogOutput::StdIn { message }
            | LogOutput::Console { message } => (&mut stdout, "stdout", message),
        };
        match file.write_all(bytes) {
            // Nobody can tell the container that its reader has gone (moby
            // issue 38769), so it is read to its end.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            other => other.map_err(failed(name))?,
        }
    }
    Ok(())
}

//! `sockets-tcp-server MODE ADDRESS`: listens on ADDRESS and does one of
//!
//! - `echo`: sends one connection's bytes back until it ends;
//! - `ends-last`: receives everything of one connection, then answers;
//! - `reset`: receives a byte, sends "k", and receives although the client
//!   resets;
//! - `queue`: says "listening", waits for a line on stdin, and only then accepts
//!   three connections and receives a byte of each;
//! - `one-by-one`: serves two connections, the second when the first has ended.

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;

use assay_guests_sockets::{Report, address, after_reset, argument, quoted, say, wrong};

fn echo(listener: &TcpListener, report: &mut Report) -> io::Result<()> {
    let (mut stream, from) = listener.accept()?;
    report.line("from loopback", from.ip().is_loopback());
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            report.line("echoed", format!("{total} bytes"));
            return Ok(());
        }
        total += count;
        stream.write_all(&buffer[..count])?;
    }
}

fn main() -> io::Result<()> {
    let mode = argument(1, "what to do")?;
    let listener = TcpListener::bind(address(2)?)?;
    let mut report = Report::default();
    match mode.as_str() {
        "echo" => echo(&listener, &mut report)?,
        "ends-last" => {
            let (mut stream, _) = listener.accept()?;
            let mut all = Vec::new();
            stream.read_to_end(&mut all)?;
            report.line("received", quoted(&all));
            stream.write_all(b"answer")?;
        }
        "reset" => {
            let (mut stream, _) = listener.accept()?;
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            report.line("received", quoted(&byte));
            stream.write_all(b"k")?;
            report.line("read", after_reset(stream.read(&mut byte)));
        }
        "queue" => {
            say("listening\n")?;
            io::stdin().read_line(&mut String::new())?;
            for _ in 0..3 {
                let (mut stream, _) = listener.accept()?;
                let mut byte = [0];
                stream.read_exact(&mut byte)?;
                report.line("accepted", quoted(&byte));
            }
        }
        "one-by-one" => {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept()?;
                let mut all = Vec::new();
                stream.read_to_end(&mut all)?;
                report.line("received", quoted(&all));
                stream.write_all(&all)?;
            }
        }
        other => {
            return Err(wrong(&format!(
                "'{other}' is nothing that this program does"
            )));
        }
    }
    report.say()
}

//! `sockets-tcp-client MODE ADDRESS`: connects to ADDRESS and does one of
//!
//! - `exchange`: sends "hello", receives 5 bytes, ends its side, receives the
//!   rest;
//! - `ends-first`: sends "question", ends its side, then receives everything;
//! - `ends-last`: receives everything first, then sends "late";
//! - `large`: receives everything, then sends it back;
//! - `reset`: sends "x" and receives, although the peer resets;
//! - `shutdown-read`: ends its reading side, reads, then sends "still";
//! - `shutdown-both`: ends both sides, reads, then sends "never".

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use assay_guests_sockets::{Report, address, after_reset, argument, quoted, shown, wrong};

fn all(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn exchange(stream: &mut TcpStream, report: &mut Report) -> io::Result<()> {
    stream.write_all(b"hello")?;
    let mut five = [0; 5];
    stream.read_exact(&mut five)?;
    report.line("received", quoted(&five));
    stream.shutdown(Shutdown::Write)?;
    report.line("and then", quoted(&all(stream)?));
    Ok(())
}

fn main() -> io::Result<()> {
    let mode = argument(1, "what to do")?;
    let address = address(2)?;
    let mut report = Report::default();
    let mut stream = match TcpStream::connect(address) {
        Ok(stream) => stream,
        Err(error) => {
            report.line("connect", assay_guests_sockets::named(&error));
            return report.say();
        }
    };
    report.line("connect", "ok");
    match mode.as_str() {
        "exchange" => exchange(&mut stream, &mut report)?,
        "ends-first" => {
            stream.write_all(b"question")?;
            stream.shutdown(Shutdown::Write)?;
            report.line("received", quoted(&all(&mut stream)?));
        }
        "ends-last" => {
            report.line("received", quoted(&all(&mut stream)?));
            stream.write_all(b"late")?;
            report.line("sent", "4 bytes");
        }
        "large" => {
            let bytes = all(&mut stream)?;
            report.line("received", format!("{} bytes", bytes.len()));
            stream.write_all(&bytes)?;
        }
        "reset" => {
            stream.write_all(b"x")?;
            report.line("read", after_reset(stream.read(&mut [0; 8])));
        }
        "shutdown-read" => {
            report.line(
                "shutdown",
                shown(stream.shutdown(Shutdown::Read).map(|()| "ok")),
            );
            report.line("read", shown(stream.read(&mut [0; 8])));
            report.line("write", shown(stream.write(b"still")));
        }
        "shutdown-both" => {
            report.line(
                "shutdown",
                shown(stream.shutdown(Shutdown::Both).map(|()| "ok")),
            );
            report.line("read", shown(stream.read(&mut [0; 8])));
            report.line("write", shown(stream.write(b"never")));
        }
        other => {
            return Err(wrong(&format!(
                "'{other}' is nothing that this program does"
            )));
        }
    }
    report.say()
}

//! `sockets-udp-client MODE ADDRESS`: does one of
//!
//! - `exchange`: sends "ping" to ADDRESS and receives;
//! - `connected`: the same through a socket that is connected;
//! - `edges`: sends three datagrams, one without content, then receives one
//!   into a buffer that is too small for it, and another;
//! - `refused`: sends through a connected socket to a port where nobody is, and
//!   receives.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use assay_guests_sockets::{Report, address, argument, quoted, shown, wrong};

fn edges(socket: &UdpSocket, to: SocketAddr, report: &mut Report) -> io::Result<()> {
    for content in ["", "a", "bc"] {
        report.line("sent", socket.send_to(content.as_bytes(), to)?);
    }
    let mut small = [0; 3];
    let (count, _) = socket.recv_from(&mut small)?;
    report.line("received into 3 bytes", quoted(&small[..count]));
    let mut buffer = [0; 16];
    let (count, _) = socket.recv_from(&mut buffer)?;
    report.line("the next", quoted(&buffer[..count]));
    Ok(())
}

fn main() -> io::Result<()> {
    let mode = argument(1, "what to do")?;
    let to = address(2)?;
    let here = SocketAddr::new(to.ip(), 0);
    let socket = UdpSocket::bind(here)?;
    let mut buffer = [0; 16];
    let mut report = Report::default();
    match mode.as_str() {
        "exchange" => {
            report.line("sent", socket.send_to(b"ping", to)?);
            let (count, from) = socket.recv_from(&mut buffer)?;
            report.line("received", quoted(&buffer[..count]));
            report.line("from the peer", from == to);
        }
        "connected" => {
            socket.connect(to)?;
            report.line("sent", socket.send(b"ping")?);
            let count = socket.recv(&mut buffer)?;
            report.line("received", quoted(&buffer[..count]));
            report.line("connected to the peer", socket.peer_addr()? == to);
        }
        "edges" => edges(&socket, to, &mut report)?,
        "refused" => {
            socket.connect(to)?;
            report.line("sent", shown(socket.send(b"ping")));
            report.line("received", shown(socket.recv(&mut buffer)));
        }
        other => {
            return Err(wrong(&format!(
                "'{other}' is nothing that this program does"
            )));
        }
    }
    report.say()
}

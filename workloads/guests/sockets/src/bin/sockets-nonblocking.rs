//! `sockets-nonblocking waiting|unread`: what calls say that would have to wait,
//! and that they wait again when they may; or a connection that is closed
//! although what was written to it has not been read.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};

use assay_guests_sockets::{Report, argument, named, quoted, shown, wrong};

/// Writes until there is no more room, which is the kernel's choice, and says
/// why it stopped and whether it had begun.
fn fill(stream: &mut TcpStream) -> io::Result<(String, bool)> {
    stream.set_nonblocking(true)?;
    let piece = vec![0; 64 * 1024];
    let mut some = false;
    loop {
        match stream.write(&piece) {
            Ok(count) => some |= count > 0,
            Err(error) => return Ok((named(&error), some)),
        }
    }
}

fn waiting(report: &mut Report) -> io::Result<()> {
    let mut buffer = [0; 8];
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    report.line(
        "accept, nobody there",
        shown(listener.accept().map(|_| "a connection")),
    );
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    listener.set_nonblocking(false)?;
    let (mut server, _) = listener.accept()?;
    report.line("accept, waiting", "a connection");

    server.set_nonblocking(true)?;
    report.line("read, nothing there", shown(server.read(&mut buffer)));
    client.write_all(b"abc")?;
    server.set_nonblocking(false)?;
    let mut three = [0; 3];
    server.read_exact(&mut three)?;
    report.line("read, waiting", quoted(&three));

    let (full, some) = fill(&mut server)?;
    report.line("write, no more room", full);
    report.line("after some", some);
    // The reader goes first: the other order is the other mode.
    drop(client);
    drop(server);

    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    report.line(
        "receive, nothing there",
        shown(socket.recv_from(&mut buffer).map(|(count, _)| count)),
    );
    socket.send_to(b"myself", socket.local_addr()?)?;
    socket.set_nonblocking(false)?;
    let (count, _) = socket.recv_from(&mut buffer)?;
    report.line("receive, waiting", quoted(&buffer[..count]));
    Ok(())
}

fn unread(report: &mut Report) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    let (full, _) = fill(&mut server)?;
    report.line("write, no more room", full);
    drop(server);
    report.line("closed", "without waiting for a reader");
    drop(client);
    Ok(())
}

fn main() -> io::Result<()> {
    let mut report = Report::default();
    match argument(1, "waiting or unread")?.as_str() {
        "waiting" => waiting(&mut report)?,
        "unread" => unread(&mut report)?,
        other => {
            return Err(wrong(&format!(
                "'{other}' is nothing that this program does"
            )));
        }
    }
    report.say()
}

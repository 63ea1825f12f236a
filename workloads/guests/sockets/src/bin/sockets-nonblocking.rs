//! `sockets-nonblocking`: what calls say that would have to wait, and that they
//! wait again when they may.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};

use assay_guests_sockets::{Report, quoted, shown};

fn main() -> io::Result<()> {
    let mut report = Report::default();
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

    // Nobody reads: at some point the buffers on the way are full. How much
    // they hold is the kernel's choice.
    server.set_nonblocking(true)?;
    let piece = vec![0; 64 * 1024];
    let mut sent: u64 = 0;
    let full = loop {
        match server.write(&piece) {
            Ok(count) => sent += count as u64,
            Err(error) => break assay_guests_sockets::named(&error),
        }
    };
    report.line("write, no more room", full);
    report.line("after some", sent > 0);

    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    report.line(
        "receive, nothing there",
        shown(socket.recv_from(&mut buffer).map(|(n, _)| n)),
    );
    socket.send_to(b"myself", socket.local_addr()?)?;
    socket.set_nonblocking(false)?;
    let (count, _) = socket.recv_from(&mut buffer)?;
    report.line("receive, waiting", quoted(&buffer[..count]));
    report.say()
}

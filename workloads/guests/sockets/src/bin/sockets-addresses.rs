//! `sockets-addresses IP`: what the two ends of a connection on IP say of each
//! other, and of a second listener on the same port.

use std::io;
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};

use assay_guests_sockets::{Report, argument, shown, wrong};

fn main() -> io::Result<()> {
    let ip: IpAddr = argument(1, "an IP address")?
        .parse()
        .map_err(|_| wrong("argument 1 is not an IP address"))?;
    let mut report = Report::default();

    let listener = TcpListener::bind((ip, 0))?;
    let listening = listener.local_addr()?;
    report.line("the listener has the address", listening.ip() == ip);
    report.line("and a port", listening.port() != 0);

    let client = TcpStream::connect(listening)?;
    let (server, from) = listener.accept()?;
    let there = client.local_addr()?;
    report.line(
        "the client's peer is the listener",
        client.peer_addr()? == listening,
    );
    report.line("the client has the address", there.ip() == ip);
    report.line("and another port", there.port() != listening.port());
    report.line(
        "the server's local is the listener",
        server.local_addr()? == listening,
    );
    report.line(
        "the server's peer is the client",
        server.peer_addr()? == there,
    );
    report.line("accept said the same", from == there);
    report.line(
        "bind to the port again",
        shown(TcpListener::bind(listening).map(|_| "ok")),
    );

    let one = UdpSocket::bind((ip, 0))?;
    let two = UdpSocket::bind((ip, 0))?;
    let (here, there) = (one.local_addr()?, two.local_addr()?);
    report.line("two datagram sockets differ", here != there);
    report.line(
        "bind a third to the first's port",
        shown(UdpSocket::bind(here).map(|_| "ok")),
    );
    one.connect(there)?;
    report.line("a connected one has a peer", one.peer_addr()? == there);
    report.line("and keeps its local", one.local_addr()? == here);
    report.line("the other has none", shown(two.peer_addr()));
    report.say()
}

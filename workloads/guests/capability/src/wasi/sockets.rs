//! TCP, UDP and names, as far as it takes to reach somebody. Where a host
//! refuses is its choice, so an order ends at the first error.

use super::{Answer, Named as _, done, quoted, shown, write};
use std::net::SocketAddrV4;
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress,
};
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp::{OutgoingDatagram, UdpSocket};
use wasip2::sockets::udp_create_socket::create_udp_socket;

const LOOPBACK: (u8, u8, u8, u8) = (127, 0, 0, 1);

pub(super) fn perform(interface: &str, function: &str, value: &str) -> Answer {
    Some(match (interface, function) {
        ("tcp", "create-tcp-socket") => done(create_tcp_socket(IpAddressFamily::Ipv4)),
        ("tcp", "connect") => connect(address(value)?),
        ("tcp", "listen") => done(listen()),
        ("udp", "create-udp-socket") => done(create_udp_socket(IpAddressFamily::Ipv4)),
        ("udp", "send") => shown(send(address(value)?), |answer| quoted(&answer)),
        ("udp", "bind") => done(bound_udp()),
        ("names", "instance-network") => {
            drop(instance_network());
            "a network".to_owned()
        }
        ("names", "resolve-addresses") => shown(resolve(value), |found| match found {
            (0, _) => "no address",
            (_, true) => "loopback addresses",
            (_, false) => "other addresses",
        }),
        _ => return None,
    })
}

fn address(text: &str) -> Option<IpSocketAddress> {
    let address: SocketAddrV4 = text.parse().ok()?;
    let port = address.port();
    let address = address.ip().octets().into();
    Some(IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))
}

fn any_port() -> IpSocketAddress {
    let (port, address) = (0, LOOPBACK);
    IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address })
}

fn wait<T>(
    socket: &TcpSocket,
    finish: impl Fn(&TcpSocket) -> Result<T, ErrorCode>,
) -> Result<T, ErrorCode> {
    loop {
        match finish(socket) {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            other => return other,
        }
    }
}

fn connect(to: IpSocketAddress) -> String {
    let connected = create_tcp_socket(IpAddressFamily::Ipv4).and_then(|socket| {
        socket.start_connect(&instance_network(), to)?;
        let (input, output) = wait(&socket, TcpSocket::finish_connect)?;
        Ok((socket, input, output))
    });
    match connected {
        Err(error) => error.named().to_owned(),
        // What is bound last goes first: the streams before their socket.
        Ok((_socket, input, output)) => match write(&output, b"ping") {
            Ok(()) => {
                // The peer answers once and is asked once.
                let answer = input.blocking_read(64);
                shown(answer, |bytes| quoted(&bytes))
            }
            Err(error) => format!("connected, then {}", error.named()),
        },
    }
}

fn listen() -> Result<(), ErrorCode> {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_bind(&instance_network(), any_port())?;
    wait(&socket, TcpSocket::finish_bind)?;
    socket.start_listen()?;
    wait(&socket, TcpSocket::finish_listen)
}

fn bound_udp() -> Result<UdpSocket, ErrorCode> {
    let socket = create_udp_socket(IpAddressFamily::Ipv4)?;
    socket.start_bind(&instance_network(), any_port())?;
    loop {
        match socket.finish_bind() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            other => return other.map(|()| socket),
        }
    }
}

fn send(to: IpSocketAddress) -> Result<Vec<u8>, ErrorCode> {
    let socket = bound_udp()?;
    let (incoming, outgoing) = socket.stream(Some(to))?;
    let ping = OutgoingDatagram {
        data: b"ping".to_vec(),
        remote_address: None,
    };
    while outgoing.check_send()? == 0 {
        outgoing.subscribe().block();
    }
    outgoing.send(&[ping])?;
    loop {
        if let Some(answer) = incoming.receive(1)?.pop() {
            return Ok(answer.data);
        }
        incoming.subscribe().block();
    }
}

/// How many addresses a name has, and whether all are of this machine.
fn resolve(name: &str) -> Result<(usize, bool), ErrorCode> {
    let stream = resolve_addresses(&instance_network(), name)?;
    let (mut count, mut loopback) = (0, true);
    loop {
        match stream.resolve_next_address() {
            Ok(Some(address)) => {
                count += 1;
                loopback &= match address {
                    IpAddress::Ipv4((first, ..)) => first == 127,
                    IpAddress::Ipv6(parts) => parts == (0, 0, 0, 0, 0, 0, 0, 1),
                };
            }
            Ok(None) => return Ok((count, loopback)),
            Err(ErrorCode::WouldBlock) => stream.subscribe().block(),
            Err(error) => return Err(error),
        }
    }
}

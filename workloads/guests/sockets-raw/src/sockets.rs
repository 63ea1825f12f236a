//! Sockets in the states that the guests start from.

use crate::wrong;
use std::io;
use std::net::{IpAddr, SocketAddr};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
    Network,
};
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp::UdpSocket;
use wasip2::sockets::udp_create_socket::create_udp_socket;

/// The two streams of a connection, and its socket. In this order, since a tuple
/// is dropped in it: the interface does not say what a socket that goes first
/// leaves of its streams, and a host may take them for its children.
pub type Connection = (InputStream, OutputStream, TcpSocket);

/// The one network of a component.
#[must_use]
pub fn network() -> Network {
    instance_network()
}

/// `ip:port` as wasi:sockets has it.
#[must_use]
pub fn address(ip: IpAddr, port: u16) -> IpSocketAddress {
    match ip {
        IpAddr::V4(ip) => IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port,
            address: ip.octets().into(),
        }),
        IpAddr::V6(ip) => IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port,
            flow_info: 0,
            address: ip.segments().into(),
            scope_id: 0,
        }),
    }
}

/// The address that `text` names, as `127.0.0.1:80` or `[::1]:80`.
///
/// # Errors
/// When it is none: definitions have a mistake then.
pub fn parsed(text: &str) -> io::Result<IpSocketAddress> {
    let address_and_port: SocketAddr = text
        .parse()
        .map_err(|_| wrong(&format!("{text:?} is not an address with a port")))?;
    Ok(address(address_and_port.ip(), address_and_port.port()))
}

/// The IP address of a socket's address.
#[must_use]
pub fn ip(address: IpSocketAddress) -> IpAddr {
    match address {
        IpSocketAddress::Ipv4(v4) => as_ip(IpAddress::Ipv4(v4.address)),
        IpSocketAddress::Ipv6(v6) => as_ip(IpAddress::Ipv6(v6.address)),
    }
}

/// The same of an address without a port.
#[must_use]
pub fn as_ip(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
    }
}

/// The port of a socket's address.
#[must_use]
pub fn port(address: IpSocketAddress) -> u16 {
    match address {
        IpSocketAddress::Ipv4(v4) => v4.port,
        IpSocketAddress::Ipv6(v6) => v6.port,
    }
}

/// Whether two addresses are the same, port and all.
#[must_use]
pub fn same(one: IpSocketAddress, other: IpSocketAddress) -> bool {
    ip(one) == ip(other) && port(one) == port(other)
}

/// The family an address is of.
#[must_use]
pub fn family(address: IpSocketAddress) -> IpAddressFamily {
    match address {
        IpSocketAddress::Ipv4(_) => IpAddressFamily::Ipv4,
        IpSocketAddress::Ipv6(_) => IpAddressFamily::Ipv6,
    }
}

/// The name of a family.
#[must_use]
pub fn family_name(family: IpAddressFamily) -> &'static str {
    match family {
        IpAddressFamily::Ipv4 => "ipv4",
        IpAddressFamily::Ipv6 => "ipv6",
    }
}

/// `ok` or the name of the error.
pub fn ok<T>(result: Result<T, ErrorCode>) -> &'static str {
    shown(result, |_| "ok")
}

/// `value` as it is shown, or the name of the error.
pub fn shown<T, S: From<&'static str>>(
    result: Result<T, ErrorCode>,
    show: impl FnOnce(T) -> S,
) -> S {
    match result {
        Ok(value) => show(value),
        Err(error) => S::from(error.name()),
    }
}

/// The name of a stream's error.
#[must_use]
pub fn stream_error(error: &StreamError) -> &'static str {
    match error {
        StreamError::LastOperationFailed(_) => "last-operation-failed",
        StreamError::Closed => "closed",
    }
}

/// Calls `finish` until it says something other than `would-block`, waiting for
/// the socket in between.
///
/// # Errors
/// What `finish` says.
pub fn finished<T>(
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

/// Binds a TCP socket.
///
/// # Errors
/// What the host says.
pub fn bind(socket: &TcpSocket, to: IpSocketAddress) -> Result<(), ErrorCode> {
    socket.start_bind(&network(), to)?;
    finished(socket, TcpSocket::finish_bind)
}

/// Connects a TCP socket.
///
/// # Errors
/// What the host says.
pub fn connect(
    socket: &TcpSocket,
    to: IpSocketAddress,
) -> Result<(InputStream, OutputStream), ErrorCode> {
    socket.start_connect(&network(), to)?;
    finished(socket, TcpSocket::finish_connect)
}

/// Listens on a bound TCP socket.
///
/// # Errors
/// What the host says.
pub fn listen(socket: &TcpSocket) -> Result<(), ErrorCode> {
    socket.start_listen()?;
    finished(socket, TcpSocket::finish_listen)
}

/// Accepts a connection.
///
/// # Errors
/// What the host says, `would-block` among it.
pub fn accept(listener: &TcpSocket) -> Result<Connection, ErrorCode> {
    let (socket, input, output) = listener.accept()?;
    Ok((input, output, socket))
}

/// A new socket that listens on a port of the host's choice.
///
/// # Errors
/// What the host says.
pub fn listener(on: IpAddr) -> Result<TcpSocket, ErrorCode> {
    let to = address(on, 0);
    let socket = create_tcp_socket(family(to))?;
    bind(&socket, to)?;
    listen(&socket)?;
    Ok(socket)
}

/// A connection with both ends in this component: the connecting one first.
///
/// # Errors
/// What the host says.
pub fn pair(listener: &TcpSocket) -> Result<(Connection, Connection), ErrorCode> {
    let to = listener.local_address()?;
    let client = create_tcp_socket(family(to))?;
    let (input, output) = connect(&client, to)?;
    let server = finished(listener, accept)?;
    Ok(((input, output, client), server))
}

/// A new UDP socket, bound to a port of the host's choice.
///
/// # Errors
/// What the host says.
pub fn udp(on: IpAddr) -> Result<UdpSocket, ErrorCode> {
    let to = address(on, 0);
    let socket = create_udp_socket(family(to))?;
    bind_udp(&socket, to)?;
    Ok(socket)
}

/// Binds a UDP socket.
///
/// # Errors
/// What the host says.
pub fn bind_udp(socket: &UdpSocket, to: IpSocketAddress) -> Result<(), ErrorCode> {
    socket.start_bind(&network(), to)?;
    loop {
        match socket.finish_bind() {
            Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
            other => return other,
        }
    }
}

/// An error of a host where a guest relies on something, as one of Rust's.
#[must_use]
pub fn failed(error: ErrorCode) -> io::Error {
    io::Error::other(error.name())
}

/// The same of a stream.
#[must_use]
pub fn stream_failed(error: StreamError) -> io::Error {
    io::Error::other(stream_error(&error))
}

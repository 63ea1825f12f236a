//! `sockets-denied sockets TCP UDP`: tries to reach a TCP peer and a UDP peer, to
//! listen and to bind; `outside ADDRESS`: tries to reach ADDRESS by both; `names`:
//! looks a name up. Says how far it came. Where a host refuses is its choice, so
//! only the first error of each attempt is printed.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, address, argument, bind_udp, connect, family, listener, network, ok, parsed,
        stream_error, udp, wrong,
    };
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::ip_name_lookup::resolve_addresses;
    use wasip2::sockets::network::{ErrorCode, IpSocketAddress};
    use wasip2::sockets::tcp_create_socket::create_tcp_socket;
    use wasip2::sockets::udp::OutgoingDatagram;
    use wasip2::sockets::udp_create_socket::create_udp_socket;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn tcp(to: IpSocketAddress) -> String {
        let connected = create_tcp_socket(family(to)).and_then(|socket| {
            let streams = connect(&socket, to)?;
            Ok((socket, streams))
        });
        match connected {
            Err(error) => error.name().to_owned(),
            Ok((_socket, (_input, output))) => match output.blocking_write_and_flush(b"canary") {
                Ok(()) => "sent".to_owned(),
                Err(error) => format!("connected, then {}", stream_error(&error)),
            },
        }
    }

    fn send(to: IpSocketAddress) -> Result<&'static str, ErrorCode> {
        let socket = create_udp_socket(family(to))?;
        let any = match to {
            IpSocketAddress::Ipv4(_) => LOOPBACK,
            IpSocketAddress::Ipv6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        };
        bind_udp(&socket, address(any, 0))?;
        let (_incoming, outgoing) = socket.stream(Some(to))?;
        outgoing.check_send()?;
        let data = b"canary".to_vec();
        let remote_address = None;
        outgoing.send(&[OutgoingDatagram {
            data,
            remote_address,
        }])?;
        Ok("sent")
    }

    fn resolve() -> Result<usize, ErrorCode> {
        let stream = resolve_addresses(&network(), "localhost")?;
        let mut count = 0;
        loop {
            match stream.resolve_next_address() {
                Ok(Some(_)) => count += 1,
                Ok(None) => return Ok(count),
                Err(ErrorCode::WouldBlock) => stream.subscribe().block(),
                Err(error) => return Err(error),
            }
        }
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        match argument(1).as_str() {
            "names" => report.line("name lookup", ok(resolve())),
            "sockets" => {
                report.line("tcp connect", tcp(parsed(&argument(2))?));
                let sent = send(parsed(&argument(3))?);
                report.line("udp send", sent.unwrap_or_else(|error| error.name()));
                report.line("tcp listen", ok(listener(LOOPBACK)));
                report.line("udp bind", ok(udp(LOOPBACK)));
            }
            "outside" => {
                let to = parsed(&argument(2))?;
                report.line("tcp connect", tcp(to));
                let sent = send(to);
                report.line("udp send", sent.unwrap_or_else(|error| error.name()));
            }
            other => {
                return Err(wrong(&format!(
                    "'{other}' is nothing that this program does"
                )));
            }
        }
        report.say()
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return assay_guests_sockets_raw::ended(component::run());
    #[cfg(not(target_os = "wasi"))]
    assay_guests_sockets_raw::component_only()
}

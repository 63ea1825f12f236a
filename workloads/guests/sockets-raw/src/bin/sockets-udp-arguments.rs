//! `sockets-udp-arguments bind|stream|send`: addresses that are never right.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, address, argument, bind_udp, failed, ok, parsed, shown, udp, wrong,
    };
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::network::{IpAddressFamily, IpSocketAddress};
    use wasip2::sockets::udp::{OutgoingDatagram, OutgoingDatagramStream};
    use wasip2::sockets::udp_create_socket::create_udp_socket;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const NEVER: [(&str, &str); 4] = [
        ("ipv6 on ipv4", "[::1]:9"),
        ("any", "0.0.0.0:9"),
        ("port 0", "127.0.0.1:0"),
        ("any and port 0", "0.0.0.0:0"),
    ];

    fn send(stream: &OutgoingDatagramStream, size: usize, to: Option<IpSocketAddress>) -> String {
        // A permit for each call.
        if let Err(error) = stream.check_send() {
            return format!("check-send: {}", error.name());
        }
        let datagram = OutgoingDatagram {
            data: vec![7; size],
            remote_address: to,
        };
        shown(stream.send(&[datagram]), |count| count.to_string())
    }

    fn binds(report: &mut Report) -> io::Result<()> {
        let socket = create_udp_socket(IpAddressFamily::Ipv4).map_err(failed)?;
        report.line("ipv6 on ipv4", ok(bind_udp(&socket, parsed("[::1]:0")?)));
        report.line("still unbound", ok(socket.local_address()));
        let other = create_udp_socket(IpAddressFamily::Ipv6).map_err(failed)?;
        report.line("ipv4 on ipv6", ok(bind_udp(&other, address(LOOPBACK, 0))));
        let taken = udp(LOOPBACK).map_err(failed)?;
        let address = taken.local_address().map_err(failed)?;
        report.line("a port in use", ok(bind_udp(&socket, address)));
        drop(taken);
        report.line("the same, free again", ok(bind_udp(&socket, address)));
        Ok(())
    }

    fn streams(report: &mut Report) -> io::Result<()> {
        let socket = udp(LOOPBACK).map_err(failed)?;
        for (name, text) in NEVER {
            report.line(name, ok(socket.stream(Some(parsed(text)?))));
        }
        report.line("remote-address", ok(socket.remote_address()));
        Ok(())
    }

    fn sends(report: &mut Report) -> io::Result<()> {
        let receiver = udp(LOOPBACK).map_err(failed)?;
        let (incoming, _) = receiver.stream(None).map_err(failed)?;
        let to = receiver.local_address().map_err(failed)?;
        let socket = udp(LOOPBACK).map_err(failed)?;
        {
            let (_, stream) = socket.stream(None).map_err(failed)?;
            report.line("to nobody", send(&stream, 1, None));
            for (name, text) in NEVER {
                report.line(name, send(&stream, 1, Some(parsed(text)?)));
            }
            report.line("70000 bytes", send(&stream, 70_000, Some(to)));
            report.line("1 byte", send(&stream, 1, Some(to)));
        }
        {
            let (_, stream) = socket.stream(Some(to)).map_err(failed)?;
            let other = socket.local_address().map_err(failed)?;
            report.line("connected, to another", send(&stream, 2, Some(other)));
            report.line("connected, to the peer", send(&stream, 2, Some(to)));
            report.line("connected, to nobody", send(&stream, 3, None));
        }
        let mut arrived = Vec::new();
        while arrived.len() < 3 {
            incoming.subscribe().block();
            for datagram in incoming.receive(8).map_err(failed)? {
                arrived.push(datagram.data.len());
            }
        }
        report.line("arrived", format!("{arrived:?}"));
        Ok(())
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        match argument(1).as_str() {
            "bind" => binds(&mut report)?,
            "stream" => streams(&mut report)?,
            "send" => sends(&mut report)?,
            other => return Err(wrong(&format!("'{other}' is not bind, stream or send"))),
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

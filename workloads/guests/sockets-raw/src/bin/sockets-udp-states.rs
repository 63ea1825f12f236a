//! `sockets-udp-states unbound|binding|bound|streaming`: brings a UDP socket
//! into a state and calls what that state does not allow.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, address, argument, bind_udp, failed, family_name, ip, network, ok, port, same, udp,
        wrong,
    };
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
    use wasip2::sockets::udp::UdpSocket;
    use wasip2::sockets::udp_create_socket::create_udp_socket;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn somewhere() -> IpSocketAddress {
        address(LOOPBACK, 0)
    }

    fn socket() -> io::Result<UdpSocket> {
        create_udp_socket(IpAddressFamily::Ipv4).map_err(failed)
    }

    fn binding(report: &mut Report) -> io::Result<()> {
        let socket = socket()?;
        report.line("start-bind", ok(socket.start_bind(&network(), somewhere())));
        let again = match socket.start_bind(&network(), somewhere()) {
            // The first by what it says, the second as a bind is under way.
            Err(ErrorCode::ConcurrencyConflict | ErrorCode::InvalidState) => {
                "concurrency-conflict or invalid-state"
            }
            other => ok(other),
        };
        report.line("start-bind again", again);
        socket.subscribe().block();
        report.line("finish-bind", ok(socket.finish_bind()));
        report.line("finish-bind again", ok(socket.finish_bind()));
        Ok(())
    }

    fn streaming(report: &mut Report) -> io::Result<()> {
        let socket = udp(LOOPBACK).map_err(failed)?;
        let one = udp(LOOPBACK).and_then(|socket| socket.local_address());
        let one = one.map_err(failed)?;
        let two = udp(LOOPBACK).and_then(|socket| socket.local_address());
        let two = two.map_err(failed)?;
        let local = socket.local_address().map_err(failed)?;
        for (name, to) in [("one", Some(one)), ("nobody", None), ("two", Some(two))] {
            let streams = socket.stream(to).map_err(failed)?;
            let remote = socket.remote_address();
            match (to, remote) {
                (Some(to), Ok(remote)) => {
                    report.line(&format!("stream to {name}"), same(to, remote));
                }
                (_, remote) => report.line(&format!("stream to {name}"), ok(remote)),
            }
            drop(streams);
        }
        let after = socket.local_address().map_err(failed)?;
        report.line("the same local IP address", ip(local) == ip(after));
        Ok(())
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        match argument(1).as_str() {
            "unbound" => {
                let socket = socket()?;
                report.line("address-family", family_name(socket.address_family()));
                report.line("finish-bind", ok(socket.finish_bind()));
                report.line("local-address", ok(socket.local_address()));
                report.line("remote-address", ok(socket.remote_address()));
                report.line("stream", ok(socket.stream(None)));
            }
            "binding" => binding(&mut report)?,
            "bound" => {
                let socket = socket()?;
                bind_udp(&socket, somewhere()).map_err(failed)?;
                let local = socket.local_address().map_err(failed)?;
                report.line("local address as asked", ip(local) == LOOPBACK);
                report.line("a port was chosen", port(local) != 0);
                report.line("remote-address", ok(socket.remote_address()));
                report.line("start-bind", ok(socket.start_bind(&network(), somewhere())));
                report.line("finish-bind", ok(socket.finish_bind()));
            }
            "streaming" => streaming(&mut report)?,
            other => return Err(wrong(&format!("'{other}' is no state"))),
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

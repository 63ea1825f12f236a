//! `sockets-tcp-arguments bind|connect`: addresses that are never right, each on
//! a new socket; and with `bind` also a port where somebody listens, and that a
//! bind may be tried again.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, address, argument, bind, connect, failed, listener, ok, parsed, wrong,
    };
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::network::IpAddressFamily::{self, Ipv4, Ipv6};
    use wasip2::sockets::tcp::TcpSocket;
    use wasip2::sockets::tcp_create_socket::create_tcp_socket;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn socket(family: IpAddressFamily) -> io::Result<TcpSocket> {
        create_tcp_socket(family).map_err(failed)
    }

    const NEVER: [(&str, IpAddressFamily, &str); 6] = [
        ("ipv6 on ipv4", Ipv4, "[::1]:9"),
        ("ipv4 on ipv6", Ipv6, "127.0.0.1:9"),
        ("multicast", Ipv4, "224.0.0.1:9"),
        ("multicast, ipv6", Ipv6, "[ff02::1]:9"),
        ("broadcast", Ipv4, "255.255.255.255:9"),
        ("ipv4-mapped", Ipv6, "[::ffff:127.0.0.1]:9"),
    ];

    const NEVER_REMOTE: [(&str, IpAddressFamily, &str); 4] = [
        ("any", Ipv4, "0.0.0.0:9"),
        ("any, ipv6", Ipv6, "[::]:9"),
        ("port 0", Ipv4, "127.0.0.1:0"),
        ("port 0, ipv6", Ipv6, "[::1]:0"),
    ];

    fn binds(report: &mut Report) -> io::Result<()> {
        for (name, family, text) in NEVER {
            report.line(name, ok(bind(&socket(family)?, parsed(text)?)));
        }
        let taken = listener(LOOPBACK).map_err(failed)?;
        let taken = taken.local_address().map(|address| (taken, address));
        let (_listener, taken) = taken.map_err(failed)?;
        let socket = socket(Ipv4)?;
        report.line("a port in use", ok(bind(&socket, taken)));
        report.line("still unbound", ok(socket.local_address()));
        report.line("another port", ok(bind(&socket, address(LOOPBACK, 0))));
        report.line("bound", ok(socket.local_address()));
        Ok(())
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        match argument(1).as_str() {
            "bind" => binds(&mut report)?,
            "connect" => {
                for (name, family, text) in NEVER.into_iter().chain(NEVER_REMOTE) {
                    report.line(name, ok(connect(&socket(family)?, parsed(text)?)));
                }
            }
            other => return Err(wrong(&format!("'{other}' is neither bind nor connect"))),
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

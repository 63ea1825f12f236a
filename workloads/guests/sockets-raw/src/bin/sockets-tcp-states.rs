//! `sockets-tcp-states STATE [ADDRESS]`: brings a TCP socket into a state and
//! calls what that state does not allow. STATE is one of `unbound`, `binding`,
//! `bound`, `listening`, `connecting`, `connecting-address`, `connected` (to
//! ADDRESS), `closed` and `closed-addresses` (by being refused by ADDRESS).

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, accept, address, argument, bind, connect, failed, family_name, finished, ip,
        listener, network, ok, pair, parsed, port, same, shown, wrong,
    };
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress};
    use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
    use wasip2::sockets::tcp_create_socket::create_tcp_socket;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn somewhere() -> IpSocketAddress {
        address(LOOPBACK, 0)
    }

    fn socket() -> io::Result<TcpSocket> {
        create_tcp_socket(IpAddressFamily::Ipv4).map_err(failed)
    }

    fn starts(socket: &TcpSocket, to: IpSocketAddress, report: &mut Report) {
        report.line("start-bind", ok(socket.start_bind(&network(), somewhere())));
        report.line("start-listen", ok(socket.start_listen()));
        report.line("start-connect", ok(socket.start_connect(&network(), to)));
    }

    fn finishes(socket: &TcpSocket, report: &mut Report) {
        report.line("finish-bind", ok(socket.finish_bind()));
        report.line("finish-listen", ok(socket.finish_listen()));
        report.line("finish-connect", ok(socket.finish_connect()));
    }

    fn others(socket: &TcpSocket, report: &mut Report) {
        report.line("accept", ok(accept(socket)));
        report.line("remote-address", ok(socket.remote_address()));
        report.line("shutdown", ok(socket.shutdown(ShutdownType::Both)));
        report.line("is-listening", socket.is_listening());
    }

    /// Both names are right for an operation beside one that is in progress:
    /// `concurrency-conflict` by what it says, `invalid-state` as the socket is
    /// in a state that does not allow it.
    fn conflict(result: Result<(), ErrorCode>) -> &'static str {
        match result {
            Err(ErrorCode::ConcurrencyConflict | ErrorCode::InvalidState) => {
                "concurrency-conflict or invalid-state"
            }
            other => ok(other),
        }
    }

    fn binding(report: &mut Report) -> io::Result<()> {
        let socket = socket()?;
        report.line("start-bind", ok(socket.start_bind(&network(), somewhere())));
        let again = socket.start_bind(&network(), somewhere());
        report.line("start-bind again", conflict(again));
        report.line("start-listen", conflict(socket.start_listen()));
        report.line("finish-listen", ok(socket.finish_listen()));
        report.line("finish-connect", ok(socket.finish_connect()));
        report.line("finish-bind", ok(finished(&socket, TcpSocket::finish_bind)));
        report.line("finish-bind again", ok(socket.finish_bind()));
        Ok(())
    }

    fn bound(report: &mut Report) -> io::Result<()> {
        let socket = socket()?;
        bind(&socket, somewhere()).map_err(failed)?;
        let local = socket.local_address().map_err(failed)?;
        report.line("local address as asked", ip(local) == LOOPBACK);
        report.line("a port was chosen", port(local) != 0);
        report.line("start-bind", ok(socket.start_bind(&network(), somewhere())));
        finishes(&socket, report);
        others(&socket, report);
        report.line("ready", socket.subscribe().ready());
        Ok(())
    }

    fn listening(report: &mut Report) -> io::Result<()> {
        let socket = listener(LOOPBACK).map_err(failed)?;
        let local = socket.local_address().map_err(failed)?;
        starts(&socket, local, report);
        finishes(&socket, report);
        let pollable = socket.subscribe();
        report.line("ready, nobody there", pollable.ready());
        others(&socket, report);
        let client = create_tcp_socket(IpAddressFamily::Ipv4).map_err(failed)?;
        let _streams = connect(&client, local).map_err(failed)?;
        pollable.block();
        report.line("ready, somebody there", pollable.ready());
        report.line("accept", ok(accept(&socket)));
        let after = socket.local_address().map_err(failed)?;
        report.line("the same local address", same(local, after));
        Ok(())
    }

    /// A socket that is bound and on its way to `listener`.
    fn on_its_way(listener: &TcpSocket) -> io::Result<TcpSocket> {
        let socket = socket()?;
        bind(&socket, somewhere()).map_err(failed)?;
        let to = listener.local_address().map_err(failed)?;
        socket.start_connect(&network(), to).map_err(failed)?;
        Ok(socket)
    }

    fn connecting(report: &mut Report) -> io::Result<()> {
        let listener = listener(LOOPBACK).map_err(failed)?;
        let to = listener.local_address().map_err(failed)?;
        let socket = on_its_way(&listener)?;
        let bind = socket.start_bind(&network(), somewhere());
        report.line("start-bind", conflict(bind));
        report.line("start-listen", conflict(socket.start_listen()));
        let connect = socket.start_connect(&network(), to);
        report.line("start-connect", conflict(connect));
        report.line("finish-bind", ok(socket.finish_bind()));
        report.line("finish-listen", ok(socket.finish_listen()));
        report.line(
            "set-listen-backlog-size",
            ok(socket.set_listen_backlog_size(1)),
        );
        others(&socket, report);
        let done = finished(&socket, TcpSocket::finish_connect);
        report.line("finish-connect", ok(done));
        Ok(())
    }

    fn connecting_address(report: &mut Report) -> io::Result<()> {
        let listener = listener(LOOPBACK).map_err(failed)?;
        let socket = on_its_way(&listener)?;
        let local = socket.local_address();
        report.line("local-address", ok(local));
        let streams = finished(&socket, TcpSocket::finish_connect).map_err(failed)?;
        let after = socket.local_address().map_err(failed)?;
        report.line(
            "the same when connected",
            local.is_ok_and(|local| same(local, after)),
        );
        drop(streams);
        Ok(())
    }

    fn connected(report: &mut Report) -> io::Result<()> {
        let listener = listener(LOOPBACK).map_err(failed)?;
        let to = listener.local_address().map_err(failed)?;
        let (client, server) = pair(&listener).map_err(failed)?;
        for (name, (_, _, socket)) in [("connecting end", &client), ("accepted end", &server)] {
            report.line(name, family_name(socket.address_family()));
            report.line("ready", socket.subscribe().ready());
            starts(socket, to, report);
            finishes(socket, report);
            report.line("accept", ok(accept(socket)));
            report.line(
                "set-listen-backlog-size",
                ok(socket.set_listen_backlog_size(1)),
            );
            report.line("is-listening", socket.is_listening());
        }
        let remote = client.2.remote_address().map_err(failed)?;
        report.line("the client's remote is the listener", same(remote, to));
        let local = client.2.local_address().map_err(failed)?;
        let seen = server.2.remote_address().map_err(failed)?;
        report.line("the server's remote is the client", same(local, seen));
        let local = server.2.local_address().map_err(failed)?;
        report.line("the server's local is the listener", same(local, to));
        Ok(())
    }

    /// A socket whose connection was refused.
    fn refused(report: &mut Report) -> io::Result<TcpSocket> {
        let socket = socket()?;
        let connected = connect(&socket, parsed(&argument(2))?);
        report.line("connect", ok(connected));
        Ok(socket)
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        match argument(1).as_str() {
            "unbound" => {
                let socket = socket()?;
                report.line("address-family", family_name(socket.address_family()));
                report.line("ready", socket.subscribe().ready());
                finishes(&socket, &mut report);
                report.line("start-listen", ok(socket.start_listen()));
                others(&socket, &mut report);
                report.line("local-address", shown(socket.local_address(), |_| "ok"));
            }
            "binding" => binding(&mut report)?,
            "bound" => bound(&mut report)?,
            "listening" => listening(&mut report)?,
            "connecting" => connecting(&mut report)?,
            "connecting-address" => connecting_address(&mut report)?,
            "connected" => connected(&mut report)?,
            "closed" => {
                let socket = refused(&mut report)?;
                report.line("ready", socket.subscribe().ready());
                starts(&socket, parsed(&argument(2))?, &mut report);
                finishes(&socket, &mut report);
                report.line("accept", ok(accept(&socket)));
                report.line("shutdown", ok(socket.shutdown(ShutdownType::Both)));
                report.line("is-listening", socket.is_listening());
                report.line("address-family", family_name(socket.address_family()));
            }
            "closed-addresses" => {
                let socket = refused(&mut report)?;
                report.line("local-address", ok(socket.local_address()));
                report.line("remote-address", ok(socket.remote_address()));
            }
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

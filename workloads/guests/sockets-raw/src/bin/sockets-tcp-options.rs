//! `sockets-tcp-options ipv4|ipv6|inherited`: every option of a TCP socket, set
//! to nothing, to something and to the largest value there is; or what an
//! accepted socket inherits from the listener.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, address, argument, bind, failed, listen, ok, pair, shown, wrong,
    };
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::network::{ErrorCode, IpAddressFamily};
    use wasip2::sockets::tcp::TcpSocket;
    use wasip2::sockets::tcp_create_socket::create_tcp_socket;

    const SECOND: u64 = 1_000_000_000;

    /// A value may be clamped and rounded, but is never nothing.
    fn some<T: Into<u64>>(value: Result<T, ErrorCode>) -> &'static str {
        shown(value, |value| match value.into() {
            0 => "0",
            _ => "more than 0",
        })
    }

    /// Sets an option of 64 bits to 0, `value` and the largest there is.
    fn option(
        name: &str,
        value: u64,
        set: impl Fn(u64) -> Result<(), ErrorCode>,
        get: impl Fn() -> Result<u64, ErrorCode>,
        report: &mut Report,
    ) {
        report.line(name, some(get()));
        report.line("  set to 0", ok(set(0)));
        report.line("  set to 1", ok(set(1)));
        report.line("  is", some(get()));
        report.line("  set to the largest", ok(set(u64::MAX)));
        report.line("  is", some(get()));
        report.line("  set to a usual value", ok(set(value)));
        report.line("  is", some(get()));
    }

    fn options(socket: &TcpSocket, report: &mut Report) {
        report.line(
            "keep-alive-enabled",
            shown(socket.keep_alive_enabled(), |on| on.to_string()),
        );
        for on in [true, false] {
            report.line("  set", ok(socket.set_keep_alive_enabled(on)));
            report.line(
                "  is",
                shown(socket.keep_alive_enabled(), |on| on.to_string()),
            );
        }
        option(
            "keep-alive-idle-time",
            60 * SECOND,
            |value| socket.set_keep_alive_idle_time(value),
            || socket.keep_alive_idle_time(),
            report,
        );
        option(
            "keep-alive-interval",
            30 * SECOND,
            |value| socket.set_keep_alive_interval(value),
            || socket.keep_alive_interval(),
            report,
        );
        report.line("keep-alive-count", some(socket.keep_alive_count()));
        for value in [0, 1, u32::MAX, 5] {
            report.line(
                &format!("  set to {value}"),
                ok(socket.set_keep_alive_count(value)),
            );
            report.line("  is", some(socket.keep_alive_count()));
        }
        report.line("hop-limit", some(socket.hop_limit()));
        for value in [0, 1, 255, 42] {
            report.line(
                &format!("  set to {value}"),
                ok(socket.set_hop_limit(value)),
            );
        }
        report.line("  is", shown(socket.hop_limit(), |value| value.to_string()));
        option(
            "receive-buffer-size",
            65_536,
            |value| socket.set_receive_buffer_size(value),
            || socket.receive_buffer_size(),
            report,
        );
        option(
            "send-buffer-size",
            65_536,
            |value| socket.set_send_buffer_size(value),
            || socket.send_buffer_size(),
            report,
        );
        for (name, value) in [("0", 0), ("1", 1), ("the largest", u64::MAX)] {
            let set = socket.set_listen_backlog_size(value);
            report.line(&format!("set-listen-backlog-size to {name}"), ok(set));
        }
    }

    fn inherited(report: &mut Report) -> Result<(), ErrorCode> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let listener = create_tcp_socket(IpAddressFamily::Ipv4)?;
        bind(&listener, address(loopback, 0))?;
        listener.set_keep_alive_enabled(true)?;
        listener.set_keep_alive_idle_time(61 * SECOND)?;
        listener.set_keep_alive_interval(31 * SECOND)?;
        listener.set_keep_alive_count(7)?;
        listener.set_hop_limit(43)?;
        listener.set_receive_buffer_size(32_768)?;
        listener.set_send_buffer_size(32_768)?;
        listen(&listener)?;
        let (connecting, accepted) = pair(&listener)?;
        let (client, server) = (&connecting.2, &accepted.2);
        report.line("keep-alive-enabled", server.keep_alive_enabled()?);
        report.line("of the connecting end", client.keep_alive_enabled()?);
        report.line(
            "the same keep-alive-idle-time",
            server.keep_alive_idle_time()? == listener.keep_alive_idle_time()?,
        );
        report.line(
            "the same keep-alive-interval",
            server.keep_alive_interval()? == listener.keep_alive_interval()?,
        );
        report.line(
            "the same keep-alive-count",
            server.keep_alive_count()? == listener.keep_alive_count()?,
        );
        report.line("hop-limit", server.hop_limit()?);
        report.line(
            "the same receive-buffer-size",
            server.receive_buffer_size()? == listener.receive_buffer_size()?,
        );
        report.line(
            "the same send-buffer-size",
            server.send_buffer_size()? == listener.send_buffer_size()?,
        );
        Ok(())
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        let family = match argument(1).as_str() {
            "inherited" => {
                inherited(&mut report).map_err(failed)?;
                return report.say();
            }
            "ipv4" => IpAddressFamily::Ipv4,
            "ipv6" => IpAddressFamily::Ipv6,
            other => {
                return Err(wrong(&format!(
                    "'{other}' is nothing that this program does"
                )));
            }
        };
        let socket = create_tcp_socket(family).map_err(failed)?;
        options(&socket, &mut report);
        report.say()
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return assay_guests_sockets_raw::ended(component::run());
    #[cfg(not(target_os = "wasi"))]
    assay_guests_sockets_raw::component_only()
}

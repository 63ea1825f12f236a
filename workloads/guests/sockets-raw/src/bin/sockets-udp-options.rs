//! `sockets-udp-options ipv4|ipv6`: every option of a UDP socket.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{Report, argument, failed, family_name, ok, shown, wrong};
    use std::io;
    use wasip2::sockets::network::{ErrorCode, IpAddressFamily};
    use wasip2::sockets::udp_create_socket::create_udp_socket;

    /// A value may be clamped and rounded, but is never nothing.
    fn some(value: Result<u64, ErrorCode>) -> &'static str {
        shown(value, |value| match value {
            0 => "0",
            _ => "more than 0",
        })
    }

    fn option(
        name: &str,
        set: impl Fn(u64) -> Result<(), ErrorCode>,
        get: impl Fn() -> Result<u64, ErrorCode>,
        report: &mut Report,
    ) {
        report.line(name, some(get()));
        for (value, what) in [
            (0, "0"),
            (1, "1"),
            (u64::MAX, "the largest"),
            (65_536, "65536"),
        ] {
            report.line(&format!("  set to {what}"), ok(set(value)));
            report.line("  is", some(get()));
        }
    }

    pub fn run() -> io::Result<()> {
        let family = match argument(1).as_str() {
            "ipv4" => IpAddressFamily::Ipv4,
            "ipv6" => IpAddressFamily::Ipv6,
            other => return Err(wrong(&format!("'{other}' is neither ipv4 nor ipv6"))),
        };
        let mut report = Report::default();
        let socket = create_udp_socket(family).map_err(failed)?;
        report.line("address-family", family_name(socket.address_family()));
        report.line(
            "unicast-hop-limit",
            some(socket.unicast_hop_limit().map(u64::from)),
        );
        for value in [0, 1, 255, 42] {
            let set = socket.set_unicast_hop_limit(value);
            report.line(&format!("  set to {value}"), ok(set));
        }
        let limit = socket.unicast_hop_limit();
        report.line("  is", shown(limit, |value| value.to_string()));
        option(
            "receive-buffer-size",
            |value| socket.set_receive_buffer_size(value),
            || socket.receive_buffer_size(),
            &mut report,
        );
        option(
            "send-buffer-size",
            |value| socket.set_send_buffer_size(value),
            || socket.send_buffer_size(),
            &mut report,
        );
        report.say()
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return assay_guests_sockets_raw::ended(component::run());
    #[cfg(not(target_os = "wasi"))]
    assay_guests_sockets_raw::component_only()
}

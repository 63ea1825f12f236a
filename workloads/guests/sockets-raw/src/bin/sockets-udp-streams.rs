//! `sockets-udp-streams several|unpermitted|too-many`: sends to itself, several
//! datagrams at once; without asking; or more than it may.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{Report, argument, failed, quoted, same, shown, udp, wrong};
    use std::io;
    use std::net::{IpAddr, Ipv4Addr};
    use wasip2::sockets::udp::OutgoingDatagram;

    fn datagram(text: &str) -> OutgoingDatagram {
        OutgoingDatagram {
            data: text.as_bytes().to_vec(),
            remote_address: None,
        }
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        let socket = udp(IpAddr::V4(Ipv4Addr::LOCALHOST)).map_err(failed)?;
        let local = socket.local_address().map_err(failed)?;
        let (incoming, outgoing) = socket.stream(Some(local)).map_err(failed)?;
        match argument(1).as_str() {
            "several" => {}
            "unpermitted" => {
                report.line("sending", "without check-send");
                report.say()?;
                let sent = outgoing.send(&[datagram("x")]);
                report.line("sent", shown(sent, |count| count.to_string()));
                return report.say();
            }
            "too-many" => {
                let permitted = outgoing.check_send().map_err(failed)?;
                let permitted = usize::try_from(permitted).map_err(io::Error::other)?;
                report.line("sending", "one more than permitted");
                report.say()?;
                let many: Vec<_> = (0..=permitted).map(|_| datagram("x")).collect();
                let sent = outgoing.send(&many);
                report.line("sent", shown(sent, |count| count.to_string()));
                return report.say();
            }
            other => {
                return Err(wrong(&format!(
                    "'{other}' is nothing that this program does"
                )));
            }
        }
        let arriving = incoming.subscribe();
        report.line("incoming ready", arriving.ready());
        let nothing = incoming.receive(4);
        report.line("receive", shown(nothing, |list| list.len().to_string()));
        outgoing.subscribe().block();
        report.line("outgoing ready", outgoing.subscribe().ready());
        report.line(
            "permitted",
            shown(outgoing.check_send(), |count| match count {
                0 => "0",
                _ => "more than 0",
            }),
        );
        report.line(
            "send none",
            shown(outgoing.send(&[]), |count| count.to_string()),
        );
        for text in ["one", "", "three"] {
            outgoing.subscribe().block();
            outgoing.check_send().map_err(failed)?;
            let sent = outgoing.send(&[datagram(text)]);
            report.line("sent", shown(sent, |count| count.to_string()));
        }
        arriving.block();
        report.line("incoming ready", arriving.ready());
        let none = incoming.receive(0);
        report.line(
            "receive at most 0",
            shown(none, |list| list.len().to_string()),
        );
        let mut arrived = Vec::new();
        while arrived.len() < 3 {
            arriving.block();
            let some = incoming.receive(1).map_err(failed)?;
            // More than asked for would be seen here.
            report.line("receive at most 1", some.len());
            arrived.extend(some);
        }
        for datagram in arrived {
            report.line("received", quoted(&datagram.data));
            report.line("from itself", same(datagram.remote_address, local));
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

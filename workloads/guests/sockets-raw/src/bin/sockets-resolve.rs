//! `sockets-resolve NAME…`: looks each name up and says what it is told, without
//! the addresses of `localhost`, which are the machine's choice.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{Report, as_ip, network, quoted};
    use std::io;
    use std::net::IpAddr;
    use wasip2::sockets::ip_name_lookup::resolve_addresses;
    use wasip2::sockets::network::ErrorCode;

    fn resolve(name: &str) -> Result<Vec<IpAddr>, ErrorCode> {
        let stream = resolve_addresses(&network(), name)?;
        // Asked for whether or not there would be something to wait for.
        stream.subscribe().block();
        let mut addresses = Vec::new();
        loop {
            match stream.resolve_next_address() {
                Ok(Some(address)) => addresses.push(as_ip(address)),
                Ok(None) => break,
                Err(ErrorCode::WouldBlock) => stream.subscribe().block(),
                Err(error) => return Err(error),
            }
        }
        // The end stays the end.
        match stream.resolve_next_address()? {
            None => Ok(addresses),
            Some(_) => Err(ErrorCode::Unknown),
        }
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        for name in std::env::args().skip(1) {
            let shown = match resolve(&name) {
                Err(error) => error.name().to_owned(),
                Ok(addresses) if name == "localhost" => format!(
                    "some {}, all loopback {}, ipv4-mapped {}",
                    !addresses.is_empty(),
                    addresses
                        .iter()
                        .all(|address| address.to_canonical().is_loopback()),
                    addresses
                        .iter()
                        .any(|address| address.to_canonical() != *address)
                ),
                Ok(addresses) => format!("{addresses:?}"),
            };
            // Long names are one of the cases.
            let start = &name.as_bytes()[..name.len().min(20)];
            report.line(&quoted(start), shown);
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

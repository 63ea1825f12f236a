//! `sockets-udp-pair MODE IP`: sockets of one program that send to each other,
//! one of
//!
//! - `order`: five datagrams to one socket;
//! - `sizes`: the largest datagram there is on IPv4, and one byte more;
//! - `filter`: a connected socket is sent to by somebody else.

use std::io;
use std::net::{IpAddr, UdpSocket};

use assay_guests_sockets::{Report, argument, quoted, shown, wrong};

/// 65,535 bytes of an IPv4 packet without its header and that of UDP.
const LARGEST: usize = 65_507;

fn main() -> io::Result<()> {
    let mode = argument(1, "what to do")?;
    let ip: IpAddr = argument(2, "an IP address")?
        .parse()
        .map_err(|_| wrong("argument 2 is not an IP address"))?;
    let mut report = Report::default();
    let mut buffer = vec![0; 70_000];
    let one = UdpSocket::bind((ip, 0))?;
    let two = UdpSocket::bind((ip, 0))?;
    let (here, there) = (one.local_addr()?, two.local_addr()?);
    match mode.as_str() {
        "order" => {
            for number in 0..5 {
                one.send_to(format!("datagram {number}").as_bytes(), there)?;
            }
            for _ in 0..5 {
                let (count, from) = two.recv_from(&mut buffer)?;
                report.line("received", quoted(&buffer[..count]));
                report.line("from the other", from == here);
            }
        }
        "sizes" => {
            let bytes: Vec<u8> = (0..=LARGEST).map(|at| (at % 251) as u8).collect();
            report.line("65507 bytes", shown(one.send_to(&bytes[..LARGEST], there)));
            let (count, _) = two.recv_from(&mut buffer)?;
            report.line("received", count);
            report.line("the same", buffer[..count] == bytes[..LARGEST]);
            report.line("65508 bytes", shown(one.send_to(&bytes, there)));
        }
        "filter" => {
            let stranger = UdpSocket::bind((ip, 0))?;
            one.connect(there)?;
            report.line(
                "the stranger sent",
                shown(stranger.send_to(b"stranger", here)),
            );
            report.line("the peer sent", shown(two.send_to(b"peer", here)));
            let (count, from) = one.recv_from(&mut buffer)?;
            report.line("received", quoted(&buffer[..count]));
            report.line("from the peer", from == there);
        }
        other => {
            return Err(wrong(&format!(
                "'{other}' is nothing that this program does"
            )));
        }
    }
    report.say()
}

//! Servers that behave and misbehave, one thread and one connection each.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server for one connection.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    thread: JoinHandle<()>,
}

impl Server {
    /// Accepts one connection and runs `serve` on it.
    pub fn once(serve: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            // A test that goes wrong must fail, not hang.
            stream
                .set_read_timeout(Some(Duration::from_secs(10)))
                .unwrap();
            stream.set_nodelay(true).unwrap();
            serve(stream);
        });
        Self { addr, thread }
    }

    /// Reads the head of a request, then sends `pieces` with `pause` between
    /// them, then closes.
    pub fn answering(pieces: Vec<Vec<u8>>, pause: Duration) -> Self {
        Self::once(move |mut stream| {
            read_head(&mut stream);
            for piece in pieces {
                if stream.write_all(&piece).is_err() {
                    return; // the client has seen enough
                }
                std::thread::sleep(pause);
            }
        })
    }

    /// Waits for the server to end and passes on its panic.
    pub fn join(self) {
        self.thread.join().unwrap();
    }
}

/// Reads up to the empty line and returns the head; byte by byte, so that the
/// body stays in the stream.
pub fn read_head(stream: &mut TcpStream) -> String {
    read_head_or_end(stream).unwrap()
}

/// The same, or `None` when the client has closed.
pub fn read_head_or_end(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

/// Reads one line without its end.
fn read_line(stream: &mut impl Read) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        line.push(byte[0]);
    }
    line.truncate(line.len() - 2);
    String::from_utf8(line).unwrap()
}

/// Echoes a chunked request chunk by chunk while it comes, trailers included.
/// It reads nothing while a write is stuck: the peer must read to go on.
pub fn echo_chunks(mut stream: TcpStream) {
    let head = read_head(&mut stream);
    assert!(head.contains("Transfer-Encoding: chunked\r\n"), "{head}");
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    let mut input = std::io::BufReader::with_capacity(16 << 10, stream.try_clone().unwrap());
    loop {
        let line = read_line(&mut input);
        let size = usize::from_str_radix(&line, 16).unwrap();
        if size == 0 {
            break;
        }
        let mut data = vec![0; size + 2];
        input.read_exact(&mut data).unwrap();
        assert_eq!(&data[size..], b"\r\n");
        stream
            .write_all(format!("{size:x}\r\n").as_bytes())
            .unwrap();
        stream.write_all(&data).unwrap();
    }
    let mut end = String::from("0\r\n");
    loop {
        let line = read_line(&mut input);
        end += &format!("{line}\r\n");
        if line.is_empty() {
            break;
        }
    }
    stream.write_all(end.as_bytes()).unwrap();
}

//! `sockets-tcp-streams MODE ADDRESS`: connects to ADDRESS and uses the two
//! streams of the connection, as one of
//!
//! - `ready`: what the pollables say before and after there is something;
//! - `reset`: reads although the peer resets;
//! - `shutdown-send`, `shutdown-receive`, `shutdown-both`: what is left.

#[cfg(target_os = "wasi")]
mod component {
    use assay_guests_sockets_raw::{
        Report, argument, connect, failed, family, ok, parsed, quoted, stream_error, stream_failed,
        wrong,
    };
    use std::io;
    use wasip2::io::streams::{InputStream, OutputStream, StreamError};
    use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
    use wasip2::sockets::tcp_create_socket::create_tcp_socket;

    fn read(result: Result<Vec<u8>, StreamError>) -> String {
        match result {
            Ok(bytes) => quoted(&bytes),
            Err(error) => stream_error(&error).to_owned(),
        }
    }

    fn room(output: &OutputStream) -> &'static str {
        match output.check_write() {
            Ok(0) => "0",
            Ok(_) => "more than 0",
            Err(error) => stream_error(&error),
        }
    }

    fn send(output: &OutputStream, bytes: &[u8]) -> &'static str {
        match output.blocking_write_and_flush(bytes) {
            Ok(()) => "ok",
            Err(error) => stream_error(&error),
        }
    }

    /// Everything until the stream ends, and how it does.
    fn rest(input: &InputStream) -> (Vec<u8>, &'static str) {
        let mut all = Vec::new();
        loop {
            match input.blocking_read(4096) {
                Ok(bytes) => all.extend_from_slice(&bytes),
                Err(error) => return (all, stream_error(&error)),
            }
        }
    }

    fn ready(input: &InputStream, output: &OutputStream, report: &mut Report) -> io::Result<()> {
        let pollable = input.subscribe();
        report.line("input ready", pollable.ready());
        report.line("read", read(input.read(8)));
        output.subscribe().block();
        report.line("output ready", output.subscribe().ready());
        report.line("room", room(output));
        output.write(b"go").map_err(stream_failed)?;
        output.flush().map_err(stream_failed)?;
        pollable.block();
        report.line("input ready", pollable.ready());
        report.line("read", read(input.blocking_read(4)));
        let (all, end) = rest(input);
        report.line("the rest", quoted(&all));
        report.line("its end", end);
        report.line("input ready", pollable.ready());
        report.line("read", read(input.read(8)));
        Ok(())
    }

    fn shutdown(
        socket: &TcpSocket,
        input: &InputStream,
        output: &OutputStream,
        how: ShutdownType,
        report: &mut Report,
    ) {
        report.line("send", send(output, b"before "));
        report.line("shutdown", ok(socket.shutdown(how)));
        report.line("shutdown again", ok(socket.shutdown(how)));
        match how {
            ShutdownType::Receive => report.line("send", send(output, b"after")),
            // A stream that has just been closed may still be flushing.
            ShutdownType::Send | ShutdownType::Both => {
                output.subscribe().block();
                report.line("room", room(output));
            }
        }
        match how {
            ShutdownType::Send => {
                let (all, end) = rest(input);
                report.line("received", quoted(&all));
                report.line("its end", end);
            }
            ShutdownType::Receive | ShutdownType::Both => {
                report.line("read", read(input.blocking_read(8)));
            }
        }
    }

    pub fn run() -> io::Result<()> {
        let mut report = Report::default();
        let to = parsed(&argument(2))?;
        let socket = create_tcp_socket(family(to)).map_err(failed)?;
        let (input, output) = connect(&socket, to).map_err(failed)?;
        let how = match argument(1).as_str() {
            "ready" => {
                ready(&input, &output, &mut report)?;
                return report.say();
            }
            "reset" => {
                report.line("send", send(&output, b"x"));
                report.line("read", read(input.blocking_read(8)));
                report.line("read again", read(input.blocking_read(8)));
                return report.say();
            }
            "shutdown-send" => ShutdownType::Send,
            "shutdown-receive" => ShutdownType::Receive,
            "shutdown-both" => ShutdownType::Both,
            other => {
                return Err(wrong(&format!(
                    "'{other}' is nothing that this program does"
                )));
            }
        };
        shutdown(&socket, &input, &output, how, &mut report);
        report.say()
    }
}

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "wasi")]
    return assay_guests_sockets_raw::ended(component::run());
    #[cfg(not(target_os = "wasi"))]
    assay_guests_sockets_raw::component_only()
}

//! The chunked transfer coding (RFC 9112 §7.1), decoded piece by piece,
//! however the network cuts it.

use crate::error::{ExchangeError, Phase};
use crate::response::Limits;

/// Bytes that one chunk-size line may have: 16 hexadecimal digits and some
/// extensions, which nobody needs and §7.1.1 lets a recipient bound.
const MAX_SIZE_LINE: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the chunk size: digits seen.
    Size { digits: u32 },
    /// In white space behind the size, which only an extension may follow.
    BadWhitespace,
    /// In chunk extensions, which are skipped (§7.1.1).
    Extension,
    /// Behind the carriage return of a size line.
    SizeLf,
    /// In the data: bytes to come.
    Data { left: u64 },
    /// Behind the data.
    DataCr,
    /// Behind the carriage return that follows the data.
    DataLf,
    /// In the trailer section, up to its empty line.
    Trailers,
    /// Behind the message.
    Done,
}

/// Decodes one chunked message.
#[derive(Debug)]
pub(crate) struct Chunked {
    state: State,
    size: u64,
    line: usize,
    trailers: Vec<u8>,
}

impl Chunked {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Size { digits: 0 },
            size: 0,
            line: 0,
            trailers: Vec::new(),
        }
    }

    /// Decodes `input`, appending content to `body`. Returns the bytes used;
    /// fewer than all only when the message is complete.
    pub(crate) fn feed(
        &mut self,
        input: &[u8],
        body: &mut Vec<u8>,
        limits: &Limits,
    ) -> Result<usize, ExchangeError> {
        let mut at = 0;
        while at < input.len() && self.state != State::Done {
            if let State::Data { left } = self.state {
                let take = left.min((input.len() - at) as u64);
                // `take` is at most the length of a slice.
                body.extend_from_slice(&input[at..at + take as usize]);
                at += take as usize;
                self.state = match left - take {
                    0 => State::DataCr,
                    left => State::Data { left },
                };
            } else {
                self.byte(input[at], body.len() as u64, limits)?;
                at += 1;
            }
        }
        Ok(at)
    }

    fn byte(&mut self, byte: u8, have: u64, limits: &Limits) -> Result<(), ExchangeError> {
        if matches!(
            self.state,
            State::Size { .. } | State::BadWhitespace | State::Extension
        ) {
            self.line += 1;
            if self.line > MAX_SIZE_LINE {
                return Err(limit("chunk-size line in bytes", MAX_SIZE_LINE as u64));
            }
        }
        self.state = match (self.state, byte) {
            (State::Size { digits }, b) if b.is_ascii_hexdigit() => {
                if self.size >> 60 != 0 {
                    return Err(malformed("chunk size beyond 64 bits"));
                }
                self.size = self.size << 4 | u64::from(hex_digit(b));
                State::Size { digits: digits + 1 }
            }
            (State::Size { digits: 0 }, b) => {
                return Err(malformed(&format!("{} instead of a chunk size", show(b))));
            }
            (State::Size { .. } | State::BadWhitespace, b' ' | b'\t') => State::BadWhitespace,
            (State::Size { .. } | State::BadWhitespace, b';') => State::Extension,
            (State::Size { .. } | State::Extension, b'\r') => State::SizeLf,
            // A bare line feed is no line end here: tolerating it is how
            // messages are smuggled.
            (State::Extension, b) if b != b'\n' => State::Extension,
            (State::SizeLf, b'\n') => self.size_line_ended(have, limits)?,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => {
                self.size = 0;
                self.line = 0;
                State::Size { digits: 0 }
            }
            (State::Trailers, b) => {
                self.trailers.push(b);
                if self.trailers.len() > limits.head {
                    return Err(limit("trailer section in bytes", limits.head as u64));
                }
                if self.trailers == b"\r\n" || self.trailers.ends_with(b"\r\n\r\n") {
                    State::Done
                } else {
                    State::Trailers
                }
            }
            (State::DataCr | State::DataLf, b) => {
                let what = format!("{} after {} bytes of chunk data", show(b), self.size);
                return Err(malformed(&what));
            }
            (_, b) => return Err(malformed(&format!("{} in a chunk-size line", show(b)))),
        };
        Ok(())
    }

    fn size_line_ended(&mut self, have: u64, limits: &Limits) -> Result<State, ExchangeError> {
        if self.size == 0 {
            return Ok(State::Trailers);
        }
        if have.saturating_add(self.size) > limits.body {
            return Err(limit("body in bytes", limits.body));
        }
        Ok(State::Data { left: self.size })
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.state {
            State::Trailers => Phase::Trailers,
            _ => Phase::Body,
        }
    }

    /// The trailer section with its final empty line; meaningful when done.
    pub(crate) fn trailer_section(&self) -> &[u8] {
        &self.trailers
    }
}

fn hex_digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20) - b'a' + 10,
    }
}

fn show(byte: u8) -> String {
    format!("byte 0x{byte:02x}")
}

fn malformed(what: &str) -> ExchangeError {
    ExchangeError::Malformed {
        phase: Phase::Body,
        what: what.to_owned(),
        section: "RFC 9112 §7.1",
    }
}

fn limit(what: &'static str, limit: u64) -> ExchangeError {
    ExchangeError::Limit { what, limit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<u8>, usize), ExchangeError> {
        let (mut decoder, mut body, mut used) = (Chunked::new(), Vec::new(), 0);
        for piece in pieces {
            used += decoder.feed(piece, &mut body, &Limits::default())?;
        }
        assert!(decoder.is_done(), "not complete: {:?}", decoder.state);
        Ok((body, decoder.trailer_section().to_vec(), used))
    }

    #[test]
    fn the_example_of_the_specification_style_decodes() {
        let wire = b"4\r\nWiki\r\n7;a=\"b c\"\r\npedia i\r\nB \t;x\r\nn \r\nchunks.\r\n0\r\n\r\n";
        let (body, trailers, used) = decode(&[wire]).unwrap();
        assert_eq!(body, b"Wikipedia in \r\nchunks.");
        assert_eq!((trailers.as_slice(), used), (&b"\r\n"[..], wire.len()));
    }

    #[test]
    fn zeros_in_front_and_capital_digits_are_sizes_too() {
        let wire = b"00A\r\n0123456789\r\n000\r\nT: v\r\n\r\nrest";
        let (body, trailers, used) = decode(&[wire]).unwrap();
        assert_eq!(body, b"0123456789");
        assert_eq!(trailers, b"T: v\r\n\r\n");
        assert_eq!(used, wire.len() - 4, "what follows is not consumed");
    }

    #[test]
    fn malformed_chunks_are_refused() {
        for wire in [
            &b"x\r\n"[..],
            b"\r\n",
            b"-1\r\n",
            b"0x4\r\nWiki\r\n",
            b"4\nWiki\r\n",
            b"4 \r\nWiki\r\n",
            b"4;a\nWiki\r\n",
            b"4\rWiki",
            b"3\r\nWiki\r\n",
            b"5\r\nWiki\r\n0\r\n\r\n",
            b"4\r\nWiki\n0\r\n\r\n",
            b"fffffffffffffffff\r\n",
            b" 4\r\n",
        ] {
            let mut decoder = Chunked::new();
            let result = decoder.feed(wire, &mut Vec::new(), &Limits::default());
            assert!(
                matches!(result, Err(ExchangeError::Malformed { .. })),
                "{:?} gave {result:?}",
                String::from_utf8_lossy(wire)
            );
        }
    }

    #[test]
    fn limits_hold() {
        let limits = Limits {
            body: 5,
            head: 8,
            ..Limits::default()
        };
        let feed = |wire: &[u8]| Chunked::new().feed(wire, &mut Vec::new(), &limits);
        let what = |result| match result {
            Err(ExchangeError::Limit { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(what(feed(b"3\r\nabc\r\n3\r\n")), "body in bytes");
        assert_eq!(
            what(feed(b"ffffffffffffffff\r\n")),
            "body in bytes",
            "no overflow"
        );
        assert_eq!(
            what(feed(b"0\r\nLong: trailer\r\n")),
            "trailer section in bytes"
        );
        let long = [b"1;".as_slice(), &[b'a'; MAX_SIZE_LINE]].concat();
        assert_eq!(what(feed(&long)), "chunk-size line in bytes");
    }

    proptest! {
        /// Whatever the chunk sizes and wherever the network cuts, the content,
        /// the trailers and the end of the message are the same.
        #[test]
        fn any_split_decodes_alike(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..12),
            extension in "(;[a-z]{1,6}(=[a-z0-9]{1,6})?){0,2}",
            trailers in prop::collection::vec(("[A-Za-z-]{1,8}", "[ -~]{0,12}"), 0..3),
            excess in prop::collection::vec(any::<u8>(), 0..8),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x}{extension}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            let section: String =
                trailers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect::<String>() + "\r\n";
            wire.extend_from_slice(format!("0\r\n{section}").as_bytes());
            let message = wire.len();
            wire.extend_from_slice(&excess);

            let mut at: Vec<usize> = cuts.iter().map(|i| i.index(wire.len())).collect();
            at.extend([0, wire.len()]);
            at.sort_unstable();
            let pieces: Vec<&[u8]> = at.windows(2).map(|w| &wire[w[0]..w[1]]).collect();

            let (body, seen, used) = decode(&pieces).unwrap();
            prop_assert_eq!(body, chunks.concat());
            prop_assert_eq!(seen, section.into_bytes());
            prop_assert_eq!(used, message);
        }

        /// No input panics, and none is consumed beyond its end.
        #[test]
        fn garbage_never_panics(wire in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut body = Vec::new();
            if let Ok(used) = Chunked::new().feed(&wire, &mut body, &Limits::default()) {
                prop_assert!(used <= wire.len() && body.len() <= used);
            }
        }
    }
}

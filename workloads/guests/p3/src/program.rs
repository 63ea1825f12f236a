//! The programs. Each runs unchanged in every world.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::together;
use crate::world::{Broken, Client, Clock, Input, Output};

const HELLO: &[u8] = b"hello from a component\n";

/// `p3/hello` and the body of `p3/reply`: one line.
///
/// # Errors
/// When stdout takes no more.
pub async fn hello(output: &mut impl Output) -> Result<(), Broken> {
    output.write(HELLO.to_vec()).await
}

/// `p3/stream`: what arrives leaves again, piece by piece, each before the next
/// one is asked for: `rot13` with its ASCII letters turned by thirteen, `as-is`
/// unchanged.
///
/// # Errors
/// Other arguments, or when either stream breaks.
pub async fn stream(
    arguments: &[String],
    input: &mut impl Input,
    output: &mut impl Output,
) -> Result<(), Broken> {
    match arguments {
        [mode] if mode == "rot13" => pass_on(input, output, rot13).await,
        [mode] if mode == "as-is" => pass_on(input, output, |_| {}).await,
        _ => Err(Broken),
    }
}

/// `p3/echo`: what arrives leaves again as it is.
///
/// # Errors
/// When either stream breaks.
pub async fn echo(input: &mut impl Input, output: &mut impl Output) -> Result<(), Broken> {
    pass_on(input, output, |_| {}).await
}

/// The type of an echo (RFC 9110, 8.3).
pub const UNTYPED: &[u8] = b"application/octet-stream";

/// A header of an answer.
pub type Header = (String, Vec<u8>);

/// The headers of an answer of this type.
#[must_use]
pub fn typed(content_type: Vec<u8>) -> Vec<Header> {
    vec![("content-type".to_string(), content_type)]
}

/// The headers of `p3/reply`, which knows how long it is.
#[must_use]
pub fn reply_headers() -> Vec<Header> {
    let mut headers = typed(b"text/plain".to_vec());
    let length = HELLO.len().to_string().into_bytes();
    headers.push(("content-length".to_string(), length));
    headers
}

async fn pass_on(
    input: &mut impl Input,
    output: &mut impl Output,
    change: impl Fn(&mut [u8]),
) -> Result<(), Broken> {
    loop {
        let mut bytes = input.read().await?;
        if bytes.is_empty() {
            return Ok(());
        }
        change(&mut bytes);
        output.write(bytes).await?;
    }
}

fn rot13(bytes: &mut [u8]) {
    for byte in bytes {
        let base = match byte {
            b'a'..=b'z' => b'a',
            b'A'..=b'Z' => b'A',
            _ => continue,
        };
        *byte = base + (*byte - base + 13) % 26;
    }
}

/// `p3/timers`: `all MS…` sleeps for all of these at once, `first MS…` until
/// the first is over, and then drops the others.
///
/// # Errors
/// Other arguments, or when stdout takes no more.
pub async fn timers(
    arguments: &[String],
    clock: &impl Clock,
    output: &mut impl Output,
) -> Result<(), Broken> {
    let (mode, lengths) = arguments.split_first().ok_or(Broken)?;
    let lengths: Vec<u64> = lengths
        .iter()
        .map(|text| text.parse().map_err(|_| Broken))
        .collect::<Result<_, _>>()?;
    let start = clock.now();
    let sleeping = lengths.iter().map(|&milliseconds| async move {
        clock.sleep(milliseconds * 1_000_000).await;
        clock.now() - start
    });
    let mut text = String::new();
    match mode.as_str() {
        "all" => {
            let passed = together::all(sleeping).await;
            let longest = passed.iter().copied().max().unwrap_or(0);
            for (length, passed) in lengths.iter().zip(passed) {
                text += &if passed >= length * 1_000_000 {
                    format!("{length} ms: over\n")
                } else {
                    format!("{length} ms: came back after {passed} ns\n")
                };
            }
            let sum: u64 = lengths.iter().sum();
            text += if longest < sum * 1_000_000 {
                "together: less than their sum\n"
            } else {
                "together: no less than their sum\n"
            };
        }
        "first" => {
            let over = together::first(sleeping).await;
            text += &match over {
                Some((index, _)) => format!("first: {} ms\n", lengths[index]),
                None => "first: none\n".to_string(),
            };
        }
        _ => return Err(Broken),
    }
    output.write(text.into_bytes()).await
}

/// `p3/join`: asks all of `origins` (`AUTHORITY/PATH`, separated by blanks) at
/// once, and answers with what they said, in the order of the question. With
/// `below_ms`, one more line says whether all of it took less than that.
pub async fn join(
    origins: &str,
    below_ms: Option<u64>,
    client: &impl Client,
    clock: &impl Clock,
) -> Vec<u8> {
    let start = clock.now();
    let asked = origins.split_ascii_whitespace().map(|origin| {
        let (authority, path) = origin.split_once('/').unwrap_or((origin, ""));
        async move { client.get(authority, &format!("/{path}")).await }
    });
    let mut text = String::new();
    for (index, answer) in together::all(asked).await.into_iter().enumerate() {
        text += &match answer {
            Ok(answer) => format!(
                "{index}: {} {}\n",
                answer.status,
                answer.body.escape_ascii()
            ),
            Err(name) => format!("{index}: {name}\n"),
        };
    }
    if let Some(below) = below_ms {
        text += &if clock.now() - start < below * 1_000_000 {
            format!("together: less than {below} ms\n")
        } else {
            format!("together: {below} ms or more\n")
        };
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::rot13;

    #[test]
    fn only_letters_turn_and_twice_is_as_before() {
        let mut bytes = *b"Hello, [W]ASI{z}\x80\xc1!";
        rot13(&mut bytes);
        assert_eq!(&bytes, b"Uryyb, [J]NFV{m}\x80\xc1!");
        rot13(&mut bytes);
        assert_eq!(&bytes, b"Hello, [W]ASI{z}\x80\xc1!");
    }
}

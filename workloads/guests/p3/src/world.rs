//! What a program needs of its world. Each shell implements the part that its
//! programs use.

use alloc::string::String;
use alloc::vec::Vec;
use core::future::Future;

/// A stream that ended by other means than its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// Bytes that arrive.
pub trait Input {
    /// The next bytes, at least one; none at all is the end.
    fn read(&mut self) -> impl Future<Output = Result<Vec<u8>, Broken>>;
}

/// Bytes that leave.
pub trait Output {
    /// Hands all of these bytes to the host, and waits where it has no room.
    fn write(&mut self, bytes: Vec<u8>) -> impl Future<Output = Result<(), Broken>>;
}

/// The passing of time.
pub trait Clock {
    /// A mark on the monotonic clock, in nanoseconds.
    fn now(&self) -> u64;
    /// Waits until this many nanoseconds have passed.
    fn sleep(&self, nanoseconds: u64) -> impl Future<Output = ()>;
}

/// What came back from another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Requests to other servers.
pub trait Client {
    /// `GET http://AUTHORITY/PATH`.
    ///
    /// # Errors
    /// The case of wasi:http's `error-code`, as the specification spells it.
    fn get(&self, authority: &str, path: &str) -> impl Future<Output = Result<Answer, String>>;
}

/// The name of an `error-code` as WIT spells it, from the name that bindings
/// give it: `ErrorCode::ConnectionRefused` is `connection-refused`.
#[must_use]
pub fn error_name(debug: &str) -> String {
    let case = debug
        .split_once("ErrorCode::")
        .map_or(debug, |(_, case)| case);
    let mut name = String::new();
    for letter in case.chars().take_while(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::error_name;

    #[test]
    fn an_error_is_named_as_in_wit() {
        assert_eq!(
            error_name("ErrorCode::ConnectionRefused"),
            "connection-refused"
        );
        assert_eq!(
            error_name("ErrorCode::InternalError(Some(\"ErrorCode\"))"),
            "internal-error"
        );
    }
}

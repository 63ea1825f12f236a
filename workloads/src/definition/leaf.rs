//! Values that check themselves as they are read, so that the tables around
//! them are plain structs.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use assay_model::HttpOutcome;
use assay_stage::script::Amount;
use jiff::Timestamp;
use regex::bytes::Regex;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::exchange::Field;

/// Defines types that hold what a check made of a value, or refuse it with its
/// words.
macro_rules! checked {
    ($($(#[$doc:meta])* $name:ident($inner:ty) = |$raw:ident: $from:ty| $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name(pub(super) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let $raw = <$from>::deserialize(deserializer)?;
                let checked: Result<$inner, String> = $check;
                checked.map($name).map_err(D::Error::custom)
            }
        }
    )*};
}

/// What was read, if that is right.
fn ensure<T>(right: bool, value: T, why: impl Into<String>) -> Result<T, String> {
    match right {
        true => Ok(value),
        false => Err(why.into()),
    }
}

checked! {
    /// A text that says something: a reason, an explanation.
    Text(String) = |text: String| {
        let text = text.trim().to_owned();
        ensure(!text.is_empty(), text, "must not be empty")
    };
    /// A word to find workloads by.
    Tag(String) = |tag: String| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        let why = format!("'{tag}' is not a word in lower case");
        ensure(!tag.is_empty() && tag.chars().all(plain), tag, why)
    };
    /// What a case counts.
    Unit(String) = |unit: String| ensure(
        !unit.is_empty() && !unit.contains(char::is_whitespace),
        unit,
        "the unit must be one word, such as call or MiB",
    );
    /// The name of a case within its workload.
    CaseName(String) = |name: String| ensure(
        !name.is_empty() && !name.contains(['/', '#']),
        name,
        "a case's name must be one word",
    );
    /// One argument.
    Arg(String) = |arg: String| ensure(
        !arg.contains('\0'),
        arg,
        "no operating system passes a NUL in an argument",
    );
    /// An environment.
    Env(BTreeMap<String, String>) = |env: BTreeMap<String, String>| {
        let sound = |(name, value): (&String, &String)| {
            !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
        };
        ensure(env.iter().all(sound), env, "a variable needs a name without '=', and no NUL")
    };
    /// Bytes in hexadecimal.
    Hex(Vec<u8>) = |text: String| hex::decode(text).map_err(|error| error.to_string());
    /// A switch that can only be thrown.
    Yes(()) = |yes: bool| ensure(yes, (), "is true, or left out");
    /// A span of time in milliseconds.
    Millis(Duration) = |ms: u64| Ok(Duration::from_millis(ms));
    /// The report of a defect.
    Link(String) = |link: String| ensure(
        link.starts_with("https://"),
        link,
        "links the report of the defect (https://…)",
    );
    /// The first digits of a digest.
    DigestStart(String) = |text: String| ensure(
        text.len() == 12 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        text,
        "a digest is given as outcomes.csv has it, by its first 12 digits",
    );
    /// A version of QEMU: major and minor.
    QemuVersion((u32, u32)) = |text: String| text
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
        .ok_or_else(|| "is a version of QEMU: \"8.1\"".to_owned());
    /// A regular expression over bytes.
    Pattern(Regex) = |pattern: String| Regex::new(&pattern).map_err(|error| error.to_string());
    /// An instant, in nanoseconds after 1970-01-01T00:00:00Z.
    Instant(u64) = |text: String| {
        let instant: Result<Timestamp, _> = text.parse();
        instant.map_err(|error| error.to_string()).and_then(|instant| {
            u64::try_from(instant.as_nanosecond())
                .map_err(|_| "an instant from 1970 to 2554".to_owned())
        })
    };
    /// A directory of the case's tree; its root is empty.
    Below(String) = |path: String| {
        let path = if path == "." { String::new() } else { path };
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        let sound = path.is_empty() || path.split('/').all(plain);
        ensure(sound, path, "is \".\" or a relative path in the case's tree")
    };
    /// What a guest calls a directory.
    GuestPath(String) = |path: String| ensure(
        !path.is_empty() && !path.contains('\0'),
        path,
        "a directory needs a name for the guest",
    );
    /// The name of a peer.
    PeerName(String) = |name: String| ensure(
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
        name,
        "a peer's name is letters, digits and '-'",
    );
    /// A method of HTTP.
    Method(String) = |method: String| ensure(
        !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase() || c == '-'),
        method,
        "a method is a word in upper case",
    );
    /// A path, or one of the two other forms that some methods have (RFC 9112,
    /// 3.2).
    Target(String) = |path: String| {
        let form = path.starts_with('/') || path == "*" || path.starts_with("http://");
        let why = "a path begins with '/' and has no space or control character";
        ensure(form && path.chars().all(|c| c.is_ascii_graphic()), path, why)
    };
    /// A status code.
    Status(u16) = |status: u16| ensure(
        (100..600).contains(&status),
        status,
        "a status code is a number from 100 to 599",
    );
    /// Copies of a request.
    Copies(usize) = |copies: usize| ensure(
        (1..=1000).contains(&copies),
        copies,
        "from 1 to 1,000 copies at a time",
    );
    /// How much to receive: `"end"` or a number of bytes.
    Bytes(Amount) = |value: Value<Nothing>| match value {
        Value::Number(bytes) => Ok(Amount::Bytes(bytes)),
        Value::Text(end) if end == "end" => Ok(Amount::End),
        _ => Err("is a number of bytes, or \"end\"".to_owned()),
    };
    /// How much a peer receives: nothing for `"datagram"`, which is one.
    Received(Option<Amount>) = |value: Value<Nothing>| match value {
        Value::Number(bytes) => Ok(Some(Amount::Bytes(bytes))),
        Value::Text(word) if word == "end" => Ok(Some(Amount::End)),
        Value::Text(word) if word == "datagram" => Ok(None),
        _ => Err("is a number of bytes, \"end\" or \"datagram\"".to_owned()),
    };
    /// Fields of any message.
    Fields(Vec<Field>) = |fields: BTreeMap<String, FieldValue>| {
        let token =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$%&'*+-.^_`|~".contains(c);
        match fields.keys().find(|name| name.is_empty() || !name.chars().all(token)) {
            Some(name) => Err(format!("'{name}' is not a field name in lower case (RFC 9110, 5.1)")),
            None => Ok(fields
                .into_iter()
                .flat_map(|(name, values)| values.0.into_iter().map(move |value| (name.clone(), value)))
                .collect()),
        }
    };
    /// The values of one field: a string, several, or bytes.
    FieldValue(Vec<Vec<u8>>) = |value: Value<Binary>| match value {
        Value::Text(text) => Ok(vec![text.into_bytes()]),
        Value::Texts(texts) => Ok(texts.into_iter().map(String::into_bytes).collect()),
        Value::Table(binary) => Ok(vec![binary.hex.0]),
        Value::Number(_) => Err("is a string, several, or { hex = \"…\" }".to_owned()),
    };
    /// Fields that a case may send.
    SentFields(Vec<Field>) = |fields: Fields| {
        let own = |(name, _): &&Field| is_of_the_host(name) || name == "host";
        match fields.0.iter().find(own) {
            Some((name, _)) => Err(format!("'{name}' belongs to the client that sends the request")),
            None => Ok(fields.0),
        }
    };
    /// Fields that can be expected, because they are compared.
    ComparedFields(Vec<Field>) = |fields: Fields| {
        match fields.0.iter().find(|(name, _)| is_of_the_host(name)) {
            Some((name, _)) => Err(format!(
                "'{name}' belongs to the host and is not compared, so it cannot be expected"
            )),
            None => Ok(fields.0),
        }
    };
}

/// Bytes that are no text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Binary {
    hex: Hex,
}

/// A table that a value cannot be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Whether the normal form of an answer drops this field.
fn is_of_the_host(name: &str) -> bool {
    HttpOutcome::new(200, [(name.to_owned(), Vec::new())], Vec::new(), [])
        .headers
        .is_empty()
}

/// The two loopback addresses.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) enum Loopback {
    #[serde(rename = "127.0.0.1")]
    V4,
    #[serde(rename = "::1")]
    V6,
}

impl Loopback {
    pub(super) fn address(self) -> IpAddr {
        match self {
            Loopback::V4 => Ipv4Addr::LOCALHOST.into(),
            Loopback::V6 => Ipv6Addr::LOCALHOST.into(),
        }
    }
}

/// A value of one of several types. Unlike an untagged enum it keeps the place
/// of an error within a table.
pub(super) enum Value<T> {
    Text(String),
    Texts(Vec<String>),
    Number(u64),
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Value<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyOf<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyOf<T> {
            type Value = Value<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a number or a table")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Value<T>, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Value<T>, E> {
                u64::try_from(number).map(Value::Number).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<T>, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Value::Texts(texts))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<T>, A::Error> {
                let table = T::deserialize(MapAccessDeserializer::new(&mut map))?;
                // An enum takes one key and leaves the others.
                match map.next_key::<IgnoredAny>()? {
                    None => Ok(Value::Table(table)),
                    Some(_) => Err(A::Error::custom("must have exactly one key")),
                }
            }
        }
        deserializer.deserialize_any(AnyOf(PhantomData))
    }
}

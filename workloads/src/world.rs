//! The worlds that components are written for.

use serde::Deserialize;
use std::fmt;

/// The world a component is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum World {
    /// `wasi:cli/command@0.2`: a program with arguments, streams and files.
    #[serde(rename = "wasi:cli/command@0.2")]
    Command,
    /// `wasi:http/proxy@0.2`: a handler of requests.
    #[serde(rename = "wasi:http/proxy@0.2")]
    Proxy,
    /// `wasi:cli/command@0.3`: a program whose calls may wait for each other.
    #[serde(rename = "wasi:cli/command@0.3")]
    AsyncCommand,
    /// `wasi:http/service@0.3`: a handler of that kind.
    #[serde(rename = "wasi:http/service@0.3")]
    AsyncService,
}

impl World {
    /// Every world, in the order of the documentation.
    pub const ALL: [World; 4] = [
        World::Command,
        World::Proxy,
        World::AsyncCommand,
        World::AsyncService,
    ];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            World::Command => "wasi:cli/command@0.2",
            World::Proxy => "wasi:http/proxy@0.2",
            World::AsyncCommand => "wasi:cli/command@0.3",
            World::AsyncService => "wasi:http/service@0.3",
        }
    }

    /// Whether it is run to its end, rather than asked.
    #[must_use]
    pub fn is_command(self) -> bool {
        matches!(self, World::Command | World::AsyncCommand)
    }

    /// Whether it is of WASI 0.3.
    #[must_use]
    pub fn is_async(self) -> bool {
        matches!(self, World::AsyncCommand | World::AsyncService)
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

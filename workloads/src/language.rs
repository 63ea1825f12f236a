//! The languages of sources, and what runs those that are scripts.

use serde::Deserialize;
use std::fmt;

/// The language that a component was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Rust, with its standard library for WASI.
    Rust,
    /// C, with wasi-libc.
    C,
    /// Go, with the Go project's own compiler.
    Go,
    /// Python: CPython inside the component.
    Python,
    /// JavaScript: an engine inside the component.
    JavaScript,
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Language; 5] = [
        Language::Rust,
        Language::C,
        Language::Go,
        Language::Python,
        Language::JavaScript,
    ];

    /// Its name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::C => "c",
            Language::Go => "go",
            Language::Python => "python",
            Language::JavaScript => "javascript",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What runs a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpreter {
    /// CPython.
    Python3,
    /// Node.js.
    Node,
}

impl Interpreter {
    /// Every interpreter.
    pub const ALL: [Interpreter; 2] = [Interpreter::Python3, Interpreter::Node];

    /// Its name in definitions, and the program that is looked for.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Interpreter::Python3 => "python3",
            Interpreter::Node => "node",
        }
    }
}

//! The three functions of wasi:cli/environment, which know what a program was
//! started with.

use super::quoted;
use wasip2::cli::environment::{get_arguments, get_environment, initial_cwd};

/// Every order of `capability-environment`.
#[must_use]
pub fn environment(what: &str, _value: &str) -> Option<String> {
    let list = |texts: Vec<String>| match texts.len() {
        0 => "0".to_owned(),
        count => format!("{count} {}", texts.join(" ")),
    };
    Some(match what {
        "get-environment" => {
            let mut variables: Vec<String> = get_environment()
                .iter()
                .map(|(name, value)| format!("{}={}", name.escape_debug(), value.escape_debug()))
                .collect();
            variables.sort();
            list(variables)
        }
        "get-arguments" => {
            // The first is the program's name, which is the host's choice.
            let arguments = get_arguments();
            let given = arguments.iter().skip(1);
            list(given.map(|text| quoted(text.as_bytes())).collect())
        }
        // Without one a program starts at the root.
        "initial-cwd" => match initial_cwd().as_deref() {
            None | Some("/") => "the root".to_owned(),
            Some(other) => quoted(other.as_bytes()),
        },
        _ => return None,
    })
}

//! The `compose` command, whoever implements the interface below it.

use std::fmt::Write as _;

use crate::escaped;
use crate::text::{Problem, Text};

/// What is wrong with the command line.
pub const USAGE: &str = "usage: compose words|pair|bytes|calls ARGUMENT";

/// Runs the command with `arguments` (without the program's name): what it
/// prints, or `None` for another command line.
#[must_use]
pub fn run<T: Text>(arguments: &[String]) -> Option<String> {
    let [operation, argument] = arguments else {
        return None;
    };
    let number = || argument.parse::<u32>().ok();
    Some(match operation.as_str() {
        "words" => words::<T>(argument),
        "pair" => pair::<T>(argument),
        "bytes" => bytes::<T>(number()?),
        "calls" => calls::<T>(number()?),
        _ => return None,
    })
}

fn words<T: Text>(text: &str) -> String {
    T::count_words(text)
        .into_iter()
        .fold(String::new(), |mut lines, (word, count)| {
            // Writing into a String cannot fail.
            let _ = writeln!(lines, "\"{}\" {count}", escaped(word.as_bytes()));
            lines
        })
}

fn pair<T: Text>(line: &str) -> String {
    match T::parse_pair(line) {
        Ok((name, value)) => format!("name \"{}\" value {value}\n", escaped(name.as_bytes())),
        Err(Problem::NoSeparator) => "no separator\n".to_owned(),
        Err(Problem::NotANumber(text)) => {
            format!("not a number \"{}\"\n", escaped(text.as_bytes()))
        }
    }
}

fn bytes<T: Text>(length: u32) -> String {
    let bytes: Vec<u8> = (0..=250).cycle().take(length as usize).collect();
    format!("digest {:016x}\n", T::digest(&bytes))
}

fn calls<T: Text>(count: u32) -> String {
    let state = (0..count).fold(1, |state, _| T::step(state));
    format!("state {state:016x}\n")
}

#[cfg(test)]
mod tests {
    use crate::text::Here;

    fn run(arguments: &[&str]) -> Option<String> {
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        super::run::<Here>(&arguments)
    }

    #[test]
    fn operations_print_what_the_interface_returns() {
        assert_eq!(
            run(&["words", "b a b"]).as_deref(),
            Some("\"a\" 1\n\"b\" 2\n")
        );
        assert_eq!(run(&["pair", "x"]).as_deref(), Some("no separator\n"));
        assert_eq!(
            run(&["bytes", "0"]).as_deref(),
            Some("digest cbf29ce484222325\n")
        );
        assert_eq!(
            run(&["calls", "1"]).as_deref(),
            Some("state 0000000040822041\n")
        );
    }

    #[test]
    fn another_command_line_is_refused() {
        for wrong in [
            &[][..],
            &["words"],
            &["calls", "x"],
            &["sing", "1"],
            &["words", "a", "b"],
        ] {
            assert_eq!(run(wrong), None, "{wrong:?}");
        }
    }
}

//! Clocks, random numbers, streams, terminals and leaving.

use super::{Answer, all_of_stdin, done, quoted, write};
use wasip2::cli::terminal_stderr::get_terminal_stderr;
use wasip2::cli::terminal_stdin::get_terminal_stdin;
use wasip2::cli::terminal_stdout::get_terminal_stdout;
use wasip2::cli::{exit, stderr, stdin, stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::random::{insecure, insecure_seed, random};

/// 2025-01-01T00:00:00Z: before this program was written.
const WRITTEN: u64 = 1_735_689_600;
const MILLISECOND: u64 = 1_000_000;

/// What every world of WASI has.
pub(super) fn common(interface: &str, function: &str, value: &str) -> Answer {
    match interface {
        "wall-clock" | "monotonic-clock" => clock(interface, function),
        "random" | "insecure" | "insecure-seed" => numbers(interface, function),
        _ => stream(interface, function, value),
    }
}

/// What a command has beyond that.
pub(super) fn command(interface: &str, function: &str, value: &str) -> Answer {
    match interface {
        "terminal" => terminal(function),
        "exit" => leave(function),
        _ => common(interface, function, value),
    }
}

fn clock(interface: &str, function: &str) -> Answer {
    Some(match (interface, function) {
        ("wall-clock", "now") => match wall_clock::now().seconds > WRITTEN {
            true => "after this program was written".to_owned(),
            false => "before this program was written".to_owned(),
        },
        ("wall-clock", "fixed") => {
            let now = wall_clock::now();
            format!("{}.{:09}", now.seconds, now.nanoseconds)
        }
        ("wall-clock", "resolution") => {
            let tick = wall_clock::resolution();
            some((tick.seconds, tick.nanoseconds) > (0, 0))
        }
        ("monotonic-clock", "now") => {
            let (first, second) = (monotonic_clock::now(), monotonic_clock::now());
            match first <= second {
                true => "does not go back".to_owned(),
                false => "goes back".to_owned(),
            }
        }
        ("monotonic-clock", "fixed") => {
            format!("{} {}", monotonic_clock::now(), monotonic_clock::now())
        }
        ("monotonic-clock", "resolution") => some(monotonic_clock::resolution() > 0),
        ("monotonic-clock", "subscribe-instant") => {
            // An instant that has passed in every clock.
            let timer = monotonic_clock::subscribe_instant(0);
            timer.block();
            format!("ready {}", timer.ready())
        }
        ("monotonic-clock", "subscribe-duration") => {
            let timer = monotonic_clock::subscribe_duration(MILLISECOND);
            timer.block();
            format!("ready {}", timer.ready())
        }
        _ => return None,
    })
}

fn some(above: bool) -> String {
    match above {
        true => "above 0".to_owned(),
        false => "0".to_owned(),
    }
}

/// Two draws of 16 bytes are equal once in 2^128, two numbers once in 2^64.
fn numbers(interface: &str, function: &str) -> Answer {
    let bytes = |first: Vec<u8>, second: Vec<u8>| match first != second {
        true => format!("{} bytes, {} others", first.len(), second.len()),
        false => format!("{} bytes, the same again", first.len()),
    };
    let number = |differ: bool| match differ {
        true => "a number, then another".to_owned(),
        false => "the same number twice".to_owned(),
    };
    Some(match (interface, function) {
        ("random", "get-random-bytes") => {
            bytes(random::get_random_bytes(16), random::get_random_bytes(16))
        }
        ("random", "get-random-u64") => {
            number(random::get_random_u64() != random::get_random_u64())
        }
        ("insecure", "get-insecure-random-bytes") => bytes(
            insecure::get_insecure_random_bytes(16),
            insecure::get_insecure_random_bytes(16),
        ),
        ("insecure", "get-insecure-random-u64") => {
            number(insecure::get_insecure_random_u64() != insecure::get_insecure_random_u64())
        }
        ("insecure-seed", "insecure-seed") => {
            // Only that it answers: a host may give the same seed to everybody.
            let (_high, _low) = insecure_seed::insecure_seed();
            "a seed".to_owned()
        }
        _ => return None,
    })
}

fn terminal(function: &str) -> Answer {
    let there = match function {
        "get-terminal-stdin" => get_terminal_stdin().is_some(),
        "get-terminal-stdout" => get_terminal_stdout().is_some(),
        "get-terminal-stderr" => get_terminal_stderr().is_some(),
        _ => return None,
    };
    Some(match there {
        true => "a terminal".to_owned(),
        false => "none".to_owned(),
    })
}

fn stream(interface: &str, function: &str, value: &str) -> Answer {
    Some(match (interface, function) {
        ("stdin", "get-stdin") => {
            drop(stdin::get_stdin());
            "a stream".to_owned()
        }
        ("stdin", "read") => quoted(&all_of_stdin()),
        ("stdout", "write") => done(write(&stdout::get_stdout(), value.as_bytes())),
        ("stderr", "write") => done(write(&stderr::get_stderr(), value.as_bytes())),
        _ => return None,
    })
}

fn leave(function: &str) -> Answer {
    match function {
        "ok" => exit::exit(Ok(())),
        "err" => exit::exit(Err(())),
        _ => return None,
    }
    Some("came back".to_owned())
}

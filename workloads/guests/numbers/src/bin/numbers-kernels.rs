//! `numbers-kernels logistic|lorenz|series`: long computations of additions,
//! multiplications and divisions, in which one wrong last bit grows until it
//! is everything.

use std::hint::black_box;
use std::io;

use assay_guests_numbers::{Results, argument, say, unknown};

fn main() -> io::Result<()> {
    let case = argument(1, "logistic, lorenz or series")?;
    let text = match case.as_str() {
        "logistic" => logistic(),
        "lorenz" => lorenz(),
        "series" => series(),
        other => return Err(unknown(other, "logistic, lorenz, series")),
    };
    say(&text)
}

/// x -> r x (1 - x) in its chaotic range, in both formats.
fn logistic() -> String {
    let mut text = String::new();
    let mut results = Results::default();
    let (rate, mut x) = (black_box(3.99_f64), black_box(0.3_f64));
    for round in 1..=100_000 {
        x = rate * x * (1.0 - x);
        results.add_64(x.to_bits());
        if round % 20_000 == 0 {
            text += &format!("f64 {round} {:016x} {x}\n", x.to_bits());
        }
    }
    let (rate, mut x) = (black_box(3.99_f32), black_box(0.3_f32));
    for round in 1..=100_000 {
        x = rate * x * (1.0 - x);
        results.add_32(x.to_bits());
        if round % 20_000 == 0 {
            text += &format!("f32 {round} {:08x} {x}\n", x.to_bits());
        }
    }
    text + &results.line("logistic")
}

/// Lorenz' three equations with the fourth-order method of Runge and Kutta.
fn lorenz() -> String {
    let slope = |at: [f64; 3]| {
        [
            10.0 * (at[1] - at[0]),
            at[0] * (28.0 - at[2]) - at[1],
            at[0] * at[1] - 8.0 / 3.0 * at[2],
        ]
    };
    let along = |at: [f64; 3], slope: [f64; 3], time: f64| {
        [
            at[0] + time * slope[0],
            at[1] + time * slope[1],
            at[2] + time * slope[2],
        ]
    };
    let time = black_box(0.01_f64);
    let mut at = black_box([1.0, 1.0, 1.0]);
    let mut text = String::new();
    let mut results = Results::default();
    for round in 1..=20_000 {
        let first = slope(at);
        let second = slope(along(at, first, time / 2.0));
        let third = slope(along(at, second, time / 2.0));
        let fourth = slope(along(at, third, time));
        for axis in 0..3 {
            at[axis] +=
                time / 6.0 * (first[axis] + 2.0 * second[axis] + 2.0 * third[axis] + fourth[axis]);
            results.add_64(at[axis].to_bits());
        }
        if round % 5_000 == 0 {
            text += &format!("{round} {} {} {}\n", at[0], at[1], at[2]);
        }
    }
    text + &results.line("lorenz")
}

/// Sums in an order that matters, plain and compensated, and square roots.
fn series() -> String {
    let mut forward = black_box(0.0_f64);
    let mut compensated = black_box(0.0_f64);
    let mut lost = 0.0_f64;
    let mut roots = black_box(0.0_f64);
    let mut results = Results::default();
    for term in 1..=100_000_u32 {
        let value = 1.0 / (f64::from(term) * f64::from(term));
        forward += value;
        let corrected = value - lost;
        let sum = compensated + corrected;
        lost = (sum - compensated) - corrected;
        compensated = sum;
        roots += f64::from(term).sqrt();
        results.add_64(roots.to_bits());
    }
    let mut backward = black_box(0.0_f64);
    for term in (1..=100_000_u32).rev() {
        backward += 1.0 / (f64::from(term) * f64::from(term));
    }
    let mut text = String::new();
    for (name, value) in [
        ("forward", forward),
        ("backward", backward),
        ("compensated", compensated),
        ("roots", roots),
    ] {
        text += &format!("{name} {:016x} {value}\n", value.to_bits());
    }
    text + &results.line("roots")
}

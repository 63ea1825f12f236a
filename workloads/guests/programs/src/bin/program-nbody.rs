//! `program-nbody STEPS`: five bodies under their own gravity.
//!
//! The Sun and the four large planets on circular orbits to begin with, units
//! of astronomical unit, year and solar mass (so that G is 4π²), advanced by
//! the leapfrog rule (half a kick, drift, half a kick) in steps of 1/512 year.
//! Only +, -, *, / and square roots, each rounded as IEEE 754 says, in the
//! order written here: every bit of the result is determined. Prints the
//! energy before and after, and each body, in bits and in decimals.

use std::process::ExitCode;

use assay_guests_programs::{Failure, finish, number, say};

/// 4π², rounded to the nearest double.
const G: f64 = 39.478_417_604_357_43;
const STEP: f64 = 1.0 / 512.0;

/// Mass in solar masses and mean distance in astronomical units (rounded from
/// NASA's planetary fact sheets), and where on its orbit the body begins: a
/// unit vector of two rational numbers, as computing one would take a cosine.
const PLANETS: [(f64, f64, (f64, f64)); 4] = [
    (0.000_954_6, 5.204, (1.0, 0.0)),
    (0.000_285_8, 9.583, (0.6, 0.8)),
    (0.000_043_66, 19.19, (-0.8, 0.6)),
    (0.000_051_51, 30.07, (-0.28, -0.96)),
];

#[derive(Clone, Copy)]
struct Body {
    mass: f64,
    at: [f64; 3],
    velocity: [f64; 3],
    pull: [f64; 3],
}

fn main() -> ExitCode {
    finish("program-nbody", run())
}

fn run() -> Result<(), Failure> {
    let steps = number(1, "how many steps")?;
    let mut bodies = beginning();
    let before = energy(&bodies);
    pull(&mut bodies);
    for _ in 0..steps {
        kick(&mut bodies);
        for body in &mut bodies {
            for axis in 0..3 {
                body.at[axis] += STEP * body.velocity[axis];
            }
        }
        pull(&mut bodies);
        kick(&mut bodies);
    }
    let mut text = shown("energy before", &[before]) + &shown("energy after", &[energy(&bodies)]);
    for (name, body) in ["sun", "jupiter", "saturn", "uranus", "neptune"]
        .into_iter()
        .zip(&bodies)
    {
        text += &shown(name, &body.at);
    }
    say(&text)
}

fn shown(name: &str, values: &[f64]) -> String {
    let bits: String = values
        .iter()
        .map(|value| format!(" {:016x}", value.to_bits()))
        .collect();
    let decimals: String = values.iter().map(|value| format!(" {value:.9}")).collect();
    format!("{name}{bits}{decimals}\n")
}

fn beginning() -> [Body; 5] {
    let mut bodies = [Body {
        mass: 1.0,
        at: [0.0; 3],
        velocity: [0.0; 3],
        pull: [0.0; 3],
    }; 5];
    for (body, (mass, distance, (x, y))) in bodies[1..].iter_mut().zip(PLANETS) {
        let speed = (G / distance).sqrt();
        body.mass = mass;
        // Out of one plane by a little, so that all three axes take part.
        body.at = [distance * x, distance * y, distance * x / 64.0];
        body.velocity = [-speed * y, speed * x, 0.0];
    }
    // The Sun moves so that the whole does not.
    for axis in 0..3 {
        let momentum = bodies[1..]
            .iter()
            .fold(0.0, |sum, body| sum + body.mass * body.velocity[axis]);
        bodies[0].velocity[axis] = -momentum;
    }
    bodies
}

/// The acceleration of each body by all others.
fn pull(bodies: &mut [Body; 5]) {
    for body in bodies.iter_mut() {
        body.pull = [0.0; 3];
    }
    for one in 0..bodies.len() {
        for other in one + 1..bodies.len() {
            let apart = apart(&bodies[one], &bodies[other]);
            let square = square(apart);
            let cube = square * square.sqrt();
            let (near, far) = (G * bodies[other].mass / cube, G * bodies[one].mass / cube);
            for (axis, apart) in apart.into_iter().enumerate() {
                bodies[one].pull[axis] += apart * near;
                bodies[other].pull[axis] -= apart * far;
            }
        }
    }
}

/// Half a step of acceleration.
fn kick(bodies: &mut [Body; 5]) {
    for body in bodies {
        for axis in 0..3 {
            body.velocity[axis] += STEP / 2.0 * body.pull[axis];
        }
    }
}

fn apart(one: &Body, other: &Body) -> [f64; 3] {
    [
        other.at[0] - one.at[0],
        other.at[1] - one.at[1],
        other.at[2] - one.at[2],
    ]
}

fn square(vector: [f64; 3]) -> f64 {
    vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]
}

fn energy(bodies: &[Body; 5]) -> f64 {
    let mut sum = 0.0;
    for (position, body) in bodies.iter().enumerate() {
        sum += body.mass * square(body.velocity) / 2.0;
        for other in &bodies[position + 1..] {
            sum -= G * body.mass * other.mass / square(apart(body, other)).sqrt();
        }
    }
    sum
}

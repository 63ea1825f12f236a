//! The `compose` command that leaves the work to whoever implements
//! `assay:compose/text`. There is no native program of this half.

#[cfg(target_os = "wasi")]
mod component {
    wit_bindgen::generate!({
        path: "../../sources/wit/compose",
        world: "consumer",
    });

    use assay::compose::text;
    use assay_guests_lang_rust::text::{Problem, Text};

    /// The implementation in another component.
    pub struct There;

    impl Text for There {
        fn count_words(text: &str) -> Vec<(String, u32)> {
            text::count_words(text)
                .into_iter()
                .map(|entry| (entry.word, entry.count))
                .collect()
        }

        fn parse_pair(line: &str) -> Result<(String, i64), Problem> {
            text::parse_pair(line).map_err(|problem| match problem {
                text::Problem::NoSeparator => Problem::NoSeparator,
                text::Problem::NotANumber(text) => Problem::NotANumber(text),
            })
        }

        fn digest(bytes: &[u8]) -> u64 {
            text::digest(bytes)
        }

        fn step(state: u64) -> u64 {
            text::step(state)
        }
    }
}

#[cfg(target_os = "wasi")]
fn main() -> std::io::Result<std::process::ExitCode> {
    use assay_guests_lang_rust::{compose, say};

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(text) = compose::run::<component::There>(&arguments) else {
        eprintln!("{}", compose::USAGE);
        return Ok(std::process::ExitCode::FAILURE);
    };
    say(&text)?;
    Ok(std::process::ExitCode::SUCCESS)
}

#[cfg(not(target_os = "wasi"))]
fn main() -> std::process::ExitCode {
    eprintln!("compose-consumer exists only as a part of a component");
    std::process::ExitCode::from(2)
}

//! `program-image FILE.png WIDTH…`: thumbnails of a picture.
//!
//! For each WIDTH the picture is made so many pixels wide and written to
//! `WIDTH.png`. Prints the size of the picture and of each thumbnail with the
//! SHA-256 of their pixels, for a thumbnail as they are read back from its file.

use std::process::ExitCode;

use assay_guests_program_picture::Picture;
use assay_guests_programs::{Failure, argument, finish, read, say, sha256, write};

fn main() -> ExitCode {
    finish("program-image", run())
}

fn run() -> Result<(), Failure> {
    let name = argument(1, "the picture")?;
    let picture = decoded(&name)?;
    let mut text = line(&name, &picture);
    for (position, width) in std::env::args().enumerate().skip(2) {
        let width: u32 =
            width
                .parse()
                .map_err(|error: std::num::ParseIntError| Failure::Argument {
                    position,
                    meaning: "a width",
                    text: width,
                    why: error.to_string(),
                })?;
        let thumbnail = format!("{width}.png");
        let small = picture
            .narrowed(width)
            .map_err(Failure::input(&thumbnail))?;
        let bytes = small.encode().map_err(Failure::input(&thumbnail))?;
        write(&thumbnail, &bytes)?;
        text += &line(&thumbnail, &decoded(&thumbnail)?);
    }
    say(&text)
}

fn decoded(name: &str) -> Result<Picture, Failure> {
    Picture::decode(&read(name)?).map_err(Failure::input(name))
}

fn line(name: &str, picture: &Picture) -> String {
    format!(
        "{name} {}x{} {} {}\n",
        picture.width(),
        picture.height(),
        picture.channels(),
        sha256(picture.pixels())
    )
}

//! `program-deflate pack LEVEL FROM TO` writes FROM as a zlib stream to TO,
//! and `program-deflate unpack FROM TO` the other way round.
//!
//! Prints the sizes and, for what was unpacked or is to be packed, its SHA-256.
//! What was packed is unpacked again and compared before anything is printed.

use std::process::ExitCode;

use assay_guests_programs::{Failure, argument, finish, number, read, say, sha256, write};
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;

fn main() -> ExitCode {
    finish("program-deflate", run())
}

fn run() -> Result<(), Failure> {
    let task = argument(1, "pack or unpack")?;
    match task.as_str() {
        "pack" => {
            let level = number(2, "the level, 0 to 9")?;
            let level = u8::try_from(level)
                .ok()
                .filter(|level| *level <= 9)
                .ok_or_else(|| Failure::Argument {
                    position: 2,
                    meaning: "the level",
                    text: level.to_string(),
                    why: "0 to 9 are levels".to_owned(),
                })?;
            pack(level)
        }
        "unpack" => unpack(),
        _ => Err(Failure::Argument {
            position: 1,
            meaning: "the task",
            text: task,
            why: "pack and unpack are tasks".to_owned(),
        }),
    }
}

fn pack(level: u8) -> Result<(), Failure> {
    let (from, to) = (argument(3, "the file")?, argument(4, "where to")?);
    let content = read(&from)?;
    let packed = compress_to_vec_zlib(&content, level);
    let again = decompress_to_vec_zlib(&packed).map_err(Failure::input(&to))?;
    if again != content {
        return Err(Failure::Input {
            what: to,
            why: "unpacks to something else".to_owned(),
        });
    }
    write(&to, &packed)?;
    say(&format!(
        "{from} {} {}\n{to} {}\n",
        content.len(),
        sha256(&content),
        packed.len()
    ))
}

fn unpack() -> Result<(), Failure> {
    let (from, to) = (argument(2, "the file")?, argument(3, "where to")?);
    let packed = read(&from)?;
    let content = decompress_to_vec_zlib(&packed).map_err(Failure::input(&from))?;
    write(&to, &content)?;
    say(&format!(
        "{from} {}\n{to} {} {}\n",
        packed.len(),
        content.len(),
        sha256(&content)
    ))
}

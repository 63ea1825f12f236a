//! `program-zstd ROUNDS < FILE.zst`: unpacks a Zstandard frame ROUNDS times.
//!
//! Prints the size and the SHA-256 of what was packed, and says whether the
//! checksum at the end of the frame is that of the content.

use std::io::Read as _;
use std::process::ExitCode;

use assay_guests_programs::{Failure, finish, number, say, sha256, stdin};
use ruzstd::decoding::StreamingDecoder;

fn main() -> ExitCode {
    finish("program-zstd", run())
}

fn run() -> Result<(), Failure> {
    let rounds = number(1, "how many rounds")?;
    let packed = stdin()?;
    let mut content = Vec::new();
    let mut checksum = "none";
    for _ in 0..rounds {
        content.clear();
        let mut decoder =
            StreamingDecoder::new(packed.as_slice()).map_err(Failure::input("stdin"))?;
        decoder
            .read_to_end(&mut content)
            .map_err(Failure::input("stdin"))?;
        let stated = decoder.decoder.get_checksum_from_data();
        let found = decoder.decoder.get_calculated_checksum();
        checksum = match (stated, found) {
            (None, _) => "none",
            (Some(stated), Some(found)) if stated == found => "right",
            _ => "wrong",
        };
    }
    say(&format!(
        "packed {}\nunpacked {}\nsha256 {}\nchecksum {checksum}\n",
        packed.len(),
        content.len(),
        sha256(&content)
    ))
}

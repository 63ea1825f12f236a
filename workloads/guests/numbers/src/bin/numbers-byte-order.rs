//! `numbers-byte-order encode|decode`: numbers to bytes and back in a stated
//! order, as file formats and protocols need it. The processor's own order
//! must not show.

use std::hint::black_box;
use std::io::{self, Cursor, Read as _, Write as _};

use assay_guests_numbers::{Results, SEED, argument, say, step, unknown};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() -> io::Result<()> {
    let case = argument(1, "encode or decode")?;
    let text = match case.as_str() {
        "encode" => encode()?,
        "decode" => decode()?,
        other => return Err(unknown(other, "encode, decode")),
    };
    say(&text)
}

fn encode() -> io::Result<String> {
    let short = black_box(0x1234_u16);
    let long = black_box(0x0123_4567_89ab_cdef_u64);
    let double = black_box(1.0_f64 / 3.0);
    let mut text = String::new();
    for (name, little, big) in [
        ("u16", hex(&short.to_le_bytes()), hex(&short.to_be_bytes())),
        (
            "i32",
            hex(&black_box(-2_i32).to_le_bytes()),
            hex(&black_box(-2_i32).to_be_bytes()),
        ),
        ("u64", hex(&long.to_le_bytes()), hex(&long.to_be_bytes())),
        (
            "f64",
            hex(&double.to_le_bytes()),
            hex(&double.to_be_bytes()),
        ),
        (
            "swap",
            hex(&long.swap_bytes().to_le_bytes()),
            hex(&long.swap_bytes().to_be_bytes()),
        ),
    ] {
        text += &format!("{name} little {little} big {big}\n");
    }
    // A record as a file format would have it, then the digest of many.
    let mut stream = Vec::new();
    let mut state = SEED;
    for _ in 0..256 {
        state = step(state);
        stream.write_all(&(state as u16).to_be_bytes())?;
        stream.write_all(&(state as u32).to_le_bytes())?;
        stream.write_all(&state.to_be_bytes())?;
        stream.write_all(&(state as f32).to_le_bytes())?;
    }
    text += &format!("first {}\n", hex(&stream[..18]));
    let mut results = Results::default();
    results.add_bytes(&stream);
    Ok(text + &results.line("stream"))
}

fn decode() -> io::Result<String> {
    let bytes: Vec<u8> = black_box((0..=255).collect());
    let mut text = String::new();
    // Odd offsets on purpose: nothing here is aligned.
    let mut cursor = Cursor::new(&bytes[129..]);
    let (mut two, mut four, mut eight) = ([0; 2], [0; 4], [0; 8]);
    cursor.read_exact(&mut two)?;
    text += &format!(
        "u16 little {} big {}\n",
        u16::from_le_bytes(two),
        u16::from_be_bytes(two)
    );
    cursor.read_exact(&mut four)?;
    text += &format!(
        "i32 little {} big {}\n",
        i32::from_le_bytes(four),
        i32::from_be_bytes(four)
    );
    cursor.read_exact(&mut eight)?;
    text += &format!(
        "u64 little {} big {}\n",
        u64::from_le_bytes(eight),
        u64::from_be_bytes(eight)
    );
    text += &format!(
        "f64 little {:e} big {:e}\n",
        f64::from_le_bytes(eight),
        f64::from_be_bytes(eight)
    );
    // A checksum that takes words from the bytes: the usual place of a mistake.
    let words = |from: fn([u8; 4]) -> u32| {
        bytes.chunks_exact(4).fold(0_u32, |sum, word| {
            sum.rotate_left(5) ^ from([word[0], word[1], word[2], word[3]])
        })
    };
    text += &format!(
        "words little {:08x} big {:08x}\n",
        words(u32::from_le_bytes),
        words(u32::from_be_bytes)
    );
    Ok(text)
}

//! `cli-stdin-take BYTES`: reads so many bytes of stdin, prints them escaped,
//! and leaves whatever else is there unread. With 0 it never touches stdin.

use std::io::{self, Read as _};

use assay_guests_cli::{number, say};

fn main() -> io::Result<()> {
    let wanted = number(1, "how many bytes to read")?;
    let mut taken = Vec::new();
    if wanted > 0 {
        io::stdin().lock().take(wanted).read_to_end(&mut taken)?;
    }
    say(&format!(
        "took {} of {wanted}: \"{}\"\n",
        taken.len(),
        taken.escape_ascii()
    ))
}

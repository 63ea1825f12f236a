//! `memory-grow step|at-once|beyond`: a memory whose maximum is 1,024 pages,
//! up to there and no further. How large it is at the start depends on the
//! build and is not shown.

use std::io;
use std::process::ExitCode;

#[cfg(target_family = "wasm")]
fn main() -> io::Result<ExitCode> {
    use assay_guests_memory::{argument, say, unknown};

    let text = match argument(1, "step, at-once or beyond")?.as_str() {
        "step" => pages::step(),
        "at-once" => pages::at_once(),
        "beyond" => pages::beyond(),
        other => return Err(unknown(other, "step, at-once, beyond")),
    };
    say(&text)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(target_family = "wasm")]
mod pages {
    use core::arch::wasm32::{memory_grow, memory_size};
    use std::ptr::with_exposed_provenance_mut;

    const PAGE: usize = 65_536;
    const LIMIT: usize = 1024;

    /// The result as the instruction's i32.
    fn grow(pages: usize) -> i32 {
        memory_grow::<0>(pages) as i32
    }

    fn size() -> usize {
        memory_size::<0>()
    }

    /// Reads the first and the last byte of a page that only this program
    /// knows of.
    fn ends(page: usize) -> (u8, u8) {
        let first = with_exposed_provenance_mut::<u8>(page * PAGE);
        // SAFETY: the memory has grown over this page, and the allocator was
        // never told of it.
        unsafe { (first.read_volatile(), first.add(PAGE - 1).read_volatile()) }
    }

    fn write_ends(page: usize) {
        let first = with_exposed_provenance_mut::<u8>(page * PAGE);
        // SAFETY: as in `ends`.
        unsafe {
            first.write_volatile(page as u8);
            first.add(PAGE - 1).write_volatile((page >> 2) as u8);
        }
    }

    /// One page after the other. Each must be zero at first and keep what is
    /// written to it, after the refusal too.
    pub fn step() -> String {
        let start = size();
        let (mut wrong, mut used) = (0, 0);
        let mut page = start;
        let refused = loop {
            let before = grow(1);
            if before < 0 || page > 2 * LIMIT {
                break before;
            }
            wrong += u32::from(before as usize != page || size() != page + 1);
            used += u32::from(ends(page) != (0, 0));
            write_ends(page);
            page += 1;
        };
        let after = size();
        let again = grow(1);
        let lost = (start..page)
            .filter(|page| ends(*page) != (*page as u8, (*page >> 2) as u8))
            .count();
        format!(
            "pages at the end {after}\nwrong sizes {wrong}\npages not zero {used}\n\
             refused {refused}, again {again}\npages that lost what was written {lost}\n"
        )
    }

    /// All that is left in one step.
    pub fn at_once() -> String {
        let start = size();
        let right = grow(LIMIT - start) as usize == start;
        let page = LIMIT - 1;
        let zero = ends(page);
        write_ends(page);
        format!(
            "returned the size before {right}\npages {}\nlast page {zero:?}, then {:?}\n\
             grow by 1 {}\ngrow by 0 {}\n",
            size(),
            ends(page),
            grow(1),
            grow(0),
        )
    }

    /// More than is left: nothing changes, and less is still possible.
    pub fn beyond() -> String {
        let start = size();
        let mut text = String::new();
        for (name, pages) in [
            ("one page too many", LIMIT - start + 1),
            ("65535", 65_535),
            ("65536", 65_536),
            ("4294967295", u32::MAX as usize),
        ] {
            let refused = grow(pages);
            text += &format!("{name}: {refused}, same size {}\n", size() == start);
        }
        let possible = grow(LIMIT - start - 1) as usize == start;
        text + &format!(
            "one page less than is left: {possible}, pages {}, then {} and {}\n",
            size(),
            grow(1),
            grow(1),
        )
    }
}

#[cfg(not(target_family = "wasm"))]
fn main() -> io::Result<ExitCode> {
    Ok(assay_guests_memory::only_a_component())
}

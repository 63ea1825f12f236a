//! Is an executable static? An image from `scratch` has no dynamic loader, and
//! the kernel's answer to a missing one is a bare "no such file".

/// `PT_INTERP` of the ELF specification: the segment naming the loader.
const PT_INTERP: u32 = 3;

/// What an executable needs to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Nothing but the kernel.
    Static,
    /// A dynamic loader and libraries.
    Dynamic,
    /// This is no 64-bit ELF file.
    NotElf,
}

/// Reads the program headers of a 64-bit ELF file of either byte order.
pub fn linkage(file: &[u8]) -> Linkage {
    program_types(file).map_or(Linkage::NotElf, |types| {
        if types.contains(&PT_INTERP) {
            Linkage::Dynamic
        } else {
            Linkage::Static
        }
    })
}

fn program_types(file: &[u8]) -> Option<Vec<u32>> {
    // e_ident: magic, class 2 = 64 bits, data 1 = little, 2 = big endian.
    if file.get(..4)? != b"\x7fELF" || *file.get(4)? != 2 {
        return None;
    }
    let big = *file.get(5)? == 2;
    let number = |offset: usize, size: usize| -> Option<u64> {
        let bytes = file.get(offset..offset.checked_add(size)?)?;
        let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        Some(if big {
            bytes.iter().fold(0, fold)
        } else {
            bytes.iter().rev().fold(0, fold)
        })
    };
    // ELF64 header: e_phoff at 0x20, e_phentsize at 0x36, e_phnum at 0x38.
    let table = usize::try_from(number(0x20, 8)?).ok()?;
    let size = usize::try_from(number(0x36, 2)?).ok()?;
    let count = usize::try_from(number(0x38, 2)?).ok()?;
    (0..count)
        .map(|index| {
            let offset = table.checked_add(index.checked_mul(size)?)?;
            u32::try_from(number(offset, 4)?).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with one program header of the given type.
    fn elf(big: bool, kind: u32) -> Vec<u8> {
        let mut file = vec![0; 0x40 + 0x38];
        file[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, if big { 2 } else { 1 }]);
        let mut put = |offset: usize, size: usize, value: u64| {
            let bytes = value.to_be_bytes();
            let mut bytes = bytes[8 - size..].to_vec();
            if !big {
                bytes.reverse();
            }
            file[offset..offset + size].copy_from_slice(&bytes);
        };
        put(0x20, 8, 0x40);
        put(0x36, 2, 0x38);
        put(0x38, 2, 1);
        put(0x40, 4, u64::from(kind));
        file
    }

    #[test]
    fn both_byte_orders_are_read() {
        for big in [false, true] {
            assert_eq!(linkage(&elf(big, 1)), Linkage::Static);
            assert_eq!(linkage(&elf(big, PT_INTERP)), Linkage::Dynamic);
        }
    }

    #[test]
    fn truncated_and_foreign_files_are_not_elf() {
        assert_eq!(linkage(b""), Linkage::NotElf);
        assert_eq!(linkage(b"#!/bin/sh\n"), Linkage::NotElf);
        let mut cut = elf(false, 1);
        cut.truncate(0x40);
        assert_eq!(linkage(&cut), Linkage::NotElf);
    }

    #[test]
    fn this_test_itself_is_elf() {
        // Static or dynamic, as it was built.
        let own = std::fs::read("/proc/self/exe").unwrap();
        assert_ne!(linkage(&own), Linkage::NotElf);
    }
}

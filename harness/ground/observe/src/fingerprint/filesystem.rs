//! The name of a file system by its magic number.

use std::path::Path;

/// Name of the file system that holds `path`: `statfs(2)`. A path that does
/// not exist is unknown.
pub(crate) fn name_of(path: &Path) -> Option<String> {
    let magic = rustix::fs::statfs(path).ok()?.f_type;
    // The field is signed on some architectures; the numbers have 32 bits.
    Some(name(magic as u32))
}

/// Names after include/uapi/linux/magic.h and, for those not in it, statfs(2).
fn name(magic: u32) -> String {
    let known = match magic {
        0xef53 => "ext4",
        0x0102_1994 => "tmpfs",
        0x794c_7630 => "overlayfs",
        0x9123_683e => "btrfs",
        0x5846_5342 => "xfs",
        0x2fc1_2fc1 => "zfs",
        0xf2f5_2010 => "f2fs",
        0xca45_1a4e => "bcachefs",
        0x8584_58f6 => "ramfs",
        0x7371_7368 => "squashfs",
        0xe0f5_e1e2 => "erofs",
        0x6969 => "nfs",
        0xff53_4d42 => "cifs",
        0xfe53_4d42 => "smb2",
        0x0102_1997 => "9p",
        0x6573_5546 => "fuse",
        0x6a65_6a63 => "virtiofs",
        0x4d44 => "vfat",
        0x2011_bab0 => "exfat",
        other => return format!("{other:#010x}"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_have_names_and_unknown_ones_stay_numbers() {
        assert_eq!(name(0x9123_683e), "btrfs");
        assert_eq!(name(0x1234), "0x00001234");
        assert_eq!(name_of(Path::new("/no/such/path")), None);
        // proc(5) is a file system that nobody writes to; its number is 0x9fa0.
        assert_eq!(name_of(Path::new("/proc")).as_deref(), Some("0x00009fa0"));
    }
}

use super::*;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

/// The same image, made in another order, at another time, with other modes.
fn image(reverse: bool) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut names = ["app", "b", "a-b", "dev"];
    if reverse {
        names.reverse();
    }
    for name in names {
        let path = dir.path().join(name);
        match name {
            "dev" => fs::create_dir(&path).unwrap(),
            _ => fs::write(&path, name.repeat(3000)).unwrap(),
        }
    }
    symlink("app", dir.path().join("link")).unwrap();
    let app = dir.path().join("app");
    let mode = if reverse { 0o700 } else { 0o755 };
    fs::set_permissions(&app, fs::Permissions::from_mode(mode)).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(if reverse { 9 } else { 99 });
    fs::File::open(&app)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    dir
}

#[test]
fn the_same_content_has_the_same_digest() {
    let (one, two) = (image(false), image(true));
    let measured = measure(one.path()).unwrap();
    assert_eq!(measured, measure(two.path()).unwrap());
    fs::write(one.path().join("b"), "B".repeat(3000)).unwrap();
    assert_ne!(measured.digest, measure(one.path()).unwrap().digest);
}

#[test]
fn sizes_are_those_of_the_content() {
    let dir = image(false);
    let measured = measure(dir.path()).unwrap();
    assert_eq!(measured.unpacked, Bytes((3 + 1 + 3) * 3000));
    // Five headers of 512 bytes, three files padded to 512, two end blocks.
    let content = [9000_u64, 3000, 9000];
    let padded: u64 = content.iter().map(|size| size.div_ceil(512) * 512).sum();
    assert_eq!(measured.tar, Bytes(5 * 512 + padded + 1024));
    assert!(measured.layer < measured.tar);
}

#[test]
fn the_archive_holds_what_the_image_holds() {
    let dir = image(true);
    let tar = write_tar(&[dir.path()], Vec::new()).unwrap();
    let mut archive = tar::Archive::new(tar.as_slice());
    let names: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            assert_eq!(entry.header().mtime().unwrap(), 0);
            entry.path().unwrap().display().to_string()
        })
        .collect();
    assert_eq!(names, ["a-b", "app", "b", "dev/", "link"]);
    let unpacked = tempfile::tempdir().unwrap();
    tar::Archive::new(tar.as_slice())
        .unpack(unpacked.path())
        .unwrap();
    let app = fs::read(unpacked.path().join("app")).unwrap();
    assert_eq!(app, "app".repeat(3000).into_bytes());
}

#[test]
fn a_socket_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(matches!(measure(dir.path()), Err(ImageError::FileType(at)) if at == path));
}

fn archive(dir: &Path, fill: impl FnOnce(&mut Builder<Vec<u8>>)) -> PathBuf {
    let mut builder = Builder::new(Vec::new());
    fill(&mut builder);
    let path = dir.join("image.tar");
    fs::write(&path, builder.into_inner().unwrap()).unwrap();
    path
}

/// An entry with a name that the crate itself would refuse to write.
fn put(builder: &mut Builder<Vec<u8>>, kind: EntryType, name: &str, link: &str, content: &[u8]) {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    header.set_cksum();
    builder.append(&header, content).unwrap();
}

#[test]
fn an_archive_that_reaches_outside_is_refused_and_leaves_nothing() {
    let regular = EntryType::Regular;
    type Fill = fn(&mut Builder<Vec<u8>>, EntryType);
    let ways: [(&str, Fill); 3] = [
        ("a path", |b, file| put(b, file, "../evil", "", b"evil")),
        ("an absolute path", |b, file| {
            put(b, file, "/tmp/../evil", "", b"evil")
        }),
        ("a link", |b, file| {
            put(b, EntryType::Symlink, "way", "..", b"");
            put(b, file, "way/evil", "", b"evil");
        }),
    ];
    for (way, fill) in ways {
        let dir = tempfile::tempdir().unwrap();
        let archive = archive(dir.path(), |builder| {
            put(builder, regular, "good", "", b"good");
            fill(builder, regular);
        });
        let into = dir.path().join("below/root");
        let refused = unpack(&archive, &into).unwrap_err();
        assert!(
            matches!(
                refused,
                ImageError::Outside { .. } | ImageError::Unpack { .. }
            ),
            "{way}: {refused}"
        );
        assert!(refused.to_string().contains("image.tar"), "{way}");
        assert!(!into.exists(), "{way}: something was left");
        assert!(!dir.path().join("below/evil").exists(), "{way}");
        assert!(!dir.path().join("evil").exists(), "{way}");
    }
}

#[test]
fn an_archive_that_ends_too_early_is_refused_wherever_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), |builder| {
        put(builder, EntryType::Regular, "a", "", &[7; 600]);
        put(builder, EntryType::Regular, "b", "", &[7; 600]);
    });
    let whole = fs::read(&path).unwrap();
    // In a header, in content, between two entries, in the end itself.
    for length in [100, 700, 512 + 1024, whole.len() - 512] {
        fs::write(&path, &whole[..length]).unwrap();
        let into = dir.path().join("root");
        let refused = unpack(&path, &into);
        assert!(
            matches!(&refused, Err(ImageError::Truncated(at)) if *at == path),
            "{length}: {refused:?}"
        );
        assert!(!into.exists());
    }
}

#[test]
fn a_higher_layer_stands_in_for_a_lower_one() {
    let (below, above) = (image(false), tempfile::tempdir().unwrap());
    fs::write(above.path().join("app"), "new").unwrap();
    let tar = write_tar(&[below.path(), above.path()], Vec::new()).unwrap();
    let unpacked = tempfile::tempdir().unwrap();
    tar::Archive::new(tar.as_slice())
        .unpack(unpacked.path())
        .unwrap();
    let read = |name: &str| fs::read_to_string(unpacked.path().join(name)).unwrap();
    assert_eq!(read("app"), "new");
    assert_eq!(read("b"), "b".repeat(3000));
}

/// A small file system, unmounted when dropped.
struct Small(tempfile::TempDir);

impl Small {
    /// None where mounting is not allowed.
    fn mount() -> Option<Small> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k", "assay-test"])
            .arg(dir.path())
            .output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        mounted.then(|| Small(dir))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg(self.0.path())
            .status();
    }
}

#[test]
fn a_disk_that_is_full_is_named_and_freed() {
    let Some(small) = Small::mount() else {
        // Visible with --nocapture: this needs CAP_SYS_ADMIN.
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), |builder| {
        for name in ["a", "b", "c"] {
            put(builder, EntryType::Regular, name, "", &[7; 200_000]);
        }
    });
    let into = small.0.path().join("root");
    let refused = unpack(&path, &into).unwrap_err();
    let ImageError::Unpack { source, .. } = &refused else {
        panic!("{refused}");
    };
    let said = format!("{refused} {source:?}");
    assert!(
        said.contains("StorageFull") || said.contains("No space"),
        "{said}"
    );
    assert!(!into.exists(), "nothing is left");
    fs::write(small.0.path().join("again"), [7; 200_000]).unwrap();
}

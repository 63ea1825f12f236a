//! How big an image is: unpacked, as a layer, and as a registry ships it.
//!
//! The layer is deterministic: entries sorted by path, time stamps 0, owner
//! root, modes reduced to "executable or not". So the same image has the same
//! digest on every machine, and a change of size is a change of content.

use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assay_model::{Bytes, Digest};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// gzip's own default, and what Docker and BuildKit use for layers.
const LEVEL: u32 = 6;

/// An image could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file system refused.
    #[error("cannot read {path} of the image", path = .path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A device, socket or pipe.
    #[error("{path} is neither file, directory nor symbolic link: images from here hold nothing else", path = .0.display())]
    Kind(PathBuf),
    /// The layer could not be written.
    #[error("cannot write the layer")]
    Write(#[source] io::Error),
}

/// The sizes of one image and what identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSize {
    /// Sum of the file sizes of the unpacked root file system, in bytes.
    pub unpacked: Bytes,
    /// The layer as an uncompressed tar archive, in bytes.
    pub tar: Bytes,
    /// `artifact.image`: the layer compressed with gzip, in bytes, as a
    /// registry ships it. The manifest and the image configuration, together
    /// about 1 KiB, are not counted.
    pub layer: Bytes,
    /// SHA-256 of the uncompressed archive: the OCI `diff_id`.
    pub diff_id: Digest,
    /// SHA-256 of the compressed layer: the digest in an OCI manifest.
    pub digest: Digest,
}

/// Measures the image under `rootfs`. Holds the archive in memory.
///
/// # Errors
/// [`ImageError`], naming the path.
pub fn measure(rootfs: &Path) -> Result<ImageSize, ImageError> {
    let tar = write_tar(rootfs, Vec::new())?;
    let layer = compress(&tar).map_err(ImageError::Write)?;
    let unpacked = entries(rootfs)?
        .iter()
        .map(|entry| match &entry.kind {
            Kind::File { size, .. } => Bytes(*size),
            Kind::Directory | Kind::Link(_) => Bytes(0),
        })
        .sum();
    Ok(ImageSize {
        unpacked,
        tar: bytes(&tar),
        layer: bytes(&layer),
        diff_id: Digest::of(&tar),
        digest: Digest::of(&layer),
    })
}

/// Writes the image under `rootfs` as the archive that [`measure`] measures;
/// `docker import` and `podman import` read it.
///
/// # Errors
/// [`ImageError`], naming the path.
pub fn write_tar<W: Write>(rootfs: &Path, sink: W) -> Result<W, ImageError> {
    let mut archive = Builder::new(sink);
    for entry in entries(rootfs)? {
        let mut header = Header::new_gnu();
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        let written = match &entry.kind {
            Kind::Directory => {
                header.set_entry_type(EntryType::Directory);
                header.set_mode(0o755);
                header.set_size(0);
                archive.append_data(&mut header, entry.name.join(""), io::empty())
            }
            Kind::Link(to) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_mode(0o777);
                header.set_size(0);
                archive.append_link(&mut header, &entry.name, to)
            }
            Kind::File { size, executable } => {
                header.set_entry_type(EntryType::Regular);
                header.set_mode(if *executable { 0o755 } else { 0o644 });
                header.set_size(*size);
                let path = rootfs.join(&entry.name);
                let file =
                    fs::File::open(&path).map_err(|source| ImageError::Read { path, source })?;
                archive.append_data(&mut header, &entry.name, file)
            }
        };
        written.map_err(ImageError::Write)?;
    }
    archive.into_inner().map_err(ImageError::Write)
}

fn compress(tar: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(tar)?;
    encoder.finish()
}

fn bytes(data: &[u8]) -> Bytes {
    Bytes(data.len() as u64)
}

/// One entry, by its path below the root.
struct Entry {
    name: PathBuf,
    kind: Kind,
}

enum Kind {
    Directory,
    File { size: u64, executable: bool },
    Link(PathBuf),
}

/// All entries below `rootfs`, sorted, parents before children.
fn entries(rootfs: &Path) -> Result<Vec<Entry>, ImageError> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(below) = pending.pop() {
        let dir = rootfs.join(&below);
        let failed = |source| ImageError::Read {
            path: dir.clone(),
            source,
        };
        for item in fs::read_dir(&dir).map_err(failed)? {
            let item = item.map_err(failed)?;
            let name = below.join(item.file_name());
            let meta = item.metadata().map_err(failed)?;
            let kind = if meta.is_dir() {
                pending.push(name.clone());
                Kind::Directory
            } else if meta.is_file() {
                Kind::File {
                    size: meta.len(),
                    executable: meta.permissions().mode() & 0o111 != 0,
                }
            } else if meta.is_symlink() {
                Kind::Link(fs::read_link(item.path()).map_err(failed)?)
            } else {
                return Err(ImageError::Kind(item.path()));
            };
            found.push(Entry { name, kind });
        }
    }
    // By bytes: the order of a locale differs between machines.
    found.sort_by(|a, b| {
        let [a, b] = [&a.name, &b.name].map(|name| name.as_os_str().as_bytes());
        a.cmp(b)
    });
    Ok(found)
}

#[cfg(test)]
mod tests {
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
        let tar = write_tar(dir.path(), Vec::new()).unwrap();
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
        assert!(matches!(measure(dir.path()), Err(ImageError::Kind(at)) if at == path));
    }
}

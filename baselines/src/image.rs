//! How big an image is: unpacked, as a layer, and as a registry ships it.
//!
//! The layer is deterministic: entries sorted by path, time stamps 0, owner
//! root, modes reduced to "executable or not". So the same image has the same
//! digest on every machine, and a change of size is a change of content.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
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
    FileType(PathBuf),
    /// A file of a layout could not be written.
    #[error("cannot write {path} of the image's layout", path = .path.display())]
    Layout {
        /// Where.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The layer could not be written.
    #[error("cannot write the layer")]
    Write(#[source] io::Error),
    /// An archive that ends before its end.
    #[error("{path} is truncated: remove it and have it made again", path = .0.display())]
    Truncated(PathBuf),
    /// An archive with an entry that would lie outside of where it is unpacked.
    #[error("{archive} holds {entry}, which lies outside of it: nothing was kept of it", archive = .archive.display(), entry = .entry.display())]
    Outside {
        /// The archive.
        archive: PathBuf,
        /// The path in it.
        entry: PathBuf,
    },
    /// An archive could not be unpacked.
    #[error("cannot unpack {archive} into {into}: {source}; nothing was kept of it", archive = .archive.display(), into = .into.display())]
    Unpack {
        /// The archive.
        archive: PathBuf,
        /// Where to.
        into: PathBuf,
        /// What the kernel or the archive said.
        source: io::Error,
    },
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
    Ok(pack(rootfs)?.0)
}

/// The same, with the compressed layer itself.
///
/// # Errors
/// [`ImageError`], naming the path.
pub(crate) fn pack(rootfs: &Path) -> Result<(ImageSize, Vec<u8>), ImageError> {
    let tar = write_tar(&[rootfs], Vec::new())?;
    let layer = compress(&tar).map_err(ImageError::Write)?;
    let unpacked = entries(rootfs)?
        .iter()
        .map(|entry| match &entry.kind {
            EntryKind::File { size, .. } => Bytes(*size),
            EntryKind::Directory | EntryKind::Link(_) | EntryKind::SameAs(_) => Bytes(0),
        })
        .sum();
    let size = ImageSize {
        unpacked,
        tar: bytes(&tar),
        layer: bytes(&layer),
        diff_id: Digest::of(&tar),
        digest: Digest::of(&layer),
    };
    Ok((size, layer))
}

/// Writes the image whose layers are the folders `layers`, lowest first, as one
/// archive, in which a path of a higher layer stands in for that of a lower;
/// `docker import` and `podman import` read it.
///
/// # Errors
/// [`ImageError`], naming the path.
pub fn write_tar<W: Write>(layers: &[&Path], sink: W) -> Result<W, ImageError> {
    let mut merged = BTreeMap::new();
    for layer in layers {
        for entry in entries(layer)? {
            // By bytes: the order of a locale differs between machines.
            let key = entry.name.as_os_str().as_bytes().to_vec();
            merged.insert(key, (*layer, entry));
        }
    }
    let mut archive = Builder::new(sink);
    for (layer, entry) in merged.into_values() {
        append(&mut archive, layer, &entry)?;
    }
    archive.into_inner().map_err(ImageError::Write)
}

fn append<W: Write>(
    archive: &mut Builder<W>,
    layer: &Path,
    entry: &Entry,
) -> Result<(), ImageError> {
    let mut header = Header::new_gnu();
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    let written = match &entry.kind {
        EntryKind::Directory => {
            header.set_entry_type(EntryType::Directory);
            header.set_mode(0o755);
            archive.append_data(&mut header, entry.name.join(""), io::empty())
        }
        EntryKind::Link(to) => {
            header.set_entry_type(EntryType::Symlink);
            header.set_mode(0o777);
            archive.append_link(&mut header, &entry.name, to)
        }
        EntryKind::SameAs(first) => {
            header.set_entry_type(EntryType::Link);
            header.set_mode(0o755);
            archive.append_link(&mut header, &entry.name, first)
        }
        EntryKind::File { size, executable } => {
            header.set_entry_type(EntryType::Regular);
            header.set_mode(if *executable { 0o755 } else { 0o644 });
            header.set_size(*size);
            let path = layer.join(&entry.name);
            let file = fs::File::open(&path).map_err(|source| ImageError::Read { path, source })?;
            archive.append_data(&mut header, &entry.name, file)
        }
    };
    written.map_err(ImageError::Write)
}

/// An archive ends with two blocks of zeros (POSIX.1-2017, pax, "ustar
/// Interchange Format").
const END: usize = 1024;

/// Unpacks an archive into `dir`, which is created. Owners are the caller's.
/// Of an archive that cannot be unpacked whole, nothing is left.
///
/// # Errors
/// [`ImageError::Truncated`], [`ImageError::Outside`], and
/// [`ImageError::Unpack`], for a disk that is full too.
pub fn unpack(archive: &Path, dir: &Path) -> Result<(), ImageError> {
    let unpacked = unpack_into(archive, dir);
    if unpacked.is_err() {
        let _ = fs::remove_dir_all(dir);
    }
    unpacked
}

fn unpack_into(archive: &Path, dir: &Path) -> Result<(), ImageError> {
    let failed = |source| ImageError::Unpack {
        archive: archive.to_owned(),
        into: dir.to_owned(),
        source,
    };
    let bytes = fs::read(archive).map_err(|source| ImageError::Read {
        path: archive.to_owned(),
        source,
    })?;
    // A reader takes the end of the file for the end of the archive.
    if !bytes.ends_with(&[0; END]) {
        return Err(ImageError::Truncated(archive.to_owned()));
    }
    fs::create_dir_all(dir).map_err(failed)?;
    let mut reader = tar::Archive::new(bytes.as_slice());
    for entry in reader.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let name = entry.path().map_err(failed)?.into_owned();
        let is_outside = || {
            use std::path::Component::{CurDir, Normal};
            let mut parts = name.components();
            parts.any(|part| !matches!(part, Normal(_) | CurDir))
        };
        // It is checked against what was unpacked so far too: a link in between
        // may lead outside.
        if is_outside() || !entry.unpack_in(dir).map_err(failed)? {
            return Err(ImageError::Outside {
                archive: archive.to_owned(),
                entry: name,
            });
        }
    }
    Ok(())
}

pub(crate) fn compress(tar: &[u8]) -> io::Result<Vec<u8>> {
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
    kind: EntryKind,
    /// Device and inode of a file that has several names.
    shared: Option<(u64, u64)>,
}

enum EntryKind {
    Directory,
    File {
        size: u64,
        executable: bool,
    },
    Link(PathBuf),
    /// A further name of the file that comes first.
    SameAs(PathBuf),
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
                EntryKind::Directory
            } else if meta.is_file() {
                EntryKind::File {
                    size: meta.len(),
                    executable: meta.permissions().mode() & 0o111 != 0,
                }
            } else if meta.is_symlink() {
                EntryKind::Link(fs::read_link(item.path()).map_err(failed)?)
            } else {
                return Err(ImageError::FileType(item.path()));
            };
            let several = meta.is_file() && meta.nlink() > 1;
            found.push(Entry {
                name,
                kind,
                shared: several.then(|| (meta.dev(), meta.ino())),
            });
        }
    }
    // By bytes: the order of a locale differs between machines.
    found.sort_by(|a, b| {
        let [a, b] = [&a.name, &b.name].map(|name| name.as_os_str().as_bytes());
        a.cmp(b)
    });
    let mut first = HashMap::new();
    for entry in &mut found {
        let Some(file) = entry.shared.take() else {
            continue;
        };
        match first.get(&file) {
            None => drop(first.insert(file, entry.name.clone())),
            Some(name) => entry.kind = EntryKind::SameAs(PathBuf::clone(name)),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;

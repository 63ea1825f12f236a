//! The root file systems of `scripts/build-images`, unpacked, and packed again as
//! the layer below a program's own.

use crate::bundle::MOUNT_POINTS;
use crate::image::{self, ImageError, ImageSize};
use assay_model::{Bytes, Digest};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names the folder of `scripts/build-images`.
const FOLDER_VARIABLE: &str = "ASSAY_IMAGES";

/// Where `scripts/build-images` leaves its archives.
pub(crate) fn archive(name: &str) -> PathBuf {
    let folder = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
    let own = || crate::services::target().join("images");
    folder.unwrap_or_else(own).join(format!("{name}.tar"))
}

/// A root file system that programs are put on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    /// The unpacked root file system. Nobody writes to it.
    pub(crate) root: PathBuf,
    /// Its layer, as a registry ships it.
    pub(crate) layer: PathBuf,
    /// Its sizes, and what identifies the layer.
    pub(crate) size: ImageSize,
    /// SHA-256 of the archive it was unpacked from.
    pub(crate) archive: Digest,
}

/// What is written beside the unpacked files, so that they are packed once.
#[derive(Serialize, Deserialize)]
struct Facts {
    unpacked: Bytes,
    tar: Bytes,
    layer: Bytes,
    diff_id: Digest,
    digest: Digest,
    archive: Digest,
}

impl Base {
    /// The base of an archive, made at `place` unless it is there. Two that make
    /// it at once do not meet.
    ///
    /// # Errors
    /// [`ImageError`], naming archive or path. Nothing is left of a failed try.
    pub(crate) fn at(place: &Path, archive: &Path) -> Result<Base, ImageError> {
        if !place.exists() {
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            let thread = std::thread::current().id();
            let half = place.with_file_name(format!(".{name}-{thread:?}"));
            let made = build_in(&half, archive)
                .and_then(|()| fs::rename(&half, place).or_else(somebody_was_first(place)));
            if made.is_err() || half.exists() {
                let _ = fs::remove_dir_all(&half);
            }
            made?;
        }
        let path = place.join(FACTS);
        let text = fs::read(&path).map_err(at(&path))?;
        let facts: Facts = serde_json::from_slice(&text)
            .map_err(io::Error::other)
            .map_err(at(&path))?;
        Ok(Base {
            root: place.join(ROOT),
            layer: place.join(LAYER),
            size: ImageSize {
                unpacked: facts.unpacked,
                tar: facts.tar,
                layer: facts.layer,
                diff_id: facts.diff_id,
                digest: facts.digest,
            },
            archive: facts.archive,
        })
    }
}

const FACTS: &str = "base.json";
const ROOT: &str = "root";
const LAYER: &str = "layer.tar.gz";

fn at(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    move |source| ImageError::Layout { path, source }
}

fn somebody_was_first(place: &Path) -> impl FnOnce(io::Error) -> Result<(), ImageError> {
    let place = place.to_owned();
    move |error| match place.join(FACTS).exists() {
        true => Ok(()),
        false => Err(at(&place)(error)),
    }
}

fn build_in(half: &Path, archive: &Path) -> Result<(), ImageError> {
    let root = half.join(ROOT);
    image::unpack(archive, &root)?;
    for name in MOUNT_POINTS {
        let path = root.join(name);
        fs::create_dir_all(&path).map_err(at(&path))?;
    }
    let (size, layer) = image::pack(&root)?;
    let path = half.join(LAYER);
    fs::write(&path, layer).map_err(at(&path))?;
    let bytes = fs::read(archive).map_err(at(archive))?;
    let facts = Facts {
        unpacked: size.unpacked,
        tar: size.tar,
        layer: size.layer,
        diff_id: size.diff_id,
        digest: size.digest,
        archive: Digest::of(&bytes),
    };
    let path = half.join(FACTS);
    let text = serde_json::to_vec(&facts).map_err(io::Error::other);
    fs::write(&path, text.map_err(at(&path))?).map_err(at(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive_of(dir: &Path) -> PathBuf {
        let root = dir.join("given");
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        fs::write(root.join("usr/bin/tool"), "tool").unwrap();
        fs::hard_link(root.join("usr/bin/tool"), root.join("usr/bin/other")).unwrap();
        let archive = dir.join("base.tar");
        let tar = image::write_tar(&[&root], Vec::new()).unwrap();
        fs::write(&archive, tar).unwrap();
        archive
    }

    #[test]
    fn a_base_is_made_once_and_has_places_to_mount_on() {
        let dir = tempfile::tempdir().unwrap();
        let archive = archive_of(dir.path());
        let place = dir.path().join("base");
        let made = Base::at(&place, &archive).unwrap();
        fs::remove_file(&archive).unwrap();
        assert_eq!(Base::at(&place, &archive).unwrap(), made);
        assert_eq!(made.size.unpacked, Bytes(4), "two names, one file");
        for name in MOUNT_POINTS {
            assert!(made.root.join(name).is_dir(), "{name}");
        }
        let layer = fs::read(&made.layer).unwrap();
        assert_eq!(made.size.digest, Digest::of(&layer));
    }

    #[test]
    fn nothing_is_left_of_a_base_whose_archive_is_broken() {
        let dir = tempfile::tempdir().unwrap();
        let archive = archive_of(dir.path());
        let whole = fs::read(&archive).unwrap();
        fs::write(&archive, &whole[..whole.len() - 600]).unwrap();
        let place = dir.path().join("base");
        let refused = Base::at(&place, &archive);
        assert!(matches!(refused, Err(ImageError::Truncated(at)) if at == archive));
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().collect();
        let mut left: Vec<_> = left.iter().map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["base.tar", "given"]);
    }
}

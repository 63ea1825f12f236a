//! An image as an
//! [OCI layout](https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md):
//! what a registry would hold, as files, with the same digests on every machine.

use crate::base::Base;
use crate::image::{ImageError, compress, write_tar};
use assay_model::{Bytes, Digest};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A layout on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its folder.
    pub dir: PathBuf,
    /// What identifies the image: the digest of its manifest.
    pub digest: Digest,
    /// Everything that is shipped, in bytes: manifest, configuration, layers.
    pub shipped: Bytes,
}

/// A layer of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer<'a> {
    /// What is in a folder.
    Folder(&'a Path),
    /// A layer that is packed already.
    Packed {
        /// The compressed archive.
        file: &'a Path,
        /// SHA-256 of the archive before it was compressed.
        diff_id: &'a Digest,
    },
}

impl<'a> From<&'a Base> for Layer<'a> {
    fn from(base: &'a Base) -> Layer<'a> {
        Layer::Packed {
            file: &base.layer,
            diff_id: &base.size.diff_id,
        }
    }
}

impl Layer<'_> {
    /// The compressed archive, and the digest of the uncompressed one.
    fn packed(self) -> Result<(Vec<u8>, Digest), ImageError> {
        match self {
            Layer::Folder(folder) => {
                let tar = write_tar(&[folder], Vec::new())?;
                let diff_id = Digest::of(&tar);
                Ok((compress(&tar).map_err(ImageError::Write)?, diff_id))
            }
            Layer::Packed { file, diff_id } => {
                let bytes = fs::read(file).map_err(|source| ImageError::Read {
                    path: file.to_owned(),
                    source,
                })?;
                Ok((bytes, diff_id.clone()))
            }
        }
    }
}

/// The machine's architecture as Go writes it, which is what images say.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// A blob, put where its digest says.
struct Blob {
    digest: Digest,
    size: usize,
}

impl Blob {
    fn put(dir: &Path, bytes: &[u8]) -> Result<Blob, ImageError> {
        let digest = Digest::of(bytes);
        write(&dir.join("blobs/sha256").join(digest.to_string()), bytes)?;
        Ok(Blob {
            digest,
            size: bytes.len(),
        })
    }

    fn descriptor(&self, media_type: &str) -> Value {
        json!({
            "mediaType": media_type,
            "digest": format!("sha256:{}", self.digest),
            "size": self.size,
        })
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ImageError> {
    fs::write(path, bytes).map_err(|source| ImageError::Layout {
        path: path.to_owned(),
        source,
    })
}

impl Layout {
    /// Writes the image of `layers`, lowest first, into `dir`, which is created.
    ///
    /// # Errors
    /// [`ImageError`], naming the path.
    pub fn write(
        dir: &Path,
        layers: &[Layer<'_>],
        entrypoint: &[String],
    ) -> Result<Layout, ImageError> {
        let blobs = dir.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(|source| ImageError::Layout {
            path: blobs,
            source,
        })?;
        let mut diff_ids = Vec::new();
        let mut written = Vec::new();
        for layer in layers {
            let (packed, diff_id) = layer.packed()?;
            diff_ids.push(format!("sha256:{diff_id}"));
            written.push(Blob::put(dir, &packed)?);
        }
        // No time stamp, no history: they would make each build another image.
        // Keys are written in their order.
        let config = json!({
            "architecture": architecture(),
            "os": "linux",
            "config": { "Entrypoint": entrypoint },
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        let config = Blob::put(dir, config.to_string().as_bytes())?;
        let packed: Vec<Value> = written.iter().map(|blob| blob.descriptor(LAYER)).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(CONFIG),
            "layers": packed,
        });
        let manifest = Blob::put(dir, manifest.to_string().as_bytes())?;
        let index = json!({
            "schemaVersion": 2,
            "manifests": [manifest.descriptor(MANIFEST)],
        });
        write(&dir.join("index.json"), index.to_string().as_bytes())?;
        write(
            &dir.join("oci-layout"),
            br#"{"imageLayoutVersion":"1.0.0"}"#,
        )?;
        let shipped = written.iter().chain([&config, &manifest]);
        Ok(Layout {
            dir: dir.to_owned(),
            shipped: shipped.map(|blob| Bytes(blob.size as u64)).sum(),
            digest: manifest.digest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(content: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("app"), content).unwrap();
        fs::create_dir(dir.path().join("dev")).unwrap();
        dir
    }

    fn layout(layers: &[&Path]) -> (tempfile::TempDir, Layout) {
        let dir = tempfile::tempdir().unwrap();
        let layers: Vec<_> = layers.iter().map(|&layer| Layer::Folder(layer)).collect();
        let layout = Layout::write(dir.path(), &layers, &["/app".to_owned()]).unwrap();
        (dir, layout)
    }

    #[test]
    fn the_same_content_is_the_same_image() {
        let (one, two, other) = (image("a"), image("a"), image("b"));
        let digest = |dir: &tempfile::TempDir| layout(&[dir.path()]).1.digest;
        assert_eq!(digest(&one), digest(&two));
        assert_ne!(digest(&one), digest(&other));
    }

    #[test]
    fn every_blob_is_where_its_digest_says_and_is_named_once() {
        let (base, top) = (image("a"), image("b"));
        let (dir, layout) = layout(&[base.path(), top.path()]);
        let blobs = dir.path().join("blobs/sha256");
        let mut total = 0;
        for blob in fs::read_dir(&blobs).unwrap().flatten() {
            let bytes = fs::read(blob.path()).unwrap();
            total += bytes.len() as u64;
            let name = blob.file_name().into_string().unwrap();
            assert_eq!(name, Digest::of(&bytes).to_string());
        }
        assert_eq!(layout.shipped, Bytes(total));
        let read =
            |path: PathBuf| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
        let at = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().unwrap();
            blobs.join(digest.strip_prefix("sha256:").unwrap())
        };
        let index = read(dir.path().join("index.json"));
        let manifest = read(at(&index["manifests"][0]));
        let config = read(at(&manifest["config"]));
        assert_eq!(manifest["layers"].as_array().unwrap().len(), 2);
        assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), 2);
        for layer in manifest["layers"].as_array().unwrap() {
            let size = fs::metadata(at(layer)).unwrap().len();
            assert_eq!(layer["size"], size);
        }
    }
}

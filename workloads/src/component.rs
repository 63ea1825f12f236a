//! The pinned components: `components.lock` and the compressed files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use assay_model::{Bytes, Digest};

use serde::Deserialize;
use serde::de::Error as _;

use crate::document::Document;
use crate::error::{CatalogError, DefinitionError};

/// What the lock says of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its name, for example `cli-hello`.
    pub name: String,
    /// The SHA-256 of the component itself, not of its compressed file.
    pub sha256: Digest,
    /// The size of the component itself.
    pub bytes: Bytes,
    /// What built it.
    pub toolchain: String,
    /// How it was built.
    pub source: String,
    /// Its compressed file.
    pub file: PathBuf,
    /// Whether the file belongs to the repository. Otherwise it is built where
    /// it is wanted, to the same bytes.
    pub stored: bool,
}

/// A component whose bytes are those of its pin.
#[derive(Debug, Clone)]
pub struct Component {
    /// The pin it was checked against.
    pub pin: Pin,
    /// The component.
    pub wasm: Vec<u8>,
    /// The size of its compressed file.
    pub compressed: Bytes,
}

/// Why a component was refused.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// Its file could not be read.
    #[error("cannot read the component '{name}' from {}: {source}; build it with scripts/build-guests", file.display())]
    Read {
        /// The component.
        name: String,
        /// Its file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not kept in the repository, and was not built here.
    #[error(
        "the component '{name}' is too large for the repository; build it with scripts/build-languages {name}"
    )]
    NotBuilt {
        /// The component.
        name: String,
    },
    /// Its file is not a zstd file, or is cut off.
    #[error("{} is damaged and cannot be unpacked: {reason}; build it again with scripts/build-guests", file.display())]
    Damaged {
        /// Its file.
        file: PathBuf,
        /// What the decoder says.
        reason: String,
    },
    /// It is not the component that was pinned.
    #[error(
        "the component '{name}' in {} is not the pinned one, so it is not run: the pin is SHA-256 \
         {expected} ({expected_bytes} bytes), the file has {actual} ({actual_bytes} bytes); \
         restore the file or, if the change is intended, run scripts/build-guests",
        file.display()
    )]
    Mismatch {
        /// The component.
        name: String,
        /// Its file.
        file: PathBuf,
        /// The hash in the lock.
        expected: Digest,
        /// The size in the lock.
        expected_bytes: u64,
        /// The hash of what is there.
        actual: Digest,
        /// The size of what is there. Unpacking stops one byte above the
        /// size in the lock, and so then does this number and the hash.
        actual_bytes: u64,
    },
}

impl Pin {
    /// The pin of a component that is not stored in a catalog.
    pub(crate) fn of_bytes(name: &str, wasm: &[u8], source: &str, file: PathBuf) -> Self {
        Self {
            name: name.to_owned(),
            sha256: Digest::of(wasm),
            bytes: Bytes(wasm.len() as u64),
            toolchain: "not known".to_owned(),
            source: source.to_owned(),
            file,
            stored: false,
        }
    }

    /// Its component, which is in memory. There is no compressed file, so the
    /// size of one is that of the component itself.
    pub(crate) fn with_bytes(&self, wasm: &[u8]) -> Component {
        Component {
            pin: self.clone(),
            wasm: wasm.to_vec(),
            compressed: self.bytes,
        }
    }

    /// Unpacks the component and compares it with the pin.
    ///
    /// # Errors
    /// When the file is missing or damaged, or holds another component.
    pub fn load(&self) -> Result<Component, ComponentError> {
        let packed = fs::read(&self.file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound if !self.stored => ComponentError::NotBuilt {
                name: self.name.clone(),
            },
            _ => ComponentError::Read {
                name: self.name.clone(),
                file: self.file.clone(),
                source,
            },
        })?;
        let damaged = |reason: String| ComponentError::Damaged {
            file: self.file.clone(),
            reason,
        };
        let decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice())
            .map_err(|error| damaged(error.to_string()))?;
        let mut wasm = Vec::new();
        // One byte more than the pin says is enough to know that it is wrong,
        // and a crafted file cannot fill the memory.
        decoder
            .take(self.bytes.0.saturating_add(1))
            .read_to_end(&mut wasm)
            .map_err(|error| damaged(error.to_string()))?;
        let actual = Digest::of(&wasm);
        if actual != self.sha256 || wasm.len() as u64 != self.bytes.0 {
            return Err(ComponentError::Mismatch {
                name: self.name.clone(),
                file: self.file.clone(),
                expected: self.sha256.clone(),
                expected_bytes: self.bytes.0,
                actual,
                actual_bytes: wasm.len() as u64,
            });
        }
        Ok(Component {
            pin: self.clone(),
            wasm,
            compressed: Bytes(packed.len() as u64),
        })
    }
}

/// Reads `components.lock` of the catalog in `directory`.
pub(crate) fn read_lock(directory: &Path) -> Result<BTreeMap<String, Pin>, CatalogError> {
    let path = directory.join("components.lock");
    let text = fs::read_to_string(&path).map_err(|source| CatalogError::Read {
        path: path.clone(),
        source,
    })?;
    let document = Document::new(path, text, "the lock");
    Ok(parse_lock(&document, &directory.join("components"))?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    #[serde(rename = "schema")]
    _schema: u64,
    #[serde(default)]
    component: BTreeMap<String, RawPin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPin {
    #[serde(deserialize_with = "sha256")]
    sha256: Digest,
    bytes: u64,
    toolchain: String,
    source: String,
    stored: Option<bool>,
}

fn sha256<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(deserializer)?;
    Digest::from_hex(&text).ok_or_else(|| D::Error::custom("a SHA-256 has 64 hexadecimal digits"))
}

fn parse_lock(document: &Document, store: &Path) -> Result<BTreeMap<String, Pin>, DefinitionError> {
    let lock: Lock = document.read()?;
    let pin = |(name, raw): (String, RawPin)| {
        let stored = raw.stored.unwrap_or(true);
        let place = if stored { store } else { &store.join("built") };
        let pin = Pin {
            name: name.clone(),
            sha256: raw.sha256,
            bytes: Bytes(raw.bytes),
            toolchain: raw.toolchain,
            source: raw.source,
            file: place.join(format!("{name}.wasm.zst")),
            stored,
        };
        (name, pin)
    };
    Ok(lock.component.into_iter().map(pin).collect())
}

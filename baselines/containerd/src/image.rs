//! Taking in an image: its blobs into the content store, its layers into
//! snapshots, as `ctr images import` does.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tonic::Code;

use crate::api::{Api, gone, refused};
use crate::error::{Error, file, json};
use crate::messages::{
    ApplyRequest, ApplyResponse, CommitSnapshotRequest, CreateImageRequest, DeleteSync, Descriptor,
    Empty, Image, Named, PrepareSnapshotRequest, PrepareSnapshotResponse,
};

/// A descriptor as layouts and manifests write it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    media_type: String,
    digest: String,
    size: i64,
}

impl Reference {
    fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type.clone(),
            digest: self.digest.clone(),
            size: self.size,
        }
    }
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Reference>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Reference,
    layers: Vec<Reference>,
}

#[derive(Deserialize)]
struct Config {
    rootfs: Unpacked,
}

#[derive(Deserialize)]
struct Unpacked {
    diff_ids: Vec<String>,
}

/// An OCI layout on disk.
struct Layout<'a>(&'a Path);

impl Layout<'_> {
    fn blob(&self, of: &Reference) -> PathBuf {
        let name = of.digest.replacen(':', "/", 1);
        self.0.join("blobs").join(name)
    }

    fn read(&self, of: &Reference) -> Result<Vec<u8>, Error> {
        let path = self.blob(of);
        fs::read(&path).map_err(file(&path))
    }

    fn parse<T: DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, Error> {
        let text = fs::read(path).map_err(file(path))?;
        serde_json::from_slice(&text).map_err(json(path, what))
    }
}

/// The name of the snapshot that holds these layers, one above the other
/// ([image specification](https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md#layer-chainid)).
fn chain(below: &str, diff_id: &str) -> String {
    if below.is_empty() {
        return diff_id.to_owned();
    }
    let hash = Sha256::digest(format!("{below} {diff_id}"));
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Takes in the image of a layout; the answer is the snapshot to start from.
///
/// # Errors
/// When the layout is incomplete or the daemon refuses.
pub async fn import(api: &Api, image: &str, dir: &Path) -> Result<String, Error> {
    let leased = api.leased(image).await?;
    let imported = take_in(&leased, image, dir).await;
    // From here on the image holds its parts, or nothing does.
    end_lease(api, image).await?;
    imported
}

async fn take_in(api: &Api, image: &str, dir: &Path) -> Result<String, Error> {
    let layout = Layout(dir);
    let missing = |what| Error::Incomplete {
        path: dir.to_owned(),
        what,
    };
    let index: Index = Layout::parse(&dir.join("index.json"), "the index of an OCI layout")?;
    let target = index.manifests.first().ok_or_else(|| missing("manifest"))?;
    let manifest: Manifest = Layout::parse(&layout.blob(target), "a manifest")?;
    let config: Config = Layout::parse(&layout.blob(&manifest.config), "a configuration")?;

    let mut snapshot = String::new();
    for (number, layer) in manifest.layers.iter().enumerate() {
        let diff_id = config.rootfs.diff_ids.get(number);
        let diff_id = diff_id.ok_or_else(|| missing("diff_id for each layer"))?;
        api.write(&layer.digest, &layout.read(layer)?, []).await?;
        snapshot = unpack(api, image, layer, diff_id, &snapshot).await?;
    }
    if snapshot.is_empty() {
        return Err(missing("layer"));
    }
    // Whatever nothing holds is collected: the image holds its manifest, that
    // its configuration and layers, and that the unpacked snapshot.
    let holds = |what: &str, by: &str| (format!("containerd.io/gc.ref.{what}"), by.to_owned());
    let held = [holds(&format!("snapshot.{}", api.snapshotter), &snapshot)];
    let of = &manifest.config;
    api.write(&of.digest, &layout.read(of)?, held).await?;
    let mut held = vec![holds("content.config", &of.digest)];
    for (number, layer) in manifest.layers.iter().enumerate() {
        held.push(holds(&format!("content.l.{number}"), &layer.digest));
    }
    api.write(&target.digest, &layout.read(target)?, held)
        .await?;
    let request = CreateImageRequest {
        image: Some(Image {
            name: image.to_owned(),
            target: Some(target.descriptor()),
        }),
    };
    api.call::<_, Empty>("/containerd.services.images.v1.Images/Create", request)
        .await
        .map_err(refused("make image", image))?;
    Ok(snapshot)
}

/// One layer above the snapshot `below`.
async fn unpack(
    api: &Api,
    image: &str,
    layer: &Reference,
    diff_id: &str,
    below: &str,
) -> Result<String, Error> {
    let key = format!("unpack-{image}-{}", layer.digest);
    let request = PrepareSnapshotRequest {
        snapshotter: api.snapshotter.clone(),
        key: key.clone(),
        parent: below.to_owned(),
    };
    let prepared: PrepareSnapshotResponse = api
        .call(
            "/containerd.services.snapshots.v1.Snapshots/Prepare",
            request,
        )
        .await
        .map_err(refused("make a snapshot for layer", &layer.digest))?;
    let request = ApplyRequest {
        diff: Some(layer.descriptor()),
        mounts: prepared.mounts,
    };
    let applied: ApplyResponse = api
        .call("/containerd.services.diff.v1.Diff/Apply", request)
        .await
        .map_err(refused("unpack layer", &layer.digest))?;
    let found = applied.applied.unwrap_or_default().digest;
    if found != diff_id {
        return Err(Error::Layer {
            image: image.to_owned(),
            layer: layer.digest.clone(),
            wanted: diff_id.to_owned(),
            found,
        });
    }
    let name = chain(below, diff_id);
    let request = CommitSnapshotRequest {
        snapshotter: api.snapshotter.clone(),
        name: name.clone(),
        key,
    };
    let committed = api.call::<_, Empty>(
        "/containerd.services.snapshots.v1.Snapshots/Commit",
        request,
    );
    match committed.await {
        // Another image of this namespace has the same layers; what was
        // prepared here goes with the lease.
        Err(status) if status.code() == Code::AlreadyExists => {}
        other => {
            other.map_err(refused("keep the snapshot of layer", &layer.digest))?;
        }
    }
    Ok(name)
}

/// Ends a lease, with what only it held.
///
/// # Errors
/// When the daemon refuses.
pub async fn end_lease(api: &Api, id: &str) -> Result<(), Error> {
    let request = DeleteSync {
        name: id.to_owned(),
        sync: false,
    };
    gone(
        api.call("/containerd.services.leases.v1.Leases/Delete", request)
            .await,
    )
    .map_err(refused("end lease", id))
}

/// Removes the image, what it held, and the namespace, which is the image's own.
///
/// # Errors
/// When the daemon refuses; containers of the image keep the namespace.
pub async fn forget(api: &Api, image: &str, namespace: &str) -> Result<(), Error> {
    let named = |sync| DeleteSync {
        name: image.to_owned(),
        sync,
    };
    gone(
        api.call("/containerd.services.images.v1.Images/Delete", named(false))
            .await,
    )
    .map_err(refused("remove image", image))?;
    // The end of a lease collects, before it is answered, whatever nothing holds
    // any more, also when the image had gone before. If there is one already, an
    // import that failed has left it.
    let _ = api.leased(image).await;
    gone(
        api.call("/containerd.services.leases.v1.Leases/Delete", named(true))
            .await,
    )
    .map_err(refused("collect what is left of image", image))?;
    let request = Named {
        name: namespace.to_owned(),
    };
    gone(
        api.call(
            "/containerd.services.namespaces.v1.Namespaces/Delete",
            request,
        )
        .await,
    )
    .map_err(refused("remove namespace", namespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_one_is_its_layer_and_of_two_is_their_hash() {
        assert_eq!(chain("", "sha256:a"), "sha256:a");
        // printf 'sha256:a sha256:b' | sha256sum
        let two = chain("sha256:a", "sha256:b");
        assert_eq!(two, CHAIN_OF_A_AND_B);
    }

    const CHAIN_OF_A_AND_B: &str =
        "sha256:970a948bffa8de94d6e22d747ba8c95030e6e546909f98f54e99a13005e173a8";
}

//! One container, its task, and their end.

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use tonic::{Code, Status};

use crate::api::{Api, gone, refused};
use crate::error::{Error, file, json};
use crate::image::end_lease;
use crate::messages::{
    Any, CloseIoRequest, Container, CreateContainerRequest, CreateTaskRequest, Empty,
    GetTaskResponse, KillRequest, Named, PrepareSnapshotRequest, PrepareSnapshotResponse,
    RemoveSnapshotRequest, Runtime, WaitResponse,
};
use crate::streams::{self, Fifos};

/// What a run is described by.
#[derive(Debug, Deserialize)]
pub struct Description {
    image: String,
    snapshot: String,
    runtime: String,
    spec: Box<RawValue>,
    fifos: PathBuf,
}

/// The type that containerd knows an OCI configuration by.
const SPEC_TYPE: &str = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

const SIGKILL: u32 = 9;

const START: &str = "/containerd.services.tasks.v1.Tasks/Start";
const WAIT: &str = "/containerd.services.tasks.v1.Tasks/Wait";
const DELETE: &str = "/containerd.services.tasks.v1.Tasks/Delete";

fn named(id: &str) -> Named {
    Named {
        name: id.to_owned(),
    }
}

/// Runs a container to its end, and leaves it to be removed.
///
/// # Errors
/// When it could not be started, or the daemon goes away.
pub async fn run(api: &Api, id: &str, path: &Path) -> Result<u8, Error> {
    let text = fs::read(path).map_err(file(path))?;
    let described: Description =
        serde_json::from_slice(&text).map_err(json(path, "the description of a container"))?;
    let rootfs = create(api, id, &described).await?;

    let fifos = Fifos::create(&described.fifos, id)?;
    let (fed, readers) = streams::copy(&fifos)?;
    let [stdin, stdout, stderr] = fifos.names();
    let request = CreateTaskRequest {
        container_id: id.to_owned(),
        rootfs: rootfs.mounts,
        stdin,
        stdout,
        stderr,
    };
    api.call::<_, Empty>("/containerd.services.tasks.v1.Tasks/Create", request)
        .await
        .map_err(refused("make a task of container", id))?;
    api.call::<_, Empty>(START, named(id))
        .await
        .map_err(refused("start container", id))?;

    let (closer, closed) = (api.clone(), id.to_owned());
    tokio::spawn(async move {
        // The shim holds the pipe open too, for whoever comes next.
        if fed.await.is_ok() {
            let request = CloseIoRequest {
                container_id: closed,
                stdin: true,
            };
            // It may have ended meanwhile.
            let _ = closer
                .call::<_, Empty>("/containerd.services.tasks.v1.Tasks/CloseIO", request)
                .await;
        }
    });
    let ended: WaitResponse = api
        .call(WAIT, named(id))
        .await
        .map_err(refused("wait for container", id))?;
    streams::finish(readers)?;
    u8::try_from(ended.exit_status).map_err(|_| Error::Status {
        id: id.to_owned(),
        status: ended.exit_status,
    })
}

/// The container with a writable snapshot of its own above that of the image,
/// as engines make it also where the root is read-only. A lease holds the
/// snapshot until the container does.
async fn create(
    api: &Api,
    id: &str,
    described: &Description,
) -> Result<PrepareSnapshotResponse, Error> {
    let leased = api.leased(id).await?;
    let request = PrepareSnapshotRequest {
        snapshotter: api.snapshotter.clone(),
        key: id.to_owned(),
        parent: described.snapshot.clone(),
    };
    let rootfs = leased
        .call(
            "/containerd.services.snapshots.v1.Snapshots/Prepare",
            request,
        )
        .await
        .map_err(refused("make a snapshot for container", id))?;
    let request = CreateContainerRequest {
        container: Some(Container {
            id: id.to_owned(),
            image: described.image.clone(),
            runtime: Some(Runtime {
                name: described.runtime.clone(),
            }),
            spec: Some(Any {
                type_url: SPEC_TYPE.to_owned(),
                value: described.spec.get().as_bytes().to_vec(),
            }),
            snapshotter: api.snapshotter.clone(),
            snapshot_key: id.to_owned(),
        }),
    };
    leased
        .call::<_, Empty>(
            "/containerd.services.containers.v1.Containers/Create",
            request,
        )
        .await
        .map_err(refused("make container", id))?;
    end_lease(api, id).await?;
    Ok(rootfs)
}

/// Ends all processes of a container.
///
/// # Errors
/// When it has none, or the daemon refuses.
pub async fn kill(api: &Api, id: &str) -> Result<(), Error> {
    let killed = end(api, id).await;
    killed.map_err(refused("end the processes of container", id))
}

async fn end(api: &Api, id: &str) -> Result<(), Status> {
    let request = KillRequest {
        container_id: id.to_owned(),
        signal: SIGKILL,
        all: true,
    };
    api.call::<_, Empty>("/containerd.services.tasks.v1.Tasks/Kill", request)
        .await
        .map(drop)
}

/// How long containerd may take to see that a shim has died, and to clean up
/// after it; until then it cannot say what became of the task.
const DEAD_SHIM: Duration = Duration::from_secs(10);
const PERIOD: Duration = Duration::from_millis(50);

async fn remove_task(api: &Api, id: &str) -> Result<(), Status> {
    let began = Instant::now();
    loop {
        match gone(api.call(DELETE, named(id)).await) {
            Ok(()) => return Ok(()),
            Err(status) if began.elapsed() > DEAD_SHIM => return Err(status),
            Err(status) if status.code() == Code::FailedPrecondition => {
                // It is alive. If it ends by itself meanwhile, there is nothing
                // to kill.
                let _ = end(api, id).await;
                let _ = api.call::<_, WaitResponse>(WAIT, named(id)).await;
            }
            // Nobody is there who could be waited for.
            Err(status) if status.code() == Code::Unavailable && status.source().is_some() => {
                return Err(status);
            }
            Err(_) => tokio::time::sleep(PERIOD).await,
        }
    }
}

/// Removes whatever there is of a container, alive or not.
///
/// # Errors
/// When the daemon refuses one of the steps; the others are taken.
pub async fn remove(api: &Api, id: &str) -> Result<(), Error> {
    let task = remove_task(api, id)
        .await
        .map_err(refused("remove the task of container", id));
    let container = gone(
        api.call(
            "/containerd.services.containers.v1.Containers/Delete",
            named(id),
        )
        .await,
    )
    .map_err(refused("remove container", id));
    let request = RemoveSnapshotRequest {
        snapshotter: api.snapshotter.clone(),
        key: id.to_owned(),
    };
    let snapshot = gone(
        api.call(
            "/containerd.services.snapshots.v1.Snapshots/Remove",
            request,
        )
        .await,
    )
    .map_err(refused("remove the snapshot of container", id));
    let lease = end_lease(api, id).await;
    task.and(container).and(snapshot).and(lease)
}

/// The pid of a container's first process.
///
/// # Errors
/// When it has none.
pub async fn pid(api: &Api, id: &str) -> Result<u32, Error> {
    let found: GetTaskResponse = api
        .call("/containerd.services.tasks.v1.Tasks/Get", named(id))
        .await
        .map_err(refused("find the task of container", id))?;
    let pid = found.process.unwrap_or_default().pid;
    match pid {
        0 => Err(Error::NoProcess(id.to_owned())),
        pid => Ok(pid),
    }
}

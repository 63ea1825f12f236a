//! What is asked of the daemon.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    AttachContainerOptions, CreateContainerOptions, CreateImageOptions, InspectContainerOptions,
    InspectNetworkOptions, KillContainerOptions, RemoveContainerOptions, RemoveImageOptions,
    StartContainerOptions, WaitContainerOptions,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, future};

use crate::args::{Endpoint, Verb};
use crate::error::{Error, io as failed, refused};
use crate::streams;

/// A daemon may take as long as it likes: deadlines are the caller's, who kills
/// this process.
const PATIENCE_SECONDS: u64 = 1 << 30;

const NOT_FOUND: u16 = 404;

/// Does what was asked; the number is the exit status.
///
/// # Errors
/// [`Error`].
pub async fn carry_out(endpoint: &Endpoint, verb: &Verb) -> Result<u8, Error> {
    let docker = connect(endpoint).await?;
    match verb {
        Verb::About => say(&about(&docker, endpoint).await?),
        Verb::Run { name, body } => return run(&docker, name, body).await,
        Verb::Kill { name } => {
            let ended = docker.kill_container(name, None::<KillContainerOptions>);
            ended.await.map_err(refused("kill container", name))
        }
        Verb::Remove { name } => {
            let options = RemoveContainerOptions {
                force: true,
                v: true,
                link: false,
            };
            gone(docker.remove_container(name, Some(options)).await)
                .map_err(refused("remove container", name))
        }
        Verb::Pid { name } => {
            let found = docker.inspect_container(name, None::<InspectContainerOptions>);
            let found = found.await.map_err(refused("find container", name))?;
            let pid = found.state.and_then(|state| state.pid).unwrap_or_default();
            match pid {
                0 => Err(Error::NoProcess(name.clone())),
                pid => say(&pid.to_string()),
            }
        }
        Verb::Import { tag, entrypoint } => import(&docker, tag, entrypoint).await,
        Verb::Subnet { network } => say(&subnet(&docker, network).await?),
        Verb::RemoveImage { tag } => {
            let options = RemoveImageOptions {
                force: true,
                ..RemoveImageOptions::default()
            };
            gone(
                docker
                    .remove_image(tag, Some(options), None)
                    .await
                    .map(drop),
            )
            .map_err(refused("remove image", tag))
        }
    }?;
    Ok(0)
}

async fn connect(endpoint: &Endpoint) -> Result<Docker, Error> {
    let path = endpoint.host.strip_prefix("unix://");
    let path = path.ok_or_else(|| Error::NotUnix(endpoint.host.clone()))?;
    let unreachable = |source| Error::Unreachable {
        host: endpoint.host.clone(),
        source,
    };
    let version = endpoint.version();
    let known = version.as_ref().unwrap_or(bollard::API_DEFAULT_VERSION);
    let docker = Docker::connect_with_unix(path, PATIENCE_SECONDS, known).map_err(unreachable)?;
    match version {
        Some(_) => Ok(docker),
        None => docker.negotiate_version().await.map_err(unreachable),
    }
}

fn say(text: &str) -> Result<(), Error> {
    writeln!(io::stdout(), "{text}").map_err(failed("stdout"))
}

/// What is not there has been removed.
fn gone(answer: Result<(), ApiError>) -> Result<(), ApiError> {
    match answer {
        Err(ApiError::DockerResponseServerError {
            status_code: NOT_FOUND,
            ..
        }) => Ok(()),
        other => other,
    }
}

async fn about(docker: &Docker, endpoint: &Endpoint) -> Result<String, Error> {
    let info = docker.info().await;
    let info = info.map_err(refused("describe itself at", &endpoint.host))?;
    let mut info = serde_json::to_value(info).unwrap_or_default();
    if let Some(info) = info.as_object_mut() {
        info.insert("Api".to_owned(), docker.client_version().to_string().into());
    }
    Ok(info.to_string())
}

async fn subnet(docker: &Docker, network: &str) -> Result<String, Error> {
    let found = docker.inspect_network(network, None::<InspectNetworkOptions>);
    let found = found.await.map_err(refused("find network", network))?;
    let configs = found.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
    let mut subnets = configs.into_iter().filter_map(|config| config.subnet);
    let subnet = subnets.find(|subnet| !subnet.contains(':'));
    subnet.ok_or_else(|| Error::NoSubnet(network.to_owned()))
}

async fn run(docker: &Docker, name: &str, body: &Path) -> Result<u8, Error> {
    let json = fs::read(body).map_err(failed(body.display().to_string()))?;
    let body: ContainerCreateBody =
        serde_json::from_slice(&json).map_err(|source| Error::Body {
            path: body.to_owned(),
            source,
        })?;
    let options = CreateContainerOptions {
        name: Some(name.to_owned()),
        ..CreateContainerOptions::default()
    };
    let created = docker.create_container(Some(options), body);
    created.await.map_err(refused("create container", name))?;
    let options = AttachContainerOptions {
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        ..AttachContainerOptions::default()
    };
    // Before it is started, or its first bytes are lost.
    let attached = docker.attach_container(name, Some(options));
    let attached = attached
        .await
        .map_err(refused("attach to container", name))?;
    let started = docker.start_container(name, None::<StartContainerOptions>);
    started.await.map_err(refused("start container", name))?;
    // The two end in either order.
    let (copied, status) = future::join(streams::copy(name, attached), wait(docker, name)).await;
    let status = status?;
    copied?;
    Ok(status)
}

/// How it ended, also when that was before this was asked.
async fn wait(docker: &Docker, name: &str) -> Result<u8, Error> {
    let options = WaitContainerOptions {
        condition: "not-running".to_owned(),
    };
    let mut answers = Box::pin(docker.wait_container(name, Some(options)));
    let code = match answers.next().await {
        Some(Ok(answer)) => answer.status_code,
        // bollard calls each status but 0 an error.
        Some(Err(ApiError::DockerContainerWaitError { error, code })) if error.is_empty() => code,
        Some(Err(error)) => return Err(refused("wait for container", name)(error)),
        None => return Err(Error::NoStatus(name.to_owned())),
    };
    u8::try_from(code).map_err(|_| Error::NoStatus(name.to_owned()))
}

async fn import(docker: &Docker, tag: &str, entrypoint: &str) -> Result<(), Error> {
    let mut archive = Vec::new();
    io::stdin()
        .read_to_end(&mut archive)
        .map_err(failed("stdin"))?;
    let options = CreateImageOptions {
        from_src: Some("-".to_owned()),
        repo: Some(tag.to_owned()),
        changes: vec![format!("ENTRYPOINT {entrypoint}")],
        ..CreateImageOptions::default()
    };
    let body = bollard::body_full(Bytes::from(archive));
    let steps = docker.create_image(Some(options), Some(body), None);
    let done = steps.try_for_each(|_| future::ready(Ok(()))).await;
    done.map_err(refused("import image", tag))
}

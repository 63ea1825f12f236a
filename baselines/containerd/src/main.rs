//! `assay-containerd`: runs one container as a task of containerd.
//!
//! As little as can be above containerd's API, so that what is measured is
//! containerd: it makes a snapshot, a container and a task, starts it, and
//! passes on its streams and its status. It is a process of its own because
//! nothing measured runs in the harness; its start-up is in the measured span,
//! as that of every front end is.

mod api;
mod args;
mod error;
mod image;
mod messages;
mod streams;
mod task;

use std::io::Write as _;
use std::process::ExitCode;

use api::{Api, refused};
use args::{ConnectOptions, Invocation, USAGE, Verb};
use error::Error;
use messages::{Empty, PluginsRequest, PluginsResponse, VersionResponse};

const VERSION: &str = concat!("assay-containerd ", env!("CARGO_PKG_VERSION"));

/// What front ends of containers exit with when there was no container.
const FAILED: u8 = 125;

fn main() -> ExitCode {
    let invocation = match args::parse(std::env::args().skip(1)) {
        Ok(invocation) => invocation,
        Err(problem) => {
            eprintln!("assay-containerd: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let (options, verb) = match invocation {
        Invocation::Help => return exit(say(USAGE).map(|()| 0), 1),
        Invocation::Version => return exit(say(VERSION).map(|()| 0), 1),
        Invocation::Ask(options, verb) => (options, verb),
    };
    let failure = match verb {
        Verb::Run { .. } => FAILED,
        _ => 1,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    let result = runtime
        .map_err(error::io("cannot start"))
        .and_then(|runtime| runtime.block_on(carry_out(&options, &verb)));
    exit(result, failure)
}

fn exit(result: Result<u8, Error>, failure: u8) -> ExitCode {
    match result {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("assay-containerd: {error}");
            ExitCode::from(failure)
        }
    }
}

fn say(text: &str) -> Result<(), Error> {
    writeln!(std::io::stdout(), "{text}").map_err(error::io("stdout"))
}

async fn carry_out(options: &ConnectOptions, verb: &Verb) -> Result<u8, Error> {
    let api = Api::connect(options).await?;
    match verb {
        Verb::About => say(&about(&api).await?),
        Verb::Import { image, layout } => say(&image::import(&api, image, layout).await?),
        Verb::Forget { image } => image::forget(&api, image, &options.namespace).await,
        Verb::Run { id, file } => return task::run(&api, id, file).await,
        Verb::Kill { id } => task::kill(&api, id).await,
        Verb::Remove { id } => task::remove(&api, id).await,
        Verb::Pid { id } => say(&task::pid(&api, id).await?.to_string()),
    }?;
    Ok(0)
}

async fn about(api: &Api) -> Result<String, Error> {
    let version: VersionResponse = api
        .call("/containerd.services.version.v1.Version/Version", Empty {})
        .await
        .map_err(refused("tell", "its version"))?;
    let request = PluginsRequest {
        filters: vec!["type==io.containerd.snapshotter.v1".to_owned()],
    };
    let plugins: PluginsResponse = api
        .call(
            "/containerd.services.introspection.v1.Introspection/Plugins",
            request,
        )
        .await
        .map_err(refused("list", "its snapshotters"))?;
    let works = plugins.plugins.iter().filter(|one| one.init_err.is_none());
    let snapshotters: Vec<&str> = works.map(|one| one.id.as_str()).collect();
    Ok(serde_json::json!({
        "version": version.version,
        "revision": version.revision,
        "snapshotters": snapshotters,
    })
    .to_string())
}

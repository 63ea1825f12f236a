use assay_stage::GuestPaths;
use assay_wire::grants::{Attached, Grants, Preopen};
use assay_wire::launcher::HttpRequest;
use assay_workloads::{Capability, Command, Composed, FileTree, Setting};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a program is given, on any arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramInput {
    /// Arguments, without the program's name.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Standard input, to its end.
    pub stdin: Vec<u8>,
    /// Files in the directory it works in; none means no directory.
    pub directory: Option<FileTree>,
    /// What surrounds it.
    pub setting: Setting,
    /// Pipes in place of `stdin` and of collected output.
    pub attached: Option<Attached>,
    /// Where the pid of its process is written, by arms that start one.
    pub tell_pid: Option<PathBuf>,
    /// When it is stopped.
    pub deadline: Duration,
}

impl ProgramInput {
    /// What a case of a definition gives.
    #[must_use]
    pub fn of_case(command: &Command, setting: &Setting, deadline: Duration) -> ProgramInput {
        ProgramInput {
            args: command.args.clone(),
            env: command.env.clone().into_iter().collect(),
            stdin: command.stdin.bytes().to_vec(),
            directory: command.directory.clone(),
            setting: setting.clone(),
            attached: None,
            tell_pid: None,
            deadline,
        }
    }

    /// What a component may reach, with its files in `dir`.
    #[must_use]
    pub fn grants(&self, dir: Option<&Path>) -> Grants {
        let preopens = match (dir, &self.setting.preopens) {
            (None, _) => Vec::new(),
            (Some(dir), None) => vec![Preopen {
                host: dir.to_owned(),
                guest: "/".to_owned(),
                write: true,
            }],
            (Some(dir), Some(preopens)) => preopens
                .iter()
                .map(|preopen| Preopen {
                    host: dir.join(&preopen.path),
                    guest: preopen.at.clone(),
                    write: preopen.write,
                })
                .collect(),
        };
        Grants {
            preopens,
            ..grants(&self.setting)
        }
    }
}

/// What a setting grants, but for directories.
#[must_use]
pub fn grants(setting: &Setting) -> Grants {
    let granted = |capability| setting.granted.contains(&capability);
    Grants {
        preopens: Vec::new(),
        tcp: granted(Capability::Tcp),
        udp: granted(Capability::Udp),
        dns: granted(Capability::Dns),
        outgoing_http: granted(Capability::OutgoingHttp),
        wall_clock: setting.wall_clock,
        monotonic_step: setting.monotonic_step,
        random_seed: setting.random_seed,
        withheld: setting.withheld(),
    }
}

/// The guest's ends of pipes, as they go over the wire.
#[must_use]
pub fn attached(paths: GuestPaths) -> Attached {
    Attached {
        stdin: paths.stdin,
        stdout: paths.stdout,
        stderr: paths.stderr,
    }
}

/// A request of a definition, as it goes over the wire.
#[must_use]
pub fn request(request: &Composed) -> HttpRequest {
    HttpRequest {
        method: request.method.clone(),
        target: request.path.clone(),
        headers: request.headers.clone(),
        body: request
            .body
            .as_ref()
            .map(|body| body.bytes().to_vec())
            .unwrap_or_default(),
        chunk: request.chunk.and_then(|chunk| u32::try_from(chunk).ok()),
    }
}

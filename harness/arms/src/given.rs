use assay_wire::launcher::HttpRequest;
use assay_workloads::{Command, FileTree, Request};
use std::time::Duration;

/// What a program is given, on any arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Arguments, without the program's name.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Standard input, to its end.
    pub stdin: Vec<u8>,
    /// Files in the directory it works in; none means no directory.
    pub directory: Option<FileTree>,
    /// When it is stopped.
    pub deadline: Duration,
}

impl Given {
    /// What a case of a definition gives.
    #[must_use]
    pub fn case(command: &Command, deadline: Duration) -> Given {
        Given {
            args: command.args.clone(),
            env: command.env.clone().into_iter().collect(),
            stdin: command.stdin.bytes().to_vec(),
            directory: command.directory.clone(),
            deadline,
        }
    }
}

/// A request of a definition, as it goes over the wire.
#[must_use]
pub fn request(request: &Request) -> HttpRequest {
    HttpRequest {
        method: request.method.clone(),
        target: request.path.clone(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
            .collect(),
        body: request
            .body
            .as_ref()
            .map(|body| body.bytes().to_vec())
            .unwrap_or_default(),
        chunk: request.chunk.and_then(|chunk| u32::try_from(chunk).ok()),
    }
}

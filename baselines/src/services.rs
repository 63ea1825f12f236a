//! What the arms that ask a daemon have in common.

use assay_arms::process::{Line, Recipe};
use assay_arms::{ArmError, Lab, on_path};
use assay_observe::process::program_name;
use assay_wire::grants::Grants;
use assay_wire::launcher::Exit;
use process_control::{ChildExt as _, Control as _};
use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The build directory of this checkout.
pub(crate) fn target() -> PathBuf {
    checkout().join("target")
}

fn checkout() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(Path::new("."))
}

/// A path as a record names it: of this checkout without where that is, because
/// records are published and homes of users are not.
pub(crate) fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(checkout()).unwrap_or(path).display()
}

/// Where Debian and others keep what only root starts.
pub(crate) const SYSTEM_FOLDERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// A program on PATH, or where root would find it.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    on_path(name).or_else(|| {
        let folders = SYSTEM_FOLDERS.iter().map(Path::new);
        folders
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    })
}

/// Has a client ask its daemon for something that is not timed, from this
/// process; answers what it said.
pub(crate) fn ask(
    program: &Path,
    words: &[String],
    env: &[(String, String)],
    stdin: Option<&[u8]>,
) -> Result<String, ArmError> {
    let mut command = Command::new(program);
    command
        .args(words)
        .env_clear()
        .envs(env.iter().map(|(key, value)| (key, value)));
    let output = output(&mut command, stdin, PATIENCE).map_err(ArmError::file(program))?;
    let Some(output) = output else {
        return Err(ArmError::Runtime(format!(
            "{} {}: no answer within {} s",
            client(program),
            verb(words),
            PATIENCE.as_secs()
        )));
    };
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => Err(ArmError::Runtime(format!(
            "{} {}: {}",
            client(program),
            verb(words),
            said(&output.stderr)
        ))),
    }
}

/// How long a daemon may take for a question: to take in an image of a hundred
/// megabytes takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a client said, or nothing if it was ended because it took longer than
/// this.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn output(
    command: &mut Command,
    stdin: Option<&[u8]>,
    within: Duration,
) -> std::io::Result<Option<Output>> {
    command
        .stdin(if stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let (Some(bytes), Some(mut pipe)) = (stdin, child.stdin.take()) {
        let bytes = bytes.to_vec();
        // If it stopped reading, its status and stderr say why.
        std::thread::spawn(move || pipe.write_all(&bytes));
    }
    child
        .controlled_with_output()
        .time_limit(within)
        .terminate_for_timeout()
        .wait()
        .map(|output| output.map(process_control::Output::into_std_lossy))
}

/// The name of a client's program.
pub(crate) fn client(program: &Path) -> String {
    let name = program.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The first word that is no flag.
fn verb(words: &[String]) -> &str {
    let verb = words.iter().find(|word| !word.starts_with("--"));
    verb.or(words.first()).map_or("", String::as_str)
}

const DETECT_MS: u64 = 30_000;

/// Has a recipe start and remove a container that says something.
pub(crate) fn try_out(lab: &mut Lab, recipe: &mut impl Recipe) -> Result<(), ArmError> {
    let mut launch = recipe.command(lab, &Line::bare(&[], &Grants::default()))?;
    launch.deadline_ms = DETECT_MS;
    let ran = lab.launcher.run(launch)?;
    if ran.exit == Exit::Code(0) && !ran.stdout.is_empty() && ran.teardown_error.is_none() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    Err(ArmError::Runtime(format!(
        "no container could be started and removed ({:?}): {why}{}",
        ran.exit,
        ran.teardown_error.unwrap_or_default()
    )))
}

/// The container's name in the command line of the client that runs it.
///
/// # Errors
/// When the process is no such client.
pub(crate) fn name_of(pid: u32) -> Result<String, ArmError> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let mut words = line.split(|&byte| byte == 0);
    let name = words.find_map(|word| word.strip_prefix(b"--name="));
    let name = name.map(|name| String::from_utf8_lossy(name).into_owned());
    name.ok_or_else(|| ArmError::Runtime(format!("process {pid} runs no container")))
}

/// The process that listens at a socket, if it is a daemon of this name: who else
/// listens (systemd, for a daemon that it starts when asked) is none.
pub(crate) fn listener(socket: &Path, name: &str) -> Option<u32> {
    let stream = UnixStream::connect(socket).ok()?;
    let peer = rustix::net::sockopt::socket_peercred(&stream).ok()?;
    let pid = u32::try_from(peer.pid.as_raw_nonzero().get()).ok()?;
    (program_name(pid)? == name).then_some(pid)
}

/// The processes of this name that a daemon has started: dockerd's containerd.
pub(crate) fn started_by(daemon: u32, name: &str) -> Vec<u32> {
    let mut children = assay_observe::process::children(daemon).unwrap_or_default();
    children.retain(|&pid| program_name(pid).is_some_and(|own| own == name));
    children
}

/// What is charged to a container: its processes, and what its engine keeps
/// beside it (a shim, conmon), which is the parent of its first process.
///
/// # Errors
/// When a process has gone, the parent included: what adopted its child is
/// nothing of the container's.
pub(crate) fn charged(first: u32) -> Result<Vec<u32>, ArmError> {
    let keeper = parent(first).filter(|&pid| program_name(pid).is_some_and(|name| keeps(&name)));
    let keeper = keeper.ok_or_else(|| {
        ArmError::Runtime(format!(
            "process {first} has neither shim nor conmon above it"
        ))
    })?;
    let mut pids = vec![first];
    pids.extend(assay_observe::process::descendants(first)?);
    pids.push(keeper);
    Ok(pids)
}

/// Whether this is a program that an engine leaves beside each container.
fn keeps(name: &str) -> bool {
    name.starts_with("containerd-shim") || name == "conmon"
}

fn parent(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shim_is_charged_and_whoever_adopts_is_not() {
        assert!(keeps("containerd-shim-runc-v2"));
        assert!(keeps("containerd-shim-assay-v1"));
        assert!(keeps("conmon"));
        assert!(!keeps("init"));
        assert!(!keeps("containerd"));
        // This process was started by none.
        assert!(charged(std::process::id()).is_err());
    }

    #[test]
    fn a_listener_is_known_by_its_socket_and_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let own = program_name(std::process::id()).unwrap();
        assert_eq!(listener(&socket, &own), Some(std::process::id()));
        assert_eq!(listener(&socket, "dockerd"), None);
        assert_eq!(listener(&dir.path().join("none"), &own), None);
    }

    #[test]
    fn a_client_that_fails_is_named_with_its_verb_and_its_words() {
        let words = ["--host=x", "rm", "n"].map(str::to_owned);
        assert_eq!(verb(&words), "rm");
        let shell = ["-c".to_owned(), "echo gone >&2; exit 3".to_owned()];
        let error = ask(Path::new("/bin/sh"), &shell, &[], None).unwrap_err();
        assert_eq!(error.to_string(), "sh -c: gone");
        let error = ask(Path::new("/nowhere/client"), &[], &[], None).unwrap_err();
        assert!(error.to_string().contains("/nowhere/client"), "{error}");
    }
}

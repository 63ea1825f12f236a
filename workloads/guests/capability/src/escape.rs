//! Ways out. Each ends well if it got there, and with the error that stopped
//! it if not.
//!
//! Whatever a way puts into its own directory it takes away again, so the tree
//! is left as it was.

use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// One way to the target, which for most is a path.
pub type Attempt = fn(&str) -> io::Result<()>;

/// The ways by name.
pub const WAYS: &[(&str, Attempt)] = &[
    ("read", read),
    ("stat", |path| fs::metadata(path).map(drop)),
    ("list", list),
    ("list-beside", |path| {
        list(
            path.rsplit_once('/')
                .map_or("..", |(directory, _)| directory),
        )
    }),
    ("climb", climb),
    ("change-directory", change_directory),
    ("symlink", symlink_to),
    ("symlink-to-directory", symlink_to_directory),
    ("symlink-chain", symlink_chain),
    ("hard-link", hard_link),
    ("write", write),
    ("truncate", |path| {
        OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(path)
            .map(drop)
    }),
    ("write-through-symlink", write_through_symlink),
    ("rename-over", |path| fs::rename("own.txt", path)),
    ("rename-away", |path| fs::rename(path, "taken.txt")),
    ("remove", |path| fs::remove_file(path)),
    ("open-to-write", |path| {
        OpenOptions::new().write(true).open(path).map(drop)
    }),
    ("parent-environment", |_| {
        File::open(of_parent("environ")?).map(drop)
    }),
    ("parent-root", |path| {
        read(&format!("{}{path}", of_parent("root")?))
    }),
    ("parent-descriptors", |_| {
        fs::read_dir(of_parent("fd")?).map(drop)
    }),
    ("processes", processes),
    ("spawn", spawn),
    ("connect", connect),
    ("send", send),
    ("listen", |_| TcpListener::bind("127.0.0.1:0").map(drop)),
];

/// A byte is enough: devices have no end.
fn read(path: &str) -> io::Result<()> {
    File::open(path)?.read_exact(&mut [0])
}

fn list(path: &str) -> io::Result<()> {
    match fs::read_dir(path)?.next() {
        Some(entry) => entry.map(drop),
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Far more steps up than there are directories, then down again.
fn climb(path: &str) -> io::Result<()> {
    read(&format!(
        "{}{}",
        "../".repeat(64),
        path.trim_start_matches('/')
    ))
}

/// Moves the working directory up, then goes on from there.
fn change_directory(path: &str) -> io::Result<()> {
    std::env::set_current_dir("..")?;
    read(path.strip_prefix("../").unwrap_or(path))
}

fn symlink_to(path: &str) -> io::Result<()> {
    with_link(path, "made", read)
}

/// Through a link to the directory, not to the file.
fn symlink_to_directory(path: &str) -> io::Result<()> {
    let (directory, file) = path.rsplit_once('/').unwrap_or((".", path));
    with_link(directory, "made", |made| read(&format!("{made}/{file}")))
}

/// A link to a link: a check of the first alone is not enough.
fn symlink_chain(path: &str) -> io::Result<()> {
    with_link(path, "second", |second| with_link(second, "first", read))
}

fn write_through_symlink(path: &str) -> io::Result<()> {
    with_link(path, "made", write)
}

fn hard_link(path: &str) -> io::Result<()> {
    fs::hard_link(path, "made")?;
    let result = read("made");
    fs::remove_file("made")?;
    result
}

/// Puts a line into a file that is there; makes none.
fn write(path: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(b"written from inside\n")
}

/// Makes a symbolic link, tries, and takes it away.
fn with_link(
    target: &str,
    link: &str,
    then: impl FnOnce(&str) -> io::Result<()>,
) -> io::Result<()> {
    symlink(target, link)?;
    let result = then(link);
    fs::remove_file(link)?;
    result
}

/// `std::os::wasi::fs` is unstable and `std::os::unix::fs` does not exist in
/// WASI, so both sides call the C library directly.
fn symlink(target: &str, link: &str) -> io::Result<()> {
    let (target, link) = (CString::new(target)?, CString::new(link)?);
    // SAFETY: needed because the standard library has no stable symlink for
    // WASI. Both pointers come from live CStrings, so they are valid and
    // NUL-terminated for the whole call, and symlink keeps neither.
    match unsafe { libc::symlink(target.as_ptr(), link.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A file about the process that started this one. By /proc and not by
/// getppid(3p), which WASI does not have; a process whose parent is outside of
/// its namespace is told 0 (pid_namespaces(7)).
fn of_parent(file: &str) -> io::Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    match parent.map(str::trim) {
        Some("0") | None => Err(io::ErrorKind::NotFound.into()),
        Some(pid) => Ok(format!("/proc/{pid}/{file}")),
    }
}

/// Whether any other process is to be seen.
fn processes(_: &str) -> io::Result<()> {
    let own = fs::read_link("/proc/self")?;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let name = Path::new(&name);
        let is_pid = name.to_string_lossy().bytes().all(|b| b.is_ascii_digit());
        if is_pid && name != own {
            return Ok(());
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Starts itself as another process, which fails for want of a way and so does
/// nothing.
fn spawn(_: &str) -> io::Result<()> {
    let quiet = std::process::Stdio::null;
    let mut command = Command::new("/proc/self/exe");
    command.stdin(quiet()).stdout(quiet()).stderr(quiet());
    command.status().map(drop)
}

fn connect(address: &str) -> io::Result<()> {
    TcpStream::connect(address)?.write_all(b"from inside")
}

fn send(address: &str) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    socket.send_to(b"from inside", address)?;
    // An answer, as what was sent may have gone nowhere.
    socket.recv(&mut [0; 16]).map(drop)
}

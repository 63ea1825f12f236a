//! What is started: a file of this machine's architecture, or one of another
//! with the emulator in front of it.

use crate::architecture::Architecture;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program that a shell would start.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|program| program.is_file())
}

/// A program that runs programs of another architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulator {
    /// Where it is.
    pub path: PathBuf,
    /// First line of its `--version`.
    pub version: String,
    /// Major and minor in that.
    pub release: (u32, u32),
    /// What it is told before the program.
    pub options: &'static [&'static str],
}

/// The oldest QEMU that the fixed set was verified under: Debian 12's.
const OLDEST: (u32, u32) = (7, 2);

/// Why there is no emulator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoEmulator {
    /// None is installed.
    #[error("no emulator for {architecture} is installed (looked for {names} in PATH); run `scripts/setup-cross {architecture}`", names = .architecture.emulators().join(", "))]
    Missing {
        /// What for.
        architecture: Architecture,
    },
    /// It does not say what it is.
    #[error("{path} does not report its version ({said}); reinstall it", path = .path.display())]
    NoVersion {
        /// Where it is.
        path: PathBuf,
        /// What it said.
        said: String,
    },
    /// It is too old.
    #[error("{path} is version {major}.{minor}; {oldest_major}.{oldest_minor} or later is needed: install a newer qemu-user-static", path = .path.display(), oldest_major = OLDEST.0, oldest_minor = OLDEST.1)]
    TooOld {
        /// Where it is.
        path: PathBuf,
        /// Its version.
        major: u32,
        /// Its version.
        minor: u32,
    },
}

impl Emulator {
    /// How much longer a program may take under it. Translated code is five to
    /// twenty times slower, mostly where it compiles or starts.
    pub const PATIENCE: u32 = 20;

    /// Finds the emulator of an architecture.
    ///
    /// # Errors
    /// When there is none, or it is too old.
    pub fn find(architecture: Architecture) -> Result<Emulator, NoEmulator> {
        let names = architecture.emulators();
        let path = names.iter().find_map(|name| on_path(name));
        let path = path.ok_or(NoEmulator::Missing { architecture })?;
        let output = Command::new(&path)
            .arg("--version")
            .stdin(Stdio::null())
            .output();
        let said = match output {
            Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
            Err(error) => error.to_string(),
        };
        let version = said.lines().next().unwrap_or_default().trim().to_owned();
        match version_in(&version) {
            None => Err(NoEmulator::NoVersion {
                path,
                said: version,
            }),
            Some((major, minor)) if (major, minor) < OLDEST => {
                Err(NoEmulator::TooOld { path, major, minor })
            }
            Some(release) => {
                let options = architecture.emulator_options();
                Ok(Emulator {
                    path,
                    version: with_options(version, options),
                    release,
                    options,
                })
            }
        }
    }
}

/// What tells one emulator from another: its options decide what its machine
/// can.
fn with_options(version: String, options: &[&str]) -> String {
    match options.is_empty() {
        true => version,
        false => format!("{version} {}", options.join(" ")),
    }
}

/// What QEMU adds to the last words of a program that a signal ends
/// (`dump_core_and_abort` of its `linux-user`).
const EMULATOR_MESSAGE: &[u8] = b"qemu: uncaught target signal ";

/// Takes the emulator's own last line from what a program wrote before a
/// signal ended it.
pub fn strip_emulator_message(stderr: &mut Vec<u8>) {
    let end = stderr.strip_suffix(b"\n").unwrap_or(stderr).len();
    let line = stderr.get(..end).unwrap_or_default();
    let start = line.iter().rposition(|&byte| byte == b'\n');
    let start = start.map_or(0, |feed| feed + 1);
    if line
        .get(start..)
        .is_some_and(|line| line.starts_with(EMULATOR_MESSAGE))
    {
        stderr.truncate(start);
    }
}

/// `7.2` in `qemu-aarch64 version 7.2.22 (Debian …)`.
fn version_in(line: &str) -> Option<(u32, u32)> {
    let version = line.split_once("version ")?.1;
    let mut numbers = version.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// An executable and what it takes to run it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    emulator: Option<Emulator>,
}

impl Program {
    /// A program of this machine.
    #[must_use]
    pub fn native(path: PathBuf) -> Program {
        Program {
            path,
            emulator: None,
        }
    }

    /// A program that an emulator runs, if there is one.
    #[must_use]
    pub fn under(path: PathBuf, emulator: Option<&Emulator>) -> Program {
        Program {
            path,
            emulator: emulator.cloned(),
        }
    }

    /// The executable itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is executed, and its arguments. The program sees its own path as
    /// its name either way: that is what QEMU makes of its first argument.
    #[must_use]
    pub fn line(&self, args: Vec<String>) -> (PathBuf, Vec<String>) {
        match &self.emulator {
            None => (self.path.clone(), args),
            Some(emulator) => {
                let options = emulator.options.iter().map(|&option| option.to_owned());
                let own = self.path.to_string_lossy().into_owned();
                let line = options.chain([own]).chain(args).collect();
                (emulator.path.clone(), line)
            }
        }
    }

    /// A command of this process that starts it.
    #[must_use]
    pub fn command(&self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Command {
        let mut command = match &self.emulator {
            None => Command::new(&self.path),
            Some(emulator) => {
                let mut command = Command::new(&emulator.path);
                command.args(emulator.options).arg(&self.path);
                command
            }
        };
        command.args(args.into_iter().map(Into::into));
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn an_emulator_comes_in_front_and_the_program_keeps_its_name() {
        let native = Program::native("/bin/cat".into());
        assert_eq!(
            native.line(words(&["-n"])),
            ("/bin/cat".into(), words(&["-n"]))
        );
        let emulator = Emulator {
            path: "/usr/bin/qemu-aarch64-static".into(),
            version: String::new(),
            release: OLDEST,
            options: &["-cpu", "max"],
        };
        let emulated = Program::under("/t/cat".into(), Some(&emulator));
        let (program, args) = emulated.line(words(&["-n"]));
        assert_eq!(program, emulator.path);
        assert_eq!(args, words(&["-cpu", "max", "/t/cat", "-n"]));
        let command = emulated.command(["-n"]);
        assert_eq!(command.get_program(), emulator.path.as_os_str());
        assert_eq!(command.get_args().count(), 4);
        assert_eq!(emulated.path(), Path::new("/t/cat"));
    }

    #[test]
    fn only_the_emulators_own_last_line_is_taken() {
        let left = |text: &str| {
            let mut stderr = text.as_bytes().to_vec();
            strip_emulator_message(&mut stderr);
            String::from_utf8(stderr).unwrap()
        };
        let message = "qemu: uncaught target signal 6 (Aborted) - core dumped\n";
        assert_eq!(left(&format!("panicked\n{message}")), "panicked\n");
        assert_eq!(left(message), "");
        let quoted = format!("{message}and then more\n");
        assert_eq!(left(&quoted), quoted);
        assert_eq!(left("panicked\n"), "panicked\n");
        assert_eq!(left(""), "");
    }

    #[test]
    fn versions_are_read_from_what_qemu_says() {
        let debian = "qemu-aarch64 version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)";
        assert_eq!(version_in(debian), Some((7, 2)));
        assert_eq!(version_in("qemu-s390x version 10.0.2"), Some((10, 0)));
        assert_eq!(version_in("qemu: no such option"), None);
    }
}

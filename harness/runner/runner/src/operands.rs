use std::path::PathBuf;

/// `[--dir DIR] [--listen ADDRESS] FILE [ARGUMENT…]`
#[derive(Debug, PartialEq, Eq)]
pub struct Operands {
    /// A directory of the host that the guest sees as `/`.
    pub dir: Option<PathBuf>,
    /// Where a handler is served.
    pub listen: Option<String>,
    /// The component or its machine code.
    pub file: PathBuf,
    /// The guest's arguments, its name first.
    pub args: Vec<String>,
}

impl Operands {
    /// Reads the command line of this process.
    ///
    /// # Errors
    /// The usage, when there is no file.
    pub fn read(mut line: impl Iterator<Item = String>) -> Result<Operands, String> {
        let (mut dir, mut listen) = (None, None);
        let _program = line.next();
        loop {
            match line.next() {
                Some(flag) if flag == "--dir" => dir = line.next().map(PathBuf::from),
                Some(flag) if flag == "--listen" => listen = line.next(),
                Some(file) => {
                    let args = std::iter::once(file.clone()).chain(line).collect();
                    return Ok(Operands {
                        dir,
                        listen,
                        file: file.into(),
                        args,
                    });
                }
                None => {
                    return Err("usage: [--dir DIR] [--listen ADDRESS] FILE [ARGUMENT...]".into());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[&str]) -> Result<Operands, String> {
        Operands::read(
            std::iter::once("runner")
                .chain(line.iter().copied())
                .map(str::to_owned),
        )
    }

    #[test]
    fn everything_behind_the_file_is_the_guests() {
        let operands = read(&["--dir", "/tmp", "a.cwasm", "--dir", "x"]).unwrap();
        assert_eq!(operands.dir, Some("/tmp".into()));
        assert_eq!(operands.args, ["a.cwasm", "--dir", "x"]);
    }

    #[test]
    fn a_missing_file_is_usage() {
        assert!(read(&[]).is_err());
        assert!(read(&["--dir", "/tmp"]).is_err());
    }
}

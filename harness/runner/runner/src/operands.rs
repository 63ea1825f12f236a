use assay_wire::grants::Grants;
use std::path::PathBuf;

/// `[--grants GRANTS] [--listen ADDRESS] FILE [ARGUMENT…]`
#[derive(Debug, PartialEq, Eq)]
pub struct Operands {
    /// What the guest may reach.
    pub grants: Grants,
    /// Where a handler is served.
    pub listen: Option<String>,
    /// The component or its machine code.
    pub file: PathBuf,
    /// The guest's arguments, its name first.
    pub args: Vec<String>,
}

impl Operands {
    /// Reads a command line from the word after the program's name.
    ///
    /// # Errors
    /// The usage, when there is no file.
    pub fn read(mut line: impl Iterator<Item = String>) -> Result<Operands, String> {
        let (mut grants, mut listen) = (Grants::default(), None);
        loop {
            match line.next() {
                Some(flag) if flag == "--grants" => {
                    let argument = line.next().unwrap_or_default();
                    grants = Grants::from_argument(&argument).map_err(|error| error.to_string())?;
                }
                Some(flag) if flag == "--listen" => listen = line.next(),
                Some(file) => {
                    let args = std::iter::once(file.clone()).chain(line).collect();
                    return Ok(Operands {
                        grants,
                        listen,
                        file: file.into(),
                        args,
                    });
                }
                None => {
                    return Err(
                        "usage: [--grants GRANTS] [--listen ADDRESS] FILE [ARGUMENT...]".into(),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[&str]) -> Result<Operands, String> {
        Operands::read(line.iter().copied().map(str::to_owned))
    }

    #[test]
    fn everything_behind_the_file_is_the_guests() {
        let grants = Grants {
            tcp: true,
            ..Grants::default()
        };
        let argument = grants.to_argument().unwrap();
        let operands = read(&["--grants", &argument, "a.cwasm", "--grants", "x"]).unwrap();
        assert_eq!(operands.grants, grants);
        assert_eq!(operands.args, ["a.cwasm", "--grants", "x"]);
    }

    #[test]
    fn a_handler_has_an_address_and_may_have_grants() {
        let argument = Grants::default().to_argument().unwrap();
        let line = ["--grants", &argument, "--listen", "127.0.0.1:1", "a.cwasm"];
        let operands = read(&line).unwrap();
        assert_eq!(operands.listen.as_deref(), Some("127.0.0.1:1"));
        let operands = read(&["a.cwasm", "--listen", "127.0.0.1:1"]).unwrap();
        assert_eq!(operands.listen, None);
    }

    #[test]
    fn a_missing_file_is_usage() {
        assert!(read(&[]).is_err());
        assert!(read(&["--listen", "127.0.0.1:1"]).is_err());
        assert!(read(&["--grants", "no", "a.cwasm"]).is_err());
    }
}

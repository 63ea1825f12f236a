//! The program under test, as a shell starts it.

use assert_cmd::Command;

/// Exit code, stdout and stderr of a command line.
pub fn assay(args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("assay")
        .unwrap()
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

//! The program in the containers of these tests, compiled by them as a static
//! executable: one behaviour per first argument.

use std::io::{Read, Write};
use std::{env, fs, process, thread, time::Duration};

fn main() {
    let args: Vec<String> = env::args().collect();
    let arg = |index: usize| args.get(index).map_or("", String::as_str);
    match arg(1) {
        "hello" => println!("hello"),
        "exit" => process::exit(arg(2).parse().unwrap()),
        "abort" => process::abort(),
        "env" => env::vars().for_each(|(name, value)| println!("{name}={value}")),
        "cwd" => println!("{}", env::current_dir().unwrap().display()),
        "fds" => {
            let mut open: Vec<String> = fs::read_dir("/proc/self/fd")
                .unwrap()
                .map(|entry| entry.unwrap().path())
                // Reading the directory takes a descriptor of its own.
                .filter(|path| fs::read_link(path).is_ok_and(|to| !to.starts_with("/proc")))
                .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
                .collect();
            open.sort();
            println!("{}", open.join(" "));
        }
        "cat" => print!("{}", fs::read_to_string(arg(2)).unwrap()),
        "write" => match fs::write(arg(2), "written") {
            Ok(()) => println!("written"),
            Err(error) => println!("{:?}", error.kind()),
        },
        "echo" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).unwrap();
            print!("{text}");
        }
        "sleep" => {
            println!("ready");
            std::io::stdout().flush().unwrap();
            thread::sleep(Duration::from_secs(600));
        }
        other => panic!("no behaviour `{other}`"),
    }
}

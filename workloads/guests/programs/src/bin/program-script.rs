//! `program-script FILE`: runs a Rhai script.
//!
//! What the script prints is printed when it is done or has failed; a failure
//! is reported with the script's line. `read_text(NAME)` is the one function
//! the script gets from outside: the text of a file. A script may call 64
//! functions deep and do a hundred million operations.

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

use assay_guests_programs::{Failure, argument, finish, read, say};
use rhai::{Engine, EvalAltResult, Position};

fn main() -> ExitCode {
    finish("program-script", run())
}

fn text(name: &str) -> Result<String, Failure> {
    String::from_utf8(read(name)?).map_err(Failure::input(name))
}

fn run() -> Result<(), Failure> {
    let name = argument(1, "the script")?;
    let script = text(&name)?;
    let said = Rc::new(RefCell::new(String::new()));
    let ended = engine(&said).run(&script);
    say(&said.borrow())?;
    ended.map_err(|error| Failure::input(&name)(error))
}

fn engine(said: &Rc<RefCell<String>>) -> Engine {
    let mut engine = Engine::new();
    engine.set_max_call_levels(64);
    engine.set_max_operations(100_000_000);
    let lines = Rc::clone(said);
    engine.on_print(move |line| {
        let mut said = lines.borrow_mut();
        said.push_str(line);
        said.push('\n');
    });
    engine.register_fn(
        "read_text",
        |name: &str| -> Result<String, Box<EvalAltResult>> {
            text(name).map_err(|failure| {
                EvalAltResult::ErrorRuntime(failure.to_string().into(), Position::NONE).into()
            })
        },
    );
    engine
}

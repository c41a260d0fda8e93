//! The program `vramfit`; everything happens in the library.

use std::io;
use std::process::ExitCode;

use vramfit::app::{self, Environment, Streams};

fn main() -> ExitCode {
    let streams = Streams::of_process();
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let exit = app::run(
        std::env::args_os().collect(),
        Environment::of_process(),
        streams,
        &mut out,
        &mut err,
    );
    ExitCode::from(exit.code())
}

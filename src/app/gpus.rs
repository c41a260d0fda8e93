//! `vramfit gpus`.

use super::reporting::{self, Answer};
use super::session::Session;
use crate::error::Error;
use crate::render;
use crate::report::Gpus;

pub(super) fn run(session: &Session) -> Result<Answer, Error> {
    let hardware = session.hardware()?;
    let report = Gpus {
        schema: "vramfit.gpus/1",
        inventory: hardware.report,
    };
    // A machine without GPUs has been shown all the same.
    reporting::answer(
        session,
        &report,
        |view| render::gpus::page(&report, view),
        true,
    )
}

//! `--out FILE`: an answer kept in a file of its own.

use std::path::Path;

use serde::Serialize;

use super::args::Format;
use super::reporting::{self, Answer};
use super::session::Session;
use super::write::write_one;
use crate::error::Error;
use crate::messages;
use crate::render::html;
use crate::render::page::Page;
use crate::render::view::View;

/// The file that an answer is written to (`--out`), with the form that its ending asks for.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    path: &'a Path,
    force: bool,
}

impl<'a> Place<'a> {
    /// The file that was named, if one was, as one of a kind.
    ///
    /// # Errors
    /// [`Error::UnknownChoice`] if its name ends otherwise.
    pub(super) fn named(
        out: Option<&'a Path>,
        force: bool,
        ending: &str,
    ) -> Result<Option<Self>, Error> {
        let Some(path) = out else { return Ok(None) };
        let found = path.extension();
        if found.is_some_and(|found| found.eq_ignore_ascii_case(ending)) {
            return Ok(Some(Self { path, force }));
        }
        Err(Error::UnknownChoice {
            argument: "--out".into(),
            value: path.display().to_string(),
            choices: vec![format!("*.{ending}")],
            candidates: Vec::new(),
        })
    }

    /// Writes the answer, and says in which file it is.
    ///
    /// # Errors
    /// Those of [`write_one`].
    pub(super) fn write(&self, session: &Session, text: String) -> Result<String, Error> {
        write_one(self.path, text, self.force)?;
        Ok(messages::wrote(session.lang, &self.path.display().to_string()) + "\n")
    }
}

/// An answer in the form that was asked for, or as an HTML page in a file; JSON is written beside that.
///
/// # Errors
/// Those of [`Place::write`].
pub(super) fn answer<R: Serialize>(
    session: &Session,
    place: Option<Place<'_>>,
    report: &R,
    page: impl Fn(View) -> Page,
    (title, yes): (&str, bool),
) -> Result<Answer, Error> {
    let wrote = place.map(|place| {
        let text = html::render(&page(session.view()), session.lang, title);
        place.write(session, text)
    });
    match (wrote.transpose()?, session.format()) {
        (Some(output), Format::Table | Format::Markdown) => Ok(Answer { output, yes }),
        _ => reporting::answer(session, report, page, yes),
    }
}

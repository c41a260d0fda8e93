//! `vramfit` on a terminal, and `vramfit wizard`: four questions, then the same way as `vramfit recommend`.

mod answers;
mod line;
mod offer;
mod prompt;
mod question;
#[cfg(test)]
mod tests;

use std::io::Write;

use super::args::{Format, RecommendArgs};
use super::recommend;
use super::reporting::{self, Answer};
use super::session::Session;
use crate::error::Error;
use crate::render;

use answers::Answers;
use line::line;
use offer::NextSteps;
use prompt::{PromptError, Prompter};
use question::{Question, QuestionContext};

pub(super) use line::typed;

/// Rows of the table: few enough to stay in a window of 24 lines together with what is offered below.
const ROWS: usize = 4;

/// Asks, answers and offers. `typed` are the flags of the command line, of which none is asked for again.
pub(super) fn run(
    mut session: Session,
    args: &RecommendArgs,
    typed: &[String],
    out: &mut dyn Write,
) -> Result<Answer, Error> {
    let prompter = Prompter::new(&session)?;
    let given = session.global.clone();
    let questions: Vec<Question> = Question::ALL
        .into_iter()
        .filter(|question| !question.is_answered(&given, args))
        .collect();
    let mut answers = Answers::default();
    let mut at = 0;
    loop {
        let turn = match questions.get(at) {
            Some(question) => question
                .ask(
                    &mut QuestionContext {
                        prompter: &prompter,
                        session: &mut session,
                        first: at == 0,
                    },
                    &mut answers,
                )
                .map(|()| None),
            None => {
                let (global, args) = answers.settings(&given, args);
                session.global = global;
                let flags = answers.flags();
                let command = line(flags.iter().chain(typed));
                let end = end(&session, &args, &command, &prompter, out);
                session.global = given.clone();
                end.map(Some)
            }
        };
        match turn {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => at += 1,
            Err(PromptError::Back) if at > 0 => at -= 1,
            Err(PromptError::Back) => return Err(Error::Left),
            Err(PromptError::Leave(error)) => {
                prompter.clear();
                return Err(error);
            }
        }
    }
}

/// Shows the answer, and offers what can be done with it if somebody looks.
fn end(
    session: &Session,
    args: &RecommendArgs,
    command: &str,
    prompter: &Prompter,
    out: &mut dyn Write,
) -> Result<Answer, PromptError> {
    // Files, or an answer for a program: nothing to talk about.
    if session.format() != Format::Table || !args.emit.emit.is_empty() {
        return Ok(recommend::run(session, args)?);
    }
    let report = recommend::report(session, args, recommend::limit(args)?)?;
    let yes = recommend::is_yes(&report);
    // Whoever says how many wants to see them all.
    let rows = if args.limit.is_some() {
        usize::MAX
    } else {
        ROWS
    };
    let page = |view| render::wizard::page(&report, rows, command, view);
    let shown = reporting::of(session, &report, page, yes);
    print(out, &format!("\n{}\n", shown.output));
    let offering = NextSteps {
        session,
        args,
        report: &report,
        command,
    };
    offering.run(prompter, out)?;
    Ok(Answer {
        output: String::new(),
        yes,
    })
}

/// Shows something before the next question. What cannot be shown does not keep anybody from answering it.
fn print(out: &mut dyn Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

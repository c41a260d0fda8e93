//! `vramfit` on a terminal, and `vramfit wizard`: four questions, then the same way as `vramfit recommend`.

mod answers;
mod context;
mod editor;
mod hardware;
mod line;
mod offer;
mod prompt;
mod question;
#[cfg(test)]
mod tests;

use std::io::Write;

use super::args::{Format, RecommendArgs};
use super::recommend;
use super::reporting::Answer;
use super::session::Session;
use crate::error::Error;
use crate::render::{self, terminal};

use answers::Answers;
use line::line;
use offer::NextSteps;
use prompt::{PromptError, Prompter};
use question::{Question, QuestionContext};

pub(super) use line::typed;

/// Rows of the table that are shown however low the window is.
const FEWEST: usize = 3;

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
        let earlier = (0..at).rev().find(|at| questions[*at].applies(&answers));
        let turn = match questions.get(at) {
            Some(question) if !question.applies(&answers) => Ok(None),
            Some(question) => {
                let mut asking = QuestionContext {
                    prompter: &prompter,
                    session: &mut session,
                    first: earlier.is_none(),
                    typed_task: args.task,
                };
                question.ask(&mut asking, &mut answers).map(|()| None)
            }
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
        match (turn, earlier) {
            (Ok(Some(answer)), _) => return Ok(answer),
            (Ok(None), _) => at += 1,
            (Err(PromptError::Back), Some(earlier)) => at = earlier,
            (Err(PromptError::Back), None) => return Err(Error::Left),
            (Err(PromptError::Leave(error)), _) => {
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
    let next = NextSteps::new(session, args, &report, command);
    let shown = |rows| {
        let page = render::wizard::page(&report, rows, command, session.view());
        terminal::render(&page, &session.terminal())
    };
    let all = report.recommendations.len();
    // Whoever says how many wants to see them all.
    let page = match (args.limit.is_some(), prompter.rows()) {
        (false, Some(rows)) => {
            // The page, an empty line on either side of it, and what is offered below.
            let left = rows.saturating_sub(2 + next.rows());
            let fits = |rows: &usize| shown(*rows).lines().count() <= left;
            let most = (FEWEST..=all).rev().find(fits);
            shown(most.unwrap_or(FEWEST))
        }
        _ => shown(all),
    };
    print(out, &format!("\n{page}\n"));
    next.run(prompter, out)?;
    Ok(Answer {
        output: String::new(),
        yes,
    })
}

/// Shows something before the next question. What cannot be shown does not keep anybody from answering it.
fn print(out: &mut dyn Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

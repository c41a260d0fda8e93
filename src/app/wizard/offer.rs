//! What is offered with the answer. To offer something more, add a variant; the compiler names the rest.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::line::quoted;
use super::print;
use super::prompt::{Choice, Prompter, Turn};
use crate::app::args::{EmitArgs, ExplainArgs, PlanArgs, PullArgs, RecommendArgs};
use crate::app::session::Session;
use crate::app::{emit, explain, plan, pull, recommend};
use crate::artifact::Kind;
use crate::error::Error;
use crate::ollama::Patience;
use crate::render::page::Page;
use crate::render::terminal;
use crate::report::{Recommend, Recommendation};
use crate::text::{Ask, Offered, Remark, WizardWord};

/// What the offers are about.
pub(super) struct Offering<'a> {
    pub session: &'a Session,
    pub args: &'a RecommendArgs,
    pub report: &'a Recommend,
    /// The same question as a command line.
    pub command: &'a str,
}

impl Offering<'_> {
    /// Offers until it is enough.
    pub(super) fn run(&self, prompter: &Prompter, out: &mut dyn Write) -> Result<(), Turn> {
        let text = self.session.text;
        let pick = self.report.recommendations.first();
        let served = recommend::served(self.report);
        let is_possible = |offer: &Offered| match offer {
            Offered::Modelfile | Offered::Files => served.is_some(),
            Offered::Commands => pick.is_some_and(|pick| !pick.commands.is_empty()),
            Offered::Explanation => pick.is_some(),
            Offered::Plan => pick.is_some_and(|pick| !pick.placement.gpus.is_empty()),
            Offered::Pull => self.can_pull(),
            Offered::Nothing => true,
        };
        let offers: Vec<Offered> = Offered::ALL.into_iter().filter(is_possible).collect();
        let mut start = 0;
        loop {
            let choices = offers
                .iter()
                .map(|offer| Choice::new(*offer, text.offered(*offer)));
            let help = prompter.help(Ask::Next);
            let chosen = prompter.choose(text.ask(Ask::Next), &help, choices.collect(), start)?;
            let done = match (chosen, pick) {
                (Offered::Modelfile, _) => self.modelfile(prompter, out),
                (Offered::Files, _) => self.files(prompter, out),
                (Offered::Commands, Some(pick)) => {
                    self.commands(pick, out);
                    Ok(())
                }
                (Offered::Explanation, Some(pick)) => self.explain(pick, out),
                (Offered::Plan, Some(pick)) => self.plan(pick, out),
                (Offered::Pull, Some(pick)) => self.pull(pick, out),
                _ => return Ok(()),
            };
            match done {
                // One thing was done, and mostly that is all: Enter ends it now.
                Ok(()) => start = offers.len() - 1,
                // Back from a question of the offer to the offers.
                Err(Turn::Back) => {}
                Err(leave) => return Err(leave),
            }
        }
    }

    fn explain(&self, pick: &Recommendation, out: &mut dyn Write) -> Result<(), Turn> {
        let args = ExplainArgs {
            tag: pick.tag.clone(),
            why: None,
            workload: self.args.workload.clone(),
        };
        let explained = explain::run(self.session, &args)?;
        print(out, &format!("\n{}\n", explained.output));
        Ok(())
    }

    fn plan(&self, pick: &Recommendation, out: &mut dyn Write) -> Result<(), Turn> {
        let args = PlanArgs {
            demands: vec![pick.tag.clone()],
            workload: self.args.workload.clone(),
            ..PlanArgs::default()
        };
        let mut remarks = Vec::new();
        let planned = plan::run(self.session, &args, &mut remarks)?;
        print(out, &format!("\n{}\n", planned.output));
        Ok(())
    }

    /// Whether an Ollama answers that lacks the first model.
    fn can_pull(&self) -> bool {
        let server = self.session.server(Patience::BRIEF);
        let lacks = self
            .report
            .recommendations
            .first()
            .is_some_and(|pick| pick.published && pick.installed != Some(true));
        lacks && server.is_ok_and(|client| client.version().is_ok())
    }

    fn pull(&self, pick: &Recommendation, out: &mut dyn Write) -> Result<(), Turn> {
        let args = PullArgs {
            tag: pick.tag.clone(),
            force: false,
            workload: self.args.workload.clone(),
        };
        print(out, "\n");
        // A download that fails is no reason to leave: it goes on where it stopped.
        let said = match pull::pull(self.session, &args, out) {
            Ok(answer) => answer.output,
            Err(error) => self.session.text.error(&error) + "\n",
        };
        print(out, &format!("{said}\n"));
        Ok(())
    }

    fn commands(&self, pick: &Recommendation, out: &mut dyn Write) {
        let mut page = Page::new();
        page.code("bash", pick.commands.join("\n"));
        let commands = terminal::render(&page, &self.session.terminal());
        print(out, &format!("\n{commands}\n"));
    }

    /// Writes a Modelfile into a folder that is asked for.
    fn modelfile(&self, prompter: &Prompter, out: &mut dyn Write) -> Result<(), Turn> {
        let text = self.session.text;
        let help = prompter.help(Ask::Folder);
        let anything = |_: &str| Ok(());
        let typed = prompter.line(text.ask(Ask::Folder), &help, ".", &[], &anything)?;
        let mut args = EmitArgs {
            emit: vec![Kind::Modelfile],
            out: Some(self.folder(&typed)),
            force: false,
        };
        let mut written = self.emit(&args);
        if let Err(Error::Exists { path }) = &written {
            let question = text.remark(Remark::Exists {
                path: &path.display().to_string(),
            });
            let choices = vec![
                Choice::new(false, text.wizard(WizardWord::Keep)),
                Choice::new(true, text.wizard(WizardWord::Overwrite)),
            ];
            let help = prompter.help(Ask::Overwrite);
            if !prompter.choose(&question, &help, choices, 0)? {
                return Ok(());
            }
            args.force = true;
            written = self.emit(&args);
        }
        // What cannot be written is no reason to leave: another folder may do.
        let said = written.unwrap_or_else(|error| text.error(&error) + "\n");
        print(out, &format!("{said}\n"));
        Ok(())
    }

    /// Shows the files of one kind, and how they are written.
    fn files(&self, prompter: &Prompter, out: &mut dyn Write) -> Result<(), Turn> {
        let text = self.session.text;
        let kinds = Kind::ALL.iter().filter(|kind| **kind != Kind::Modelfile);
        let choices =
            kinds.map(|kind| Choice::new(*kind, kind.label()).with(text.files_of(kind.label())));
        let help = prompter.help(Ask::Files);
        let kind = prompter.choose(text.ask(Ask::Files), &help, choices.collect(), 0)?;
        let shown = self.emit(&EmitArgs {
            emit: vec![kind],
            out: Some("-".into()),
            force: false,
        });
        match shown {
            Ok(files) => {
                let command = format!("{} --emit {} --out .", self.command, quoted(kind.label()));
                let mut page = Page::new();
                page.paragraph(text.wizard(WizardWord::ToWriteThem));
                page.code("bash", command);
                let how = terminal::render(&page, &self.session.terminal());
                print(out, &format!("\n{files}\n{how}\n"));
            }
            Err(error) => print(out, &format!("{}\n\n", text.error(&error))),
        }
        Ok(())
    }

    fn emit(&self, args: &EmitArgs) -> Result<String, Error> {
        match recommend::served(self.report) {
            Some(model) => emit::single(self.session, &model, args),
            None => Ok(String::new()),
        }
    }

    /// A folder as it was typed; `~` is what a shell would make of it.
    fn folder(&self, typed: &str) -> PathBuf {
        let home = self.session.environment.get("HOME");
        match (typed.strip_prefix('~'), home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                Path::new(home).join(rest.trim_start_matches('/'))
            }
            _ if typed.is_empty() => PathBuf::from("."),
            _ => PathBuf::from(typed),
        }
    }
}

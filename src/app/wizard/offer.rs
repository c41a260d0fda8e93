//! What is offered with the answer. To offer something more, add a variant; the compiler names the rest.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::line::quoted;
use super::print;
use super::prompt::{Choice, PromptError, Prompter};
use crate::app::args::{EmitArgs, ExplainArgs, PlanArgs, PullArgs, RecommendArgs};
use crate::app::session::Session;
use crate::app::{emit, explain, failure, plan, pull, recommend};
use crate::artifact::ArtifactKind;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::ollama::Timeouts;
use crate::render::page::Page;
use crate::render::terminal;
use crate::report::{Recommend, Recommendation};

/// What is offered with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    Modelfile,
    Files,
    Commands,
    Explanation,
    Plan,
    /// Its download by the Ollama that is running.
    Pull,
    Nothing,
}

impl NextStep {
    /// In the order in which they are offered.
    const ALL: [Self; 7] = [
        Self::Modelfile,
        Self::Files,
        Self::Commands,
        Self::Explanation,
        Self::Plan,
        Self::Pull,
        Self::Nothing,
    ];

    fn name(self, lang: Lang) -> &'static str {
        use messages::wizard;
        match self {
            Self::Modelfile => wizard::write_a_modelfile(lang),
            Self::Files => wizard::show_the_files(lang),
            Self::Commands => wizard::show_the_commands(lang),
            Self::Explanation => wizard::explain_it(lang),
            Self::Plan => wizard::show_the_plan(lang),
            Self::Pull => wizard::pull_it_now(lang),
            Self::Nothing => wizard::done(lang),
        }
    }
}

/// The answer, and what can be done with it.
pub(super) struct NextSteps<'a> {
    pub session: &'a Session,
    pub args: &'a RecommendArgs,
    pub report: &'a Recommend,
    /// The same question as a command line.
    pub command: &'a str,
    steps: Vec<NextStep>,
}

impl<'a> NextSteps<'a> {
    pub(super) fn new(
        session: &'a Session,
        args: &'a RecommendArgs,
        report: &'a Recommend,
        command: &'a str,
    ) -> Self {
        let mut all = Self {
            session,
            args,
            report,
            command,
            steps: Vec::new(),
        };
        let pick = report.recommendations.first();
        let served = recommend::served(report);
        let is_possible = |step: &NextStep| match step {
            NextStep::Modelfile | NextStep::Files => served.is_some(),
            NextStep::Commands => pick.is_some_and(|pick| !pick.commands.is_empty()),
            NextStep::Explanation => pick.is_some(),
            NextStep::Plan => pick.is_some_and(|pick| !pick.placement.gpus.is_empty()),
            NextStep::Pull => all.can_pull(),
            NextStep::Nothing => true,
        };
        all.steps = NextStep::ALL.into_iter().filter(is_possible).collect();
        all
    }

    /// Lines of the question, its choices and their help.
    pub(super) fn rows(&self) -> usize {
        self.steps.len() + 2
    }

    /// Offers until it is enough.
    pub(super) fn run(&self, prompter: &Prompter, out: &mut dyn Write) -> Result<(), PromptError> {
        let lang = self.session.lang;
        let pick = self.report.recommendations.first();
        let offers = &self.steps;
        let mut start = 0;
        loop {
            let choices = offers
                .iter()
                .map(|offer| Choice::new(*offer, offer.name(lang)));
            let help = prompter.help("");
            let (chosen, _) = prompter.choose(
                messages::wizard::what_next(lang),
                &help,
                choices.collect(),
                start,
            )?;
            let done = match (chosen, pick) {
                (NextStep::Modelfile, _) => self.modelfile(prompter, out),
                (NextStep::Files, _) => self.files(prompter, out),
                (NextStep::Commands, Some(pick)) => {
                    self.commands(pick, out);
                    Ok(())
                }
                (NextStep::Explanation, Some(pick)) => self.explain(pick, out),
                (NextStep::Plan, Some(pick)) => self.plan(pick, out),
                (NextStep::Pull, Some(pick)) => self.pull(pick, out),
                _ => return Ok(()),
            };
            match done {
                // One thing was done, and mostly that is all: Enter ends it now.
                Ok(()) => start = offers.len() - 1,
                // Back from a question of the offer to the offers.
                Err(PromptError::Back) => {}
                Err(leave) => return Err(leave),
            }
        }
    }

    fn explain(&self, pick: &Recommendation, out: &mut dyn Write) -> Result<(), PromptError> {
        let args = ExplainArgs {
            engine: None,
            tag: pick.tag.clone(),
            quant: None,
            why: None,
            out: None,
            force: false,
            workload: self.args.workload.clone(),
        };
        let explained = explain::run(self.session, &args)?;
        print(out, &format!("\n{}\n", explained.output));
        Ok(())
    }

    fn plan(&self, pick: &Recommendation, out: &mut dyn Write) -> Result<(), PromptError> {
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
        let server = self.session.server(Timeouts::BRIEF);
        let lacks = self
            .report
            .recommendations
            .first()
            .is_some_and(|pick| pick.published && pick.installed != Some(true));
        lacks && server.is_ok_and(|client| client.version().is_ok())
    }

    fn pull(&self, pick: &Recommendation, out: &mut dyn Write) -> Result<(), PromptError> {
        let args = PullArgs {
            tag: pick.tag.clone(),
            force: false,
            workload: self.args.workload.clone(),
        };
        print(out, "\n");
        // A download that fails is no reason to leave: it goes on where it stopped.
        let said = match pull::pull(self.session, &args, out) {
            Ok(answer) => answer.output,
            Err(error) => failure::safe_message(self.session.lang, &error) + "\n",
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
    fn modelfile(&self, prompter: &Prompter, out: &mut dyn Write) -> Result<(), PromptError> {
        let lang = self.session.lang;
        let help = prompter.help_of_line(messages::wizard::created_if_missing(lang));
        let anything = |_: &str| Ok(());
        let typed = prompter.line(
            messages::wizard::into_which_folder(lang),
            &help,
            ".",
            &[],
            &anything,
        )?;
        let mut args = EmitArgs {
            emit: vec![ArtifactKind::Modelfile],
            out: Some(self.folder(&typed)),
            force: false,
        };
        let mut written = self.emit(&args);
        if let Err(Error::Exists { path }) = &written {
            let question = messages::wizard::exists_overwrite_it(lang, &path.display().to_string());
            let choices = vec![
                Choice::new(false, messages::wizard::no_keep_it(lang)),
                Choice::new(true, messages::wizard::yes_overwrite_it(lang)),
            ];
            let help = prompter.help("");
            if !prompter.choose(&question, &help, choices, 0)?.0 {
                return Ok(());
            }
            args.force = true;
            written = self.emit(&args);
        }
        // What cannot be written is no reason to leave: another folder may do.
        let said = written.unwrap_or_else(|error| failure::safe_message(lang, &error) + "\n");
        print(out, &format!("{said}\n"));
        Ok(())
    }

    /// Shows the files of one kind, and how they are written.
    fn files(&self, prompter: &Prompter, out: &mut dyn Write) -> Result<(), PromptError> {
        let lang = self.session.lang;
        let left_out = [ArtifactKind::Modelfile, ArtifactKind::LlamaSwap];
        let kinds = ArtifactKind::ALL
            .iter()
            .filter(|kind| !left_out.contains(kind));
        let choices = kinds.map(|kind| {
            Choice::new(*kind, kind.label())
                .with_remark(messages::wizard::files_of(lang, kind.label()))
        });
        let help = prompter.help("");
        let (kind, _) = prompter.choose(
            messages::wizard::which_files(lang),
            &help,
            choices.collect(),
            0,
        )?;
        let shown = self.emit(&EmitArgs {
            emit: vec![kind],
            out: Some("-".into()),
            force: false,
        });
        match shown {
            Ok(files) => {
                let command = format!("{} --emit {} --out .", self.command, quoted(kind.label()));
                let mut page = Page::new();
                page.paragraph(messages::wizard::to_write_them_to_this_folder(lang));
                page.code("bash", command);
                let how = terminal::render(&page, &self.session.terminal());
                print(out, &format!("\n{files}\n{how}\n"));
            }
            Err(error) => print(out, &format!("{}\n\n", failure::safe_message(lang, &error))),
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

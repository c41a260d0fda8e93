//! The guide's four questions, in its order, and what has to be known besides to answer them.

use super::answers::{Answers, Memory};
use super::prompt::{Choice, PromptError, Prompter};
use super::{context, hardware};
use crate::app::args::{Global, RecommendArgs};
use crate::app::session::Session;
use crate::engine::ranking::Scope;
use crate::lang::Lang;
use crate::messages;
use crate::request::{Priority, Task};
use crate::units::Bytes;

/// The questions that the wizard asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Task,
    Memory,
    /// The guide does not ask it: what lies partly in system memory runs, too.
    Ram,
    Priority,
    Context,
}

/// What questions are asked with: the session, a prompter and flags that answer some already.
pub(super) struct QuestionContext<'a> {
    pub prompter: &'a Prompter,
    pub session: &'a mut Session,
    /// Whether there is no question to go back to.
    pub first: bool,
    /// The task, where the command line says it.
    pub typed_task: Option<Task>,
}

impl Question {
    /// Every question, in the guide's order.
    pub(super) const ALL: [Self; 5] = [
        Self::Task,
        Self::Memory,
        Self::Ram,
        Self::Priority,
        Self::Context,
    ];

    /// Whether the command line answers it already. A stage says what counts most, too.
    pub(super) fn is_answered(self, global: &Global, args: &RecommendArgs) -> bool {
        match self {
            Self::Task => args.task.is_some(),
            Self::Memory => {
                global.cpu
                    || !(global.gpu.is_empty() && global.vram.is_empty() && global.fleet.is_empty())
            }
            Self::Ram => global.ram.is_some(),
            Self::Priority => args.priority.is_some() || args.stage.is_some(),
            Self::Context => args.workload.context.is_some(),
        }
    }

    /// Whether it has to be asked after these answers: the system memory of this machine is known.
    pub(super) fn applies(self, answers: &Answers) -> bool {
        match self {
            Self::Ram => matches!(answers.memory, Some(Memory::Amount(_) | Memory::Named(_))),
            Self::Task | Self::Memory | Self::Priority | Self::Context => true,
        }
    }

    /// Asks it, and notes the answer.
    pub(super) fn ask(
        self,
        asking: &mut QuestionContext<'_>,
        answers: &mut Answers,
    ) -> Result<(), PromptError> {
        match self {
            Self::Task => answers.task = Some(task(asking, answers)?),
            Self::Memory => answers.memory = Some(hardware::memory(asking, answers)?),
            Self::Ram => answers.ram = Some(hardware::ram(asking, answers)?),
            Self::Priority => answers.priority = Some(priority(asking, answers)?),
            Self::Context => answers.context = Some(context::context(asking, answers)?),
        }
        Ok(())
    }
}

impl QuestionContext<'_> {
    /// Asks for one of several answers, and tells what was typed to find it. Enter takes the one that was given before, else `default`, which is marked.
    pub(super) fn choose<T: PartialEq>(
        &self,
        question: &str,
        decides: &str,
        mut choices: Vec<Choice<T>>,
        before: Option<&T>,
        default: usize,
    ) -> Result<(T, String), PromptError> {
        let lang = self.session.lang;
        if let Some(choice) = choices.get_mut(default) {
            let mark = messages::wizard::default(lang);
            // Chinese brackets bring their own room.
            let between = if lang == Lang::Zh { "" } else { " " };
            choice.remark = format!("{}{between}{mark}", choice.remark)
                .trim_start()
                .to_owned();
        }
        let start = before
            .and_then(|before| choices.iter().position(|choice| choice.value == *before))
            .unwrap_or(default);
        let prompter = if self.first {
            self.prompter.at_first()
        } else {
            self.prompter.clone()
        };
        prompter.choose(question, &prompter.help(decides), choices, start)
    }

    /// Something about this session's hardware with other flags than its own.
    pub(super) fn with_memory<T>(
        &mut self,
        memory: Option<&Memory>,
        about: impl FnOnce(&Session) -> T,
    ) -> T {
        with_memory(self.session, memory, about)
    }
}

pub(super) fn with_memory<T>(
    session: &mut Session,
    memory: Option<&Memory>,
    about: impl FnOnce(&Session) -> T,
) -> T {
    let answers = Answers {
        memory: memory.cloned(),
        ..Answers::default()
    };
    let (global, _) = answers.settings(&session.global, &RecommendArgs::default());
    let typed = std::mem::replace(&mut session.global, global);
    let said = about(session);
    session.global = typed;
    said
}

fn task(asking: &QuestionContext<'_>, answers: &Answers) -> Result<Task, PromptError> {
    let lang = asking.session.lang;
    // The guide knows tasks of text only; what came after its own stands after them.
    let offered = match asking.session.scope {
        Scope::Guide => Task::TEXT,
        Scope::All => Task::ALL,
    };
    let choices: Vec<Choice<Task>> = offered
        .iter()
        .map(|task| {
            Choice::new(*task, messages::terms::task(lang, *task))
                .with_remark(answer_of_guide(asking.session, *task))
        })
        .collect();
    let likely = match lang {
        Lang::En => Task::Chat,
        Lang::Zh => Task::Chinese,
    };
    let default = offered.iter().position(|task| *task == likely);
    let chosen = asking.choose(
        messages::wizard::what_is_the_model_for(lang),
        messages::wizard::decides_benchmarks(lang),
        choices,
        answers.task.as_ref(),
        default.unwrap_or(0),
    );
    Ok(chosen?.0)
}

/// The guide's answer for a task, as its first question has it.
fn answer_of_guide(session: &Session, task: Task) -> String {
    let lang = session.lang;
    let Some(table) = session.catalog.guide().task(task) else {
        return String::new();
    };
    let advice = match (
        table.single.first().zip(table.dual.first()),
        table.fast.first().zip(table.quality.first()),
    ) {
        (Some((one, two)), _) => messages::wizard::one_card_and_two(lang, one, two),
        (None, Some((fast, good))) => messages::wizard::fast_and_quality(lang, fast, good),
        (None, None) => match table.picks.first() {
            Some(pick) => pick.tag.clone(),
            None => String::new(),
        },
    };
    of_guide(session, &advice)
}

fn priority(asking: &mut QuestionContext<'_>, answers: &Answers) -> Result<Priority, PromptError> {
    let hardware = asking.with_memory(answers.memory.as_ref(), Session::hardware)?;
    let all: Bytes = hardware
        .report
        .hosts
        .iter()
        .flat_map(|host| &host.gpus)
        .map(|gpu| gpu.free)
        .sum();
    let guide = asking.session.catalog.guide();
    let suggested = guide.priority_for(rounded(all));
    let lang = asking.session.lang;
    let choices = guide.priority.iter().filter_map(|advice| {
        let priority = Priority::ALL
            .iter()
            .find(|one| one.label() == advice.code)?;
        let remark = of_guide(asking.session, advice.advice.get(lang));
        Some(Choice::new(*priority, messages::terms::priority(lang, *priority)).with_remark(remark))
    });
    let choices: Vec<Choice<Priority>> = choices.collect();
    let default = choices.iter().position(|choice| choice.value == suggested);
    let chosen = asking.choose(
        messages::wizard::what_counts_most(lang),
        messages::wizard::decides_size_or_speed(lang),
        choices,
        answers.priority.as_ref(),
        default.unwrap_or(0),
    );
    Ok(chosen?.0)
}

/// Free memory in whole GiB, the started one counted: of a 24 GB card a little is always taken, and it stays a 24 GB card.
fn rounded(free: Bytes) -> Bytes {
    free.round_up(Bytes::gib(1).0)
}

/// What the guide says of an answer: only where its models are asked for, since it knows no newer ones.
pub(super) fn of_guide(session: &Session, advice: &str) -> String {
    if session.scope == Scope::Guide && !advice.is_empty() {
        messages::wizard::guide_says(session.lang, advice)
    } else {
        String::new()
    }
}

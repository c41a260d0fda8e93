//! The guide's four questions, in its order.

use std::cell::RefCell;

use super::answers::{Answers, Length, Memory};
use super::prompt::{Choice, PromptError, Prompter};
use crate::app::args::{Global, RecommendArgs};
use crate::app::session::{Session, context_length};
use crate::engine::rank::Scope;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::report::{GpuReport, InventoryReport};
use crate::request::{Priority, Task};
use crate::units::Bytes;
use messages::tokens;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Task,
    Memory,
    Priority,
    Context,
}

/// Someone who is asked.
pub(super) struct QuestionContext<'a> {
    pub prompter: &'a Prompter,
    pub session: &'a mut Session,
    /// Whether there is no question to go back to.
    pub first: bool,
}

impl Question {
    /// In the guide's order.
    pub(super) const ALL: [Self; 4] = [Self::Task, Self::Memory, Self::Priority, Self::Context];

    /// Whether the command line answers it already. A stage says what counts most, too.
    pub(super) fn is_answered(self, global: &Global, args: &RecommendArgs) -> bool {
        match self {
            Self::Task => args.task.is_some(),
            Self::Memory => {
                !(global.gpu.is_empty() && global.vram.is_empty() && global.fleet.is_empty())
            }
            Self::Priority => args.priority.is_some() || args.stage.is_some(),
            Self::Context => args.workload.context.is_some(),
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
            Self::Memory => answers.memory = Some(memory(asking, answers)?),
            Self::Priority => answers.priority = Some(priority(asking, answers)?),
            Self::Context => answers.context = Some(context(asking, answers)?),
        }
        Ok(())
    }
}

impl QuestionContext<'_> {
    /// Asks for one of several answers. Enter takes the one that was given before, else `default`, which is marked.
    fn choose<T: PartialEq>(
        &self,
        question: &str,
        decides: &str,
        mut choices: Vec<Choice<T>>,
        before: Option<&T>,
        default: usize,
    ) -> Result<T, PromptError> {
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
    fn with_memory<T>(&mut self, memory: Option<&Memory>, about: impl FnOnce(&Session) -> T) -> T {
        with_memory(self.session, memory, about)
    }
}

fn with_memory<T>(
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
    let choices: Vec<Choice<Task>> = Task::ALL
        .iter()
        .map(|task| {
            Choice::new(*task, messages::terms::task(lang, *task))
                .with(answer_of_guide(asking.session, *task))
        })
        .collect();
    let likely = match lang {
        Lang::En => Task::Chat,
        Lang::Zh => Task::Chinese,
    };
    let default = Task::ALL.iter().position(|task| *task == likely);
    asking.choose(
        messages::wizard::what_is_the_model_for(lang),
        messages::wizard::decides_benchmarks(lang),
        choices,
        answers.task.as_ref(),
        default.unwrap_or(0),
    )
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

/// What the second question can be answered with: a place, or that it is none of those listed.
type Place = Option<Memory>;

fn memory(asking: &mut QuestionContext<'_>, answers: &Answers) -> Result<Memory, PromptError> {
    let here = asking.session.hardware()?.report;
    let lang = asking.session.lang;
    loop {
        let mut choices: Vec<Choice<Place>> = Vec::new();
        choices.extend(found(asking.session, &here));
        let guide = asking.session.catalog.guide();
        for class in &guide.memory {
            let picks = class.picks.join(", ");
            let advice = match &class.note {
                Some(note) if picks.is_empty() => note.get(lang),
                _ => &picks,
            };
            let choice = Choice::new(Some(Memory::of_class(class)), class.title.get(lang));
            let taken = match &class.to {
                Some(to) if *to != class.from => messages::wizard::counted_as(lang, to),
                _ => String::new(),
            };
            let advice = of_guide(asking.session, advice);
            choices.push(choice.with(format!("{taken}  {advice}").trim()));
        }
        choices.extend(processor(asking.session, &here));
        choices.push(Choice::new(None, messages::wizard::another_gpu(lang)));
        // An answer that was typed is none of those listed.
        let before = answers.memory.clone().map(|memory| {
            let listed = choices
                .iter()
                .any(|choice| choice.value.as_ref() == Some(&memory));
            listed.then_some(memory)
        });
        let own = |choice: &Choice<Place>| choice.value == Some(Memory::RankingHardware);
        let default = choices.iter().position(own).unwrap_or(0);
        if let Some(memory) = asking.choose(
            messages::wizard::how_much_gpu_memory(lang),
            messages::wizard::decides_what_fits(lang),
            choices,
            before.as_ref(),
            default,
        )? {
            return Ok(memory);
        }
        match named(asking, answers) {
            // Back to the list that it was chosen from.
            Err(PromptError::Back) => {}
            answer => return answer,
        }
    }
}

/// The GPUs of this machine, if it has any.
fn found(session: &Session, here: &InventoryReport) -> Option<Choice<Place>> {
    let gpus: Vec<&GpuReport> = here.hosts.iter().flat_map(|host| &host.gpus).collect();
    let least = gpus.iter().map(|gpu| gpu.free).min()?.to_string();
    let most = gpus.iter().map(|gpu| gpu.free).max()?.to_string();
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for gpu in &gpus {
        match kinds.iter_mut().find(|(name, _)| *name == gpu.name) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&gpu.name, 1)),
        }
    }
    let names = kinds.iter().map(|(name, count)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} x{count}"),
    });
    let names = names.collect::<Vec<_>>().join(" + ");
    let name = messages::wizard::gpus_here(session.lang, &names);
    let free = messages::wizard::free(session.lang, &least, &most);
    Some(Choice::new(Some(Memory::RankingHardware), name).with(free))
}

/// The processor of a machine without GPUs.
fn processor(session: &Session, here: &InventoryReport) -> Option<Choice<Place>> {
    let [host] = here.hosts.as_slice() else {
        return None;
    };
    let memory = host.memory.filter(|_| host.gpus.is_empty())?;
    let remark = messages::wizard::memory_available(session.lang, &memory.available.to_string());
    let name = messages::wizard::no_gpu_use_the_cpu(session.lang);
    Some(Choice::new(Some(Memory::RankingHardware), name).with(remark))
}

/// GPUs by name, completed from the catalog; or an amount.
fn named(asking: &mut QuestionContext<'_>, answers: &Answers) -> Result<Memory, PromptError> {
    let lang = asking.session.lang;
    let names: Vec<String> = asking
        .session
        .catalog
        .gpus
        .iter()
        .map(|gpu| gpu.name.clone())
        .collect();
    let before = match &answers.memory {
        Some(Memory::Amount(typed) | Memory::Named(typed)) => typed.as_str(),
        Some(Memory::RankingHardware) | None => "",
    };
    let session = RefCell::new(&mut *asking.session);
    let check = |typed: &str| -> Result<(), Error> {
        let memory = Memory::of_text(typed, &session.borrow().catalog);
        with_memory(&mut session.borrow_mut(), Some(&memory), Session::hardware).map(drop)
    };
    let help = asking
        .prompter
        .help_of_line(messages::wizard::gpu_forms(lang));
    let ask = messages::wizard::which_gpu_or_memory(lang);
    let typed = asking.prompter.line(ask, &help, before, &names, &check)?;
    Ok(Memory::of_text(&typed, &asking.session.catalog))
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
        let remark = messages::wizard::guide_says(lang, advice.advice.get(lang));
        Some(Choice::new(*priority, messages::terms::priority(lang, *priority)).with(remark))
    });
    let choices: Vec<Choice<Priority>> = choices.collect();
    let default = choices.iter().position(|choice| choice.value == suggested);
    asking.choose(
        messages::wizard::what_counts_most(lang),
        messages::wizard::decides_size_or_speed(lang),
        choices,
        answers.priority.as_ref(),
        default.unwrap_or(0),
    )
}

/// Free memory in whole GiB, the started one counted: of a 24 GB card a little is always taken, and it stays a 24 GB card.
fn rounded(free: Bytes) -> Bytes {
    free.round_up(Bytes::gib(1).0)
}

fn context(asking: &mut QuestionContext<'_>, answers: &Answers) -> Result<Length, PromptError> {
    let lang = asking.session.lang;
    let (workload, is_set) = asking.session.workload(&Default::default())?;
    loop {
        let session = &*asking.session;
        let mut choices: Vec<Choice<Option<Length>>> = Vec::new();
        // What the environment or the configuration says is the default; else that any model can do.
        if is_set {
            let set = Length::Tokens(workload.context_length.to_string());
            let choice = Choice::new(Some(set), tokens(workload.context_length));
            choices.push(choice.with(messages::wizard::as_set_on_this_machine(lang)));
        }
        for class in &session.catalog.guide().context {
            let said = tokens(class.tokens);
            let remark = messages::wizard::counted_as(lang, &said);
            let advice = of_guide(session, class.advice.get(lang));
            let length = Length::of_class(class, is_set);
            let choice = Choice::new(Some(length), class.title.get(lang));
            choices.push(choice.with(format!("{remark}  {advice}").trim_end()));
        }
        let shortest = choices.len() - 1;
        choices.push(Choice::new(None, messages::wizard::other_length(lang)));
        let before = answers.context.clone().map(|context| {
            let listed = choices
                .iter()
                .any(|choice| choice.value.as_ref() == Some(&context));
            listed.then_some(context)
        });
        let default = if is_set { 0 } else { shortest };
        if let Some(context) = asking.choose(
            messages::wizard::is_a_long_context_needed(lang),
            messages::wizard::decides_what_qualifies(lang),
            choices,
            before.as_ref(),
            default,
        )? {
            return Ok(context);
        }
        let check = |typed: &str| context_length("--context", typed).map(drop);
        let help = asking
            .prompter
            .help_of_line(messages::wizard::context_forms(lang));
        let before = match &answers.context {
            Some(Length::Tokens(typed)) => typed.as_str(),
            Some(Length::Any) | None => "",
        };
        let ask = messages::wizard::how_long_a_context(lang);
        match asking.prompter.line(ask, &help, before, &[], &check) {
            // Back to the list that it was chosen from.
            Err(PromptError::Back) => {}
            answer => return answer.map(Length::Tokens),
        }
    }
}

/// What the guide says of an answer: only where its models are asked for, since it knows no newer ones.
fn of_guide(session: &Session, advice: &str) -> String {
    if session.scope == Scope::Guide && !advice.is_empty() {
        messages::wizard::guide_says(session.lang, advice)
    } else {
        String::new()
    }
}

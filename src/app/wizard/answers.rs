//! What was answered, and what it means: the same flags that `vramfit recommend` takes.

use crate::app::args::{Global, RecommendArgs};
use crate::catalog::guide::{ContextClass, MemoryClass};
use crate::request::{Priority, Task};
use crate::units::Bytes;

/// The answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// What the model is for.
    pub task: Option<Task>,
    /// Where it shall run.
    pub memory: Option<Memory>,
    /// What counts most.
    pub priority: Option<Priority>,
    /// Tokens of context, as `--context` takes them.
    pub context: Option<String>,
}

/// Where models shall run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// On what was found here.
    Here,
    /// On so much memory, as `--vram` takes it.
    Amount(String),
    /// On GPUs, as `--gpu` takes them.
    Named(String),
}

/// More GPUs of one kind than this are no count but a name: `24x2` is memory, `2x3090` are GPUs.
const MOST_ALIKE: u32 = 64;

impl Memory {
    /// A class of the guide: its larger end, which is what the models that it names for the class need.
    pub(super) fn of_class(class: &MemoryClass) -> Self {
        let size = class.to.as_ref().unwrap_or(&class.from);
        Self::Amount(size.trim_end_matches("GB").to_owned())
    }

    /// GPUs or an amount, as they were typed.
    pub(super) fn of_text(text: &str) -> Self {
        let text = text.trim();
        let (size, count) = text.split_once('x').unwrap_or((text, "1"));
        let is_count = count
            .trim()
            .parse()
            .is_ok_and(|count: u32| count <= MOST_ALIKE);
        if size.parse::<Bytes>().is_ok() && is_count {
            Self::Amount(text.to_owned())
        } else {
            Self::Named(text.to_owned())
        }
    }
}

/// The context of a class of the guide.
pub(super) fn context_of_class(class: &ContextClass) -> String {
    if class.tokens.is_multiple_of(1024) {
        format!("{}k", class.tokens / 1024)
    } else {
        class.tokens.to_string()
    }
}

impl Answers {
    /// The settings of `vramfit recommend` with these answers on top of what was typed.
    pub(super) fn settings(
        &self,
        global: &Global,
        args: &RecommendArgs,
    ) -> (Global, RecommendArgs) {
        let (mut global, mut args) = (global.clone(), args.clone());
        match &self.memory {
            Some(Memory::Amount(amount)) => global.vram = vec![amount.clone()],
            Some(Memory::Named(gpus)) => global.gpu = vec![gpus.clone()],
            Some(Memory::Here) | None => {}
        }
        args.task = self.task.or(args.task);
        args.priority = self.priority.or(args.priority);
        args.workload.context = self.context.clone().or(args.workload.context);
        (global, args)
    }

    /// The same as they are typed.
    pub(super) fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        let mut flag = |name: &str, value: &str| flags.extend([name.to_owned(), value.to_owned()]);
        if let Some(task) = self.task {
            flag("--task", task.label());
        }
        match &self.memory {
            Some(Memory::Amount(amount)) => flag("--vram", amount),
            Some(Memory::Named(gpus)) => flag("--gpu", gpus),
            Some(Memory::Here) | None => {}
        }
        if let Some(priority) = self.priority {
            flag("--priority", priority.label());
        }
        if let Some(context) = &self.context {
            flag("--context", context);
        }
        flags
    }
}

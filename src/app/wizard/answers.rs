//! What was answered, and what it means: the same flags that `vramfit recommend` takes.

use crate::app::args::{Global, RecommendArgs};
use crate::catalog::Catalog;
use crate::catalog::guide::{ContextClass, MemoryClass};
use crate::inventory::simulated;
use crate::request::{Priority, Task};

/// The answers so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// What the model is for.
    pub task: Option<Task>,
    /// Where it shall run.
    pub memory: Option<Memory>,
    /// What counts most.
    pub priority: Option<Priority>,
    /// How long a context is needed.
    pub context: Option<Length>,
}

/// How long a context is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// No longer than any model has.
    Any,
    /// So many tokens, as `--context` takes them. What was trained for fewer cannot do it.
    Tokens(String),
}

/// Where models shall run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// On what was found here.
    RankingHardware,
    /// On so much memory, as `--vram` takes it.
    Amount(String),
    /// On GPUs, as `--gpu` takes them.
    Named(String),
}

impl Memory {
    /// A class of the guide: its larger end, which is what the models that it names for the class need.
    pub(super) fn of_class(class: &MemoryClass) -> Self {
        let size = class.to.as_ref().unwrap_or(&class.from);
        Self::Amount(size.trim_end_matches("GB").to_owned())
    }

    /// GPUs or an amount, as they were typed. A number that names a GPU is one: nobody has 3090 GiB.
    pub(super) fn of_text(text: &str, catalog: &Catalog) -> Self {
        let text = text.trim();
        let is_name = simulated::cards("--gpu", text, catalog, None).is_ok();
        if !is_name && simulated::vram("--vram", text).is_ok() {
            Self::Amount(text.to_owned())
        } else {
            Self::Named(text.to_owned())
        }
    }
}

impl Length {
    /// A class of the guide; `set` is whether a length is set on this machine, which nothing but another length undoes.
    pub(super) fn of_class(class: &ContextClass, set: bool) -> Self {
        match class.tokens {
            _ if class.from == 0 && !set => Self::Any,
            tokens if tokens.is_multiple_of(1024) => Self::Tokens(format!("{}k", tokens / 1024)),
            tokens => Self::Tokens(tokens.to_string()),
        }
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
            Some(Memory::RankingHardware) | None => {}
        }
        args.task = self.task.or(args.task);
        args.priority = self.priority.or(args.priority);
        if let Some(Length::Tokens(tokens)) = &self.context {
            args.workload.context = Some(tokens.clone());
        }
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
            Some(Memory::RankingHardware) | None => {}
        }
        if let Some(priority) = self.priority {
            flag("--priority", priority.label());
        }
        if let Some(Length::Tokens(tokens)) = &self.context {
            flag("--context", tokens);
        }
        flags
    }
}

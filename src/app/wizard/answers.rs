//! What was answered, and what it means: the same flags that `vramfit recommend` takes.

use crate::app::args::{Global, RecommendArgs};
use crate::catalog::Catalog;
use crate::catalog::guide::MemoryClass;
use crate::inventory::simulated;
use crate::request::{Priority, Task};

/// The answers that were given so far, or typed on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// What the model is for.
    pub task: Option<Task>,
    /// The hardware that the model shall run on.
    pub memory: Option<Memory>,
    /// How much system memory stands beside GPUs that are not here.
    pub ram: Option<Ram>,
    /// What counts most: quality, speed or both.
    pub priority: Option<Priority>,
    /// How long a context is needed.
    pub context: Option<Length>,
}

/// How long a context is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// What `vramfit recommend` takes by default: a model that was trained for fewer is not left out.
    Usual,
    /// So many tokens, as `--context` takes them. What was trained for fewer cannot do it.
    Tokens(String),
    /// The longest that fits, model by model.
    Longest,
}

/// The hardware that models shall run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// On what was found here.
    Detected,
    /// On so much memory, as `--vram` takes it.
    Amount(String),
    /// On GPUs, as `--gpu` takes them.
    Named(String),
}

/// System memory beside simulated GPUs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ram {
    /// None that models may use.
    Unused,
    /// So much, as `--ram` takes it.
    Amount(String),
}

impl Memory {
    /// A class of the guide: its cards where it means several, else its larger end, which is what the models that it names for the class need.
    pub(super) fn of_class(class: &MemoryClass) -> Self {
        if let Some(gpus) = &class.gpu {
            return Self::Named(gpus.clone());
        }
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
    /// So many tokens, in the shortest form that `--context` reads.
    pub(super) fn of_tokens(tokens: u32) -> Self {
        Self::Tokens(if tokens.is_multiple_of(1024) {
            format!("{}k", tokens / 1024)
        } else {
            tokens.to_string()
        })
    }

    /// The value of `--context`, unless it is the usual one.
    fn flag(&self) -> Option<&str> {
        match self {
            Self::Usual => None,
            Self::Tokens(tokens) => Some(tokens),
            Self::Longest => Some("max"),
        }
    }
}

impl Answers {
    /// The value of `--ram`: what is here has its own.
    fn ram_flag(&self) -> Option<&str> {
        match (&self.memory, &self.ram) {
            (Some(Memory::Amount(_) | Memory::Named(_)), Some(Ram::Amount(amount))) => Some(amount),
            _ => None,
        }
    }

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
            Some(Memory::Detected) | None => {}
        }
        if let Some(ram) = self.ram_flag() {
            global.ram = Some(ram.to_owned());
        }
        args.task = self.task.or(args.task);
        args.priority = self.priority.or(args.priority);
        if let Some(context) = self.context.as_ref().and_then(Length::flag) {
            args.workload.context = Some(context.to_owned());
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
            Some(Memory::Detected) | None => {}
        }
        if let Some(ram) = self.ram_flag() {
            flag("--ram", ram);
        }
        if let Some(priority) = self.priority {
            flag("--priority", priority.label());
        }
        if let Some(context) = self.context.as_ref().and_then(Length::flag) {
            flag("--context", context);
        }
        flags
    }
}

//! Servers that a text starts: where they listen, what they see, what they are asked to hold.

use std::ops::Range;

use super::sheet::SourceText;
use super::variable::Setting;
use super::{Demand, ModelLoad, Overcommit, Problem};

/// The context that is proposed where none is said: as everywhere in vramfit.
pub(super) const CONTEXT: u32 = 8192;
/// Where Ollama listens by itself.
pub(super) const PORT: u16 = 11434;

/// A server that a text starts.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    /// Its port, where it can be read.
    pub port: Option<u16>,
    /// Where it is started.
    pub at: Range<usize>,
    /// Variables of its environment.
    pub settings: Vec<Setting>,
}

impl Server {
    fn value(&self, name: &str) -> Option<&str> {
        let named = |setting: &&Setting| setting.name == name;
        self.settings
            .iter()
            .find(named)
            .map(|setting| setting.value.as_str())
    }

    /// The context of each of its requests.
    pub(super) fn context(&self) -> Option<u32> {
        self.value("OLLAMA_CONTEXT_LENGTH")?.parse().ok()
    }

    /// The cards it sees, if that is said.
    pub(super) fn visible(&self) -> Option<Vec<String>> {
        let cards = self.value("CUDA_VISIBLE_DEVICES")?;
        Some(
            cards
                .split(',')
                .map(|card| card.trim().to_owned())
                .collect(),
        )
    }
}

/// The context that an environment says.
pub(super) fn context(settings: &[Setting]) -> Option<u32> {
    let named = |setting: &&Setting| setting.name == "OLLAMA_CONTEXT_LENGTH";
    settings.iter().rev().find(named)?.value.parse().ok()
}

/// A server without a context of its own: which one it takes depends on the cards it happens to see.
pub(super) fn no_context(
    sheet: &mut SourceText<'_>,
    at: Range<usize>,
    before: usize,
    between: &str,
) {
    sheet.find(at, Problem::NoContextLength);
    sheet.insert(before, format!("OLLAMA_CONTEXT_LENGTH={CONTEXT}{between}"));
}

/// How a server's context is said.
pub(super) fn as_variable(context: u32, models: usize) -> String {
    let several = (models > 1).then(|| format!(" OLLAMA_MAX_LOADED_MODELS={models}"));
    format!(
        "OLLAMA_CONTEXT_LENGTH={context}{}",
        several.unwrap_or_default()
    )
}

/// The demand of models that a server is to hold together.
pub(super) fn demand_of(tags: &[String], server: Option<&Server>) -> Demand {
    let context = server.and_then(Server::context);
    let load = |tag: &String| ModelLoad {
        tag: tag.clone(),
        context,
    };
    Demand {
        loads: tags.iter().map(load).collect(),
        visible: server.and_then(Server::visible),
    }
}

/// Whether the cards hold a demand; `form` says the context with which they would.
pub(super) fn demand(
    sheet: &mut SourceText<'_>,
    at: Range<usize>,
    demand: &Demand,
    form: fn(u32, usize) -> String,
) {
    let Some(too_much) = sheet.overcommitted(demand) else {
        return;
    };
    let models: Vec<String> = demand.loads.iter().map(|load| load.tag.clone()).collect();
    let count = models.len();
    let Overcommit { need, usable, .. } = too_much;
    let problem = match too_much.evicting {
        Some(tag) => Problem::Evicts { tag, need, usable },
        None => Problem::Overcommitted {
            models,
            need,
            usable,
        },
    };
    match too_much.context {
        Some(context) => sheet.find_with(at, problem, form(context, count)),
        // What else is wrong on its line does not make it fit.
        None => sheet.find_with(at, problem, ""),
    }
}

//! What this machine's Ollama has: by its server, else by its store on disk.

use std::collections::HashSet;
use std::path::PathBuf;

use super::file;
use super::session::Session;
use crate::architecture::Architecture;
use crate::catalog::Entry;
use crate::catalog::model::Model;
use crate::engine::doubt::place;
use crate::engine::draft::{DEFAULT_TOKENS, DraftModel};
use crate::engine::estimate_input::EstimateInput;
use crate::engine::judge::{judge, judged};
use crate::engine::ranking::{Ranked, RankingHardware, Request, Scope};
use crate::engine::workload::Workload;
use crate::error::{Error, OllamaFault};
use crate::gguf;
use crate::ollama::{self, Address, Client, Installed, Name, Shown, Store, Timeouts};
use crate::request::Task;

/// The owner of models that this program made by giving another one a context: the same files once more.
const OWN: &str = "vramfit";
/// How the tags end of those that load whole or not at all.
const WHOLE: &str = "-whole";
const DRAFT: &str = "-draft";

/// What this program calls the model that it makes of another for its settings.
pub(super) fn own_tag(name: &Name, context_length: u32, draft: Option<u32>, whole: bool) -> String {
    let draft = draft.map_or(String::new(), |tokens| format!("{DRAFT}{tokens}"));
    let whole = if whole { WHOLE } else { "" };
    format!(
        "{OWN}/{}:{}{draft}-{context_length}{whole}",
        name.model, name.tag
    )
}

/// What a model's parameters say of drafting: a model that drafts for it does so by default, its own blocks only where they are asked to.
fn drafting(input: &mut EstimateInput<'_>, model: &Installed) {
    let read = |file: &PathBuf| {
        let header = gguf::read(file).ok()?;
        Some(Box::new(DraftModel {
            tag: header.name.clone().unwrap_or_default(),
            architecture: header.architecture,
            weights: header.weights,
        }))
    };
    input.draft_model = model.draft.as_ref().and_then(read);
    let default = model.draft.as_ref().map_or(0, |_| DEFAULT_TOKENS);
    input.draft = model.draft_num_predict.unwrap_or(default);
}

/// The models that this machine's Ollama has.
pub(super) struct InstalledModels {
    names: Vec<Name>,
    /// Their tags in small letters: the catalog's, where it knows them.
    known: HashSet<String>,
    /// Where their files can be read.
    models: Vec<Installed>,
    client: Option<Client>,
}

/// A model with its shape: as [`file::open`] gives it.
pub(super) type ResolvedFile = (Model, Architecture, EstimateInput<'static>);

impl Session {
    /// The server that `OLLAMA_HOST` names, or the one on this machine.
    pub(super) fn server(&self, patience: Timeouts) -> Result<Client, Error> {
        let address = match self.environment.get("OLLAMA_HOST") {
            Some(value) => Address::parse(value).map_err(Error::Ollama)?,
            None => Address::default(),
        };
        Client::new(address, patience).map_err(Error::Ollama)
    }

    /// What is installed; `None` where neither a server nor a store tells.
    pub(super) fn installed_models(&self) -> Option<&InstalledModels> {
        self.installed_models
            .get_or_init(|| InstalledModels::read(self))
            .as_ref()
    }

    /// The same, for a command that is about it.
    pub(super) fn installed_models_or_error(&self) -> Result<&InstalledModels, Error> {
        match self.installed_models() {
            Some(installed_models) => Ok(installed_models),
            None => {
                let server = self.server(Timeouts::BRIEF)?.address().to_string();
                Err(Error::ollama(OllamaFault::NothingKnown, &server, ""))
            }
        }
    }

    /// Whether a model of the catalog is installed, where that is known.
    pub(super) fn installed(&self, entry: Entry<'_>) -> Option<bool> {
        let tag = entry.variant.tag.to_lowercase();
        self.installed_models()
            .map(|installed_models| installed_models.known.contains(&tag))
    }

    /// The model of the catalog behind an [`own_tag`].
    pub(super) fn base_tag(&self, name: &str) -> Option<String> {
        let name = Name::parse(name).filter(|name| name.namespace == OWN)?;
        let tag = name.tag.strip_suffix(WHOLE).unwrap_or(&name.tag);
        let (tag, _) = tag.rsplit_once('-')?;
        let tag = match tag.rsplit_once(DRAFT) {
            Some((tag, tokens)) if tokens.bytes().all(|byte| byte.is_ascii_digit()) => tag,
            _ => tag,
        };
        let base = format!("{}:{tag}", name.model);
        self.catalog.find(&base).is_some().then_some(base)
    }

    /// The stores of models on this machine.
    pub(super) fn stores(&self) -> Vec<Store> {
        if let Some(folder) = self.environment.get("OLLAMA_MODELS") {
            return Store::open(&PathBuf::from(folder)).into_iter().collect();
        }
        let home = ["HOME", "USERPROFILE"]
            .into_iter()
            .find_map(|name| self.environment.get(name))
            .map(|home| PathBuf::from(home).join(".ollama/models"));
        // Where the installer's service keeps them.
        let root = self.environment.get("VRAMFIT_ROOT").unwrap_or("/");
        let service = PathBuf::from(root).join("usr/share/ollama/.ollama/models");
        [home, Some(service)]
            .into_iter()
            .flatten()
            .filter_map(|folder| Store::open(&folder))
            .collect()
    }
}

impl InstalledModels {
    fn read(session: &Session) -> Option<Self> {
        let client = session.server(Timeouts::BRIEF).ok();
        let tags = client.as_ref().and_then(|client| client.tags().ok());
        let remote = client
            .as_ref()
            .is_some_and(|client| !client.address().is_local());
        // The models of a server elsewhere are not in this machine's folders.
        let stores = if remote { Vec::new() } else { session.stores() };
        let models: Vec<Installed> = stores.iter().flat_map(|store| store.models().0).collect();
        let names = match &tags {
            Some(tags) => tags
                .iter()
                .filter(|tag| tag.remote_host.is_empty())
                .filter_map(|tag| Name::parse(&tag.name))
                .collect(),
            None if stores.is_empty() => return None,
            None => models.iter().map(|model| model.name.clone()).collect(),
        };
        Some(Self::new(
            session,
            names,
            models,
            client.filter(|_| tags.is_some()),
        ))
    }

    fn new(
        session: &Session,
        names: Vec<Name>,
        models: Vec<Installed>,
        client: Option<Client>,
    ) -> Self {
        let known = names
            .iter()
            .map(|name| {
                let name = name.to_string();
                let entry = session.catalog.find(&name);
                entry.map_or(name.to_lowercase(), |entry| {
                    entry.variant.tag.to_lowercase()
                })
            })
            .collect();
        Self {
            names,
            known,
            models,
            client,
        }
    }

    /// Whether a model is there.
    pub(super) fn has(&self, name: &Name) -> bool {
        self.names.iter().any(|other| other.is(name))
    }

    /// The file of a model's weights, in the store.
    pub(super) fn in_store(&self, name: &Name) -> Option<&Installed> {
        self.models.iter().find(|model| model.name.is(name))
    }

    /// The model of a file of weights, by its digest.
    pub(super) fn of_digest(&self, digest: &str) -> Option<&Installed> {
        let blob = format!("sha256-{digest}");
        let is_it = |model: &&Installed| {
            model
                .file
                .file_name()
                .is_some_and(|file| file.eq_ignore_ascii_case(&blob))
        };
        let own = |model: &&Installed| model.name.namespace == OWN;
        let mut found = self.models.iter().filter(is_it);
        found
            .clone()
            .find(|model| !own(model))
            .or_else(|| found.next())
    }

    /// What an installed model is, by the header of its file, or by what the server shows of it.
    pub(super) fn open(&self, tag: &str) -> Option<ResolvedFile> {
        let name = Name::parse(tag)?;
        if !self.has(&name) {
            return None;
        }
        if let Some(model) = self.in_store(&name) {
            let mut header = gguf::read(&model.file).ok()?;
            header.projector += model.projector;
            let source = model.file.display().to_string();
            let mut understood = file::understood(&name.to_string(), source, header);
            drafting(&mut understood.2, model);
            return Some(understood);
        }
        let (shown, source) = self.shown(&name)?;
        let header = ollama::header(&shown).ok()?;
        Some(file::understood(&name.to_string(), source, header))
    }

    /// What the server shows of a model, and where.
    fn shown(&self, name: &Name) -> Option<(Shown, String)> {
        let client = self.client.as_ref()?;
        // The names came from a server that answers: it may take its time now.
        let client = Client::new(client.address().clone(), Timeouts::default()).ok()?;
        let shown = client.show(&name.to_string()).ok()?;
        Some((shown, client.address().url("/api/show")))
    }

    /// The digest of a model's weights: by the store, else as the server tells it, which may keep its files where nobody else can read them.
    pub(super) fn digest(&self, tag: &str) -> Option<String> {
        let name = Name::parse(tag).filter(|name| self.has(name))?;
        let Some(model) = self.in_store(&name) else {
            return self.shown(&name)?.0.digest().map(str::to_owned);
        };
        let file = model.file.file_name()?.to_str()?;
        file.strip_prefix("sha256-").map(str::to_owned)
    }

    /// The installed models that the catalog does not know; not those that are a known one's file under another name.
    pub(super) fn uncatalogued(&self, session: &Session) -> Vec<ResolvedFile> {
        if session.scope == Scope::Guide {
            return Vec::new();
        }
        let known = |name: &&Name| session.catalog.find(&name.to_string()).is_some();
        let mut files: HashSet<&PathBuf> = self
            .names
            .iter()
            .filter(known)
            .filter_map(|name| Some(&self.in_store(name)?.file))
            .collect();
        self.names
            .iter()
            .filter(|name| !known(name) && name.namespace != OWN)
            .filter(|name| {
                self.in_store(name)
                    .is_none_or(|model| files.insert(&model.file))
            })
            .filter_map(|name| self.open(&name.to_string()))
            .collect()
    }

    /// All installed models with their answers to a request.
    pub(super) fn judged<'a>(
        &self,
        session: &'a Session,
        foreign: &'a [ResolvedFile],
        request: &Request,
        here: &RankingHardware<'_>,
    ) -> Vec<Ranked<'a>> {
        let catalog = &session.catalog;
        let entries: Vec<Entry<'a>> = match request.scope {
            Scope::Guide => catalog.guide_entries().collect(),
            Scope::All => catalog.entries().collect(),
        };
        let known = entries
            .into_iter()
            .filter(|entry| entry.model.does(request.task))
            .filter(|entry| self.known.contains(&entry.variant.tag.to_lowercase()))
            .filter_map(|entry| judge(catalog, entry, request, here));
        let does = |model: &Model| {
            use crate::catalog::model::Capability::{Completion, Embedding, Vision};
            match request.task {
                Task::Embedding => model.can(Embedding),
                Task::Vision => model.can(Completion) && model.can(Vision),
                _ => model.can(Completion) && !model.can(Embedding),
            }
        };
        let unknown = foreign
            .iter()
            .filter(|(model, ..)| does(model))
            .map(|(model, _, input)| {
                let trained = model.context_length.filter(|n| *n > 0).unwrap_or(u32::MAX);
                let workload = Workload {
                    context_length: request.workload.context_length.min(trained),
                    ..request.workload
                };
                let placement = place(input, &workload, here.pool);
                let entry = Entry::new(model, &model.variants[0]);
                judged(catalog, entry, input.clone(), placement, request, here)
            });
        known.chain(unknown).collect()
    }
}

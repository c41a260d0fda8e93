//! Which of the ranked models are wanted, and in which order.

use clap::{ArgAction, Args};

use super::choice::choice;
use super::models::{Family, family};
use super::session::{Session, context_length, number};
use crate::catalog::model::{Capability, Model};
use crate::catalog::{Catalog, similar};
use crate::engine::rank::Ranked;
use crate::error::{Error, ExpectedFormat};

/// Conditions that a model meets or not, wherever it runs; what it does on the machine; and the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub(super) struct FilterArgs {
    #[arg(long, value_name = "CAPABILITY", action = ArgAction::Append, value_parser = choice(CAPABILITIES, label))]
    pub capability: Vec<Capability>,
    #[arg(long, alias = "licence", value_name = "NAME")]
    pub license: Option<String>,
    #[arg(short, long, value_name = "NAME")]
    pub family: Option<String>,
    #[arg(long, value_name = "BILLIONS", allow_hyphen_values = true)]
    pub max_params: Option<String>,
    #[arg(long, value_name = "TOKENS", allow_hyphen_values = true)]
    pub min_context: Option<String>,
    #[arg(long, value_name = "TOKENS/S", allow_hyphen_values = true)]
    pub min_speed: Option<String>,
    #[arg(long, value_name = "ORDER", value_parser = choice(Sort::ALL, Sort::label))]
    pub sort: Option<Sort>,
}

impl FilterArgs {
    /// Whether the answer depends on what a model does on the machine.
    pub(super) fn asks_for_hardware(&self) -> bool {
        self.min_speed.is_some() || matches!(self.sort, Some(Sort::Score | Sort::Speed))
    }
}

const CAPABILITIES: &[Capability] = &[
    Capability::Tools,
    Capability::Vision,
    Capability::Thinking,
    Capability::Embedding,
    Capability::Audio,
];

/// The order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Score,
    Speed,
    Size,
    Context,
    Released,
}

impl Sort {
    const ALL: &[Self] = &[
        Self::Score,
        Self::Speed,
        Self::Size,
        Self::Context,
        Self::Released,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Speed => "speed",
            Self::Size => "size",
            Self::Context => "context",
            Self::Released => "released",
        }
    }
}

/// What a capability is called where it is typed.
fn label(capability: Capability) -> &'static str {
    match capability {
        Capability::Tools => "tools",
        Capability::Vision => "vision",
        Capability::Thinking => "thinking",
        Capability::Embedding => "embedding",
        Capability::Audio => "audio",
        Capability::Completion => "completion",
        Capability::Insert => "insert",
    }
}

/// The conditions of `FilterArgs`, read and checked.
pub(super) struct Filter {
    capabilities: Vec<Capability>,
    license: Option<License>,
    family: Option<Family>,
    parameters: Option<u64>,
    rate: Option<f64>,
    context: Option<u32>,
}

/// A licence that is asked for.
enum License {
    /// Any that does not forbid to earn money with the model.
    Commercial,
    /// Any with this in its name.
    Named(String),
}

impl Filter {
    /// Understands what was typed. A name that no model has is an error, with what was meant.
    pub(super) fn new(session: &Session, args: &FilterArgs) -> Result<Self, Error> {
        let catalog = &session.catalog;
        let billions = args.max_params.as_deref();
        let billions = billions.map(|text| text.trim_end_matches(['b', 'B']));
        Ok(Self {
            capabilities: args.capability.clone(),
            license: args
                .license
                .as_deref()
                .map(|name| license(catalog, name))
                .transpose()?,
            family: args
                .family
                .as_deref()
                .map(|name| family(catalog, name))
                .transpose()?,
            parameters: whole("--max-params", billions)?
                .map(|billions| u64::from(billions) * 1_000_000_000),
            rate: whole("--min-speed", args.min_speed.as_deref())?.map(f64::from),
            context: args
                .min_context
                .as_deref()
                .map(|text| context_length("--min-context", text))
                .transpose()?,
        })
    }

    /// Whether a model is wanted.
    pub(super) fn takes(&self, model: &Model) -> bool {
        let licensed = |wanted: &License| {
            model
                .license
                .as_deref()
                .is_some_and(|own| wanted.allows(own))
        };
        // A size is told in round billions.
        let small = |most: u64| model.parameters.is_some_and(|all| all < most + 500_000_000);
        self.capabilities.iter().all(|one| model.can(*one))
            && self.license.as_ref().is_none_or(licensed)
            && self
                .family
                .as_ref()
                .is_none_or(|family| family.holds(model))
            && self.parameters.is_none_or(small)
            && self
                .context
                .is_none_or(|least| model.context_length >= Some(least))
    }

    /// Whether a ranked model is wanted, its speed considered.
    pub(super) fn takes_ranked(&self, ranked: &Ranked<'_>) -> bool {
        self.takes(ranked.entry.model) && self.rate.is_none_or(|least| rate(ranked) >= least)
    }
}

fn whole(name: &str, text: Option<&str>) -> Result<Option<u32>, Error> {
    text.map(|text| number(name, text, 1 << 20, ExpectedFormat::Count))
        .transpose()
}

impl License {
    fn allows(&self, own: &str) -> bool {
        let own = own.to_lowercase();
        match self {
            Self::Commercial => !["-nc", "non-commercial", "research"]
                .iter()
                .any(|one| own.contains(one)),
            Self::Named(name) => own.contains(name),
        }
    }
}

fn license(catalog: &Catalog, name: &str) -> Result<License, Error> {
    let lower = name.trim().to_lowercase();
    if lower == "commercial" {
        return Ok(License::Commercial);
    }
    let named = License::Named(lower);
    let known = || {
        catalog
            .models
            .iter()
            .filter_map(|model| model.license.as_deref())
    };
    if !name.trim().is_empty() && known().any(|own| named.allows(own)) {
        return Ok(named);
    }
    Err(Error::UnknownChoice {
        argument: "--license".into(),
        value: name.to_owned(),
        choices: Vec::new(),
        candidates: similar(name, known().chain(["commercial"])),
    })
}

/// Tokens a second, at least; zero where nobody knows.
fn rate(ranked: &Ranked<'_>) -> f64 {
    ranked.speed.as_ref().map_or(0.0, |speed| speed.decode[0])
}

/// Puts ranked models in the order that was asked for; the score's order decides among equals.
pub(super) fn sort(ranked: &mut [Ranked<'_>], by: Sort) {
    match by {
        Sort::Score => {}
        Sort::Speed => ranked.sort_by(|a, b| rate(b).total_cmp(&rate(a))),
        Sort::Size => ranked.sort_by_key(|one| one.entry.variant.weights),
        Sort::Context => {
            ranked.sort_by_key(|one| std::cmp::Reverse(one.entry.model.context_length))
        }
        Sort::Released => {
            ranked.sort_by(|a, b| b.entry.model.released.cmp(&a.entry.model.released))
        }
    }
}

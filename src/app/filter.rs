//! Which of the ranked models are wanted, and in which order.

use clap::{ArgAction, Args};

use super::choice::choice;
use super::models::{Family, family};
use super::session::{Session, context_length, number};
use crate::catalog::model::{Capability, Model};
use crate::catalog::{Catalog, similar};
use crate::engine::ranking::Ranked;
use crate::error::{Error, ExpectedFormat};

/// Conditions that a model meets or not, whatever is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub(super) struct ConditionArgs {
    #[arg(long, value_name = "CAPABILITY", action = ArgAction::Append, value_delimiter = ',', value_parser = choice(CAPABILITIES, label))]
    pub capability: Vec<Capability>,
    #[arg(long, alias = "licence", value_name = "NAME")]
    pub license: Option<String>,
}

/// Conditions that a model meets or not, wherever it runs; what it does on the machine; and the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub(super) struct FilterArgs {
    #[command(flatten)]
    pub conditions: ConditionArgs,
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

/// Conditions of `ConditionArgs`, read and checked.
pub(super) struct Conditions {
    capabilities: Vec<Capability>,
    license: Option<License>,
}

impl Conditions {
    /// Understands what was typed. A licence that no model has is an error, with those that there are.
    pub(super) fn new(catalog: &Catalog, args: &ConditionArgs) -> Result<Self, Error> {
        let license = args.license.as_deref();
        Ok(Self {
            capabilities: args.capability.clone(),
            license: license
                .map(|name| self::license(catalog, name))
                .transpose()?,
        })
    }

    /// Whether a model is wanted.
    pub(super) fn take(&self, model: &Model) -> bool {
        let own = model.license.as_deref();
        let licensed = |wanted: &License| own.is_some_and(|own| wanted.allows(own));
        self.capabilities.iter().all(|one| model.can(*one))
            && self.license.as_ref().is_none_or(licensed)
    }
}

/// The conditions of `FilterArgs`, read and checked.
pub(super) struct Filter {
    conditions: Conditions,
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
            conditions: Conditions::new(catalog, &args.conditions)?,
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
        // A size is told in round billions.
        let small = |most: u64| model.parameters.is_some_and(|all| all < most + 500_000_000);
        self.conditions.take(model)
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
            Self::Commercial => !FORBIDDING.iter().any(|one| own.contains(one)),
            Self::Named(name) => own.contains(name),
        }
    }
}

/// What is in the names of licences that forbid to earn money with a model, or do not tell: Mistral's `mrl` and EXAONE's are for research.
const FORBIDDING: [&str; 6] = [
    "-nc",
    "non-commercial",
    "research",
    "mrl",
    "exaone",
    "other",
];

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
    let mut choices = vec!["commercial".to_owned()];
    choices.extend(known().map(str::to_lowercase));
    choices[1..].sort_unstable();
    choices.dedup();
    Err(Error::UnknownChoice {
        argument: "--license".into(),
        value: name.to_owned(),
        choices,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_for_research_are_not_commercial() {
        for own in [
            "CC-BY-NC-4.0",
            "Mistral Research License",
            "mrl",
            "exaone",
            "other",
        ] {
            assert!(!License::Commercial.allows(own), "{own}");
        }
        for own in [
            "Apache-2.0",
            "MIT",
            "Gemma Terms of Use",
            "Llama 3.1 Community License",
        ] {
            assert!(License::Commercial.allows(own), "{own}");
        }
    }
}

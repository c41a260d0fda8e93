//! The cards that may be bought.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::super::args::UpgradeArgs;
use super::super::super::session::{Session, number};
use crate::catalog::Catalog;
use crate::catalog::gpu::{GpuSpec, Vendor};
use crate::error::{Defect, Error, ExpectedFormat, Fault, FleetFault};
use crate::inventory::simulated::{self, Card, MOST_GPUS};
use crate::inventory::{Gpu, Host, Inventory};
use crate::regular_file::{SETTINGS, read_text};
use crate::report::{OfferedBy, OfferedCard};
use crate::units::Bytes;

/// No card costs more, in whichever currency.
const DEAREST: f64 = 1e12;

/// The cards that may be bought.
pub(super) struct Offer {
    pub by: OfferedBy,
    pub cards: Vec<Offered>,
    pub currency: Option<String>,
    /// GPUs that a machine holds at most.
    pub slots: usize,
}

/// A card that may be bought.
pub(super) struct Offered {
    pub card: Card,
    /// What it costs, if somebody said it.
    pub price: Option<f64>,
    /// When the first card of its generation came out, if that is known: `2020-09`.
    pub generation: String,
}

impl Offered {
    fn new(card: Card, price: Option<f64>, catalog: &Catalog) -> Self {
        let known = catalog.gpu(&card.name, Some(card.memory));
        let alike = |gpu: &&GpuSpec| {
            known.is_some_and(|known| {
                (known.vendor, &known.architecture) == (gpu.vendor, &gpu.architecture)
            })
        };
        let released = catalog.gpus.iter().filter(alike);
        let first = released.filter_map(|gpu| gpu.released.as_ref()).min();
        Self {
            generation: first.cloned().unwrap_or_default().into(),
            card,
            price,
        }
    }

    /// As it is sold: a driver shows a little less.
    pub(super) fn gibibytes(&self) -> u64 {
        self.card.memory.0.div_ceil(Bytes::gib(1).0)
    }
}

impl Offer {
    /// Those that were named, else those with prices, else those that people buy and those that are there already.
    ///
    /// # Errors
    /// Cards that nobody knows, and a file that is none of prices.
    pub(super) fn read(
        session: &Session,
        args: &UpgradeArgs,
        inventory: &Inventory,
    ) -> Result<Self, Error> {
        let catalog = &session.catalog;
        let mut named = Vec::new();
        for text in &args.card {
            named.extend(simulated::cards("--card", text, catalog, None)?);
        }
        let slots = args.slots.as_deref().map_or(Ok(u32::MAX), |text| {
            number("--slots", text, MOST_GPUS, ExpectedFormat::Count)
        })? as usize;
        let prices = args.prices.as_deref();
        let mut offer = match prices.map(|path| priced(path, catalog)).transpose()? {
            Some((cards, currency)) => Self {
                by: OfferedBy::Prices,
                cards,
                currency,
                slots,
            },
            None => Self {
                by: OfferedBy::Rule,
                cards: bought(catalog, inventory),
                currency: None,
                slots,
            },
        };
        if !named.is_empty() {
            let cards = named.into_iter().map(|card| {
                let same = |one: &&Offered| one.card.name == card.name;
                let price = offer.cards.iter().find(same).and_then(|one| one.price);
                Offered::new(card, price, catalog)
            });
            offer.cards = cards.collect();
            offer.by = OfferedBy::Name;
        }
        let mut seen = BTreeSet::new();
        offer.cards.retain(|one| seen.insert(one.card.name.clone()));
        // A price for one card and none for another compare nothing.
        let missing = offer.cards.iter().find(|one| one.price.is_none());
        if let (Some(path), Some(missing)) = (prices, missing) {
            return Err(Error::MissingArgument {
                argument: format!("{}: \"{}\" = ", path.display(), missing.card.name),
            });
        }
        // What no machine takes is not told.
        let taken = |card: &Card| inventory.hosts.iter().any(|host| takes(host, card));
        offer.cards.retain(|one| taken(&one.card));
        Ok(offer)
    }

    /// As the report has them.
    pub(super) fn offered_cards(&self) -> Vec<OfferedCard> {
        let card = |one: &Offered| OfferedCard {
            name: one.card.name.clone(),
            memory: one.card.memory,
            price: one.price,
        };
        self.cards.iter().map(card).collect()
    }
}

/// Whether a machine takes a card: Apple's take none, and no Ollama uses those of two makers together.
pub(super) fn takes(host: &Host, card: &Card) -> bool {
    let suits = |gpu: &Gpu| gpu.vendor == card.vendor;
    !card.unified && card.vendor != Vendor::Apple && host.gpus.iter().all(suits)
}

/// The cards that people buy, by the rule of the data, and those that the machines have.
fn bought(catalog: &Catalog, inventory: &Inventory) -> Vec<Offered> {
    let rules = &catalog.knowledge.gpu_rules;
    let gpus = inventory.hosts.iter().flat_map(|host| &host.gpus);
    // Nobody sells a part of a GPU.
    let here = gpus.filter(|gpu| gpu.mig.is_none());
    let here = here.filter_map(|gpu| catalog.gpu(&gpu.name, Some(gpu.total)));
    let sold = catalog.gpus.iter().filter(|gpu| rules.is_bought(gpu));
    let all = here.chain(sold).map(Card::from_spec);
    all.map(|card| Offered::new(card, None, catalog)).collect()
}

type Priced = (Vec<Offered>, Option<String>);

/// A file of prices: `"RTX 3090" = 700`, one a line, all in one currency, which `currency = "EUR"` may name.
fn priced(path: &Path, catalog: &Catalog) -> Result<Priced, Error> {
    let text = read_text(path, SETTINGS)?;
    let file = path.display().to_string();
    let defect = |at: usize, fault: Fault| Defect::at_byte(&*file, &text, at, fault);
    let rows: BTreeMap<toml::Spanned<String>, toml::Spanned<toml::Value>> =
        toml::from_str(&text)
            .map_err(|error| Error::Defects(vec![Defect::of_toml(&*file, &text, &error)]))?;
    let (mut cards, mut currency, mut defects) = (Vec::new(), None, Vec::new());
    for (name, value) in rows {
        let at = name.span().start;
        let name = name.into_inner();
        let value = value.into_inner();
        if name == "currency" {
            match value {
                toml::Value::String(text) if text.len() <= 8 => currency = Some(text),
                _ => defects.push(defect(at, Fault::Implausible("currency"))),
            }
            continue;
        }
        let price = match value {
            toml::Value::Integer(whole) => Some(whole as f64),
            toml::Value::Float(price) => Some(price),
            _ => None,
        };
        match price.filter(|price| *price > 0.0 && *price <= DEAREST) {
            None => defects.push(defect(at, Fault::Implausible("price"))),
            Some(price) => match simulated::cards("--prices", &name, catalog, None) {
                // A price is that of one card: `RTX 3090 x2` has none.
                Ok(found) if found.len() == 1 => {
                    let priced = |card| Offered::new(card, Some(price), catalog);
                    cards.extend(found.into_iter().map(priced));
                }
                Err(Error::UnknownGpu { name, candidates }) => {
                    let fault = FleetFault::UnknownGpu { name, candidates };
                    defects.push(defect(at, Fault::Fleet(fault)));
                }
                _ => defects.push(defect(at, Fault::Fleet(FleetFault::BadGpu(name)))),
            },
        }
    }
    if cards.is_empty() && defects.is_empty() {
        defects.push(defect(0, Fault::Missing("\"RTX 3090\" = 700")));
    }
    match defects.is_empty() {
        true => Ok((cards, currency)),
        false => Err(Error::Defects(defects)),
    }
}

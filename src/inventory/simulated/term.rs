//! One term of a description, read in every way that it can be.

use super::{Card, MOST_GPUS, MOST_MEMORY, MOST_SHOWN, TIMES, device_line};
use crate::catalog::Catalog;
use crate::catalog::gpu::GpuSpec;
use crate::error::Error;
use crate::units::Bytes;

/// What a term is read with.
pub(super) struct Resolver<'a> {
    /// The cards that are known.
    pub(super) catalog: &'a Catalog,
    /// The memory of the machine, which some share.
    pub(super) ram: Option<Bytes>,
}

impl Resolver<'_> {
    /// A term's card and count. The count is `None` where it is no whole number.
    pub(super) fn resolve(&self, term: &str) -> Result<(Card, Option<u32>), Error> {
        let mut readings: Vec<Reading<'_>> =
            [suffix(term), prefix(term)].into_iter().flatten().collect();
        readings.sort_by_key(|reading| reading.count.unwrap_or(u32::MAX));
        let known = |name: &str| self.known(name);
        let sized = |name: &str| resized(name, self.catalog);
        let printed = |line: &str| self.printed(line);
        for card in [&known as &dyn Fn(&str) -> Option<Card>, &sized, &printed] {
            if let Some(card) = card(term) {
                return Ok((card, Some(1)));
            }
            for reading in &readings {
                if let Some(card) = card(reading.name) {
                    return Ok((card, reading.count));
                }
            }
        }
        // `GTX 1079` may be 1079 cards "GT", but nobody means that.
        let name = readings
            .iter()
            .find(|reading| reading.apart && reading.count.is_none_or(|count| count <= MOST_GPUS))
            .map_or(term, |reading| reading.name);
        let name: String = name.chars().take(MOST_SHOWN).collect();
        Err(Error::UnknownGpu {
            candidates: self.catalog.similar_gpus(&name),
            name,
        })
    }

    fn known(&self, name: &str) -> Option<Card> {
        let spec = self.catalog.device(name, None)?;
        match self.ram {
            // The machine's memory says more than the size that a bare name stands for.
            Some(ram) if spec.unified && !names_size(name) => {
                let namesakes = self.catalog.namesakes(name, &spec);
                let nearest = namesakes.into_iter().find(|one| one.memory == ram);
                let spec = match nearest {
                    Some(one) => one.clone(),
                    None if spec.memory == ram => spec.into_owned(),
                    None => GpuSpec {
                        name: bare(&spec, self.catalog).into(),
                        ..self.catalog.resized(&spec, ram)
                    },
                };
                Some(Card::from_spec(&spec))
            }
            _ => Some(Card::told_by_name(name, &spec, self.catalog)),
        }
    }

    /// The card of a line that a program prints, with the memory that it tells.
    fn printed(&self, line: &str) -> Option<Card> {
        let printed = device_line::read(line)?;
        let Some((total, free)) = printed.memory else {
            return self
                .known(printed.name)
                .or_else(|| resized(printed.name, self.catalog));
        };
        let spec = self.catalog.device(printed.name, Some(total))?;
        let plausible = (Bytes::mib(1)..=MOST_MEMORY).contains(&total);
        // Of memory that the GPU shares, what it sees does not tell how much the machine has.
        let name = match spec.unified {
            true => printed.name.to_owned(),
            false => spec.name.to_string(),
        };
        plausible.then(|| Card {
            name,
            reserved: Bytes::ZERO,
            used: total - free,
            ..Card::from_spec(&spec).with_total(total)
        })
    }
}

/// Whether a name ends in a size of its own.
fn names_size(name: &str) -> bool {
    let last = name.rsplit([' ', '(']).next().unwrap_or_default();
    let size = last.trim_end_matches(')').to_ascii_lowercase();
    // "780M" is a name, not a size.
    let unit = ["g", "gb", "gib", "mib", "tb", "tib"]
        .iter()
        .any(|unit| size.ends_with(unit));
    unit && size.parse::<Bytes>().is_ok()
}

/// A card's name without its size, if that still means the card.
fn bare(spec: &GpuSpec, catalog: &Catalog) -> String {
    let bare = spec.name.rsplit_once(' ').map(|(bare, _)| bare);
    let same = |bare: &&str| {
        catalog
            .gpu(bare, None)
            .is_some_and(|it| it.name == spec.name)
    };
    bare.filter(same).unwrap_or(&spec.name).to_owned()
}

/// A known card with another memory than it was sold with. Its name is the driver's, which does not tell.
fn resized(name: &str, catalog: &Catalog) -> Option<Card> {
    let (sold, size) = name.trim_end().rsplit_once(' ')?;
    let memory: Bytes = size.parse().ok()?;
    let named = names_size(name) && (Bytes::gib(1)..=MOST_MEMORY).contains(&memory);
    let spec = catalog.gpu(sold, None).filter(|_| named)?;
    Some(Card::from_spec(&GpuSpec {
        name: bare(spec, catalog).into(),
        ..catalog.resized(spec, memory)
    }))
}

/// One way to read a term.
struct Reading<'a> {
    name: &'a str,
    /// `None` for `0.5`, `-1` and numbers without end.
    count: Option<u32>,
    /// Whether the x stands apart from the name, so that it can be no part of it.
    apart: bool,
}

/// `RTX 3090 x2`, `RTX 3090*2`, `3090x2`
fn suffix(term: &str) -> Option<Reading<'_>> {
    let (head, tail) = term.rsplit_once(TIMES)?;
    let name = head.trim_end();
    let count = tail.trim_start();
    let apart = name.len() < head.len() || head.ends_with(|c: char| c.is_ascii_digit());
    (!name.is_empty() && is_number(count)).then(|| Reading {
        name,
        count: count.parse().ok(),
        apart,
    })
}

/// Splits a number before a name off: `2x3090`, `2 * RTX 3090`.
fn prefix(term: &str) -> Option<Reading<'_>> {
    let (head, tail) = term.split_once(TIMES)?;
    let (count, name) = (head.trim_end(), tail.trim_start());
    (!name.is_empty() && is_number(count)).then(|| Reading {
        name,
        count: count.parse().ok(),
        apart: true,
    })
}

/// Whether a text is meant as a number, be it one that can count or not.
fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

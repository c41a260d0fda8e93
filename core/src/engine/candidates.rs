//! Which models and which of their files may answer a request.

use super::estimate_input::{EstimateInput, estimate_input};
use super::place::{Device, GpuPool, Verdict};
use super::rank::{Ranked, RankingHardware, Request, Scope, judge, judge_as, runs};
use super::reason::Reason;
use crate::catalog::model::{Kind, Model, Variant};
use crate::catalog::{Catalog, Entry};
use crate::request::{Priority, Task};
use crate::units::Bytes;

/// One answer a model: the file of it that scores best here. The guide's models are taken as they are, file by file.
pub(super) fn candidates<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Vec<Ranked<'a>> {
    let is_text = Task::TEXT.contains(&request.task);
    match request.scope {
        Scope::Guide => catalog
            .guide_entries()
            .filter(|entry| is_text || entry.model.does(request.task))
            .filter_map(|entry| judge(catalog, entry, request, here))
            .collect(),
        Scope::All => {
            let best = |model: &'a Model| best_file(catalog, model, request, here);
            catalog
                .models
                .iter()
                .filter(|model| model.does(request.task))
                // What was made to look at pictures is asked for by those who have some.
                .filter(|model| !is_text || model.kind != Kind::Vision)
                .filter_map(best)
                .collect()
        }
    }
}

/// Of one model's files the one that scores best here; the default among equals, and where none runs.
fn best_file<'a>(
    catalog: &'a Catalog,
    model: &'a Model,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let default = model.variants.first()?;
    let mut best = judge(catalog, Entry::new(model, default), request, here);
    let verdict = best.as_ref().map(|ranked| ranked.placement.verdict);
    let fits = verdict == Some(Verdict::Fits);
    for variant in others(model, default, fits, request, here) {
        let entry = Entry::new(model, variant);
        let input = estimate_input(catalog, entry).filter(|input| has_room(input, here.pool));
        let Some(mut other) =
            input.and_then(|input| judge_as(catalog, entry, input, request, here))
        else {
            continue;
        };
        let verdict = other.placement.verdict;
        let better =
            |best: &Ranked<'_>| !runs(best, request, here) || other.score.total > best.score.total;
        if runs(&other, request, here) && best.as_ref().is_none_or(better) {
            other.reasons.push(Reason::OtherQuantization {
                instead_of: default.tag.clone(),
            });
            best = Some(other);
        }
        // The next is smaller still, and worse.
        if !fits && verdict == Verdict::Fits {
            break;
        }
    }
    best
}

/// Whether the GPUs of one host, with its memory, might hold the weights.
fn has_room(input: &EstimateInput<'_>, pool: &GpuPool) -> bool {
    pool.hosts.iter().any(Option::is_some) || input.weights.on_gpu() <= largest_host(pool)
}

/// The other files that are worth a look, the largest first: where the default fits, those that lose less, or for speed read less; else all
/// that are smaller.
fn others<'a>(
    model: &'a Model,
    default: &'a Variant,
    fits: bool,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Vec<&'a Variant> {
    let most = largest_host(here.pool);
    let wanted = |variant: &&Variant| {
        let Some(bytes) = variant.weights else {
            return false;
        };
        let named = |names: &[&str]| {
            let name = variant.quantization.as_deref().unwrap_or_default();
            names.contains(&name)
        };
        let smaller = Some(bytes) < default.weights;
        match request.effective_priority() {
            _ if !fits => smaller && bytes <= most * 2,
            Priority::Speed => smaller && named(&["Q4_K_S", "IQ4_XS", "Q4_0", "Q3_K_M"]),
            _ => !smaller && bytes <= most && named(&["Q8_0", "Q6_K"]),
        }
    };
    let mut others: Vec<&Variant> = model.variants[1..].iter().filter(wanted).collect();
    others.sort_by_key(|variant| (std::cmp::Reverse(variant.weights), &variant.tag));
    others
}

/// The memory of the largest host's GPUs: files far beyond it need no look.
fn largest_host(pool: &GpuPool) -> Bytes {
    let hosts = 0..pool.hosts.len().max(1);
    hosts
        .map(|host| {
            let of_host = |device: &&Device| device.host as usize == host;
            pool.devices.iter().filter(of_host).map(Device::limit).sum()
        })
        .max()
        .unwrap_or_default()
}

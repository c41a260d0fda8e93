//! Who stays away from whom: replicas of a demand, and demands of different models.

use std::collections::BTreeSet;

use super::demand::{Demand, list};
use super::resolved::ResolvedDemands;
use super::wanted::Wanted;
use crate::catalog::similar;
use crate::engine::pack::AntiAffinity;
use crate::error::{Error, ExpectedFormat};

/// Tags of a comma list, and how far: `host:a,b` on other hosts, `a,b` or `gpu:a,b` on other GPUs.
pub(super) fn tags_apart(text: &str) -> (AntiAffinity, Vec<String>) {
    match (text.strip_prefix("host:"), text.strip_prefix("gpu:")) {
        (Some(tags), _) => (AntiAffinity::Host, list(tags)),
        (None, Some(tags)) => (AntiAffinity::Gpu, list(tags)),
        (None, None) => (AntiAffinity::Gpu, list(text)),
    }
}

/// For each demand the demands that it stays away from, which stay away from it, too.
pub(super) fn apart(
    wanted: &Wanted,
    resolved: &ResolvedDemands<'_>,
) -> Result<Vec<BTreeSet<(usize, AntiAffinity)>>, Error> {
    let demands = &wanted.demands;
    let mut apart: Vec<BTreeSet<(usize, AntiAffinity)>> = vec![BTreeSet::new(); demands.len()];
    let mut pairs: Vec<(&str, String, String, AntiAffinity)> = Vec::new();
    let mut replicas = None;
    for text in &wanted.apart {
        match text.trim() {
            "gpu" => replicas = Some(AntiAffinity::Gpu),
            "host" => replicas = Some(AntiAffinity::Host),
            text => {
                let (distance, tags) = tags_apart(text);
                // One tag by itself is apart from nobody.
                if tags.len() < 2 {
                    return Err(Error::BadValue {
                        argument: "--apart".into(),
                        value: text.to_owned(),
                        form: ExpectedFormat::Apart,
                    });
                }
                for (at, one) in tags.iter().enumerate() {
                    let others = tags[at + 1..].iter();
                    pairs.extend(
                        others.map(|other| ("--apart", one.clone(), other.clone(), distance)),
                    );
                }
            }
        }
    }
    for (at, demand) in demands.iter().enumerate() {
        // What a demand says of its own replicas counts more than what is said of all.
        if let Some(distance) = demand.apart.or(replicas) {
            apart[at].insert((at, distance));
        }
        for (tag, distance) in &demand.apart_from {
            pairs.push(("apart", demand.tag.clone(), tag.clone(), *distance));
        }
    }
    // What is said once for each of many rows is looked up once.
    pairs.sort();
    pairs.dedup();
    for (argument, one, other, distance) in pairs {
        let (one, other) = (
            named(argument, &one, resolved, demands)?,
            named(argument, &other, resolved, demands)?,
        );
        for &left in &one {
            for &right in &other {
                apart[left].insert((right, distance));
                apart[right].insert((left, distance));
            }
        }
    }
    Ok(apart)
}

/// The demands for a tag, as it was asked for or as it is planned.
fn named(
    argument: &str,
    tag: &str,
    resolved: &ResolvedDemands<'_>,
    demands: &[Demand],
) -> Result<Vec<usize>, Error> {
    let is = |at: &usize| {
        demands[*at].tag == tag || resolved.known[resolved.model[*at]].entry.tag == tag
    };
    let found: Vec<usize> = (0..demands.len()).filter(is).collect();
    if found.is_empty() {
        let choices: BTreeSet<String> = demands.iter().map(|demand| demand.tag.clone()).collect();
        let choices: Vec<String> = choices.into_iter().collect();
        return Err(Error::UnknownChoice {
            argument: argument.to_owned(),
            value: tag.to_owned(),
            candidates: similar(tag, choices.iter().map(String::as_str)),
            choices,
        });
    }
    Ok(found)
}

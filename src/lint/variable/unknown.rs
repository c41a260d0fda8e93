//! Variables that Ollama does not read, and what they were meant for.

use std::collections::HashSet;

use super::super::hint::Hint;
use super::super::known::{Meant, meant, nearest};
use super::super::sheet::SourceText;
use super::super::slip::certain;
use super::super::{LintContext, Problem};
use super::{Place, Setting};
use crate::units::Bytes;

/// MiB to keep free on each card for an overhead in bytes, beside the engine's own margin; none for what is no size.
pub(super) fn fit_target(overhead: &str) -> Option<u64> {
    let overhead = overhead.trim();
    let bytes = match overhead.parse::<u64>() {
        Ok(bytes) => bytes,
        // Ollama takes no unit there; what is meant by one is plain.
        Err(_) if overhead.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            overhead.parse::<Bytes>().ok()?.0
        }
        Err(_) => return None,
    };
    Some(1024_u64.saturating_add(bytes.div_ceil(Bytes::mib(1).0)))
}

/// A variable that Ollama does not read.
pub(super) fn unknown(
    sheet: &mut SourceText<'_>,
    setting: &Setting,
    place: Place,
    taken: &HashSet<&str>,
) {
    let (name, value) = (setting.name.as_str(), setting.value.as_str());
    let meaning = meant(name);
    let candidates = match meaning {
        None => sheet.similar(name, nearest),
        Some(_) => Vec::new(),
    };
    let sure = certain(name, &candidates).map(str::to_owned);
    let instead = match meaning {
        Some(Meant::Variable(other) | Meant::Other(other)) => Some(other.to_owned()),
        Some(Meant::Parameter(other)) => Some(format!("PARAMETER {other}")),
        Some(Meant::Port) => Some("OLLAMA_HOST".to_owned()),
        Some(Meant::Limit) => Some("LLAMA_ARG_FIT_TARGET".to_owned()),
        Some(Meant::Layers | Meant::Nothing) => None,
        None => sure.clone(),
    };
    let hint = match meaning {
        Some(Meant::Layers) => Some(Hint::CountsLayers),
        Some(Meant::Limit) => Some(Hint::LeavesFree),
        Some(Meant::Other(_)) => Some(Hint::OtherValue),
        _ => None,
    };
    let at = setting.at.clone();
    let problem = Problem::UnknownVariable {
        variable: name.to_owned(),
        instead,
        hint,
        candidates,
    };
    match meaning {
        // It is said by its right name, too.
        Some(Meant::Variable(other)) if taken.contains(&other) => {
            gone(sheet, setting, problem);
        }
        Some(Meant::Variable(other)) => {
            sheet.find(at, problem);
            setting.rename(sheet, other);
        }
        Some(Meant::Port) => {
            let host = match place {
                Place::Host => "127.0.0.1",
                // A container's own address is nobody else's; its published port says who may come.
                Place::Container | Place::Quadlet | Place::Compose | Place::Kubernetes => "0.0.0.0",
            };
            sheet.find(at, problem);
            setting.rename(sheet, "OLLAMA_HOST");
            setting.put(sheet, &format!("{host}:{value}"));
        }
        Some(Meant::Parameter(other)) => {
            sheet.find_with(at, problem, format!("PARAMETER {other} {value}"));
            setting.advise_without(sheet);
        }
        // The value means something else there.
        Some(Meant::Limit) => match left_free(value, sheet.context) {
            Some(mib) => {
                sheet.find(at, problem);
                sheet.advise(setting.name_at(), "LLAMA_ARG_FIT_TARGET");
                setting.advise(sheet, &mib.to_string());
            }
            None => gone(sheet, setting, problem),
        },
        Some(Meant::Other(_) | Meant::Layers | Meant::Nothing) => {
            gone(sheet, setting, problem);
        }
        // A slip of the finger is for a person to confirm.
        None => match sure {
            Some(other) => {
                sheet.find(at, problem);
                sheet.advise(setting.name_at(), other);
            }
            None => gone(sheet, setting, problem),
        },
    }
}

/// A setting that nobody reads: its line is right without it.
fn gone(sheet: &mut SourceText<'_>, setting: &Setting, problem: Problem) {
    let at = setting.at.clone();
    match setting.advise_without(sheet) {
        true => sheet.find(at, problem),
        false => sheet.find_with(at, problem, ""),
    }
}

/// MiB to leave free on every card, so that no more than a limit is taken: a limit with its unit, on cards that are known and alike.
fn left_free(limit: &str, context: LintContext<'_>) -> Option<u64> {
    if !limit.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let limit: Bytes = limit.parse().ok()?;
    let free = context.cards?.free();
    let first = free
        .first()
        .filter(|first| free.iter().all(|other| other == *first))?;
    let left = first.0.checked_sub(limit.0)?;
    Some((left / Bytes::mib(1).0).max(1024))
}

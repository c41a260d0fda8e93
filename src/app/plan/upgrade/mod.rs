//! `vramfit upgrade`: which cards make room for what is to be served. Every change of at most two cards is planned like any other machine; told are
//! those that bring more than every cheaper one.

mod cards;
mod changes;
mod rank;
mod what_if;

use std::io::Write;

use super::super::args::{PlanArgs, UpgradeArgs};
use super::super::hardware;
use super::super::reporting::{self, Answer};
use super::super::session::{Session, number};
use super::limit::Limit;
use super::{resolved, wanted};
use crate::engine::pack::{MOST_DEVICES, MOST_ITEMS, Watch};
use crate::engine::workload::Engine;
use crate::error::{Error, ExpectedFormat};
use crate::inventory::{Inventory, LOCALHOST, simulated};
use crate::render;
use crate::report::{Upgrade, UpgradeOption, UpgradeOutcome};
use cards::Offer;
use changes::Change;
use rank::Tried;
use what_if::WhatIf;

/// Changes that are told unless a call says otherwise.
const LIMIT: u32 = 10;
/// Seconds for all changes together unless a call says otherwise.
const TIME: &str = "60";

/// Answers yes where everything has a place, today or after one of the changes.
pub(in crate::app) fn run(
    session: &Session,
    args: &UpgradeArgs,
    err: &mut dyn Write,
) -> Result<Answer, Error> {
    let report = upgraded(session, args, err)?;
    let outcomes = report.options.iter().map(|option| &option.outcome);
    let all = |outcome: &UpgradeOutcome| outcome.placed == outcome.wanted;
    let yes = outcomes.chain([&report.today]).any(all);
    reporting::answer(
        session,
        &report,
        |view| render::upgrade::page(&report, view),
        yes,
    )
}

fn upgraded(session: &Session, args: &UpgradeArgs, err: &mut dyn Write) -> Result<Upgrade, Error> {
    let most = args.limit.as_deref().map_or(Ok(LIMIT), |text| {
        number("--limit", text, 10_000, ExpectedFormat::Count)
    })?;
    let plan = PlanArgs {
        demands: args.demands.clone(),
        time: Some(args.time.clone().unwrap_or_else(|| TIME.to_owned())),
        workload: args.workload.clone(),
        ..PlanArgs::default()
    };
    let (wanted, _) = wanted::read(session, &plan)?;
    if wanted.demands.iter().any(|demand| !demand.pins.is_empty()) {
        // The GPU that a pin names may be the one that goes.
        return Err(Error::Conflict {
            argument: "upgrade".into(),
            other: ":pin=".into(),
        });
    }
    let (workload, _) = session.workload(&args.workload)?;
    crate::error::for_ollama(workload.kv_cache_type, workload.ollamas_types)?;
    let inventory = inventory(session)?;
    let offer = Offer::read(session, args, &inventory)?;
    let today = hardware::with_flags(session, &inventory, &[Engine::Ollama])?;
    let resolved = resolved::resolve(session, &plan, &today, &wanted.demands)?;
    let limit = Limit::new(session, &plan, err)?;
    let goes_on = || limit.goes_on();
    let trial = WhatIf {
        session,
        wanted: &wanted,
        resolved: &resolved,
        watch: Watch::new(&goes_on),
    };
    let (outcome, unmoved) = trial.outcome(&today, None)?;
    let mut options = Vec::new();
    let all = changes::all(&inventory, &offer);
    let small = |change: &Change| change.cards() == 1 || is_small(&inventory, &outcome);
    let mut tried = 0;
    for change in all.iter().filter(|change| small(change)) {
        let made = change.made(&inventory, &offer);
        let hardware = hardware::with_flags(session, &made, &[Engine::Ollama])?;
        let unmoved = change.unmoved(&unmoved);
        let (outcome, _) = trial.outcome(&hardware, Some(&unmoved))?;
        // Cut short it may serve less than it could: no outcome to compare with the others.
        if !limit.goes_on() {
            break;
        }
        tried += 1;
        options.push(Tried { change, outcome });
    }
    let worth = rank::worth_telling(&wanted, &outcome, &options);
    let shown = worth.iter().take(most as usize);
    let option = |(rank, tried): (u32, &&Tried<'_>)| UpgradeOption {
        rank,
        price: tried.change.price(&offer),
        memory: tried.change.memory(&offer),
        changes: tried.change.card_changes(&inventory, &offer),
        outcome: tried.outcome.clone(),
    };
    Ok(Upgrade {
        schema: "vramfit.upgrade/1",
        options: (1..).zip(shown).map(option).collect(),
        more: worth.len().saturating_sub(most as usize),
        tried,
        untried: all.len() - tried,
        inventory: today.report,
        today: outcome,
        offered_by: offer.by,
        currency: offer.currency.clone(),
        cards: offer.offered_cards(),
        ended: limit.ended(),
        notes: resolved.notes.clone(),
    })
}

/// Two changes at once are many: they are tried where every placement is considered.
fn is_small(inventory: &Inventory, outcome: &UpgradeOutcome) -> bool {
    let gpus: usize = inventory.hosts.iter().map(|host| host.gpus.len()).sum();
    gpus + 2 <= MOST_DEVICES && outcome.wanted as usize <= MOST_ITEMS
}

/// The machines as they are; one without GPUs where none is known.
fn inventory(session: &Session) -> Result<Inventory, Error> {
    // With `--cpu` no card would be used, whichever is bought.
    if session.global.cpu {
        return Err(Error::Conflict {
            argument: "upgrade".into(),
            other: "--cpu".into(),
        });
    }
    let mut inventory = super::super::detect::inventory(session)?;
    if inventory.hosts.is_empty() {
        let host = simulated::host(LOCALHOST, Vec::new(), None);
        inventory.hosts.push(host);
    }
    Ok(inventory)
}

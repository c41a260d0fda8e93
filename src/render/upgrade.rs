//! The page of `upgrade`: what the machine serves today, then the changes, each with what it makes possible.

use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::{View, hardware, tone};
use crate::engine::place::Verdict;
use crate::messages;
use crate::messages::upgrade as words;
use crate::report::{Speed, Upgrade, UpgradeModel, UpgradeOutcome};

/// Places of replicas that are shown; JSON has them all.
const MOST_PLACES: usize = 4;

/// The page of GPUs to buy and what they bring.
pub fn page(report: &Upgrade, view: View) -> Page {
    let mut page = Page::new();
    page.lines(hardware(&report.inventory, view));
    let UpgradeOutcome { placed, wanted, .. } = report.today;
    let tone = if placed == wanted {
        Tone::Good
    } else {
        Tone::Bad
    };
    page.paragraph(tone.span(words::today(view.lang, placed, wanted)));
    let all = |outcome: &UpgradeOutcome| outcome.placed == outcome.wanted;
    let any = all(&report.today) || report.options.iter().any(|one| all(&one.outcome));
    let outcomes = report.options.iter().map(|one| &one.outcome);
    let optimal = outcomes.chain([&report.today]).all(|one| one.optimal);
    let proved = optimal && report.untried == 0;
    let nothing = match (report.options.is_empty(), report.tried) {
        (true, 0) if report.untried == 0 => Some(words::no_change_is_possible(view.lang)),
        (true, _) if !proved => Some(words::no_card_was_found_to_bring_more(view.lang)),
        (true, _) => Some(words::no_card_brings_more(view.lang)),
        (false, _) if !any => Some(words::no_change_places_all(view.lang)),
        (false, _) => None,
    };
    if let Some(nothing) = nothing {
        page.callout(if any { Tone::Caution } else { Tone::Bad }, nothing);
    }
    if !report.options.is_empty() && !view.quiet {
        let priced = report.options.iter().any(|option| option.price.is_some());
        page.paragraph(Tone::Dim.span(words::order(view.lang, priced)));
    }
    page.push(table(report, view));
    if report.more > 0 {
        page.paragraph(Tone::Dim.span(words::more(view.lang, report.more)));
    }
    if report.untried > 0 {
        page.callout(Tone::Caution, words::untried(view.lang, report));
    }
    if !optimal {
        page.callout(Tone::Caution, words::not_proved(view.lang));
    }
    if view.quiet {
        return page;
    }
    for note in &report.notes {
        page.callout(Tone::Caution, messages::plan::note(view.lang, note));
    }
    let outcomes = report.options.iter().map(|option| &option.outcome);
    if outcomes.chain([&report.today]).any(|one| one.placed > 0) {
        page.paragraph(Tone::Dim.span(words::what_users_are(view.lang)));
    }
    // Where no card goes into the machine, none was tried.
    if !report.cards.is_empty() {
        page.paragraph(Tone::Dim.span(words::offered(view.lang, report)));
        page.paragraph(Tone::Dim.span(words::not_checked(view.lang)));
    }
    page
}

fn table(report: &Upgrade, view: View) -> Table {
    let lang = view.lang;
    let priced = report.options.iter().any(|option| option.price.is_some());
    let mut columns = vec![
        Column::right(messages::rank(lang)),
        Column::left(words::change(lang)),
    ];
    if priced {
        columns.push(Column::right(words::price(lang)).priority(95));
    }
    columns.extend([
        Column::left(messages::model(lang)).whole(),
        Column::left(messages::verdict(lang)),
        Column::left(messages::plan::gpus(lang)).priority(60),
        Column::right(messages::context(lang)).priority(50),
        Column::right(messages::tokens_per_second(lang)).priority(90),
        Column::right(words::users(lang)).priority(80),
        Column::right(words::each_of_them(lang)).priority(70),
    ]);
    let mut table = Table::new(columns).omitted(messages::not_shown_at_this_width(lang));
    let several = report.inventory.hosts.len() > 1;
    let mut add = |head: Vec<Cell>, outcome: &UpgradeOutcome| {
        for (at, model) in outcome.models.iter().enumerate() {
            let mut cells = match at {
                0 => head.clone(),
                _ => vec![Cell::from(""); head.len()],
            };
            cells.extend(row(model, several, view));
            table.rows.push(Row::new(cells));
        }
    };
    let mut today = vec![Cell::from(""), Cell::from(words::as_it_is(lang))];
    today.extend(priced.then(|| Cell::from("")));
    add(today, &report.today);
    for option in &report.options {
        let change = words::changes(lang, &option.changes, several);
        let mut head = vec![
            Cell::from(option.rank.to_string()),
            Cell::from(Tone::Strong.span(change)),
        ];
        if priced {
            let price = option.price.unwrap_or_default();
            head.push(Cell::from(words::amount(price, report.currency.as_deref())));
        }
        add(head, &option.outcome);
    }
    table
}

fn row(model: &UpgradeModel, several: bool, view: View) -> [Cell; 7] {
    let verdict = match model.placed {
        0 => Verdict::DoesNotFit,
        _ => Verdict::Fits,
    };
    let said = match model.placed {
        placed if placed > 0 && placed < model.wanted => {
            Tone::Caution.span(words::some_of(view.lang, placed, model.wanted))
        }
        _ => tone(verdict).span(view.doubted(verdict, None, model.within_doubt)),
    };
    let places = model.places.iter().map(|place| {
        let gpus: Vec<String> = place.gpus.iter().map(u32::to_string).collect();
        match several {
            true => format!("{}/{}", place.host, gpus.join("+")),
            false => gpus.join("+"),
        }
    });
    let mut places: Vec<String> = places.collect();
    if places.len() > MOST_PLACES + 1 {
        places.truncate(MOST_PLACES);
        places.push("…".to_owned());
    }
    let rate = |speed: Option<&Speed>| {
        let band = speed.map(|speed| messages::band(speed.decode[0], speed.decode[1]));
        Cell::from(band.unwrap_or_default())
    };
    let users = model.users.as_ref();
    [
        Cell::from(Tone::Accent.span(&model.tag)),
        Cell::from(said),
        Cell::from(places.join(view.comma())),
        Cell::from(messages::tokens(model.context_length)),
        rate(model.speed_all_busy.as_ref().or(model.speed.as_ref())),
        Cell::from(
            users
                .map(|users| users.users.to_string())
                .unwrap_or_default(),
        ),
        rate(users.and_then(|users| users.each.as_ref())),
    ]
}

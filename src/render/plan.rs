//! The page of `plan`: every GPU's memory, the services, what found no place, and what a lost card costs.

mod fill;
mod outlook;

use std::collections::BTreeSet;

use super::page::{Bar, Cell, Column, Line, Page, Row, Table, Tone};
use super::view::{View, tone};
use crate::lang::Lang;
use crate::line;
use crate::messages;
use crate::report::{Fix, GpuBudget, PlanNote, Planned, Service, ServiceName, Speed, Unplaced};

/// More lines of a kind than this are not shown: a fleet is for scripts.
const MOST_LINES: usize = 48;

/// The page of a plan: services, GPUs, and what found no place.
pub fn page(report: &Planned, view: View) -> Page {
    let mut page = Page::new();
    summary(&mut page, report, view);
    if let Some(users) = &report.users {
        let tone = if users.met { Tone::Good } else { Tone::Bad };
        page.paragraph(tone.span(messages::users::served(view.lang, users)));
    }
    if !report.plan.gpus.is_empty() {
        page.heading(2, messages::plan::memory_by_gpu(view.lang));
        ledger(&mut page, report, view);
    }
    if !report.plan.services.is_empty() {
        page.heading(2, messages::plan::services(view.lang));
        page.push(services(report, view));
        more(&mut page, report.plan.services.len(), view);
    }
    no_place(&mut page, report, view);
    if let Some(fill) = &report.fill {
        fill::tell(&mut page, fill, report, view);
    }
    if let Some(change) = &report.change {
        page.heading(2, messages::plan::changes(view.lang));
        outlook::changes(&mut page, change, report, view);
    }
    if !report.files.is_empty() {
        page.heading(2, messages::plan::files_written(view.lang));
        page.list(
            report
                .files
                .iter()
                .map(|file| Line::from(file.path.as_str())),
        );
    }
    if view.quiet {
        return page;
    }
    notes(&mut page, report, view);
    let losses = outlook::losses(report, view);
    if losses.len() <= MOST_LINES && !losses.is_empty() {
        page.heading(2, messages::plan::if_a_card_fails(view.lang));
        page.list(losses);
    }
    if !report.unpinned.is_empty() && !report.plan.services.is_empty() {
        page.heading(2, messages::plan::in_a_single_unpinned_ollama(view.lang));
        let lines = report.unpinned.iter().map(|one| {
            let lost = one.host_layers > 0 || one.refused.is_some();
            let tone = if lost || !one.evicts.is_empty() {
                Tone::Caution
            } else {
                Tone::Plain
            };
            line![
                Tone::Strong.span(&one.tag),
                view.colon(),
                tone.span(messages::plan::unpinned(view.lang, one))
            ]
        });
        page.list(lines);
        page.paragraph(Tone::Dim.span(messages::plan::why_pin(view.lang)));
    }
    if view.verbose {
        environment(&mut page, report, view);
    }
    page
}

/// What is to be told where files take the place of the page: what they do not start, and what the reader should know.
pub fn remarks(report: &Planned, view: View) -> Page {
    let mut page = Page::new();
    no_place(&mut page, report, view);
    if !view.quiet {
        notes(&mut page, report, view);
    }
    page
}

fn no_place(page: &mut Page, report: &Planned, view: View) {
    if report.plan.unplaced.is_empty() {
        return;
    }
    page.heading(2, messages::plan::do_not_fit(view.lang));
    let table = unplaced(report, view);
    let count = table.rows.len();
    page.push(Table {
        rows: table.rows.into_iter().take(MOST_LINES).collect(),
        ..table
    });
    more(page, count, view);
}

fn notes(page: &mut Page, report: &Planned, view: View) {
    let several = several_hosts(report);
    for note in &report.plan.notes {
        let message = match note {
            PlanNote::KeptFree { gpus } => messages::plan::note(
                view.lang,
                &PlanNote::KeptFree {
                    gpus: gpus.iter().map(|gpu| label(gpu, several)).collect(),
                },
            ),
            note => messages::plan::note(view.lang, note),
        };
        page.callout(Tone::Caution, message);
    }
}

/// A GPU that is called `host/index`, as people read it.
fn label(name: &str, several: bool) -> String {
    match name.rsplit_once('/') {
        Some((_, index)) if !several => format!("GPU {index}"),
        _ => name.to_owned(),
    }
}

fn summary(page: &mut Page, report: &Planned, view: View) {
    let plan = &report.plan;
    let not_used =
        |note: &PlanNote| matches!(note, PlanNote::GpusNotUsed | PlanNote::GpusLeftOut { .. });
    let unused = plan.notes.iter().any(not_used);
    if plan.gpus.is_empty() && !unused {
        page.paragraph(messages::hardware::no_gpu_found(view.lang));
    }
    let used = plan.gpus.iter().filter(|gpu| gpu.committed.0 > 0).count();
    let placed = messages::plan::placed(
        view.lang,
        plan.services.len(),
        plan.services.len() + plan.unplaced.len(),
        used,
        plan.gpus.len(),
    );
    let tone = if plan.unplaced.is_empty() {
        Tone::Good
    } else {
        Tone::Bad
    };
    let proved = plan.optimal && !view.quiet && !plan.gpus.is_empty();
    let line = line![tone.span(placed)];
    page.paragraph(if proved {
        // A Chinese full stop brings its own room.
        let between = match view.lang {
            Lang::En => " ",
            Lang::Zh => "",
        };
        let proved = messages::plan::proved(view.lang);
        line.and(Tone::Dim.span(format!("{between}{proved}")))
    } else {
        line
    });
}

fn several_hosts(report: &Planned) -> bool {
    let hosts: BTreeSet<&str> = report
        .plan
        .gpus
        .iter()
        .map(|gpu| gpu.host.as_str())
        .collect();
    hosts.len() > 1
}

fn more(page: &mut Page, count: usize, view: View) {
    if count > MOST_LINES {
        let count = count - MOST_LINES;
        page.paragraph(Tone::Dim.span(messages::plan::more_lines(view.lang, count)));
    }
}

fn name(report: &Planned, service: &ServiceName) -> String {
    let alike = |tag: &str| tag == service.tag;
    let served = report.plan.services.iter().map(|one| one.tag.as_str());
    let missing = report.plan.unplaced.iter().map(|one| one.tag.as_str());
    if served.chain(missing).filter(|tag| alike(tag)).count() > 1 || service.replica > 1 {
        format!("{} #{}", service.tag, service.replica)
    } else {
        service.tag.clone()
    }
}

fn ledger(page: &mut Page, report: &Planned, view: View) {
    let several = several_hosts(report);
    let bars = report
        .plan
        .gpus
        .iter()
        .take(MOST_LINES)
        .map(|gpu| bar(gpu, report, several, view));
    page.push(bars.collect::<Vec<Bar>>());
    more(page, report.plan.gpus.len(), view);
}

fn bar(gpu: &GpuBudget, report: &Planned, several: bool, view: View) -> Bar {
    let place = if several {
        format!("{}/{}  ", gpu.host, gpu.gpu)
    } else {
        format!("GPU {}  ", gpu.gpu)
    };
    let mut bar = Bar::new(line![place, Tone::Strong.span(&gpu.name)]);
    for service in report
        .plan
        .services
        .iter()
        .filter(|service| service.host == gpu.host)
    {
        for part in service.gpus.iter().filter(|part| part.gpu == gpu.gpu) {
            let bytes = part.bytes;
            bar = bar.segment(&service.tag, bytes.0 as f64, bytes.to_string(), Tone::Good);
        }
    }
    if gpu.free.0 > 0 {
        bar = bar.segment(
            messages::free(view.lang),
            gpu.free.0 as f64,
            gpu.free.to_string(),
            Tone::Dim,
        );
    }
    bar.value(messages::estimate::part_of(
        view.lang,
        &gpu.committed.to_string(),
        &gpu.usable.to_string(),
    ))
}

fn gpus(service: &Service, several: bool) -> String {
    let indices: Vec<String> = service.gpus.iter().map(|gpu| gpu.gpu.to_string()).collect();
    if several {
        format!("{}/{}", service.host, indices.join("+"))
    } else {
        indices.join("+")
    }
}

/// Where a service's host comes in the plan.
fn place_of(report: &Planned, service: &Service) -> Option<usize> {
    let hosts = report.plan.gpus.iter().map(|gpu| gpu.host.as_str());
    hosts.into_iter().position(|host| host == service.host)
}

fn rate(speed: &Option<Speed>) -> String {
    let band = |speed: &Speed| messages::band(speed.decode[0], speed.decode[1]);
    speed.as_ref().map(band).unwrap_or_default()
}

fn services(report: &Planned, view: View) -> Table {
    let several = several_hosts(report);
    let mut table = Table::new([
        Column::right(messages::monitor::port(view.lang)),
        Column::left(messages::model(view.lang)).whole(),
        Column::left(messages::plan::gpus(view.lang)),
        Column::right(messages::need(view.lang)),
        Column::right(messages::context(view.lang)).priority(95),
        Column::right(messages::parallel(view.lang)).priority(70),
        Column::right(messages::plan::cache(view.lang)).priority(60),
        Column::right(messages::tokens_per_second(view.lang)).priority(90),
        Column::left(messages::verdict(view.lang)).priority(80),
    ]);
    let shared = |service: &Service| service.speed_all_busy.is_some();
    let shared = report.plan.services.iter().any(shared);
    if shared {
        let busy = Column::right(messages::plan::all_busy(view.lang)).priority(85);
        table.columns.insert(8, busy);
    }
    // The plan's order is the one in which they start; people look for a port.
    let mut services: Vec<&Service> = report.plan.services.iter().collect();
    services.sort_by_key(|service| (place_of(report, service), service.port));
    for service in services.into_iter().take(MOST_LINES) {
        let own = service.name();
        let mut row = Row::new([
            Cell::from(service.port.to_string()),
            Cell::from(Tone::Accent.span(name(report, &own))),
            Cell::from(gpus(service, several)),
            Cell::from(service.estimate.total.to_string()),
            Cell::from(messages::tokens(service.context_length)),
            Cell::from(service.estimate.parallel.to_string()),
            Cell::from(service.estimate.kv_cache_type.label()),
            Cell::from(rate(&service.speed)),
            Cell::from(tone(service.verdict).span(view.doubted(
                service.verdict,
                None,
                service.within_doubt,
            ))),
        ]);
        if shared {
            let busy = rate(&service.speed_all_busy);
            row.cells.insert(8, Cell::from(busy));
        }
        table.rows.push(row);
    }
    table
}

fn unplaced(report: &Planned, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::model(view.lang)).whole(),
        Column::right(messages::short_by(view.lang)),
        Column::left(messages::what_would_help(view.lang)),
    ]);
    let alike = |one: &Unplaced, other: &Unplaced| {
        (&one.tag, &one.cheapest_fix, one.shortfall)
            == (&other.tag, &other.cheapest_fix, other.shortfall)
    };
    for group in report.plan.unplaced.chunk_by(alike) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let own = ServiceName {
            tag: first.tag.clone(),
            replica: first.replica,
        };
        let mut name = name(report, &own);
        if group.len() > 1 {
            name += &format!("–{}", last.replica);
        }
        let fixes = first.cheapest_fix.iter().chain(&first.alternatives);
        let fixes: Vec<String> = fixes.map(|fix| help(first, fix, report, view)).collect();
        let or = messages::plan::or(view.lang);
        table.rows.push(Row::new([
            Cell::from(Tone::Bad.span(name)),
            // In parts it would find room, beside what lies there it does not.
            match first.shortfall.0 {
                0 => Cell::from("–"),
                _ => Cell::from(first.shortfall.to_string()),
            },
            Cell::from(match first.refused {
                Some(refused) => messages::cache::not_loaded(view.lang, refused, &fixes.join(or)),
                None => fixes.join(or),
            }),
        ]));
    }
    table
}

/// What would place a demand, as it is to be asked for then.
fn help(one: &Unplaced, fix: &Fix, report: &Planned, view: View) -> String {
    let shorter = |tag: &str, context: &u32| {
        let demand = format!("{tag}@{}", messages::tokens(*context));
        messages::plan::a_shorter_context(view.lang, &demand)
    };
    let fewer = |tag: &str, replicas: &u32| {
        let demand = format!("{tag}*{replicas}");
        messages::plan::fewer_replicas(view.lang, &demand)
    };
    match fix {
        Fix::ShorterContext { context_length } => shorter(&one.tag, context_length),
        Fix::ShorterContextAndKvCacheType {
            context_length,
            kv_cache_type,
        } => format!(
            "{} --kv-cache-type {}",
            shorter(&one.tag, context_length),
            kv_cache_type.label()
        ),
        Fix::AnotherContext {
            tag,
            context_length,
        } => shorter(tag, context_length),
        Fix::FewerReplicas { replicas } => fewer(&one.tag, replicas),
        Fix::AnotherReplicas { tag, replicas } => fewer(tag, replicas),
        Fix::MoreGpus { count } => {
            let best = report.plan.gpus.iter().max_by_key(|gpu| gpu.usable);
            messages::plan::more_gpus(view.lang, *count, best.map_or("GPU", |gpu| &gpu.name))
        }
        other => messages::recommend::fix(view.lang, other),
    }
}

fn environment(page: &mut Page, report: &Planned, view: View) {
    page.heading(2, messages::plan::environment(view.lang));
    for service in report.plan.services.iter().take(MOST_LINES) {
        let variables = service
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"));
        let name = name(report, &service.name());
        let text = format!("# {name}\n{}", variables.collect::<String>());
        page.code("sh", text.trim_end());
    }
}

//! The page of `matrix`.

use super::guide::range;
use super::page::{Cell, Column, Line, Page, Table, Tone};
use super::view::{View, tone};
use crate::lang::Bilingual;
use crate::line;
use crate::messages;
use crate::report::{GuideTables, Matrix, MatrixPick};
use crate::row;

/// The page of the guide's tables and the computed rows.
pub fn page(report: &Matrix, view: View) -> Page {
    let mut page = Page::new();
    page.heading(
        1,
        messages::matrix::which_model_for_how_much_memory(view.lang),
    );
    page.heading(2, messages::guide::computed_from_the_catalog(view.lang));
    let settings = messages::matrix::computed_for(
        view.lang,
        messages::terms::task(view.lang, report.request.task),
        report.request.context_length,
        report.request.kv_cache_type.label(),
    );
    page.paragraph(Tone::Dim.span(settings));
    page.push(computed(report, view));
    if !view.quiet {
        page.paragraph(Tone::Dim.span(messages::matrix::what_the_columns_mean(view.lang)));
    }
    page.heading(2, messages::matrix::the_guides_summary(view.lang));
    page.push(summary(report, view));
    page.heading(2, messages::matrix::the_guide_by_memory(view.lang));
    page.push(memory(&report.guide, view));
    page.heading(2, messages::matrix::the_guide_by_stage(view.lang));
    page.push(stages(&report.guide, view));
    page.heading(2, messages::matrix::the_guide_by_gpus(view.lang));
    page.push(cards(&report.guide, view));
    page.heading(2, messages::matrix::the_guides_best_practices(view.lang));
    page.push(practices(&report.guide, view));
    page
}

fn purposes(view: View) -> [Column; 3] {
    [
        messages::matrix::development(view.lang),
        messages::matrix::production(view.lang),
        messages::matrix::flagship(view.lang),
    ]
    .map(Column::left)
}

/// One row a set of GPUs; beside each tag what it takes, and on demand how fast it is.
fn computed(report: &Matrix, view: View) -> Table {
    let mut table = Table::new(
        [
            Column::left(messages::matrix::gpus(view.lang)).whole(),
            Column::right(messages::matrix::vram(view.lang)).priority(60),
        ]
        .into_iter()
        .chain(purposes(view).map(Column::whole)),
    );
    for row in &report.computed {
        table.push(row![
            match &row.host {
                Some(host) => line![
                    Tone::Dim.span(format!("{host}  ")),
                    Tone::Strong.span(&row.hardware)
                ],
                None => Tone::Strong.span(&row.hardware).into(),
            },
            row.vram.to_string(),
            pick(row.development.as_ref(), view),
            pick(row.production.as_ref(), view),
            pick(row.flagship.as_ref(), view),
        ]);
    }
    table
}

fn pick(pick: Option<&MatrixPick>, view: View) -> Cell {
    let Some(pick) = pick else {
        return Tone::Dim
            .span(messages::matrix::none_fits(view.lang))
            .into();
    };
    // Three models beside each other leave no room for more.
    let speed = pick
        .decode
        .filter(|_| view.verbose)
        .map(|[low, high]| format!(" {} t/s", messages::band(low, high)))
        .unwrap_or_default();
    let mut line = line![
        Tone::Code.span(&pick.tag),
        Tone::Dim.span(format!(" {}{speed}", pick.total))
    ];
    if pick.verdict != crate::engine::place::Verdict::Fits || pick.within_doubt {
        let verdict = view.doubted(pick.verdict, None, pick.within_doubt);
        line = line.and(tone(pick.verdict).span(format!(" {verdict}")));
    }
    line.into()
}

/// The guide's summary; the row for the hardware that was given stands out.
fn summary(report: &Matrix, view: View) -> Table {
    let guide = &report.guide;
    let given = report
        .inventory
        .hosts
        .iter()
        .any(|host| !host.gpus.is_empty());
    let own = report
        .computed
        .first()
        .filter(|_| given)
        .and_then(|row| guide.matrix.iter().rfind(|guide| guide.vram <= row.vram));
    let mut table = Table::new(
        [Column::right(messages::matrix::vram(view.lang))]
            .into_iter()
            .chain(purposes(view)),
    );
    for row in &guide.matrix {
        let cell = |at: usize, tags: &[String]| match (tags, row.notes.get(at)) {
            ([], Some(note)) => Line::from(note.get(view.lang)),
            ([], None) => Line::from("–"),
            (tags, _) => names(tags, view),
        };
        let shown = row![
            row.vram.to_string(),
            cell(0, &row.development),
            cell(1, &row.production),
            cell(2, &row.flagship),
        ];
        let own = own.is_some_and(|own| own == row);
        table.push(if own {
            shown.emphasis(Tone::Strong)
        } else {
            shown
        });
    }
    table
}

fn memory(guide: &GuideTables, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::matrix::vram(view.lang)).whole(),
        Column::left(messages::matrix::best_choice(view.lang)),
    ]);
    for row in &guide.memory {
        table.push(row![
            row.title.get(view.lang),
            tags_or_note(&row.picks, row.note.as_ref(), view),
        ]);
    }
    table
}

fn stages(guide: &GuideTables, view: View) -> Table {
    let mut table = Table::new([
        Column::left("").whole(),
        Column::left(messages::matrix::one_card(view.lang)),
        Column::left(messages::matrix::two_cards(view.lang)),
        Column::right(messages::guide::guide_gb(view.lang)).priority(60),
        Column::right(messages::tokens_per_second(view.lang)).priority(50),
        Column::left(messages::matrix::remark(view.lang))
            .priority(40)
            .min_width(16),
    ]);
    for row in &guide.stages {
        let [slow, fast] = row.tokens_per_second;
        table.push(row![
            messages::terms::stage(view.lang, row.stage),
            names(&row.single, view),
            names(&row.dual, view),
            row.documented_vram.map(range).unwrap_or_default(),
            messages::band(slow, fast),
            row.advice.get(view.lang),
        ]);
    }
    table
}

fn cards(guide: &GuideTables, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::matrix::gpus(view.lang)).whole(),
        Column::left(messages::matrix::best_choice(view.lang)),
        Column::left(messages::matrix::alternatives(view.lang)),
    ]);
    for row in &guide.cards {
        let note = tags_or_note(&[], row.note.as_ref(), view);
        table.push(
            row![
                row.gpu.clone(),
                names(&row.best, view),
                names(&row.alternatives, view),
            ]
            .note(note.toned(Tone::Dim)),
        );
    }
    table
}

fn practices(guide: &GuideTables, view: View) -> Table {
    let mut table = Table::new([
        Column::left("").whole(),
        Column::left(messages::matrix::best_choice(view.lang)),
        Column::left(messages::matrix::remark(view.lang)),
    ]);
    for row in &guide.practices {
        table.push(row![
            row.title.get(view.lang),
            names(&row.picks, view),
            tags_or_note(&[], row.note.as_ref(), view),
        ]);
    }
    table
}

fn names(tags: &[String], view: View) -> Line {
    let tags = tags.iter().map(|tag| Tone::Code.span(tag).into());
    Line::join(tags, view.listed())
}

fn tags_or_note(tags: &[String], note: Option<&Bilingual>, view: View) -> Line {
    match (tags, note) {
        ([], Some(note)) => note.get(view.lang).into(),
        (tags, _) => names(tags, view),
    }
}

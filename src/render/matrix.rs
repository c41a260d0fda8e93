//! The page of `matrix`.

use super::guide::range;
use super::page::{Cell, Column, Line, Page, Table, Tone};
use super::view::{View, tone};
use crate::lang::Bilingual;
use crate::line;
use crate::report::{GuideTables, Matrix, MatrixPick};
use crate::row;
use crate::text::{self, Advice, Label, Word};

/// The page.
pub fn page(report: &Matrix, view: View) -> Page {
    let word = |word| view.text.word(word);
    let mut page = Page::new();
    page.heading(1, word(Word::Matrix));
    page.heading(2, word(Word::ComputedMatrix));
    let settings = Advice::ComputedFor {
        task: view.text.task(report.request.task),
        context: report.request.context_length,
        kv: report.request.kv_cache_type.label(),
    };
    page.paragraph(Tone::Dim.span(view.text.advise(&settings)));
    page.push(computed(report, view));
    if !view.quiet {
        page.paragraph(Tone::Dim.span(view.text.advise(&Advice::Purposes)));
    }
    page.heading(2, word(Word::GuideMatrix));
    page.push(summary(report, view));
    page.heading(2, word(Word::ByMemory));
    page.push(memory(&report.guide, view));
    page.heading(2, word(Word::ByStage));
    page.push(stages(&report.guide, view));
    page.heading(2, word(Word::ByCards));
    page.push(cards(&report.guide, view));
    page.heading(2, word(Word::Practices));
    page.push(practices(&report.guide, view));
    page
}

fn purposes(view: View) -> [Column; 3] {
    [Word::Development, Word::Production, Word::Flagship]
        .map(|word| Column::left(view.text.word(word)))
}

/// One row a set of GPUs; beside each tag what it takes, and on demand how fast it is.
fn computed(report: &Matrix, view: View) -> Table {
    let mut table = Table::new(
        [
            Column::left(view.text.word(Word::Cards)).whole(),
            Column::right(view.text.word(Word::Vram)).priority(60),
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
        return Tone::Dim.span(view.text.word(Word::NoneFits)).into();
    };
    // Three models beside each other leave no room for more.
    let speed = pick
        .decode
        .filter(|_| view.verbose)
        .map(|[low, high]| format!(" {} t/s", text::band(low, high)))
        .unwrap_or_default();
    let mut line = line![
        Tone::Code.span(&pick.tag),
        Tone::Dim.span(format!(" {}{speed}", pick.total))
    ];
    if pick.verdict != crate::engine::place::Verdict::Fits {
        let verdict = view.text.verdict(pick.verdict);
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
        [Column::right(view.text.word(Word::Vram))]
            .into_iter()
            .chain(purposes(view)),
    );
    for row in &guide.matrix {
        let cell = |at: usize, tags: &[String]| match (tags, row.notes.get(at)) {
            ([], Some(note)) => Line::from(note.get(view.text.lang())),
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
        Column::left(view.text.word(Word::Vram)).whole(),
        Column::left(view.text.word(Word::Best)),
    ]);
    for row in &guide.memory {
        table.push(row![
            row.title.get(view.text.lang()),
            tags_or_note(&row.picks, row.note.as_ref(), view),
        ]);
    }
    table
}

fn stages(guide: &GuideTables, view: View) -> Table {
    let word = |word| view.text.word(word);
    let mut table = Table::new([
        Column::left("").whole(),
        Column::left(word(Word::OneCard)),
        Column::left(word(Word::TwoCards)),
        Column::right(word(Word::GuideRange)).priority(60),
        Column::right(view.label(Label::Speed)).priority(50),
        Column::left(word(Word::Remark)).priority(40).min_width(16),
    ]);
    for row in &guide.stages {
        let [slow, fast] = row.tokens_per_second;
        table.push(row![
            view.text.stage(row.stage),
            names(&row.single, view),
            names(&row.dual, view),
            row.documented_vram.map(range).unwrap_or_default(),
            text::band(slow, fast),
            row.advice.get(view.text.lang()),
        ]);
    }
    table
}

fn cards(guide: &GuideTables, view: View) -> Table {
    let word = |word| view.text.word(word);
    let mut table = Table::new([
        Column::left(word(Word::Cards)).whole(),
        Column::left(word(Word::Best)),
        Column::left(word(Word::Alternatives)),
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
        Column::left(view.text.word(Word::Best)),
        Column::left(view.text.word(Word::Remark)),
    ]);
    for row in &guide.practices {
        table.push(row![
            row.title.get(view.text.lang()),
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
        ([], Some(note)) => note.get(view.text.lang()).into(),
        (tags, _) => names(tags, view),
    }
}

//! What the guide says of a tier or a family, above the tables of `models` and `compare`.

use super::page::{Column, Line, Page, Row, Table, Tone};
use super::view::View;
use crate::line;
use crate::report::{GuideFamilyReport, GuideTierReport, Range, Stars};
use crate::row;
use crate::text::{Label, Word};

/// A tier's features and typical cards.
pub(super) fn tier(page: &mut Page, tier: &GuideTierReport, view: View) {
    let lang = view.text.lang();
    let said = |word: Word| Tone::Dim.span(view.text.word(word));
    let features = tier.features.iter().map(|feature| feature.get(lang).into());
    page.heading(
        2,
        line![
            view.text.tier(tier.tier),
            Tone::Dim.span(format!("  {}", view.text.word(Word::AsGuide)))
        ],
    );
    page.key_values([
        (said(Word::Features), Line::join(features, view.between())),
        (
            said(Word::TypicalCards),
            tier.cards.join(view.listed()).into(),
        ),
    ]);
}

/// A family's table with stars, and what it is for.
pub(super) fn family(page: &mut Page, family: &GuideFamilyReport, view: View) {
    let lang = view.text.lang();
    page.heading(
        1,
        line![
            family.title.get(lang),
            Tone::Dim.span(format!("  {}", view.text.word(Word::AsGuide)))
        ],
    );
    let has = |part: fn(&Stars) -> Option<u8>| {
        family
            .models
            .iter()
            .any(|model| part(&model.stars).is_some())
    };
    let columns = [
        (Word::StarsCode, (|stars| stars.code) as fn(&Stars) -> _),
        (Word::StarsChinese, |stars| stars.chinese),
        (Word::StarsGeneral, |stars| stars.general),
    ];
    let shown: Vec<_> = columns.into_iter().filter(|(_, part)| has(*part)).collect();
    let mut table = Table::new(
        [
            Column::left(view.label(Label::Model)).whole(),
            Column::right(view.label(Label::Parameters)).priority(90),
            Column::right(view.text.word(Word::GuideRange)).priority(95),
            Column::left(view.text.word(Word::Features)),
        ]
        .into_iter()
        .chain(
            shown
                .iter()
                .map(|(word, _)| Column::left(view.text.word(*word)).whole()),
        ),
    );
    for model in &family.models {
        let row = row![
            Tone::Code.span(&model.tag),
            model.parameters.clone(),
            model.documented_vram.map(range).unwrap_or_default(),
            model
                .note
                .as_ref()
                .map(|note| note.get(lang).to_owned())
                .unwrap_or_default(),
        ];
        let row: Row = shown.iter().fold(row, |row, (_, part)| {
            row.cell(part(&model.stars).map(stars).unwrap_or_default())
        });
        table.push(if model.published {
            row
        } else {
            row.emphasis(Tone::Dim)
        });
    }
    page.push(table);
    for (word, list) in [
        (Word::Scenarios, &family.scenarios),
        (Word::Features, &family.features),
    ] {
        if !list.is_empty() {
            page.paragraph(view.text.word(word));
            page.list(list.iter().map(|one| one.get(lang)));
        }
    }
}

/// Stars out of five.
pub(super) fn stars(count: u8) -> String {
    "★".repeat(usize::from(count))
}

/// A range as the guide writes it, in GB as GPUs are sold.
pub(super) fn range(range: Range) -> String {
    format!(
        "{}–{}",
        trimmed(range.min.as_gib()),
        trimmed(range.max.as_gib())
    )
}

/// A number of gigabytes without needless digits.
fn trimmed(gib: f64) -> String {
    let text = format!("{gib:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

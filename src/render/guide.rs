//! What the guide says of a tier or a family, above the tables of `models` and `compare`.

use super::page::{Column, Line, Page, Row, Table, Tone};
use super::view::View;
use crate::line;
use crate::messages;
use crate::report::{GuideFamilyReport, GuideTierReport, Range, Stars};
use crate::row;

/// A tier's features and typical cards.
pub(super) fn tier(page: &mut Page, tier: &GuideTierReport, view: View) {
    let lang = view.lang;
    let said = |word| Tone::Dim.span(word);
    let features = tier.features.iter().map(|feature| feature.get(lang).into());
    page.heading(
        2,
        line![
            messages::terms::tier(view.lang, tier.tier),
            Tone::Dim.span(format!(
                "  {}",
                messages::tips::as_the_guide_says(view.lang)
            ))
        ],
    );
    page.key_values([
        (
            said(messages::guide::features(view.lang)),
            Line::join(features, view.separator()),
        ),
        (
            said(messages::guide::typical_cards(view.lang)),
            tier.cards.join(view.listed()).into(),
        ),
    ]);
}

/// A family's table with stars, and what it is for.
pub(super) fn family(page: &mut Page, family: &GuideFamilyReport, view: View) {
    let lang = view.lang;
    page.heading(
        1,
        line![
            family.title.get(lang),
            Tone::Dim.span(format!(
                "  {}",
                messages::tips::as_the_guide_says(view.lang)
            ))
        ],
    );
    let has = |part: fn(&Stars) -> Option<u8>| {
        family
            .models
            .iter()
            .any(|model| part(&model.stars).is_some())
    };
    let columns = [
        (
            messages::guide::code(view.lang),
            (|stars| stars.code) as fn(&Stars) -> _,
        ),
        (messages::guide::chinese(view.lang), |stars| stars.chinese),
        (messages::guide::stars(view.lang), |stars| stars.general),
    ];
    let shown: Vec<_> = columns.into_iter().filter(|(_, part)| has(*part)).collect();
    let mut table = Table::new(
        [
            Column::left(messages::model(view.lang)).whole(),
            Column::right(messages::params(view.lang)).priority(90),
            Column::right(messages::guide::guide_gb(view.lang)).priority(95),
            Column::left(messages::guide::features(view.lang)),
        ]
        .into_iter()
        .chain(shown.iter().map(|(word, _)| Column::left(*word).whole())),
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
        (messages::guide::scenarios(view.lang), &family.scenarios),
        (messages::guide::features(view.lang), &family.features),
    ] {
        if !list.is_empty() {
            page.paragraph(word);
            page.list(list.iter().map(|one| one.get(lang)));
        }
    }
}

/// A rating as stars out of five: `★★★☆☆`.
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

//! From the guide's data to the guide's part of reports.

use super::session::Session;
use crate::catalog::guide::GuideModel;
use crate::report::{
    GuideCards, GuideCurves, GuideFamilyModel, GuideFamilyReport, GuideGain, GuideMatrixRow,
    GuideMemory, GuidePoint, GuidePractice, GuideSpeed, GuideStage, GuideTables, GuideTierReport,
    GuideTip, GuideValue, Range, Stars,
};
use crate::request::{Stage, Tier};
use crate::units::Bytes;

/// The card that the guide measures on.
pub(super) const CARD: &str = "RTX 3090";

/// The guide's stars of a model.
pub(super) fn stars(model: Option<&GuideModel>) -> Stars {
    let of = |name: &str| model?.stars.get(name).copied();
    Stars {
        general: of("general"),
        chinese: of("chinese"),
        code: of("code"),
    }
}

/// The guide's range of a model.
pub(super) fn range(model: &GuideModel) -> Option<Range> {
    let (min, max) = model.range()?;
    Some(Range { min, max })
}

/// What the guide says of a tier.
pub(super) fn tier(session: &Session, tier: Tier) -> Option<GuideTierReport> {
    let row = session.catalog.guide().tier(tier)?;
    Some(GuideTierReport {
        tier,
        features: row.features.clone(),
        cards: row.cards.clone(),
    })
}

/// What the guide says of a family.
pub(super) fn family(session: &Session, code: &str) -> Option<GuideFamilyReport> {
    let guide = session.catalog.guide();
    let section = guide.family(code)?;
    let models = guide
        .model
        .iter()
        .filter(|model| model.family.as_deref() == Some(code))
        .map(|model| GuideFamilyModel {
            tag: model.tag.clone(),
            parameters: model.parameters.clone(),
            documented_vram: range(model),
            note: model.note.clone(),
            stars: stars(Some(model)),
            published: session
                .catalog
                .find(&model.tag)
                .is_some_and(|entry| entry.model.published),
        });
    Some(GuideFamilyReport {
        family: section.code.clone(),
        title: section.title.clone(),
        scenarios: section.scenarios.clone(),
        features: section.features.clone(),
        models: models.collect(),
    })
}

/// The guide's tables by memory, stage and cards.
pub(super) fn tables(session: &Session) -> GuideTables {
    let guide = session.catalog.guide();
    let size = |text: &str| text.parse().unwrap_or(Bytes::ZERO);
    let stage = |row: &crate::catalog::guide::GuideStage| {
        let stage = Stage::ALL.iter().find(|stage| stage.label() == row.code)?;
        let (slow, fast) = row.tokens_per_second;
        Some(GuideStage {
            stage: *stage,
            advice: row.advice.clone(),
            single: row.single.clone(),
            dual: row.dual.clone(),
            documented_vram: Some(Range {
                min: size(&row.vram.0),
                max: size(&row.vram.1),
            }),
            tokens_per_second: [slow, fast],
        })
    };
    GuideTables {
        matrix: guide
            .matrix
            .iter()
            .map(|row| GuideMatrixRow {
                vram: size(&row.vram),
                development: row.development.clone(),
                production: row.production.clone(),
                flagship: row.flagship.clone(),
                notes: row.notes.clone(),
            })
            .collect(),
        memory: guide
            .memory
            .iter()
            .map(|row| GuideMemory {
                from: size(&row.from),
                to: row.to.as_deref().map(size),
                title: row.title.clone(),
                picks: row.picks.clone(),
                note: row.note.clone(),
            })
            .collect(),
        stages: guide.stage.iter().filter_map(stage).collect(),
        cards: guide
            .cards
            .iter()
            .map(|row| GuideCards {
                gpu: row.gpu.clone(),
                best: row.best.clone(),
                alternatives: row.alternatives.clone(),
                note: row.note.clone(),
            })
            .collect(),
        practices: guide
            .practice
            .iter()
            .map(|row| GuidePractice {
                title: row.title.clone(),
                gpu: row.gpu.clone(),
                budget: row.budget,
                picks: row.picks.clone(),
                note: row.note.clone(),
            })
            .collect(),
    }
}

/// The guide's curves, as a report has them.
pub(super) fn curves(session: &Session) -> GuideCurves {
    let guide = session.catalog.guide();
    GuideCurves {
        gpu: CARD.to_owned(),
        quality: guide
            .curve
            .iter()
            .map(|point| GuidePoint {
                billions: point.billions,
                quality: point.quality,
            })
            .collect(),
        gains: guide
            .gain
            .iter()
            .map(|gain| GuideGain {
                from: gain.from,
                to: gain.to,
                percent: gain.percent,
            })
            .collect(),
        speed: guide
            .speed
            .iter()
            .map(|row| GuideSpeed {
                billions: row.billions.into(),
                gpus: row.gpus,
                tokens_per_second: row.tokens_per_second.into(),
                marks: row.marks,
                first_token: row.first_token.into(),
            })
            .collect(),
        value: guide
            .value
            .iter()
            .map(|row| GuideValue {
                size: row.title.en.clone(),
                quality: row.quality,
                speed: row.speed,
                value: row.value,
                usage: row.r#use.clone(),
            })
            .collect(),
    }
}

/// The guide's tips, as a report has them.
pub(super) fn tips(session: &Session) -> Vec<GuideTip> {
    let tips = session.catalog.guide().tip.iter();
    tips.map(|tip| GuideTip {
        code: tip.code.clone(),
        line: tip.line.clone(),
        advice: tip.advice.clone(),
        works: tip.instead.is_none(),
        reality: tip.reality.clone(),
        instead: tip.instead.clone(),
    })
    .collect()
}

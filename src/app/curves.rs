//! `vramfit curves`.

use super::args::{CurvesArgs, Format};
use super::guide;
use super::keep::Place;
use super::matrix::{TargetHardware, asked};
use super::models::defaults;
use super::reporting::{self, Answer};
use super::session::Session;
use crate::engine::judge::judge;
use crate::engine::place::Verdict;
use crate::engine::predict_speed::PROMPT;
use crate::engine::ranking::{Ranked, Request};
use crate::error::Error;
use crate::render;
use crate::report::{Curves, SizeClass, Speed};
use crate::request::{Priority, Task};

/// 10^9 parameters at which a class of sizes begins.
const SIZES: [f64; 9] = [0.0, 2.5, 5.0, 10.0, 18.0, 26.0, 45.0, 90.0, 200.0];
/// 10^9 parameters that no model has: the end of the last class.
const LARGEST: f64 = 10_000.0;

pub(super) fn run(session: &Session, args: &CurvesArgs) -> Result<Answer, Error> {
    let place = Place::named(args.out.as_deref(), args.force, "svg")?;
    let report = report(session, args)?;
    if let Some(place) = place {
        let drawn = render::curves::plots(&report, session.view(), args.plot);
        let output = place.write(session, render::plot::sheet(&drawn))?;
        if session.format() != Format::Json {
            return Ok(Answer { output, yes: true });
        }
    }
    reporting::answer(
        session,
        &report,
        |view| render::curves::page(&report, view, args.plot),
        true,
    )
}

fn report(session: &Session, args: &CurvesArgs) -> Result<Curves, Error> {
    let task = args.task.unwrap_or(Task::Chat);
    let (workload, _) = session.workload_for(task, &args.workload)?;
    let hardware = session.hardware()?;
    let imagined = if hardware.pool.devices.is_empty() {
        TargetHardware::imagined(session, guide::CARD)
    } else {
        None
    };
    let stand = imagined.unwrap_or_else(|| TargetHardware::new(&hardware));
    let request = Request {
        priority: Some(Priority::Balanced),
        ..Request::new(task, workload, session.scope)
    };
    let models: Vec<Ranked<'_>> = defaults(session)
        .into_iter()
        .filter(|entry| entry.model.does(task) && entry.model.parameters.is_some())
        .filter_map(|entry| judge(&session.catalog, entry, &request, &stand.here()))
        .collect();
    let classes = [false, true].into_iter().flat_map(|experts| {
        let models = &models;
        (0..SIZES.len()).filter_map(move |at| {
            let to = SIZES.get(at + 1).copied().unwrap_or(LARGEST);
            class(session, task, models, [SIZES[at], to], experts)
        })
    });
    Ok(Curves {
        schema: "vramfit.curves/1",
        request: asked(session, task, &workload),
        hardware: stand.name.clone(),
        inventory: hardware.report.clone(),
        guide: guide::curves(session),
        computed: classes.collect(),
    })
}

/// The points of models of one size, dense ones or mixtures; `None` if there are none.
fn class(
    session: &Session,
    task: Task,
    models: &[Ranked<'_>],
    billions: [f64; 2],
    experts: bool,
) -> Option<SizeClass> {
    let members: Vec<&Ranked<'_>> = models
        .iter()
        .filter(|ranked| (billions[0]..billions[1]).contains(&size(ranked)))
        .filter(|ranked| is_mixture(ranked) == experts)
        .collect();
    let points = |ranked: &Ranked<'_>| session.catalog.quality(ranked.entry.model, task).score;
    let best = members.iter().copied().reduce(|best, other| {
        if points(other) > points(best) {
            other
        } else {
            best
        }
    })?;
    let fitting: Vec<&Ranked<'_>> = members
        .iter()
        .copied()
        .filter(|ranked| ranked.placement.verdict >= Verdict::Tight)
        .collect();
    let value = fitting.iter().copied().reduce(|best, other| {
        if other.score.total > best.score.total {
            other
        } else {
            best
        }
    });
    // How long a mixture reads a prompt is not known where it is not known how much of it a token meets.
    let counted =
        |ranked: &&&Ranked<'_>| !experts || ranked.entry.model.active_parameters.is_some();
    let band = |part: fn(&Speed) -> Option<[f64; 2]>, all: bool| {
        let bands: Vec<[f64; 2]> = fitting
            .iter()
            .filter(|ranked| all || counted(ranked))
            .filter_map(|ranked| part(ranked.speed.as_ref()?))
            .collect();
        spread(&bands)
    };
    Some(SizeClass {
        billions,
        mixture_of_experts: experts,
        models: members.len() as u32,
        median_billions: median(members.iter().map(|ranked| size(ranked)).collect())?,
        fitting: fitting.len() as u32,
        best: best.entry.tag.to_owned(),
        best_billions: size(best),
        quality: points(best),
        median_quality: median(members.iter().map(|ranked| points(ranked)).collect())?,
        decode: band(|speed| Some(speed.decode), true),
        first_token: band(|speed| speed.time_to_first_token, false),
        prompt_tokens: PROMPT,
        best_value: value.map(|ranked| ranked.entry.tag.to_owned()),
        best_value_billions: value.map(size),
        value: value.map(|ranked| ranked.score.total),
    })
}

/// Whether a token meets a part of the weights only.
fn is_mixture(ranked: &Ranked<'_>) -> bool {
    ranked.entry.model.active_parameters.is_some() || ranked.input.architecture.experts.is_some()
}

/// Number of its parameters in 10^9, all experts counted.
fn size(ranked: &Ranked<'_>) -> f64 {
    ranked.entry.model.parameters.unwrap_or(0) as f64 / 1e9
}

/// The lowest end of some bands, the middle of their middles, their highest end.
fn spread(bands: &[[f64; 2]]) -> Option<[f64; 3]> {
    let middle = median(
        bands
            .iter()
            .map(|[low, high]| (low * high).sqrt())
            .collect(),
    )?;
    let low = bands.iter().map(|band| band[0]).fold(middle, f64::min);
    let high = bands.iter().map(|band| band[1]).fold(middle, f64::max);
    Some([low, middle, high])
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

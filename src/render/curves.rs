//! The page of `curves`: four plots, the guide's points and ours apart, and the numbers below them.

use super::guide::stars;
use super::page::{Axis, Column, Line, Page, Plot, Point, Series, Table, Tone};
use super::view::View;
use crate::line;
use crate::messages;
use crate::report::{Curves, GuideSpeed, SizeClass};
use crate::row;

/// The plots that `vramfit curves` draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Quality by size of model.
    Quality,
    /// Tokens per second by size.
    Speed,
    /// Seconds to the first token by size.
    Latency,
    /// Value for money by size.
    Value,
}

impl Curve {
    /// All of them, in the order in which they are shown.
    pub const ALL: &[Self] = &[Self::Quality, Self::Speed, Self::Latency, Self::Value];

    /// The word that is typed.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Speed => "speed",
            Self::Latency => "latency",
            Self::Value => "value",
        }
    }
}

/// The page; `only` one plot if asked.
pub fn page(report: &Curves, view: View, only: Option<Curve>) -> Page {
    let mut page = Page::new();
    let about = messages::curves::curves_for(
        view.lang,
        &report.hardware,
        messages::terms::task(view.lang, report.request.task),
        report.request.context_length,
    );
    page.paragraph(Tone::Strong.span(about));
    for curve in Curve::ALL {
        if only.is_some_and(|only| only != *curve) {
            continue;
        }
        page.push(plot(report, view, *curve));
        match curve {
            Curve::Quality => {
                if !view.quiet {
                    page.paragraph(Tone::Dim.span(messages::curves::compare_the_shapes(view.lang)));
                }
                page.heading(3, messages::curves::what_a_larger_size_gains(view.lang));
                page.list(report.guide.gains.iter().map(|gain| {
                    messages::curves::better_by(view.lang, gain.from, gain.to, gain.percent)
                }));
            }
            Curve::Value => {
                page.heading(3, messages::curves::the_guide(view.lang));
                page.push(guide_value(report, view));
            }
            Curve::Speed if report.computed.iter().all(|class| class.decode.is_none()) => {
                page.callout(
                    Tone::Caution,
                    messages::curves::speed_of_card_unknown(view.lang),
                );
            }
            Curve::Speed | Curve::Latency => {}
        }
    }
    page.heading(3, messages::guide::computed_from_the_catalog(view.lang));
    page.push(classes(report, view));
    page
}

/// The plots that were asked for.
pub fn plots(report: &Curves, view: View, only: Option<Curve>) -> Vec<Plot> {
    Curve::ALL
        .iter()
        .filter(|curve| only.is_none_or(|only| only == **curve))
        .map(|curve| plot(report, view, *curve))
        .collect()
}

fn plot(report: &Curves, view: View, curve: Curve) -> Plot {
    let (title, axis, series) = match curve {
        Curve::Quality => (
            messages::curves::quality_by_size(view.lang),
            messages::curves::points_of_100(view.lang),
            quality(report, view),
        ),
        Curve::Speed => (
            messages::curves::tokens_per_second_by_size(view.lang),
            messages::curves::tokens_per_second(view.lang),
            speed(report, view),
        ),
        Curve::Latency => (
            messages::curves::seconds_to_the_first_token_by_size(view.lang),
            messages::curves::seconds(view.lang),
            latency(report, view),
        ),
        Curve::Value => (
            messages::curves::value_for_money_by_size(view.lang),
            messages::curves::points_with_stars(view.lang),
            value(report, view),
        ),
    };
    let on = match curve {
        Curve::Quality => String::new(),
        Curve::Latency => {
            let tokens = report
                .computed
                .first()
                .map_or(0, |class| class.prompt_tokens);
            let prompt = messages::curves::for_a_prompt_of(view.lang, tokens);
            format!("  {}{}{prompt}", report.hardware, view.separator())
        }
        Curve::Speed | Curve::Value => format!("  {}", report.hardware),
    };
    let y = Axis::new(axis);
    Plot {
        title: line![title, Tone::Dim.span(on)],
        x: Axis::new(messages::curves::parameters_in_billions(view.lang))
            .log()
            .ticks(
                [1.0, 3.0, 7.0, 14.0, 34.0, 70.0, 200.0, 700.0].map(|at| (at, format!("{at:.0}B"))),
            ),
        y: match curve {
            Curve::Quality | Curve::Value => y,
            Curve::Speed | Curve::Latency => y.log(),
        },
        series,
    }
}

fn guide_series(report: &Curves, view: View, points: Vec<Point>) -> Series {
    let name = messages::curves::the_guide_on(view.lang, &report.guide.gpu);
    Series::new(name, points).tone(Tone::Caution)
}

/// The classes of one kind that have a number.
fn ours(report: &Curves, experts: bool, point: impl Fn(&SizeClass) -> Option<Point>) -> Vec<Point> {
    let classes = report.computed.iter();
    classes
        .filter(|class| class.mixture_of_experts == experts)
        .filter_map(point)
        .collect()
}

fn quality(report: &Curves, view: View) -> Vec<Series> {
    let guide = report.guide.quality.iter();
    let guide: Vec<Point> = guide
        .map(|point| Point::new(point.billions, point.quality))
        .collect();
    let best =
        |class: &SizeClass| Some(Point::new(class.best_billions, class.quality).label(&class.best));
    vec![
        Series::new(messages::curves::the_guide(view.lang), guide)
            .joined()
            .tone(Tone::Caution),
        Series::new(
            messages::curves::catalog_dense(view.lang),
            ours(report, false, best),
        )
        .tone(Tone::Accent),
        Series::new(
            messages::curves::catalog_mixture_of_experts(view.lang),
            ours(report, true, best),
        )
        .tone(Tone::Good),
    ]
}

fn both(
    report: &Curves,
    view: View,
    guide: Vec<Point>,
    point: impl Fn(&SizeClass) -> Option<Point>,
) -> Vec<Series> {
    vec![
        guide_series(report, view, guide),
        Series::new(
            messages::curves::catalog_dense(view.lang),
            ours(report, false, &point),
        )
        .joined()
        .tone(Tone::Accent),
        Series::new(
            messages::curves::catalog_mixture_of_experts(view.lang),
            ours(report, true, &point),
        )
        .joined()
        .tone(Tone::Good),
    ]
}

fn banded(x: f64, [low, middle, high]: [f64; 3]) -> Point {
    Point::new(x, middle).band(low, high)
}

fn middle([low, high]: [f64; 2]) -> f64 {
    (low * high).sqrt()
}

/// A point of the guide that needs more than one card says so.
fn on_several(point: Point, row: &GuideSpeed) -> Point {
    match row.gpus {
        1 => point,
        gpus => point.label(format!("x{gpus}")),
    }
}

fn speed(report: &Curves, view: View) -> Vec<Series> {
    let guide = report.guide.speed.iter().map(|row| {
        let [low, high] = row.tokens_per_second;
        let point = banded(
            middle(row.billions),
            [low, middle(row.tokens_per_second), high],
        );
        on_several(point, row)
    });
    both(report, view, guide.collect(), |class| {
        Some(banded(class.median_billions, class.decode?))
    })
}

/// The shortest wait that can be drawn: the guide says "less than half a second".
const SHORTEST: f64 = 0.1;

fn latency(report: &Curves, view: View) -> Vec<Series> {
    let guide = report.guide.speed.iter().map(|row| {
        let [low, high] = row.first_token;
        let low = low.max(SHORTEST);
        let point = banded(middle(row.billions), [low, middle([low, high]), high]);
        on_several(point, row)
    });
    both(report, view, guide.collect(), |class| {
        Some(banded(class.median_billions, class.first_token?))
    })
}

/// Where the guide's sizes of the table of value stand.
const VALUE_SIZES: [f64; 4] = [7.0, 13.5, 32.0, 70.0];
/// Points of quality that the guide gives one star for.
const STAR: f64 = 20.0;

fn value(report: &Curves, view: View) -> Vec<Series> {
    let guide = report
        .guide
        .value
        .iter()
        .zip(VALUE_SIZES)
        .map(|(row, at)| Point::new(at, f64::from(row.value) * STAR));
    let mut series = both(report, view, guide.collect(), |class| {
        let tag = class.best_value.as_deref().unwrap_or_default();
        Some(Point::new(class.best_value_billions?, class.value?).label(tag))
    });
    // The guide draws a line through sizes; ours are single models.
    for (n, series) in series.iter_mut().enumerate() {
        series.joined = n == 0;
    }
    series
}

fn guide_value(report: &Curves, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::curves::size(view.lang)).whole(),
        Column::left(messages::curves::quality(view.lang)).whole(),
        Column::left(messages::curves::speed(view.lang)).whole(),
        Column::left(messages::curves::value(view.lang)).whole(),
        Column::left(messages::guide::good_for(view.lang)),
    ]);
    for row in &report.guide.value {
        table.push(row![
            row.size.clone(),
            stars(row.quality),
            stars(row.speed),
            stars(row.value),
            row.usage.get(view.lang),
        ]);
    }
    table
}

fn classes(report: &Curves, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::curves::size(view.lang)).whole(),
        Column::right(messages::curves::fit(view.lang)).priority(60),
        Column::left(messages::curves::best_model(view.lang)).whole(),
        Column::right(messages::curves::points(view.lang)),
        Column::right(messages::tokens_per_second(view.lang)),
        Column::right(messages::evidence::first_token(view.lang)).priority(80),
        Column::left(messages::curves::best_value(view.lang))
            .whole()
            .priority(70),
        Column::right(messages::curves::value(view.lang)).priority(65),
    ]);
    for class in &report.computed {
        table.push(row![
            size(class),
            format!("{}/{}", class.fitting, class.models),
            Tone::Code.span(&class.best),
            format!("{:.0}", class.quality),
            class
                .decode
                .map(|[low, _, high]| messages::band(low, high))
                .unwrap_or_default(),
            class
                .first_token
                .map(|[low, _, high]| wait(low, high))
                .unwrap_or_default(),
            Line::from(Tone::Code.span(class.best_value.clone().unwrap_or_default())),
            class
                .value
                .map(|points| format!("{points:.0}"))
                .unwrap_or_default(),
        ]);
    }
    table
}

/// `0.04–0.12 s`: two digits where one would say nothing.
fn wait(low: f64, high: f64) -> String {
    let digits = if low < 0.095 { 2 } else { 1 };
    format!("{low:.digits$}–{high:.digits$} s")
}

/// Name of a class of sizes: `5–10B`, `MoE 26–45B`.
fn size(class: &SizeClass) -> String {
    let [from, to] = class.billions;
    let range = match (from, to) {
        (0.0, to) => format!("< {to}B"),
        (from, to) if to > 1000.0 => format!("> {from}B"),
        (from, to) => format!("{from}–{to}B"),
    };
    if class.mixture_of_experts {
        format!("MoE {range}")
    } else {
        range
    }
}

//! Any page: words long and short, Chinese and English, and what no report should hold but one might.

use proptest::collection::vec;
use proptest::prelude::*;
use vramfit::render::page::{
    Align, Axis, Bar, Block, Cell, Column, Line, Overflow, Page, Plot, Point, Row, Series, Span,
    Table, Tone,
};

/// Any page.
pub(crate) fn page() -> impl Strategy<Value = Page> {
    vec(block(), 0..6).prop_map(|blocks| Page { blocks })
}

/// Any table, columns that may be dropped among its own.
pub(crate) fn table() -> impl Strategy<Value = Table> {
    let columns = vec(column(), 0..8);
    (columns, vec(row(), 0..5), line()).prop_map(|(columns, rows, omitted)| Table {
        columns,
        rows,
        omitted,
    })
}

/// Any plot.
pub(crate) fn plot() -> impl Strategy<Value = Plot> {
    let series = (text(), tone(), any::<bool>(), vec(point(), 0..6));
    let series = series.prop_map(|(name, tone, joined, points)| Series {
        name,
        tone,
        joined,
        points,
    });
    (line(), axis(), axis(), vec(series, 0..4)).prop_map(|(title, x, y, series)| Plot {
        title,
        x,
        y,
        series,
    })
}

/// Any bars.
pub(crate) fn bars() -> impl Strategy<Value = Vec<Bar>> {
    vec(bar(), 0..4)
}

fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z]{1,12}",
        "[a-z0-9:._-]{20,60}",
        "[显存模型上下文缓，。、；：！（）「」—“”]{1,30}",
        Just("qwen2.5-coder:32b-instruct-q4_K_M".to_owned()),
        Just("|`*_#<\\".to_owned()),
        Just("\u{1b}[31mred\t\r\n👩‍🚀 ❤️ e\u{301}".to_owned()),
        any::<String>(),
    ];
    vec(word, 0..8).prop_map(|words| words.join(" "))
}

fn tone() -> impl Strategy<Value = Tone> {
    prop::sample::select(vec![
        Tone::Plain,
        Tone::Strong,
        Tone::Dim,
        Tone::Good,
        Tone::Caution,
        Tone::Bad,
        Tone::Accent,
        Tone::Code,
    ])
}

fn line() -> impl Strategy<Value = Line> {
    let span = (text(), tone()).prop_map(|(text, tone)| Span { text, tone });
    vec(span, 0..4).prop_map(Line::from)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..100.0, 1 => -1e6..1e6, 1 => any::<f64>()]
}

fn column() -> impl Strategy<Value = Column> {
    let align = prop::sample::select(vec![Align::Left, Align::Right, Align::Center]);
    let overflow = prop::sample::select(vec![Overflow::Wrap, Overflow::Truncate, Overflow::Whole]);
    (line(), align, any::<u8>(), 0..30_usize, overflow).prop_map(
        |(header, align, priority, min_width, overflow)| Column {
            header,
            align,
            priority,
            min_width,
            overflow,
        },
    )
}

fn row() -> impl Strategy<Value = Row> {
    let cell = prop_oneof![
        4 => line().prop_map(Cell::Line),
        1 => (number(), tone()).prop_map(|(share, tone)| Cell::Meter { share, tone }),
    ];
    (vec(cell, 0..9), tone(), line()).prop_map(|(cells, emphasis, note)| Row {
        cells,
        emphasis,
        note,
    })
}

fn bar() -> impl Strategy<Value = Bar> {
    let segments = vec((text(), number(), text(), tone()), 0..7);
    (line(), segments, line()).prop_map(|(label, segments, value)| {
        let bar = Bar::new(label).value(value);
        segments
            .into_iter()
            .fold(bar, |bar, (name, size, text, tone)| {
                bar.segment(name, size, text, tone)
            })
    })
}

fn axis() -> impl Strategy<Value = Axis> {
    let ticks = vec((number(), text()), 0..4);
    (text(), any::<bool>(), ticks).prop_map(|(label, log, ticks)| Axis { label, log, ticks })
}

fn point() -> impl Strategy<Value = Point> {
    let band = prop::option::of((number(), number()));
    (number(), number(), band, text()).prop_map(|(x, y, band, label)| Point { x, y, band, label })
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        (any::<u8>(), line()).prop_map(|(level, text)| Block::Heading { level, text }),
        line().prop_map(Block::Paragraph),
        vec(line(), 0..4).prop_map(Block::Lines),
        vec(line(), 0..4).prop_map(Block::List),
        vec((line(), line()), 0..4).prop_map(Block::KeyValues),
        table().prop_map(Block::Table),
        (prop::sample::select(vec!["sh", "toml", ""]), text()).prop_map(|(language, text)| {
            Block::Code {
                language: language.to_owned(),
                text,
            }
        }),
        bars().prop_map(Block::Bars),
        plot().prop_map(Block::Plot),
        (tone(), line()).prop_map(|(tone, line)| Block::Callout { tone, line }),
    ]
}

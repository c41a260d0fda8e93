//! Hostile names on pages, in drawings and in series of Prometheus: the parsers of each find the words as they are, and nothing that they
//! would become.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use vramfit::lang::Lang;
use vramfit::render::page::{Axis, Bar, Column, Page, Plot, Point, Row, Series, Table, Tone};
use vramfit::render::{html, metrics, plot};
use vramfit::report::{LoadedModel, Monitor, MonitoredGpu, MonitoredServer};
use vramfit::sanitize::{is_unsafe, sanitize, sanitize_lines};
use vramfit::units::Bytes;

use crate::artifact::tools::python;

/// Strings that are tried in each kind.
const STRINGS: usize = 100_000;

/// What ends, opens, quotes or runs something in HTML, XML or a series of Prometheus.
const MARKS: [&str; 40] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "</title>",
    "</style>",
    "</text>",
    "</svg>",
    "</p>",
    "-->",
    "<!--",
    "]]>",
    "<![CDATA[",
    "<?xml",
    "<!ENTITY x \"y\">",
    "&",
    "&lt;",
    "&#60;",
    "&#x3c;",
    "&amp;",
    "\"",
    "'",
    "`",
    "\" onload=\"x",
    "javascript:",
    "<",
    ">",
    "/>",
    "=",
    "\\",
    "\\n",
    "\\\"",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{1b}[31m",
    "{",
    "} 1\n",
    "\u{202e}",
    "\u{2028}",
];

fn hostile() -> Vec<String> {
    let word = prop_oneof![
        4 => prop::sample::select(&MARKS[..]).prop_map(str::to_owned),
        2 => "[a-z0-9._:/-]{1,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    let word = prop::collection::vec(word, 0..5).prop_map(|words| format!("zq7{}", words.concat()));
    let mut runner = TestRunner::default();
    (0..STRINGS)
        .map(|_| word.new_tree(&mut runner).expect("a string").current())
        .collect()
}

/// Words as they may stand in XML, without the blanks that mean nothing there.
fn words(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let text: String = kept.map(|c| if is_unsafe(c) { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads a page as a browser does: every text of an element of its own, no element or attribute that is not the page's.
const HTML: &str = r#"
import json, sys
from html.parser import HTMLParser
given = json.load(sys.stdin)
HELD = {"title", "p", "li", "dt", "dd", "code", "td", "th", "h2"}
OTHERS = {"html", "head", "meta", "style", "body", "main", "ul", "dl", "pre", "table", "thead", "tbody", "tr", "div"}
class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.found = [], []
    def handle_starttag(self, tag, attributes):
        assert tag in HELD | OTHERS, tag
        for name, value in attributes:
            assert name in {"lang", "charset", "name", "content", "class", "style", "scope"}, (tag, name)
            assert "zq7" not in (value or ""), (tag, name, value)
        if tag in HELD:
            self.open.append("")
    def handle_endtag(self, tag):
        if tag in HELD:
            self.found.append(" ".join(self.open.pop().split()))
    def handle_data(self, data):
        if self.open:
            self.open[-1] += data
        else:
            assert "zq7" not in data, data
    def handle_comment(self, data):
        raise AssertionError(data)
    def handle_pi(self, data):
        raise AssertionError(data)
    def unknown_decl(self, data):
        raise AssertionError(data)
reader = Reader()
reader.feed(given["text"])
reader.close()
found = [text for text in reader.found if text.startswith("zq7")]
assert len(found) == given["count"], len(found)
wrong = set(found) - set(given["words"])
assert not wrong, list(wrong)[:3]
"#;

#[test]
fn nothing_of_a_page_of_html_is_a_name() {
    let names = hostile();
    let mut page = Page::new();
    let mut table = Table::new([Column::left("a"), Column::left("b")]);
    for five in names.chunks(5) {
        match five {
            [one, two, three, four, five] => {
                page.paragraph(one.as_str()).list([two.as_str()]);
                page.code("sh", three.clone());
                table.push(Row::new([four.as_str(), five.as_str()]));
            }
            _ => panic!("{} strings", names.len()),
        }
    }
    page.push(table);
    let text = html::render(&page, Lang::En, &names[0]);
    // The first one is the title, too. Words are shown with escapes, code with its lines, the title as it is.
    let words: Vec<String> = names
        .iter()
        .flat_map(|name| {
            [
                words(name),
                words(&sanitize(name)),
                words(&sanitize_lines(name)),
            ]
        })
        .collect();
    let given = json!({"text": text, "words": words, "count": names.len() + 1});
    python("html.parser", HTML, given.to_string().as_bytes());
}

/// Reads drawings as XML: words are only in texts and titles, and there are no other elements than the drawing's.
const SVG: &str = r#"
import json, sys
import xml.etree.ElementTree as ET
given = json.load(sys.stdin)
found = 0
for text in given["drawings"]:
    for element in ET.fromstring(text).iter():
        tag = element.tag.rsplit("}", 1)[-1]
        assert tag in {"svg", "g", "title", "text", "tspan", "line", "circle", "path", "polyline", "polygon", "rect"}, tag
        for name, value in element.attrib.items():
            assert not name.startswith("on") and "href" not in name and "zq7" not in value, (tag, name, value)
        said = " ".join((element.text or "").split())
        if "zq7" in said:
            found += 1
            assert tag in {"title", "text", "tspan"}, tag
        assert "zq7" not in (element.tail or "")
assert found >= len(given["drawings"]), found
"#;

#[test]
fn nothing_of_a_drawing_is_a_name() {
    let names = hostile();
    let mut drawings = Vec::new();
    for chunk in names.chunks(100) {
        let (points, others) = chunk.split_at(50);
        let points = points.iter().enumerate();
        let points =
            points.map(|(at, name)| Point::new(at as f64, (at % 7) as f64).label(name.as_str()));
        let series = Series::new(others[0].as_str(), points.collect::<Vec<_>>());
        drawings.push(plot::svg(&Plot {
            title: others[1].as_str().into(),
            x: Axis::new(others[2].as_str()).ticks([(1.0, others[3].as_str())]),
            y: Axis::new(others[4].as_str()),
            series: vec![series],
        }));
        let bars = others[5..].chunks(3).map(|three| {
            let bar =
                Bar::new(three[0].as_str()).segment(three[1].as_str(), 1.0, "1 GiB", Tone::Plain);
            bar.value(three[2].as_str())
        });
        drawings.push(plot::svg_bars(&bars.collect::<Vec<_>>()));
    }
    let given = json!({"drawings": drawings});
    python("xml.etree.ElementTree", SVG, given.to_string().as_bytes());
}

/// Reads series as Prometheus does: the labels are what was given, and there are no others.
const SERIES: &str = r#"
import json, sys
from prometheus_client.parser import text_string_to_metric_families
given = json.load(sys.stdin)
found = {}
for family in text_string_to_metric_families(given["text"]):
    for sample in family.samples:
        found.setdefault(sample.name, []).append(sample.labels)
assert all(name.startswith("vramfit_") for name in found), set(found)
assert found["vramfit_gpu_memory_total_bytes"] == given["gpus"]
assert [labels["tag"] for labels in found["vramfit_model_memory_bytes"]] == given["tags"]
"#;

#[test]
fn nothing_of_a_series_is_a_name() {
    let names = hostile();
    let (of_gpus, tags) = names.split_at(STRINGS * 3 / 4);
    let gpu = |three: &[String]| MonitoredGpu {
        host: three[0].clone(),
        gpu: 0,
        uuid: Some(three[1].clone()),
        name: three[2].clone(),
        total: Bytes::gib(24),
        reserved: Bytes::ZERO,
        used: Bytes::ZERO,
        free: Bytes::gib(24),
        utilization: None,
        temperature: None,
        power: None,
        power_limit: None,
        holders: Vec::new(),
    };
    let model = |tag: &String| LoadedModel {
        tag: tag.clone(),
        size: Bytes::gib(5),
        size_vram: Bytes::gib(5),
        context_length: 8192,
        expires: String::new(),
        expires_in: None,
    };
    let report = Monitor {
        driver_silent: None,
        schema: "vramfit.monitor/1",
        origin: "simulated".into(),
        driver: None,
        memory: None,
        gpus: of_gpus.chunks(3).map(gpu).collect(),
        ollama: Some(MonitoredServer {
            address: names[0].clone(),
            fault: None,
            version: None,
        }),
        models: tags.iter().map(model).collect(),
        services: Vec::new(),
        notes: Vec::new(),
    };
    let text = metrics::metrics(&report);
    // Whoever looks at it on a terminal is not steered by a name either.
    assert!(!text.contains(|c| is_unsafe(c) && c != '\n'));
    let shown = |name: &String| sanitize(name).into_owned();
    let gpus = of_gpus.chunks(3).map(|three| {
        json!({"host": shown(&three[0]), "gpu": "0", "uuid": shown(&three[1]), "name": shown(&three[2])})
    });
    let given = json!({
        "text": text,
        "gpus": gpus.collect::<Vec<_>>(),
        "tags": tags.iter().map(shown).collect::<Vec<_>>(),
    });
    python("prometheus_client", SERIES, given.to_string().as_bytes());
}

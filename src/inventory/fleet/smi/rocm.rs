//! AMD's programs: `rocm-smi --showproductname --showmeminfo vram` and `amd-smi static`, as text, CSV or JSON, and the table of `amd-smi`.

use serde_json::{Map, Value};

use super::super::File;
use super::{Machine, Printed, cells, printable};
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;

/// Where the name of a card stands, in programs of 2019 to today; not all of them tell it.
const NAMES: [&str; 6] = [
    "Card Series",
    "Card series",
    "Device Name",
    "Card Model",
    "Card model",
    "market_name",
];
const TOTAL: &str = "VRAM Total Memory (B)";
const USED: &str = "VRAM Total Used Memory (B)";

/// Whether a text is one of theirs: `{"card0": {..}}`, `[{"gpu": 0, "asic": {..}}]`, or what people read.
pub(super) fn is_theirs(text: &str) -> bool {
    let begin = text.trim_start();
    if !begin.starts_with(['{', '[']) {
        return begin.contains("ROCm System Management Interface")
            || begin.lines().any(|line| printed_line(line).is_some())
            || columns(begin).is_some()
            || begin.contains("MARKET_NAME:")
            || begin.lines().any(|line| line.starts_with("| AMD-SMI "));
    }
    let list = begin.strip_prefix('[');
    let may = begin.starts_with('{') || list.is_some_and(|rest| rest.trim_start().starts_with('{'));
    // A fleet of ours is long, and needs no second look.
    may && !text.contains("vramfit.gpus/")
        && serde_json::from_str(text).is_ok_and(|value| !cards(&value).is_empty())
}

/// The cards of a text, whatever else it tells.
fn cards(value: &Value) -> Vec<&Map<String, Value>> {
    let listed = match value {
        Value::Array(list) => Some(list),
        Value::Object(map) => map.get("gpu_data").and_then(Value::as_array),
        _ => None,
    };
    if let Some(list) = listed {
        let cards = list.iter().filter_map(Value::as_object);
        return cards.filter(|card| card.contains_key("asic")).collect();
    }
    let cards = value.as_object().into_iter().flatten();
    let cards = cards.filter(|(name, _)| {
        let number = name.strip_prefix("card");
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    });
    cards.filter_map(|(_, card)| card.as_object()).collect()
}

/// `GPU[0]\t\t: Card Series: \t\tAMD Radeon RX 6800`: the card's number, the key and its value.
fn printed_line(line: &str) -> Option<(u32, &str, &str)> {
    let (number, rest) = line.trim().strip_prefix("GPU[")?.split_once(']')?;
    let (key, value) = rest.trim_start().strip_prefix(':')?.split_once(':')?;
    Some((number.parse().ok()?, key.trim(), value.trim()))
}

/// What is written for people, in the form of the programs' JSON.
fn printed(text: &str) -> Value {
    if let Some(csv) = columns(text) {
        return table(csv);
    }
    let mut cards = Map::new();
    for (number, key, value) in text.lines().filter_map(printed_line) {
        let card = cards
            .entry(format!("card{number}"))
            .or_insert_with(|| Value::Object(Map::new()));
        card[key] = Value::from(value);
    }
    if !cards.is_empty() {
        return Value::Object(cards);
    }
    let drawn = drawn(text);
    if !drawn.is_empty() {
        return Value::Object(drawn);
    }
    Value::Array(static_text(text))
}

/// The part of a text that has commas: before it `rocm-smi` may warn of cards that sleep.
fn columns(text: &str) -> Option<&str> {
    let titles = |line: &str| {
        line.starts_with("device,") || (line.starts_with("gpu,") && line.contains(",market_name,"))
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if titles(line) {
            return text.get(at..);
        }
        at += line.len();
    }
    None
}

/// The table of `amd-smi`: `| 0000:03:00.0  AMD Radeon RX 9070 XT | 1 % ..`, and in the next line `| .. | 1206/16304 MB |`.
fn drawn(text: &str) -> Map<String, Value> {
    let mut cards = Map::new();
    let mut name: Option<&str> = None;
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [first, .., last] = cells[..] else {
            continue;
        };
        // A long name has lost its beginning: `...Instinct MI300X`.
        let begun = first.split_once(' ').filter(|(address, _)| {
            let digit = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
            address.contains(':') && address.chars().all(digit)
        });
        if let Some((_, rest)) = begun {
            name = Some(rest.trim().trim_start_matches('.'));
            continue;
        }
        let memory = last.split_whitespace().rev().nth(1);
        let memory = memory.filter(|_| last.ends_with(" MB"));
        let sizes = memory.and_then(|sizes| sizes.split_once('/'));
        if let (Some(name), Some((used, total))) = (name.take(), sizes) {
            let card = serde_json::json!({ "market_name": name, "size": total, "used": used });
            cards.insert(format!("card{}", cards.len()), card);
        }
    }
    cards
}

/// `amd-smi static`: sections by their indentation, of which each GPU has an `ASIC` and a `VRAM`.
fn static_text(text: &str) -> Vec<Value> {
    let mut cards: Vec<Value> = Vec::new();
    let mut section = String::new();
    for line in text.lines() {
        let Some((key, value)) = line.trim().split_once(':') else {
            continue;
        };
        let (key, value) = (key.to_ascii_lowercase(), value.trim());
        match (key.as_str(), value) {
            ("gpu", _) => cards.push(serde_json::json!({ "asic": {}, "vram": {} })),
            (_, "") => section = key,
            ("market_name" | "size", _) => {
                if let Some(card) = cards.last_mut()
                    && matches!(section.as_str(), "asic" | "vram")
                {
                    card[section.as_str()][key] = Value::from(value);
                }
            }
            _ => {}
        }
    }
    cards
}

/// `rocm-smi --csv` and `amd-smi static --csv`: names of columns, and a row for each card.
fn table(text: &str) -> Value {
    let mut rows = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            // The maker's name has a comma: "Advanced Micro Devices, Inc. [AMD/ATI]".
            let joined = line.replace("Devices, Inc.", "Devices Inc.");
            let cells = cells(&joined).into_iter().map(str::to_owned);
            cells.collect::<Vec<String>>()
        });
    let keys = rows.next().unwrap_or_default();
    let cards = rows.filter_map(|row| {
        let card = keys
            .iter()
            .cloned()
            .zip(row.iter().cloned().map(Value::from));
        let number = row.first()?.trim_start_matches("card");
        Some((format!("card{number}"), Value::Object(card.collect())))
    });
    Value::Object(cards.collect())
}

pub(super) fn read(file: &File<'_, '_>) -> Vec<Machine> {
    let value = match file.text.trim_start().starts_with(['{', '[']) {
        true => serde_json::from_str(file.text).unwrap_or_default(),
        false => printed(file.text),
    };
    let gpus = cards(&value).into_iter().filter_map(|card| {
        let asic = card.get("asic").and_then(Value::as_object);
        let vram = card.get("vram").and_then(|vram| vram.get("size"));
        let total = card.get(TOTAL).and_then(bytes);
        let total = total.or_else(|| vram.or(card.get("size")).and_then(mebibytes));
        let used = card.get(USED).and_then(bytes);
        let market = asic.and_then(|asic| asic.get("market_name"));
        let names = NAMES.iter().filter_map(|key| card.get(*key)).chain(market);
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        let known = |name: &&&str| file.known.device(name, total).is_some();
        let name = names.iter().find(known).or_else(|| names.first());
        // What was not asked for is not told.
        (name.is_some() || total.is_some()).then(|| Printed {
            name: printable(name.copied().unwrap_or("AMD GPU")),
            vendor: Some(Vendor::Amd),
            total,
            used: used.or_else(|| card.get("used").and_then(mebibytes)),
            ..Printed::default()
        })
    });
    vec![Machine {
        gpus: gpus.collect(),
        ..Machine::default()
    }]
}

/// Bytes, which the program writes as a text.
fn bytes(value: &Value) -> Option<Bytes> {
    let number = value.as_u64();
    number
        .or_else(|| value.as_str()?.trim().parse().ok())
        .map(Bytes)
}

/// `{"value": 24560, "unit": "MB"}`, or `"24560 MB"`.
fn mebibytes(value: &Value) -> Option<Bytes> {
    let text = value.as_str();
    let number = match value.get("value") {
        Some(value) => value.as_u64(),
        None => text.and_then(|text| text.split(' ').next()?.parse().ok()),
    };
    number.map(|mib: u64| Bytes::mib(mib.min(1 << 40)))
}

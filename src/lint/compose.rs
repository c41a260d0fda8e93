//! YAML: compose files and manifests of Kubernetes, as far as they start Ollama's image.

use std::ops::Range;

use super::Problem;
use super::server;
use super::sheet::Sheet;
use super::shell::container::{is_image, published};
use super::variable::{self, Place, Setting};

/// A line as YAML sees it.
#[derive(Clone, Debug)]
struct Line<'a> {
    at: Range<usize>,
    /// Columns before the key, a dash counted as such.
    indent: usize,
    dash: bool,
    /// The key, or nothing in a list of values.
    key: &'a str,
    /// Unquoted.
    value: &'a str,
    value_at: Range<usize>,
    /// What stands behind the dash, unquoted.
    item: &'a str,
    item_at: Range<usize>,
}

/// Judges a file.
pub(super) fn lint(sheet: &mut Sheet<'_>, region: Range<usize>) {
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let place = match text.lines().any(|line| line.starts_with("apiVersion:")) {
        true => Place::Kubernetes,
        false => Place::Compose,
    };
    let lines: Vec<Line<'_>> = sheet
        .lines(region)
        .into_iter()
        .filter_map(|(at, line)| parse(at, line))
        .collect();
    for (position, line) in lines.iter().enumerate() {
        if line.key == "image" && is_image(line.value) {
            let inside = |other: &&Line<'_>| other.indent >= line.indent;
            let before = lines[..position].iter().rev().take_while(inside).count();
            // A dash begins another container.
            let begins = |other: &Line<'_>| other.dash && other.indent == line.indent;
            let start = (position - before..=position)
                .rev()
                .find(|at| begins(&lines[*at]))
                .unwrap_or(position - before);
            let after = lines[position + 1..]
                .iter()
                .take_while(|other| other.indent >= line.indent && !begins(other))
                .count();
            service(sheet, &lines[start..=position + after], line, place);
        }
    }
}

fn parse(at: Range<usize>, line: &str) -> Option<Line<'_>> {
    let trimmed = line.trim_start();
    let mut indent = line.len() - trimmed.len();
    if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with("---") {
        return None;
    }
    let (dash, rest) = match trimmed.strip_prefix("- ") {
        Some(rest) => {
            indent += 2 + rest.len() - rest.trim_start().len();
            (true, rest.trim_start())
        }
        None => (false, trimmed),
    };
    let rest = rest.split(" #").next().unwrap_or(rest).trim_end();
    let start = at.start + indent;
    let (item, item_at) = unquoted(rest, start);
    let (key, value) = match rest.split_once(':') {
        Some((key, value))
            if !rest.starts_with(['"', '\'', '[', '{'])
                && (value.is_empty() || value.starts_with(' ')) =>
        {
            (key.trim(), value)
        }
        _ => ("", ""),
    };
    let value_start = start + rest.len() - value.trim_start().len();
    let (value, value_at) = unquoted(value.trim(), value_start);
    Some(Line {
        at,
        indent,
        dash,
        key,
        value,
        value_at,
        item,
        item_at,
    })
}

fn unquoted(text: &str, start: usize) -> (&str, Range<usize>) {
    for quote in ['"', '\''] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote));
        if let Some(inner) = inner {
            return (inner, start + 1..start + 1 + inner.len());
        }
    }
    (text, start..start + text.len())
}

/// The lines below a key.
fn below<'l, 'a>(lines: &'l [Line<'a>], key: &str) -> &'l [Line<'a>] {
    let Some(at) = lines
        .iter()
        .position(|line| line.key == key && line.value.is_empty())
    else {
        return &[];
    };
    let rest = &lines[at + 1..];
    // Items of a list may stand as far left as their key, their dash counted.
    let indent = lines[at].indent;
    let count = rest.iter().take_while(|line| line.indent > indent).count();
    &rest[..count]
}

fn service(sheet: &mut Sheet<'_>, lines: &[Line<'_>], image: &Line<'_>, place: Place) {
    let value = |key: &str| lines.iter().find(|line| line.key == key);
    if let Some(command) = value("command").or_else(|| value("args")) {
        let words = std::iter::once(command.value)
            .chain(below(lines, command.key).iter().map(|line| line.item));
        let text: Vec<&str> = words.collect();
        let first = text.join(" ");
        let first = first.trim_start_matches(['[', '"', '\'', ' ']);
        if ["run", "pull", "/bin/sh", "sh", "bash"]
            .iter()
            .any(|word| first.starts_with(word))
        {
            return;
        }
    }
    pinned(sheet, image);
    let settings = environment(lines);
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), place);
    let known = variable::says_context(&settings);
    let elsewhere = ["env_file", "envFrom"]
        .iter()
        .any(|key| value(key).is_some());
    if !known && !elsewhere {
        context(sheet, lines, image, place);
    }
    for port in below(lines, "ports")
        .iter()
        .filter(|line| line.dash && line.key.is_empty())
    {
        published(sheet, port.item, port.item_at.clone());
    }
    cards(sheet, lines);
    if let Some(test) = below(lines, "healthcheck")
        .iter()
        .find(|line| line.key == "test")
        && (test.value.contains("curl")
            || below(lines, "test")
                .iter()
                .any(|line| line.item.contains("curl")))
    {
        sheet.find(test.at.clone(), Problem::HealthcheckCurl);
        if test.value.is_empty() {
            // The list below would have to go too.
        } else {
            sheet.replace(
                test.value_at.start.min(test.at.end)..test.at.end,
                "[\"CMD\", \"ollama\", \"ps\"]",
            );
        }
    }
}

fn pinned(sheet: &mut Sheet<'_>, image: &Line<'_>) {
    let tag = image.value.rsplit_once(':').map(|(_, tag)| tag);
    let moving = matches!(tag, None | Some("latest" | "rocm")) && !image.value.contains('@');
    if !moving {
        return;
    }
    let version = &sheet.catalog().knowledge.ollama.version;
    let rocm = if tag == Some("rocm") { "-rocm" } else { "" };
    let right = format!("ollama/ollama:{version}{rocm}");
    sheet.find(
        image.at.clone(),
        Problem::ImageNotPinned {
            image: image.value.to_owned(),
        },
    );
    sheet.replace(image.value_at.clone(), right);
}

/// `NAME: value`, `- NAME=value`, and `- name: NAME` with `value: ..` below it.
fn environment(lines: &[Line<'_>]) -> Vec<Setting> {
    let mut settings = Vec::new();
    for line in below(lines, "environment") {
        if line.key.is_empty() {
            settings.extend(Setting::of(line.item, line.item_at.clone()));
        } else {
            settings.push(setting(
                line.key,
                line.value,
                line.item_at.start,
                line.value_at.clone(),
            ));
        }
    }
    let pairs = below(lines, "env");
    for (at, line) in pairs.iter().enumerate() {
        let next = pairs.get(at + 1).filter(|next| next.key == "value");
        if let Some(next) = next.filter(|_| line.key == "name") {
            settings.push(setting(
                line.value,
                next.value,
                line.value_at.start,
                next.value_at.clone(),
            ));
        }
    }
    settings
}

fn setting(name: &str, value: &str, start: usize, value_at: Range<usize>) -> Setting {
    Setting {
        name: name.to_owned(),
        value: value.to_owned(),
        at: start..value_at.end.max(start + name.len()),
        value_at,
    }
}

fn context(sheet: &mut Sheet<'_>, lines: &[Line<'_>], image: &Line<'_>, place: Place) {
    sheet.find(image.at.clone(), Problem::NoContextLength);
    let (variables, pairs) = (below(lines, "environment"), below(lines, "env"));
    let value = server::CONTEXT;
    let name = "OLLAMA_CONTEXT_LENGTH";
    let indent = |line: &Line<'_>| " ".repeat(line.indent - if line.dash { 2 } else { 0 });
    if let Some(first) = variables.first() {
        let text = if first.key.is_empty() {
            format!("{}- {name}={value}\n", indent(first))
        } else {
            format!("{}{name}: \"{value}\"\n", indent(first))
        };
        sheet.insert(first.at.start, text);
    } else if let Some(first) = pairs.first().filter(|first| first.dash) {
        let spaces = indent(first);
        sheet.insert(
            first.at.start,
            format!("{spaces}- name: {name}\n{spaces}  value: \"{value}\"\n"),
        );
    } else {
        let spaces = " ".repeat(image.indent);
        let lines = match place {
            Place::Kubernetes => {
                format!("env:\n{spaces}  - name: {name}\n{spaces}    value: \"{value}\"")
            }
            _ => format!("environment:\n{spaces}  {name}: \"{value}\""),
        };
        sheet.insert(image.at.end, format!("\n{spaces}{lines}"));
    }
}

fn cards(sheet: &mut Sheet<'_>, lines: &[Line<'_>]) {
    let value = |key: &str| lines.iter().find(|line| line.key == key);
    // Their numbers are those of nvidia-smi: Docker takes them from the driver, not from CUDA.
    if let (Some(ids), Some(count)) = (value("device_ids"), value("count")) {
        let form = format!("device_ids: {}", ids.value);
        sheet.find_with(
            count.at.clone(),
            Problem::CountAndDeviceIds,
            form.trim_end(),
        );
        if count.dash {
            return;
        }
        let start = count.at.start.saturating_sub(1);
        sheet.replace(start..count.at.end, "");
    }
}

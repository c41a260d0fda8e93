//! What `kubectl` and `helm` start in a cluster.

use std::ops::Range;

use super::super::hint::Unclear;
use super::super::image::is_image;
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::{Problem, server, tag};
use super::container::{self, subcommand};
use super::invocation::Invocation;
use super::options::options;
use super::words::{Command, Word};

/// Variables of one chart that are followed.
const NAMES: usize = 200;

/// Judges a command of `kubectl` about Ollama.
pub(in crate::lint) fn lint(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
) {
    let words = subcommand(invocation.arguments);
    let second = words.get(1).map(|word| word.text.as_str());
    match words.first().map(|word| word.text.as_str()) {
        Some("exec" | "rsh") => container::lint(sheet, invocation),
        Some("set") if invocation.names("ollama") && second == Some("env") => {
            variables(sheet, words.iter());
        }
        Some("run") => started(sheet, command, words),
        Some("create") if second == Some("deployment") => started(sheet, command, words),
        Some("expose") if invocation.names("ollama") => exposed(sheet, command, words),
        _ => {}
    }
}

fn variables<'w>(sheet: &mut SourceText<'_>, words: impl Iterator<Item = &'w Word>) {
    let settings: Vec<Setting> = words
        .filter_map(|word| Setting::parse(&word.text, word.at.clone()))
        .collect();
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
}

/// `kubectl run ollama --image=ollama/ollama --env=NAME=VALUE`, `kubectl create deployment ollama --image=ollama/ollama`
fn started(sheet: &mut SourceText<'_>, command: &Command, words: &[Word]) {
    let options = options(words);
    let image = options.iter().find(|(flag, ..)| *flag == "--image");
    let Some((_, _, at)) = image.filter(|(_, image, _)| is_image(image)) else {
        return;
    };
    sheet.judges();
    let set = options.iter().filter(|(flag, ..)| *flag == "--env");
    let settings: Vec<Setting> = set
        .filter_map(|(_, value, at)| Setting::parse(value, at.clone()))
        .collect();
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
    // What a patch adds to it is not read.
    if options.iter().any(|(flag, ..)| *flag == "--overrides") {
        let what = Unclear::Line;
        return sheet.find_with(command.range(), Problem::NotUnderstood { what }, "");
    }
    let path = "/root/.ollama".to_owned();
    sheet.find_with(at.clone(), Problem::NoVolume { path }, "");
    if variable::says_context(&settings) {
        return;
    }
    sheet.find(at.clone(), Problem::NoContextLength);
    // A deployment is given its variables by a command of its own.
    if let Some(run) = words.first().filter(|word| word.text == "run") {
        let context = server::CONTEXT;
        let form = format!(" --env=OLLAMA_CONTEXT_LENGTH={context}");
        sheet.insert(run.at.end, form);
    }
}

/// `kubectl expose deployment ollama --type=LoadBalancer --port=11434`
fn exposed(sheet: &mut SourceText<'_>, command: &Command, words: &[Word]) {
    sheet.judges();
    let options = options(words);
    let out = options.iter().find(|(flag, value, _)| {
        let public = matches!(*value, "LoadBalancer" | "NodePort");
        *flag == "--type" && public || *flag == "--external-ip"
    });
    if let Some((_, value, _)) = out {
        let address = (*value).to_owned();
        sheet.find_with(command.range(), Problem::OpenPort { address }, "");
    }
}

/// A chart of Ollama: what is wrong among the values that are set here; all the others are in files that are not read.
pub(super) fn chart(sheet: &mut SourceText<'_>, command: &Command, invocation: &Invocation<'_>) {
    let verb = invocation.arguments.iter().map(|word| word.text.as_str());
    let installs = verb
        .clone()
        .any(|word| matches!(word, "install" | "upgrade"));
    if !installs || !invocation.names("ollama") {
        return;
    }
    let sets = |flag: &str| matches!(flag, "--set" | "--set-string");
    let mut named: Vec<(String, String, usize)> = Vec::new();
    let mut settings = Vec::new();
    // What is written with quotes or escapes within it is left to the person.
    let written = |value: &str, at: &Range<usize>| sheet.text.get(at.clone()) == Some(value);
    let given: Vec<_> = options(invocation.arguments)
        .into_iter()
        .filter(|(flag, value, at)| sets(flag) && written(value, at))
        .collect();
    for (_, value, at) in given {
        let mut from = at.start;
        for pair in value.split(',') {
            let end = (from + pair.len()).min(at.end);
            let here = from.min(end)..end;
            from = end + 1;
            let Some((key, text)) = pair.split_once('=') else {
                continue;
            };
            let of = here.end - text.len().min(here.len())..here.end;
            match key.rsplit_once('.') {
                Some((item, "name")) if item.contains('[') && named.len() < NAMES => {
                    named.push((item.to_owned(), text.to_owned(), of.start));
                }
                Some((item, "value")) => {
                    let name = named.iter().find(|(list, ..)| list == item);
                    settings.extend(name.map(|(_, name, start)| Setting {
                        name: name.clone(),
                        value: text.to_owned(),
                        at: *start..of.end.max(*start),
                        value_at: of,
                        bare_text: false,
                    }));
                }
                Some(("service", "type")) if matches!(text, "LoadBalancer" | "NodePort") => {
                    let address = text.to_owned();
                    sheet.find_with(here, Problem::OpenPort { address }, "");
                }
                _ if key.starts_with("ollama.models.") => {
                    tag::lint(sheet, text.trim_matches(['{', '}']), of);
                }
                _ => {}
            }
        }
    }
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
    let what = Unclear::Line;
    sheet.find_with(command.range(), Problem::NotUnderstood { what }, "");
}

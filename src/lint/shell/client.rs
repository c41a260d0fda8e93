//! `ollama` as a client: it talks to a server, and its own environment changes nothing there.

use super::super::reach::{Request, Target};
use super::super::server::{self, PORT};
use super::super::sheet::SourceText;
use super::super::variable::Setting;
use super::super::{Problem, tag, variable};
use super::ScriptState;
use super::invocation::Invocation;
use super::words::{Command, Word};

/// Options that people take from other programs, and what does what they were meant to do.
const MEANT: &[(&str, &str)] = &[
    ("--num-ctx", "PARAMETER num_ctx"),
    ("--num_ctx", "PARAMETER num_ctx"),
    ("--ctx-size", "PARAMETER num_ctx"),
    ("--ctx", "PARAMETER num_ctx"),
    ("--context", "PARAMETER num_ctx"),
    ("--context-length", "PARAMETER num_ctx"),
    ("--num-gpu", "PARAMETER num_gpu"),
    ("--num_gpu", "PARAMETER num_gpu"),
    ("--gpu-layers", "PARAMETER num_gpu"),
    ("--n-gpu-layers", "PARAMETER num_gpu"),
    ("-ngl", "PARAMETER num_gpu"),
    ("--num-thread", "PARAMETER num_thread"),
    ("--threads", "PARAMETER num_thread"),
    ("--temperature", "PARAMETER temperature"),
    ("--temp", "PARAMETER temperature"),
    ("--top-p", "PARAMETER top_p"),
    ("--top_p", "PARAMETER top_p"),
    ("--system", "SYSTEM"),
    ("--gpu", "CUDA_VISIBLE_DEVICES"),
    ("--gpus", "CUDA_VISIBLE_DEVICES"),
    ("--parallel", "OLLAMA_NUM_PARALLEL"),
    ("--num-parallel", "OLLAMA_NUM_PARALLEL"),
    ("--host", "OLLAMA_HOST"),
    ("--port", "OLLAMA_HOST"),
];

/// Judges a client's command.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
    scene: &mut ScriptState,
) {
    let sub = invocation.first().unwrap_or_default();
    if !matches!(
        sub,
        "run" | "pull" | "push" | "show" | "stop" | "create" | "rm" | "cp" | "list" | "ls" | "ps"
    ) {
        return;
    }
    sheet.judges();
    environment(sheet, invocation, scene);
    flags(sheet, invocation);
    let port = target(sheet, command, invocation, scene);
    let arguments = plain(invocation);
    if sub == "create" {
        scene
            .created
            .extend(arguments.first().map(|word| word.text.clone()));
        return;
    }
    let Some(model) = arguments
        .first()
        .filter(|_| matches!(sub, "run" | "pull" | "show" | "stop"))
    else {
        return;
    };
    let name = model.text.strip_suffix(":latest").unwrap_or(&model.text);
    let own = scene.created.contains(&model.text) || scene.created.contains(name);
    match scene.values.expand(&model.text) {
        Some(words) => {
            for word in words {
                tag::lint(sheet, &word.text, word.at.clone());
            }
        }
        None if !own => tag::lint(sheet, &model.text, model.at.clone()),
        None => {}
    }
    if !scene.servers.is_empty()
        && let Some(port) = port.filter(|_| matches!(sub, "run" | "pull"))
    {
        sheet
            .served
            .entry(port)
            .or_default()
            .insert(model.text.clone());
    }
    if sub != "run" {
        return;
    }
    keepalive(sheet, invocation);
    let conversation = arguments.len() == 1 && !command.fed;
    if command.background && conversation {
        sheet.find(command.range(), Problem::BackgroundRun);
        sheet.insert(model.at.end, " \"\" --keepalive=-1s");
    }
    let Some(port) = port else { return };
    if command.background || !conversation {
        scene
            .together
            .push((port, model.text.clone(), command.range()));
    } else {
        let demand = server::demand_of(std::slice::from_ref(&model.text), scene.server(port));
        server::demand(sheet, command.range(), &demand, server::as_variable);
    }
}

/// `NAME=value systemctl restart ollama`, which hands no variable to the service.
pub(super) fn of_service(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
) {
    let starts = ["enable", "reload", "restart", "start", "try-restart"];
    let starts = invocation.has(&starts);
    let own =
        |setting: &&Setting| variable::is_servers(&setting.name) || setting.name == "OLLAMA_HOST";
    for setting in invocation.settings.iter().filter(own).filter(|_| starts) {
        let variable = setting.name.clone();
        let value = &setting.value;
        let form =
            format!("sudo systemctl edit ollama\n[Service]\nEnvironment=\"{variable}={value}\"");
        let problem = Problem::ClientVariable { variable };
        sheet.find_with(command.range(), problem, form);
    }
}

/// Variables of a server, given to a client.
fn environment(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>, scene: &mut ScriptState) {
    for setting in invocation
        .settings
        .iter()
        .filter(|setting| variable::is_servers(&setting.name))
    {
        let variable = setting.name.clone();
        sheet.find(setting.at.clone(), Problem::ClientVariable { variable });
        // With the blank behind it.
        let behind = sheet.text.get(setting.at.end..).unwrap_or_default();
        let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
        sheet.replace(setting.at.start..setting.at.end + blanks, "");
    }
    for export in scene.exported.iter_mut().filter(|_| !scene.for_others) {
        export.by_client |= variable::is_servers(&export.setting.name);
    }
}

/// The port that it talks to, where that can be read.
fn target(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
    scene: &ScriptState,
) -> Option<u16> {
    let own = invocation
        .settings
        .iter()
        .find(|setting| setting.name == "OLLAMA_HOST");
    if let Some(host) = own.or_else(|| scene.exported("OLLAMA_HOST")) {
        if let Some(target) = Target::parse(&host.value, PORT) {
            let request = Request {
                target,
                ..Request::default()
            };
            super::request::send(sheet, scene, command.range(), request);
        }
        return variable::server_port(Some(&host.value));
    }
    if scene.all_exported || invocation.open_environment {
        return None;
    }
    let meant = match scene.servers.last() {
        Some(server) => server.port?,
        None => {
            let host = "localhost".to_owned();
            let target = Target { host, port: PORT };
            let request = Request {
                target,
                ..Request::default()
            };
            sheet.request(command.range(), request);
            PORT
        }
    };
    if meant != PORT {
        sheet.find(command.range(), Problem::ClientPort { port: meant });
        sheet.insert(
            invocation.insert_at,
            format!("OLLAMA_HOST=127.0.0.1:{meant} "),
        );
    }
    Some(meant)
}

/// Judges the options of a client whose server is not followed; the arguments that are none.
pub(super) fn given<'a>(sheet: &mut SourceText<'_>, invocation: &Invocation<'a>) -> Vec<&'a Word> {
    flags(sheet, invocation);
    if invocation.first() == Some("run") {
        keepalive(sheet, invocation);
    }
    plain(invocation)
}

/// The arguments that are no options, without the command's own name.
fn plain<'a>(invocation: &Invocation<'a>) -> Vec<&'a Word> {
    let mut plain = Vec::new();
    let mut words = invocation.arguments.iter().skip(1);
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "--keepalive" | "--format" | "-f" | "--file" | "-q" | "--quantize" | "--think" => {
                words.next();
            }
            text if meant(text).is_some() && !text.contains('=') => {
                words.next();
            }
            text if text.starts_with("--") => {}
            _ => plain.push(word),
        }
    }
    plain
}

/// A duration, which needs a unit unless it is 0.
fn keepalive(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    for (at, word) in invocation.arguments.iter().enumerate() {
        let (value, place) = match word.text.strip_prefix("--keepalive") {
            Some("") => match invocation.arguments.get(at + 1) {
                Some(next) => (next.text.as_str(), next.at.clone()),
                None => continue,
            },
            Some(rest) => match rest.strip_prefix('=') {
                Some(value) => (value, word.at.clone()),
                None => continue,
            },
            None => continue,
        };
        if value.parse::<i64>().is_ok_and(|number| number != 0) {
            let value = value.to_owned();
            sheet.insert(place.end, "s");
            sheet.find(place, Problem::KeepaliveUnit { value });
        }
    }
}

/// What an option of another program was meant to do.
fn meant(word: &str) -> Option<&'static str> {
    let flag = word.split('=').next().unwrap_or(word);
    let found = MEANT.iter().find(|(wrong, _)| *wrong == flag)?;
    Some(found.1)
}

/// Options that the client does not have: it refuses the whole command.
fn flags(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    for (at, word) in invocation.arguments.iter().enumerate() {
        let Some(instead) = meant(&word.text) else {
            continue;
        };
        let (flag, value) = match word.text.split_once('=') {
            Some((flag, value)) => (flag, value),
            None => {
                let next = invocation.arguments.get(at + 1);
                (
                    word.text.as_str(),
                    next.map_or("", |next| next.text.as_str()),
                )
            }
        };
        let between = if instead.starts_with("OLLAMA_") || instead.starts_with("CUDA_") {
            "="
        } else {
            " "
        };
        let value = match flag {
            "--port" => format!("127.0.0.1:{value}"),
            _ => value.to_owned(),
        };
        // A number behind it may be that of a card, or how many of them.
        let counts = instead.starts_with("CUDA_") && value.chars().all(|c| c.is_ascii_digit());
        let form = match counts {
            true => String::new(),
            false => format!("{instead}{between}{value}"),
        };
        let problem = Problem::ClientFlag {
            flag: flag.to_owned(),
            instead: instead.to_owned(),
        };
        sheet.find_with(word.at.clone(), problem, form);
    }
}

//! What a unit runs: programs with their arguments, no shell.

use std::ops::Range;

use super::super::sheet::SourceText;
use super::super::shell::{self, Invocation, Word};
use super::super::variable::Setting;
use super::super::{Problem, tag};
use super::lines::{self, Line, Unit};

/// Whether a command starts a server.
pub(super) fn serves(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.any(|word| {
        word.trim_start_matches(['-', '@', ':', '+', '!'])
            .rsplit('/')
            .next()
            == Some("ollama")
    }) && words.next() == Some("serve")
}

/// Whether a shell starts the server, whose own variables are judged there.
pub(super) fn by_shell(sheet: &SourceText<'_>, line: &Line<'_>) -> bool {
    let words = lines::words(sheet.text, line.value.clone());
    let first = words.first().map_or("", |word| word.text.as_str());
    let program = first.trim_start_matches(['-', '@', ':', '+', '!']);
    let shell = matches!(
        program.rsplit('/').next(),
        Some("sh" | "bash" | "zsh" | "dash")
    );
    let script = |word: &Word| word.inner.is_some() && word.text.contains("ollama serve");
    shell && words.iter().any(script)
}

/// What `env` gives to the server that it starts.
pub(super) fn handed_in(sheet: &SourceText<'_>, line: &Line<'_>) -> Vec<Setting> {
    let words = lines::words(sheet.text, line.value.clone());
    let mut words = words.iter();
    let program = words.next().map_or("", |word| word.text.as_str());
    let program = program.trim_start_matches(['-', '@', ':', '+', '!']);
    if program.rsplit('/').next() != Some("env") {
        return Vec::new();
    }
    let rest = words.skip_while(|word| word.text.starts_with('-'));
    rest.map_while(|word| {
        let at = word.inner.clone().unwrap_or_else(|| word.at.clone());
        Setting::parse(&word.text, at)
    })
    .collect()
}

/// Judges the commands of a unit.
pub(super) fn lint(sheet: &mut SourceText<'_>, unit: &Unit<'_>, settings: &[Setting]) {
    let patient = unit.lines.iter().any(|line| line.key == "TimeoutStartSec");
    for line in unit
        .lines
        .iter()
        .filter(|line| line.key.starts_with("Exec"))
    {
        let text = sheet.text.get(line.value.clone()).unwrap_or_default();
        let loads = text.contains("ollama pull") || text.contains("ollama run");
        if matches!(line.key, "ExecStartPost" | "ExecStartPre") && loads && !patient {
            let form = format!("TimeoutStartSec=infinity\n{}={}", line.key, text.trim());
            sheet.find_with(line.at.clone(), Problem::PreloadInUnit, form);
        }
        command(sheet, line, settings);
    }
}

/// Commands that start a service, of which systemd takes one: it refuses the unit, unless an empty one takes back those before it.
pub(super) fn several(sheet: &mut SourceText<'_>, unit: &Unit<'_>, name: &str) {
    let value = |line: &Line<'_>| {
        let text = sheet.text.get(line.value.clone()).unwrap_or_default();
        text.trim().to_owned()
    };
    let oneshot = |line: &Line<'_>| line.key == "Type" && value(line) == "oneshot";
    // What a drop-in adds to has its own.
    let drop_in = name.replace('\\', "/").contains(".service.d/");
    if unit.lines.iter().any(oneshot) {
        return;
    }
    let mut before = usize::from(drop_in);
    let mut second = None;
    for line in unit.lines.iter().filter(|line| line.key == "ExecStart") {
        match value(line).is_empty() {
            true => before = 0,
            false if before > 0 => second = Some(line),
            false => before = 1,
        }
    }
    if let Some(line) = second {
        sheet.find(line.at.clone(), Problem::SeveralStarts);
        sheet.insert(sheet.line_start(line.at.start), "ExecStart=\n");
    }
}

fn command(sheet: &mut SourceText<'_>, line: &Line<'_>, settings: &[Setting]) {
    let words = lines::words(sheet.text, line.value.clone());
    let comment = words
        .iter()
        .position(|word| word.text == "#" || word.text.starts_with("# "));
    let words = match comment.and_then(|at| Some((at, words.get(at.checked_sub(1)?)?.at.end))) {
        Some((at, end)) => {
            super::comment_behind(sheet, line, end);
            words.get(..at).unwrap_or_default()
        }
        None => words.as_slice(),
    };
    let Some(first) = words.first() else { return };
    if Setting::parse(&first.text, first.at.clone()).is_some() {
        given(sheet, line, words);
        return;
    }
    let program = first.text.trim_start_matches(['-', '@', ':', '+', '!']);
    let program = program.rsplit('/').next().unwrap_or(program);
    let arguments = words.get(1..).unwrap_or_default();
    let invocation = Invocation {
        program,
        arguments,
        settings: Vec::new(),
        insert_at: first.at.start,
        open_environment: false,
        supervised: false,
    };
    match (program, invocation.first()) {
        ("ollama", Some("serve")) => {
            let hosted = settings.iter().any(|setting| setting.name == "OLLAMA_HOST");
            let port = shell::flags(sheet, &invocation, false);
            if let Some(port) = port.filter(|_| !hosted) {
                let text = format!("Environment=\"OLLAMA_HOST=127.0.0.1:{port}\"\n");
                sheet.insert(line.at.start, text);
            }
        }
        ("ollama", Some("run" | "pull")) => {
            if let Some(model) = arguments
                .iter()
                .skip(1)
                .find(|word| !word.text.starts_with('-'))
            {
                tag::lint(sheet, &model.text, model.at.clone());
            }
        }
        ("curl" | "wget", _) => shell::request(sheet, &invocation, false),
        ("docker" | "podman" | "nerdctl", _) => shell::container::lint(sheet, &invocation),
        ("sh" | "bash" | "zsh" | "dash", _) => {
            let inner: Vec<Range<usize>> = arguments
                .iter()
                .filter_map(|word| word.inner.clone())
                .collect();
            for region in inner {
                shell::lint_commands(sheet, region, settings);
            }
        }
        _ => {}
    }
}

/// Variables before a program, as a shell takes them: systemd looks for a program of that name.
fn given(sheet: &mut SourceText<'_>, line: &Line<'_>, words: &[Word]) {
    let is_setting = |word: &&Word| Setting::parse(&word.text, word.at.clone()).is_some();
    let count = words.iter().take_while(is_setting).count();
    let (given, rest) = words.split_at(count);
    let mut form: String = given
        .iter()
        .map(|word| format!("Environment=\"{}\"\n", word.text))
        .collect();
    let rest: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    form += &format!("{}={}", line.key, rest.join(" "));
    let words = given.iter().map(|word| word.text.clone()).collect();
    sheet.find_with(line.at.clone(), Problem::BadAssignment { words }, form);
}

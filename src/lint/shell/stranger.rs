//! Programs of which nothing is known here, though they are told of Ollama.

use super::super::Problem;
use super::super::hint::Unclear;
use super::super::image::is_image;
use super::super::sheet::SourceText;
use super::super::tag;
use super::super::variable::{self, Setting};
use super::invocation::{Invocation, invocation};
use super::words::Command;
use super::{ScriptState, client, inside};

/// Programs that show, fetch or look for what they are told, and start nothing of it.
const QUIET: [&str; 58] = [
    "[",
    "[[",
    "alias",
    "apt",
    "apt-get",
    "awk",
    "basename",
    "brew",
    "case",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cmp",
    "command",
    "cosign",
    "cp",
    "crane",
    "curl",
    "diff",
    "dirname",
    "dnf",
    "echo",
    "egrep",
    "file",
    "find",
    "function",
    "git",
    "grep",
    "grype",
    "head",
    "jq",
    "less",
    "local",
    "logger",
    "ls",
    "make",
    "man",
    "mkdir",
    "mv",
    "notify-send",
    "printf",
    "read",
    "readonly",
    "return",
    "rg",
    "rm",
    "sed",
    "skopeo",
    "syft",
    "tail",
    "tee",
    "test",
    "trivy",
    "type",
    "unset",
    "wget",
    "which",
];

/// Programs that put variables into files, each name and each value as a word of its own.
const PUT_APART: [&str; 3] = ["augtool", "crudini", "setenv"];

/// Judges what another program is told to run where a container or another machine is: `pct exec 105 -- ollama pull TAG`.
fn elsewhere(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>, scene: &mut ScriptState) {
    const SUBCOMMANDS: [&str; 4] = ["run", "pull", "show", "stop"];
    let words = invocation.arguments;
    let is_run = |pair: &[super::Word]| {
        let program = pair[0].text.rsplit('/').next();
        program == Some("ollama") && SUBCOMMANDS.contains(&pair[1].text.as_str())
    };
    if let Some(at) = words.windows(2).position(is_run) {
        sheet.judges();
        let command = Command {
            words: words.get(at..).unwrap_or_default().to_vec(),
            ..Command::default()
        };
        let inner = self::invocation(&command);
        if let Some(model) = client::given(sheet, &inner).first() {
            tag::lint(sheet, &model.text, model.at.clone());
        }
        return;
    }
    // Whatever a function does with a command that it is handed, its model is meant to exist.
    let said = words.iter().filter_map(|word| word.inner.clone());
    if sheet.outline().defines(invocation.program) {
        for region in said {
            let text = sheet.text.get(region.clone()).unwrap_or_default();
            if text.contains("ollama pull ") || text.contains("ollama run ") {
                tag::cells(sheet, region);
            }
        }
    }
    let takes_script = |option: &str| {
        option == "--command" || option.starts_with('-') && option.ends_with(['c', 'C'])
    };
    for pair in words.windows(2).filter(|pair| takes_script(&pair[0].text)) {
        let runs = ["ollama serve", "ollama pull ", "ollama run "];
        if let Some(script) = pair[1].inner.clone()
            && runs.iter().any(|run| pair[1].text.contains(run))
        {
            inside::deeper(sheet, script, scene);
        }
    }
}

/// Says that it is not known what a program does with Ollama's image, or with variables for it.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
    scene: &mut ScriptState,
) {
    if QUIET.contains(&invocation.program) {
        return;
    }
    elsewhere(sheet, invocation, scene);
    let names_server = |text: &str| {
        let last = text.rsplit('=').next().unwrap_or_default();
        // `--env=OLLAMA_HOST=0.0.0.0`, `OLLAMA_HOST=0.0.0.0`, `-eOLLAMA_HOST=0.0.0.0`
        let name = text.split_once("OLLAMA_");
        let set = name.is_some_and(|(before, rest)| {
            let end =
                rest.find(|c: char| !c.is_ascii_uppercase() && c != '_' && !c.is_ascii_digit());
            let behind = end.filter(|end| *end > 0).and_then(|end| rest.get(end..));
            let assigns = behind.is_some_and(|rest| rest.trim_start().starts_with('='));
            assigns && !before.contains([' ', '$', '{'])
        });
        set || is_image(last.trim_matches(['"', '\'', ',']))
    };
    let arguments = || invocation.arguments.iter();
    let puts = PUT_APART.contains(&invocation.program)
        && arguments().any(|word| word.text.starts_with("OLLAMA_"))
        || invocation.program == "yq" && invocation.names("11434");
    if !puts && !arguments().any(|word| names_server(&word.text)) {
        return;
    }
    // A function of the script's own, which hands them on.
    if sheet.outline().defines(invocation.program) {
        let words = invocation.arguments.iter();
        let settings: Vec<Setting> = words
            .filter_map(|word| Setting::parse(&word.text, word.at.clone()))
            .collect();
        let all: Vec<&Setting> = settings.iter().collect();
        variable::servers(sheet, &all, scene.place());
    } else {
        let what = Unclear::Line;
        sheet.find_with(command.range(), Problem::NotUnderstood { what }, "");
    }
}

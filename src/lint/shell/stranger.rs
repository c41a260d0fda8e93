//! Programs of which nothing is known here, though they are told of Ollama.

use super::super::Problem;
use super::super::hint::Unclear;
use super::super::image::is_image;
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::invocation::Invocation;
use super::words::Command;

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

/// Says that it is not known what a program does with Ollama's image, or with variables for it.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
    place: Place,
) {
    if QUIET.contains(&invocation.program) {
        return;
    }
    let names_server = |text: &str| {
        let last = text.rsplit('=').next().unwrap_or_default();
        // `--env=OLLAMA_HOST=0.0.0.0`, `OLLAMA_HOST=0.0.0.0`, `-eOLLAMA_HOST=0.0.0.0`
        let name = text.split_once("OLLAMA_");
        let set = name.is_some_and(|(before, rest)| {
            let end =
                rest.find(|c: char| !c.is_ascii_uppercase() && c != '_' && !c.is_ascii_digit());
            let assigns = end.is_some_and(|end| end > 0 && rest.as_bytes().get(end) == Some(&b'='));
            assigns && !before.contains([' ', '$', '{'])
        });
        set || is_image(last.trim_matches(['"', '\'', ',']))
    };
    if !invocation
        .arguments
        .iter()
        .any(|word| names_server(&word.text))
    {
        return;
    }
    // A function of the script's own, which hands them on.
    if sheet.outline().defines(invocation.program) {
        let words = invocation.arguments.iter();
        let settings: Vec<Setting> = words
            .filter_map(|word| Setting::parse(&word.text, word.at.clone()))
            .collect();
        let all: Vec<&Setting> = settings.iter().collect();
        variable::servers(sheet, &all, place);
    } else {
        let what = Unclear::Line;
        sheet.find_with(command.range(), Problem::NotUnderstood { what }, "");
    }
}

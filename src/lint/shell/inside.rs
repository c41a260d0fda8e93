//! Scripts that another shell runs: within words, or in the lines below a command.

use std::ops::Range;

use super::super::Problem;
use super::super::sheet::SourceText;
use super::options::remote;
use super::words::Word;
use super::{DEEPEST, Invocation, ScriptState, partial, run};

const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// Scripts within the words of a command.
pub(super) fn words(
    sheet: &mut SourceText<'_>,
    invocation: &Invocation<'_>,
    scene: &mut ScriptState,
) {
    let words = invocation.arguments.iter();
    let inner: Vec<_> = match (invocation.program, remote(invocation.arguments)) {
        ("ssh", [first, .., last]) => std::iter::once(first.at.start..last.at.end).collect(),
        _ => words.filter_map(|word| word.inner.clone()).collect(),
    };
    for region in inner {
        deeper(sheet, region, scene);
    }
}

/// A script within another one.
pub(super) fn deeper(sheet: &mut SourceText<'_>, region: Range<usize>, scene: &mut ScriptState) {
    if scene.depth < DEEPEST {
        scene.depth += 1;
        run(sheet, region, scene);
        scene.depth -= 1;
    }
}

/// A shell that reads a file, or words which nothing here tells: what it runs is not known.
pub(super) fn unread(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>, input: &Word) {
    let file = input.text.clone();
    let empty = file.is_empty() || file.starts_with("/dev/") || file.starts_with(['<', '(']);
    if !empty && reader(invocation).is_some() {
        sheet.find_with(input.at.clone(), Problem::NotRead { file }, "");
    }
}

/// Who reads commands from its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    OfMachine,
    OfContainer,
}

fn reader(invocation: &Invocation<'_>) -> Option<Shell> {
    let arguments = invocation.arguments;
    let reads = match invocation.program {
        "ssh" => {
            let behind = remote(arguments);
            !arguments.is_empty() && (behind.is_empty() || is_shell(behind))
        }
        "su" => !invocation.has(&["-c", "--command"]),
        program if SHELLS.contains(&program) => reads_input(arguments),
        "docker" | "podman" | "nerdctl" | "kubectl" | "oc" if invocation.has(&["exec"]) => {
            let shell = arguments.last().is_some_and(|word| names_shell(&word.text));
            return shell.then_some(Shell::OfContainer);
        }
        "lxc" | "incus" | "pct" | "multipass" | "limactl" => is_shell(arguments),
        _ => false,
    };
    reads.then_some(Shell::OfMachine)
}

/// Judges the lines below a command as a script, if it is a shell that reads them; whether it is one.
pub(super) fn fed(
    sheet: &mut SourceText<'_>,
    invocation: &Invocation<'_>,
    region: Range<usize>,
    scene: &mut ScriptState,
) -> bool {
    match reader(invocation) {
        Some(Shell::OfMachine) => deeper(sheet, region, scene),
        Some(Shell::OfContainer) => partial::contained(sheet, region),
        None => return false,
    }
    true
}

/// Whether a shell with these arguments reads its commands where others read what they are fed.
fn reads_input(arguments: &[Word]) -> bool {
    let mut texts = arguments.iter().map(|word| word.text.as_str());
    let options = texts.clone().take_while(|text| text.starts_with('-'));
    let has = |letter: char| {
        let short = |text: &str| !text.starts_with("--") && text.contains(letter);
        options.clone().any(short)
    };
    !has('c') && (has('s') || texts.all(|text| text.starts_with('-')))
}

/// Whether words run a shell that reads its commands: `sudo bash -s`, `'bash -se'`.
fn is_shell(words: &[Word]) -> bool {
    let texts = || words.iter().flat_map(|word| word.text.split_whitespace());
    let runs = texts().any(names_shell);
    runs && !texts().any(|text| text == "-c")
}

fn names_shell(text: &str) -> bool {
    SHELLS.contains(&text.rsplit('/').next().unwrap_or(text))
}

//! Commands that are only a part of something: of a container, of a unit, of what a shell reads at its start.

use std::ops::Range;

use super::super::sheet::SourceText;
use super::super::variable::{self, Setting};
use super::super::{Problem, tag};
use super::ending::close;
use super::{Export, Invocation, ScriptState, commands, flags, invocation, lint, run};

/// Judges the tags that commands of a region name, and the options of a server, and nothing else: what they run in is described elsewhere.
pub(in crate::lint) fn tags(sheet: &mut SourceText<'_>, region: Range<usize>) {
    for command in commands(sheet.text, region) {
        let invocation = invocation(&command);
        if invocation.program == "ollama" && invocation.first() == Some("serve") {
            flags(sheet, &invocation, false);
        }
        if invocation.program == "ollama"
            && matches!(invocation.first(), Some("run" | "pull" | "show"))
        {
            let model = invocation
                .arguments
                .iter()
                .skip(1)
                .find(|word| !word.text.starts_with('-'));
            if let Some(model) = model {
                tag::lint(sheet, &model.text, model.at.clone());
            }
        }
    }
}

/// Judges the tags of commands that get names of their own: `alias chat='ollama run TAG'`.
pub(super) fn aliases(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    for word in invocation.arguments {
        let written = sheet.text.get(word.at.clone()).unwrap_or_default();
        let Some((name, command)) = written.split_once('=') else {
            continue;
        };
        let bare = command.trim_start_matches(['"', '\'']);
        let start = word.at.start + name.len() + 1 + command.len() - bare.len();
        let end = start + bare.trim_end_matches(['"', '\'']).len();
        tags(sheet, start..end);
    }
}

/// Judges commands that a unit hands to a shell, with the variables that it sets.
pub(in crate::lint) fn within(
    sheet: &mut SourceText<'_>,
    region: Range<usize>,
    settings: &[Setting],
) {
    let mut scene = ScriptState {
        service: true,
        ..ScriptState::default()
    };
    for setting in settings {
        scene.export(Export {
            at: setting.at.clone(),
            setting: setting.clone(),
            by_client: false,
        });
    }
    run(sheet, region.clone(), &mut scene);
    close(sheet, &scene, region);
}

/// Judges the file that a shell reads when a person logs in: a service that systemd starts never sees it.
pub(in crate::lint) fn profile(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut settings = Vec::new();
    let mut serves = false;
    for command in commands(sheet.text, region.clone()) {
        let invocation = invocation(&command);
        serves |= invocation.program == "ollama" && invocation.first() == Some("serve");
        if invocation.program == "export" {
            let words = invocation.arguments.iter();
            settings.extend(words.filter_map(|word| Setting::of(&word.text, word.at.clone())));
        }
    }
    lint(sheet, region, true);
    if serves {
        return;
    }
    for setting in settings
        .iter()
        .filter(|setting| variable::is_servers(&setting.name))
    {
        // One that Ollama does not have is wrong everywhere.
        if super::super::known::KNOWN.contains(&setting.name.as_str())
            || !setting.name.starts_with("OLLAMA_")
        {
            let variable = setting.name.clone();
            let form = format!(
                "sudo systemctl edit ollama\n[Service]\nEnvironment=\"{}={}\"",
                setting.name, setting.value
            );
            sheet.find_with(
                setting.at.clone(),
                Problem::ProfileVariable { variable },
                form,
            );
        }
    }
}

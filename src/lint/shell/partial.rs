//! Commands that are only a part of something: of a container, of a unit, of what a shell reads at its start.

use std::ops::Range;

use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::{Problem, tag};
use super::ending::close;
use super::words::Command;
use super::{DEEPEST, Export, Invocation, ScriptState, commands, flags, invocation, run};

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

/// Judges commands that get names of their own: `alias chat='ollama run TAG'`.
pub(super) fn aliases(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>, depth: u8) {
    for word in invocation.arguments {
        let written = sheet.text.get(word.at.clone()).unwrap_or_default();
        let Some((name, command)) = written.split_once('=') else {
            continue;
        };
        let bare = command.trim_start_matches(['"', '\'']);
        let start = word.at.start + name.len() + 1 + command.len() - bare.len();
        let end = start + bare.trim_end_matches(['"', '\'']).len();
        // What they run in is not known, and they run only when they are called.
        let mut scene = ScriptState {
            service: true,
            depth: depth + 1,
            ..ScriptState::default()
        };
        run(sheet, start..end, &mut scene);
        close(sheet, &scene, start..end);
    }
}

/// Judges a script that another one writes, which runs by itself.
pub(super) fn script(sheet: &mut SourceText<'_>, region: Range<usize>, depth: u8) {
    if depth == DEEPEST {
        return;
    }
    let mut scene = ScriptState {
        service: true,
        depth: depth + 1,
        ..ScriptState::default()
    };
    run(sheet, region.clone(), &mut scene);
    close(sheet, &scene, region);
}

/// Judges a request that a unit or a container sends by itself.
pub(in crate::lint) fn request(
    sheet: &mut SourceText<'_>,
    invocation: &Invocation<'_>,
    in_container: bool,
) {
    let mut scene = ScriptState {
        in_container,
        ..ScriptState::default()
    };
    super::request::lint(sheet, None, &Command::default(), invocation, &mut scene);
}

/// Judges the commands of a container, whose environment and ports are described elsewhere.
pub(in crate::lint) fn contained(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut scene = ScriptState {
        service: true,
        all_exported: true,
        in_container: true,
        ..ScriptState::default()
    };
    run(sheet, region.clone(), &mut scene);
    close(sheet, &scene, region);
}

/// Judges commands that a unit hands to a shell, with the variables that it sets.
pub(in crate::lint) fn lint_commands(
    sheet: &mut SourceText<'_>,
    region: Range<usize>,
    settings: &[Setting],
) {
    let mut scene = ScriptState {
        service: true,
        ..ScriptState::default()
    };
    exported_to(&mut scene, settings);
    run(sheet, region.clone(), &mut scene);
    // They are the server's, and its clients beside it are given them, too.
    for export in &mut scene.exported {
        export.by_client = false;
    }
    close(sheet, &scene, region);
}

fn exported_to(scene: &mut ScriptState, settings: &[Setting]) {
    for setting in settings {
        scene.export(Export {
            at: setting.at.clone(),
            setting: setting.clone(),
            by_client: false,
        });
    }
}

/// Judges a command that something runs by itself, with the variables that it sets; `serves` if those are also a server's.
pub(in crate::lint) fn scheduled(
    sheet: &mut SourceText<'_>,
    region: Range<usize>,
    settings: &[Setting],
    serves: bool,
) {
    let mut scene = ScriptState::default();
    exported_to(&mut scene, settings);
    run(sheet, region.clone(), &mut scene);
    for export in &mut scene.exported {
        export.by_client &= !serves;
    }
    close(sheet, &scene, region);
}

/// Judges the file that a shell reads when a person logs in: a service that systemd starts never sees it.
pub(in crate::lint) fn profile(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut settings = Vec::new();
    let (mut serves, mut aliases) = (false, false);
    for command in commands(sheet.text, region.clone()) {
        let invocation = invocation(&command);
        aliases |= invocation.program == "alias" && invocation.names("ollama serve");
        serves |= invocation.program == "ollama" && invocation.first() == Some("serve");
        if invocation.program == "export" {
            let words = invocation.arguments.iter();
            settings.extend(words.filter_map(|word| Setting::parse(&word.text, word.at.clone())));
        }
    }
    let mut scene = ScriptState {
        for_others: true,
        ..ScriptState::default()
    };
    run(sheet, region.clone(), &mut scene);
    close(sheet, &scene, region);
    for setting in &settings {
        // An address that clients of this machine ask.
        let host = setting.name == "OLLAMA_HOST" && variable::open(&setting.value).is_none();
        if host || variable::is_others(&setting.name) {
            sheet.judges();
        }
    }
    if serves {
        return;
    }
    variable::unexpanded_in_quotes(sheet, &settings);
    for setting in &settings {
        if variable::is_servers(&setting.name) {
            // A server of its own, whose name is here, is given it.
            if !aliases {
                // Cards are for other programs, too.
                if setting.name.starts_with("OLLAMA_") {
                    variable::servers(sheet, &[setting], Place::Host);
                }
                variable::beside_service(sheet, setting);
            }
        } else if let Some(port) = variable::open(&setting.value)
            && setting.name == "OLLAMA_HOST"
        {
            // A server that is started by hand listens there.
            let address = setting.value.clone();
            sheet.find(setting.at.clone(), Problem::OpenPort { address });
            setting.put(sheet, &format!("127.0.0.1:{port}"));
        }
    }
}

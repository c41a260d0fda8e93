//! Variables that a script sets, and those that it exports.

use super::super::sheet::SourceText;
use super::super::variable::{self, Setting};
use super::invocation::Invocation;
use super::values::Values;
use super::words::{Command, Word};
use super::{EXPORTS, Export, ScriptState};

/// `: "${NAME:=value}"`, which sets what is not set.
pub(super) fn default_of(sheet: &SourceText<'_>, values: &Values, word: &Word) -> Option<Setting> {
    let inner = word.text.strip_prefix("${")?.strip_suffix('}')?;
    let (name, _) = inner.split_once(":=").or_else(|| inner.split_once('='))?;
    let whole = Setting::parse(&format!("{name}={}", word.text), word.at.clone())?;
    let value_at = word.at.clone();
    Some(values.resolved(sheet, Setting { value_at, ..whole }))
}

/// Variables that are set, and seen by programs only where they are exported.
pub(super) fn assign(sheet: &SourceText<'_>, invocation: &Invocation<'_>, scene: &mut ScriptState) {
    let settings = invocation.settings.iter().cloned();
    let settings = settings
        .map(|setting| scene.values.resolved(sheet, setting))
        .collect();
    assigned(scene, settings);
}

/// The same, one by one.
pub(super) fn assigned(scene: &mut ScriptState, settings: Vec<Setting>) {
    for setting in settings {
        if scene.all_exported || scene.exported(&setting.name).is_some() {
            scene.export(Export {
                setting: setting.clone(),
                at: setting.at.clone(),
                by_client: false,
            });
        } else if variable::is_ours(&setting.name) {
            scene.assigned.push(setting.clone());
        }
    }
}

/// Variables that programs see from here on.
pub(super) fn export(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
    scene: &mut ScriptState,
) {
    if invocation.program != "export" && !invocation.has(&["-x"]) {
        return;
    }
    for word in invocation.arguments {
        // What it was assigned before, which may have been in one branch or the other.
        let given = match Setting::parse(&word.text, word.at.clone()) {
            Some(setting) => vec![setting],
            None => scene
                .assigned
                .extract_if(.., |setting| setting.name == word.text)
                .collect(),
        };
        for setting in given {
            exported(sheet, command, setting, scene);
        }
    }
}

fn exported(
    sheet: &mut SourceText<'_>,
    command: &Command,
    setting: Setting,
    scene: &mut ScriptState,
) {
    if variable::is_ours(&setting.name) && scene.elsewhere.len() < EXPORTS {
        scene.elsewhere.extend(scene.values.others(&setting));
    }
    let setting = scene.values.resolved(sheet, setting);
    // Which program it is for shows later; some are wrong for any.
    let name = setting.name.as_str();
    let wrong = variable::is_misnamed(name) || variable::is_slip(sheet, name);
    let wrong = wrong || name == "OLLAMA_GPU_OVERHEAD";
    if wrong {
        variable::servers(sheet, &[&setting], scene.place());
    }
    scene.export(Export {
        setting,
        at: command.range(),
        by_client: false,
    });
}

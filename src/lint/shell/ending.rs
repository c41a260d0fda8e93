//! What only shows when a script has been read to its end.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::super::sheet::SourceText;
use super::super::variable;
use super::super::{Problem, server};
use super::{EXPORTS, ScriptState};

/// Judges what a whole script did.
pub(super) fn close(sheet: &mut SourceText<'_>, scene: &ScriptState, region: Range<usize>) {
    let text = sheet.text.get(region).unwrap_or_default();
    for export in &scene.exported {
        let name = &export.setting.name;
        if scene.servers.is_empty() && export.by_client {
            let order = if name == "CUDA_VISIBLE_DEVICES" {
                "CUDA_DEVICE_ORDER=PCI_BUS_ID "
            } else {
                ""
            };
            let value = match variable::by_uuid(&export.setting.value, sheet.context) {
                Some(uuids) if name == "CUDA_VISIBLE_DEVICES" => uuids,
                _ => export.setting.value.clone(),
            };
            sheet.find_with(
                export.at.clone(),
                Problem::ClientVariable {
                    variable: name.clone(),
                },
                format!("{order}{name}={value} ollama serve"),
            );
        }
    }
    let used = used(text);
    for setting in scene.assigned.iter().take(EXPORTS) {
        let name = &setting.name;
        if variable::is_misnamed(name) {
            variable::servers(sheet, &[setting], scene.place());
        } else if variable::is_servers(name) && !used.contains(name.as_str()) {
            sheet.find(
                setting.at.clone(),
                Problem::NotExported {
                    variable: name.clone(),
                },
            );
            sheet.insert(setting.at.start, "export ");
        }
    }
    let mut by_port: BTreeMap<u16, Vec<_>> = BTreeMap::new();
    for load in &scene.together {
        by_port.entry(load.0).or_default().push(load);
    }
    for (port, loads) in by_port {
        let mut tags: Vec<String> = loads.iter().map(|(_, tag, _)| tag.clone()).collect();
        tags.dedup();
        if let Some((_, _, at)) = loads.last() {
            let demand = server::demand_of(&tags, scene.server(port));
            server::demand(sheet, at.clone(), &demand, server::as_variable);
        }
    }
}

/// The names of variables that a text uses.
fn used(text: &str) -> HashSet<&str> {
    let name = |rest: &'_ str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        end.unwrap_or(rest.len())
    };
    let uses = text.match_indices('$').map(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.get(..name(rest)).unwrap_or_default()
    });
    uses.collect()
}

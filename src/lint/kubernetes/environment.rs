//! The variables of a container: its own, and those of maps.

use super::super::sheet::SourceText;
use super::super::variable::Setting;
use super::super::yaml::insert::{self, Addition};
use super::super::yaml::{Id, Tree};
use super::super::{Problem, compose, manifest, server};

/// `- name: NAME` with its `value`; where the value comes from elsewhere it is not known.
pub(super) fn own(sheet: &SourceText<'_>, tree: &Tree, id: Id) -> Vec<Setting> {
    let list = tree.get(id, "env").map(|id| tree.items(id).to_vec());
    list.unwrap_or_default()
        .iter()
        .filter_map(|pair| {
            let name = tree.get(*pair, "name")?;
            match tree.get(*pair, "value") {
                Some(value) => {
                    let mut setting = manifest::setting(sheet, tree, name, value)?;
                    setting.bare_text = compose::is_plain(tree, value);
                    Some(setting)
                }
                None => {
                    let (name, at) = manifest::value(tree, name)?;
                    let value_at = at.end..at.end;
                    let value = "$".to_owned();
                    Some(Setting {
                        name,
                        value,
                        at,
                        value_at,
                        bare_text: false,
                    })
                }
            }
        })
        .collect()
}

/// Variables of maps that stand in the same text; whether there are others.
pub(super) fn from_maps(
    sheet: &mut SourceText<'_>,
    tree: &Tree,
    id: Id,
    settings: &mut Vec<Setting>,
) -> bool {
    let Some(from) = tree.get(id, "envFrom") else {
        return false;
    };
    let mut unread = false;
    for source in tree.items(from).to_vec() {
        let name = tree.below(source, &["configMapRef", "name"]);
        let map = name
            .and_then(|name| tree.text(name))
            .and_then(|name| config_map(tree, name));
        let prefixed = tree.get(source, "prefix").is_some();
        match map.filter(|_| !prefixed) {
            Some(data) => {
                for (key, value) in tree.pairs(data) {
                    let setting = manifest::setting(sheet, tree, key, value);
                    // What a container says itself wins.
                    let new = setting.filter(|new| settings.iter().all(|own| own.name != new.name));
                    settings.extend(new.map(|mut new| {
                        new.bare_text = compose::is_plain(tree, value);
                        new
                    }));
                }
            }
            None => {
                let file = "envFrom".to_owned();
                sheet.find_with(tree.at(source), Problem::NotRead { file }, "");
                unread = true;
            }
        }
    }
    unread
}

/// The data of a ConfigMap.
fn config_map(tree: &Tree, name: &str) -> Option<Id> {
    let text = |id: Id| tree.text(id);
    let found = tree.roots.iter().find(|root| {
        tree.get(**root, "kind").and_then(text) == Some("ConfigMap")
            && tree.below(**root, &["metadata", "name"]).and_then(text) == Some(name)
    })?;
    tree.get(*found, "data")
}

/// Says the context, where a container has its variables.
pub(super) fn say_context(sheet: &mut SourceText<'_>, tree: &Tree, (id, key, image): (Id, Id, Id)) {
    let (name, value) = ("OLLAMA_CONTEXT_LENGTH", server::CONTEXT);
    let pair = [format!("name: {name}"), format!("value: \"{value}\"")];
    let flow = format!("{{{}, {}}}", pair[0], pair[1]);
    match tree.get(id, "env") {
        Some(env) => {
            let block = pair.to_vec();
            insert::first(sheet, tree, env, &Addition { block, flow });
        }
        None => {
            let more = Addition {
                block: vec![
                    "env:".into(),
                    format!("  - {}", pair[0]),
                    format!("    {}", pair[1]),
                ],
                flow: format!("env: [{flow}]"),
            };
            insert::behind(sheet, tree, (id, key, image), &more);
        }
    }
}

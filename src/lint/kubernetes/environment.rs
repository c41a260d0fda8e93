//! The variables of a container: its own, and those of maps.

use super::super::reach::{Request, Target};
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
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

/// The addresses at which a container looks for Ollama.
pub(super) fn addresses(sheet: &mut SourceText<'_>, settings: &[Setting]) {
    for setting in settings {
        variable::models(sheet, setting);
        if setting.name.contains("OLLAMA")
            && !variable::is_loopback(&setting.value)
            && let Some(target) = Target::parse(&setting.value, server::PORT)
            && setting.value.contains(':')
        {
            let request = Request {
                target,
                ..Request::default()
            };
            sheet.request(setting.at.clone(), request);
        }
    }
}

/// Values that YAML makes numbers or switches of: the API takes text alone.
pub(super) fn texts(sheet: &mut SourceText<'_>, tree: &Tree, values: &[Id]) {
    for value in values {
        let Some((text, at)) = manifest::value(tree, *value) else {
            continue;
        };
        const SWITCHES: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "y", "n"];
        // Words such as `infinity` are text to YAML.
        let is_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
            && text.parse::<f64>().is_ok();
        let other = is_number || SWITCHES.contains(&text.to_lowercase().as_str());
        if other && compose::is_plain(tree, *value) {
            let right = format!("\"{text}\"");
            sheet.find(at.clone(), Problem::NotText);
            sheet.replace(at, right);
        }
    }
}

/// The values of a container's own variables.
pub(super) fn values(tree: &Tree, id: Id) -> Vec<Id> {
    let list = tree.get(id, "env").map(|id| tree.items(id).to_vec());
    let pairs = list.unwrap_or_default().into_iter();
    pairs.filter_map(|pair| tree.get(pair, "value")).collect()
}

/// A map of variables, whoever reads it.
pub(super) fn of_map(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let Some(data) = tree.get(root, "data") else {
        return;
    };
    let mut settings: Vec<Setting> = Vec::new();
    let mut values = Vec::new();
    for (key, value) in tree.pairs(data) {
        let setting = manifest::setting(sheet, tree, key, value);
        let Some(mut setting) = setting.filter(|one| variable::is_ours(&one.name)) else {
            continue;
        };
        setting.bare_text = compose::is_plain(tree, value);
        settings.push(setting);
        values.push(value);
    }
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
    texts(sheet, tree, &values);
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
        let name = tree.descend(source, &["configMapRef", "name"]);
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
                sheet.find_with(tree.range(source), Problem::NotRead { file }, "");
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
            && tree.descend(**root, &["metadata", "name"]).and_then(text) == Some(name)
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
            insert::insert_behind(sheet, tree, (id, key, image), &more);
        }
    }
}

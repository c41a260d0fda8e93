//! Manifests of Kubernetes, as far as they start Ollama's image.

use super::image::{self, Role};
use super::sheet::SourceText;
use super::variable::{self, Place, Setting};
use super::yaml::insert::{self, Addition};
use super::yaml::{Id, Tree};
use super::{Problem, compose, manifest, server};
use crate::units::Bytes;

/// Judges a manifest, and those of a list.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let items = tree.get(root, "items").map(|id| tree.items(id).to_vec());
    for item in items.unwrap_or_default() {
        if sheet.is_full() {
            return;
        }
        one(sheet, tree, item);
    }
    one(sheet, tree, root);
}

fn one(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    if tree.get(root, "kind").and_then(|kind| tree.text(kind)) == Some("Service") {
        exposed(sheet, tree, root);
        return;
    }
    // A pod's own specification, or the template of what makes pods.
    const SPECS: [&[&str]; 3] = [
        &["spec"],
        &["spec", "template", "spec"],
        &["spec", "jobTemplate", "spec", "template", "spec"],
    ];
    for spec in SPECS.iter().filter_map(|keys| tree.below(root, keys)) {
        for list in ["initContainers", "containers"] {
            let containers = tree.get(spec, list).map(|id| tree.items(id).to_vec());
            for id in containers.unwrap_or_default() {
                container(sheet, tree, spec, id);
            }
        }
    }
}

/// A service that hands the port out of the cluster.
fn exposed(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let Some(kind) = tree.below(root, &["spec", "type"]) else {
        return;
    };
    let ports = tree.below(root, &["spec", "ports"]);
    let ours = ports.is_some_and(|ports| {
        tree.items(ports).iter().any(|port| {
            ["port", "targetPort"].iter().any(|key| {
                let number = tree.get(*port, key).and_then(|id| tree.text(id));
                number == Some("11434")
            })
        })
    });
    if let Some(text @ ("LoadBalancer" | "NodePort")) = tree.text(kind).filter(|_| ours) {
        let address = text.to_owned();
        sheet.find(tree.at(kind), Problem::OpenPort { address });
        sheet.replace(tree.at(kind), "ClusterIP");
    }
}

fn container(sheet: &mut SourceText<'_>, tree: &Tree, spec: Id, id: Id) {
    let Some((key, image)) = tree.entry(id, "image") else {
        return;
    };
    let Some((name, place)) =
        manifest::value(tree, image).filter(|(name, _)| image::is_image(name))
    else {
        return;
    };
    let at = tree.at(key).start..tree.at(image).end;
    image::pinned(sheet, &name, at.clone(), place);
    let runs = [tree.get(id, "command"), tree.get(id, "args")];
    match manifest::runs(sheet, tree, &runs) {
        Role::Server => {}
        Role::Client => return,
        Role::Unclear => return manifest::unclear(sheet, tree, &runs),
    }
    let settings = environment(sheet, tree, id);
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
    if let Some(from) = tree.get(id, "envFrom") {
        let file = "envFrom".to_owned();
        sheet.find_with(tree.at(from), Problem::NotRead { file }, "");
    } else if !variable::says_context(&settings) {
        sheet.find(at.clone(), Problem::NoContextLength);
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
    if let Some(network) = tree
        .get(spec, "hostNetwork")
        .filter(|id| tree.text(*id) == Some("true"))
    {
        let local = settings.iter().any(|setting| {
            setting.name == "OLLAMA_HOST" && variable::open(&setting.value).is_none()
        });
        if !local {
            let address = format!("0.0.0.0:{}", server::PORT);
            sheet.find_with(
                tree.at(network),
                Problem::OpenPort { address },
                "hostNetwork: false",
            );
        }
    }
    if let Some(limit) = tree.below(id, &["resources", "limits", "memory"]) {
        let bytes = tree.text(limit).and_then(quantity);
        image::memory(sheet, tree.at(limit), bytes, "");
    }
    let volumes = tree
        .get(id, "volumeMounts")
        .map(|id| tree.items(id).to_vec());
    let mounts: Vec<String> = volumes
        .unwrap_or_default()
        .iter()
        .filter_map(|mount| tree.text(tree.get(*mount, "mountPath")?).map(str::to_owned))
        .collect();
    let form = "volumeMounts: [{name: models, mountPath: /root/.ollama}]\nvolumes: [{name: models, persistentVolumeClaim: {claimName: ollama}}]";
    image::stored(sheet, at, &settings, &mounts, form);
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(command) = tree.below(id, &[probe, "exec", "command"]) {
            manifest::healthcheck(sheet, tree, command, "[\"ollama\", \"ps\"]");
        }
    }
}

/// `- name: NAME` with its `value`; where the value comes from elsewhere it is not known.
fn environment(sheet: &SourceText<'_>, tree: &Tree, id: Id) -> Vec<Setting> {
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

/// A quantity of memory: `4Gi`, `512M`, `128974848`.
fn quantity(text: &str) -> Option<Bytes> {
    const UNITS: [(&str, u64); 8] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
    ];
    let unit = UNITS
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)));
    let (number, bytes) = unit.unwrap_or((text, 1));
    let number: f64 = number.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(Bytes((number * bytes as f64) as u64))
}

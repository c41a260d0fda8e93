//! A container of a pod.

use super::super::hint::Unclear;
use super::super::image::{self, Role};
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::yaml::{Id, Tree};
use super::super::{Problem, manifest, server};
use super::environment;
use crate::units::Bytes;

/// Judges a container of a pod; `first` if it ends before the others start.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, spec: Id, id: Id, first: bool) {
    let entry = tree.entry(id, "image");
    let named = entry.and_then(|(_, image)| manifest::value(tree, image));
    let Some((key, image)) = entry.filter(|_| {
        named
            .as_ref()
            .is_some_and(|(name, _)| image::is_image(name))
    }) else {
        let settings = environment::own(sheet, tree, id);
        environment::addresses(sheet, &settings);
        let webui = named
            .as_ref()
            .is_some_and(|(name, _)| name.contains("open-webui"));
        if webui {
            image::base_url(sheet, &settings);
        }
        manifest::asks(
            sheet,
            tree,
            &[tree.get(id, "command"), tree.get(id, "args")],
        );
        if entry.is_none() && adds(tree, id, &settings) {
            return patch(sheet, tree, spec, id, &settings);
        }
        let own = named.as_ref().is_some_and(|(name, _)| image::is_like(name));
        let template = named.as_ref().is_some_and(|(name, _)| name.contains("{{"));
        if variable::starts_ollama(&settings) || own || template {
            let at = entry.map_or(tree.range(id).start..tree.range(id).start, |(key, _)| {
                tree.range(key)
            });
            let what = Unclear::Command;
            sheet.find_with(at, Problem::NotUnderstood { what }, "");
        }
        return;
    };
    sheet.judges();
    let at = tree.range(key).start..tree.range(image).end;
    manifest::pinned(sheet, tree, image, at.clone());
    let runs = [tree.get(id, "command"), tree.get(id, "args")];
    match manifest::runs(sheet, tree, &runs) {
        Role::Server => {}
        Role::Client => return,
        Role::Unclear => return manifest::unclear(sheet, tree, &runs),
    }
    let mut settings = environment::own(sheet, tree, id);
    let unread = environment::from_maps(sheet, tree, id, &mut settings);
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
    variable::unexpanded(sheet, &settings, false);
    environment::texts(sheet, tree, &environment::values(tree, id));
    // One that only fetches models answers nobody.
    if !first && !unread && !variable::says_context(&settings) {
        sheet.find(at.clone(), Problem::NoContextLength);
        environment::say_context(sheet, tree, (id, key, image));
    }
    let others = tree
        .get(spec, "containers")
        .map_or(0, |id| tree.items(id).len());
    let of_host = tree.get(spec, "hostNetwork").is_some();
    // Containers of one pod reach each other at its own address.
    if others == 1 && !of_host {
        image::loopback(sheet, &settings);
    }
    allowed(sheet, tree, spec, id, &settings);
    let mounts = mounts(tree, spec, id);
    let form = "volumeMounts: [{name: models, mountPath: /root/.ollama}]\nvolumes: [{name: models, persistentVolumeClaim: {claimName: ollama}}]";
    // What it fetches first lies where the others have it.
    if !first {
        image::stored(sheet, at, &settings, &mounts, Some(form));
    }
    for hook in ["postStart", "preStop"] {
        if let Some(command) = tree.descend(id, &["lifecycle", hook, "exec", "command"]) {
            manifest::runs(sheet, tree, &[Some(command), None]);
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(command) = tree.descend(id, &[probe, "exec", "command"]) {
            manifest::healthcheck(sheet, tree, command, "[\"ollama\", \"ps\"]");
        }
        asked_at(sheet, tree, (id, probe), image::port(&settings));
    }
}

/// A probe at Ollama's own port of a server that was told another one.
fn asked_at(
    sheet: &mut SourceText<'_>,
    tree: &Tree,
    (id, probe): (Id, &str),
    listens: Option<u16>,
) {
    let Some(listens) = listens.filter(|port| *port != server::PORT) else {
        return;
    };
    for way in ["httpGet", "tcpSocket"] {
        let Some(port) = tree.descend(id, &[probe, way, "port"]) else {
            continue;
        };
        if tree.text(port) == Some("11434") {
            let address = format!(":{}", server::PORT);
            let ports = vec![listens];
            sheet.find(tree.range(port), Problem::WrongPort { address, ports });
            sheet.replace(tree.range(port), listens.to_string());
        }
    }
}

/// Whether a container without an image adds to one of Ollama's, which another file has.
fn adds(tree: &Tree, id: Id, settings: &[Setting]) -> bool {
    let name = tree.get(id, "name").and_then(|name| tree.text(name));
    let named = name.is_some_and(|name| name.contains("ollama") && !name.contains("ui"));
    let ours = |setting: &Setting| variable::is_servers(&setting.name);
    named || settings.iter().any(ours)
}

/// Judges what a patch adds to a container: nothing that it leaves out is missing.
fn patch(sheet: &mut SourceText<'_>, tree: &Tree, spec: Id, id: Id, settings: &[Setting]) {
    sheet.judges();
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Kubernetes);
    variable::unexpanded(sheet, settings, false);
    environment::texts(sheet, tree, &environment::values(tree, id));
    allowed(sheet, tree, spec, id, settings);
}

/// Judges what a container may take, and who reaches it past its pod's own address.
fn allowed(sheet: &mut SourceText<'_>, tree: &Tree, spec: Id, id: Id, settings: &[Setting]) {
    requested(sheet, tree, id);
    on_the_host(sheet, tree, spec, settings);
    host_ports(sheet, tree, id, image::port(settings));
    if let Some(limit) = tree.descend(id, &["resources", "limits", "memory"]) {
        let bytes = tree.text(limit).and_then(quantity);
        image::memory(sheet, tree.range(limit), bytes, "");
    }
}

/// A port of the node itself, at which everybody who reaches the node reaches the container.
fn host_ports(sheet: &mut SourceText<'_>, tree: &Tree, id: Id, listens: Option<u16>) {
    let ports = tree.get(id, "ports").map(|id| tree.items(id).to_vec());
    for port in ports.unwrap_or_default() {
        let text = |key: &str| tree.get(port, key).and_then(|id| tree.text(id));
        let leads = text("containerPort").is_some_and(|port| image::leads_to_ollama(port, listens));
        let local = text("hostIP").is_some_and(variable::is_loopback);
        if let Some((key, value)) = tree.entry(port, "hostPort").filter(|_| leads && !local) {
            let address = format!("0.0.0.0:{}", tree.text(value).unwrap_or_default());
            let at = tree.range(key).start..tree.range(value).end;
            sheet.find_with(at, Problem::OpenPort { address }, "hostIP: 127.0.0.1");
        }
    }
}

/// Cards that are requested: Kubernetes wants the same number as their limit.
fn requested(sheet: &mut SourceText<'_>, tree: &Tree, id: Id) {
    for resource in ["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915"] {
        let Some((key, value)) = tree
            .descend(id, &["resources", "requests"])
            .and_then(|requests| tree.entry(requests, resource))
        else {
            continue;
        };
        let text = |id: Id| tree.text(id).map(str::to_owned);
        let limit = tree.descend(id, &["resources", "limits", resource]);
        let requested = text(value);
        if limit.and_then(text) != requested {
            let form = format!("limits: {{{resource}: {}}}", requested.unwrap_or_default());
            let resource = resource.to_owned();
            let at = tree.range(key).start..tree.range(value).end;
            sheet.find_with(at, Problem::GpuRequest { resource }, form);
        }
    }
}

/// A pod in its node's own network listens where the image says: everywhere.
fn on_the_host(sheet: &mut SourceText<'_>, tree: &Tree, spec: Id, settings: &[Setting]) {
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
                tree.range(network),
                Problem::OpenPort { address },
                "hostNetwork: false",
            );
        }
    }
}

/// Where volumes lie in a container: those that outlive its pod.
fn mounts(tree: &Tree, spec: Id, id: Id) -> Vec<String> {
    let list = |of: Id, key: &str| tree.get(of, key).map(|id| tree.items(id).to_vec());
    let text = |of: Id, key: &str| tree.get(of, key).and_then(|id| tree.text(id));
    let passing: Vec<&str> = list(spec, "volumes")
        .unwrap_or_default()
        .into_iter()
        .filter(|volume| tree.get(*volume, "emptyDir").is_some())
        .filter_map(|volume| text(volume, "name"))
        .collect();
    let mounts = list(id, "volumeMounts").unwrap_or_default();
    let lasting = mounts
        .into_iter()
        .filter(|mount| text(*mount, "name").is_none_or(|name| !passing.contains(&name)));
    lasting
        .filter_map(|mount| text(mount, "mountPath").map(str::to_owned))
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

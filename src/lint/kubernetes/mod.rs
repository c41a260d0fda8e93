//! Manifests of Kubernetes, as far as they start Ollama's image.

mod container;
mod environment;
mod kustomization;
mod network;
mod rewrite;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::yaml::{Id, Tree};
use super::{Problem, mounted};

/// Kinds that run nothing and let nobody in, and those that are judged.
const KINDS: [&str; 30] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "LimitRange",
    "List",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PriorityClass",
    "ReplicaSet",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
    "StatefulSet",
    "StorageClass",
];

/// Whether one of the manifests lets others in than those of the cluster.
pub(super) fn exposes(tree: &Tree) -> bool {
    let text = |root: &Id, keys: &[&str]| tree.descend(*root, keys).and_then(|id| tree.text(id));
    tree.roots.iter().any(|root| {
        let kind = text(root, &["kind"]);
        matches!(
            kind,
            Some("Ingress" | "HTTPRoute" | "Route" | "IngressRoute")
        ) || matches!(
            text(root, &["spec", "type"]),
            Some("LoadBalancer" | "NodePort")
        )
    })
}

/// Judges a manifest, and those of a list; `exposed` if another one beside it lets others in than those of the cluster.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, root: Id, exposed: bool) {
    let items = tree.get(root, "items").map(|id| tree.items(id).to_vec());
    for item in items.unwrap_or_default() {
        if sheet.is_full() {
            return;
        }
        one(sheet, tree, item, exposed);
    }
    one(sheet, tree, root, exposed);
}

/// Whether a version is one of a group that is not Kubernetes' own: a kind of the same name means something else there.
fn is_foreign(version: &str) -> bool {
    const OWN: [&str; 6] = [
        "apps",
        "autoscaling",
        "batch",
        "extensions",
        "monitoring.coreos.com",
        "policy",
    ];
    let group = version.split_once('/').map(|(group, _)| group);
    group.is_some_and(|group| !OWN.contains(&group) && !group.ends_with(".k8s.io"))
}

fn one(sheet: &mut SourceText<'_>, tree: &Tree, root: Id, exposed: bool) {
    let text = |key: &str| tree.get(root, key).and_then(|id| tree.text(id));
    let foreign = text("apiVersion").is_some_and(is_foreign);
    match text("kind") {
        Some("Service") if !foreign => return network::exposed(sheet, tree, root),
        Some("Ingress") if !foreign => return network::routed(sheet, tree, root),
        Some("Kustomization") => return kustomization::lint(sheet, tree, root),
        Some("ConfigMap") => {
            environment::of_map(sheet, tree, root);
            let data = tree.get(root, "data").map(|data| tree.pairs(data));
            for file in data.unwrap_or_default() {
                mounted::lint(sheet, tree, file, exposed);
            }
            return;
        }
        Some(kind) if foreign || !KINDS.contains(&kind) => {
            let at = tree.range(root);
            let text = sheet.text.get(at.clone()).unwrap_or_default();
            if text.contains("llama") || text.contains("11434") {
                let what = Unclear::Mention;
                sheet.find_with(at.start..at.start, Problem::NotUnderstood { what }, "");
            }
        }
        _ => {}
    }
    // A pod's own specification, or the template of what makes pods.
    const SPECS: [&[&str]; 3] = [
        &["spec"],
        &["spec", "template", "spec"],
        &["spec", "jobTemplate", "spec", "template", "spec"],
    ];
    for spec in SPECS.iter().filter_map(|keys| tree.descend(root, keys)) {
        for list in ["initContainers", "containers"] {
            let containers = tree.get(spec, list).map(|id| tree.items(id).to_vec());
            for id in containers.unwrap_or_default() {
                container::lint(sheet, tree, spec, id, list == "initContainers");
            }
        }
    }
}

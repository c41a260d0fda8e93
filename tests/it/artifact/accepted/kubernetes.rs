//! Manifests, and what swaps servers, are accepted.

use std::process::Command;

use serde_json::{Value, json};
use vramfit::artifact::ArtifactKind;

use super::super::tools::{accepts, tool, yaml};
use super::super::{files, sample};
use super::emitted;

#[test]
fn kubernetes_accepts_the_manifests() {
    let Some(validate) = tool("kubernetes-validate") else {
        return;
    };
    for (name, files) in emitted(ArtifactKind::K8s) {
        let Some(documents) = yaml(&files[0].text) else {
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let mut paths = Vec::new();
        for document in documents.iter().flat_map(known) {
            let path = folder.path().join(format!("{}.yaml", paths.len()));
            std::fs::write(&path, document.to_string()).expect("file");
            paths.push(path);
        }
        assert!(!paths.is_empty(), "{name}");
        accepts(
            Command::new(&validate)
                .args(["--strict", "--quiet"])
                .args(&paths),
        );
    }
}

/// Documents as the validator knows them: of a LeaderWorkerSet, which is not Kubernetes' own, the pods.
fn known(document: &Value) -> Vec<Value> {
    if document["kind"] != "LeaderWorkerSet" {
        return vec![document.clone()];
    }
    let template = &document["spec"]["leaderWorkerTemplate"];
    assert_eq!(document["apiVersion"], "leaderworkerset.x-k8s.io/v1");
    assert!(template["size"].as_u64().expect("a number") >= 2);
    ["leaderTemplate", "workerTemplate"]
        .map(|part| {
            json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": { "name": document["metadata"]["name"] },
                "spec": template[part]["spec"],
            })
        })
        .to_vec()
}

#[test]
fn pods_take_their_gpus_and_find_their_services() {
    let (plan, options) = sample::too_large();
    let Some(documents) = yaml(&files(&plan, ArtifactKind::K8s, &options)[0].text) else {
        return;
    };
    let of_kind = |kind: &str| -> Vec<&Value> {
        documents
            .iter()
            .filter(|document| document["kind"] == kind)
            .collect()
    };
    let gpus: u64 = of_kind("StatefulSet")
        .iter()
        .map(|set| {
            let container = &set["spec"]["template"]["spec"]["containers"][0];
            let each = container["resources"]["limits"]["nvidia.com/gpu"]
                .as_u64()
                .expect("GPUs");
            each * set["spec"]["replicas"].as_u64().expect("replicas")
        })
        .sum();
    assert_eq!(gpus, 4);
    for service in of_kind("Service") {
        let selector = service["spec"]["selector"].as_object().expect("labels");
        let pods = of_kind("StatefulSet")
            .into_iter()
            .map(|set| &set["spec"]["template"])
            .chain(
                of_kind("LeaderWorkerSet")
                    .into_iter()
                    .map(|set| &set["spec"]["leaderWorkerTemplate"]["leaderTemplate"]),
            )
            .filter(|pod| {
                selector
                    .iter()
                    .all(|(key, value)| &pod["metadata"]["labels"][key] == value)
            });
        assert_eq!(pods.count(), 1, "{service}");
    }
    let set = of_kind("LeaderWorkerSet")[0];
    assert_eq!(set["spec"]["replicas"], 2);
    assert_eq!(set["spec"]["leaderWorkerTemplate"]["size"], 11);
}

/// The keys of llama-swap's own schema that these files use (config-schema.json, August 2026), and what a model and a group may have.
const SWAP_KEYS: [&str; 5] = ["healthCheckTimeout", "macros", "models", "groups", "hooks"];
const SWAP_MODEL_KEYS: [&str; 6] = ["cmd", "proxy", "checkEndpoint", "ttl", "aliases", "env"];
const SWAP_GROUP_KEYS: [&str; 4] = ["swap", "exclusive", "persistent", "members"];

#[test]
fn llama_swap_knows_every_key_and_every_model() {
    for (name, files) in emitted(ArtifactKind::LlamaSwap) {
        let Some(documents) = yaml(&files[0].text) else {
            return;
        };
        let keys = |value: &Value| -> Vec<String> {
            let map = value.as_object().expect("a mapping");
            map.keys().cloned().collect()
        };
        let known = |value: &Value, among: &[&str]| {
            let strange: Vec<String> = keys(value)
                .into_iter()
                .filter(|key| !among.contains(&key.as_str()))
                .collect();
            assert!(strange.is_empty(), "{name}: {strange:?}");
        };
        let configuration = &documents[0];
        known(configuration, &SWAP_KEYS);
        let models = &configuration["models"];
        let mut names = std::collections::BTreeSet::new();
        for (model, row) in models.as_object().expect("models") {
            known(row, &SWAP_MODEL_KEYS);
            let command = row["cmd"].as_str().expect("a command");
            assert!(command.starts_with("llama-server "), "{command}");
            let port = row["proxy"].as_str().and_then(|url| url.rsplit(':').next());
            let port = format!("--port {} ", port.expect("a port"));
            assert!(command.contains(&port), "{command}");
            let aliases = row["aliases"].as_array().cloned().unwrap_or_default();
            let own = std::iter::once(Value::from(model.as_str()));
            for called in own.chain(aliases) {
                assert!(names.insert(called.to_string()), "{name}: {called} twice");
            }
        }
        let groups = configuration["groups"].as_object().expect("groups");
        let mut members = Vec::new();
        for group in groups.values() {
            known(group, &SWAP_GROUP_KEYS);
            members.extend(group["members"].as_array().expect("members").clone());
        }
        let mut members: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
        members.sort_unstable();
        let mut all = keys(models);
        all.sort_unstable();
        assert_eq!(members, all, "{name}");
    }
}

//! Manifests ask a cluster for what it has: whole GPUs, by its vendor's names, and wait for the model.

use serde_json::Value;

use super::tools::yaml;
use crate::support::Machine;

fn manifests(command: &str) -> (String, Vec<Value>) {
    let run = Machine::new().run(&format!("plan {command} --emit k8s"));
    let documents = yaml(&run.out).unwrap_or_default();
    (run.out, documents)
}

fn sets(documents: &[Value]) -> Vec<&Value> {
    let kind = |document: &&Value| document["kind"] == "StatefulSet";
    documents.iter().filter(kind).collect()
}

#[test]
fn what_shares_a_gpu_in_the_plan_is_left_out_where_no_whole_one_is_there() {
    let (text, documents) = manifests("'qwen3:8b*3' --gpu 3090");
    assert!(text.contains("# Left out: qwen3:8b, 2 replicas."), "{text}");
    for set in sets(&documents) {
        assert_eq!(set["spec"]["replicas"], 1);
    }
    // There are GPUs for all of them, though the plan needs fewer.
    let (text, documents) = manifests("'qwen3:8b*3' --gpu '3090 x4' --objective pack");
    assert!(!text.contains("Left out"), "{text}");
    for set in sets(&documents) {
        assert_eq!(set["spec"]["replicas"], 3);
    }
}

#[test]
fn nodes_are_chosen_by_the_names_that_they_carry() {
    for (gpu, label) in [
        ("3090", "NVIDIA-GeForce-RTX-3090"),
        ("H100", "NVIDIA-H100-80GB-HBM3"),
    ] {
        let (text, _) = manifests(&format!("qwen3:8b --gpu '{gpu}'"));
        assert!(
            text.contains(&format!("nvidia.com/gpu.product: \"{label}\"")),
            "{text}"
        );
    }
}

#[test]
fn each_vendor_has_its_resource_and_image_and_no_other() {
    for (gpu, resource, others) in [
        ("RX 7900 XTX", "amd.com/gpu", ["nvidia.com", "intel.com"]),
        ("Arc B580", "gpu.intel.com/xe", ["amd.com", "rocm"]),
        ("4090", "nvidia.com/gpu", ["amd.com", "rocm"]),
    ] {
        let (text, documents) = manifests(&format!("qwen3:8b --gpu '{gpu}'"));
        for other in others {
            assert!(!text.contains(other), "{gpu}: {other}: {text}");
        }
        for set in sets(&documents) {
            let containers = &set["spec"]["template"]["spec"]["containers"];
            assert_eq!(containers[0]["resources"]["limits"][resource], 1, "{gpu}");
            let probe = &containers[1]["readinessProbe"]["exec"]["command"][2];
            assert!(
                probe.as_str().is_some_and(|text| text.contains("qwen3:8b")),
                "{probe}"
            );
        }
    }
}

/// Replicas on cards of several kinds answer alike: a gateway balances over all of them. Pods of a set get the same GPUs: those are sets of their own.
#[test]
fn replicas_on_mixed_cards_are_one_pool_and_a_set_for_each_kind_of_request() {
    let hosts = [
        "RTX 3090\", \"RTX 3090",
        "RTX 4090",
        "RX 7900 XTX",
        "RTX 3060 12GB\", \"RTX 3060 12GB",
    ];
    let host = |(at, gpus)| {
        format!("[[host]]\nname = \"h{at}\"\nlisten = \"10.0.0.{at}\"\ngpus = [\"{gpus}\"]\n")
    };
    let text: String = (1..).zip(hosts).map(host).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("fleet.toml");
    std::fs::write(&file, text).expect("a file");
    let demand = format!("'qwen3:30b*4' --apart host --fleet '{}'", file.display());
    let plan = Machine::new().run(&format!("plan {demand} --emit nginx --json"));
    let plan = plan.json();
    let services = plan["services"].as_array().expect("services");
    assert_eq!(services.len(), 4, "{plan}");
    let split = |service: &&Value| {
        service["gpus"]
            .as_array()
            .is_some_and(|gpus| gpus.len() > 1)
    };
    assert_eq!(services.iter().filter(split).count(), 1);
    let nginx = plan["files"][0]["text"].as_str().expect("a file");
    assert_eq!(nginx.matches("\nupstream ").count(), 1, "{nginx}");
    for at in 1..=4 {
        let server = format!("server 10.0.0.{at}:11434 max_fails");
        assert!(nginx.contains(&server), "{server}: {nginx}");
    }
    let (text, documents) = manifests(&demand);
    let mut asked: Vec<(String, u64, u64)> = sets(&documents)
        .into_iter()
        .map(|set| {
            let containers = &set["spec"]["template"]["spec"]["containers"];
            let limits = containers[0]["resources"]["limits"].as_object();
            let mut limits = limits.expect("limits").iter();
            let gpus = limits.find(|(name, _)| name.ends_with("/gpu"));
            let (resource, count) = gpus.expect("GPUs");
            let replicas = set["spec"]["replicas"].as_u64().expect("replicas");
            (resource.clone(), count.as_u64().expect("a count"), replicas)
        })
        .collect();
    asked.sort();
    if !documents.is_empty() {
        let wanted = [
            ("amd.com/gpu", 1, 1),
            ("nvidia.com/gpu", 1, 2),
            ("nvidia.com/gpu", 2, 1),
        ];
        let wanted =
            wanted.map(|(resource, count, replicas)| (resource.to_owned(), count, replicas));
        assert_eq!(asked, wanted, "{text}");
    }
    assert_eq!(text.matches("kind: StatefulSet").count(), 3, "{text}");
}

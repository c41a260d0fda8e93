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

//! What is to be planned in tests: models of the catalog on a machine of GPUs.

use std::sync::OnceLock;

use vramfit_core::engine::estimate_input::{EstimateInput, estimate_input};
use vramfit_core::engine::pack::{Model, Objective, Problem, Replica, Watch};
use vramfit_core::engine::place::{Device, GpuPool};
use vramfit_core::engine::workload::Workload;
use vramfit_core::units::Bytes;

use super::CATALOG;

/// Models of many sizes, from 1 to 70 billion parameters.
pub(crate) const TAGS: [&str; 9] = [
    "tinyllama",
    "llama3.2:3b",
    "llama3:8b",
    "qwen3:14b",
    "gemma2:27b",
    "qwen3:30b",
    "codellama:34b",
    "llama3:70b",
    "gemma3:12b",
];

fn subjects() -> &'static [EstimateInput<'static>] {
    static SUBJECTS: OnceLock<Vec<EstimateInput<'static>>> = OnceLock::new();
    SUBJECTS.get_or_init(|| {
        let entry = |tag: &&str| CATALOG.find(tag).unwrap_or_else(|| panic!("{tag}"));
        let input = |tag| estimate_input(&CATALOG, entry(tag)).expect("a size");
        TAGS.iter().map(input).collect()
    })
}

/// A machine of GPUs with so many MiB free.
pub(crate) fn pool(free: &[u64]) -> GpuPool {
    let device = |(gpu, mib): (usize, &u64)| Device {
        host: 0,
        gpu: gpu as u32,
        free: Bytes::mib(*mib),
        reserve: Bytes::ZERO,
        overhead: Bytes::mib(450),
        flash_attention: true,
        cuda: true,
        partition: false,
    };
    GpuPool {
        devices: free.iter().enumerate().map(device).collect(),
        hosts: vec![None],
        ..GpuPool::default()
    }
}

/// A problem of models by their number in [`TAGS`].
pub(crate) fn problem<'a>(pool: &'a GpuPool, models: &[usize], context_length: u32) -> Problem<'a> {
    let model = |input: &'a EstimateInput<'static>| Model {
        shape: input.shape(),
        workload: Workload {
            context_length,
            ..Workload::default()
        },
    };
    Problem {
        pool,
        models: subjects().iter().map(model).collect(),
        items: models
            .iter()
            .map(|model| Replica {
                model: *model,
                devices: None,
                label: *model,
                anti_affinity: Vec::new(),
                priority: 0,
            })
            .collect(),
        excluded: Vec::new(),
        keep_free: 0,
        objective: Objective::Spread,
        watch: Watch::default(),
    }
}

//! Which program runs which model. Neither the driver nor Ollama says so; what both say of sizes often leaves one answer.

use crate::inventory::Gpu;
use crate::ollama::Loaded;
use crate::units::Bytes;

/// The programs that Ollama starts for its models.
const ENGINES: [&str; 2] = ["ollama", "llama-server"];

/// The number of each engine and its model. Each model on GPUs has one engine, and an engine holds its model and a little
/// more, so that the order of their sizes tells who is who; nothing is told where there is a doubt.
pub(super) fn owners<'a, 'g>(
    gpus: impl IntoIterator<Item = &'g Gpu>,
    mut models: Vec<&'a Loaded>,
) -> Vec<(u32, &'a str)> {
    let mut engines: Vec<(u32, Bytes)> = Vec::new();
    for process in gpus.into_iter().flat_map(|gpu| &gpu.processes) {
        let name = process.name.as_deref().unwrap_or_default();
        let Some(bytes) = process.bytes else { continue };
        if !ENGINES.iter().any(|engine| name.starts_with(engine)) {
            continue;
        }
        match engines.iter_mut().find(|(pid, _)| *pid == process.pid) {
            Some((_, sum)) => *sum += bytes,
            None => engines.push((process.pid, bytes)),
        }
    }
    models.retain(|model| model.size_vram > Bytes::ZERO);
    engines.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    models.sort_by_key(|model| std::cmp::Reverse(model.size_vram));
    let pairs = || engines.iter().zip(&models);
    let alike = models
        .windows(2)
        .any(|two| two[0].size_vram == two[1].size_vram && two[0].name != two[1].name);
    let holds = pairs().all(|((_, bytes), model)| *bytes >= model.size_vram);
    if engines.len() != models.len() || alike || !holds {
        return Vec::new();
    }
    pairs()
        .map(|((pid, _), model)| (*pid, model.name.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::gpu::Vendor;
    use crate::inventory::{Activity, Process};

    fn gpu(processes: &[(u32, &str, u64)]) -> Gpu {
        let process = |(pid, name, bytes): &(u32, &str, u64)| Process {
            pid: *pid,
            name: Some((*name).to_owned()),
            bytes: Some(Bytes(*bytes)),
        };
        Gpu {
            index: 0,
            uuid: None,
            name: String::new(),
            vendor: Vendor::Nvidia,
            total: Bytes(100),
            reserved: Bytes::ZERO,
            used: Bytes(50),
            basis: None,
            ecc: false,
            unified: false,
            processes: processes.iter().map(process).collect(),
            bandwidth: None,
            compute_capability: None,
            pci_bus_id: None,
            mig: None,
            activity: Activity::default(),
        }
    }

    fn model(name: &str, size: u64) -> Loaded {
        Loaded {
            name: name.to_owned(),
            size: Bytes(size),
            size_vram: Bytes(size),
            ..Loaded::default()
        }
    }

    #[test]
    fn sizes_tell_who_is_who_over_all_gpus() {
        let (first, second) = (
            gpu(&[(1, "ollama runner", 12), (7, "Xorg", 40)]),
            gpu(&[(1, "ollama runner", 12), (2, "llama-server", 15)]),
        );
        let models = [model("small", 13), model("large", 20)];
        let found = owners([&first, &second], models.iter().collect());
        assert_eq!(found, [(1, "large"), (2, "small")]);
    }

    #[test]
    fn a_doubt_is_no_answer() {
        let two = gpu(&[(1, "ollama", 12), (2, "ollama", 15)]);
        for models in [
            &[model("one", 10)][..],
            &[model("one", 10), model("two", 10)],
            &[model("one", 14), model("two", 13)],
        ] {
            assert!(owners([&two], models.iter().collect()).is_empty());
        }
        // Replicas of one model need not be told apart.
        let replicas = [model("one", 10), model("one", 10)];
        let found = owners([&two], replicas.iter().collect());
        assert_eq!(found, [(2, "one"), (1, "one")]);
    }
}

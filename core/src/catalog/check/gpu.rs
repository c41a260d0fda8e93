//! GPUs: what was read off a card is believed within bounds, the rest follows from the rules.

use std::collections::BTreeMap;

use super::super::gpu::{GpuSpec, Offered};
use super::super::gpu_rules::{GpuRules, Reading};
use super::super::raw;
use super::super::text::Text;
use super::Context;
use crate::defect::Fault;
use crate::units::Bytes;

impl Context<'_> {
    pub(super) fn gpu(&mut self, raw: &raw::Gpu, rules: &GpuRules) -> GpuSpec {
        let source = raw.source.clone().into_vec();
        self.require(!source.is_empty(), Fault::NoSource);
        self.require(
            raw.bandwidth
                .is_none_or(|rate| rate.is_finite() && rate > 0.0),
            Fault::Implausible("bandwidth"),
        );
        self.date(&raw.released);
        let memory = raw
            .memory
            .parse()
            .ok()
            .filter(|memory| *memory > Bytes::ZERO);
        if memory.is_none() {
            self.fault(Fault::BadSize(raw.memory.clone()));
        }
        let compute_capability = raw.compute_capability.as_ref().and_then(|text| {
            let parsed = text
                .split_once('.')
                .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
            if parsed.is_none() {
                self.fault(Fault::BadComputeCapability(text.clone()));
            }
            parsed
        });
        let reading = self.reading(raw, memory.unwrap_or_default());
        let profiles = |all: &BTreeMap<String, u64>| {
            let all = all.iter().map(|(name, mib)| (name.clone().into(), *mib));
            all.collect()
        };
        let mut spec = GpuSpec {
            name: raw.name.clone().into(),
            typed: std::iter::once(&raw.name).chain(&raw.aliases).collect(),
            printed: raw.nvml_names.iter().collect(),
            virtual_names: raw.virtual_names.iter().collect(),
            nvml_name: match raw.nvml_names.as_slice() {
                [one] => Some(one.clone().into()),
                _ => None,
            },
            vendor: raw.vendor,
            architecture: raw.architecture.clone().map(Text::from),
            memory: memory.unwrap_or_default(),
            offered: Offered::default(),
            mig: profiles(&raw.mig),
            vgpu: profiles(&raw.vgpu),
            ecc: raw.ecc,
            bus: raw.bus,
            multiprocessors: raw.multiprocessors,
            bandwidth: raw.bandwidth,
            compute_capability,
            fp32_tflops: raw.fp32_tflops,
            fp16_tensor_tflops: raw.fp16_tensor_tflops,
            unified: raw.unified,
            released: raw.released.clone().map(Text::from),
            source,
        };
        spec.offered = rules.offered(&spec, reading);
        spec
    }

    /// What was read off the card; no driver shows more than was sold, or leaves much less.
    fn reading(&mut self, raw: &raw::Gpu, sold: Bytes) -> Reading {
        let mut believed = |field, mib: Option<u64>| {
            let mib = mib?;
            let plausible = (sold.scale(4, 10)..=sold).contains(&Bytes::mib(mib));
            self.require(plausible, Fault::Implausible(field));
            plausible.then_some(mib)
        };
        let total = believed("total", raw.total);
        let free = believed("available", raw.available);
        let parts = raw.mig.values().all(|mib| Bytes::mib(*mib) <= sold);
        self.require(parts, Fault::Implausible("mig"));
        let parts = raw.vgpu.values().all(|mib| Bytes::mib(*mib) <= sold);
        self.require(parts, Fault::Implausible("vgpu"));
        Reading { total, free }
    }
}

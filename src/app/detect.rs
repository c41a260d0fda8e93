//! sketch
use super::session::Session;
use crate::catalog::gpu::Vendor;
use crate::error::{Error, Form};
use crate::inventory::{Gpu, Host, HostMemory, Inventory, Origin};
use crate::units::Bytes;

pub(super) fn inventory(session: &Session) -> Result<Inventory, Error> {
    let mut gpus = Vec::new();
    let mut push = |name: String, total: Bytes, bandwidth: Option<f64>, n: u32| {
        for _ in 0..n {
            let index = gpus.len() as u32;
            gpus.push(Gpu {
                index,
                uuid: Some(format!("GPU-00000000-0000-0000-0000-{index:012}")),
                name: name.clone(),
                vendor: Vendor::Nvidia,
                total,
                reserved: Bytes::ZERO,
                used: Bytes::ZERO,
                unified: false,
                processes: vec![],
                bandwidth,
                compute_capability: None,
                pci_bus_id: None,
                mig: None,
            });
        }
    };
    for spec in &session.global.vram {
        let (size, n) = spec.split_once('x').unwrap_or((spec, "1"));
        let bad = || Error::BadValue {
            argument: "--vram".into(),
            value: spec.clone(),
            form: Form::Vram,
        };
        push(
            "GPU".into(),
            size.parse()
                .ok()
                .filter(|b| *b > Bytes::ZERO)
                .ok_or_else(bad)?,
            None,
            n.parse().map_err(|_| bad())?,
        );
    }
    for spec in &session.global.gpu {
        let (name, n) = spec.rsplit_once(" x").unwrap_or((spec, "1"));
        let known = session
            .catalog
            .gpu(name, None)
            .ok_or_else(|| Error::UnknownGpu {
                name: name.into(),
                candidates: session.catalog.similar_gpus(name),
            })?;
        push(
            known.name.clone(),
            known.memory,
            known.bandwidth,
            n.parse().unwrap_or(1),
        );
    }
    let memory = session
        .global
        .ram
        .as_deref()
        .map(|ram| super::session::size("--ram", ram))
        .transpose()?;
    let origin = if gpus.is_empty() {
        Origin::None
    } else {
        Origin::Simulated
    };
    Ok(Inventory {
        origin,
        driver: None,
        hosts: vec![Host {
            name: "localhost".into(),
            gpus,
            memory: memory.map(|m| HostMemory {
                total: m,
                available: m,
            }),
        }],
        notes: vec![],
    })
}

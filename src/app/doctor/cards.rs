//! The cards that a set-up is judged for, and whether they hold what it asks for.

use crate::app::hardware::{self, Hardware};
use crate::app::session::Session;
use crate::catalog::Entry;
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::engine::place::{Device, GpuPool, Verdict, place, split_over};
use crate::engine::runtime::{Profile, predicted_beside};
use crate::engine::workload::Workload;
use crate::error::Error;
use crate::inventory::Inventory;
use crate::lint::{Cards, Demand, Overcommit};
use crate::units::Bytes;

/// The contexts that are tried where the one that was asked for is too much.
const CONTEXTS: [u32; 6] = [65_536, 32_768, 16_384, 8192, 4096, 2048];

/// The first machine's cards.
pub(super) struct Here<'a> {
    session: &'a Session,
    hardware: Hardware,
    profile: Profile,
    uuids: Vec<String>,
}

impl<'a> Here<'a> {
    /// What flags describe, or what is here; `None` without cards.
    pub(super) fn new(session: &'a Session, inventory: &Inventory) -> Result<Option<Self>, Error> {
        let hardware = hardware::of_found(session, inventory.clone())?;
        let (_, profile) = session.ollama()?;
        let gpus = || {
            hardware
                .report
                .hosts
                .iter()
                .take(1)
                .flat_map(|host| &host.gpus)
        };
        if gpus().next().is_none() {
            return Ok(None);
        }
        // A card that was only described has no UUID that a driver knows.
        let real = hardware.report.origin == "nvml";
        let uuids: Option<Vec<String>> = gpus()
            .map(|gpu| gpu.uuid.clone().filter(|_| real))
            .collect();
        Ok(Some(Self {
            session,
            profile,
            uuids: uuids.unwrap_or_default(),
            hardware,
        }))
    }

    /// The cards that a server sees; all of them where its words do not tell.
    fn visible(&self, demand: &Demand) -> Vec<Device> {
        let mut devices = self.hardware.pool.devices.clone();
        devices.retain(|device| device.host == 0);
        let Some(named) = &demand.visible else {
            return devices;
        };
        let position = |name: &String| match name.parse::<usize>() {
            Ok(number) => Some(number),
            Err(_) => self.uuids.iter().position(|uuid| uuid == name),
        };
        let chosen: Option<Vec<Device>> = named
            .iter()
            .map(|name| devices.get(position(name)?).copied())
            .collect();
        chosen
            .filter(|chosen| !chosen.is_empty())
            .unwrap_or(devices)
    }

    fn entries(&self, demand: &Demand) -> Option<Vec<Entry<'_>>> {
        let find = |tag: &str| {
            let entry = self.session.entry(tag).ok()?;
            match (entry.model.published, &entry.model.replaced_by) {
                (false, Some(other)) => self.session.catalog.find(other),
                _ => Some(entry),
            }
        };
        demand.loads.iter().map(|load| find(&load.tag)).collect()
    }
}

impl Cards for Here<'_> {
    fn uuids(&self) -> &[String] {
        &self.uuids
    }

    fn free(&self) -> Vec<Bytes> {
        let devices = &self.hardware.pool.devices;
        let here = devices.iter().filter(|device| device.host == 0);
        here.map(|device| device.free).collect()
    }

    fn overcommitted(&self, demand: &Demand) -> Option<Overcommit> {
        let entries = self.entries(demand)?;
        let models: Option<Vec<(EstimateInput<'_>, u32)>> = entries
            .iter()
            .map(|entry| {
                let trained = entry.model.context_length.unwrap_or(u32::MAX).max(1);
                Some((estimate_input(&self.session.catalog, *entry)?, trained))
            })
            .collect();
        let models = models?;
        let devices = self.visible(demand);
        let total: Bytes = devices
            .iter()
            .filter_map(|device| self.hardware.totals.get(device.gpu as usize))
            .copied()
            .sum();
        let asked = demand.loads.iter().find_map(|load| load.context);
        let context = asked.unwrap_or_else(|| self.profile.default_context(total));
        let attempt = |context: u32| together(&models, context, &devices);
        let refused = attempt(context).err()?;
        let (need, usable) = match refused {
            Refused::TooMuch(need) => (need, devices.iter().map(Device::usable).sum()),
            Refused::Evicting { need, given, .. } => (need, given),
        };
        let evicting = match refused {
            Refused::TooMuch(_) => None,
            Refused::Evicting { at, .. } => demand.loads.get(at).map(|load| load.tag.clone()),
        };
        Some(Overcommit {
            need,
            usable,
            context: CONTEXTS
                .into_iter()
                .filter(|shorter| *shorter < context)
                .find(|shorter| attempt(*shorter).is_ok()),
            evicting,
        })
    }
}

/// Why models are not held together.
enum Refused {
    /// They take so much.
    TooMuch(Bytes),
    /// There is room, but not by Ollama's own reckoning.
    Evicting {
        at: usize,
        need: Bytes,
        given: Bytes,
    },
}

/// Loads models one after the other, each into what the others left.
fn together(
    models: &[(EstimateInput<'_>, u32)],
    context: u32,
    devices: &[Device],
) -> Result<(), Refused> {
    let mut left = devices.to_vec();
    let (mut need, mut fits) = (Bytes::ZERO, true);
    let mut evicting = None;
    let overhead = devices
        .first()
        .map_or(Bytes::ZERO, |device| device.overhead);
    let boundless = Hardware::boundless(overhead);
    for (at, (input, trained)) in models.iter().enumerate() {
        let workload = Workload {
            context_length: context.min(*trained),
            ..Workload::default()
        };
        let pool = GpuPool {
            devices: left.clone(),
            hosts: vec![None],
            ..GpuPool::default()
        };
        let placement = place(input.shape(), &workload, &pool);
        // Ollama looks at one card if the model goes there, else at all of them.
        let free = |device: &Device| device.free;
        let open: Bytes = match placement.shares.as_slice() {
            [share] => left.get(share.device).map_or(Bytes::ZERO, free),
            _ => left.iter().map(free).sum(),
        };
        let batch = placement.workload.batch.unwrap_or_default();
        let (expected, given) = predicted_beside(input.shape(), &workload, batch, open);
        if at > 0 && expected > given && evicting.is_none() {
            evicting = Some((at, expected, given));
        }
        let whole = placement.verdict >= Verdict::Tight;
        fits &= placement.verdict == Verdict::Fits;
        need += if whole {
            placement.total()
        } else {
            split_over(input.shape(), &workload, &boundless, &[0]).total()
        };
        for share in placement.shares.iter().filter(|_| whole) {
            if let Some(device) = left.get_mut(share.device) {
                device.free -= share.total();
            }
        }
    }
    match (fits, evicting) {
        (false, _) => Err(Refused::TooMuch(need)),
        (true, Some((at, need, given))) => Err(Refused::Evicting { at, need, given }),
        (true, None) => Ok(()),
    }
}

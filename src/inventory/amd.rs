//! AMD's GPUs, as the `amdgpu` driver shows them below `/sys`. Linux only; elsewhere there is nothing to find.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Activity, Found, Gpu, HostMemory, Note, NoteCode};
use crate::catalog::Catalog;
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;

/// AMD's number among the makers of PCI devices.
const VENDOR: &str = "0x1002";
/// The most memory that firmware sets aside for a GPU inside a processor by default.
const CARVE_OUT: Bytes = Bytes::gib(4);
/// Where the names of cards lie that have none of their own: libdrm's list by device and revision.
const NAMES: &[&str] = &[
    "usr/share/libdrm/amdgpu.ids",
    "opt/amdgpu/share/libdrm/amdgpu.ids",
];

/// The AMD GPUs of the machine whose `sys` lies in `root`, in the order of their addresses. The catalog gives names to
/// cards that have none; `host` is what a GPU inside the processor shares.
pub fn read(root: &Path, catalog: &Catalog, host: Option<HostMemory>) -> Found {
    let mut found = Found {
        driver: line(&root.join("sys/module/amdgpu/version")),
        ..Found::default()
    };
    let mut devices: Vec<(Option<String>, PathBuf)> = cards(&root.join("sys/class/drm"))
        .into_iter()
        .map(|folder| (address(&folder), folder))
        .collect();
    devices.sort();
    let names = NAMES
        .iter()
        .find_map(|path| fs::read_to_string(root.join(path)).ok())
        .unwrap_or_default();
    for (address, folder) in devices {
        let index = u32::try_from(found.gpus.len()).unwrap_or(u32::MAX);
        let gpu = Card {
            folder: &folder,
            address,
            index,
            names: &names,
        }
        .read(catalog, host, &mut found.notes);
        found.gpus.extend(gpu);
    }
    found
}

/// The folders of AMD's cards. `card0-DP-1` and the like are their connectors.
fn cards(drm: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(drm) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("card"));
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .map(|entry| entry.path().join("device"))
        .filter(|folder| line(&folder.join("vendor")).as_deref() == Some(VENDOR))
        .collect()
}

struct Card<'a> {
    folder: &'a Path,
    address: Option<String>,
    index: u32,
    names: &'a str,
}

impl Card<'_> {
    fn read(
        self,
        catalog: &Catalog,
        host: Option<HostMemory>,
        notes: &mut Vec<Note>,
    ) -> Option<Gpu> {
        let number = format!("GPU {}", self.index);
        let address = self.address.as_deref().unwrap_or_default();
        let mut note = |code| {
            let subject = match code {
                // It is not listed, so the number is another card's.
                NoteCode::DeviceUnreadable => address.to_owned(),
                _ => number.clone(),
            };
            notes.push(Note::new(code, Some(subject), None));
        };
        let vram = self.bytes("mem_info_vram_total");
        let printed = self.text("product_name");
        if vram.is_none() && printed.is_none() {
            // Another driver, such as the old `radeon` or `vfio-pci`, holds the card.
            note(NoteCode::DeviceUnreadable);
            return None;
        }
        let vram_total = vram.unwrap_or_default();
        if vram.is_none() {
            note(NoteCode::MemoryUnknown);
        }
        let printed = printed.or_else(|| self.listed_name());
        let known = printed.as_deref().and_then(|name| {
            let memory = vram.filter(|total| *total > CARVE_OUT);
            catalog.gpu(name, memory)
        });
        let name = printed.unwrap_or_else(|| {
            note(NoteCode::NameUnknown);
            self.text("device")
                .map_or_else(|| "AMD GPU".to_owned(), |id| format!("AMD GPU {id}"))
        });
        let shared = self.bytes("mem_info_gtt_total").unwrap_or_default();
        // A card with chips of its own says who made them; a GPU inside a processor has a small carve-out and borrows.
        let borrows = vram_total < CARVE_OUT && shared > vram_total && !self.has_own_chips();
        let unified = known.is_some_and(|known| known.unified) || borrows;
        let (mut total, mut used) = (
            vram_total,
            self.bytes("mem_info_vram_used").unwrap_or_default(),
        );
        if unified {
            total += shared;
            used += self.bytes("mem_info_gtt_used").unwrap_or_default();
            // What it borrows is gone when programs hold it.
            if let Some(host) = host {
                used = used.max(total - (vram_total + host.available));
            }
        }
        let uuid = self
            .text("unique_id")
            .filter(|id| id.bytes().any(|byte| byte != b'0'))
            .map(|id| format!("GPU-{}", id.trim_start_matches("0x")));
        if uuid.is_none() && !unified {
            note(NoteCode::UuidUnknown);
        }
        Some(Gpu {
            index: self.index,
            uuid,
            name,
            vendor: Vendor::Amd,
            total,
            reserved: Bytes::ZERO,
            used: used.min(total),
            basis: None,
            ecc: false,
            unified,
            processes: Vec::new(),
            bandwidth: known.and_then(|known| known.bandwidth),
            compute_capability: None,
            pci_bus_id: self.address.clone(),
            activity: Activity::default(),
            mig: None,
        })
    }

    /// `744C, C8, AMD Radeon RX 7900 XTX` for device 0x744c, revision 0xc8.
    fn listed_name(&self) -> Option<String> {
        let hex = |name| {
            let text = self.text(name)?;
            u32::from_str_radix(text.trim_start_matches("0x"), 16).ok()
        };
        let own = (hex("device")?, hex("revision")?);
        self.names.lines().find_map(|line| {
            let mut parts = line.splitn(3, ',').map(str::trim);
            let device = u32::from_str_radix(parts.next()?, 16).ok()?;
            let revision = u32::from_str_radix(parts.next()?, 16).ok()?;
            let name = parts.next()?;
            ((device, revision) == own).then(|| name.to_owned())
        })
    }

    fn has_own_chips(&self) -> bool {
        self.text("mem_info_vram_vendor")
            .is_some_and(|maker| maker != "unknown")
    }

    fn text(&self, name: &str) -> Option<String> {
        line(&self.folder.join(name))
    }

    fn bytes(&self, name: &str) -> Option<Bytes> {
        self.text(name)?.parse().ok().map(Bytes)
    }
}

/// Address on the PCI bus, such as `0000:03:00.0`, from the device's `uevent`.
fn address(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("uevent")).ok()?;
    text.lines()
        .find_map(|line| line.strip_prefix("PCI_SLOT_NAME="))
        .map(|address| address.trim().to_owned())
}

/// A file's text without blanks around it; `None` if there is none.
fn line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

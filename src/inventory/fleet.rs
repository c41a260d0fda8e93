//! Several machines, described in files.
//!
//! A fleet file is TOML, the JSON of `vramfit gpus --json` from another machine, or what `nvidia-smi`, `rocm-smi` or `amd-smi` prints there:
//!
//! ```toml
//! [[host]]
//! name = "rack1"
//! memory = "64 GiB"
//! listen = "10.0.0.11"
//! gpus = ["RTX 3090 x2"]
//!
//! [[host]]
//! name = "rack2"
//! driver = "570.124.06"
//!
//! [[host.gpu]]
//! name = "RTX 4060 Ti"
//! uuid = "GPU-5c0d7c1e-6a5e-4b7e-9d55-1f0b0b6f6f5a"
//! total = "16 GiB"
//! used = "512 MiB"
//! ```

mod dump;
mod other;
mod smi;

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::known::KnownGpus;
use super::simulated::{self, Card, MOST_MEMORY};
use super::{Gpu, Host, LOCALHOST, Note};
use crate::catalog::Catalog;
use crate::error::{Defect, Error, Fault, FleetFault, MOST_DEFECTS};
use crate::units::Bytes;
use smi::SmiFormat;

/// The most GPUs that fleet files may have together.
const MOST_GPUS: usize = 64 << 10;
/// A whole number from here on counts bytes, below it GiB.
const BYTES_FROM: i64 = 1 << 20;

/// The machines of several files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// The machines, in the order of the files; their names differ.
    pub hosts: Vec<Host>,
    /// What was assumed about their cards.
    pub notes: Vec<Note>,
}

impl Fleet {
    /// Adds a machine that no file describes.
    pub fn add(&mut self, host: Host) {
        self.hosts.push(host);
    }

    /// Adds the machines of files, given with their texts.
    ///
    /// # Errors
    ///
    /// Every defect of every file, with its line: what is not TOML or has unknown fields, GPUs that the catalog does not
    /// know, sizes that are none, and names that two machines have.
    pub fn read(
        &mut self,
        files: &[(PathBuf, String)],
        catalog: &Catalog,
    ) -> Result<(), Vec<Defect>> {
        let mut defects = Vec::new();
        let mut uuids: HashSet<String> = self
            .hosts
            .iter()
            .flat_map(|host| &host.gpus)
            .filter_map(|gpu| gpu.uuid.clone())
            .collect();
        let mut names: HashSet<String> = self.hosts.iter().map(|host| host.name.clone()).collect();
        let known = KnownGpus::new(catalog);
        let mut room = Some(MOST_GPUS);
        for (path, text) in files {
            let mut file = File {
                path,
                text,
                catalog,
                known: &known,
                room: &mut room,
                first: self.hosts.len(),
                notes: &mut self.notes,
                defects: &mut defects,
            };
            let hosts = if let Some(form) = SmiFormat::detect(text) {
                file.smi(form)
            } else if text.trim_start().starts_with('{') {
                file.dump()
            } else {
                file.toml()
            };
            for (at, host) in hosts {
                if file.is_hopeless() {
                    return Err(defects);
                }
                if !names.insert(host.name.clone()) {
                    let at = if at == 0 { file.offset(&host.name) } else { at };
                    file.fault(at, Fault::Duplicate(host.name.clone()));
                }
                for uuid in host.gpus.iter().filter_map(|gpu| gpu.uuid.as_ref()) {
                    if !uuids.insert(uuid.clone()) {
                        let at = file.offset(uuid);
                        file.fault(at, Fault::Duplicate(uuid.clone()));
                    }
                }
                self.hosts.push(host);
            }
        }
        if defects.is_empty() {
            Ok(())
        } else {
            Err(defects)
        }
    }
}

/// A file that is being read.
struct File<'a, 'c> {
    path: &'a Path,
    text: &'a str,
    catalog: &'c Catalog,
    known: &'a KnownGpus<'c>,
    /// How many more GPUs are taken; none once there were too many.
    room: &'a mut Option<usize>,
    /// The number of its first machine, which goes into made-up UUIDs.
    first: usize,
    notes: &'a mut Vec<Note>,
    defects: &'a mut Vec<Defect>,
}

/// A machine and the byte of the file where it stands.
type Placed = (usize, Host);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    host: Vec<Spanned<RawHost>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHost {
    name: String,
    memory: Option<Spanned<Size>>,
    driver: Option<String>,
    listen: Option<Ipv4Addr>,
    #[serde(default)]
    gpus: Vec<Spanned<String>>,
    #[serde(default)]
    gpu: Vec<Spanned<RawGpu>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGpu {
    name: String,
    uuid: Option<String>,
    total: Option<Spanned<Size>>,
    used: Option<Spanned<Size>>,
}

/// `"24 GiB"`, or a bare number of GiB as on the command line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

impl File<'_, '_> {
    fn fault(&mut self, at: usize, fault: Fault) {
        let file = self.path.display().to_string();
        self.defects
            .push(Defect::at_byte(file, self.text, at, fault));
    }

    /// Whether nobody wants to know of more defects.
    fn is_hopeless(&self) -> bool {
        self.defects.len() >= MOST_DEFECTS
    }

    /// Whether so many more GPUs may be taken; that they may not is told once.
    fn admit(&mut self, at: usize, count: usize) -> bool {
        let more = self.room.and_then(|room| room.checked_sub(count));
        if more.is_none() && self.room.is_some() {
            self.fault(at, Fault::Fleet(FleetFault::TooManyGpus(MOST_GPUS)));
        }
        *self.room = more;
        more.is_some()
    }

    fn say(&mut self, notes: Vec<Note>) {
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    fn toml(&mut self) -> Vec<Placed> {
        let raw: RawFile = match toml::from_str(self.text) {
            Ok(raw) => raw,
            Err(_) if self.is_other_program() => return Vec::new(),
            Err(_) if !self.text.contains("[[host") => {
                self.fault(0, Fault::Fleet(FleetFault::NotInventory));
                return Vec::new();
            }
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.fault(at, Fault::Syntax(error.message().to_owned()));
                return Vec::new();
            }
        };
        if raw.host.is_empty() {
            self.fault(0, Fault::Missing("[[host]]"));
        }
        let mut hosts = Vec::new();
        for (number, host) in raw.host.into_iter().enumerate() {
            if self.is_hopeless() {
                break;
            }
            let at = host.span().start;
            let host = self.host(at, self.first + number, host.into_inner());
            hosts.push((at, host));
        }
        hosts
    }

    fn host(&mut self, at: usize, number: usize, raw: RawHost) -> Host {
        self.host_name(at, &raw.name);
        let memory = raw.memory.and_then(|size| self.size(&size));
        let mut gpus: Vec<Gpu> = Vec::new();
        for text in raw.gpus {
            let at = text.span().start;
            if self.is_hopeless() || self.room.is_none() {
                break;
            }
            match self.known.described(text.get_ref(), memory) {
                Ok(cards) if !self.admit(at, cards.len()) => break,
                Ok(cards) => {
                    self.say(simulated::notes(&cards));
                    gpus.extend(cards.into_iter().map(|card| card.placed(number, 0)));
                }
                Err(error) => self.fault(at, Fault::Fleet(fault_of(error, text.into_inner()))),
            }
        }
        for gpu in raw.gpu {
            let at = gpu.span().start;
            if self.is_hopeless() || !self.admit(at, 1) {
                break;
            }
            gpus.extend(self.gpu(at, number, gpu.into_inner()));
        }
        number_gpus(&mut gpus, number);
        Host {
            name: raw.name,
            gpus,
            memory: memory.map(simulated::memory),
            listen: raw.listen,
            driver: raw.driver.map(|driver| driver.chars().take(40).collect()),
        }
    }

    fn gpu(&mut self, at: usize, host: usize, raw: RawGpu) -> Option<Gpu> {
        let total = raw.total.map(|size| self.size(&size));
        let used = raw.used.map(|size| self.size(&size));
        if matches!(total, Some(None)) || matches!(used, Some(None)) {
            return None;
        }
        let (total, used) = (total.flatten(), used.flatten().unwrap_or_default());
        let card = match (self.known.device(&raw.name, total), total) {
            (Some(spec), Some(total)) => Card::from_spec(&spec).with_total(total),
            (Some(spec), None) => self.known.named(&raw.name, &spec),
            // A card that nobody knows can be planned for if its memory is given.
            (None, Some(total)) => Card {
                name: raw.name,
                ..Card::of_memory(total)
            },
            (None, None) => {
                let candidates = self.catalog.similar_gpus(&raw.name);
                let name = raw.name;
                self.fault(
                    at,
                    Fault::Fleet(FleetFault::UnknownGpu { name, candidates }),
                );
                return None;
            }
        };
        if used > card.memory {
            self.fault(at, Fault::Implausible("used"));
        }
        if let Some(uuid) = &raw.uuid {
            self.uuid(at, uuid);
        }
        self.say(card.notes.clone());
        let mut gpu = card.placed(host, 0);
        gpu.used = used.min(gpu.total - gpu.reserved);
        // An empty UUID is one that is to be made up.
        gpu.uuid = raw.uuid.or(Some(String::new()));
        Some(gpu)
    }

    fn size(&mut self, size: &Spanned<Size>) -> Option<Bytes> {
        let text = match size.get_ref() {
            Size::Text(text) => text.clone(),
            Size::Whole(number) if *number >= BYTES_FROM => format!("{}MiB", *number >> 20),
            Size::Whole(number) => number.to_string(),
            Size::Decimal(number) => number.to_string(),
        };
        let bytes = text.parse().ok();
        let bytes = bytes.filter(|bytes| *bytes <= MOST_MEMORY);
        if bytes.is_none() {
            self.fault(size.span().start, Fault::BadSize(text));
        }
        bytes
    }

    /// UUIDs, too, go into other programs' files: `GPU-5c0d7c1e-...`, `MIG-...`, `MIG-GPU-.../1/0`.
    fn uuid(&mut self, at: usize, uuid: &str) {
        if !is_uuid(uuid) {
            self.fault(at, Fault::Fleet(FleetFault::BadUuid(uuid.to_owned())));
        }
    }

    /// Where a string stands last, for what no reader gives a place: of two that are the same, the second is wrong.
    fn offset(&self, text: &str) -> usize {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        self.text.rfind(&quoted).unwrap_or(0)
    }

    /// Names go into configuration files of other programs, so they are what DNS would take.
    fn host_name(&mut self, at: usize, name: &str) {
        if !is_host_name(name) {
            self.fault(at, Fault::Fleet(FleetFault::BadHostName(name.to_owned())));
        }
    }
}

fn is_uuid(uuid: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/');
    let known = ["GPU-", "MIG-"].iter().any(|start| uuid.starts_with(start));
    known && uuid.len() <= 96 && uuid.bytes().all(allowed)
}

fn is_host_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (1..=253).contains(&name.len())
        && name.bytes().all(allowed)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The name of a machine that calls itself `localhost`: its file's, so that the files of many machines go together.
fn name_of(path: &Path, name: String) -> String {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    match stem {
        Some(stem) if name == LOCALHOST && is_host_name(stem) => stem.to_owned(),
        _ => name,
    }
}

fn fault_of(error: Error, text: String) -> FleetFault {
    match error {
        Error::UnknownGpu { name, candidates } => FleetFault::UnknownGpu { name, candidates },
        _ => FleetFault::BadGpu(text),
    }
}

/// Numbers a machine's GPUs, and makes up the UUIDs that are not given.
fn number_gpus(gpus: &mut [Gpu], host: usize) {
    for (index, gpu) in (0..).zip(gpus) {
        gpu.index = index;
        let given = gpu
            .uuid
            .take()
            .filter(|uuid| !uuid.is_empty() && !uuid.starts_with(simulated::UUID_PREFIX));
        gpu.uuid = given.or_else(|| Some(simulated::uuid(host, index)));
    }
}

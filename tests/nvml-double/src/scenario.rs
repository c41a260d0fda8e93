//! What the library answers: a text file, one device or process a line.
//!
//! ```text
//! library | driver=550.54.14
//! gpu     | name=NVIDIA GeForce RTX 3090 | uuid=GPU-1 | total=25769803776 | used=0 | bus=00000000:01:00.0
//! process | pid=4711 | bytes=1073741824 | command=/usr/bin/ollama | kind=compute
//! gpu     | name=NVIDIA A100-SXM4-40GB | mig=7 | ...
//! mig     | at=2 | name=NVIDIA A100-SXM4-40GB MIG 1g.5gb | uuid=MIG-1 | total=...
//! ```
//!
//! What a GPU does is given as utilization=97, temperature=61, power=285000, power-limit=350000: percent, degrees Celsius
//! and milliwatts. A process belongs to the device above it, a MIG instance to the GPU above it. A value that is missing is not
//! supported; `!15` in place of a value makes the call fail with NVML's code 15, `!hang` never come back, and `~` in a text is a byte that is no UTF-8.
//! While a file `hangs` lies beside this one, no question about a device comes back.

use std::collections::BTreeMap;
use std::ffi::c_int;

/// NVML's code for a question that a device cannot answer.
const NOT_SUPPORTED: c_int = 3;

/// A line of the file: its keys and values.
#[derive(Debug, Default)]
pub(crate) struct Line {
    values: BTreeMap<String, String>,
}

impl Line {
    fn parse<'a>(parts: impl Iterator<Item = &'a str>) -> Self {
        let pair = |part: &str| {
            let (key, value) = part.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        };
        Self {
            values: parts.filter_map(pair).collect(),
        }
    }

    /// A value, or the code of a failure.
    pub(crate) fn get(&self, key: &str) -> Result<&str, c_int> {
        match (self.failure(key), self.values.get(key)) {
            (Some(code), _) => Err(code),
            (None, Some(value)) => Ok(value),
            (None, None) => Err(NOT_SUPPORTED),
        }
    }

    /// The code of a call that is to fail.
    pub(crate) fn failure(&self, key: &str) -> Option<c_int> {
        let code = self.values.get(key)?.strip_prefix('!')?;
        if code == "hang" {
            loop {
                std::thread::park();
            }
        }
        code.parse().ok()
    }

    /// A number; zero if there is none.
    pub(crate) fn number(&self, key: &str) -> u64 {
        self.get(key)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    }
}

/// A GPU or a MIG instance.
#[derive(Debug, Default)]
pub(crate) struct Device {
    line: Line,
    pub(crate) processes: Vec<Line>,
    pub(crate) instances: Vec<Device>,
}

impl std::ops::Deref for Device {
    type Target = Line;
    fn deref(&self) -> &Line {
        &self.line
    }
}

/// The whole file.
#[derive(Debug, Default)]
pub(crate) struct Scenario {
    pub(crate) library: Line,
    pub(crate) gpus: Vec<Device>,
}

impl Scenario {
    /// Reads a file's text. Lines of other kinds are comments.
    pub(crate) fn parse(text: &str) -> Self {
        let mut scenario = Self::default();
        for line in text.lines() {
            let mut parts = line.split('|');
            let kind = parts.next().unwrap_or_default().trim();
            let line = Line::parse(parts);
            let device = Device {
                line,
                ..Device::default()
            };
            let gpu = scenario.gpus.last_mut();
            match (kind, gpu) {
                ("library", _) => scenario.library = device.line,
                ("gpu", _) => scenario.gpus.push(device),
                ("mig", Some(gpu)) => gpu.instances.push(device),
                ("process", Some(gpu)) => {
                    let processes = match gpu.instances.last_mut() {
                        Some(instance) => &mut instance.processes,
                        None => &mut gpu.processes,
                    };
                    processes.push(device.line);
                }
                _ => {}
            }
        }
        scenario
    }

    /// Every device, also the MIG instances.
    pub(crate) fn devices(&self) -> impl Iterator<Item = &Device> {
        self.gpus
            .iter()
            .flat_map(|gpu| std::iter::once(gpu).chain(&gpu.instances))
    }
}

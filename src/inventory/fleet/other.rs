//! What other programs print of GPUs, which is no fleet: names without the memory that a driver reports.

use super::File;
use crate::error::{Fault, FleetFault};
use crate::units::Bytes;

/// A program, and what stands before a GPU's name in its output.
const PROGRAMS: [(&str, &str); 6] = [
    ("lspci", "VGA compatible controller: "),
    ("lspci", "3D controller: "),
    ("lspci", "Display controller: "),
    ("system_profiler", "Chipset Model: "),
    ("dxdiag", "Card name: "),
    ("vulkaninfo", "deviceName"),
];

/// A program, and what tells its output. Its GPUs are those whose names are known.
const SIGNS: [(&str, &str); 8] = [
    // Windows counts that in 32 bits, so no card has more than 4 GiB there.
    ("Win32_VideoController (AdapterRAM)", "AdapterRAM"),
    ("Win32_VideoController", "VideoProcessor"),
    ("lshw", "*-display"),
    ("inxi", "Device-1:"),
    ("glxinfo", "GLX_MESA_query_renderer"),
    ("clinfo", "Platform Name"),
    ("rocminfo", "HSA Agents"),
    ("xpu-smi", "Device Information"),
];

/// What was asked of a program that tells the memory too, what tells its output, and what to ask instead.
const REPORTS: [(&str, &str, &str); 5] = [
    ("nvidia-smi topo", "CPU Affinity", QUERY),
    ("nvidia-smi dmon", "# gpu ", QUERY),
    ("nvidia-smi --query-compute-apps", "process_name,", QUERY),
    (
        "amd-smi metric",
        "TOTAL_VRAM:",
        "amd-smi static --asic --vram",
    ),
    (
        "amd-smi monitor",
        "VRAM_USAGE",
        "amd-smi static --asic --vram",
    ),
];
const QUERY: &str = "nvidia-smi --query-gpu=name,memory.total,memory.used --format=csv";

/// How many lines are looked through for names, and how long one with a name is.
const MOST_LINES: usize = 400;
const MOST_OF_LINE: usize = 400;

impl File<'_, '_> {
    /// Whether another program printed this; then that is said, with the names of the GPUs, which `--gpu` takes.
    pub(super) fn is_other_program(&mut self) -> bool {
        self.is_known_by_lines() || self.is_known_by_sign() || self.is_list_of_names(None)
    }

    /// Whether a program printed this that is known by more than the names of GPUs.
    pub(super) fn is_known_by_sign(&mut self) -> bool {
        for (program, sign, command) in REPORTS {
            if self.text.contains(sign) {
                let fault = FleetFault::OtherReport { program, command };
                self.fault(0, Fault::Fleet(fault));
                return true;
            }
        }
        let sign = SIGNS.iter().find(|(_, sign)| self.text.contains(sign));
        sign.is_some_and(|(program, _)| self.is_list_of_names(Some(program)))
    }

    fn is_known_by_lines(&mut self) -> bool {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            for (program, before) in PROGRAMS {
                if let Some((_, rest)) = line.split_once(before) {
                    let name = rest.trim_matches(|c: char| c.is_whitespace() || c == '=');
                    // lspci writes the product in brackets, behind the chip.
                    let product = name
                        .rsplit_once('[')
                        .and_then(|(_, rest)| rest.split_once(']'));
                    let name = product
                        .filter(|_| program == "lspci")
                        .map_or(name, |(it, _)| it);
                    let name = match self.memory_told().filter(|_| program == "system_profiler") {
                        Some(memory) => format!("{name} {memory}"),
                        None => name.to_owned(),
                    };
                    self.fault(at, Fault::Fleet(FleetFault::OtherProgram { program, name }));
                    return true;
                }
            }
            at += line.len();
        }
        false
    }

    /// The memory of a Mac, of which its GPU has a part: `Memory: 24 GB`.
    fn memory_told(&self) -> Option<String> {
        let mut lines = self.text.lines().map(str::trim);
        let memory = lines.find_map(|line| line.strip_prefix("Memory: "))?;
        memory.parse::<Bytes>().ok()?;
        Some(memory.replace(' ', ""))
    }

    /// Whether GPUs are named in it.
    fn is_list_of_names(&mut self, program: Option<&'static str>) -> bool {
        let lines = self.text.lines().take(MOST_LINES);
        let lines = lines.filter(|line| line.len() <= MOST_OF_LINE);
        let named = lines.filter_map(|line| Some((line, self.card_in(line)?)));
        // A processor's own GPU is meant only where no card is named.
        let (shared, cards): (Vec<_>, Vec<_>) = named.partition(|(_, (_, unified))| *unified);
        let found = if cards.is_empty() { shared } else { cards };
        let Some((first, _)) = found.first() else {
            return false;
        };
        let at = self.text.find(first).unwrap_or(0);
        // A line that stands there twice is two cards. Windows tells a card's name as its caption and description, too.
        let mut names: Vec<(String, usize)> = Vec::new();
        for (line, (name, _)) in &found {
            let alike = found.iter().filter(|(other, _)| other == line).count();
            match names.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count = alike.max(*count),
                None => names.push((name.clone(), alike)),
            }
        }
        let terms = names.iter().map(|(name, count)| match count {
            1 => name.clone(),
            count => format!("{name} x{count}"),
        });
        let name = terms.collect::<Vec<_>>().join(" + ");
        let fault = match program {
            Some(program) => FleetFault::OtherProgram { program, name },
            None => FleetFault::NamesOnly(name),
        };
        self.fault(at, Fault::Fleet(fault));
        true
    }

    /// The GPU that a line names beside other things, and whether it shares its machine's memory.
    fn card_in(&self, line: &str) -> Option<(String, bool)> {
        let parts = ["  ", "\t", ": ", "=", ", ", "\"", "|"];
        let pieces = parts.iter().fold(vec![line], |pieces, part| {
            let parted = pieces.into_iter().flat_map(|piece| piece.split(part));
            parted.collect()
        });
        pieces.into_iter().map(str::trim).find_map(|name| {
            let digit = |c: char| c.is_ascii_digit();
            let plausible = (6..=80).contains(&name.len()) && name.contains(digit);
            let spec = plausible.then(|| self.known.device(name, None))??;
            // What stands in brackets is the driver's word.
            let own = match name.contains(['(', '[']) {
                true => spec.name.to_string(),
                false => name.to_owned(),
            };
            Some((own, spec.unified))
        })
    }
}

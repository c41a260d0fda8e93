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

impl File<'_, '_> {
    /// Whether another program printed this; then that is said, with the name of the first GPU, which `--gpu` takes.
    pub(super) fn is_other_program(&mut self) -> bool {
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
}

//! Pieces that several pages share.

use super::page::{Line, Page, Tone};
use crate::engine::place::Verdict;
use crate::engine::reason::is_doubtful;
use crate::inventory::{Note, NoteCode};
use crate::lang::Lang;
use crate::line;
use crate::messages;
use crate::report::{GpuReport, InventoryReport, PlacementReport, Reason};

/// For whom a page is made.
#[derive(Clone, Copy)]
pub struct View {
    /// The language of all words.
    pub lang: Lang,
    /// Whether to show everything (`--verbose`).
    pub verbose: bool,
    /// Whether to leave out remarks (`--quiet`).
    pub quiet: bool,
}

impl View {
    /// What stands between two remarks of one line.
    pub(super) fn separator(&self) -> &'static str {
        messages::punctuation::semicolon(self.lang)
    }

    /// What stands between two facts of one remark.
    pub(super) fn comma(&self) -> &'static str {
        messages::punctuation::comma(self.lang)
    }

    /// What stands between two names of a list.
    pub(super) fn listed(&self) -> &'static str {
        messages::punctuation::list_comma(self.lang)
    }

    /// An aside, with the room that the language gives it.
    pub(super) fn aside(&self, text: impl std::fmt::Display) -> String {
        messages::punctuation::brackets(self.lang, text)
    }

    /// How well a placement does, in a word: without GPUs nothing is moved off them.
    pub(super) fn verdict(
        &self,
        verdict: Verdict,
        placement: Option<&PlacementReport>,
    ) -> &'static str {
        match placement {
            Some(placement) if verdict == Verdict::Offloads && placement.gpus.is_empty() => {
                messages::on_cpu(self.lang)
            }
            _ => messages::terms::verdict(self.lang, verdict),
        }
    }

    /// The same, where reasons tell that it fits only if the estimate is right.
    pub(super) fn judged(
        &self,
        verdict: Verdict,
        placement: Option<&PlacementReport>,
        reasons: &[Reason],
    ) -> &'static str {
        self.doubted(verdict, placement, is_doubtful(reasons))
    }

    /// The same, where it is told apart.
    pub(super) fn doubted(
        &self,
        verdict: Verdict,
        placement: Option<&PlacementReport>,
        within_doubt: bool,
    ) -> &'static str {
        if verdict == Verdict::Fits && within_doubt {
            return crate::messages::cache::probably_fits(self.lang);
        }
        self.verdict(verdict, placement)
    }

    /// What stands between a name and its value.
    pub(super) fn colon(&self) -> &'static str {
        messages::punctuation::colon(self.lang)
    }
}

/// The tone of a verdict.
pub(super) fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Fits => Tone::Good,
        Verdict::Tight | Verdict::Offloads => Tone::Caution,
        Verdict::DoesNotFit => Tone::Bad,
    }
}

/// The hardware in a line a kind: `RTX 3090 ×2  24.0 GiB, 23.0 GiB usable`.
pub(super) fn hardware(inventory: &InventoryReport, view: View) -> Vec<Line> {
    let several = inventory.hosts.len() > 1;
    let mut lines = Vec::new();
    let scaled = inventory.speed_scale.map(|scale| {
        let said = messages::bench::scaled(view.lang, scale);
        Line::from(Tone::Dim.span(said))
    });
    for host in &inventory.hosts {
        for (gpu, count) in alike(&host.gpus) {
            let times = if count > 1 {
                format!(" ×{count}")
            } else {
                String::new()
            };
            let (total, usable) = (gpu.total.to_string(), gpu.usable.to_string());
            let mut line = line![
                Tone::Strong.span(format!("{}{times}", gpu.name)),
                "  ",
                messages::hardware::usable(view.lang, &total, &usable)
            ];
            if inventory.origin == "simulated" {
                line = line.and(Tone::Dim.span(view.aside(messages::simulated(view.lang))));
            }
            lines.push(if several {
                line![Tone::Dim.span(format!("{}  ", host.name)), line]
            } else {
                line
            });
        }
        if host.gpus.is_empty() && !leaves_gpus_out(&inventory.notes) {
            lines.push(messages::hardware::no_gpu_found(view.lang).into());
        }
        let measured = host.gpus.iter().filter_map(|gpu| {
            let bytes = gpu.cuda_context?;
            Some(format!("GPU {} {bytes}", gpu.gpu))
        });
        let measured = measured.collect::<Vec<_>>().join(", ");
        if !measured.is_empty() {
            let said = messages::hardware::cuda_context_measured(view.lang, &measured);
            lines.push(Tone::Dim.span(said).into());
        }
        if let Some(memory) = host.memory {
            let available = memory.available.to_string();
            lines.push(
                Line::from(messages::hardware::host_memory_available(
                    view.lang, &available,
                ))
                .toned(Tone::Dim),
            );
        }
    }
    if inventory.hosts.is_empty() && !leaves_gpus_out(&inventory.notes) {
        lines.push(messages::hardware::no_gpu_found(view.lang).into());
    }
    for note in inventory
        .notes
        .iter()
        .filter(|note| note.code.changes_answers())
    {
        lines.push(Tone::Caution.span(inventory_note(note, view)).into());
    }
    lines.extend(scaled);
    lines
}

/// Whether GPUs were not looked for, so that nobody can say that there are none.
pub(super) fn leaves_gpus_out(notes: &[Note]) -> bool {
    notes.iter().any(|note| note.code == NoteCode::GpusNotUsed)
}

/// A note with what it is about.
pub(super) fn inventory_note(note: &Note, view: View) -> String {
    let parts = [&note.subject, &note.detail];
    let parts: Vec<&str> = parts
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect();
    crate::messages::hardware::note(view.lang, note.code, &parts.join(": "))
}

/// GPUs that are alike in name and memory, with their number, in order.
fn alike(gpus: &[GpuReport]) -> Vec<(&GpuReport, usize)> {
    let mut kinds: Vec<(&GpuReport, usize)> = Vec::new();
    for gpu in gpus {
        match kinds.iter_mut().find(|(kind, _)| {
            kind.name == gpu.name && kind.total == gpu.total && kind.usable == gpu.usable
        }) {
            Some((_, count)) => *count += 1,
            None => kinds.push((gpu, 1)),
        }
    }
    kinds
}

/// The GPUs of a placement: `GPU 0+1`.
pub(super) fn gpus(placement: &PlacementReport) -> String {
    let names: Vec<String> = placement
        .gpus
        .iter()
        .map(|gpu| gpu.gpu.to_string())
        .collect();
    format!("GPU {}", names.join("+"))
}

/// How full the fullest GPU of a placement gets, from 0 to 1.
pub(super) fn fullness(placement: &PlacementReport, inventory: &InventoryReport) -> f64 {
    let share = |placed: &crate::report::PlacedGpu| {
        let host = inventory
            .hosts
            .iter()
            .find(|host| host.name == placed.host)?;
        let gpu = host.gpus.iter().find(|gpu| gpu.gpu == placed.gpu)?;
        Some(placed.bytes.0 as f64 / gpu.free.0.max(1) as f64)
    };
    placement.gpus.iter().filter_map(share).fold(0.0, f64::max)
}

/// What marks an installed model; `legend` explains it.
const INSTALLED: &str = " *";

/// A tag, with a mark if the model is installed.
pub(super) fn tag(tag: &str, installed: Option<bool>) -> Line {
    let line = line![Tone::Code.span(tag)];
    match installed {
        Some(true) => line.and(Tone::Good.span(INSTALLED)),
        Some(false) | None => line,
    }
}

/// What the mark means, where there is one.
pub(super) fn legend(
    page: &mut Page,
    mut installed: impl Iterator<Item = Option<bool>>,
    view: View,
) {
    if installed.any(|installed| installed == Some(true)) {
        page.paragraph(Tone::Dim.span(messages::installed_mark(view.lang)));
    }
}

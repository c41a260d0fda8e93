//! The engine's own fitting (`common/fit.cpp` of llama.cpp): how it fills GPUs that a split by free memory would overflow.
//!
//! Dense layers are filled from the last GPU to the first, each up to what is left free on it; what finds no place stays on the host.
//! Of a mixture of experts the dense parts are placed so, all experts on the host; then blocks take their experts along, from the first
//! GPU to the last, as long as each has room, and at last a part of one more, whose rest goes to the next GPU or to the host.
//!
//! The fitting leaves the experts of a GPU's last blocks on the host. `llama-server` that is told what to do leaves those of its first
//! blocks there, whole blocks only, which is what `--n-cpu-moe` says.

use super::evaluate::evaluate;
use super::{GpuPool, Placement};
use crate::engine::estimate::{Assignment, KeptExperts, PartialBlock, Shape};
use crate::engine::false_position::{Attempt, most};
use crate::engine::workload::{Engine, Workload};
use crate::units::Bytes;

/// The layers of a file as the fitting counts them.
#[derive(Clone, Copy)]
struct File {
    /// Blocks that are loaded.
    blocks: u32,
    /// All layers; the output layer is the last.
    layers: u32,
    /// Blocks for multi-token prediction.
    prediction: u32,
    /// How many more the file has: the fitting does not count blocks for multi-token prediction that do not draft, but the loader does. What
    /// was meant for one block holds so many blocks further on, and the first ones stay on the host.
    uncounted: u32,
    engine: Engine,
}

impl File {
    fn new(shape: Shape<'_>, workload: &Workload) -> Self {
        let architecture = shape.architecture;
        let uncounted = match workload.engine {
            Engine::Ollama if !shape.drafter.loads_blocks(architecture, workload) => {
                architecture.prediction_layers
            }
            Engine::Ollama | Engine::LlamaCpp | Engine::Vllm => 0,
        };
        Self {
            blocks: architecture.block_count,
            layers: architecture.file_layers() - uncounted,
            prediction: architecture.prediction_layers,
            uncounted,
            engine: workload.engine,
        }
    }
}

/// How many layers each GPU holds, in the order of the model; the output layer is the last one of the last GPU.
#[derive(Clone)]
struct Counts {
    /// All layers of a GPU.
    layers: Vec<u32>,
    /// Those of them whose experts are on the host, at least in part.
    without_experts: Vec<u32>,
    /// What the first of these keeps of its experts.
    partial: Vec<Option<KeptExperts>>,
}

impl Counts {
    fn total(&self) -> u32 {
        self.layers.iter().sum()
    }

    /// `count` more layers on a GPU, without their experts if the model has any. The output layer has none.
    fn with_layers(&self, gpu: usize, count: u32, has_experts: bool, file: File) -> Self {
        let mut next = self.clone();
        next.layers[gpu] += count;
        if has_experts {
            let bare = match file.engine {
                Engine::LlamaCpp => 1 + file.prediction,
                Engine::Ollama | Engine::Vllm => 1,
            };
            let holds_output = gpu + 1 == self.layers.len();
            let bare = if holds_output { bare } else { 0 };
            next.without_experts[gpu] = next.layers[gpu].saturating_sub(bare);
        }
        next
    }

    /// The first GPU with blocks whose experts are all on the host.
    fn first_without(&self) -> Option<usize> {
        let blocks = self.without_experts.iter().zip(&self.partial);
        blocks
            .map(|(count, partial)| count - u32::from(partial.is_some()))
            .position(|count| count > 0)
    }

    /// The next block whose experts are on the host on `gpu`, with a part of them.
    fn with_partial(&self, gpu: usize, from: usize, kept: KeptExperts) -> Self {
        let mut next = self.clone();
        next.layers[from] -= 1;
        next.without_experts[from] -= 1;
        next.layers[gpu] += 1;
        next.without_experts[gpu] += 1;
        next.partial[gpu] = Some(kept);
        next
    }

    /// The next `count` blocks whose experts are on the host, whole on `gpu`.
    fn with_experts(&self, gpu: usize, mut count: u32) -> Self {
        let mut next = self.clone();
        for from in gpu..self.layers.len() {
            let moved = count.min(next.without_experts[from]);
            next.without_experts[from] -= moved;
            next.layers[from] -= moved;
            next.layers[gpu] += moved;
            count -= moved;
        }
        next
    }

    fn assignment(&self, file: File) -> Assignment {
        let mut assignment = Assignment {
            gpus: self.layers.len(),
            prediction: vec![None; file.prediction as usize],
            ..Assignment::host(file.blocks)
        };
        // GPUs are filled from the end of the model (step 3 in common/fit.cpp), so that the first layers are those which the host keeps.
        let mut layer = file.layers - self.total();
        for (gpu, (&layers, &without)) in self.layers.iter().zip(&self.without_experts).enumerate()
        {
            let end = layer + layers;
            for held in layer + file.uncounted..end + file.uncounted {
                let blocks = assignment.blocks.iter_mut();
                if let Some(place) = blocks.chain(&mut assignment.prediction).nth(held as usize) {
                    *place = Some(gpu);
                } else {
                    assignment.output = Some(gpu);
                }
            }
            // Counted from the end, the output layer among them although it has no experts: a block of the last GPU keeps its own.
            let bare = match file.engine {
                Engine::Ollama | Engine::Vllm => end - without..end,
                Engine::LlamaCpp => layer..layer + without,
            };
            let (first, last) = (bare.start, bare.end.min(file.blocks));
            for block in first..last {
                assignment.host_experts[block as usize] = true;
            }
            if let Some(kept) = self.partial[gpu].filter(|_| first < last) {
                assignment.host_experts[first as usize] = false;
                let rest = Some(gpu + 1).filter(|next| *next < self.layers.len());
                assignment.partial.push(PartialBlock {
                    block: first,
                    kept,
                    rest,
                });
            }
            layer = end;
        }
        assignment
    }
}

/// As much of the model on these GPUs as the engine's fitting puts there. `None` where one of them has no room even for scratch space.
///
/// The fitting looks at one GPU at a time. Where what it does for one takes the margin of another, this looks at all of them.
pub(super) fn fill(
    shape: Shape<'_>,
    workload: Workload,
    pool: &GpuPool,
    gpus: &[usize],
) -> Option<Placement> {
    let filled = fill_by(shape, workload, pool, gpus, Looks::AtOne)?;
    let counts_all = File::new(shape, &workload).uncounted == 0;
    if filled.shortfall > Bytes::ZERO && counts_all {
        fill_whole(shape, workload, pool, gpus)
            .or_else(|| fill_by(shape, workload, pool, gpus, Looks::AtAll))
    } else {
        // Where blocks are not counted, experts that were meant for the host come to lie on GPUs that are full: the engine does so, and dies.
        Some(filled)
    }
}

/// The whole model, each GPU but the first as full as it may be once all of them work at once.
fn fill_whole(
    shape: Shape<'_>,
    workload: Workload,
    pool: &GpuPool,
    gpus: &[usize],
) -> Option<Placement> {
    let file = File::new(shape, &workload);
    let mut counts = Counts {
        layers: vec![0; gpus.len()],
        without_experts: vec![0; gpus.len()],
        partial: vec![None; gpus.len()],
    };
    // So many layers on this GPU, all that are left on the first.
    let with = |counts: &Counts, gpu, count| {
        let next = counts.with_layers(gpu, count, false, file);
        let left = file.layers - next.total();
        let all = next.with_layers(0, left, false, file);
        let assignment = all.assignment(file);
        (next, evaluate(shape, workload, pool, gpus, &assignment))
    };
    // From the last GPU on, as the fitting does; the first takes what is left.
    for gpu in (1..gpus.len()).rev() {
        let attempt_with = |count| {
            let (next, placement) = with(&counts, gpu, count);
            // Those before it are empty still, or hold all the rest.
            let full = placement.margins(pool).skip(gpu);
            let margin = full.min();
            let fits = margin.is_none_or(|margin| margin >= 0);
            Attempt {
                answer: fits.then_some(next),
                margin,
            }
        };
        if let Some((_, next)) = most(file.layers - counts.total(), None, attempt_with) {
            counts = next;
        }
    }
    let (_, placement) = with(&counts, 0, 0);
    (placement.shortfall == Bytes::ZERO).then_some(placement)
}

/// Which GPUs must have room for what one of them takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    AtOne,
    AtAll,
}

fn fill_by(
    shape: Shape<'_>,
    workload: Workload,
    pool: &GpuPool,
    gpus: &[usize],
    looks: Looks,
) -> Option<Placement> {
    let file = File::new(shape, &workload);
    let mut blocks = shape.weights.blocks.iter();
    let has_experts = blocks.any(|block| block.experts > Bytes::ZERO);
    let attempt = |counts: &Counts| {
        let assignment = counts.assignment(file);
        evaluate(shape, workload, pool, gpus, &assignment)
    };
    let fits = |placement: &Placement| placement.shortfall == Bytes::ZERO;
    // What the engine measures of a GPU, within what it may.
    let margin = |placement: &Placement, gpu: usize| {
        let mut margins = placement.margins(pool);
        match looks {
            Looks::AtOne => margins.nth(gpu),
            Looks::AtAll => margins.min(),
        }
    };
    let keeps = |placement: &Placement, gpu| margin(placement, gpu).is_none_or(|left| left >= 0);
    let attempted = |counts: &Counts, gpu| {
        let placement = attempt(counts);
        let margin = margin(&placement, gpu);
        let kept = keeps(&placement, gpu);
        Attempt {
            answer: kept.then_some(placement),
            margin,
        }
    };
    let mut counts = Counts {
        layers: vec![0; gpus.len()],
        without_experts: vec![0; gpus.len()],
        partial: vec![None; gpus.len()],
    };
    // Before the first layer a GPU has a context and scratch space already.
    let mut best = Some(attempt(&counts)).filter(fits)?;
    // The output layer is never a part of a layer, so that the last GPU, which holds it, comes first.
    for gpu in (0..gpus.len()).rev() {
        let with = |count| counts.with_layers(gpu, count, has_experts, file);
        let left = file.layers - counts.total();
        let attempt_with = |count| attempted(&with(count), gpu);
        if let Some((count, placement)) = most(left, margin(&best, gpu), attempt_with) {
            (counts, best) = (with(count), placement);
        }
    }
    // Experts come along only where all dense parts have room (`global_surplus_cpu_moe` in common/fit.cpp).
    if !has_experts || !dense_parts_fit(shape, workload, pool, gpus) {
        return Some(best);
    }
    for gpu in 0..gpus.len() {
        // What lies on a later GPU may come forward; what lies on an earlier one stays.
        let Some(first) = counts.first_without() else {
            break;
        };
        if first < gpu {
            break;
        }
        let with = |count| counts.with_experts(gpu, count);
        let left = counts.without_experts[first..].iter().sum();
        let attempt_with = |count| attempted(&with(count), gpu);
        if let Some((count, placement)) = most(left, margin(&best, gpu), attempt_with) {
            (counts, best) = (with(count), placement);
        }
        if workload.engine == Engine::LlamaCpp {
            continue;
        }
        let Some(from) = counts.first_without() else {
            break;
        };
        // What this GPU does not keep of the block is the next one's, which must have room for it, too.
        let part = |kept| {
            let with = counts.with_partial(gpu, from, kept);
            let placement = attempt(&with);
            let both_keep = keeps(&placement, gpu) && keeps(&placement, gpu + 1);
            both_keep.then_some((with, placement))
        };
        // The engine tries up, and adds gate where that fits: the most that fits is the same in either order.
        let larger = [
            KeptExperts::UpAndGate,
            KeptExperts::Up,
            KeptExperts::Nothing,
        ];
        if let Some((with, placement)) = larger.into_iter().find_map(part) {
            (counts, best) = (with, placement);
        }
    }
    Some(best)
}

/// Whether all dense parts would find room, taken over all GPUs.
fn dense_parts_fit(shape: Shape<'_>, workload: Workload, pool: &GpuPool, gpus: &[usize]) -> bool {
    let free: Vec<Bytes> = gpus
        .iter()
        .map(|at| pool.devices[*at].free - pool.devices[*at].overhead)
        .collect();
    let mut assignment = Assignment::split(shape.architecture, &free);
    assignment.host_experts.fill(true);
    // In sum, not GPU by GPU: so the engine asks it.
    let usable: Bytes = gpus.iter().map(|at| pool.devices[*at].usable()).sum();
    let placement = evaluate(shape, workload, pool, gpus, &assignment);
    placement.total() + placement.padding < usable
}

//! What files need under usual settings, known before anybody asks: of most models a ranking tells nothing but that they fit.

use super::estimate_input::estimate_input;
use super::place::{Device, GpuPool, Verdict, place};
use super::ranking::Request;
use super::workload::{Build, Workload};
use crate::catalog::model::{Model, Variant};
use crate::catalog::{Catalog, Entry};
use crate::units::Bytes;

/// The contexts, in tokens, for which a need is known: those of [`Task::usual_context`](crate::request::Task::usual_context).
const CONTEXTS: [u32; 2] = [8192, 32_768];

/// Gives every model that can be estimated its `usual_need` and `least_need`.
pub fn fill(catalog: &mut Catalog) {
    let needs = catalog.models.iter().map(|model| {
        let of = |file: &Variant| usual_need(catalog, Entry::new(model, file));
        let smallest = smallest_file(model);
        (model.variants.first().and_then(of), smallest.and_then(of))
    });
    let needs: Vec<_> = needs.collect();
    for (model, (usual, least)) in catalog.models.iter_mut().zip(needs) {
        model.usual_need = usual;
        model.least_need = least;
    }
}

/// A model's smallest file, where it has one that is smaller than the default.
fn smallest_file(model: &Model) -> Option<&Variant> {
    let (default, others) = model.variants.split_first()?;
    let smaller = others
        .iter()
        .filter(|file| file.weights.is_some() && file.weights < default.weights);
    smaller.min_by_key(|file| file.weights)
}

fn usual_need(catalog: &Catalog, entry: Entry<'_>) -> Option<[Bytes; 2]> {
    let model = entry.model;
    let input = estimate_input(catalog, entry)?;
    // As large as no GPU is, so that Ollama takes the largest batch.
    let device = Device {
        host: 0,
        gpu: 0,
        free: Bytes::gib(1 << 20),
        reserve: Bytes::ZERO,
        // Whoever asks adds that of the GPU at hand.
        overhead: Bytes::ZERO,
        flash_attention: true,
        cuda: true,
        partition: false,
    };
    let pool = GpuPool {
        devices: vec![device],
        hosts: vec![None],
        ..GpuPool::default()
    };
    let need = |context_length: u32| {
        let of_build = |build| {
            let workload = Workload {
                context_length: within_training(model, context_length),
                build,
                ..Workload::default()
            };
            let placement = place(input.shape(), &workload, &pool);
            let claim = placement.claims().sum::<Bytes>();
            (placement.verdict == Verdict::Fits).then_some(claim)
        };
        // Whichever of them is asked for, it takes no more.
        let needs: Option<Vec<Bytes>> = Build::ALL.into_iter().map(of_build).collect();
        needs?.into_iter().max()
    };
    let [short, long] = CONTEXTS.map(need);
    Some([short?, long?])
}

fn within_training(model: &Model, context_length: u32) -> u32 {
    context_length.min(model.context_length.unwrap_or(u32::MAX))
}

/// Whether a model's default file, or its smallest, fits whole on one of these GPUs for sure, found without an estimate: under the usual
/// settings, with a context for which as much is known. `false` says nothing.
pub fn surely_fits(model: &Model, request: &Request, pool: &GpuPool) -> bool {
    let asked = request.workload;
    let usual = Workload {
        context_length: asked.context_length,
        build: asked.build,
        depth: asked.depth,
        // Which others it would take says nothing of the usual one.
        ollamas_types: asked.ollamas_types,
        ..Workload::default()
    };
    let trained = model.context_length.unwrap_or(u32::MAX);
    if asked != usual
        || request.longest_context
        || pool.spread
        || request.context_asked && trained < asked.context_length
    {
        return false;
    }
    // What needs more memory is as sure, and no more.
    let Some(at) = CONTEXTS
        .iter()
        .position(|known| asked.context_length <= *known)
    else {
        return false;
    };
    let fits = |need: Bytes| {
        let holds =
            |device: &Device| device.flash_attention && need + device.overhead <= device.usable();
        pool.devices.iter().any(holds)
    };
    let needs = [model.usual_need, model.least_need];
    needs.into_iter().flatten().any(|needs| fits(needs[at]))
}

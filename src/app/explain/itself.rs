//! What Ollama would do with a model by itself.

use crate::app::hardware::Hardware;
use crate::app::reporting;
use crate::app::session::Session;
use crate::architecture::Architecture;
use crate::engine::estimate_input::EstimateInput;
use crate::engine::place::{Placement, Verdict, place};
use crate::engine::runtime::{
    OllamaDefault, Profile, build_of_version, ollama_default, ollama_default_context, predicted,
};
use crate::engine::workload::Workload;
use crate::error::Error;
use crate::report::{OllamaChoice, OllamaNote, OllamaReport};

/// The context that it opens with where no GPU is large.
const LEAST_DEFAULT: u32 = 4096;

/// At the context that it opens with, and at that of the answer.
pub(super) fn itself(
    session: &Session,
    hardware: &Hardware,
    input: &EstimateInput<'_>,
    ours: &Placement,
    workload: &Workload,
) -> Result<Option<OllamaReport>, Error> {
    let (version, profile) = session.ollama()?;
    let (shape, pool) = (input.shape(), &hardware.pool);
    // The answer is for the slots that were asked for; this is what Ollama makes of them.
    let alone = workload.parallel > 1 && input.single_slot();
    let workload = &Workload {
        parallel: if alone { 1 } else { workload.parallel },
        ..*workload
    };
    if pool.devices.is_empty() && hardware.on_cpu && !session.global.cpu {
        return Ok(Some(without_gpus(
            session, hardware, input, ours, workload,
        )?));
    }
    let Some(opened) = ollama_default_context(shape, workload, pool, &hardware.totals, profile)
    else {
        return Ok(None);
    };
    let mut notes = Vec::new();
    if profile != Profile::LlamaServer {
        notes.push(OllamaNote::OldVersion);
    }
    if let Some((engine, true)) = build_of_version(&version) {
        notes.push(OllamaNote::NewerThanKnown { engine });
    }
    let context_length = opened.context_length;
    if context_length < opened.tried {
        notes.push(OllamaNote::ContextLowered {
            tried: opened.tried,
            context_length,
        });
    }
    match opened.choice.placement.refusal(shape.architecture) {
        Some(fault) => notes.push(OllamaNote::NotLoaded {
            kv_cache_type: workload.kv_cache_type,
            fault,
        }),
        None => {
            notes.extend(of_choice(&opened.choice, ours, pool.machines.is_some()));
            // Of what does not load there is nothing more to say: no context helps, and no memory is taken.
            notes.extend(match opened.choice.placement.verdict {
                Verdict::DoesNotFit => None,
                Verdict::Fits => Some(OllamaNote::DefaultContextFits { context_length }),
                _ => Some(OllamaNote::DefaultContextOffloads { context_length }),
            });
        }
    }
    if alone {
        notes.push(OllamaNote::SingleSlot);
    }
    notes.extend(prediction(&opened.choice, shape.architecture));
    let asked = (workload.context_length != context_length)
        .then(|| ollama_default(shape, workload, pool))
        .flatten();
    Ok(Some(OllamaReport {
        version,
        predicted: opened.choice.predicted,
        placement: reporting::placement(hardware, &opened.choice.placement),
        context_default: context_length,
        asked: asked.map(|choice| OllamaChoice {
            context_length: workload.context_length,
            predicted: choice.predicted,
            placement: reporting::placement(hardware, &choice.placement),
        }),
        notes,
    }))
}

/// Where it leaves out every GPU: the CPU does all, at the context that it opens with there.
fn without_gpus(
    session: &Session,
    hardware: &Hardware,
    input: &EstimateInput<'_>,
    ours: &Placement,
    workload: &Workload,
) -> Result<OllamaReport, Error> {
    let (version, _) = session.ollama()?;
    let shape = input.shape();
    let context_length = LEAST_DEFAULT.min(workload.context_length);
    let predicted = |context_length: u32| {
        let total = u64::from(context_length) * u64::from(workload.parallel);
        predicted(shape, shape.weights.in_file(), total)
    };
    let opened = Workload {
        context_length,
        ..*workload
    };
    let placed = place(shape, &opened, &hardware.pool);
    Ok(OllamaReport {
        version,
        predicted: predicted(context_length),
        placement: reporting::placement(hardware, &placed),
        context_default: context_length,
        asked: (context_length != workload.context_length).then(|| OllamaChoice {
            context_length: workload.context_length,
            predicted: predicted(workload.context_length),
            placement: reporting::placement(hardware, ours),
        }),
        notes: Vec::new(),
    })
}

/// What is to say of the GPUs that it hands over, and of what the engine does there.
fn of_choice(choice: &OllamaDefault, ours: &Placement, shared: bool) -> Vec<OllamaNote> {
    let mut notes = Vec::new();
    match choice.devices.len() {
        1 => notes.push(OllamaNote::OneGpu),
        gpus if ours.verdict >= Verdict::Tight && ours.shares.len() < gpus => {
            notes.push(OllamaNote::SpreadsOverAll {
                gpus: gpus as u32,
                enough: ours.shares.len() as u32,
            });
        }
        _ => {}
    }
    let placement = &choice.placement;
    if placement.verdict < Verdict::Offloads {
        notes.push(OllamaNote::OutOfMemory { shared });
    }
    if !placement.host.is_empty() {
        notes.push(OllamaNote::SilentOffload {
            layers: placement.host.layers,
            expert_layers: placement.host.expert_layers,
        });
    }
    notes
}

/// The prediction beside what the model takes on GPUs, or would take there if they had room: that is what Ollama compares it with.
fn prediction(choice: &OllamaDefault, architecture: &Architecture) -> Option<OllamaNote> {
    let placement = &choice.placement;
    if placement.verdict < Verdict::Offloads || placement.refusal(architecture).is_some() {
        return None;
    }
    let host = &choice.placement.host;
    let taken = choice.placement.total() + host.weights() + host.kv_cache;
    let off = (choice.predicted.0 as f64 / taken.0.max(1) as f64 - 1.0) * 100.0;
    (off.abs() >= 10.0).then_some(OllamaNote::PredictionOff {
        percent: off.round() as i32,
    })
}

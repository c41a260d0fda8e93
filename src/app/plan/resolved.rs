//! The models of a plan's demands, looked up in the catalog.

use super::super::args::PlanArgs;
use super::super::explain::not_estimated;
use super::super::hardware::Hardware;
use super::super::session::Session;
use super::checkpoint;
use super::demand::Demand;
use crate::catalog::Entry;
use crate::catalog::checkpoint::Checkpoint;
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::engine::llama_server::of_own;
use crate::engine::pack::Model;
use crate::engine::workload::{Engine, Workload};
use crate::error::Error;
use crate::report::PlanNote;

/// A model of the demands, looked up.
pub(super) struct Known<'a> {
    pub entry: Entry<'a>,
    pub input: EstimateInput<'a>,
    pub workload: Workload,
    /// Tokens that it was trained for.
    pub trained: u32,
    /// What vLLM loads in its place.
    pub checkpoint: Option<&'a Checkpoint>,
}

/// Every demand's model, and what is to be said of it.
pub(super) struct ResolvedDemands<'a> {
    pub known: Vec<Known<'a>>,
    /// For each demand its model.
    pub model: Vec<usize>,
    /// For each demand the tag under which it is served: as it was typed.
    pub tags: Vec<String>,
    pub notes: Vec<PlanNote>,
}

/// Looks the tags up.
///
/// # Errors
///
/// A tag that no model has, or that cannot be estimated with the engine that is asked for.
pub(super) fn resolve<'a>(
    session: &'a Session,
    args: &PlanArgs,
    hardware: &Hardware,
    demands: &[Demand],
) -> Result<ResolvedDemands<'a>, Error> {
    let (workload, context_asked) = session.workload(&args.workload)?;
    let mut resolved = ResolvedDemands {
        known: Vec::new(),
        model: Vec::new(),
        tags: Vec::new(),
        notes: Vec::new(),
    };
    for demand in demands {
        let (entry, served) = published(session, demand, &mut resolved.notes)?;
        let input = estimate_input(&session.catalog, entry)
            .ok_or_else(|| not_estimated(entry.tag, entry.model))?;
        // Where it is not known for how many it was trained, no context is clamped.
        let trained = (entry.model.context_length)
            .filter(|length| *length > 0)
            .unwrap_or(u32::MAX);
        let asked = demand.context.unwrap_or(workload.context_length);
        // The usual context is nobody's wish, so that nothing is said where a model has less.
        if asked > trained && (context_asked || demand.context.is_some()) {
            let clamped = PlanNote::ContextClamped {
                tag: served.clone(),
                asked,
                context_length: trained,
            };
            note(&mut resolved.notes, clamped);
        }
        let workload = Workload {
            context_length: asked.min(trained),
            parallel: demand.parallel.unwrap_or(workload.parallel),
            kv_cache_type: demand.kv_cache_type.unwrap_or(workload.kv_cache_type),
            ..workload
        };
        let mut known = Known {
            entry,
            input,
            workload,
            trained,
            checkpoint: None,
        };
        match demand.engine.or(args.engine).unwrap_or_default() {
            // It picks its own batch, whatever Ollama would: 512 tokens, and an encoder's text whole.
            Engine::LlamaCpp => known.workload = of_own(workload),
            Engine::Ollama => {
                // A server of llama.cpp takes more types of cache than Ollama passes on to its own.
                crate::error::for_ollama(workload.kv_cache_type, workload.ollamas_types)?;
                if workload.parallel > 1 && known.input.single_slot() {
                    let tag = served.clone();
                    note(&mut resolved.notes, PlanNote::OneSlot { tag });
                }
            }
            Engine::Vllm => {
                let chosen = checkpoint::chosen(session, hardware, entry, workload)?;
                let replaced = PlanNote::Checkpoint {
                    tag: served.clone(),
                    repository: chosen.checkpoint.repository.clone(),
                    format: chosen.checkpoint.format,
                    bytes: chosen.checkpoint.bytes,
                };
                note(&mut resolved.notes, replaced);
                known.input = chosen.input;
                known.workload = chosen.workload;
                known.checkpoint = Some(chosen.checkpoint);
            }
        }
        resolved.add(known, served);
    }
    Ok(resolved)
}

/// The model of a demand and the tag under which it is served. One that Ollama does not publish is replaced by the one that it does.
fn published<'a>(
    session: &'a Session,
    demand: &Demand,
    notes: &mut Vec<PlanNote>,
) -> Result<(Entry<'a>, String), Error> {
    let entry = session.entry(&demand.tag)?;
    // What is still published can be pulled as it was asked for, though there is a newer one.
    let replaced_by = (entry.model.replaced_by.as_deref()).filter(|_| !entry.model.published);
    if let Some(by) = replaced_by {
        let replaced = PlanNote::Replaced {
            tag: entry.tag.to_owned(),
            by: by.to_owned(),
        };
        note(notes, replaced);
        let entry = session.entry(by)?;
        return Ok((entry, entry.tag.to_owned()));
    }
    // Ollama reads names without regard to case, and keeps each under the name by which it was pulled. A file has a path and a name.
    let typed = demand.tag.trim();
    let served = if entry.model.local || typed.eq_ignore_ascii_case(entry.tag) {
        entry.tag
    } else {
        typed
    };
    Ok((entry, served.to_owned()))
}

fn note(notes: &mut Vec<PlanNote>, note: PlanNote) {
    if !notes.contains(&note) {
        notes.push(note);
    }
}

impl<'a> ResolvedDemands<'a> {
    /// For each model the tokens that it was trained for.
    pub(super) fn trained(&self) -> Vec<u32> {
        self.known.iter().map(|known| known.trained).collect()
    }

    /// One more demand: of a model that is there already with the same workload, or of a new one.
    fn add(&mut self, model: Known<'a>, served: String) {
        let same = |known: &Known<'_>| {
            known.entry.tag == model.entry.tag && known.workload == model.workload
        };
        let at = self.known.iter().position(same);
        self.model.push(at.unwrap_or(self.known.len()));
        self.tags.push(served);
        if at.is_none() {
            self.known.push(model);
        }
    }

    /// The tag under which a model is served: that of its first demand.
    pub(super) fn tag(&self, model: usize) -> &str {
        let demand = self.model.iter().position(|of| *of == model);
        demand.map_or("", |demand| &self.tags[demand])
    }

    /// The models as the engine wants them.
    pub(super) fn models(&self) -> Vec<Model<'_>> {
        let model = |known: &'_ Known<'a>| known.workload;
        let workloads = self.known.iter().map(model);
        let shapes = self.known.iter().map(|known| known.input.shape());
        shapes
            .zip(workloads)
            .map(|(shape, workload)| Model { shape, workload })
            .collect()
    }
}

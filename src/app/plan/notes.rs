//! What a plan says besides its services.

use super::{Planning, resolved};
use crate::engine::pack::experts::would_fit_with_own_server;
use crate::engine::pack::further::left_free;
use crate::engine::pack::simulate::LoadedPlan;
use crate::engine::pack::{Problem, Solution};
use crate::engine::workload::Engine;
use crate::inventory::{Note, NoteCode};
use crate::report::PlanNote;
use crate::units::Bytes;

/// GPUs that Ollama leaves out, or whoever asks.
fn left_out(note: &Note) -> Option<PlanNote> {
    if note.code == NoteCode::GpusNotUsed {
        return Some(PlanNote::GpusNotUsed);
    }
    let is_one = matches!(note.code, NoteCode::DriverTooOld | NoteCode::GpuTooOld);
    is_one.then(|| PlanNote::GpusLeftOut {
        gpus: note.subject.clone().unwrap_or_default(),
        driver: note.detail.clone(),
    })
}

impl Planning<'_> {
    /// What was assumed, and what must be known of what was found.
    pub(super) fn notes(
        &self,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
        kept: &[usize],
    ) -> Vec<PlanNote> {
        let mut notes = self.resolved.notes.clone();
        notes.extend(self.hardware.report.notes.iter().filter_map(left_out));
        // No demand has one of its own, so that the first stands for all; so, too, with drafts.
        let asked = |known: &resolved::Known<'_>| known.workload.batch;
        if let Some(batch) = self.resolved.known.iter().find_map(asked) {
            notes.push(PlanNote::Batch { batch });
        }
        let asked = |known: &resolved::Known<'_>| known.workload.draft;
        if let Some(tokens) = self.resolved.known.iter().find_map(asked) {
            notes.push(PlanNote::Draft { tokens });
        }
        let free = left_free(problem, loaded, kept);
        if !free.is_empty() {
            notes.push(PlanNote::KeptFree {
                gpus: free.iter().map(|at| self.gpu_name(*at)).collect(),
            });
        }
        if self.wanted.headroom > Bytes::ZERO {
            notes.push(PlanNote::Headroom {
                bytes: self.wanted.headroom,
            });
        }
        let missing = (0..problem.items.len()).filter(|item| solution.places[*item].is_none());
        let must = missing.filter(|item| self.wanted.demands[self.demand_of[*item]].must);
        // Replicas of a demand follow each other, so that each tag is told once.
        let mut tags: Vec<String> = must.map(|item| self.tag(item).to_owned()).collect();
        tags.dedup();
        if !tags.is_empty() {
            notes.push(PlanNote::MustServe { tags });
        }
        for (at, model) in problem.models.iter().enumerate() {
            let context_length = model.workload.context_length;
            if context_length > self.resolved.known[at].workload.context_length {
                notes.push(PlanNote::ContextWidened {
                    tag: self.resolved.tag(at).to_owned(),
                    context_length,
                });
            }
        }
        let mut tenants = vec![0_u32; loaded.committed.len()];
        solution
            .places
            .iter()
            .flatten()
            .flatten()
            .for_each(|at| tenants[*at] += 1);
        let shares = |item: &usize| {
            let place = solution.places[*item].as_ref();
            let workload = &problem.models[problem.items[*item].model].workload;
            // Who is told how to split does so whatever is free.
            let place = place.filter(|_| workload.engine == Engine::Ollama);
            place.is_some_and(|place| place.len() > 1 && place.iter().any(|at| tenants[*at] > 1))
        };
        let sharing = solution.order.iter().filter(|item| shares(item));
        let mut tags: Vec<String> = sharing.map(|item| self.tag(*item).to_owned()).collect();
        tags.dedup();
        if !tags.is_empty() {
            notes.push(PlanNote::StartInOrder { tags });
        }
        notes.extend(self.experts(problem, solution, loaded));
        if !solution.optimal {
            notes.push(PlanNote::Gap {
                wanted: problem.items.len() as u32,
                placed: solution.placed() as u32,
                bound: solution.bound as u32,
            });
        }
        notes
    }

    /// Whose experts lie in system memory, and whose would if `llama-server` served them.
    fn experts(
        &self,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
    ) -> Vec<PlanNote> {
        let mut notes = Vec::new();
        for (item, placement) in loaded.placements.iter().enumerate() {
            let host = placement.as_ref().map(|placement| placement.host);
            let Some(host) = host.filter(|host| host.expert_layers > 0) else {
                continue;
            };
            let model = &problem.models[problem.items[item].model];
            let note = PlanNote::ExpertsOnHost {
                tag: self.tag(item).to_owned(),
                blocks: host.expert_layers,
                of: model.shape.architecture.block_count,
                bytes: host.experts,
            };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let would = would_fit_with_own_server(problem, solution, loaded).into_iter();
        let mut tags: Vec<String> = would.map(|item| self.tag(item).to_owned()).collect();
        tags.dedup();
        if !tags.is_empty() {
            notes.push(PlanNote::WithOwnServer { tags });
        }
        notes
    }
}

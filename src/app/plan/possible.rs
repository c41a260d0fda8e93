//! Which of the changes that would give a service a place its engine can make.

use super::Planning;
use super::resolved::Known;
use crate::engine::fix::Fix;
use crate::engine::workload::Engine;

impl Planning<'_> {
    /// Leaves out what a model's engine has nothing to do with.
    pub(super) fn keep_possible(&self, model: &Known<'_>, fixes: &mut Vec<Fix>) {
        let narrowed = !self.hardware.not_for_ollama.is_empty();
        fixes.retain(|fix| match model.workload.engine {
            // Another file of Ollama's, or another type of cache, is none of vLLM's.
            Engine::Vllm => matches!(fix, Fix::MoreGpus { .. } | Fix::FewerReplicas { .. }),
            // Nobody pinned it to the GPUs that Ollama does not leave out.
            Engine::Ollama => !narrowed || *fix != Fix::WithoutPin,
            Engine::LlamaCpp => true,
        });
    }
}

//! Models that their makers published again under the same name.

use std::collections::BTreeMap;

use crate::catalog::model::Model;

/// The newest editions of models that their makers published again, such as `qwen3:4b` of April and of August 2025: by family, shape and
/// parameters.
#[derive(Default)]
pub(super) struct Editions<'a>(BTreeMap<(&'a str, u32, u64), &'a str>);

impl<'a> Editions<'a> {
    /// Whether a model is no older than those told before it. What stands below a newer edition is of no use to who reads from the top.
    pub(super) fn is_new(&mut self, model: &'a Model) -> bool {
        let (Some(shape), Some(parameters), Some(released)) =
            (model.architecture, model.parameters, &model.released)
        else {
            return true;
        };
        let newest = self.0.entry((model.family(), shape, parameters));
        let newest = newest.or_insert(released);
        // A date may be told to the month.
        let known = newest.len().min(released.len());
        let is_older = newest.get(..known) > released.get(..known);
        if !is_older {
            *newest = released;
        }
        !is_older
    }
}

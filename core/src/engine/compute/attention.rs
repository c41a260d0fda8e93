//! Attention: queries, scores, and 16-bit copies of a quantised cache.

use crate::architecture::{LayerKind, Mla};
use crate::units::Bytes;

use super::{Settings, floats};

/// Heads of a length that the engine rotates by Hadamard matrices before it quantises their keys and values.
const ROTATED: u32 = 64;

impl Settings<'_> {
    pub(super) fn attention(&self, layer: u32, form: &LayerKind) -> Bytes {
        if !form.attends() || self.attends_on_host {
            return Bytes::ZERO;
        }
        let cells = self.cells_of(form.memory);
        let scores = floats(
            cells
                .saturating_mul(u64::from(form.heads))
                .saturating_mul(self.batch),
        );
        let (key, value) = self.architecture.cache_rows(layer);
        // A 16-bit copy of so many elements of every cell.
        let copy = |elements: u64| {
            Bytes(
                (2 * self.parallel)
                    .saturating_mul(cells)
                    .saturating_mul(elements),
            )
        };
        let indexer = self.indexer(form, cells);
        let quantised = self.is_quantised();
        if let Some(mla) = self.latent() {
            return self.latent_attention(mla, form, scores, copy) + indexer;
        }
        let mut elements = self.attention_elements(layer, form, quantised);
        if quantised && self.flash_attention && self.architecture.traits.parallel_residual {
            // The network beside it waits for its result.
            elements += self.network_width(form);
            if self.architecture.sliding.is_some() {
                elements += self.width();
            }
        }
        let tokens = floats(elements.saturating_mul(self.batch)) + indexer;
        let copied = if self.keys.is_quantised() { key } else { 0 }
            + if self.values.is_quantised() { value } else { 0 };
        match (self.flash_attention, quantised) {
            (true, false) => tokens,
            (true, true) => tokens + copy(copied),
            (false, _) if self.transposed => tokens + scores,
            (false, _) => tokens + scores + copy(value),
        }
    }

    /// Elements that a token needs in attention, beside scores and copies.
    fn attention_elements(&self, layer: u32, form: &LayerKind, quantised: bool) -> u64 {
        let d = self.width();
        let (query, output) = self.query(form);
        let old = self.is_old();
        let architecture = self.architecture;
        if let Some(mla) = &architecture.mla {
            let expanded = u64::from(form.heads) * (u64::from(mla.nope) + u64::from(mla.value));
            let copies = if old { 2 } else { 1 };
            return 2 * d + 2 * query + copies * expanded;
        }
        if architecture.traits.gated_query {
            let queries = match (self.flash_attention, quantised) {
                (true, false) => 3,
                (true, true) => 6,
                (false, _) => 4,
            };
            let residual = if old { d } else { 2 * d };
            return residual + queries * query;
        }
        if architecture.traits.fused_qkv {
            let residual = if old { 2 * d } else { 4 * d };
            let (key, value) = architecture.cache_rows(layer);
            return match (self.flash_attention, architecture.traits.parallel_residual) {
                // A rotated copy of all that was projected at once, beside the query.
                (true, false) if quantised && self.rotates(form) => {
                    residual + output + 2 * query + key + value
                }
                (true, _) => residual + output,
                (false, true) => residual + if old { 2 * d } else { d },
                (false, false) => residual,
            };
        }
        let residual = match (old, query > d) {
            (true, _) => 2 * d,
            (false, true) => 4 * d,
            (false, false) => 3 * d,
        };
        residual + query + output
    }

    /// Whether queries, keys and values are rotated before the cache takes them.
    fn rotates(&self, form: &LayerKind) -> bool {
        let (key, _) = self.architecture.head_lengths_of(form.memory);
        key.is_multiple_of(ROTATED)
    }

    /// What an indexer adds to a mask.
    pub(super) fn indexer_inputs(&self) -> Bytes {
        match &self.architecture.indexer {
            // A second mask, and where its keys go.
            Some(_) if self.latent().is_some() => {
                Bytes((2 * self.cells + 8).saturating_mul(self.batch))
            }
            _ => Bytes::ZERO,
        }
    }

    /// What the choice of cells needs. There is no closed form: the scores of a token with every cell, and its heads' queries, generously.
    fn indexer(&self, form: &LayerKind, cells: u64) -> Bytes {
        let Some(indexer) = self.architecture.indexer.as_ref().filter(|_| form.indexer) else {
            return Bytes::ZERO;
        };
        let [heads, key] = [indexer.head_count, indexer.key_length].map(u64::from);
        let elements = if self.latent().is_some() {
            3 * cells + 14 * heads * key
        } else {
            2 * heads * cells
        };
        floats(elements.saturating_mul(self.batch))
    }

    /// Attention in the latent space: the cache is small, the queries are large.
    fn latent_attention(
        &self,
        mla: &Mla,
        form: &LayerKind,
        scores: Bytes,
        copy: impl Fn(u64) -> Bytes,
    ) -> Bytes {
        let [heads, latent, rope, nope] =
            [form.heads, mla.kv_lora_rank, mla.rope, mla.nope].map(u64::from);
        let d = self.width();
        let (residual, spare) = if self.is_old() {
            (3 * d, d)
        } else {
            (4 * d, 0)
        };
        let query = heads * (nope + rope);
        let tokens = residual + query + heads * (2 * latent + 2 * rope);
        let tokens = floats(tokens.saturating_mul(self.batch));
        let absorbed = floats((heads * latent).saturating_mul(self.batch));
        let (values, rows) = (copy(latent), copy(latent + rope));
        match (self.flash_attention, self.is_quantised()) {
            (true, false) => tokens,
            // A small copy fits where the query was.
            (true, true) if rows <= floats((query + spare).saturating_mul(self.batch)) => tokens,
            (true, true) => tokens + absorbed + rows,
            (false, _) if values <= absorbed => tokens + scores,
            (false, _) => tokens + scores + values,
        }
    }

    /// What a host that attends hands back to a GPU for each of its blocks.
    pub(in crate::engine) fn handed_back(&self, layers: impl Iterator<Item = u32>) -> Bytes {
        if !self.attends_on_host {
            return Bytes::ZERO;
        }
        let forms = layers.map(|layer| &self.forms[layer as usize]);
        let outputs = forms
            .filter(|form| form.attends())
            .map(|form| self.query(form).1);
        floats(outputs.sum::<u64>().saturating_mul(self.batch))
    }

    /// The host's part where it attends for want of a kernel: queries, keys, values and their copies in 32 bits, and the mask.
    pub(in crate::engine) fn attention_on_host(&self) -> Bytes {
        let mut worst = Bytes::ZERO;
        for (layer, form) in (0..).zip(self.forms) {
            if form.attends() {
                let (query, _) = self.query(form);
                let (key, value) = self.architecture.cache_rows(layer);
                let tokens = 3 * (query + key + value) + 2 * self.width();
                let mask = 2 * self.cells_of(form.memory);
                let bytes = floats(tokens.saturating_mul(self.batch))
                    + Bytes(mask.saturating_mul(self.batch));
                worst = worst.max(bytes);
            }
        }
        worst
    }
}

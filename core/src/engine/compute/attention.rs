//! Attention: queries, scores, and 16-bit copies of a quantised cache.

use crate::architecture::{CacheKind, LayerKind, Mla};
use crate::quantization::TensorType;
use crate::units::Bytes;

use super::super::build::Graph;
use super::super::kv_cache::Cache;
use super::super::settings::Settings;
use super::floats;

/// Heads of a length that the engine rotates by Hadamard matrices before it quantises their keys and values.
const ROTATED: u32 = 64;

impl Settings<'_> {
    pub(super) fn attention(&self, layer: u32, form: &LayerKind) -> Bytes {
        if self.architecture.is_encoder() && !self.flash_attention {
            // Every token of a batch with every other.
            let (query, output) = self.query(form);
            let scores = u64::from(form.heads) * self.batch;
            let residual = if self.is_old() { 3 } else { 4 } * self.width();
            let elements = residual + query + output + scores;
            return floats(elements.saturating_mul(self.batch));
        }
        if !form.attends() {
            return Bytes::ZERO;
        }
        let cells = self.cells_of(form.memory);
        if self.attends_on_host {
            return self.indexer(form, cells);
        }
        // Once: softmax writes over what it reads (`ggml_op_can_inplace` in ggml-alloc.c).
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
        let (quantised, copies) = (self.is_quantised(), self.is_copied());
        if let Some(mla) = self.latent() {
            return self.latent_attention(mla, form, scores, copy) + indexer;
        }
        let mut elements = self.attention_elements(layer, form, quantised);
        let kept = |kind: TensorType, row: u64| if kind == TensorType::F16 { 0 } else { row };
        let copied = copy(kept(self.keys, key) + kept(self.values, value));
        if copies && self.flash_attention && self.architecture.traits.parallel_residual {
            // The network beside it waits for its result.
            elements += self.network_width(form);
            elements += self.rotation_copies(form, key + value, copied);
            if self.architecture.sliding.is_some() {
                elements += self.width();
            }
        }
        if copies && self.flash_attention {
            elements = elements.max(self.rows_of_blocks(form));
            if [self.keys, self.values].contains(&TensorType::BF16) {
                elements += self.query(form).0;
            }
        }
        let tokens = floats(elements.saturating_mul(self.batch)) + indexer;
        if self.architecture.traits.biased_scores {
            return tokens + scores * 4;
        }
        match self.flash_attention {
            true => tokens + copied,
            // Transposed values are multiplied as they lie; others are copied before, in their own type (`v_cont` of `build_attn_mha`).
            false if self.transposed => tokens + scores,
            false if self.values == TensorType::F32 => tokens + scores + copy(2 * value),
            false => tokens + scores + copy(value),
        }
    }

    /// Elements that a token needs in attention, beside scores and copies.
    fn attention_elements(&self, layer: u32, form: &LayerKind, quantised: bool) -> u64 {
        let d = self.width();
        // Both are alive at once: neither flash attention nor a product of matrices writes over what it reads (`ggml_op_can_inplace`).
        let (query, output) = self.query(form);
        let old = self.is_old();
        let architecture = self.architecture;
        if let Some(mla) = &architecture.mla {
            let expanded = u64::from(form.heads) * (u64::from(mla.nope) + u64::from(mla.value));
            let copies = if old { 2 } else { 1 };
            return 2 * d + 2 * query + copies * expanded;
        }
        // A gate comes with each query from one projection and waits until attention is done, so that a query counts more than once.
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

    /// What rotation adds to a fused projection beside a parallel network: the rotated copy and the query. Older builds have it where the
    /// 16-bit copy does not fit where the projection was.
    fn rotation_copies(&self, form: &LayerKind, row: u64, copied: Bytes) -> u64 {
        let (query, _) = self.query(form);
        let projected = query + row;
        let fused = self.architecture.traits.fused_qkv && self.rotates(form);
        match (fused && self.is_quantised(), self.is_old()) {
            (false, _) => 0,
            (true, true) if copied <= floats(projected.saturating_mul(self.batch)) => 0,
            (true, true) => query + projected + self.width(),
            (true, false) => query + projected,
        }
    }

    /// Where blocks have rows of a table of their own, those lie beside an attention whose copies are the largest moment.
    fn rows_of_blocks(&self, form: &LayerKind) -> u64 {
        let architecture = self.architecture;
        let row = u64::from(architecture.embedding_length_per_layer_input);
        if row == 0 || self.graph >= Graph::B11739 {
            return 0;
        }
        let (query, output) = self.query(form);
        let rows = row * (u64::from(architecture.block_count) + 3);
        2 * self.width() + query + output + rows
    }

    /// Whether queries, keys and values are rotated before the cache takes them.
    fn rotates(&self, form: &LayerKind) -> bool {
        let (key, _) = self.architecture.head_lengths_of(form.memory);
        key.is_multiple_of(ROTATED)
    }

    /// The matrices by which queries, keys and values are rotated, for each cache: of keys the largest that divides all heads, of values the
    /// smallest (`llama_kv_cache::build_input_k_rot`, `build_input_v_rot`).
    pub(super) fn rotations(&self) -> Bytes {
        let architecture = self.architecture;
        if architecture.mla.is_some() {
            return Bytes::ZERO;
        }
        let of_cache = |memory: CacheKind| {
            if !self.forms.kinds().iter().any(|form| form.memory == memory) {
                return 0;
            }
            let (key, value) = architecture.head_lengths_of(memory);
            let mut side = u64::from(ROTATED);
            while u64::from(key).is_multiple_of(2 * side) && key > 0 {
                side *= 2;
            }
            let rotated = |kind: TensorType, head: u32, side: u64| {
                let rotates = kind.is_quantised() && head > 0 && head.is_multiple_of(ROTATED);
                if rotates { side * side } else { 0 }
            };
            rotated(self.keys, key, side) + rotated(self.values, value, ROTATED.into())
        };
        floats(of_cache(CacheKind::Full) + of_cache(CacheKind::Window))
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
        let elements = if self.attends_on_host {
            // No kernel chooses, either: the scores of each of its heads.
            2 * heads * cells + 14 * heads * key
        } else if self.latent().is_some() {
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
        match (self.flash_attention, self.is_copied()) {
            (true, false) => tokens,
            // A small copy fits where the query was.
            (true, true) if rows <= floats((query + spare).saturating_mul(self.batch)) => tokens,
            (true, true) => tokens + absorbed + rows,
            (false, _) if values <= absorbed => tokens + scores,
            (false, _) => tokens + scores + values,
        }
    }

    /// Elements of a token's query and output as attention itself sees them: of a latent cache both are as wide as its rows.
    fn attended(&self, form: &LayerKind) -> (u64, u64) {
        match self.latent() {
            Some(mla) => {
                let (heads, rank) = (u64::from(form.heads), u64::from(mla.kv_lora_rank));
                (heads * (rank + u64::from(mla.rope)), heads * rank)
            }
            None => self.query(form),
        }
    }

    /// What a host that attends hands back to a GPU for each of its blocks.
    pub(in crate::engine) fn handed_back(&self, layers: impl Iterator<Item = u32>) -> Bytes {
        if !self.attends_on_host {
            return Bytes::ZERO;
        }
        let forms = layers.map(|layer| &self.forms[layer]);
        let outputs = forms
            .filter(|form| form.attends())
            .map(|form| self.attended(form).1);
        floats(outputs.sum::<u64>().saturating_mul(self.batch))
    }

    /// What GPUs hand to a host that attends: the queries, keys and values of every block.
    pub(in crate::engine) fn handed_to_host(&self) -> Bytes {
        if !self.attends_on_host {
            return Bytes::ZERO;
        }
        let blocks = (0..)
            .zip(self.forms.iter())
            .filter(|(_, form)| form.attends());
        let of_block = |(layer, form): (u32, &LayerKind)| {
            let cache = Cache::new(self, layer, false);
            let (query, _) = self.attended(form);
            // A latent row is both: it is handed over twice.
            let values = match self.latent() {
                Some(_) => cache.keys,
                None => cache.values,
            };
            cache.keys + values + floats(query.saturating_mul(self.batch))
        };
        blocks.map(of_block).sum()
    }

    /// The host's part where it attends for want of a kernel: queries, keys, values and their copies in 32 bits, and the mask.
    pub(in crate::engine) fn attention_on_host(&self) -> Bytes {
        let mut worst = Bytes::ZERO;
        for (layer, form) in (0..).zip(self.forms.iter()) {
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

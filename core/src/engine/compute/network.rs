//! The feed-forward network, the choice among experts, and the scan of a state.

use crate::architecture::{Experts, FeedForward, Known, LayerKind, State};
use crate::units::Bytes;

use super::super::settings::Settings;
use super::floats;

/// The most experts of a token that are summed in one step (`MOE_WEIGHTED_REDUCTION_MAX_EXPERTS` of ggml-cuda.cu).
const FUSED_EXPERTS: u32 = 15;

impl Settings<'_> {
    pub(super) fn feed_forward(&self, form: &LayerKind) -> Bytes {
        let d = self.width();
        let traits = &self.architecture.traits;
        let (query, output) = self.query(form);
        let plain = traits.feed_forward == FeedForward::Plain;
        // The hole that attention leaves: its output's size with flash attention. Without, the query's, which the network can use
        // where it is wide enough, and which is lost where it is not. A network without a gate cannot use it.
        let hole = match (self.query_is_part() && !plain, self.flash_attention) {
            // Rotated queries of a quantised cache leave one all the same.
            (true, true) if traits.fused_qkv && self.is_quantised() => output,
            (true, _) => 0,
            (false, true) => output,
            (false, false) if self.architecture.mla.is_some() => output,
            (false, false) if query >= d => 0,
            (false, false) => 2 * query,
        };
        // Read off the plans: from b11413 on it is four embeddings, whatever attention leaves.
        let rest = if self.is_old() { 2 * d + hole } else { 4 * d };
        // Beside a parallel attention, its input stays.
        let rest = rest
            + if plain && traits.parallel_residual {
                d
            } else {
                0
            };
        let elements = match &self.architecture.experts {
            Some(experts) if form.experts && !self.is_old() => self.choice(experts),
            Some(experts) if form.experts => {
                let used = u64::from(experts.used);
                // The same three as in a dense network, once for each expert that a token chooses.
                let chosen = 3 * used * u64::from(experts.feed_forward_length) + rest;
                let weighted = match traits.gated_query {
                    true => 2 * u64::from(experts.shared_feed_forward_length),
                    false => 3 * d + hole,
                };
                chosen.max(2 * used * d + weighted)
            }
            _ => self.network_width(form) + rest,
        };
        floats(elements.saturating_mul(self.batch))
    }

    /// Elements of a token in a choice among experts, where the engine weighs and sums what they give in one step: what each of them gave is
    /// kept until the sum is done (`add_alloc_dep` in `ggml_backend_cuda_graph_optimize`).
    ///
    /// Read off the allocator of b11413: gate, up and their product follow each other, then come the outputs and the weighted outputs, each
    /// where the former left room for it, else behind them.
    fn choice(&self, experts: &Experts) -> u64 {
        let d = self.width();
        let traits = &self.architecture.traits;
        let used = u64::from(experts.used);
        let inside = used * u64::from(experts.feed_forward_length);
        let outputs = used * d;
        let stages = self.matrices() * inside;
        // A shared expert as wide as the others is computed with them, and its product waits at the start of that room.
        let shared = match experts.shared_feed_forward_length {
            width if width == experts.feed_forward_length => {
                let router = 3 * u64::from(experts.count);
                let capacity = if traits.gated_query { 2 * d } else { d };
                let width = u64::from(width);
                if 3 * width + router > capacity {
                    width
                } else {
                    0
                }
            }
            _ => 0,
        };
        let fits = |capacity: u64| outputs + shared <= capacity;
        let fused = (2..=FUSED_EXPERTS).contains(&experts.used);
        let largest = match (fits(stages - inside), fused) {
            (true, true) => stages.max(shared + 2 * outputs),
            (true, false) => stages,
            (false, true) if !fits(stages) => stages + 2 * outputs,
            (false, _) => stages + outputs,
        };
        // A gate for attention waits beside; so does what a router read that comes before attention (SmallThinker) or is one of heads
        // (Step 3.5).
        let waits = traits.gated_query || traits.gates_early && !self.pipelined;
        // Several GPUs are handed the embedding, which a single one looks up.
        let residual = if self.pipelined && !traits.sinks {
            3
        } else {
            4
        };
        largest + (residual + u64::from(waits)) * d
    }

    /// What a choice among experts holds while one matrix of all experts is at work: what gate and up give, or their product and what down
    /// gives.
    pub(in crate::engine) fn expert_stage(&self) -> Bytes {
        let Some(experts) = &self.architecture.experts else {
            return Bytes::ZERO;
        };
        let d = self.width();
        let outputs = self.forms.kinds().iter().filter(|form| form.experts);
        let output = outputs.map(|form| self.query(form).1).max().unwrap_or(0);
        let inside = u64::from(experts.used) * u64::from(experts.feed_forward_length);
        let given = inside.max(u64::from(experts.used) * d);
        let shared = if experts.shared_feed_forward_length > 0 {
            d
        } else {
            0
        };
        let rest = shared + if self.is_old() { 2 * d + output } else { 4 * d };
        floats((inside + given + rest).saturating_mul(self.batch))
    }

    /// A few embeddings of every token of a batch.
    pub(in crate::engine) fn embeddings(&self, count: u64) -> Bytes {
        floats((count * self.width()).saturating_mul(self.batch))
    }

    /// An embedding or a query of every token of a batch, whichever is wider.
    pub(in crate::engine) fn widest(&self, query: u64) -> Bytes {
        floats(query.max(self.width()).saturating_mul(self.batch))
    }

    /// Whether the place of a matrix of experts that was fetched is taken before the next one comes: the engine's allocator puts something
    /// small there. Read off its plans; assumed where they are not known.
    pub(in crate::engine) fn keeps_fetched(&self) -> bool {
        let traits = &self.architecture.traits;
        traits.gated_query || traits.keeps_fetched || traits.known != Known::Exact
    }

    /// Elements of a token inside a dense network: gate, up and their product; without a gate, up alone.
    pub(super) fn network_width(&self, form: &LayerKind) -> u64 {
        // No GLU is done in place (`ggml_op_can_inplace` in ggml-alloc.c): the product lies beside gate and up. An activation alone is.
        self.matrices() * u64::from(form.feed_forward)
    }

    /// How many of them lie side by side.
    fn matrices(&self) -> u64 {
        match self.architecture.traits.feed_forward {
            FeedForward::Plain => 1,
            FeedForward::Gated | FeedForward::Fused => 3,
        }
    }

    /// A selective scan (Mamba): its projection, the convolution's input and output, and two more as wide as the state.
    pub(super) fn scan(&self, form: &LayerKind) -> Bytes {
        let hybrid = self.architecture.recurrent.as_ref();
        let Some(&State::Ssm {
            inner_size,
            state_size,
            time_step_rank,
            group_count,
            conv_kernel,
        }) = hybrid.map(|hybrid| &hybrid.state)
        else {
            return Bytes::ZERO;
        };
        // Gated delta nets have a rule of their own; RWKV and linear attention scan without a time step.
        if !form.state
            || self.architecture.traits.gated_query
            || time_step_rank == 0
            || conv_kernel < 2
        {
            return Bytes::ZERO;
        }
        let [inner, state, rank, groups] =
            [inner_size, state_size, time_step_rank, group_count].map(u64::from);
        let channels = inner + 2 * groups * state;
        let projected = inner + channels + if groups > 0 { rank } else { 0 };
        let rest = match (self.is_old(), groups > 0) {
            (true, true) => 0,
            (false, true) => 2 * self.width(),
            (_, false) => self.width() / 4,
        };
        floats((projected + 2 * channels + 2 * inner + rest).saturating_mul(self.batch))
    }
}

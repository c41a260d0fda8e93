//! What quantizers did of which a file's name tells nothing, each where its source says that it occurs.

use super::file_type::FileType;
use super::role::Role;
use crate::architecture::Architecture;
use crate::quantization::TensorType as T;

/// What a quantizer did besides, or instead of, `llama_tensor_get_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// As `llama_tensor_get_type` has it, and nothing else.
    Usual,
    /// Values, or queries, keys and values where they are one matrix, left in 16 bits (`wide_values` in `architectures.toml`).
    WideValues,
    /// The head in 8 bits (`wide_head`).
    WideHead,
    /// An embedding that is the head too, stored like everything else (`plain_embedding`).
    PlainEmbedding,
    /// Values and what experts end with in 6 bits in every block: Ollama's rule for gated delta nets (`qwen3LinearAttnQuantType`).
    WideDown,
    /// Queries, keys and values in one matrix stored as values are: llama.cpp since it sorts tensors into categories (`category_is_attn_v`).
    FusedValues,
    /// Small matrices that mix streams or lead to rows of embeddings, stored like everything else, where llama.cpp leaves them in 16 bits:
    /// Ollama's quantizer of 2025, which names other exceptions (gemma3n).
    NarrowStreams,
    /// Rows of the embedding that each block reads, stored like everything else: files trained for four bits.
    NarrowRows,
}

impl Habit {
    /// Those that a size is tried against where the usual layout does not have it.
    pub(super) const OTHERS: [Self; 7] = [
        Self::WideValues,
        Self::WideHead,
        Self::PlainEmbedding,
        Self::WideDown,
        Self::FusedValues,
        Self::NarrowStreams,
        Self::NarrowRows,
    ];

    /// Whether files of this architecture and type were made so.
    pub(super) fn occurs(self, architecture: &Architecture, file: FileType) -> bool {
        use FileType::{Q4_0, Q4_K_M, Q4_K_S, Q8_0};
        let traits = &architecture.traits;
        match self {
            Self::Usual => true,
            // The types that Ollama's quantizer made.
            Self::WideValues => traits.wide_values && matches!(file, Q4_K_S | Q4_K_M | Q8_0),
            Self::WideHead => traits.wide_head && file.base().is_quantised(),
            Self::PlainEmbedding => {
                traits.plain_embedding && architecture.tied_embeddings && file.base().is_quantised()
            }
            Self::WideDown => {
                traits.gated_query
                    && architecture.recurrent.is_some()
                    && matches!(file, Q4_K_S | Q4_K_M)
            }
            Self::FusedValues => {
                let fuses = traits.gated_query && architecture.recurrent.is_some();
                (traits.fused_qkv || fuses) && file.base().is_quantised()
            }
            Self::NarrowStreams => {
                traits.streams.is_some() && matches!(file, Q4_K_S | Q4_K_M | Q8_0)
            }
            Self::NarrowRows => architecture.embedding_length_per_layer_input > 0 && file == Q4_0,
        }
    }

    /// Whether it may stand for a file that it does not explain whole. Which version of llama.cpp made a file, nothing else tells.
    pub(super) fn is_likely(self) -> bool {
        self != Self::FusedValues
    }

    /// What it stores a matrix in, if it has a say; `base` is what most matrices have.
    pub(super) fn type_of(self, role: Role, base: T, experts: bool) -> Option<T> {
        match (self, role) {
            (Self::WideValues, Role::Value | Role::FusedQkv) => Some(T::F16),
            (Self::WideDown, Role::Value | Role::ExpertDown) => Some(T::Q6_K),
            (Self::WideDown, Role::Down) if experts => Some(T::Q6_K),
            (Self::WideDown, Role::FusedQkv) => Some(base),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scheme::Scheme;
    use super::super::{FileSize, of_size, tensors};
    use super::*;
    use crate::architecture::table::row;
    use crate::architecture::{Experts, Layers, PerLayer, Recurrent, State};
    use crate::units::Bytes;

    fn shape(name: &str) -> Architecture {
        let mut shape = Architecture {
            name: name.to_owned(),
            block_count: 32,
            context_length: 4096,
            embedding_length: 4096,
            feed_forward_length: PerLayer::Same(12288),
            head_count: PerLayer::Same(32),
            head_count_kv: PerLayer::Same(8),
            key_length: 128,
            value_length: 128,
            vocabulary_size: 131_072,
            embedding_length_per_layer_input: 0,
            tied_embeddings: false,
            shared_kv_layers: 0,
            experts: None,
            mla: None,
            sliding: None,
            recurrent: None,
            indexer: None,
            compressed: None,
            deepstack_layers: 0,
            prediction_layers: 0,
            traits: row(name).traits,
        };
        if shape.traits.gated_query {
            shape.recurrent = Some(Recurrent {
                attention: Layers::Every(4),
                recurrent: None,
                state: State::Ssm {
                    inner_size: 4096,
                    state_size: 128,
                    time_step_rank: 32,
                    group_count: 16,
                    conv_kernel: 4,
                },
            });
        }
        shape
    }

    /// Bytes that GPUs may hold more of a file made by this habit than is told.
    fn misplaced(habit: Habit, shape: &Architecture, name: &str) -> Bytes {
        let file = FileType::named(name).expect("a file type");
        let made = tensors(&Scheme::new(file, shape, file.base(), habit)).in_file();
        let size = FileSize {
            tensors: made,
            ..FileSize::default()
        };
        let known = of_size(shape, name, size).expect("a layout");
        known.misplaced
    }

    /// A file that somebody mixed by hand to the size that another architecture's habit makes is doubted, not explained.
    #[test]
    fn a_habit_explains_files_of_its_own_architectures_alone() {
        for (habit, quantization, own, others) in [
            (Habit::WideValues, "Q4_K_M", "qwen3", ["llama", "qwen2"]),
            (Habit::WideHead, "Q4_K_M", "granite", ["llama", "qwen3"]),
            (Habit::FusedValues, "Q4_K_M", "chatglm", ["glm4", "llama"]),
        ] {
            assert_eq!(
                misplaced(habit, &shape(own), quantization),
                Bytes::ZERO,
                "{own}"
            );
            for other in others {
                let shape = shape(other);
                let file = FileType::named(quantization).expect("a file type");
                assert!(!habit.occurs(&shape, file), "{habit:?} of {other}");
                let usual = tensors(&Scheme::new(file, &shape, file.base(), Habit::Usual));
                let made = tensors(&Scheme::new(file, &shape, file.base(), habit));
                if made.in_file() != usual.in_file() {
                    let doubt = misplaced(habit, &shape, quantization);
                    assert!(doubt > Bytes::ZERO, "{habit:?} of {other}");
                }
            }
        }
    }

    #[test]
    fn a_rounded_size_leaves_open_what_it_does_not_tell_apart() {
        let mut tied = shape("starcoder2");
        tied.tied_embeddings = true;
        for (shape, quantization, habit) in [
            (shape("granite"), "Q4_K_M", Habit::WideHead),
            (tied, "Q4_0", Habit::PlainEmbedding),
        ] {
            let file = FileType::named(quantization).expect("a file type");
            let made = |habit| tensors(&Scheme::new(file, &shape, file.base(), habit));
            let (usual, other) = (made(Habit::Usual), made(habit));
            let apart = usual.in_file().0.abs_diff(other.in_file().0);
            let of_size = |rounding: u64| {
                let size = FileSize {
                    tensors: usual.in_file(),
                    rounding: Bytes(rounding),
                    projector: Bytes::ZERO,
                };
                of_size(&shape, quantization, size).expect("a layout")
            };
            // Half of what lies between them tells the usual one, and all of it none.
            assert_eq!(of_size(apart / 2).misplaced, Bytes::ZERO, "{habit:?}");
            let open = of_size(apart);
            let scaled = other.scaled_to(usual.in_file());
            assert_eq!(open.weights.on_gpu(), usual.on_gpu(), "{habit:?}");
            assert_eq!(open.misplaced, scaled.on_gpu() - usual.on_gpu());
            assert!(habit != Habit::WideHead || open.misplaced > Bytes::ZERO);
        }
    }

    #[test]
    fn a_habit_explains_files_of_its_own_types_alone() {
        let mut delta = shape("qwen35moe");
        delta.experts = Some(Experts {
            count: 64,
            used: 8,
            feed_forward_length: 1024,
            shared_feed_forward_length: 1024,
            latent_length: 0,
            leading_dense: 0,
            step: 1,
        });
        assert_eq!(misplaced(Habit::WideDown, &delta, "Q4_K_M"), Bytes::ZERO);
        assert!(misplaced(Habit::WideDown, &delta, "Q5_K_M") > Bytes::ZERO);

        let mut tied = shape("starcoder2");
        tied.tied_embeddings = true;
        assert_eq!(misplaced(Habit::PlainEmbedding, &tied, "Q4_0"), Bytes::ZERO);
        let mut rows = shape("gemma4");
        rows.embedding_length_per_layer_input = 256;
        assert_eq!(misplaced(Habit::NarrowRows, &rows, "Q4_0"), Bytes::ZERO);
        assert!(misplaced(Habit::NarrowRows, &rows, "Q4_K_M") > Bytes::ZERO);
    }
}

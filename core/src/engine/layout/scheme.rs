//! Which type a matrix is stored in: `llama_tensor_get_type` of llama.cpp's `llama-quant.cpp`, the parts that published files use.

use crate::architecture::Architecture;
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// The role of a matrix, which decides its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    Query,
    Key,
    Value,
    FusedQkv,
    AttentionOutput,
    Down,
    Expert,
    ExpertDown,
}

/// A quantization's rule for each role.
pub(super) struct Scheme<'a> {
    pub(super) name: &'a str,
    pub(super) architecture: &'a Architecture,
    pub(super) base: T,
    mixture: Mixture,
    pub(super) habit: Habit,
}

/// What quantizers did of which a file's name tells nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// As `llama_tensor_get_type` has it.
    Usual,
    /// Values, or queries, keys and values where they are one matrix, left in 16 bits: Ollama's own quantizer of spring 2025. qwen3:8b is
    /// larger by these 198 MB, phi4-reasoning:14b by 2 GB.
    WideValues,
    /// The head in 8 bits: the first conversions of Gemma, and Granite 3.
    WideHead,
    /// Values and what experts end with in 6 bits in every block: Ollama's rule beside linear attention (`qwen3LinearAttnQuantType`).
    WideDown,
    /// Rows of the embedding that each block reads, stored like everything else: files trained for four bits.
    NarrowRows,
}

/// Which blocks a file type stores with more bits than the others.
enum Mixture {
    None,
    /// The first and last eighth, and every third between.
    Thirds,
    /// So many at the beginning.
    First {
        values: u32,
        down: u32,
    },
}

/// Which matrices of a block are stored with more bits than in other blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Precision {
    values: bool,
    down: bool,
}

impl<'a> Scheme<'a> {
    pub(super) fn new(
        name: &'a str,
        architecture: &'a Architecture,
        base: T,
        habit: Habit,
    ) -> Self {
        let n = architecture.block_count;
        let mixture = match name {
            "Q4_K_M" | "Q5_K_M" => Mixture::Thirds,
            "Q3_K_M" => Mixture::First {
                values: 2,
                down: n / 16,
            },
            "Q4_K_S" => Mixture::First {
                values: 4,
                down: n / 8,
            },
            _ => Mixture::None,
        };
        Self {
            name,
            architecture,
            base,
            mixture,
            habit,
        }
    }

    pub(super) fn precision(&self, layer: u32) -> Precision {
        let [values, down] = match self.mixture {
            Mixture::None => [false; 2],
            Mixture::Thirds => {
                let n = self.architecture.block_count;
                let eighth = n / 8;
                let more = layer < eighth || layer >= 7 * n / 8 || (layer - eighth) % 3 == 2;
                [more; 2]
            }
            Mixture::First { values, down } => [layer < values, layer < down],
        };
        Precision { values, down }
    }

    /// `llama_tensor_get_type`, the parts that published files use.
    pub(super) fn type_of(&self, role: Role, layer: u32) -> T {
        let eight_experts = self
            .architecture
            .experts
            .as_ref()
            .is_some_and(|experts| experts.count == 8);
        let seventy = self.architecture.block_count == 80
            && matches!(self.architecture.name.as_str(), "llama" | "qwen2");
        let name = self.name;
        match role {
            Role::Value | Role::FusedQkv if self.habit == Habit::WideValues => T::F16,
            Role::Value | Role::ExpertDown if self.habit == Habit::WideDown => T::Q6_K,
            Role::Down if self.habit == Habit::WideDown && self.architecture.experts.is_some() => {
                T::Q6_K
            }
            Role::FusedQkv if self.habit == Habit::WideDown => self.base,
            Role::Expert | Role::ExpertDown if name == "MXFP4" => T::MXFP4,
            // With eight experts attention is a small part of the file: bits there cost little and help much (llama-quant.cpp).
            Role::Key | Role::Value if eight_experts && self.base != T::F16 => T::Q8_0,
            Role::AttentionOutput
                if eight_experts
                    && matches!(name, "Q2_K" | "Q3_K_S" | "Q3_K_M" | "Q4_K_S" | "Q4_K_M") =>
            {
                T::Q5_K
            }
            Role::Value => {
                let chosen = match name {
                    "Q2_K" => T::Q3_K,
                    "Q3_K_M" | "Q4_K_S" if self.precision(layer).values => T::Q5_K,
                    "Q3_K_M" => T::Q4_K,
                    "Q3_K_L" => T::Q5_K,
                    "Q4_K_M" | "Q5_K_M" if self.precision(layer).values => T::Q6_K,
                    _ => self.base,
                };
                // Eight heads share a key and value in the 70B, so its value matrix is small and worth the bits (llama-quant.cpp).
                if seventy && matches!(chosen, T::Q3_K | T::Q4_K) {
                    T::Q5_K
                } else {
                    chosen
                }
            }
            Role::Down | Role::ExpertDown => match name {
                "Q2_K" => T::Q3_K,
                "Q3_K_M" | "Q4_K_S" if self.precision(layer).down => T::Q5_K,
                "Q3_K_M" => T::Q4_K,
                "Q3_K_L" => T::Q5_K,
                "Q4_K_M" | "Q5_K_M" if self.precision(layer).down => T::Q6_K,
                _ => self.base,
            },
            Role::AttentionOutput => match name {
                "Q2_K" => T::Q3_K,
                "Q3_K_M" => T::Q4_K,
                "Q3_K_L" => T::Q5_K,
                _ => self.base,
            },
            Role::FusedQkv => match name {
                "Q3_K_M" | "Q3_K_L" => T::Q4_K,
                "Q4_K_M" => T::Q5_K,
                "Q5_K_M" => T::Q6_K,
                _ => self.base,
            },
            Role::Plain | Role::Query | Role::Key | Role::Expert => self.base,
        }
    }

    /// The head's type: six bits unless the file is more precise anyway.
    pub(super) fn head(&self) -> T {
        match self.base {
            T::F32 | T::F16 | T::BF16 | T::Q8_0 => self.base,
            T::MXFP4 => T::Q8_0,
            _ if self.habit == Habit::WideHead || self.architecture.name == "falcon" => T::Q8_0,
            _ => T::Q6_K,
        }
    }

    /// Bytes of a `columns x rows` matrix; K-quants fall back where a row is not a multiple of 256.
    pub(super) fn matrix(&self, kind: T, columns: u64, rows: u64) -> Bytes {
        let kind = if columns.is_multiple_of(kind.block().0) {
            kind
        } else {
            match kind {
                T::Q2_K | T::Q3_K | T::IQ4_XS => T::IQ4_NL,
                T::Q4_K => T::Q5_0,
                T::Q5_K => T::Q5_1,
                T::Q6_K => T::Q8_0,
                other => other,
            }
        };
        // Not even blocks of 32 fill such a row.
        let kind = if columns.is_multiple_of(kind.block().0) {
            kind
        } else {
            T::F16
        };
        kind.bytes(columns * rows)
    }
}

/// The tensor type that most matrices of a file type have.
pub(super) fn base_type(quantization: &str) -> Option<T> {
    Some(match quantization {
        "F32" => T::F32,
        "F16" => T::F16,
        "BF16" => T::BF16,
        "Q8_0" => T::Q8_0,
        "Q4_0" => T::Q4_0,
        "Q4_1" => T::Q4_1,
        "Q5_0" => T::Q5_0,
        "Q5_1" => T::Q5_1,
        "Q2_K" | "Q2_K_S" => T::Q2_K,
        "Q3_K_S" | "Q3_K_M" | "Q3_K_L" => T::Q3_K,
        "Q4_K_S" | "Q4_K_M" => T::Q4_K,
        "Q5_K_S" | "Q5_K_M" => T::Q5_K,
        "Q6_K" => T::Q6_K,
        "IQ4_XS" => T::IQ4_XS,
        "IQ4_NL" => T::IQ4_NL,
        "IQ3_XXS" => T::IQ3_XXS,
        "IQ3_S" => T::IQ3_S,
        "IQ2_XXS" => T::IQ2_XXS,
        "IQ2_XS" => T::IQ2_XS,
        "MXFP4" => T::MXFP4,
        _ => return None,
    })
}

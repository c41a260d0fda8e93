//! How numbers are stored: GGML's tensor types and the file types people call quantizations.

mod kv_cache_type;

use serde::{Deserialize, Serialize};

pub use kv_cache_type::{KvCacheType, KvCacheTypes};

use crate::units::Bytes;

macro_rules! tensor_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal, $elements:literal, $bytes:literal;)*) => {
        /// A GGML tensor type, with the block in which it stores numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[allow(non_camel_case_types, missing_docs)]
        pub enum TensorType { $($name),* }

        impl TensorType {
            /// The type of a code in a GGUF file.
            pub const fn of_code(code: u32) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// GGML's name of the type, e.g. `Q4_K`.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),* }
            }

            /// Elements of one block and the bytes that they take, e.g. 256 and 144 of `Q4_K`.
            pub const fn block(self) -> (u64, u64) {
                match self { $(Self::$name => ($elements, $bytes)),* }
            }
        }
    };
}

// Codes and block sizes: ggml.h and ggml-common.h of llama.cpp.
tensor_types! {
    F32 = 0, "F32", 1, 4;
    F16 = 1, "F16", 1, 2;
    Q4_0 = 2, "Q4_0", 32, 18;
    Q4_1 = 3, "Q4_1", 32, 20;
    Q5_0 = 6, "Q5_0", 32, 22;
    Q5_1 = 7, "Q5_1", 32, 24;
    Q8_0 = 8, "Q8_0", 32, 34;
    Q8_1 = 9, "Q8_1", 32, 36;
    Q2_K = 10, "Q2_K", 256, 84;
    Q3_K = 11, "Q3_K", 256, 110;
    Q4_K = 12, "Q4_K", 256, 144;
    Q5_K = 13, "Q5_K", 256, 176;
    Q6_K = 14, "Q6_K", 256, 210;
    Q8_K = 15, "Q8_K", 256, 292;
    IQ2_XXS = 16, "IQ2_XXS", 256, 66;
    IQ2_XS = 17, "IQ2_XS", 256, 74;
    IQ3_XXS = 18, "IQ3_XXS", 256, 98;
    IQ1_S = 19, "IQ1_S", 256, 50;
    IQ4_NL = 20, "IQ4_NL", 32, 18;
    IQ3_S = 21, "IQ3_S", 256, 110;
    IQ2_S = 22, "IQ2_S", 256, 82;
    IQ4_XS = 23, "IQ4_XS", 256, 136;
    I8 = 24, "I8", 1, 1;
    I16 = 25, "I16", 1, 2;
    I32 = 26, "I32", 1, 4;
    I64 = 27, "I64", 1, 8;
    F64 = 28, "F64", 1, 8;
    IQ1_M = 29, "IQ1_M", 256, 56;
    BF16 = 30, "BF16", 1, 2;
    TQ1_0 = 34, "TQ1_0", 256, 54;
    TQ2_0 = 35, "TQ2_0", 256, 66;
    MXFP4 = 39, "MXFP4", 32, 17;
    NVFP4 = 40, "NVFP4", 64, 36;
    Q1_0 = 41, "Q1_0", 128, 18;
    Q2_0 = 42, "Q2_0", 64, 18;
}

impl TensorType {
    /// Whether a block of numbers shares a scale.
    pub const fn is_quantised(self) -> bool {
        self.block().0 > 1
    }

    /// Bytes of `elements` numbers, whole blocks.
    pub const fn bytes(self, elements: u64) -> Bytes {
        let (block, bytes) = self.block();
        Bytes(elements.div_ceil(block).saturating_mul(bytes))
    }
}

/// How Ollama's tags write a file type: `q4_K_M` for `Q4_K_M`, `fp16` for `F16`.
pub fn tag_suffix(quantization: &str) -> String {
    match quantization {
        "F16" => "fp16".to_owned(),
        "F32" => "fp32".to_owned(),
        other => match other.strip_prefix('Q') {
            Some(rest) => format!("q{rest}"),
            None => other.to_lowercase(),
        },
    }
}

/// The file type of a tag's suffix, however it is written: `Q4_K_M` of `q4_K_M` or `q4_k_m`.
pub fn of_tag_suffix(suffix: &str) -> String {
    let upper = suffix.to_uppercase();
    match upper.strip_prefix("FP") {
        Some(bits) => format!("F{bits}"),
        None => upper,
    }
}

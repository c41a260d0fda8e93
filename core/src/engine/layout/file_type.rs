//! What people call a file's quantization, as a mixture of tensor types: `llama_ftype` of llama.cpp.

use crate::quantization::TensorType as T;

macro_rules! file_types {
    ($($name:ident = $base:ident;)*) => {
        /// A file type of which the rules are known.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(non_camel_case_types)]
        pub(super) enum FileType { $($name),* }

        impl FileType {
            /// The type that a quantization names; `None` for one without rules.
            pub(super) fn named(quantization: &str) -> Option<Self> {
                match quantization { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }

            /// The tensor type that most of its matrices have (`llama_ftype_get_default_type`).
            pub(super) const fn base(self) -> T {
                match self { $(Self::$name => T::$base),* }
            }
        }
    };
}

file_types! {
    F32 = F32;
    F16 = F16;
    BF16 = BF16;
    Q8_0 = Q8_0;
    Q4_0 = Q4_0;
    Q4_1 = Q4_1;
    Q5_0 = Q5_0;
    Q5_1 = Q5_1;
    Q2_K = Q2_K;
    Q2_K_S = Q2_K;
    Q3_K_S = Q3_K;
    Q3_K_M = Q3_K;
    Q3_K_L = Q3_K;
    Q4_K_S = Q4_K;
    Q4_K_M = Q4_K;
    Q5_K_S = Q5_K;
    Q5_K_M = Q5_K;
    Q6_K = Q6_K;
    IQ4_XS = IQ4_XS;
    IQ4_NL = IQ4_NL;
    IQ3_M = IQ3_S;
    IQ3_S = IQ3_S;
    IQ3_XS = IQ3_S;
    IQ3_XXS = IQ3_XXS;
    IQ2_M = IQ2_S;
    IQ2_S = IQ2_XS;
    IQ2_XS = IQ2_XS;
    IQ2_XXS = IQ2_XXS;
    IQ1_M = IQ1_M;
    IQ1_S = IQ1_S;
    MXFP4 = MXFP4;
}

impl FileType {
    /// Whether it has fewer than three bits for most weights, and rules of its own for the others.
    pub(super) const fn is_tiny(self) -> bool {
        use FileType::{IQ1_M, IQ1_S, IQ2_M, IQ2_S, IQ2_XS, IQ2_XXS};
        matches!(self, IQ2_XXS | IQ2_XS | IQ2_S | IQ2_M | IQ1_S | IQ1_M)
    }

    /// What its matrices may be stored in. MXFP4 is for experts; the rest of such a file is kept in 16 or in 8 bits, which only its size tells.
    pub(super) fn bases(self) -> Vec<T> {
        match self {
            Self::MXFP4 => vec![T::F16, T::Q8_0],
            _ => vec![self.base()],
        }
    }
}

//! The name of a file's quantization.

use std::collections::HashMap;

use crate::quantization::TensorType;

use super::tensor::Tensor;

/// llama.cpp sets this bit where it guessed the file type.
const GUESSED: u32 = 1024;

/// The name of `general.file_type` (llama.cpp's `llama_ftype`; 4 is Ollama's).
const fn of_file_type(code: u32) -> Option<&'static str> {
    Some(match code & !GUESSED {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        4 | 38 => "MXFP4",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        39 => "NVFP4",
        _ => return None,
    })
}

/// The name of the file type, or of the type that most numbers are stored in.
pub(super) fn name(file_type: Option<u32>, tensors: &[Tensor]) -> String {
    file_type
        .and_then(of_file_type)
        .unwrap_or_else(|| commonest(tensors))
        .to_owned()
}

fn commonest(tensors: &[Tensor]) -> &'static str {
    let mut elements = HashMap::<TensorType, u64>::new();
    for tensor in tensors {
        let Some(kind) = tensor.kind else { continue };
        let sum = elements.entry(kind).or_default();
        *sum = sum.saturating_add(tensor.elements);
    }
    // The label decides between equals, so that the answer does not hang on the map's order.
    let commonest = elements
        .into_iter()
        .max_by_key(|(kind, elements)| (*elements, kind.label()));
    match commonest.map(|(kind, _)| kind) {
        // The mixtures that llama.cpp takes these types for.
        Some(TensorType::Q3_K) => "Q3_K_M",
        Some(TensorType::Q4_K) => "Q4_K_M",
        Some(TensorType::Q5_K) => "Q5_K_M",
        Some(kind) => kind.label(),
        None => "unknown",
    }
}

//! Prints a catalog of 20,000 files of models, for measuring: `cargo run --release --example large_catalog > large.toml`.
#![allow(clippy::print_stdout)] // Its output is the file.

/// Models, and files of each.
const MODELS: u64 = 4_000;
const FILES: [(&str, u64); 5] = [
    ("Q4_K_M", 48),
    ("Q8_0", 85),
    ("Q6_K", 66),
    ("Q5_K_M", 57),
    ("Q3_K_M", 39),
];

fn main() {
    println!("[series]\nname = \"large\"\ntitle = {{ en = \"Large\", zh = \"大目录\" }}\n");
    println!(
        "[[architecture]]\nname = \"large-shape\"\narchitecture = \"llama\"\nblock_count = 32"
    );
    println!("context_length = 131072\nembedding_length = 4096\nfeed_forward_length = 14336");
    println!(
        "head_count = 32\nhead_count_kv = 8\nvocabulary_size = 128256\nsource = \"made up\"\n"
    );
    for model in 0..MODELS {
        // From 7 to 9 billion parameters, which the shape can stand for.
        let parameters = 7_000_000_000 + model * 500_000;
        println!("[[model]]\nname = \"large{model}:8b\"\nparameters = {parameters}");
        println!("context_length = 131072\narchitecture = \"large-shape\"\nsource = \"made up\"\n");
        for (at, (quantization, tenths)) in FILES.iter().enumerate() {
            let tag = if at == 0 {
                format!("large{model}:8b")
            } else {
                format!("large{model}:8b-{}", quantization.to_lowercase())
            };
            let weights = parameters / 80 * tenths;
            println!("[[model.variant]]\ntag = \"{tag}\"\nquantization = \"{quantization}\"");
            println!("weights = {weights}\nsource = \"made up\"\n");
        }
    }
}

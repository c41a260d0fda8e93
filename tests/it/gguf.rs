//! Headers of GGUF files: what is read, and what is refused.
#![allow(clippy::unwrap_used)]

mod hostile;
mod known;
mod rules;
mod toys;

use vramfit::architecture::{Architecture, CacheKind};
use vramfit::gguf::{self, Capability, Header};
use vramfit::quantization::TensorType;
use vramfit::units::Bytes;

use crate::support_gguf::{Gguf, array, text, texts, u32};

fn parse(file: &Gguf) -> Result<Header, gguf::Error> {
    gguf::parse(&file.header()[..], file.length())
}

fn code(file: &Gguf) -> &'static str {
    parse(file).map_or_else(|error| error.code(), |_| "ok")
}

fn keys(file: Gguf, name: &str, keys: &[(&str, u32)]) -> Gguf {
    keys.iter().fold(file, |file, (key, value)| {
        file.key(&format!("{name}.{key}"), u32(*value))
    })
}

fn model(name: &str, blocks: u32, numbers: &[(&str, u32)]) -> Gguf {
    keys(Gguf::new(3).model(name, blocks), name, numbers).tensor("token_embd.weight", &[64, 100], 0)
}

fn architecture(file: &Gguf) -> Architecture {
    parse(file).unwrap().architecture
}

fn layers(architecture: &Architecture, memory: CacheKind) -> Vec<u32> {
    let all = 0..architecture.block_count;
    all.filter(|layer| architecture.memory(*layer) == memory)
        .collect()
}

#[test]
fn tensors_weigh_what_their_blocks_weigh() {
    let kinds: Vec<_> = (0..100)
        .filter_map(|code| Some((code, TensorType::of_code(code)?)))
        .collect();
    assert!(kinds.len() > 30);
    for (code, kind) in kinds {
        let file = Gguf::llama().tensor("blk.0.x.weight", &[512, 3, 2], code);
        let header = parse(&file).unwrap();
        let (elements, bytes) = kind.block();
        let expected = Bytes(512 * 3 * 2 / elements * bytes);
        assert_eq!(header.weights.blocks[0].total, expected, "{kind:?}");
        assert_eq!(header.tensor_bytes, expected + Bytes(64 * 100 * 4));
        assert_eq!(header.parameters, 64 * 100 + 512 * 6);
    }
}

#[test]
fn tensors_are_placed_by_name() {
    let file = Gguf::new(2)
        .model("llama", 2)
        .tensor("token_embd.weight", &[32], 0)
        .tensor("rope_freqs.weight", &[2], 0)
        .tensor("blk.0.attn_q.weight", &[4], 0)
        .tensor("blk.1.ffn_gate_exps.weight", &[8], 0)
        .tensor("blk.1.ffn_down.7.weight", &[16], 0)
        .tensor("blk.1.ffn_down_shexp.weight", &[1], 0)
        .tensor("v.blk.0.attn_q.weight", &[64], 0)
        .tensor("mm.0.weight", &[64], 0)
        .tensor("output_norm.weight", &[128], 0);
    let header = parse(&file).unwrap();
    let weights = &header.weights;
    assert_eq!((header.version, header.parts), (2, 1));
    assert_eq!(weights.token_embd, Bytes(4 * 32));
    assert!(weights.tied && header.architecture.tied_embeddings);
    assert_eq!(weights.output, Bytes(4 * (128 + 32)));
    let blocks: Vec<_> = weights
        .blocks
        .iter()
        .map(|b| (b.total.0, b.experts.0))
        .collect();
    assert_eq!(blocks, [(4 * 6, 0), (4 * 25, 4 * 24)]);
    assert_eq!(header.projector, Bytes(4 * 128));
    assert_eq!(weights.in_file() + header.projector, header.tensor_bytes);
    assert_eq!(header.file_bytes, Bytes(file.length()));
    assert_eq!(
        header.capabilities,
        [Capability::Completion, Capability::Vision]
    );

    let untied = parse(&file.tensor("output.weight", &[32], 0)).unwrap();
    assert!(!untied.weights.tied);
    assert_eq!(untied.weights.output, Bytes(4 * (128 + 32)));
}

#[test]
fn a_header_tells_more_than_shapes() {
    let file = Gguf::new(3)
        .model("qwen3", 1)
        .key("general.name", text("Qwen3\n 8B\x1b"))
        .key("general.file_type", u32(15))
        .key("tokenizer.ggml.model", text("gpt2"))
        .key("tokenizer.ggml.tokens", texts(&["a", "b", "ccc"]))
        .key("tokenizer.ggml.scores", array(6, 3, vec![0; 12]))
        .key("tokenizer.chat_template", text("{% if tools %} <think>"))
        .tensor("token_embd.weight", &[64, 3], 1);
    let header = parse(&file).unwrap();
    assert_eq!(header.name.as_deref(), Some("Qwen3 8B"));
    assert_eq!(header.quantization, "Q4_K_M");
    assert_eq!(header.context_length, 2048);
    assert_eq!(header.architecture.vocabulary_size, 3);
    let known = [
        Capability::Completion,
        Capability::Tools,
        Capability::Thinking,
    ];
    assert_eq!(header.capabilities, known);

    let embedding = model("qwen3", 1, &[("pooling_type", 3)]);
    assert_eq!(
        parse(&embedding).unwrap().capabilities,
        [Capability::Embedding]
    );
    let commonest = |kind| parse(&Gguf::llama().tensor("blk.0.x", &[1 << 20], kind));
    assert_eq!(commonest(12).unwrap().quantization, "Q4_K_M");
    assert_eq!(commonest(8).unwrap().quantization, "Q8_0");
    // Ollama's code for MXFP4 before GGML had one.
    assert_eq!(commonest(39).unwrap().quantization, "MXFP4");
}

#[test]
fn blocks_for_prediction_are_not_blocks() {
    let file = model("glm4moe", 3, &[("nextn_predict_layers", 1)])
        .tensor("output.weight", &[64], 0)
        .tensor("blk.1.x", &[64], 0)
        .tensor("blk.2.x", &[64], 0);
    let header = parse(&file).unwrap();
    assert_eq!(header.architecture.block_count, 2);
    assert_eq!(
        (header.weights.blocks.len(), header.unused),
        (2, Bytes(256))
    );
    assert_eq!(header.weights.output, Bytes(256));
    assert_eq!(
        code(&model("glm4moe", 3, &[("nextn_predict_layers", 3)])),
        "bad-value"
    );
}

#[test]
fn encoders_keep_nothing_and_have_no_head() {
    let header = parse(&model("bert", 2, &[])).unwrap();
    assert_eq!(layers(&header.architecture, CacheKind::Nothing), [0, 1]);
    assert!(!header.weights.tied);
    assert_eq!(header.capabilities, [Capability::Embedding]);
}

#[test]
fn models_in_several_files_are_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let part = |file: Gguf, number: u32| {
        file.key("split.no", u32(number - 1))
            .key("split.count", u32(2))
            .key("split.tensors.count", u32(2))
    };
    let first = part(Gguf::llama(), 1);
    let second = part(Gguf::new(3), 2).tensor("blk.0.x", &[64], 0);
    let path = |number| folder.path().join(format!("m-0000{number}-of-00002.gguf"));
    first.write(&path(1));
    let error = gguf::read(&path(1)).unwrap_err();
    assert_eq!(error.code(), "missing-parts");
    assert!(
        error.to_string().contains("m-00002-of-00002.gguf"),
        "{error}"
    );
    second.write(&path(2));
    let whole = gguf::read(&path(1)).unwrap();
    assert_eq!(whole, gguf::read(&path(2)).unwrap());
    assert_eq!((whole.parts, whole.parameters), (2, 6464));
    assert_eq!(whole.file_bytes, Bytes(first.length() + second.length()));

    first.write(&path(2));
    assert_eq!(gguf::read(&path(1)).unwrap_err().code(), "foreign-part");
    let other = folder.path().join("blob");
    second.write(&other);
    assert_eq!(gguf::read(&other).unwrap_err().code(), "split-part");
    assert_eq!(code(&second), "split-part");
}

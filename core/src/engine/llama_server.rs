//! How `llama-server` is started so that it allocates what was estimated: nothing that memory depends on is left to its own choice.
//!
//! Read from llama.cpp b11434 (common/arg.cpp, src/llama-model.cpp, tools/server/server.cpp). Left alone it takes four slots that share one
//! cache, fits layers to what is free, and evaluates 512 tokens at once.

use std::collections::BTreeMap;

use super::estimate::Assignment;
use super::place::Placement;
use super::workload::{Build, Engine, FlashAttention, UBATCH, Workload};
use crate::quantization::TensorType;

/// The build whose rules stand for it; those from b11413 on allocate alike.
const BUILD: Build = Build::B11434;
/// Tokens that it takes up at once (`n_batch`); no memory of a GPU depends on it.
const BATCH: u32 = 2048;
/// All layers, however many there are.
const ALL_LAYERS: u32 = 999;

/// The same settings for a server of its own.
pub fn of_own(workload: Workload) -> Workload {
    Workload {
        engine: Engine::LlamaCpp,
        build: BUILD,
        batch_logits: false,
        ..workload
    }
}

/// How an option is written as a flag.
enum FlagForm {
    /// Followed by its value: `-c 8192`.
    Value,
    /// By itself, if it is on.
    On,
    /// By itself, if it is off.
    Off,
}

/// Every option that is set here: its flag, its variable, and how the flag is written.
const OPTIONS: [(&str, &str, FlagForm); 27] = [
    ("-m", "LLAMA_ARG_MODEL", FlagForm::Value),
    ("-hf", "LLAMA_ARG_HF_REPO", FlagForm::Value),
    ("--mmproj", "LLAMA_ARG_MMPROJ", FlagForm::Value),
    ("--no-mmproj", "LLAMA_ARG_MMPROJ_AUTO", FlagForm::Off),
    (
        "--no-mmproj-offload",
        "LLAMA_ARG_MMPROJ_OFFLOAD",
        FlagForm::Off,
    ),
    ("-md", "LLAMA_ARG_SPEC_DRAFT_MODEL", FlagForm::Value),
    ("--spec-type", "LLAMA_ARG_SPEC_TYPE", FlagForm::Value),
    (
        "--spec-draft-n-max",
        "LLAMA_ARG_SPEC_DRAFT_N_MAX",
        FlagForm::Value,
    ),
    ("-a", "LLAMA_ARG_ALIAS", FlagForm::Value),
    ("--embedding", "LLAMA_ARG_EMBEDDINGS", FlagForm::On),
    ("--host", "LLAMA_ARG_HOST", FlagForm::Value),
    ("--port", "LLAMA_ARG_PORT", FlagForm::Value),
    ("-c", "LLAMA_ARG_CTX_SIZE", FlagForm::Value),
    ("-np", "LLAMA_ARG_N_PARALLEL", FlagForm::Value),
    ("-no-kvu", "LLAMA_ARG_KV_UNIFIED", FlagForm::Off),
    ("-b", "LLAMA_ARG_BATCH", FlagForm::Value),
    ("-ub", "LLAMA_ARG_UBATCH", FlagForm::Value),
    ("-ctk", "LLAMA_ARG_CACHE_TYPE_K", FlagForm::Value),
    ("-ctv", "LLAMA_ARG_CACHE_TYPE_V", FlagForm::Value),
    ("-fa", "LLAMA_ARG_FLASH_ATTN", FlagForm::Value),
    ("-ngl", "LLAMA_ARG_N_GPU_LAYERS", FlagForm::Value),
    ("-dev", "LLAMA_ARG_DEVICE", FlagForm::Value),
    ("-sm", "LLAMA_ARG_SPLIT_MODE", FlagForm::Value),
    ("-ts", "LLAMA_ARG_TENSOR_SPLIT", FlagForm::Value),
    ("--n-cpu-moe", "LLAMA_ARG_N_CPU_MOE", FlagForm::Value),
    ("-ot", "LLAMA_ARG_OVERRIDE_TENSOR", FlagForm::Value),
    ("--fit", "LLAMA_ARG_FIT", FlagForm::Value),
];

/// The command line that says what an environment says; variables that are no option's are left to the environment.
pub fn command(environment: &BTreeMap<String, String>) -> Vec<String> {
    let mut command = vec!["llama-server".to_owned()];
    for (flag, variable, form) in OPTIONS {
        let Some(value) = environment.get(variable) else {
            continue;
        };
        match (form, value.as_str()) {
            (FlagForm::Value, value) => command.extend([flag.to_owned(), value.to_owned()]),
            (FlagForm::On, "true") | (FlagForm::Off, "false") => command.push(flag.to_owned()),
            _ => {}
        }
    }
    command
}

/// Whether a variable is an option of its own.
pub fn is_option(variable: &str) -> bool {
    OPTIONS.iter().any(|(_, name, _)| *name == variable)
}

/// What it is told of memory: slots, batches, the cache, and which device holds what.
pub fn environment(placement: &Placement) -> BTreeMap<String, String> {
    let (workload, assignment) = (&placement.workload, &placement.assignment);
    let ubatch = workload.batch.unwrap_or(UBATCH);
    let total = u64::from(workload.context_length) * u64::from(workload.parallel);
    let mut environment = BTreeMap::new();
    let mut put =
        |name: &str, value: String| environment.insert(format!("LLAMA_ARG_{name}"), value);
    put("CTX_SIZE", total.to_string());
    put("N_PARALLEL", workload.parallel.to_string());
    // Each slot has cells of its own.
    put("KV_UNIFIED", "false".to_owned());
    put("BATCH", ubatch.max(BATCH).to_string());
    put("UBATCH", ubatch.to_string());
    put("CACHE_TYPE_K", cache_type(workload.kv_cache_type.keys()));
    put("CACHE_TYPE_V", cache_type(workload.kv_cache_type.values()));
    put("FLASH_ATTN", flash_attention(placement).to_owned());
    put("N_GPU_LAYERS", gpu_layers(assignment).to_string());
    if assignment.gpus == 0 {
        // Else a GPU helps with prompts, and takes memory for it.
        put("DEVICE", "none".to_owned());
    }
    if assignment.gpus > 1 {
        put("SPLIT_MODE", "layer".to_owned());
        let behind = |gpu| {
            assignment
                .prediction
                .iter()
                .filter(|at| **at == Some(gpu))
                .count()
        };
        let shares = placement.shares.iter().enumerate();
        let layers = shares.map(|(gpu, share)| (share.layers as usize + behind(gpu)).to_string());
        put("TENSOR_SPLIT", layers.collect::<Vec<_>>().join(","));
    }
    match on_host(assignment) {
        Experts::OnGpus => None,
        Experts::OfFirst(blocks) => put("N_CPU_MOE", blocks.to_string()),
        Experts::Of(blocks) => put("OVERRIDE_TENSOR", override_tensor(&blocks)),
    };
    put("FIT", "off".to_owned());
    environment
}

fn cache_type(kind: TensorType) -> String {
    kind.label().to_lowercase()
}

/// As it was estimated; where nothing was said and the GPUs cannot, it finds that out itself.
fn flash_attention(placement: &Placement) -> &'static str {
    match placement.workload.flash_attention {
        _ if placement.allocation.flash_attention => "on",
        FlashAttention::Off => "off",
        _ => "auto",
    }
}

fn gpu_layers(assignment: &Assignment) -> u32 {
    let layers = assignment.gpu_layers();
    if layers as usize > assignment.blocks.len() {
        ALL_LAYERS
    } else {
        layers + assignment.prediction.iter().flatten().count() as u32
    }
}

/// Whose experts are on the host although GPUs hold the rest.
enum Experts {
    OnGpus,
    /// Those of so many blocks, counted from the first block of the model.
    OfFirst(usize),
    Of(Vec<usize>),
}

fn on_host(assignment: &Assignment) -> Experts {
    let bare = |block: &usize| assignment.host_experts[*block];
    let blocks: Vec<usize> = (0..assignment.host_experts.len()).filter(bare).collect();
    let Some(last) = blocks.last() else {
        return Experts::OnGpus;
    };
    // A block that is on the host as a whole has its experts there, too.
    let there = |block: usize| assignment.host_experts[block] || assignment.blocks[block].is_none();
    if (0..*last).all(there) {
        Experts::OfFirst(last + 1)
    } else {
        Experts::Of(blocks)
    }
}

/// The names of a block's experts, and where they go.
const EXPERTS: &str = "[.]ffn_(up|down|gate|gate_up)_(ch|)exps=CPU";

/// Whether a value says which blocks' experts stay on the host, and nothing else.
pub fn is_override_of_experts(value: &str) -> bool {
    let blocks = value
        .strip_prefix("blk[.](")
        .and_then(|rest| rest.strip_suffix(EXPERTS)?.strip_suffix(')'));
    blocks.is_some_and(|blocks| {
        let number = |block: &str| !block.is_empty() && block.bytes().all(|c| c.is_ascii_digit());
        blocks.split('|').all(number)
    })
}

/// The experts of these blocks by their tensors' names (`LLM_FFN_EXPS_REGEX`).
fn override_tensor(blocks: &[usize]) -> String {
    let blocks: Vec<String> = blocks.iter().map(usize::to_string).collect();
    let blocks = blocks.join("|");
    // Without backslashes, which files of variables and command lines take each in their own way.
    format!("blk[.]({blocks}){EXPERTS}")
}

//! What is stated and not fitted: which benchmark speaks for which task, other names of models, and what quantizations cost.

use vramfit::request::Task;

/// What a benchmark speaks for: a task, or only how able a model is.
pub(crate) fn trait_of(category: &str, benchmark: &str) -> Option<usize> {
    let name = benchmark.to_lowercase();
    let talk = [
        "lmarena text",
        "arena-hard",
        "arena hard",
        "alpacaeval",
        "mt-bench",
        "livebench language",
        "wildbench",
        "writingbench",
        "creative writing",
    ];
    let pictures = ["mathvista", "mmbench", "mmstar"];
    let task = match category {
        // Filed as mathematics or general, but asked with a picture.
        _ if pictures.iter().any(|one| name.contains(one)) => Some(Task::Vision),
        // Programs are written with tools today: who calls them well works well in an agent.
        "coding" | "tools" => Some(Task::Code),
        _ if name.contains("terminal bench") || name.contains("terminal-bench") => Some(Task::Code),
        "math_reasoning" => Some(Task::Reasoning),
        "chinese" => Some(Task::Chinese),
        "instruction_following" => Some(Task::Chat),
        "translation" => Some(Task::Translation),
        "long_document" => Some(Task::Documents),
        "general" if talk.iter().any(|one| name.contains(one)) => Some(Task::Chat),
        // Examinations in other languages tell knowledge.
        "general" | "multilingual" => None,
        "vision" => Some(Task::Vision),
        "embedding" => Some(Task::Embedding),
        _ => return None,
    };
    Some(task.map_or(ABILITY, |task| {
        Task::ALL
            .iter()
            .position(|one| *one == task)
            .unwrap_or(ABILITY)
    }))
}

/// Who stands behind a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Somebody who makes none of the models ran them all.
    Independent,
    /// A maker of models, or a copy of what makers say.
    Vendor,
    /// Nobody knows.
    Unknown,
}

impl Origin {
    pub(crate) fn of(publisher: &str, source: &str) -> Self {
        let text = publisher.to_lowercase();
        let runs = [
            "own run",
            "lmarena",
            "livebench",
            "evalplus",
            "aider",
            "cmmlu",
            "c-eval",
            "tiger-lab leaderboard: tiger",
            "mteb",
        ];
        if text.contains("unstated") || source.starts_with("unnamed") || text.contains("quoting") {
            Self::Unknown
        } else if runs.iter().any(|one| text.contains(one)) || source.contains("NVIDIA/RULER") {
            Self::Independent
        } else {
            Self::Vendor
        }
    }
}

/// Whether a benchmark lets a model work in a repository or a terminal.
pub(crate) fn agentic(benchmark: &str) -> bool {
    let name = benchmark.to_lowercase();
    [
        "swe",
        "agentic",
        "terminal",
        "aider",
        "polyglot",
        "coding index",
    ]
    .iter()
    .any(|one| name.contains(one))
}

/// Benchmarks that nearly every model passes, or that have long been in what models are trained on.
const WORN: [&str; 24] = [
    "humaneval",
    "mbpp",
    "evalplus",
    "gsm8k",
    "gsm-8k",
    "math-500",
    "mmlu",
    "c-eval",
    "ceval",
    "cmmlu",
    "hellaswag",
    "arc-",
    "arc_",
    "winogrande",
    "boolq",
    "piqa",
    "social iqa",
    "triviaqa",
    "openbookqa",
    "agieval",
    "bbh",
    "big-bench hard",
    "mgsm",
    "gaokao",
];

/// Whether a benchmark is one of [`WORN`].
pub(crate) fn is_worn(benchmark: &str) -> bool {
    let name = benchmark.to_lowercase();
    let newer = ["mmlu-pro", "global-mmlu"];
    name == "math"
        || !newer.iter().any(|one| name.contains(one)) && WORN.iter().any(|one| name.contains(one))
}

/// How much a row counts beside others: what a benchmark says of the work that is asked for, and who ran it.
pub(crate) fn importance(category: &str, benchmark: &str, origin: Origin) -> f64 {
    let name = benchmark.to_lowercase();
    let says = match category {
        _ if is_worn(benchmark) => 0.25,
        // Work on whole repositories is what a model for code is for, and says more than short functions.
        _ if agentic(benchmark) => 2.0,
        // What people prefer to be told is what chat is; to count words as told is a small part of it.
        "general" | "instruction_following" if name.starts_with("lmarena text") => 2.0,
        "instruction_following" => 0.25,
        "tools" => 0.4,
        "multilingual" => 0.4,
        "translation" => 2.0,
        _ => 1.0,
    };
    let trust = match origin {
        Origin::Independent => 1.0,
        Origin::Vendor => 0.4,
        Origin::Unknown => 0.1,
    };
    says * trust
}

/// What all that its maker says of a model counts at most, in rows of somebody else.
pub(crate) const OF_ITS_MAKER: f64 = 0.5;

/// Whether somebody ran one benchmark on the models of today in one and the same way, so that its values can be read side by side.
pub(crate) fn judges(publisher: &str, benchmark: &str) -> bool {
    publisher.starts_with("Artificial Analysis")
        || publisher.starts_with("LMArena")
        || (publisher.starts_with("Qwen (vendor table; own scaffold)")
            && benchmark.starts_with("SWE-bench"))
}

/// Tasks, and after them the ability that belongs to none.
pub(crate) const ABILITY: usize = Task::ALL.len();

/// Scales that are no percentages: their beginnings and how much one unit of log odds is.
pub(crate) const ELO: [&str; 4] = [
    "LMArena",
    "CodeForces rating",
    "Codeforces ELO",
    "Codeforces Elo",
];
pub(crate) const OF_TEN: [&str; 4] = [
    "MT-Bench",
    "AlignBench",
    "Alignbench",
    "subtitle translation",
];
/// Errors, from 0 to 25.
pub(crate) const LOWER_IS_BETTER: [&str; 1] = ["WMT24++ MetricX"];

/// Names that published tables use for a tag, compared without case, separators and idle words.
pub(crate) const ALIASES: [(&str, &str); 100] = [
    ("qwen3-30b-a3b-thinking-2507", "qwen3:30b"),
    ("qwen3-30ba3b-thinking-2507", "qwen3:30b"),
    ("qwen3-30b-a3b-instruct-2507", "qwen3:30b-instruct"),
    ("qwen3-4b-2507", "qwen3:4b"),
    ("qwen3-4b-thinking-2507", "qwen3:4b"),
    ("qwen3-235b-a22b-thinking-2507", "qwen3:235b"),
    ("qwen3-235b-a22b-instruct-2507", "qwen3:235b-instruct"),
    ("qwen3-vl-30b-a3b", "qwen3-vl:30b"),
    ("qwen3-vl-235b-a22b", "qwen3-vl:235b"),
    ("qwen3-vl-235b-a22b-thinking", "qwen3-vl:235b"),
    ("qwen3-vl-235b-a22b-instruct", "qwen3-vl:235b-a22b-instruct"),
    ("qwen3-vl-30b-a3b-instruct", "qwen3-vl:30b-a3b-instruct"),
    ("qwen3-vl-32b-instruct", "qwen3-vl:32b-instruct"),
    ("qwen3-vl-8b-instruct", "qwen3-vl:8b-instruct"),
    ("qwen3-vl-4b-instruct", "qwen3-vl:4b-instruct"),
    ("qwen3-vl-2b-instruct", "qwen3-vl:2b-instruct"),
    ("qwen3-coder-480b-a35b-instruct", "qwen3-coder:480b"),
    ("qwen3-coder-30b-a3b-instruct", "qwen3-coder:30b"),
    ("qwen3-next-80b-a3b-instruct", "qwen3-next:80b"),
    ("qwen3.5-35b-a3b", "qwen3.5:35b"),
    ("qwen3.5-122b-a10b", "qwen3.5:122b"),
    ("qwen3.6-35b-a3b", "qwen3.6:35b"),
    ("qwen2.5-7b-instruct-turbo", "qwen2.5:7b"),
    ("codeqwen1.5-7b-chat", "codeqwen:chat"),
    ("codeqwen1.5-7b", "codeqwen:code"),
    ("qwen-2.5-coder-32b", "qwen2.5-coder:32b"),
    ("gpt-oss-120b (high)", "gpt-oss:120b"),
    ("devstral-2512", "devstral-2:123b"),
    ("devstral 2", "devstral-2:123b"),
    ("devstral small 2", "devstral-small-2:24b"),
    ("devstral small 1.1", "devstral:24b"),
    ("ministral 3 14b", "ministral-3:14b"),
    ("ministral 3 8b", "ministral-3:8b"),
    ("ministral 3 3b", "ministral-3:3b"),
    ("mistral-small-2501", "mistral-small:24b"),
    ("mistral-small-3-24b-instruct-2501", "mistral-small:24b"),
    ("mistral-small-24b-instruct-2501", "mistral-small:24b"),
    ("mistral-small-2503", "mistral-small3.1:24b"),
    (
        "mistral-small-3.1-24b-instruct-2503",
        "mistral-small3.1:24b",
    ),
    ("mistral-small-2506", "mistral-small3.2:24b"),
    ("mistral-small-3.2-2506", "mistral-small3.2:24b"),
    ("mistral-large-2411", "mistral-large:123b"),
    ("mistral-large-2411 (123b)", "mistral-large:123b"),
    ("mistral large (2411)", "mistral-large:123b"),
    ("open-mistral-nemo", "mistral-nemo:12b"),
    ("mistral-nemo", "mistral-nemo:12b"),
    ("mistral-nemo-instruct-2407", "mistral-nemo:12b"),
    ("mistral-7b-instruct-v0.1", "mistral:v0.1"),
    ("mistral-7b-instruct-v0.2", "mistral:v0.2"),
    ("mistral-7b-instruct-v0.3", "mistral:instruct"),
    ("mixtral-8x7b-instruct-v0.1", "mixtral:instruct"),
    ("mixtral-8x22b-instruct-v0.1", "mixtral:v0.1"),
    ("mixtral 8x22b", "mixtral:v0.1"),
    ("phi-4-reasoning-plus", "phi4-reasoning:plus"),
    ("phi-4", "phi4:14b"),
    ("phi-2", "phi:chat"),
    ("phi-2-2.7b", "phi:chat"),
    ("phi-3-mini-128k-instruct", "phi3:instruct"),
    ("phi-3-mini-4k-instruct", "phi3:mini-4k"),
    ("phi-3-medium-128k-instruct", "phi3:medium"),
    ("phi-3-medium-4k-instruct", "phi3:medium-4k"),
    ("phi-3.5-mini-instruct", "phi3.5:3.8b"),
    ("gemma 4 26b a4b", "gemma4:26b"),
    ("gemma-1.1-7b-it", "gemma:instruct"),
    ("gemma-1.1-2b-it", "gemma:2b-instruct"),
    ("codegemma-7b-it", "codegemma:instruct"),
    ("llama-2-7b-chat", "llama2:chat"),
    ("llama-3-8b-instruct", "llama3:instruct"),
    ("llama 4 scout", "llama4:scout"),
    ("llama 4 maverick", "llama4:maverick"),
    ("llama-4-scout-17b-16e-instruct", "llama4:scout"),
    ("llama-4-maverick-17b-128e-instruct", "llama4:maverick"),
    ("hermes-3-llama-3.1-70b", "hermes3:70b"),
    ("hermes 3 70b instruct", "hermes3:70b"),
    ("llama-3.1-tulu-3-70b", "tulu3:70b"),
    ("llama-3.1-tulu-3-8b", "tulu3:8b"),
    ("athene-v2-chat-72b", "athene-v2:72b"),
    ("llama-3.1-nemotron-70b-instruct", "nemotron:70b"),
    ("nvidia-nemotron-3-nano-30b-a3b", "nemotron-3-nano:30b"),
    ("nemotron-3-super-120b-a12b", "nemotron-3-super:120b"),
    ("command-r-plus-08-2024", "command-r-plus:104b"),
    ("command r+ (08-2024)", "command-r-plus:104b"),
    ("command-r-08-2024", "command-r:35b"),
    ("command-r", "command-r:v0.1"),
    ("command-a-03-2025", "command-a:111b"),
    ("deepseek-r1-0528", "deepseek-r1:671b"),
    ("deepseek-v3-0324", "deepseek-v3:671b"),
    ("deepseek-r1-distill-llama-70b", "deepseek-r1:70b"),
    ("deepseek-r1-distill-qwen-32b", "deepseek-r1:32b"),
    ("deepseek-r1-distill-qwen-14b", "deepseek-r1:14b"),
    ("deepseek-r1-distill-qwen-7b", "deepseek-r1:7b"),
    ("deepseek-r1-distill-qwen-1.5b", "deepseek-r1:1.5b"),
    ("deepseek-v2-lite-chat", "deepseek-v2:lite"),
    ("deepseek-coder-v2-lite-instruct", "deepseek-coder-v2:lite"),
    ("olmo 3.1 32b think", "olmo-3.1:32b"),
    ("olmo 3 7b think", "olmo-3:7b"),
    ("hy-mt1.5:1.8b", "hf.co/tencent/HY-MT1.5-1.8B-GGUF:Q4_K_M"),
    ("hy-mt1.5:7b", "hf.co/tencent/HY-MT1.5-7B-GGUF:Q4_K_M"),
    ("hy-mt2:1.8b", "hf.co/tencent/Hy-MT2-1.8B-GGUF:Q4_K_M"),
    ("hy-mt2:7b", "hf.co/tencent/Hy-MT2-7B-GGUF:Q4_K_M"),
];

/// Perplexity of Llama-3-8B at 16 bits, and what files add to it: `quantize.cpp` and the scoreboard of `perplexity/README.md` (files made
/// with an importance matrix where the format needs one), both of github:ggml-org/llama.cpp.
pub(crate) const PERPLEXITY: f64 = 6.2331;
pub(crate) const ADDED: [(&str, f64); 25] = [
    ("Q8_0", 0.0026),
    ("Q6_K", 0.0217),
    ("Q5_K_M", 0.0569),
    ("Q5_K_S", 0.1049),
    ("Q5_1", 0.1062),
    ("Q5_0", 0.1316),
    ("Q4_K_M", 0.1754),
    ("Q4_K_S", 0.2689),
    ("IQ4_NL", 0.2224),
    ("IQ4_XS", 0.2265),
    ("Q4_1", 0.4511),
    ("Q4_0", 0.4685),
    ("Q3_K_L", 0.5562),
    ("Q3_K_M", 0.6569),
    ("IQ3_M", 0.65),
    ("IQ3_S", 0.74),
    ("IQ3_XXS", 1.226),
    ("Q3_K_S", 1.6321),
    ("IQ2_M", 2.3676),
    ("Q2_K_S", 3.1836),
    ("Q2_K", 3.5199),
    ("IQ2_S", 3.42),
    ("IQ2_XS", 4.53),
    ("IQ2_XXS", 7.86),
    ("IQ1_M", 14.5),
];
/// Points for a perplexity e times as high. Q4_K_M costs 0.7 points so, what vendors report for 4-bit files of 7B to 72B models.
pub(crate) const POINTS: f64 = 25.0;

/// What stands at the head of the file.
pub(crate) const HEADER: &str = "\
# Fitted by `cargo run --example fit_quality` from the rows of data/evidence/quality.jsonl.gz; do not edit by hand. How: docs/ranking.md.
# Values are compared within one table only: log odds = table + slope of the benchmark * (ability + task), a ridge with effects of
# size, generation, series, family, kind and predecessor. Base checkpoints and runs without thinking have offsets of their own.
# Within a family no model scores above one with more parameters, all and active, or three times as many; no successor below its
# predecessor and no tuning above its checkpoint unless its own rows say so.
# score: 5 to 95 over the models that answer, task by task; sd: one standard deviation; evidence: rows of this model for this task.
# basis: benchmarks = own rows; related = its family, or its own rows for other tasks; size = series, size, generation and kind.
# penalty: 25 * ln of the perplexity's ratio to 16 bits (Llama-3-8B, github:ggml-org/llama.cpp:tools/quantize/quantize.cpp).
# evidence: the rows that tell most, values as published; never compare values of two tables.

";

//! The manual: an example or two of every command, what ends a run how, which variables and files are read. Help and manual pages have it
//! from here; every example and every file is run by a test.

use super::word;
use crate::lang::Lang;

macro_rules! examples {
    ($($id:literal: [$($command:literal: $en:literal, $zh:literal;)*];)*) => {
        /// Command lines of a command, each with what it is for.
        pub(crate) fn examples(lang: Lang, id: &str) -> Vec<(&'static str, &'static str)> {
            match id {
                $($id => vec![$(($command, word(lang, $en, $zh))),*],)*
                _ => Vec::new(),
            }
        }
    };
}

words! {
    examples_title: "Examples", "示例";
    exit_codes: "Exit codes", "退出码";
    environment: "Environment", "环境变量";
    files: "Files", "文件";
    see_also: "See also", "另见";
    more_help: "Hardware, output and language options: vramfit help hardware. Examples: --help",
        "硬件、输出与语言选项：vramfit help hardware；示例：--help";
    topics: "More: vramfit help hardware|environment|files|exit-codes, or vramfit help COMMAND",
        "更多帮助：vramfit help hardware|environment|files|exit-codes，或 vramfit help 命令";
    hardware_note: "\
Without any of these, the GPUs of this machine are detected (NVML for NVIDIA, sysfs for AMD). Simulated hardware never touches the driver. \
A flag counts before the environment, that before the configuration file.",
        "不加这些选项时检测本机显卡（NVIDIA 用 NVML，AMD 用 sysfs）；模拟的硬件不接触驱动。命令行选项优先于环境变量，环境变量优先于配置文件。";
}

examples! {
    "vramfit": [
        "vramfit recommend --task chinese": "which model, on this machine", "本机该用哪个中文模型";
        "vramfit recommend --gpu 'RTX 3060 12GB' --ram 32 --json": "on other hardware, for a script", "换一套硬件，供脚本使用";
        "vramfit explain qwen3:30b --gpu 'RTX 3090'": "one model in detail", "一个模型的显存明细，上下文能开多长";
        "vramfit plan llama3:70b 'qwen3:30b*2' --gpu '3090 x4'": "several models on several GPUs", "几个模型分到几张卡上";
    ];
    "wizard": [
        "vramfit wizard --gpu 'RTX 3090'": "asks what the command line does not say", "只问命令行没有给出的问题";
    ];
    "recommend": [
        "vramfit recommend --task code --priority speed": "a fast model for code, on this machine", "本机上写代码用的快模型";
        "vramfit recommend --gpu 'RTX 3060 12GB' --ram 32": "a card and RAM that are not here", "按别的显卡和内存估算";
        "vramfit recommend --gpu 2x3090 --context max": "the longest context that fits, model by model", "每个模型能放下的最长上下文";
        "vramfit recommend --vram 24 --emit compose": "the file that starts the pick", "直接生成启动首选模型的文件";
    ];
    "explain": [
        "vramfit explain qwen3:30b --gpu 'RTX 3090'": "where the memory goes, which contexts fit", "显存用在哪里，上下文能开多长";
        "vramfit explain qwen3:8b --vram 8 --context 32k --kv-cache-type q8_0": "with other settings", "换一组设置";
        "vramfit explain qwen3:30b --gpu 'RTX 3060' --ram 64 --engine llama.cpp": "the llama-server that leaves experts in RAM", "把部分专家留在内存的 llama-server 命令";
        "vramfit explain qwen3:30b --why code": "also the benchmarks behind its score", "同时列出评分依据";
    ];
    "compare": [
        "vramfit compare qwen3:8b llama3.1:8b --vram 24": "side by side", "并排比较";
        "vramfit compare --family qwen3 --gpu 'RTX 3090'": "a whole series", "比较整个系列";
    ];
    "models": [
        "vramfit models --limit 5": "the most pulled of each tier", "每个档位下载最多的几个";
        "vramfit models --tier light --task code": "small models that write code", "小而会写代码的模型";
        "vramfit models --capability vision --max-params 10": "small models that take pictures", "能看图的小模型";
    ];
    "matrix": [
        "vramfit matrix --task chinese": "how much memory for what", "多大显存做什么";
    ];
    "curves": [
        "vramfit curves --gpu 'RTX 4090'": "in the terminal; --out FILE.svg writes them", "画在终端里；--out FILE.svg 写入文件";
    ];
    "tips": [
        "vramfit tips --tag qwen3:8b --vram 8": "what each setting saves", "每项设置能省多少";
        "vramfit tips --tag qwen3:8b --vram 8 --emit modelfile": "a Modelfile to use", "生成可用的 Modelfile";
    ];
    "plan": [
        "vramfit plan llama3:70b 'qwen3:30b*2@16k' --gpu '3090 x4'": "a 70B and two replicas at 16K", "一个 70B，加两个 16K 上下文的副本";
        "vramfit plan qwen3:8b:pin=1 qwen3:14b --gpu 2x3090 --emit systemd --out -": "the units that start it", "生成启动用的 systemd 单元";
        "vramfit plan qwen3:30b --gpu 2x3090 --fill --task code": "what else fits beside it", "旁边还放得下什么";
        "vramfit plan 'qwen3:8b*2' --gpu 2x3090 --lose 1": "what the loss of a card costs", "坏一张卡会怎样";
        "vramfit plan --preset 4x3090-mixed": "a configuration of the guide", "指南中的配置方案";
    ];
    "upgrade": [
        "vramfit upgrade llama3:70b --gpu 'RTX 3090'": "what to add to a 3090 for a 70B", "有一张 3090，想跑 70B 该加什么卡";
        "vramfit upgrade qwen3:30b bge-m3 --gpu 'RTX 3060 12GB' --card 3090 --slots 1": "another card instead of this one", "不加卡，只换卡";
    ];
    "doctor": [
        "vramfit doctor": "this machine", "检查本机";
        "vramfit doctor /etc/systemd/system/ollama.service --fix": "a file, corrected beside it", "检查一个文件，并把改正后的写在旁边";
    ];
    "gpus": [
        "vramfit gpus": "what is here, and what is free", "本机有什么卡，还空多少";
        "vramfit gpus --gpu 2x3090+4060 --json": "for --fleet on another machine", "供另一台机器的 --fleet 使用";
    ];
    "monitor": [
        "vramfit monitor": "live; q ends it", "实时显示，按 q 退出";
        "vramfit monitor --once --plan plan.json": "whether a plan serves as planned", "方案是否按计划运行";
    ];
    "mcp": [
        "claude mcp add vramfit -- vramfit mcp": "tells a client how to start it", "告诉客户端怎样启动它";
    ];
    "pull": [
        "vramfit pull qwen3:8b": "downloads it if it fits", "放得下才下载";
    ];
    "run": [
        "vramfit run qwen3:8b --context 16k": "loads it with this context", "用这个上下文加载";
    ];
    "bench": [
        "vramfit bench qwen3:8b": "this machine's own speed, kept for later predictions", "测出本机的速度，供今后预测使用";
        "vramfit bench --json | jq -c '.rows[]'": "of the loaded model, as CONTRIBUTING.md asks for it", "测已加载的模型，输出 CONTRIBUTING.md 要求的格式";
    ];
    "verify": [
        "vramfit verify": "every loaded model", "所有已加载的模型";
        "vramfit verify qwen3:8b --log ollama.log": "with the engine's own numbers", "对照引擎日志";
    ];
    "catalog": [
        "vramfit catalog": "what the answers rest on, and how old it is", "答案依据的数据及其新旧";
    ];
    "catalog show": [
        "vramfit catalog show qwen3:8b": "a model and its sources", "一个模型的数据与来源";
    ];
    "catalog check": [
        "vramfit catalog check": "the built-in data", "检查内置数据";
    ];
    "catalog import": [
        "vramfit catalog import model.gguf --tag mine:8b": "an entry for a model of your own", "为自己的模型生成目录条目";
    ];
    "schema": [
        "vramfit schema recommend": "of what 'recommend --json' writes", "recommend --json 的结构";
    ];
    "completions": [
        "vramfit completions bash > ~/.local/share/bash-completion/completions/vramfit": "for bash", "供 bash 使用";
    ];
    "man": [
        "vramfit man | man -l -": "the manual page", "阅读手册页";
    ];
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($key:literal: $en:literal, $zh:literal;)* }) => {
        $(#[$doc])*
        pub(crate) fn $name(lang: Lang) -> Vec<(&'static str, &'static str)> {
            vec![$(($key, word(lang, $en, $zh))),*]
        }
    };
}

table! {
    /// What an exit code means.
    exits {
        "0": "Answered yes.", "回答为“是”。";
        "1": "Answered no: nothing fits, a demand has no place, verify or doctor found a fault.", "回答为“否”：没有放得下的模型、有服务放不下，或 verify、doctor 查出问题。";
        "2": "Could not answer: bad input, an unreadable file, a server that does not reply.", "无法回答：输入有误、文件读不了，或服务没有响应。";
    }
}

table! {
    /// The environment variables that are read.
    variables {
        "VRAMFIT_LANG": "Language: en or zh. Else LC_ALL, LC_MESSAGES, LANG.", "语言：en 或 zh；未设时依次看 LC_ALL、LC_MESSAGES、LANG。";
        "VRAMFIT_CATALOG": "As --catalog: all, guide, or a TOML file.", "同 --catalog：all、guide 或 TOML 文件。";
        "VRAMFIT_CONFIG": "The configuration file.", "配置文件的位置。";
        "XDG_CONFIG_HOME": "Where vramfit/config.toml lies; ~/.config by default.", "vramfit/config.toml 所在目录，默认 ~/.config。";
        "NO_COLOR": "No colours.", "不使用颜色。";
        "COLUMNS": "Columns to write in.", "输出的列数。";
        "PAGER": "Shows pages that are longer than the terminal; less by default.", "分页显示超过一屏的内容，默认用 less。";
        "OLLAMA_HOST": "The Ollama that is asked.", "要访问的 Ollama 地址。";
        "OLLAMA_MODELS": "Its store, for installed models.", "Ollama 的模型目录，用于识别已安装的模型。";
        "OLLAMA_CONTEXT_LENGTH": "As --context.", "同 --context。";
        "OLLAMA_NUM_PARALLEL": "As --parallel.", "同 --parallel。";
        "OLLAMA_KV_CACHE_TYPE": "As --kv-cache-type.", "同 --kv-cache-type。";
        "OLLAMA_FLASH_ATTENTION": "0 is as --no-flash-attention.", "设为 0 等同于 --no-flash-attention。";
    }
}

/// A file that is read: its name, what it is, and one to begin with.
pub(crate) struct FileExample {
    pub name: &'static str,
    pub about: &'static str,
    pub text: &'static str,
}

/// The files that people write.
pub(crate) fn file_examples(lang: Lang) -> [FileExample; 5] {
    [
        FileExample {
            name: "~/.config/vramfit/config.toml",
            about: word(
                lang,
                "Defaults of options, below flags and environment; every key is the option of that name.",
                "各选项的默认值，优先级低于命令行和环境变量；键名就是选项名。",
            ),
            text: CONFIG,
        },
        FileExample {
            name: "~/.config/vramfit/catalog/*.toml",
            about: word(
                lang,
                "Your own models on top of the built-in ones, as 'vramfit catalog import' writes them.",
                "叠加在内置目录上的自有模型，可由 vramfit catalog import 生成。",
            ),
            text: CATALOG,
        },
        FileExample {
            name: "fleet.toml",
            about: word(lang, "Machines for --fleet.", "供 --fleet 使用的机器清单。"),
            text: FLEET,
        },
        FileExample {
            name: "models.toml",
            about: word(
                lang,
                "Services for 'vramfit plan --models-file'.",
                "供 vramfit plan --models-file 使用的服务清单。",
            ),
            text: MODELS,
        },
        FileExample {
            name: "prices.toml",
            about: word(
                lang,
                "Cards and their prices for 'vramfit upgrade --prices', all in one currency.",
                "供 vramfit upgrade --prices 使用的显卡价格，货币须一致。",
            ),
            text: PRICES,
        },
    ]
}

const CONFIG: &str = r#"lang = "en"
gpu = ["RTX 3090 x2"]
ram = "64"
context = "16k"
kv-cache-type = "q8_0"
"#;

const CATALOG: &str = r#"[[model]]
name = "mine:8b"
parameters = 8_190_726_144
context_length = 40960
architecture = "qwen3-8b"
local = true
source = "measured here"

[[model.variant]]
tag = "mine:8b"
quantization = "Q4_K_M"
weights = 5_027_783_488
source = "measured here"
"#;

const FLEET: &str = r#"[[host]]
name = "rack1"
memory = "64 GiB"
gpus = ["RTX 3090 x2"]

[[host]]
name = "rack2"
gpus = ["RTX 4090"]
"#;

const PRICES: &str = r#"currency = "EUR"
"RTX 3090" = 700
"RTX 4090" = 1800
"RTX 5090" = 2400
"#;

const MODELS: &str = r#"[[model]]
tag = "qwen3:8b"
replicas = 2
context = "16k"
must = true

[[model]]
tag = "nomic-embed-text"
"#;

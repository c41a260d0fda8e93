//! Help: a sentence for every command and option, in both languages.
//!
//! Ids are the command's name, or `command.option`; an option without a command's own sentence takes the one of its bare name.

use crate::lang::Lang;

macro_rules! sentences {
    ($($id:literal: $en:literal, $zh:literal;)*) => {
        /// Every id that has a sentence.
        pub const HELP_IDS: &[&str] = &[$($id),*];

        fn find(id: &str, lang: Lang) -> Option<&'static str> {
            match id {
                $($id => Some(match lang { Lang::En => $en, Lang::Zh => $zh }),)*
                _ => None,
            }
        }
    };
}

/// The sentence of an option of a command, or of a command (with an empty option).
pub fn help(command: &str, option: &str, lang: Lang) -> Option<&'static str> {
    if option.is_empty() {
        return find(command, lang);
    }
    find(&format!("{command}.{option}"), lang).or_else(|| find(&format!("-{option}"), lang))
}

sentences! {
    "vramfit": "Which language models fit your GPUs, exactly: ranked, placed and explained",
        "哪些大模型放得进你的显卡：精确到字节，给出排名、放置方案和理由";
    "wizard": "Answer four questions, and get the models that fit: what 'vramfit' does on a terminal", "回答四个问题，得到放得下的模型；在终端里直接运行 vramfit 也是它";
    "recommend": "Rank the models that fit, for a task", "按任务给放得下的模型排名";
    "explain": "Explain one model's memory line by line: where it goes, which contexts fit, what Ollama would do",
        "逐项解释一个模型的显存：放在哪里、能用多长的上下文、Ollama 自己会怎么做";
    "compare": "Compare models side by side", "并排比较几个模型";
    "models": "List the catalog by VRAM tier", "按显存档位列出模型目录";
    "matrix": "Show which model suits which memory: for development, in production, as the flagship",
        "多大显存配什么模型：开发、生产、旗舰各一";
    "curves": "Plot quality, speed, first-token latency and value by model size on a GPU", "绘制质量、速度、首字延迟和性价比随模型规模变化的曲线";
    "tips": "Tell what each setting would save on this hardware, and write a Modelfile or environment", "说明每项设置能省多少显存，并生成 Modelfile 或环境变量";
    "pull": "Download a model if it fits here", "下载放得下的模型";
    "run": "Download a model if need be, load it with the context that was judged, and open it in Ollama",
        "按需下载模型，以评估时的上下文加载，并在 Ollama 中打开";
    "verify": "Compare what was predicted with what Ollama, its log and the driver report",
        "把预测与 Ollama、引擎日志和驱动的实际数据作比较";
    "verify.tag": "Only this model", "只看这个模型";
    "verify.log": "Log of 'ollama serve' or llama-server, for the engine's own buffers", "ollama serve 或 llama-server 的日志，含引擎自己的缓冲区数据";
    "verify.save": "Keep the CUDA context that was measured, for later estimates on this machine", "保存实测的 CUDA 上下文大小，供以后在本机估算";
    "pull.force": "Also what does not fit", "放不下也照样下载";
    "run.force": "Also what does not fit", "放不下也照样运行";
    "plan": "Place services on GPUs, all together: ports, memory, and what a lost card costs",
        "把多个服务一起安排到各张显卡上：端口、显存，以及坏一张卡的代价";
    "doctor": "Find what is wrong in scripts, units, Modelfiles, compose files, nginx configurations and documents, or on this machine",
        "检查脚本、systemd 单元、Modelfile、compose、nginx 配置和文档中的错误；不给文件则检查本机";
    "gpus": "Show the GPUs and the host's memory", "显示显卡与内存";
    "monitor": "Watch GPUs, the programs on them and the loaded models", "实时查看显卡、占用显存的程序和已加载的模型";
    "mcp": "Serve the commands as Model Context Protocol tools over standard input and output", "通过标准输入输出，以 MCP 工具的形式提供各命令";
    "catalog": "Show what the data behind the answers hold and how old they are; check, show and import models",
        "显示内置数据的内容与新旧；检查、查看和导入模型";
    "catalog check": "Check the catalog, or a file of yours, and tell every defect", "检查内置目录或你的文件，列出全部错误";
    "catalog show": "Show one model's data and its sources", "显示某个模型的数据与来源";
    "catalog path": "Show where your own data files and configuration are looked for", "显示自定义数据与配置文件的位置";
    "catalog import": "Write a catalog entry from a GGUF file, a model of Ollama's store, or a checkpoint's config.json",
        "由 GGUF 文件、Ollama 本地模型或 config.json 生成目录条目";
    "schema": "Print the JSON Schema of a command's output", "输出某个命令 JSON 结果的 JSON Schema";
    "completions": "Print shell completions", "输出命令行补全脚本";
    "man": "Print the manual page, or write all pages to a directory", "输出手册页，或将全部手册页写入目录";
    "help": "Show help", "显示帮助";

    "-demands": "What to serve: a tag, how many replicas, the context, and the GPUs it may use", "要提供的服务：标签、副本数、上下文、可用的显卡";
    "-preset": "A configuration of the guide, such as 4x3090-mixed; without a name they are listed", "指南中的配置方案，如 4x3090-mixed；不给名称则列出全部";
    "-models-file": "Demands from a TOML file: [[model]] with tag, replicas, context, parallel, kv_cache_type, pin, apart, port",
        "从 TOML 文件读取需求：[[model]]，含 tag、replicas、context、parallel、kv_cache_type、pin、apart、port";
    "-keep-free": "So many GPUs, or these, stay free", "保持空闲的显卡：张数，或具体哪几张";
    "-apart": "Replicas of a model on GPUs or hosts of their own", "同一模型的副本分放在不同的显卡或主机上";
    "-base-port": "Port of the first service; the others count on from it", "第一个服务的端口，其余依次递增";
    "-widen": "Use memory that is left over for longer contexts", "用剩余显存加长上下文";
    "-lose": "Plan without this GPU, and show what its loss costs", "去掉这张显卡重新规划，看看损失什么";
    "-what-if": "Plan with more GPUs, and show what they bring: '+RTX 4090'", "加上这些显卡重新规划，看看能多放什么：'+RTX 4090'";
    "-diff": "Show what moves against a plan that was saved with --json", "与用 --json 保存的方案比较，看看有何变动";
    "-task": "What the model is for", "用途";
    "-priority": "What counts most", "更看重什么";
    "-stage": "How far the project is: a prototype wants speed, production wants quality", "项目阶段：原型重速度，生产重质量";
    "-budget": "How much memory it may take", "预算";
    "-limit": "How many models to show", "显示多少个模型";
    "-installed": "Only models that this machine's Ollama has", "只看本机 Ollama 已安装的模型";
    "-context": "Tokens of context for each request, such as 8192, 8k or 128k", "每个请求的上下文长度，如 8192、8k、128k";
    "-parallel": "Requests served at once; each has a context of its own", "同时处理的请求数，各有自己的上下文";
    "-kv-cache-type": "How keys and values are stored", "KV 缓存的类型";
    "-batch": "Tokens evaluated at once (num_batch); by default as Ollama picks it", "一次计算的词元数（num_batch），默认同 Ollama 的选择";
    "-no-flash-attention": "Estimate without flash attention", "按关闭 Flash Attention 估算";
    "-gpu": "Simulate GPUs instead of looking for them: 'RTX 3090 x2', '2x3090+4060', 'A100 80GB'",
        "模拟显卡，不检测本机：'RTX 3090 x2'、'2x3090+4060'、'A100 80GB'";
    "-vram": "Simulate a GPU with so much free memory: 24, 24x2, 5.5", "模拟有这么多空闲显存的显卡：24、24x2、5.5";
    "-ram": "Host memory of the simulated machine", "模拟主机的内存";
    "-fleet": "Machines from a file: TOML, or JSON of 'vramfit gpus'", "从文件读取机器清单：TOML，或 vramfit gpus 的 JSON";
    "-reserve": "Memory to keep free on every GPU", "每张显卡上要留出的显存";
    "-spread": "Split over all GPUs even where one would do", "一张卡够用也拆分到所有显卡";
    "-ollama-version": "Predict this version of Ollama", "按这个 Ollama 版本预测";
    "-catalog": "Which models: all, guide, or a TOML file of your own on top of all", "模型范围：all、guide，或叠加在内置目录之上的 TOML 文件";
    "-config": "Configuration file", "配置文件";
    "-lang": "Language", "语言";
    "-format": "Output format", "输出格式";
    "-json": "The same as --format json", "等同于 --format json";
    "-color": "When to use colours", "何时使用颜色";
    "-quiet": "Only the answer, no remarks", "只给答案，不加说明";
    "-verbose": "More: sources and every number", "更详细：来源与全部数字";
    "-nvml": "NVIDIA management library to load instead of the system's", "改为加载指定的 NVIDIA 管理库";
    "-family": "Only this family or series", "只看这个系列";
    "-tier": "Only this tier", "只看这个档位";
    "-why": "Show the evidence for this task", "显示此任务的评测依据";
    "-tag": "A tag such as qwen3:30b", "标签，如 qwen3:30b";
    "-tags": "Tags to compare", "要比较的标签";
    "-file": "A file", "文件";
    "-files": "Files", "文件";
    "-out": "Directory to write to", "写入的目录";
    "-emit": "Write files that start it", "输出用于启动的文件";
    "plan.emit": "Write files that start the plan; one file goes to standard output without --out", "输出用于启动整个方案的文件；只有一个文件且无 --out 时写到标准输出";
    "plan.out": "Directory to write to; - is standard output", "写入的目录；- 表示标准输出";
    "recommend.emit": "Write files that start the first of them; one file goes to standard output without --out", "输出用于启动首选模型的文件；只有一个文件且无 --out 时写到标准输出";
    "recommend.out": "Directory to write to; - is standard output", "写入的目录；- 表示标准输出";
    "-force": "Overwrite existing files", "覆盖已有文件";
    "-once": "Look once", "只显示一次";
    "-interval": "Seconds between two looks, 1 unless given", "刷新间隔（秒），默认 1";
    "-command": "A command", "命令";
    "-shell": "A shell", "Shell 名称";
    "-help": "Show help", "显示帮助";
    "-version": "Show the version", "显示版本";
    "doctor.files": "Files to judge; without them this machine is", "要检查的文件；不给则检查本机";
    "-fix": "Write each corrected file beside the old one, as FILE.fixed", "把改正后的内容写到原文件旁的 FILE.fixed";
    "tips.emit": "Write only this, ready to use", "只输出可直接使用的这一项";
    "curves.out": "Write the plots to this SVG file", "把曲线写入这个 SVG 文件";
    "curves.plot": "Only this plot", "只画这一张";
    "tips.tag": "The model; without it the guide's tips are listed", "模型标签；不给则列出指南的建议";
    "catalog import.file": "A GGUF file, a manifest or tag of Ollama's store, or a Hugging Face config.json",
        "GGUF 文件、Ollama 本地模型的清单文件或标签，或 Hugging Face 的 config.json";
    "catalog import.tag": "What to call the model; by default after the file", "模型标签，默认取自文件名";
    "catalog import.out": "File to write; without it the entry goes to standard output", "写入的文件；不给则写到标准输出";
    "explain.tag": "A tag such as qwen3:30b, or a GGUF file", "标签，如 qwen3:30b，或 GGUF 文件";
}

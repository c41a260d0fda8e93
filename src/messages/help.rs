//! Help: a sentence for every command and option.
//!
//! Ids are the command's name, or `command.option`; an option without a command's own sentence takes the one of its bare name.

use crate::lang::Lang;

macro_rules! sentences {
    ($($($id:literal)|+: $en:literal, $zh:literal;)*) => {
        /// Every id that has a sentence.
        pub const HELP_IDS: &[&str] = &[$($($id),+),*];

        fn find(lang: Lang, id: &str) -> Option<&'static str> {
            match id {
                $($($id)|+ => Some(match lang { Lang::En => $en, Lang::Zh => $zh }),)*
                _ => None,
            }
        }
    };
}

words! {
    options: "Options", "选项";
    hardware_and_output: "Hardware and output (for every command)", "硬件与输出（适用于所有命令）";
    commands: "Commands", "命令";
    arguments: "Arguments", "参数";
    usage: "Usage: ", "用法：";
    one_of: "one of", "可选";
    environment: "environment", "环境变量";
}

/// The sentence of an option of a command, or of a command (with an empty option).
pub fn help(lang: Lang, command: &str, option: &str) -> Option<&'static str> {
    if option.is_empty() {
        return find(lang, command);
    }
    find(lang, &format!("{command}.{option}")).or_else(|| find(lang, &format!("-{option}")))
}

/// A heading over lines of help.
pub(crate) fn heading(lang: Lang, words: &str) -> String {
    say!(lang, "{words}:", "{words}：")
}

sentences! {
    "vramfit": "Which language models fit your GPUs: ranked, placed and explained, by the engine's own allocation rules", "你的显卡放得下哪些大模型：按推理引擎自己的显存分配规则计算，给出排名、放置方案和理由";
    "wizard": "Answer four questions and get the models that fit; 'vramfit' alone does this on a terminal",
        "回答四个问题，得到放得下的模型；在终端里直接运行 vramfit 就是它";
    "recommend": "Rank the models that fit, for a task", "按任务给放得下的模型排名";
    "explain": "Explain one model's memory line by line: where it goes, which contexts fit, what Ollama would do",
        "逐项解释一个模型的显存：放在哪里、上下文能开多长、Ollama 默认会怎么做";
    "compare": "Compare models side by side", "并排比较几个模型";
    "models": "List the models by VRAM tier", "按显存档位列出模型";
    "matrix": "Show which model suits how much memory: for development, for production, as the flagship", "多大显存配什么模型：开发、生产、旗舰各一";
    "curves": "Plot quality, speed, first-token latency and value for money by model size", "绘制质量、速度、首字延迟和性价比随模型规模变化的曲线";
    "tips": "Show what each setting saves on this hardware, and write a Modelfile or environment",
        "说明每项设置能省多少显存，并生成 Modelfile 或环境变量";
    "pull": "Download a model if it fits", "下载模型，前提是放得下";
    "run": "Download a model if needed, load it with the context it was checked for, and open it in Ollama",
        "按需下载模型，用判断时的上下文加载，并在 Ollama 中打开";
    "bench": "Measure how fast this machine is through its Ollama; later speeds are scaled by it",
        "通过本机的 Ollama 实测速度，今后的速度预测据此校正";
    "bench.tag": "A model that the server has; without it, the one that is loaded", "服务器上已有的模型；不给则用已加载的那个";
    "verify": "Compare the prediction with what Ollama, its log and the driver report", "把预测与 Ollama、引擎日志和驱动报告的实际数据对照";
    "verify.tag": "Only this model; by default every loaded one", "只看这个模型；默认看所有已加载的模型";
    "verify.log": "Log of 'ollama serve' or llama-server, which gives the engine's own buffers",
        "ollama serve 或 llama-server 的日志，其中有引擎自己的缓冲区大小";
    "verify.save": "Save what a process takes on each GPU by itself, as measured, for later estimates on this machine", "保存实测的进程自身显存开销，供以后在本机估算";
    "pull.force": "Download it even if it does not fit", "放不下也照样下载";
    "run.force": "Run it even if it does not fit", "放不下也照样运行";
    "plan": "Place several services on GPUs together: ports, memory, and what a lost card costs", "把多个服务一起安排到各张显卡上：端口、显存，以及坏一张卡的影响";
    "upgrade": "Rank the cards to add or replace, at most two, by what they make possible for these models", "想跑这些模型该加哪张卡、换哪张卡：按能带来什么排名，最多动两张";
    "upgrade.demands": "What is to be served: a tag, the number of replicas, the context", "要部署的服务：标签、副本数、上下文";
    "upgrade.card": "Only this card, such as 'RTX 4090'; by default those that people buy now and those that the machine has", "只考虑这张卡，如 'RTX 4090'；默认是目前常买的卡和机器里已有的卡";
    "upgrade.prices": "TOML file of prices, one a line: \"RTX 3090\" = 700; orders by price and offers only these cards; currency = \"EUR\" names the currency", "价格文件（TOML），每行一张卡：\"RTX 3090\" = 5000；按价格排序，只考虑这些卡；currency = \"CNY\" 说明货币";
    "upgrade.slots": "GPUs that a machine holds at most: beyond that cards are only replaced", "每台机器最多插几张卡，插满之后只考虑换卡";
    "upgrade.limit": "How many changes to show, 10 by default", "显示多少种换法，默认 10";
    "upgrade.time": "Try changes for at most so many seconds, the cheapest first; 60 by default", "最多试算这么多秒，从最便宜的换法开始，默认 60";
    "doctor": "Find what is wrong in scripts, units, Modelfiles, compose files, nginx configurations and documents, or on this machine",
        "检查脚本、systemd 单元、Modelfile、compose 文件、nginx 配置和文档中的错误；不给文件则检查本机";
    "gpus": "Show the GPUs and the host memory", "显示显卡与内存";
    "monitor": "Watch the GPUs, the programs on them and the loaded models", "实时查看显卡、占用显存的程序和已加载的模型";
    "mcp": "Serve the commands as Model Context Protocol tools over standard input and output", "通过标准输入输出把各命令作为 MCP 工具提供";
    "mcp.structured-only": "Answer with structured content alone, without the same as text: for clients that read it",
        "只以结构化内容回答，不再附同样内容的文本：适合能读取结构化内容的客户端";
    "catalog": "Show what data the answers rest on and how old it is; check, show and import models", "显示内置数据的内容和新旧；检查、查看和导入模型";
    "catalog check": "Check the built-in data, or your own files, and list every defect", "检查内置数据或你自己的文件，列出全部错误";
    "catalog check.files": "TOML files to check; by default the built-in data", "要检查的 TOML 文件，默认检查内置数据";
    "catalog show": "Show one model's data and its sources", "显示某个模型的数据与来源";
    "catalog path": "Show where your own data files and configuration are looked for", "显示自定义数据和配置文件的位置";
    "catalog import": "Write a catalog entry from a GGUF file, a model in Ollama's store, or a checkpoint's config.json",
        "由 GGUF 文件、Ollama 本地模型或 config.json 生成目录条目";
    "schema": "Print the JSON Schema of a command's output", "输出某个命令 JSON 结果的 JSON Schema";
    "completions": "Print shell completions", "输出 Shell 补全脚本";
    "man": "Print the manual page, or write all pages to a directory", "输出手册页，或把全部手册页写入目录";
    "man.out": "Directory to write all pages to; by default the main page is printed", "全部手册页写入的目录；默认只输出主手册页";
    "help": "Show help of a command, or on hardware, environment, files, exit-codes", "显示某个命令的帮助，或 hardware、environment、files、exit-codes 专题";
    "help.words": "A command, or one of hardware, environment, files, exit-codes", "命令名，或 hardware、environment、files、exit-codes 之一";

    "-demands": "What to serve: a tag, the number of replicas, the context, the GPUs it may use, whom it stays away from (:apart=), and how much it matters (:priority=, :must)", "要部署的服务：标签、副本数、上下文、可用的显卡、要与谁分开（:apart=）、轻重缓急（:priority=、:must）";
    "-preset": "A configuration from the guide, such as 4x3090-mixed; without a name they are listed", "指南中的配置方案，如 4x3090-mixed；不给名称则列出全部";
    "-models-file": "Services from a TOML file: [[model]] with tag, replicas, context, parallel, kv_cache_type, engine, pin, apart, apart_from, priority, must, port",
        "从 TOML 文件读取服务：[[model]]，含 tag、replicas、context、parallel、kv_cache_type、engine、pin、apart、apart_from、priority、must、port";
    "-keep-free": "GPUs to keep free: which (7, host-a/0), or how many (count:2)", "要空着的显卡：具体哪几张（7、host-a/0），或张数（count:2）";
    "-apart": "Place the replicas of each model, or these models, on separate GPUs or hosts", "把各模型的副本，或列出的这些模型，分放在不同的显卡或主机上";
    "-objective": "What to do with GPUs that need not be used: spread over them (default), or pack and leave them idle", "用不完的显卡怎么办：spread 摊开使用（默认），pack 尽量集中、空出整卡";
    "-headroom": "Memory to leave free on every GPU beside what the services take", "除服务占用外，每张卡再留出的空闲显存";
    "-base-port": "Port of the first service, 11434 by default; the others follow", "第一个服务的端口，默认 11434，其余依次递增";
    "-listen": "Address at which servers listen, 127.0.0.1 by default; HOST=ADDRESS for one machine of a fleet, whose file may say it too (listen)", "服务监听的地址，默认 127.0.0.1；多台机器时用 HOST=ADDRESS 指定其中一台，也可写在机群文件里（listen）";
    "-widen": "Use leftover memory for longer contexts", "用剩余显存加长上下文";
    "plan.fill": "Also show which models fit on what is left, best first for the task", "同时列出剩余显存还放得下哪些模型，按任务排名";
    "plan.task": "With --fill: what for; chat by default", "配合 --fill：用于什么任务，默认 chat";
    "plan.limit": "With --fill: how many models to show, 10 by default", "配合 --fill：显示多少个模型，默认 10";
    "-users": "Serve one model to so many people at once: finds the replicas and slots, or the plan that comes nearest", "让一个模型同时服务这么多人：求出副本数与并发数，做不到时给出最接近的方案";
    "plan.min-speed": "With --users: tokens per second for each of them, at least", "配合 --users：每人每秒至少生成这么多词元";
    "-ttft": "With --users: seconds until each has a first token, at most, when all ask at the same moment", "配合 --users：所有人同时提问时，首个词元最多等这么多秒";
    "-time": "Search for at most so many seconds and take the best plan found until then; to the end by default", "最多搜索这么多秒，采用届时找到的最好方案；默认搜索到底";
    "-lose": "Plan without this GPU and show what its loss costs", "去掉这张显卡重新规划，看看有什么损失";
    "-what-if": "Plan with more GPUs and show what they bring: '+RTX 4090'", "加上这些显卡重新规划，看看能多放什么，如 '+RTX 4090'";
    "-diff": "Show what moves compared with a plan saved with --json", "与用 --json 保存的方案比较，看看有什么变动";
    "-replace": "The plan that runs now, saved with --json: what it holds counts as free, and its services stay where they can", "正在运行的方案（用 --json 保存）：它占用的显存视为空闲，服务尽量留在原处";
    "plan.migrate": "The plan that runs now, saved with --json, as with --replace; also write scripts to --out that exchange its servers for this plan's one after the other: migrate.sh, gateway.sh, with those of --emit nginx and of what starts the servers (--emit shell, systemd, quadlet or compose; shell by default)", "正在运行的方案（用 --json 保存），同 --replace；并在 --out 写出逐个替换服务的脚本：migrate.sh、gateway.sh，以及 --emit nginx 和启动服务所用那一种（--emit shell、systemd、quadlet 或 compose，默认 shell）的文件";
    "-task": "What the model is for; chat by default", "模型的用途，默认 chat；也可以写中文：对话、中文、代码、推理、翻译、文档、视觉、向量";
    "models.limit": "How many models of each tier to show, those pulled most; all by default", "每个档位显示多少个模型（按下载量取前几名），默认全部";
    "models.task": "Only models that are good at this task", "只看擅长这项任务的模型";
    "-priority": "What counts most; balanced by default", "更看重什么，默认 balanced";
    "-stage": "Stage of the project: a prototype favours speed, production quality", "项目阶段：原型重速度，生产重质量";
    "-budget": "Memory budget: a limited one favours smaller models", "显存预算：limited 偏向更小的模型";
    "-limit": "How many models to show, 10 by default", "显示多少个模型，默认 10";
    "-all": "Show every model, those that do not run, too", "显示所有模型，包括跑不起来的";
    "-installed": "Only models that this machine's Ollama has", "只看本机 Ollama 已安装的模型";
    "-context": "Context of each request in tokens, such as 8192, 8k or 128k; 8k by default, for code and documents 32k; in 'recommend' also max: the longest that fits", "每个请求的上下文长度，如 8192、8k、128k，默认 8k，代码和文档为 32k；recommend 还可用 max：能放下的最长值";
    "-parallel": "Requests served at once, each with its own context; 1 by default", "并发数，每个请求各有自己的上下文，默认 1";
    "-depth": "Tokens already in the context when a speed is told; a quarter of the context by default", "预测速度时上下文里已有的词元数，默认为上下文的四分之一";
    "-kv-cache-type": "Type of the KV cache: f16 (the default), q8_0, q4_0; from Ollama 0.30 on, and for llama-server, f32, bf16, q5_1, q5_0, q4_1, iq4_nl, too; for llama-server also k=q8_0,v=q5_1", "KV 缓存类型：f16（默认）、q8_0、q4_0；Ollama 0.30 起和 llama-server 还可用 f32、bf16、q5_1、q5_0、q4_1、iq4_nl；llama-server 另可用 k=q8_0,v=q5_1";
    "-draft": "Tokens that the model's own blocks draft ahead (draft_num_predict); 0 for none; by default what the tag does. In 'explain' also the tag of a draft model", "模型自带的多词元预测块提前起草的词元数（draft_num_predict），0 为不起草，默认按标签自身的设置；explain 还可填起草模型的标签";
    "-batch": "Tokens evaluated at once (num_batch); by default what Ollama picks", "一次处理的词元数（num_batch），默认由 Ollama 决定";
    "-engine": "What serves the model: ollama (the default), llama.cpp, whose llama-server is told everything and may keep experts in system memory, or in 'plan' vllm, which loads a published checkpoint of the model", "用什么部署：ollama（默认）；llama.cpp，llama-server 的各项都会写明，专家可放在内存里；plan 中还可用 vllm，加载该模型已发布的检查点";
    "-no-flash-attention": "Estimate without flash attention", "按关闭 Flash Attention 估算";
    "-gpu": "Simulate GPUs instead of detecting them, as Linux has them: 'RTX 3090 x2', '2x3090+4060', 'A100 80GB'",
        "模拟显卡（按 Linux 下的可用显存），不检测本机：'RTX 3090 x2'、'2x3090+4060'、'A100 80GB'";
    "-vram": "Simulate GPUs by their free memory in GiB: 24, 24x2, 24+8, 5.5. On Windows and in WSL some 0.7 GiB and 3 % of a GPU are never free: 22.5 for one of 24 GiB", "按空闲显存（GiB）模拟显卡：24、24x2、24+8、5.5。Windows 和 WSL 下约有 0.7 GiB 加 3% 始终被占用：24 GiB 的卡请写 22.5";
    "-ram": "Host memory of the simulated machine in GiB; none by default", "模拟主机的内存（GiB），默认没有";
    "-fleet": "Machines from a file: TOML, the JSON of 'vramfit gpus', what nvidia-smi (table, -L, -q, --format=csv), rocm-smi, amd-smi or gpustat prints, or a log of Ollama", "从文件读取机器清单：TOML、vramfit gpus 的 JSON，nvidia-smi（表格、-L、-q、--format=csv）、rocm-smi、amd-smi、gpustat 的输出，或 Ollama 的日志";
    "-ram-bandwidth": "Bandwidth of the host's memory, for what lies there: GB/s, or modules such as DDR5-5600 or DDR4-3200x8 (channels; 2 by default)", "内存带宽，用于估算放在内存里的部分：GB/s，或内存规格如 DDR5-5600、DDR4-3200x8（通道数，默认 2）";
    "-cpu": "Answer for the CPU, as if there were no GPUs", "按 CPU 回答，不用显卡";
    "-reserve": "Memory to keep free on every GPU, besides the engine's margin; 0 by default", "除引擎预留外，每张显卡再留出的显存，默认 0";
    "-spread": "Split over all GPUs even where one would do", "一张卡够用也拆分到全部显卡";
    "-ollama-version": "Predict what this version of Ollama does", "按这个 Ollama 版本预测";
    "-catalog": "Which models: all (the default), guide, or your own TOML file on top of all",
        "模型范围：all（默认）、guide，或叠加在内置目录之上的 TOML 文件";
    "-config": "Configuration file; 'vramfit catalog path' shows the default", "配置文件，默认位置见 vramfit catalog path";
    "-lang": "Language; by default that of the system", "语言，默认随系统";
    "-format": "Output format; table by default; prometheus only in 'monitor'", "输出格式，默认 table；prometheus 仅用于 monitor";
    "-json": "The same as --format json", "等同于 --format json";
    "-color": "When to use colours; auto by default", "何时使用颜色，默认 auto";
    "-quiet": "Only the answer, no remarks", "只给答案，不加说明";
    "-verbose": "Show more: sources and every number", "更详细：来源与全部数字";
    "-nvml": "NVIDIA management library to load instead of the system's", "改为加载指定的 NVIDIA 管理库";
    "-family": "Only this family or series, such as qwen3", "只看这个系列，如 qwen3";
    "compare.family": "Compare all models of this family or series, such as qwen3", "比较这个系列的全部模型，如 qwen3";
    "-capability": "Only models that can do this; repeatable", "只看具备这项能力的模型，可重复";
    "-license": "Only models under this licence; 'commercial': any whose name does not forbid it",
        "只看采用此许可证的模型；commercial 表示名称中未禁止商用的许可证";
    "-max-params": "Only models of at most so many billion parameters", "只看参数量不超过这么多（十亿）的模型";
    "-min-speed": "Only models that reach at least so many tokens per second", "只看每秒至少生成这么多词元的模型";
    "-min-context": "Only models trained for at least so many tokens, such as 128k", "只看训练上下文至少这么长的模型，如 128k";
    "models.sort": "Order within each tier; by memory by default", "每个档位内的排序方式，默认按显存";
    "-sort": "Order of the list; score by default", "列表的排序方式，默认 score";
    "-tier": "Only this VRAM tier", "只看这个显存档位";
    "-why": "Also show the benchmarks behind the score for this task", "同时列出这项任务得分的评测依据";
    "-tag": "A tag such as qwen3:30b", "标签，如 qwen3:30b";
    "-tags": "Tags to compare, such as qwen3:30b", "要比较的标签，如 qwen3:30b";
    "-file": "A file", "文件";
    "-files": "Files", "文件";
    "-out": "Directory to write to", "写入的目录";
    "-emit": "Write the files that start it", "输出用于启动的文件";
    "recommend.emit": "Write the files that start the first model; without --out, a single file goes to standard output",
        "输出用于启动首选模型的文件；不给 --out 时，单个文件写到标准输出";
    "plan.emit": "Write the files that start the plan; without --out, a single file goes to standard output",
        "输出用于启动整个方案的文件；不给 --out 时，单个文件写到标准输出";
    "plan.out" | "recommend.out": "Directory to write the files to (- is standard output); without --emit, an HTML page of the answer", "写入这些文件的目录（- 表示标准输出）；不给 --emit 时，把答案写成一个 HTML 网页";
    "-force": "Overwrite existing files", "覆盖已有文件";
    "-once": "Show the page once and exit", "只显示一次就退出";
    "-interval": "Seconds between refreshes, 1 by default", "刷新间隔（秒），默认 1";
    "monitor.listen": "Serve Prometheus metrics at this address until a signal ends it: 127.0.0.1:9838; a dashboard comes with plan --emit grafana", "在此地址提供 Prometheus 指标，直到收到信号：127.0.0.1:9838；仪表盘见 plan --emit grafana";
    "monitor.plan": "Also the services of a plan that 'vramfit plan --json' wrote: their ports, and whether they serve as planned",
        "同时查看 vramfit plan --json 所存方案中的服务：端口，以及是否按方案运行";
    "-command": "The command", "命令";
    "-shell": "The shell", "Shell 名称";
    "-no-pager": "Do not page what is longer than the terminal", "超过一屏也不分页";
    "explain.quant": "Its file of this quantization, such as q8_0", "看这种量化的文件，如 q8_0";
    "-help": "Show help: -h in short, --help with examples", "显示帮助：-h 简要，--help 附示例";
    "-version": "Show the version", "显示版本";
    "doctor.files": "Files to check; without any, this machine is checked", "要检查的文件；不给则检查本机";
    "-fix": "Write each corrected file beside the original, as FILE.fixed", "把改正后的内容写到原文件旁的 FILE.fixed";
    "tips.emit": "Print only this, ready to use", "只输出可直接使用的这一项";
    "curves.out": "Write the plots to this SVG file", "把曲线写入这个 SVG 文件";
    "curves.plot": "Only this plot; all by default", "只画这一张，默认全部";
    "tips.tag": "The model; without it, the guide's tips are listed", "模型标签；不给则列出指南的建议";
    "catalog import.file": "A GGUF file, a manifest or tag in Ollama's store, or a Hugging Face config.json",
        "GGUF 文件、Ollama 本地模型的清单文件或标签，或 Hugging Face 的 config.json";
    "catalog import.tag": "Tag to give the model; by default from the file name", "给模型的标签，默认取自文件名";
    "catalog import.out": "File to write; by default standard output", "写入的文件，默认写到标准输出";
    "explain.out": "Write the answer as an HTML page that stands alone", "把答案写成一个独立的 HTML 网页";
    "explain.tag": "A tag such as qwen3:30b, or the path of a GGUF file", "标签，如 qwen3:30b，或 GGUF 文件的路径";
}

//! The words of `doctor`: why each thing fails with real Ollama, in both languages.

use super::en::English;
use super::zh::Chinese;
use crate::lint::{Hint, Problem, Unclear};
use crate::report::Unchecked;

/// Words that stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum DoctorWord {
    Environment,
    Fault,
    Warning,
    Instead,
}

/// What `doctor` says.
pub trait DoctorText {
    /// A word.
    fn doctor_word(&self, word: DoctorWord) -> &'static str;
    /// Why something is wrong.
    fn problem(&self, problem: &Problem) -> String;
    /// Nothing is wrong.
    fn doctor_clean(&self, files: usize) -> String;
    /// Other lines of which the same is said, after the sentence that says it.
    fn doctor_also(&self, lines: &[u32]) -> String;
    /// What could not be looked at, and what that leaves open.
    fn unchecked(&self, what: Unchecked) -> &'static str;
    /// How much is wrong.
    fn doctor_count(&self, faults: usize, warnings: usize) -> String;
}

/// Line numbers; of very many the first.
fn numbers(lines: &[u32], between: &str) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    let more = if lines.len() > SHOWN { "…" } else { "" };
    shown.join(between) + more
}

/// `1 fault`, `2 faults`
fn counted(count: usize, one: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {one}{many}")
}

impl DoctorText for English {
    fn doctor_word(&self, word: DoctorWord) -> &'static str {
        match word {
            DoctorWord::Environment => "This machine",
            DoctorWord::Fault => "fault",
            DoctorWord::Warning => "warning",
            DoctorWord::Instead => "Correct form:",
        }
    }

    fn doctor_clean(&self, files: usize) -> String {
        match files {
            0 | 1 => "Nothing wrong found.".into(),
            files => format!("Nothing wrong found in {files} files."),
        }
    }

    fn doctor_also(&self, lines: &[u32]) -> String {
        match lines {
            [line] => format!(" Also in line {line}."),
            lines => format!(" Also in lines {}.", numbers(lines, ", ")),
        }
    }

    fn unchecked(&self, what: Unchecked) -> &'static str {
        match what {
            Unchecked::Gpus => {
                "Not checked: no GPU was found, so nothing is said about drivers, or about whether the models fit."
            }
            Unchecked::Server => {
                "Not checked: no Ollama answers here, so only the variables of this shell are judged, not those of the server."
            }
            Unchecked::ServerVariables => {
                "Not checked: what the running Ollama was started with; these are the variables of this shell. 'systemctl show ollama -p Environment' shows the service's."
            }
        }
    }

    fn doctor_count(&self, faults: usize, warnings: usize) -> String {
        match (faults, warnings) {
            (0, warnings) => format!("{}.", counted(warnings, "warning")),
            (faults, 0) => format!("{}.", counted(faults, "fault")),
            (faults, warnings) => format!(
                "{}, {}.",
                counted(faults, "fault"),
                counted(warnings, "warning")
            ),
        }
    }

    fn problem(&self, problem: &Problem) -> String {
        match problem {
            Problem::ServeFlag { flag } => format!("'ollama serve' has no option {flag} and stops with an error; the address is set with OLLAMA_HOST."),
            Problem::ServeBesideService => "The installer's ollama.service already holds port 11434 and every GPU; stop it before starting servers by hand.".into(),
            Problem::PortTaken { port, taken_at } => format!("Port {port} is already used by the server in line {taken_at}; this one will not start."),
            Problem::ClientVariable { variable } => format!("{variable} is read by the server; setting it for a client changes nothing. Set it where 'ollama serve' is started."),
            Problem::ClientPort { port } => format!("Without OLLAMA_HOST the client talks to port 11434, not to the server started on port {port}."),
            Problem::BackgroundRun => "A chat in the background is suspended as soon as it reads the terminal, and its model is unloaded after 5 minutes. An empty prompt loads the model and keeps it.".into(),
            Problem::ClientFlag { flag, instead } => format!("Ollama's client has no option {flag} and refuses the command; use {instead}."),
            Problem::KeepaliveUnit { value } => format!("--keepalive needs a unit: '{value}' is refused, '{value}s' works."),
            Problem::NotExported { variable } => format!("{variable} is only a shell variable; no program sees it until it is exported."),
            Problem::NumericGpuIds { variable } => format!("Numbers in {variable} follow CUDA's order, fastest first, which can differ from nvidia-smi's; a UUID (nvidia-smi -L) always means the same card."),
            Problem::NoContextLength => "No context is set: Ollama picks 4K, 32K or 256K by the memory it sees, which may silently push layers to the CPU.".into(),
            Problem::GpuOverhead => "OLLAMA_GPU_OVERHEAD no longer reserves memory; LLAMA_ARG_FIT_TARGET does, in MiB, including the engine's own 1024.".into(),
            Problem::UnknownVariable { variable, hint: Some(Hint::CountsLayers), .. } => format!("Ollama has no variable {variable}, and its parameter num_gpu counts layers, not cards. Delete the line: every layer that fits goes to the GPUs by itself."),
            Problem::UnknownVariable { variable, hint: Some(Hint::LeavesFree), .. } => format!("Ollama has no variable {variable} and no limit for the memory it takes; LLAMA_ARG_FIT_TARGET says how many MiB to leave free on each card."),
            Problem::UnknownVariable { variable, instead: Some(instead), hint: Some(Hint::OtherValue) } => format!("Ollama has no variable {variable}; {instead} is the nearest, but its values mean something else."),
            Problem::UnknownVariable { variable, instead: Some(instead), .. } => format!("Ollama has no variable {variable}; use {instead}."),
            Problem::UnknownVariable { variable, instead: None, .. } => format!("Ollama does not read {variable}; setting it has no effect."),
            Problem::BadValue { variable, value } => format!("{variable} does not accept '{value}'; Ollama uses its default."),
            Problem::CacheNeedsFlashAttention { kv_cache_type } => format!("A {kv_cache_type} cache needs flash attention, which is switched off here."),
            Problem::OpenPort { address } => format!("{address} is open to everyone who can reach this machine, and Ollama has no password. Use 127.0.0.1, or put a proxy with a password and TLS in front."),
            Problem::UnpublishedTag { tag, instead: Some(instead) } => format!("Ollama's library has no {tag}; use {instead}."),
            Problem::UnpublishedTag { tag, instead: None } => format!("Ollama's library has no {tag}."),
            Problem::UnknownTag { tag, candidates } if candidates.is_empty() => format!("{tag} is not in the catalog; unless it is a model of your own, downloading it fails."),
            Problem::UnknownTag { tag, candidates } => format!("{tag} is not in the catalog; did you mean {}?", candidates.join(", ")),
            Problem::Netstat => "Many systems do not have netstat; ss shows the same.".into(),
            Problem::ProcessName => "The process that holds the memory is llama-server, not ollama; 'ollama ps' lists the loaded models.".into(),
            Problem::NoMetrics => "Ollama has no /metrics; /api/ps lists the loaded models.".into(),
            Problem::InlineComment { comment } => format!("'{comment}' becomes part of the value; a comment must stand on its own line."),
            Problem::UnknownParameter { parameter, instead: Some(instead) } => format!("Ollama has no parameter {parameter} and refuses the file; use {instead}."),
            Problem::UnknownParameter { parameter, instead: None } => format!("Ollama has no parameter {parameter} and refuses the file."),
            Problem::NoFrom => "Without FROM, 'ollama create' refuses the file.".into(),
            Problem::ContextBeyondTraining { tag, context, trained } => format!("{tag} was trained for a context of {trained}; {context} only costs memory."),
            Problem::HostHeader => "Without 'Host localhost', Ollama answers every request with 403.".into(),
            Problem::ProxyBuffering => "nginx buffers the answer and sends it in lumps; tokens should go out as they are generated.".into(),
            Problem::ShortTimeout { seconds } => format!("nginx gives up with 504 after {seconds} s; loading a model or thinking can take minutes."),
            Problem::BodySize => "nginx refuses requests above 1 MB with 413, such as pictures and long documents.".into(),
            Problem::MixedPool { upstream, models } => format!("{upstream} sends requests to servers with different models ({}); each model needs its own upstream.", models.join(", ")),
            Problem::ContainerGpuVariable { variable } => format!("Inside a container the cards are numbered anew, so {variable} may mean other cards or none; use device_ids."),
            Problem::CountAndDeviceIds => "count and device_ids cannot be used together; compose refuses the file.".into(),
            Problem::HealthcheckCurl => "The image has no curl, so the container never becomes healthy.".into(),
            Problem::ImageNotPinned { image } => format!("{image} may be another version after the next pull, and memory use and settings change between versions."),
            Problem::PreloadInUnit => "systemd allows 90 s to start, and a download takes longer; load the model in a separate unit.".into(),
            Problem::Overcommitted { models, need, usable } if models.len() == 1 => format!("{} needs {need}, but the cards have {usable} for it: layers silently run on the CPU.", models.join("")),
            Problem::Overcommitted { models, need, usable } => format!("{} need {need} together, but the cards have {usable}: loading one evicts another.", models.join(", ")),
            Problem::Evicts { tag, need, usable } => format!("Ollama expects {tag} to need {need}, but allows at most 80% of what the others leave free ({usable}): it unloads another model first."),
            Problem::DriverTooOld { driver, least } => format!("Driver {driver} is too old for Ollama's engine, which needs {least} or newer."),
            Problem::GpuTooOld { gpu, compute_capability } => format!("{gpu} has compute capability {compute_capability}; Ollama needs at least 5.0."),
            Problem::DriverUnusable { note } => format!("The driver does not respond ({note}); Ollama can use only the CPU."),
            Problem::CardFull { gpu, free } => format!("GPU {gpu} has only {free} free; check which program holds the rest."),
            Problem::NotUnderstood { what } => match what {
                Unclear::Line => "I do not know this line; check it by hand.",
                Unclear::Template => "This is a template; check the file that it becomes.",
                Unclear::Contents => "I found nothing here that starts or uses Ollama, so nothing was checked.",
                Unclear::Command => "I cannot see whether this command starts Ollama, so this container was not checked.",
                Unclear::Depth => "This is nested more deeply than I look, so not everything was checked.",
                Unclear::Length => "This word is longer than any that I know, so it was not checked.",
            }.into(),
            Problem::Syntax { reason } => format!("The program that reads this file refuses it: {reason}."),
            Problem::NotRead { file } => format!("{file} was not read; what it says was not checked."),
            Problem::TooMany => "There are more findings than are shown.".into(),
            Problem::OutsideSection { key, section: None } => format!("{key} stands before any [Section], and systemd ignores it."),
            Problem::OutsideSection { key, section: Some(section) } => format!("{key} is ignored in [{section}]; it belongs in [Service]."),
            Problem::BadAssignment { words } => format!("'{}' is not of the form NAME=value without blanks, and is ignored.", words.join("', '")),
            Problem::UnknownKey { key, section, candidates } => format!("systemd has no {key} in [{section}] and ignores it; did you mean {}?", candidates.join(", ")),
            Problem::ProfileVariable { variable } => format!("A shell profile reaches only a server that is started from this shell. The installer's ollama.service never sees {variable}; set it there."),
            Problem::Overridden { variable, value, line } => format!("{variable} is set again in line {line}; only {value} is used."),
            Problem::Contradiction { variable, value, other, other_value } => format!("{variable}={value} does nothing beside {other}={other_value}."),
            Problem::OpenOrigins => "With '*', every web page that someone on this network opens can use Ollama; name the pages that may.".into(),
            Problem::NoVolume { path } => format!("No volume holds {path}: the models are lost with the container and downloaded again."),
            Problem::MemoryLimit { limit, need } => format!("The engine keeps up to {need} of prompts in the host's memory beside the model; with a limit of {limit} it can be killed while it answers."),
            Problem::ClientContext { tag, context, other } => format!("This asks {tag} for a context of {context} where it is loaded with {other}: each change loads the model again."),
            Problem::TargetAddress { address } => format!("From here, {address} does not lead to Ollama: 0.0.0.0 is an address to listen at, and localhost inside a container is the container itself."),
            Problem::KnownPassword { key } => format!("{key} is the key in LiteLLM's manual; everyone knows it."),
        }
    }
}

impl DoctorText for Chinese {
    fn doctor_word(&self, word: DoctorWord) -> &'static str {
        match word {
            DoctorWord::Environment => "本机环境",
            DoctorWord::Fault => "错误",
            DoctorWord::Warning => "警告",
            DoctorWord::Instead => "正确写法：",
        }
    }

    fn doctor_clean(&self, files: usize) -> String {
        match files {
            0 | 1 => "没有发现问题。".into(),
            files => format!("{files} 个文件都没有发现问题。"),
        }
    }

    fn doctor_also(&self, lines: &[u32]) -> String {
        format!("另见第 {} 行。", numbers(lines, "、"))
    }

    fn unchecked(&self, what: Unchecked) -> &'static str {
        match what {
            Unchecked::Gpus => "未检查：没有找到显卡，因此驱动是否可用、模型能否放下都无法判断。",
            Unchecked::Server => {
                "未检查：这里没有运行中的 Ollama，只检查了当前 Shell 的变量，没有检查服务端的变量。"
            }
            Unchecked::ServerVariables => {
                "未检查：运行中的 Ollama 启动时用的变量；这里检查的是当前 Shell 的变量。服务的变量可用 systemctl show ollama -p Environment 查看。"
            }
        }
    }

    fn doctor_count(&self, faults: usize, warnings: usize) -> String {
        match (faults, warnings) {
            (0, warnings) => format!("{warnings} 个警告。"),
            (faults, 0) => format!("{faults} 个错误。"),
            (faults, warnings) => format!("{faults} 个错误，{warnings} 个警告。"),
        }
    }

    fn problem(&self, problem: &Problem) -> String {
        match problem {
            Problem::ServeFlag { flag } => format!("ollama serve 没有 {flag} 选项，会直接报错退出；监听地址用 OLLAMA_HOST 设置。"),
            Problem::ServeBesideService => "安装程序注册的 ollama.service 已占用 11434 端口和全部显卡；手动启动服务前要先停掉它。".into(),
            Problem::PortTaken { port, taken_at } => format!("端口 {port} 已被第 {taken_at} 行的服务占用，这个服务无法启动。"),
            Problem::ClientVariable { variable } => format!("{variable} 由服务端读取，给客户端设置不起作用；要在启动 ollama serve 的地方设置。"),
            Problem::ClientPort { port } => format!("不设 OLLAMA_HOST 时，客户端连接的是 11434 端口，而不是在 {port} 端口启动的服务。"),
            Problem::BackgroundRun => "放到后台的对话一读终端就会被挂起，模型 5 分钟后也会卸载；要用空提示词加载模型并让它常驻。".into(),
            Problem::ClientFlag { flag, instead } => format!("ollama 客户端没有 {flag} 选项，会拒绝执行；应使用 {instead}。"),
            Problem::KeepaliveUnit { value } => format!("--keepalive 需要单位：'{value}' 会被拒绝，应写 '{value}s'。"),
            Problem::NotExported { variable } => format!("{variable} 只是 Shell 变量，不 export 的话任何程序都读不到。"),
            Problem::NumericGpuIds { variable } => format!("{variable} 中的编号按 CUDA 的顺序（最快的在前），与 nvidia-smi 的编号不一定相同；UUID（用 nvidia-smi -L 查看）始终指同一张卡。"),
            Problem::NoContextLength => "没有设置上下文：Ollama 会按可见显存自动取 4K、32K 或 256K，部分层可能悄悄落到 CPU 上。".into(),
            Problem::GpuOverhead => "OLLAMA_GPU_OVERHEAD 已不能预留显存；请改用 LLAMA_ARG_FIT_TARGET，单位 MiB，须包含引擎自身预留的 1024。".into(),
            Problem::UnknownVariable { variable, hint: Some(Hint::CountsLayers), .. } => format!("Ollama 没有 {variable} 这个变量；num_gpu 参数数的是层数，不是显卡数。删掉这一行即可：放得下的层本来就会放到显卡上。"),
            Problem::UnknownVariable { variable, hint: Some(Hint::LeavesFree), .. } => format!("Ollama 没有 {variable} 这个变量，也不能限制它占用的显存；LLAMA_ARG_FIT_TARGET 设置的是每张卡上留出多少 MiB。"),
            Problem::UnknownVariable { variable, instead: Some(instead), hint: Some(Hint::OtherValue) } => format!("Ollama 没有 {variable} 这个变量；最接近的是 {instead}，但取值的含义不同。"),
            Problem::UnknownVariable { variable, instead: Some(instead), .. } => format!("Ollama 没有 {variable} 这个变量，请改用 {instead}。"),
            Problem::UnknownVariable { variable, instead: None, .. } => format!("Ollama 不读取 {variable}，设置了也没有作用。"),
            Problem::BadValue { variable, value } => format!("{variable} 不接受 '{value}'，Ollama 会改用默认值。"),
            Problem::CacheNeedsFlashAttention { kv_cache_type } => format!("{kv_cache_type} 缓存需要 Flash Attention，而这里把它关掉了。"),
            Problem::OpenPort { address } => format!("{address} 对所有能访问本机的人开放，而 Ollama 没有密码验证；请改用 127.0.0.1，或在前面加一层带密码和 TLS 的反向代理。"),
            Problem::UnpublishedTag { tag, instead: Some(instead) } => format!("Ollama 模型库中没有 {tag}，请改用 {instead}。"),
            Problem::UnpublishedTag { tag, instead: None } => format!("Ollama 模型库中没有 {tag}。"),
            Problem::UnknownTag { tag, candidates } if candidates.is_empty() => format!("目录中没有 {tag}；如果不是你自己创建的模型，下载会失败。"),
            Problem::UnknownTag { tag, candidates } => format!("目录中没有 {tag}；是不是想写 {}？", candidates.join("、")),
            Problem::Netstat => "许多系统没有安装 netstat；用 ss 能看到同样的信息。".into(),
            Problem::ProcessName => "占用显存的进程是 llama-server，不是 ollama；已加载的模型用 ollama ps 查看。".into(),
            Problem::NoMetrics => "Ollama 没有 /metrics；已加载的模型用 /api/ps 查看。".into(),
            Problem::InlineComment { comment } => format!("“{comment}”会成为值的一部分；注释必须单独成行。"),
            Problem::UnknownParameter { parameter, instead: Some(instead) } => format!("Ollama 没有 {parameter} 参数，会拒绝这个文件；请改用 {instead}。"),
            Problem::UnknownParameter { parameter, instead: None } => format!("Ollama 没有 {parameter} 参数，会拒绝这个文件。"),
            Problem::NoFrom => "缺少 FROM，ollama create 会拒绝这个文件。".into(),
            Problem::ContextBeyondTraining { tag, context, trained } => format!("{tag} 的训练上下文只有 {trained}；设成 {context} 只会多占显存。"),
            Problem::HostHeader => "不设置 Host localhost，Ollama 对每个请求都返回 403。".into(),
            Problem::ProxyBuffering => "nginx 会先缓冲再成块发出；应当生成一个词元就发出一个。".into(),
            Problem::ShortTimeout { seconds } => format!("nginx 等 {seconds} 秒就返回 504；而加载模型或思考可能要几分钟。"),
            Problem::BodySize => "nginx 对超过 1 MB 的请求返回 413，图片和长文档都会失败。".into(),
            Problem::MixedPool { upstream, models } => format!("{upstream} 会把请求发给模型不同的服务（{}）；每个模型应有自己的 upstream。", models.join("、")),
            Problem::ContainerGpuVariable { variable } => format!("容器内的显卡会重新编号，{variable} 指的可能是别的卡，也可能不存在；请改用 device_ids。"),
            Problem::CountAndDeviceIds => "count 与 device_ids 不能同时使用，compose 会拒绝这个文件。".into(),
            Problem::HealthcheckCurl => "镜像里没有 curl，容器永远不会变为健康状态。".into(),
            Problem::ImageNotPinned { image } => format!("{image} 下次拉取可能就是另一个版本，显存占用和设置都会变。"),
            Problem::PreloadInUnit => "systemd 的启动超时是 90 秒，下载会超时；请用单独的单元加载模型。".into(),
            Problem::Overcommitted { models, need, usable } if models.len() == 1 => format!("{} 需要 {need}，显卡只有 {usable} 可用：部分层会悄悄落到 CPU 上。", models.join("")),
            Problem::Overcommitted { models, need, usable } => format!("{} 共需 {need}，显卡只有 {usable} 可用：后加载的会把先加载的挤出显存。", models.join("、")),
            Problem::Evicts { tag, need, usable } => format!("Ollama 预估 {tag} 需要 {need}，而它最多只用其他模型剩下的空闲显存的 80%（{usable}）：会先卸载别的模型。"),
            Problem::DriverTooOld { driver, least } => format!("驱动 {driver} 太旧，Ollama 的引擎需要 {least} 或更新版本。"),
            Problem::GpuTooOld { gpu, compute_capability } => format!("{gpu} 的计算能力是 {compute_capability}，Ollama 只使用 5.0 及以上的显卡。"),
            Problem::DriverUnusable { note } => format!("驱动没有响应（{note}），Ollama 只能用 CPU 运行。"),
            Problem::CardFull { gpu, free } => format!("GPU {gpu} 只剩 {free}；请检查是哪个程序占用了其余显存。"),
            Problem::NotUnderstood { what } => match what {
                Unclear::Line => "我看不懂这一行，请人工检查。",
                Unclear::Template => "这是模板，请检查由它生成的文件。",
                Unclear::Contents => "这里没有启动或使用 Ollama 的内容，因此什么也没有检查。",
                Unclear::Command => "看不出这条命令是否会启动 Ollama，因此没有检查这个容器。",
                Unclear::Depth => "嵌套过深，没有全部检查。",
                Unclear::Length => "这个词过长，没有检查。",
            }.into(),
            Problem::Syntax { reason } => format!("读取这个文件的程序会报错：{reason}。"),
            Problem::NotRead { file } => format!("没有读取 {file}，其中的内容未检查。"),
            Problem::TooMany => "问题太多，没有全部列出。".into(),
            Problem::OutsideSection { key, section: None } => format!("{key} 前面没有 [Section]，systemd 会忽略它。"),
            Problem::OutsideSection { key, section: Some(section) } => format!("{key} 写在 [{section}] 中不起作用，应写在 [Service] 中。"),
            Problem::BadAssignment { words } => format!("“{}”不是 NAME=value 的形式（不能有空格），会被忽略。", words.join("”“")),
            Problem::UnknownKey { key, section, candidates } => format!("systemd 的 [{section}] 中没有 {key}，会忽略它；是不是想写 {}？", candidates.join("、")),
            Problem::ProfileVariable { variable } => format!("Shell 启动文件只影响从这个 Shell 启动的服务；安装程序注册的 ollama.service 读不到 {variable}，要在那里设置。"),
            Problem::Overridden { variable, value, line } => format!("第 {line} 行又设置了 {variable}，只有 {value} 有效。"),
            Problem::Contradiction { variable, value, other, other_value } => format!("有 {other}={other_value} 时，{variable}={value} 不起作用。"),
            Problem::OpenOrigins => "设成 * 后，内网中任何人打开的任何网页都能使用 Ollama；请只列出允许的网页。".into(),
            Problem::NoVolume { path } => format!("没有卷保存 {path}：删除容器后模型就没了，要重新下载。"),
            Problem::MemoryLimit { limit, need } => format!("除模型外，引擎最多还会在内存中保留 {need} 的提示词缓存；上限设为 {limit} 时，回答途中可能被杀掉。"),
            Problem::ClientContext { tag, context, other } => format!("这里要求 {tag} 用 {context} 的上下文，而它是按 {other} 加载的：每次切换都会重新加载模型。"),
            Problem::TargetAddress { address } => format!("从这里用 {address} 连不上 Ollama：0.0.0.0 是监听地址，容器里的 localhost 是容器自己。"),
            Problem::KnownPassword { key } => format!("{key} 是 LiteLLM 手册里的示例密钥，人人都知道。"),
        }
    }
}

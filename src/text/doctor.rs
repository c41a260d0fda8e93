//! The words of `doctor`: why each thing fails with real Ollama, in both languages.

use super::en::English;
use super::zh::Chinese;
use crate::lint::Problem;

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
    /// How much is wrong.
    fn doctor_count(&self, faults: usize, warnings: usize) -> String;
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
            Problem::UnknownVariable { variable, instead: Some(instead) } => format!("Ollama has no variable {variable}; use {instead}."),
            Problem::UnknownVariable { variable, instead: None } => format!("Ollama does not read {variable}; setting it has no effect."),
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
            Problem::UnknownVariable { variable, instead: Some(instead) } => format!("Ollama 没有 {variable} 这个变量，请改用 {instead}。"),
            Problem::UnknownVariable { variable, instead: None } => format!("Ollama 不读取 {variable}，设置了也没有作用。"),
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
        }
    }
}

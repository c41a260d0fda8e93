//! Commands of a shell.

use super::super::word;
use crate::lang::Lang;
use crate::lint::Unclear;
use crate::units::Bytes;

pub(super) fn serve_flag(lang: Lang, flag: &str) -> String {
    say!(
        lang,
        "'ollama serve' has no option {flag} and stops with an error; the address is set with OLLAMA_HOST.",
        "ollama serve 没有 {flag} 选项，会直接报错退出；监听地址用 OLLAMA_HOST 设置。"
    )
}

pub(super) fn serve_beside_service(lang: Lang) -> String {
    word(
        lang,
        "The installer's ollama.service already holds port 11434 and every GPU; stop it before starting servers by hand.",
        "安装程序注册的 ollama.service 已占用 11434 端口和全部显卡；手动启动服务前要先停掉它。"
    ).into()
}

pub(super) fn port_taken(lang: Lang, port: u16, taken_at: u32) -> String {
    say!(
        lang,
        "Port {port} is already used by the server in line {taken_at}; this one will not start.",
        "端口 {port} 已被第 {taken_at} 行的服务占用，这个服务无法启动。"
    )
}

pub(super) fn copies_at_port(lang: Lang, port: u16, copies: u32) -> String {
    say!(
        lang,
        "{copies} copies of this container want port {port} of one machine: only the first one starts. Publish a range of {copies} ports, or put a proxy in front.",
        "这个容器的 {copies} 个副本都要占用同一台机器的端口 {port}，只有第一个能启动。请发布 {copies} 个端口的范围，或在前面放一个代理。"
    )
}

pub(super) fn client_variable(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "{variable} is read by the server; setting it for a client changes nothing. Set it where 'ollama serve' is started.",
        "{variable} 由服务端读取，给客户端设置不起作用；要在启动 ollama serve 的地方设置。"
    )
}

pub(super) fn client_port(lang: Lang, port: u16) -> String {
    say!(
        lang,
        "Without OLLAMA_HOST the client talks to port 11434, not to the server started on port {port}.",
        "不设 OLLAMA_HOST 时，客户端连接的是 11434 端口，而不是在 {port} 端口启动的服务。"
    )
}

pub(super) fn background_run(lang: Lang) -> String {
    word(
        lang,
        "A chat in the background is suspended as soon as it reads the terminal, and its model is unloaded after 5 minutes. An empty prompt loads the model and keeps it.",
        "放到后台的对话一读终端就会被挂起，模型 5 分钟后也会卸载；要用空提示词加载模型并让它常驻。"
    ).into()
}

pub(super) fn client_flag(lang: Lang, flag: &str, instead: &str) -> String {
    say!(
        lang,
        "Ollama's client has no option {flag} and refuses the command; use {instead}.",
        "ollama 客户端没有 {flag} 选项，会拒绝执行；应使用 {instead}。"
    )
}

pub(super) fn keepalive_unit(lang: Lang, value: &str) -> String {
    say!(
        lang,
        "A keep-alive in text needs a unit: '{value}' is refused, '{value}s' works.",
        "文本形式的保持时间需要单位：'{value}' 会被拒绝，应写 '{value}s'。"
    )
}

pub(super) fn not_exported(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "{variable} is only a shell variable; no program sees it until it is exported.",
        "{variable} 只是 Shell 变量，不 export 的话任何程序都读不到。"
    )
}

pub(super) fn numeric_gpu_ids(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "Numbers in {variable} follow CUDA's order, fastest first, which can differ from nvidia-smi's; a UUID (nvidia-smi -L) always means the same card.",
        "{variable} 中的编号按 CUDA 的顺序（最快的在前），与 nvidia-smi 的编号不一定相同；UUID（用 nvidia-smi -L 查看）始终指同一张卡。"
    )
}

pub(super) fn netstat(lang: Lang) -> String {
    word(
        lang,
        "Many systems do not have netstat; ss shows the same.",
        "许多系统没有安装 netstat；用 ss 能看到同样的信息。",
    )
    .into()
}

pub(super) fn process_name(lang: Lang) -> String {
    word(
        lang,
        "The process that holds the memory is llama-server, not ollama; 'ollama ps' lists the loaded models.",
        "占用显存的进程是 llama-server，不是 ollama；已加载的模型用 ollama ps 查看。"
    ).into()
}

pub(super) fn no_metrics(lang: Lang) -> String {
    word(
        lang,
        "Ollama has no /metrics; /api/ps lists the loaded models.",
        "Ollama 没有 /metrics；已加载的模型用 /api/ps 查看。",
    )
    .into()
}

pub(super) fn not_understood(lang: Lang, what: &Unclear) -> String {
    match lang { Lang::En => match what {
            Unclear::Line => "I do not know this line; check it by hand.",
            Unclear::Template => "This is a template; check the file that it becomes.",
            Unclear::Block => "This sets up Ollama in a language that I do not read, so it was not checked.",
            Unclear::Contents => "I found nothing here that starts or uses Ollama, so nothing was checked.",
            Unclear::Mention => "This names Ollama, but in no way that I know, so it was not checked.",
            Unclear::LlamaServer => "This starts llama-server. I check only what Ollama is given: the settings of llama-server were not checked.",
            Unclear::Vllm => "This starts vLLM. I check only what Ollama is given: the settings of vLLM were not checked.",
            Unclear::Command => "I cannot see whether this command starts Ollama, so this container was not checked.",
            Unclear::Options => "What this stands for is not told here; it may open a port or set a variable. Check it by hand.",
            Unclear::Section => "systemd does not read this section; I do not know the program that does, so it was not checked.",
            Unclear::Depth => "This is nested more deeply than I look, so not everything was checked.",
            Unclear::Length => "This word is longer than any that I know, so it was not checked.",
        }.into(), Lang::Zh => match what {
            Unclear::Line => "我看不懂这一行，请人工检查。",
            Unclear::Template => "这是模板，请检查由它生成的文件。",
            Unclear::Block => "这段代码在设置 Ollama，但我看不懂这种语言，因此没有检查。",
            Unclear::Contents => "这里没有启动或使用 Ollama 的内容，因此什么也没有检查。",
            Unclear::Mention => "这里提到了 Ollama，但我看不懂它的写法，因此没有检查。",
            Unclear::LlamaServer => "这里启动的是 llama-server；我只检查 Ollama 的设置，没有检查 llama-server 的设置。",
            Unclear::Vllm => "这里启动的是 vLLM；我只检查 Ollama 的设置，没有检查 vLLM 的设置。",
            Unclear::Command => "看不出这条命令是否会启动 Ollama，因此没有检查这个容器。",
            Unclear::Options => "这里看不出它代表什么选项，可能会开放端口或设置变量，请人工检查。",
            Unclear::Section => "这一节不由 systemd 读取，我不了解读取它的程序，因此没有检查。",
            Unclear::Depth => "嵌套过深，没有全部检查。",
            Unclear::Length => "这个词过长，没有检查。",
        }.into(), }
}

pub(super) fn syntax(lang: Lang, reason: &str) -> String {
    say!(
        lang,
        "The program that reads this file refuses it: {reason}.",
        "读取这个文件的程序会报错：{reason}。"
    )
}

pub(super) fn not_read(lang: Lang, file: &str) -> String {
    say!(
        lang,
        "{file} was not read; what it says was not checked.",
        "没有读取 {file}，其中的内容未检查。"
    )
}

pub(super) fn too_many(lang: Lang) -> String {
    word(
        lang,
        "There are more findings than are shown.",
        "问题太多，没有全部列出。",
    )
    .into()
}

pub(super) fn outside_section(lang: Lang, key: &str, section: Option<&str>) -> String {
    match section {
        None => say!(
            lang,
            "{key} stands before any [Section], and systemd ignores it.",
            "{key} 前面没有 [Section]，systemd 会忽略它。"
        ),
        Some(section) => say!(
            lang,
            "{key} is ignored in [{section}]; it belongs in [Service].",
            "{key} 写在 [{section}] 中不起作用，应写在 [Service] 中。"
        ),
    }
}

pub(super) fn bad_assignment(lang: Lang, words: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "'{}' is not of the form NAME=value without blanks, and is ignored.",
            words.join("', '")
        ),
        Lang::Zh => format!(
            "“{}”不是 NAME=value 的形式（不能有空格），会被忽略。",
            words.join("”“")
        ),
    }
}

pub(super) fn several_starts(lang: Lang) -> String {
    word(
        lang,
        "systemd takes one ExecStart= and refuses a service with two; an empty one before it takes the first back.",
        "systemd 只接受一条 ExecStart=，有两条时会拒绝启动服务；先写一条空的 ExecStart= 才能替换原来的。",
    )
    .into()
}

pub(super) fn unknown_key(lang: Lang, key: &str, section: &str, candidates: &[String]) -> String {
    let quadlet = matches!(section, "Container" | "Pod");
    match (lang, quadlet) {
        (Lang::En, false) => format!(
            "systemd has no {key} in [{section}] and ignores it; did you mean {}?",
            candidates.join(", ")
        ),
        (Lang::Zh, false) => format!(
            "systemd 的 [{section}] 中没有 {key}，会忽略它；是不是想写 {}？",
            candidates.join("、")
        ),
        (Lang::En, true) => format!(
            "Podman has no {key} in [{section}] and makes no service of the file; did you mean {}?",
            candidates.join(", ")
        ),
        (Lang::Zh, true) => format!(
            "Podman 的 [{section}] 中没有 {key}，不会为这个文件生成服务；是不是想写 {}？",
            candidates.join("、")
        ),
    }
}

pub(super) fn ignored_value(lang: Lang, key: &str, value: &str, takes: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "systemd does not accept {key}={value} and ignores the line; it takes values such as {}.",
            takes.join(", ")
        ),
        Lang::Zh => format!(
            "systemd 不接受 {key}={value}，会忽略这一行；可用的值如 {}。",
            takes.join("、")
        ),
    }
}

pub(super) fn not_passed(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "Compose fills .env into its own files and hands it to no container, and no file beside it names {variable}: it changes nothing.",
        "Compose 只用 .env 填充自己的文件，不会把它交给容器；旁边的文件又没有用到 {variable}，所以它不起作用。"
    )
}

pub(super) fn profile_variable(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "A shell profile, as /etc/environment, reaches only what is started after a login. The installer's ollama.service never sees {variable}; set it there.",
        "Shell 启动文件和 /etc/environment 只影响登录后启动的程序；安装程序注册的 ollama.service 读不到 {variable}，要在那里设置。"
    )
}

pub(super) fn overridden(lang: Lang, variable: &str, value: &str, line: u32) -> String {
    say!(
        lang,
        "{variable} is set again in line {line}; only {value} is used.",
        "第 {line} 行又设置了 {variable}，只有 {value} 有效。"
    )
}

pub(super) fn contradiction(
    lang: Lang,
    variable: &str,
    value: &str,
    other: &str,
    other_value: &str,
) -> String {
    say!(
        lang,
        "{variable}={value} does nothing beside {other}={other_value}.",
        "有 {other}={other_value} 时，{variable}={value} 不起作用。"
    )
}

pub(super) fn open_origins(lang: Lang) -> String {
    word(
        lang,
        "With '*', every web page that someone on this network opens can use Ollama. Only you know which may: write their addresses, such as http://chat.lan:3000. Without the variable, pages of this machine may.",
        "设成 * 后，内网中任何人打开的任何网页都能使用 Ollama。哪些网页可以用只有你知道：请写出它们的地址，例如 http://chat.lan:3000。不设这个变量时，只有本机的网页可以用。"
    ).into()
}

pub(super) fn no_volume(lang: Lang, path: &str) -> String {
    say!(
        lang,
        "No volume holds {path}: the models are lost with the container and downloaded again.",
        "没有卷保存 {path}：删除容器后模型就没了，要重新下载。"
    )
}

pub(super) fn memory_limit(lang: Lang, limit: Bytes, need: Bytes) -> String {
    say!(
        lang,
        "The engine keeps up to {need} of prompts in the host's memory beside the model; with a limit of {limit} it can be killed while it answers.",
        "除模型外，引擎最多还会在内存中保留 {need} 的提示词缓存；上限设为 {limit} 时，回答途中可能被杀掉。"
    )
}

pub(super) fn client_context(lang: Lang, tag: &str, context: u32, other: u32) -> String {
    say!(
        lang,
        "This asks {tag} for a context of {context} where it is loaded with {other}: each change loads the model again.",
        "这里要求 {tag} 用 {context} 的上下文，而它是按 {other} 加载的：每次切换都会重新加载模型。"
    )
}

pub(super) fn target_address(lang: Lang, address: &str) -> String {
    say!(
        lang,
        "From here, {address} does not lead to Ollama: 0.0.0.0 is an address to listen at, and localhost inside a container is the container itself.",
        "从这里用 {address} 连不上 Ollama：0.0.0.0 是监听地址，容器里的 localhost 是容器自己。"
    )
}

pub(super) fn known_password(lang: Lang, key: &str) -> String {
    say!(
        lang,
        "{key} is the key in LiteLLM's manual; everyone knows it.",
        "{key} 是 LiteLLM 手册里的示例密钥，人人都知道。"
    )
}

//! Who reaches the servers of a plan.

use super::word;
use crate::engine::workload::Engine;
use crate::lang::Lang;

pub(crate) fn open_ports(lang: Lang, ports: &[String], engine: Engine) -> String {
    let ports = ports.join(word(lang, ", ", "、"));
    let server = match engine {
        Engine::Vllm => "vLLM",
        Engine::Ollama | Engine::LlamaCpp => "llama-server",
    };
    let risk = match engine {
        Engine::Ollama => say!(
            lang,
            "Whoever reaches {ports} can use these models, delete them and load others: Ollama asks for no password.",
            "凡能连到 {ports} 的人都能使用、删除、加载模型：Ollama 不设密码。"
        ),
        Engine::LlamaCpp | Engine::Vllm => say!(
            lang,
            "Whoever reaches {ports} can use these models: {server} asks for a key only where it is given one (--api-key).",
            "凡能连到 {ports} 的人都能使用这些模型：{server} 不加 --api-key 就不校验密钥。"
        ),
    };
    let guard = word(
        lang,
        " Let only the gateway reach these ports (firewall), and let it ask for a token: LiteLLM does, nginx once its lines for it are switched on.",
        "请用防火墙只放行网关，并让网关校验令牌：LiteLLM 本就校验，nginx 需启用配置里的相应几行。",
    );
    risk + guard
}

/// What is taken where two machines were told one address.
pub(crate) fn own_address(lang: Lang) -> &'static str {
    word(
        lang,
        "an address of one machine alone: HOST=ADDRESS for each, or 0.0.0.0 for all",
        "每台机器各自的地址：逐台写 HOST=地址，或全部用 0.0.0.0",
    )
}

pub(crate) fn unreachable(lang: Lang, hosts: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "The servers of {} listen on 127.0.0.1, where neither a gateway nor monitor --plan on another machine reaches them: give --listen HOST=ADDRESS, or listen in the fleet file.",
            hosts.join(", ")
        ),
        Lang::Zh => format!(
            "{} 上的服务只监听 127.0.0.1，别的机器上的网关和 monitor --plan 连不到：请用 --listen HOST=地址，或在机群文件里写 listen。",
            hosts.join("、")
        ),
    }
}

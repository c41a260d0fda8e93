//! Who reaches whom, and what a request or a container is given.

use super::super::word;
use crate::lang::Lang;
use crate::lint::Gateway;

fn listed(ports: &[u16], between: &str) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.join(between)
}

pub(super) fn wrong_port(lang: Lang, address: &str, ports: &[u16]) -> String {
    match lang {
        Lang::En => format!(
            "Nothing answers at {address}: the server listens at port {}.",
            listed(ports, ", ")
        ),
        Lang::Zh => format!(
            "{address} 上没有服务：它监听的是 {} 端口。",
            listed(ports, "、")
        ),
    }
}

pub(super) fn unserved_port(lang: Lang, port: u16, ports: &[u16]) -> String {
    match lang {
        Lang::En => format!(
            "No server of these files listens at port {port} of this machine; they listen at {}.",
            listed(ports, ", ")
        ),
        Lang::Zh => format!(
            "这些文件里没有服务监听本机的 {port} 端口；它们监听的是 {}。",
            listed(ports, "、")
        ),
    }
}

pub(super) fn container_loopback(lang: Lang, address: &str) -> String {
    say!(
        lang,
        "Inside a container {address} is the container alone: neither a published port nor another container reaches it. Listen at 0.0.0.0 there, and publish to 127.0.0.1.",
        "容器里的 {address} 只有容器自己能访问，映射的端口和其他容器都连不上。请在容器内监听 0.0.0.0，再映射到主机的 127.0.0.1。"
    )
}

pub(super) fn image_entrypoint(lang: Lang, program: &str) -> String {
    say!(
        lang,
        "The image runs 'ollama' by itself, with this as its arguments: 'ollama {program} ..' is no command. Name a subcommand such as serve, or replace the entrypoint.",
        "镜像本身就会运行 ollama，这里写的只是它的参数：“ollama {program} ..”不是有效命令。请写 serve 之类的子命令，或替换 entrypoint。"
    )
}

pub(super) fn ignored_option(lang: Lang, option: &str, endpoint: &str) -> String {
    say!(
        lang,
        "{endpoint} does not read {option} where it stands here: it changes nothing.",
        "{endpoint} 不会读取写在这里的 {option}，不起任何作用。"
    )
}

pub(super) fn hidden_gpus(lang: Lang, setting: &str) -> String {
    say!(
        lang,
        "With {setting} the service sees no GPU: every model runs on the CPU.",
        "设了 {setting}，服务看不到任何显卡：所有模型都在 CPU 上运行。"
    )
}

fn gateway_name(lang: Lang, gateway: Gateway) -> &'static str {
    match gateway {
        Gateway::Nginx => "nginx",
        Gateway::Traefik => "Traefik",
        Gateway::Caddy => "Caddy",
        Gateway::Ingress => word(lang, "The ingress", "Ingress"),
    }
}

pub(super) fn kept_prefix(lang: Lang, gateway: Gateway, prefix: &str) -> String {
    let (en, zh) = match gateway {
        Gateway::Nginx => (
            "end both the location and proxy_pass with '/'",
            "location 和 proxy_pass 都要以 / 结尾",
        ),
        Gateway::Traefik => (
            "a stripprefix middleware takes it away",
            "要用 stripprefix 中间件去掉它",
        ),
        Gateway::Caddy => (
            "handle_path or 'uri strip_prefix' takes it away",
            "要用 handle_path 或 uri strip_prefix 去掉它",
        ),
        Gateway::Ingress => (
            "tell its controller to take it away, as rewrite-target does for nginx",
            "要让控制器去掉它，例如 nginx 的 rewrite-target",
        ),
    };
    let (name, right) = (gateway_name(lang, gateway), word(lang, en, zh));
    say!(
        lang,
        "{name} passes {prefix} on, and Ollama answers such a path with 404; {right}.",
        "{name} 会原样转发 {prefix}，而 Ollama 对这样的路径返回 404；{right}。"
    )
}

pub(super) fn replaced_prefix(lang: Lang, gateway: Gateway, parts: [&str; 4]) -> String {
    let [prefix, uri, asked, arrives] = parts;
    let name = gateway_name(lang, gateway);
    if uri.is_empty() {
        return say!(
            lang,
            "{name} takes '{prefix}' away: a request for {asked} reaches Ollama as {arrives} and fails.",
            "{name} 会去掉路径开头的 {prefix}：请求 {asked} 到 Ollama 时变成 {arrives}，会失败。"
        );
    }
    say!(
        lang,
        "{name} puts '{uri}' in the place of '{prefix}': a request for {asked} reaches Ollama as {arrives} and fails.",
        "{name} 会把路径开头的 {prefix} 换成 {uri}：请求 {asked} 到 Ollama 时变成 {arrives}，会失败。"
    )
}

pub(super) fn no_scheme(lang: Lang, address: &str) -> String {
    say!(
        lang,
        "{address} has no protocol, and the client refuses it; write http://{address}.",
        "{address} 缺少协议，客户端会拒绝；应写 http://{address}。"
    )
}

pub(super) fn gpu_request(lang: Lang, resource: &str) -> String {
    say!(
        lang,
        "Kubernetes refuses a request for {resource} without a limit of the same number.",
        "申请 {resource} 时必须设置相同数量的 limits，否则 Kubernetes 会拒绝。"
    )
}

pub(super) fn exported_in_file(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "Only shells and Compose take 'export {variable}' in such a file: systemd ignores the line, and 'docker run --env-file' refuses the file.",
        "这种文件里的“export {variable}”只有 Shell 和 Compose 认：systemd 会忽略这一行，docker run --env-file 会拒绝整个文件。"
    )
}

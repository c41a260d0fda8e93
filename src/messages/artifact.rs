//! Why a plan cannot be written as files.

use super::word;
use crate::error::ArtifactFault;
use crate::lang::Lang;

pub(crate) fn fault(lang: Lang, fault: ArtifactFault, value: &str) -> String {
    match fault {
        ArtifactFault::Tag => say!(
            lang,
            "{value:?} cannot be used as a tag: only letters, digits and . _ : / - are allowed.",
            "{value:?} 不能用作标签：只接受字母、数字和 . _ : / -。"
        ),
        ArtifactFault::Unpublished => say!(
            lang,
            "{value} is not in Ollama's library, so files that pull it would fail; use another tag.",
            "Ollama 模型库中没有 {value}，生成的文件拉取时会失败；请改用其他标签。"
        ),
        ArtifactFault::Host => say!(
            lang,
            "{value:?} cannot be used as a host: only letters, digits and . _ - are allowed.",
            "{value:?} 不能用作主机名：只接受字母、数字和 . _ -。"
        ),
        ArtifactFault::Address => say!(
            lang,
            "{value:?} cannot be used as an address: give an IPv4 address with a port.",
            "{value:?} 不能用作地址：请给出带端口的 IPv4 地址。"
        ),
        ArtifactFault::Port => say!(
            lang,
            "Two servers of one host would listen on {value}.",
            "同一主机上有两个服务要监听 {value}。"
        ),
        ArtifactFault::Device => say!(
            lang,
            "{value:?} cannot be used as a GPU: give a UUID that starts with GPU- or MIG-.",
            "{value:?} 不能用来指定显卡：请给出以 GPU- 或 MIG- 开头的 UUID。"
        ),
        ArtifactFault::GpuName => say!(
            lang,
            "{value:?} cannot be used as a GPU's name: it has unusual characters.",
            "{value:?} 不能用作显卡名称：含有特殊字符。"
        ),
        ArtifactFault::Variable => say!(
            lang,
            "{value:?} cannot be used in an environment variable: only letters, digits and . _ : / , + @ - are allowed.",
            "{value:?} 不能写入环境变量：只接受字母、数字和 . _ : / , + @ -。"
        ),
        ArtifactFault::Version => say!(
            lang,
            "{value:?} cannot be used as a version of Ollama.",
            "{value:?} 不能用作 Ollama 版本。"
        ),
        ArtifactFault::Repository => say!(
            lang,
            "{value:?} cannot be used as a repository: give owner/name.",
            "{value:?} 不能用作仓库：请按 owner/name 的形式给出。"
        ),
        ArtifactFault::Empty => word(
            lang,
            "The plan has no service to start, so there is nothing to emit.",
            "方案中没有要启动的服务，没有文件可输出。",
        )
        .into(),
        ArtifactFault::OllamaOnly => say!(
            lang,
            "{value} is not written for this engine. For llama.cpp there are systemd, quadlet, compose, llama-swap, nginx, litellm and grafana; for vLLM systemd, quadlet, compose, nginx, litellm, k8s and grafana.",
            "{value} 不支持这个引擎。llama.cpp 可用 systemd、quadlet、compose、llama-swap、nginx、litellm 和 grafana；vLLM 可用 systemd、quadlet、compose、nginx、litellm、k8s 和 grafana。"
        ),
        ArtifactFault::LlamaCppOnly => say!(
            lang,
            "{value} starts llama-server, and no service of the plan is one: add --engine llama.cpp.",
            "{value} 启动的是 llama-server，方案中没有这样的服务：请加 --engine llama.cpp。"
        ),
        ArtifactFault::OnMac => on_mac(lang, value),
        ArtifactFault::SameFile => say!(
            lang,
            "Two models of the plan would have one file, {value}.",
            "方案中有两个模型会用到同一个文件 {value}。"
        ),
        ArtifactFault::Template => say!(
            lang,
            "A template of this program does not render; please report it: {value}",
            "程序内的模板无法渲染，请报告此问题：{value}"
        ),
    }
}

fn on_mac(lang: Lang, kind: &str) -> String {
    say!(
        lang,
        "{kind} starts nothing on a Mac: macOS has no systemd, and containers there see no GPU. For Ollama there is --emit shell, for llama.cpp llama-swap.",
        "{kind} 在 Mac 上启动不了服务：macOS 没有 systemd，容器里也看不到 GPU。Ollama 请用 --emit shell，llama.cpp 请用 llama-swap。"
    )
}

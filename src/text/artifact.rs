//! Why a plan cannot be written as files.

use crate::error::ArtifactFault;
use crate::lang::Lang;

/// The sentence.
pub(super) fn fault(lang: Lang, fault: ArtifactFault, value: &str) -> String {
    match lang {
        Lang::En => match fault {
            ArtifactFault::Tag => format!(
                "{value:?} cannot be emitted as a tag: letters, digits and . _ : / - are taken."
            ),
            ArtifactFault::Unpublished => format!(
                "{value} is not published by Ollama, so no file that pulls it can work; name another tag."
            ),
            ArtifactFault::Host => format!(
                "{value:?} cannot be emitted as a host: letters, digits and . _ - are taken."
            ),
            ArtifactFault::Address => format!(
                "{value:?} cannot be emitted as an address: an IPv4 address with a port is taken."
            ),
            ArtifactFault::Port => format!("Two servers of one host would listen on {value}."),
            ArtifactFault::Device => format!(
                "{value:?} cannot be emitted as a GPU: a UUID that starts with GPU- or MIG- is taken."
            ),
            ArtifactFault::GpuName => {
                format!("{value:?} cannot be emitted as a GPU's name: it has unusual characters.")
            }
            ArtifactFault::Variable => format!(
                "{value:?} cannot be emitted as an environment variable: values of letters, digits and . _ : / , + @ - are taken."
            ),
            ArtifactFault::Version => {
                format!("{value:?} cannot be emitted as a version of Ollama.")
            }
            ArtifactFault::Repository => {
                format!("{value:?} cannot be emitted as a repository: owner/name is taken.")
            }
            ArtifactFault::Empty => {
                "The plan starts no server, so there is nothing to emit.".into()
            }
            ArtifactFault::Template => {
                format!("A template of this program does not render; please report it: {value}")
            }
        },
        Lang::Zh => match fault {
            ArtifactFault::Tag => {
                format!("{value:?} 不能作为标签输出：只接受字母、数字和 . _ : / -。")
            }
            ArtifactFault::Unpublished => {
                format!("Ollama 未发布 {value}，拉取它的文件都无法工作；请改用其他标签。")
            }
            ArtifactFault::Host => {
                format!("{value:?} 不能作为主机名输出：只接受字母、数字和 . _ -。")
            }
            ArtifactFault::Address => {
                format!("{value:?} 不能作为地址输出：只接受带端口的 IPv4 地址。")
            }
            ArtifactFault::Port => format!("同一主机上有两个服务要监听 {value}。"),
            ArtifactFault::Device => {
                format!("{value:?} 不能作为 GPU 输出：只接受以 GPU- 或 MIG- 开头的 UUID。")
            }
            ArtifactFault::GpuName => format!("{value:?} 不能作为 GPU 名称输出：含有特殊字符。"),
            ArtifactFault::Variable => {
                format!("{value:?} 不能作为环境变量输出：值只接受字母、数字和 . _ : / , + @ -。")
            }
            ArtifactFault::Version => format!("{value:?} 不能作为 Ollama 版本输出。"),
            ArtifactFault::Repository => {
                format!("{value:?} 不能作为仓库输出：只接受 owner/name。")
            }
            ArtifactFault::Empty => "方案中没有要启动的服务，没有可输出的文件。".into(),
            ArtifactFault::Template => format!("程序内的模板无法渲染，请报告此问题：{value}"),
        },
    }
}

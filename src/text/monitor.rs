//! The words of `monitor` and `mcp`, in both languages.

use super::en::English;
use super::zh::Chinese;

/// What `monitor` and `mcp` say.
pub trait MonitorText {
    /// What a client of the tools should know before it calls one.
    fn mcp_instructions(&self) -> &'static str;
}

impl MonitorText for English {
    fn mcp_instructions(&self) -> &'static str {
        "vramfit computes which language models fit which GPUs, to the byte. Sizes are bytes, speeds tokens per second. Without gpu, vram or fleet the tools answer for this machine. A tool's inputs are the flags of the command of its name; an error is a JSON object with a code, a message and candidates."
    }
}

impl MonitorText for Chinese {
    fn mcp_instructions(&self) -> &'static str {
        "vramfit 精确计算哪些大模型放得进哪些显卡。大小以字节计，速度以每秒词元数计。不给 gpu、vram 或 fleet 时，按本机硬件回答。工具的输入就是同名命令的选项；出错时返回含 code、message、candidates 的 JSON 对象。"
    }
}

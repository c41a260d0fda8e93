//! Why a GGUF file cannot be used.

use std::path::Path;

use super::errors::system_zh;
use crate::gguf::{Error, ErrorKind, HeaderPart, TensorFault};
use crate::lang::Lang;

pub(crate) fn unusable(lang: Lang, path: &Path, error: &Error) -> String {
    // Of a model in several files it may be another part.
    let path = error.path.as_deref().unwrap_or(path).display();
    let (code, offset) = (error.code(), error.offset);
    match &error.kind {
        ErrorKind::Unreadable(reason) => say!(
            lang,
            "{path}: {}.",
            "{path}：{}。",
            match lang {
                Lang::En => reason,
                Lang::Zh => system_zh(reason),
            }
        ),
        kind => say!(
            lang,
            "Not a usable GGUF file ({code}): {path}: byte {offset}: {}.",
            "不是可用的 GGUF 文件（{code}）：{path} 第 {offset} 字节：{}。",
            match lang {
                Lang::En => kind.to_string(),
                Lang::Zh => zh(kind),
            }
        ),
    }
}

/// What [`ErrorKind`]'s own words say in English.
fn zh(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Unreadable(reason) => format!("无法读取：{}", system_zh(reason)),
        ErrorKind::NotGguf => "这不是 GGUF 文件".into(),
        ErrorKind::BigEndian => "这是大端序的 GGUF 文件，只能读取小端序的".into(),
        ErrorKind::UnsupportedVersion(version) => {
            format!("GGUF 版本为 {version}，只能读取版本 2 和 3")
        }
        ErrorKind::Truncated { needed, length } => {
            format!("文件只有 {length} 字节，至少应有 {needed} 字节（可能没有下载完）")
        }
        ErrorKind::AbsurdCount { what, count } => {
            format!("{}的数目为 {count}，没有模型会有这么多", item(*what))
        }
        ErrorKind::AbsurdLength { what, length } => {
            format!("{}长达 {length} 字节，不可能这么长", item(*what))
        }
        ErrorKind::Nesting => "数组嵌套过深".into(),
        ErrorKind::UnknownValueType(number) => format!("值的类型 {number} 不存在"),
        ErrorKind::BadType { key, wanted } => format!("{key} 应当是{}", item(*wanted)),
        ErrorKind::BadValue { key, value } => format!("{key} 的值 {value} 不可能成立"),
        ErrorKind::BadList {
            key,
            length,
            blocks,
        } => format!("{key} 列出了 {length} 层，而模型有 {blocks} 层"),
        ErrorKind::BadText => "名称不是文本".into(),
        ErrorKind::BadAlignment(bytes) => format!("对齐值 {bytes} 不是 2 的幂"),
        ErrorKind::DuplicateKey(key) => format!("键 {key} 重复"),
        ErrorKind::DuplicateTensor(name) => format!("张量 {name} 重复"),
        ErrorKind::MissingKey(key) => format!("缺少键 {key}"),
        ErrorKind::MissingTensor(name) => format!("缺少张量 {name}"),
        ErrorKind::InconsistentTensor { name, reason } => {
            format!("张量 {name}：{}", tensor(*reason))
        }
        ErrorKind::Projector => "这是投影器（mmproj），不是语言模型".into(),
        ErrorKind::SplitPart { part, count } => {
            format!("这是分成 {count} 个文件的模型的第 {part} 个，按文件名找不到其余部分")
        }
        ErrorKind::ForeignPart => "它与模型的其他部分不属于同一个模型".into(),
        ErrorKind::MissingParts(names) => format!("缺少模型的其他部分：{}", names.join("、")),
    }
}

fn item(item: HeaderPart) -> &'static str {
    match item {
        HeaderPart::Header => "文件头",
        HeaderPart::Metadata => "元数据",
        HeaderPart::Key => "键名",
        HeaderPart::Keys => "键",
        HeaderPart::TensorName => "张量名",
        HeaderPart::Tensors => "张量",
        HeaderPart::Dimensions => "维度",
        HeaderPart::Number | HeaderPart::Numbers => "数字",
        HeaderPart::String | HeaderPart::Strings => "字符串",
        HeaderPart::Array | HeaderPart::Arrays => "数组",
        HeaderPart::ArchitectureName => "架构名称",
        HeaderPart::Integer => "整数",
        HeaderPart::Integers => "整数列表",
    }
}

fn tensor(fault: TensorFault) -> &'static str {
    match fault {
        TensorFault::NoData => "没有数据",
        TensorFault::Misplaced => "数据不在前面的张量结束之处",
        TensorFault::TooLarge => "大小溢出",
        TensorFault::TooManyElements => "元素数溢出",
        TensorFault::Empty => "没有元素",
        TensorFault::PartialBlocks => "每行不是整数个量化块",
        TensorFault::Block => "所属的层超出了最后一层",
        TensorFault::Vocabulary => "词表大小不可能成立",
    }
}

//! Why a model cannot be imported.

use super::errors::did_you_mean;
use super::word;
use crate::error::ImportFault;
use crate::lang::Lang;

pub(crate) fn fault(lang: Lang, fault: &ImportFault) -> String {
    match fault {
        ImportFault::Unrecognised(path) => say!(
            lang,
            "{}: not a GGUF file, nor a model in Ollama's store, nor a model's config.json.",
            "{}：既不是 GGUF 文件，也不是 Ollama 的本地模型或模型的 config.json。",
            path.display()
        ),
        ImportFault::NoWeights(path) => say!(
            lang,
            "{}: the weights of this model are not on this machine.",
            "{}：这个模型的权重不在本机上。",
            path.display()
        ),
        ImportFault::UnknownModelType {
            name,
            known,
            candidates,
        } => {
            let meant = did_you_mean(lang, candidates);
            match lang {
                Lang::En => format!(
                    "The model_type '{name}' is not known.{meant} Known: {}. You can still import a GGUF file of the model.",
                    known.join(", ")
                ),
                Lang::Zh => format!(
                    "不认识 model_type“{name}”。{meant}已知的有：{}。也可以改为导入该模型的 GGUF 文件。",
                    known.join("、")
                ),
            }
        }
        ImportFault::MissingKey { path, key } => say!(
            lang,
            "{}: '{key}' is missing, and the memory cannot be computed without it.",
            "{}：缺少 {key}，无法推算显存。",
            path.display()
        ),
        ImportFault::BadTag(tag) => say!(
            lang,
            "'{tag}' is not a tag: use letters, digits and . _ - with one colon, such as qwen3:8b.",
            "“{tag}”不能作标签：只能用字母、数字和 . _ -，加一个冒号，如 qwen3:8b。"
        ),
        ImportFault::TakenTag(tag) => say!(
            lang,
            "The catalog already has a model with the tag '{tag}'; choose another with --tag.",
            "目录中已有其他模型使用标签“{tag}”，请用 --tag 另取一个。"
        ),
        ImportFault::NoTag => word(
            lang,
            "This model has no name of its own; give it a tag with --tag.",
            "无法确定模型名称，请用 --tag 指定标签。",
        )
        .into(),
    }
}

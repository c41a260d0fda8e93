//! What Ollama does with a model by itself, and how what it did differs from a prediction.

use super::en::English;
use super::zh::Chinese;
use super::{Text, tokens};
use crate::messages::cache;
use crate::report::{Finding, OllamaNote};
use crate::units::Bytes;

/// The sentences, one function a kind.
pub trait EngineText {
    /// What to know about Ollama's choice.
    fn ollama_note(&self, note: &OllamaNote) -> String;
    /// What explains a difference between prediction and fact.
    fn finding(&self, finding: &Finding) -> String;
}

/// Bytes with their sign.
fn signed(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "+" };
    format!("{sign}{}", Bytes(bytes.unsigned_abs()))
}

fn layers_of(count: u32) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} layer{s}")
}

impl EngineText for English {
    fn ollama_note(&self, note: &OllamaNote) -> String {
        match note {
            OllamaNote::OneGpu => "It uses only the GPU with the most free memory, since the prediction is at most 80% of that.".into(),
            OllamaNote::SpreadsOverAll { gpus, enough } => {
                format!("The prediction is more than 80% of any one GPU, so it spreads the model over all {gpus}, although {enough} would do.")
            }
            OllamaNote::SilentOffload { layers, expert_layers: 0 } => format!("{} silently end up on the CPU.", layers_of(*layers)),
            OllamaNote::SilentOffload { layers: 0, expert_layers } => format!("The experts of {} silently end up on the CPU.", layers_of(*expert_layers)),
            OllamaNote::SilentOffload { layers, expert_layers } => format!(
                "{} silently end up on the CPU, and the experts of {} more.", layers_of(*layers), expert_layers
            ),
            OllamaNote::DefaultContextOffloads { context_length } => {
                format!("Unless told otherwise it uses a context of {}, and layers end up on the CPU: set the context.", tokens(*context_length))
            }
            OllamaNote::DefaultContextFits { context_length } => format!("Unless told otherwise it uses a context of {}, which fits.", tokens(*context_length)),
            OllamaNote::ContextLowered { tried, context_length } => format!(
                "It first tries a context of {}, runs out of memory, and goes down to {}.", tokens(*tried), tokens(*context_length)
            ),
            OllamaNote::OutOfMemory => "It runs out of memory: the host's is too small for what the GPUs do not hold.".into(),
            OllamaNote::SingleSlot => "Models of this architecture get one request at a time, whatever OLLAMA_NUM_PARALLEL says.".into(),
            OllamaNote::PredictionOff { percent: percent @ 50.. } => format!(
                "It predicts {:.1} times what the model takes on the GPUs: other models are unloaded for it.", 1.0 + f64::from(*percent) / 100.0
            ),
            OllamaNote::PredictionOff { percent } => {
                let less = if *percent < 0 { "less" } else { "more" };
                format!("It predicts {}% {less} than the model takes on the GPUs.", percent.unsigned_abs())
            },
            OllamaNote::NewerThanKnown { engine } => cache::newer_than_known(self.lang(), *engine),
            OllamaNote::OldVersion => "This version schedules models differently, which vramfit does not simulate; the estimate is for the newer engine.".into(),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::AsPredicted => "As predicted.".into(),
            Finding::NotMeasured => "The buffer sizes are not known; without GPUs Ollama reports none. The engine's log has them: --log FILE.".into(),
            Finding::OtherContext { expected, actual, bytes } => format!("Its context is {}, not {}: {}.", tokens(*actual), tokens(*expected), signed(*bytes)),
            Finding::OtherParallel { expected, actual, bytes } => format!("It serves {actual} requests at once, not {expected}: {}.", signed(*bytes)),
            Finding::OtherKvCacheType { expected, actual, bytes } => format!("Its KV cache is {}, not {}: {}.", actual.label(), expected.label(), signed(*bytes)),
            Finding::OtherBatch { expected, actual, bytes } => format!("Its batch is {actual}, not {expected}: {}.", signed(*bytes)),
            Finding::OtherFlashAttention { actual, bytes, .. } => format!(
                "Flash attention is {}: {}.", if *actual { "on, not off" } else { "off, not on" }, signed(*bytes)
            ),
            Finding::Drafting { snapshots: 0, context, .. } => format!("It drafts tokens ahead: a second context of {context}."),
            Finding::Drafting { snapshots, context, bytes } => format!(
                "It drafts tokens ahead: a second context of {context}, and {snapshots} more copies of the recurrent state: {}.", signed(*bytes)
            ),
            Finding::OtherWeights { expected, actual, bytes } => format!(
                "Its weights are {actual}, not {expected}: {}. It is another file than the tag's.", signed(*bytes)
            ),
            Finding::OtherGpus { expected, actual, bytes } => format!("It is on {actual} GPUs, not {expected}: {}.", signed(*bytes)),
            Finding::Spilled { layers, bytes, expected } => {
                let what = match (layers, bytes) {
                    (Some(layers), Some(bytes)) => format!("{layers} layers ({bytes})"),
                    (Some(layers), None) => format!("{layers} layers"),
                    (None, Some(bytes)) => bytes.to_string(),
                    (None, None) => "Layers".into(),
                };
                match expected {
                    true => format!("{what} in host memory, as predicted; that makes it slow."),
                    false => format!("{what} in host memory, though the GPUs could hold it all: another program used GPU memory when it was loaded. Unload it ('ollama stop') and load it again, or set num_gpu 999."),
                }
            }
            Finding::Approximate { basis } => format!("The prediction is approximate ({}).", self.basis(*basis)),
            Finding::OtherOverhead { gpu, expected, actual } => format!("A process takes {actual} on GPU {gpu} before it loads anything, not {expected}; --save keeps that for later estimates."),
            Finding::Likely { setting, value, bytes } => format!("{} would follow from {setting} {value}, which Ollama does not report; check with --{setting} {value}, or give its log (--log FILE).", signed(*bytes)),
            Finding::Unexplained { bytes } => format!("{} is left unexplained.", signed(*bytes)),
        }
    }
}

impl EngineText for Chinese {
    fn ollama_note(&self, note: &OllamaNote) -> String {
        match note {
            OllamaNote::OneGpu => "只用空闲显存最多的那张卡，因为预估不超过它的 80%。".into(),
            OllamaNote::SpreadsOverAll { gpus, enough } => {
                format!(
                    "预估超过任何一张卡空闲显存的 80%，于是摊到全部 {gpus} 张卡上，其实 {enough} 张就够。"
                )
            }
            OllamaNote::SilentOffload {
                layers,
                expert_layers: 0,
            } => {
                format!("会有 {layers} 层悄悄落到 CPU 上，没有任何提示。")
            }
            OllamaNote::SilentOffload {
                layers: 0,
                expert_layers,
            } => {
                format!("会有 {expert_layers} 层的专家悄悄落到 CPU 上，没有任何提示。")
            }
            OllamaNote::SilentOffload {
                layers,
                expert_layers,
            } => {
                format!(
                    "会有 {layers} 层、另有 {expert_layers} 层的专家悄悄落到 CPU 上，没有任何提示。"
                )
            }
            OllamaNote::DefaultContextOffloads { context_length } => {
                format!(
                    "不设上下文时默认用 {}，会有若干层落到 CPU 上：请显式设置上下文。",
                    tokens(*context_length)
                )
            }
            OllamaNote::DefaultContextFits { context_length } => {
                format!("不设上下文时默认用 {}，放得下。", tokens(*context_length))
            }
            OllamaNote::ContextLowered {
                tried,
                context_length,
            } => format!(
                "先试 {} 上下文，内存不足，再降到 {}。",
                tokens(*tried),
                tokens(*context_length)
            ),
            OllamaNote::OutOfMemory => {
                "会因内存不足而加载失败：显卡放不下的部分，系统内存也放不下。".into()
            }
            OllamaNote::SingleSlot => {
                "这种结构的模型一次只处理一个请求，OLLAMA_NUM_PARALLEL 不起作用。".into()
            }
            OllamaNote::PredictionOff {
                percent: percent @ 50..,
            } => format!(
                "它的预估是模型实际所占显存的 {:.1} 倍：会为它卸载其他模型。",
                1.0 + f64::from(*percent) / 100.0
            ),
            OllamaNote::PredictionOff { percent } => {
                let more = if *percent < 0 { "少" } else { "多" };
                format!(
                    "它的预估比实际占用的显存{more} {}%。",
                    percent.unsigned_abs()
                )
            }
            OllamaNote::NewerThanKnown { engine } => cache::newer_than_known(self.lang(), *engine),
            OllamaNote::OldVersion => {
                "这个版本的调度方式不同，vramfit 没有模拟；这里按新引擎估算。".into()
            }
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::AsPredicted => "与预测一致。".into(),
            Finding::NotMeasured => {
                "没有缓冲区的实际大小：没有显卡时 Ollama 不报告。引擎日志里有，用 --log FILE 给出。"
                    .into()
            }
            Finding::OtherContext {
                expected,
                actual,
                bytes,
            } => format!(
                "实际上下文是 {}，而不是 {}：{}。",
                tokens(*actual),
                tokens(*expected),
                signed(*bytes)
            ),
            Finding::OtherParallel {
                expected,
                actual,
                bytes,
            } => format!(
                "实际并发数是 {actual}，而不是 {expected}：{}。",
                signed(*bytes)
            ),
            Finding::OtherKvCacheType {
                expected,
                actual,
                bytes,
            } => format!(
                "实际 KV 缓存类型是 {}，而不是 {}：{}。",
                actual.label(),
                expected.label(),
                signed(*bytes)
            ),
            Finding::OtherBatch {
                expected,
                actual,
                bytes,
            } => format!(
                "实际批大小是 {actual}，而不是 {expected}：{}。",
                signed(*bytes)
            ),
            Finding::OtherFlashAttention { actual, bytes, .. } => format!(
                "Flash Attention 实际{}：{}。",
                if *actual {
                    "已开启，而不是关闭"
                } else {
                    "已关闭，而不是开启"
                },
                signed(*bytes)
            ),
            Finding::Drafting {
                snapshots: 0,
                context,
                ..
            } => format!("启用了草稿预测：另有一个 {context} 的上下文。"),
            Finding::Drafting {
                snapshots,
                context,
                bytes,
            } => format!(
                "启用了草稿预测：另有一个 {context} 的上下文，循环状态多存 {snapshots} 份：{}。",
                signed(*bytes)
            ),
            Finding::OtherWeights {
                expected,
                actual,
                bytes,
            } => format!(
                "权重是 {actual}，而不是 {expected}：{}。它不是这个标签的文件。",
                signed(*bytes)
            ),
            Finding::OtherGpus {
                expected,
                actual,
                bytes,
            } => format!(
                "实际分布在 {actual} 张显卡上，而不是 {expected} 张：{}。",
                signed(*bytes)
            ),
            Finding::Spilled {
                layers,
                bytes,
                expected,
            } => {
                let what = match (layers, bytes) {
                    (Some(layers), Some(bytes)) => format!("有 {layers} 层（{bytes}）"),
                    (Some(layers), None) => format!("有 {layers} 层"),
                    (None, Some(bytes)) => format!("有 {bytes} "),
                    (None, None) => "有若干层".into(),
                };
                match expected {
                    true => format!("{what}落在内存里，与预测一致，速度会很慢。"),
                    false => format!(
                        "{what}落在内存里，而显存本可全部放下：加载时显存被别的程序占用了。请先卸载（ollama stop）再重新加载，或设置 num_gpu 999。"
                    ),
                }
            }
            Finding::Approximate { basis } => {
                format!("预测本身是近似值（{}）。", self.basis(*basis))
            }
            Finding::OtherOverhead {
                gpu,
                expected,
                actual,
            } => format!(
                "进程在 GPU {gpu} 上的固定开销为 {actual}，而不是 {expected}；加 --save 可保存，供以后估算。"
            ),
            Finding::Likely {
                setting,
                value,
                bytes,
            } => format!(
                "相差的 {} 与 {setting} 取 {value} 时相符（Ollama 不报告这一项）；可加 --{setting} {value} 核对，或用 --log 给出日志。",
                signed(*bytes)
            ),
            Finding::Unexplained { bytes } => format!("还有 {} 原因不明。", signed(*bytes)),
        }
    }
}

//! What is wrong in a fleet file.

use super::errors::one_of;
use crate::error::FleetFault;
use crate::lang::Lang;

pub(crate) fn fault(lang: Lang, fault: &FleetFault) -> String {
    match fault {
        FleetFault::UnknownGpu { name, candidates } => {
            let meant = match candidates.as_slice() {
                [] => String::new(),
                some => {
                    let some = one_of(lang, some);
                    say!(lang, "; did you mean {some}?", "；是不是想写 {some}？")
                }
            };
            say!(
                lang,
                "no GPU is called '{name}'; give its 'total' memory in a [[host.gpu]]{meant}",
                "没有名为“{name}”的显卡，可在 [[host.gpu]] 中用 total 写明显存{meant}"
            )
        }
        FleetFault::BadGpu(text) => say!(
            lang,
            "'{text}' is not hardware such as \"RTX 3090 x2\" or \"2x3090+4060\"",
            "“{text}”不是硬件，应如 \"RTX 3090 x2\" 或 \"2x3090+4060\""
        ),
        FleetFault::BadHostName(name) => say!(
            lang,
            "'{name}' is not a host name: use letters, digits, hyphens and dots",
            "“{name}”不能作主机名，只能用字母、数字、连字符和点"
        ),
        FleetFault::BadUuid(uuid) => say!(
            lang,
            "'{uuid}' is not the UUID of a GPU; 'vramfit gpus' and 'nvidia-smi -L' show them",
            "“{uuid}”不是显卡的 UUID，可用 vramfit gpus 或 nvidia-smi -L 查看"
        ),
        FleetFault::UnknownSchema(schema) => say!(
            lang,
            "'{schema}' is not the JSON of 'vramfit gpus --json' (vramfit.gpus/1)",
            "“{schema}”不是 vramfit gpus --json 的结果（vramfit.gpus/1）"
        ),
        FleetFault::OtherProgram { program, name } => say!(
            lang,
            "{program} tells no usable memory; --gpu '{name}' takes the card by its name, and a file may hold TOML, 'vramfit gpus --json' or what nvidia-smi, rocm-smi and amd-smi print",
            "{program} 的输出没有可用显存，请用 --gpu '{name}' 按型号指定；文件可以是 TOML、vramfit gpus --json 的结果，或 nvidia-smi、rocm-smi、amd-smi 的输出"
        ),
        FleetFault::OtherReport { program, command } => say!(
            lang,
            "{program} does not tell the name and memory of each GPU; '{command}' does",
            "{program} 没有列出每张显卡的型号和显存，请改用 {command}"
        ),
        FleetFault::NamesOnly(name) => match lang {
            Lang::En => format!(
                "this tells no memory: --gpu '{name}' takes it by its name, and {}",
                forms(lang)
            ),
            Lang::Zh => format!(
                "这里没有显存信息，请用 --gpu '{name}' 按型号指定；{}",
                forms(lang)
            ),
        },
        FleetFault::NotInventory => match lang {
            Lang::En => format!("this tells no GPUs: {}", forms(lang)),
            Lang::Zh => format!("这里没有显卡信息：{}", forms(lang)),
        },
        FleetFault::TooManyGpus(most) => say!(
            lang,
            "more than {most} GPUs altogether; plan for a part of them",
            "显卡总数超过 {most} 张，请分批规划"
        ),
    }
}

/// What a file of `--fleet` may hold.
fn forms(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "a file may hold TOML ([[host]] with name and gpus), 'vramfit gpus --json', what nvidia-smi (its table, -L, -q, CSV), rocm-smi, amd-smi and gpustat print, or a log of Ollama"
        }
        Lang::Zh => {
            "文件可以是 TOML（[[host]] 下写 name 和 gpus）、vramfit gpus --json 的结果，nvidia-smi（表格、-L、-q、CSV）、rocm-smi、amd-smi、gpustat 的输出，或 Ollama 的日志"
        }
    }
}

//! What people read about their hardware.

use super::en::English;
use super::zh::Chinese;
use crate::error::FleetFault;
use crate::inventory::NoteCode;

/// The sentences of `gpus` and of fleet files in one language.
pub trait HardwareText {
    /// Something about the hardware that could not be read, and what follows from it; in brackets the device, and what
    /// the driver says about it.
    fn inventory_note(&self, code: NoteCode, about: &str) -> String;
    /// A GPU that shares the host's memory.
    fn unified(&self) -> &'static str;
    /// A MIG instance: which, on which GPU.
    fn mig(&self, index: u32, parent: u32) -> String;
    /// An amount or a name that the driver does not tell.
    fn not_told(&self) -> &'static str;
    /// A process and its number.
    fn process(&self, pid: u32) -> String;
    /// What is wrong in a fleet file.
    fn fleet_fault(&self, fault: &FleetFault) -> String;
}

impl HardwareText for English {
    fn inventory_note(&self, code: NoteCode, about: &str) -> String {
        let sentence = match code {
            NoteCode::NvmlNotFound => {
                "NVIDIA's management library (NVML) was not found, so no NVIDIA driver is installed here. A container must be given the GPUs: docker run --gpus all."
            }
            NoteCode::DriverNotLoaded => {
                "The NVIDIA driver is installed, but not running. Try 'sudo modprobe nvidia'; after a kernel update the driver must be rebuilt."
            }
            NoteCode::DriverMismatch => {
                "The NVIDIA driver was updated while the old one is still running: restart the machine."
            }
            NoteCode::NvmlFailed => "NVIDIA's management library does not start.",
            NoteCode::DriverVersionUnknown => "The driver does not report its version.",
            NoteCode::DeviceUnreadable => "A GPU does not respond and is left out.",
            NoteCode::NameUnknown => "The GPU's name could not be read, so its speed is unknown.",
            NoteCode::UuidUnknown => {
                "The GPU's UUID could not be read; it can be named only by its number."
            }
            NoteCode::MemoryUnknown => {
                "The GPU's memory could not be read, so nothing is placed on it."
            }
            NoteCode::ProcessesUnknown => "The programs on the GPU could not be read.",
            NoteCode::PciAddressUnknown => "The GPU's PCI address could not be read.",
            NoteCode::ComputeCapabilityUnknown => {
                "The GPU's compute capability could not be read; flash attention is assumed."
            }
            NoteCode::MigWithoutInstances => {
                "The GPU is in MIG mode but has no instances, so nothing can run on it. Create some with 'sudo nvidia-smi mig -cgi ... -C', or turn MIG off."
            }
            NoteCode::MigUnreadable => "A MIG instance does not respond and is left out.",
            NoteCode::HostMemoryUnknown => {
                "The host's memory could not be read, so nothing is planned for the CPU."
            }
        };
        match about {
            "" => sentence.to_owned(),
            about => format!("{sentence} ({about})"),
        }
    }

    fn unified(&self) -> &'static str {
        "shares the host's memory"
    }

    fn mig(&self, index: u32, parent: u32) -> String {
        format!("MIG instance {index} of device {parent}")
    }

    fn not_told(&self) -> &'static str {
        "unknown"
    }

    fn process(&self, pid: u32) -> String {
        format!("pid {pid}")
    }

    fn fleet_fault(&self, fault: &FleetFault) -> String {
        match fault {
            FleetFault::UnknownGpu { name, candidates } => {
                let meant = match candidates.as_slice() {
                    [] => String::new(),
                    [one] => format!("; did you mean {one}?"),
                    [first @ .., last] => {
                        format!("; did you mean {} or {last}?", first.join(", "))
                    }
                };
                format!(
                    "no GPU is called '{name}'; give its 'total' memory in a [[host.gpu]]{meant}"
                )
            }
            FleetFault::BadGpu(text) => {
                format!("'{text}' is not hardware such as \"RTX 3090 x2\" or \"2x3090+4060\"")
            }
            FleetFault::BadHostName(name) => {
                format!("'{name}' is not a host name: use letters, digits, hyphens and dots")
            }
            FleetFault::BadUuid(uuid) => {
                format!(
                    "'{uuid}' is not the UUID of a GPU; 'vramfit gpus' and 'nvidia-smi -L' show them"
                )
            }
            FleetFault::UnknownSchema(schema) => {
                format!("'{schema}' is not the JSON of 'vramfit gpus --json' (vramfit.gpus/1)")
            }
        }
    }
}

impl HardwareText for Chinese {
    fn inventory_note(&self, code: NoteCode, about: &str) -> String {
        let sentence = match code {
            NoteCode::NvmlNotFound => {
                "没有找到 NVIDIA 管理库（NVML），说明这里没有安装 NVIDIA 驱动。如果在容器里，启动时要加 --gpus all。"
            }
            NoteCode::DriverNotLoaded => {
                "NVIDIA 驱动已安装但没有运行。可以试试 sudo modprobe nvidia；升级内核后需要重新编译驱动。"
            }
            NoteCode::DriverMismatch => "NVIDIA 驱动已升级，但旧驱动仍在运行：请重启机器。",
            NoteCode::NvmlFailed => "NVIDIA 管理库无法启动。",
            NoteCode::DriverVersionUnknown => "驱动没有给出版本号。",
            NoteCode::DeviceUnreadable => "有一张显卡没有响应，未列出。",
            NoteCode::NameUnknown => "读不到显卡名称，因此无法估计速度。",
            NoteCode::UuidUnknown => "读不到显卡的 UUID，只能用编号指定它。",
            NoteCode::MemoryUnknown => "读不到显存大小，因此不会在这张卡上放任何模型。",
            NoteCode::ProcessesUnknown => "读不到显卡上的进程。",
            NoteCode::PciAddressUnknown => "读不到显卡的 PCI 地址。",
            NoteCode::ComputeCapabilityUnknown => {
                "读不到显卡的计算能力，按支持 Flash Attention 估算。"
            }
            NoteCode::MigWithoutInstances => {
                "显卡处于 MIG 模式却没有任何实例，什么都运行不了。请用 sudo nvidia-smi mig -cgi ... -C 创建实例，或关闭 MIG。"
            }
            NoteCode::MigUnreadable => "有一个 MIG 实例没有响应，未列出。",
            NoteCode::HostMemoryUnknown => "读不到内存大小，因此不考虑用 CPU 运行。",
        };
        match about {
            "" => sentence.to_owned(),
            about => format!("{sentence}（{about}）"),
        }
    }

    fn unified(&self) -> &'static str {
        "与主机共用内存"
    }

    fn mig(&self, index: u32, parent: u32) -> String {
        format!("设备 {parent} 的 MIG 实例 {index}")
    }

    fn not_told(&self) -> &'static str {
        "未知"
    }

    fn process(&self, pid: u32) -> String {
        format!("进程号 {pid}")
    }

    fn fleet_fault(&self, fault: &FleetFault) -> String {
        match fault {
            FleetFault::UnknownGpu { name, candidates } => {
                let meant = match candidates.as_slice() {
                    [] => String::new(),
                    list => format!("；是不是想写 {}？", list.join("、")),
                };
                format!("没有名为“{name}”的显卡，可在 [[host.gpu]] 中用 total 写明显存{meant}")
            }
            FleetFault::BadGpu(text) => {
                format!("“{text}”不是硬件，应如 \"RTX 3090 x2\" 或 \"2x3090+4060\"")
            }
            FleetFault::BadHostName(name) => {
                format!("“{name}”不能作主机名，只能用字母、数字、连字符和点")
            }
            FleetFault::BadUuid(uuid) => {
                format!("“{uuid}”不是显卡的 UUID，可用 vramfit gpus 或 nvidia-smi -L 查看")
            }
            FleetFault::UnknownSchema(schema) => {
                format!("“{schema}”不是 vramfit gpus --json 的结果（vramfit.gpus/1）")
            }
        }
    }
}

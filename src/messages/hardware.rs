//! What is said of the hardware.

use super::word;
use crate::inventory::NoteCode;
use crate::lang::Lang;

fn note_code(lang: Lang, code: NoteCode) -> &'static str {
    match code {
        NoteCode::NvmlNotFound => word(
            lang,
            "NVIDIA's management library (NVML) was not found, so no NVIDIA driver is installed here. A container must be given the GPUs: docker run --gpus all.",
            "没有找到 NVIDIA 管理库（NVML），说明这里没有安装 NVIDIA 驱动。如果在容器里，启动时要加 --gpus all。",
        ),
        NoteCode::DriverNotLoaded => word(
            lang,
            "The NVIDIA driver is installed, but not running. Try 'sudo modprobe nvidia'; after a kernel update the driver must be rebuilt.",
            "NVIDIA 驱动已安装但没有运行。可以试试 sudo modprobe nvidia；升级内核后需要重新编译驱动。",
        ),
        NoteCode::DriverMismatch => word(
            lang,
            "The NVIDIA driver was updated while the old one is still running: restart the machine.",
            "NVIDIA 驱动已升级，但旧驱动仍在运行：请重启机器。",
        ),
        NoteCode::NvmlFailed => word(
            lang,
            "NVIDIA's management library does not start.",
            "NVIDIA 管理库无法启动。",
        ),
        NoteCode::DriverVersionUnknown => word(
            lang,
            "The driver does not report its version.",
            "驱动没有给出版本号。",
        ),
        NoteCode::DeviceUnreadable => word(
            lang,
            "A GPU does not respond and is left out.",
            "有一张显卡没有响应，未列出。",
        ),
        NoteCode::NameUnknown => word(
            lang,
            "The GPU's name could not be read, so its speed is unknown.",
            "读不到显卡名称，因此无法估计速度。",
        ),
        NoteCode::UuidUnknown => word(
            lang,
            "The GPU's UUID could not be read; it can be named only by its number.",
            "读不到显卡的 UUID，只能用编号指定它。",
        ),
        NoteCode::MemoryUnknown => word(
            lang,
            "The GPU's memory could not be read, so nothing is placed on it.",
            "读不到显存大小，因此不会在这张卡上放任何模型。",
        ),
        NoteCode::ProcessesUnknown => word(
            lang,
            "The programs on the GPU could not be read.",
            "读不到显卡上的进程。",
        ),
        NoteCode::PciAddressUnknown => word(
            lang,
            "The GPU's PCI address could not be read.",
            "读不到显卡的 PCI 地址。",
        ),
        NoteCode::ComputeCapabilityUnknown => word(
            lang,
            "The GPU's compute capability could not be read; flash attention is assumed.",
            "读不到显卡的计算能力，按支持 Flash Attention 估算。",
        ),
        NoteCode::MigWithoutInstances => word(
            lang,
            "The GPU is in MIG mode but has no instances, so nothing can run on it. Create some with 'sudo nvidia-smi mig -cgi ... -C', or turn MIG off.",
            "显卡处于 MIG 模式却没有任何实例，什么都运行不了。请用 sudo nvidia-smi mig -cgi ... -C 创建实例，或关闭 MIG。",
        ),
        NoteCode::MigUnreadable => word(
            lang,
            "A MIG instance does not respond and is left out.",
            "有一个 MIG 实例没有响应，未列出。",
        ),
        NoteCode::HostMemoryUnknown => word(
            lang,
            "The host's memory could not be read, so nothing is planned for the CPU.",
            "读不到内存大小，因此不考虑用 CPU 运行。",
        ),
    }
}

/// Something about the hardware that could not be read, and what follows from it; in brackets the device, and what the
/// driver says about it.
pub(crate) fn note(lang: Lang, code: NoteCode, about: &str) -> String {
    let sentence = note_code(lang, code);
    match about {
        "" => sentence.to_owned(),
        about => say!(lang, "{sentence} ({about})", "{sentence}（{about}）"),
    }
}

pub(crate) fn shares_host_memory(lang: Lang) -> &'static str {
    word(lang, "shares the host's memory", "与主机共用内存")
}

pub(crate) fn mig_instance(lang: Lang, index: u32, parent: u32) -> String {
    say!(
        lang,
        "MIG instance {index} of device {parent}",
        "设备 {parent} 的 MIG 实例 {index}"
    )
}

pub(crate) fn unknown(lang: Lang) -> &'static str {
    word(lang, "unknown", "未知")
}

pub(crate) fn process(lang: Lang, pid: u32) -> String {
    say!(lang, "pid {pid}", "进程号 {pid}")
}

//! What is said of the hardware.

use super::word;
use crate::catalog::gpu::MemoryBasis;
use crate::inventory::NoteCode;
use crate::lang::Lang;

words! {
    no_gpu_found: "No GPU found: models would run on the CPU, in host memory.", "没有检测到显卡：模型将用 CPU 和内存运行。";
    to_try_other_hardware: "To try other hardware: --gpu 'RTX 3090', --gpu '2x3090+4060' or --vram 24.",
        "没有的硬件也能算：加 --gpu 'RTX 3090'、--gpu '2x3090+4060' 或 --vram 24。";
}

words! {
    memory_is_not_known: "Models run on the CPU here (with --cpu, or where Ollama leaves the GPUs out), and how much system memory there is, is not known: tell it, such as --ram 32. 'vramfit explain TAG' with the same options tells what a model needs.",
        "这里模型由 CPU 运行（加了 --cpu，或 Ollama 不用这些显卡），而内存大小未知：请用 --ram 指定，如 --ram 32。用同样的选项运行 vramfit explain TAG，可查看某个模型需要多少内存。";
}

// What was not read or was assumed, and what follows from that.
words! {
    nvml_not_found: "NVIDIA's management library (NVML) was not found, so no NVIDIA driver is installed here. A container must be given the GPUs: docker run --gpus all.",
        "没有找到 NVIDIA 管理库（NVML），说明这里没有安装 NVIDIA 驱动。如果在容器里，启动时要加 --gpus all。";
    driver_not_loaded: "The NVIDIA driver is installed, but not running. Try 'sudo modprobe nvidia'; after a kernel update the driver must be rebuilt.",
        "NVIDIA 驱动已安装但没有运行。可以试试 sudo modprobe nvidia；升级内核后需要重新编译驱动。";
    driver_mismatch: "The NVIDIA driver was updated while the old one is still running: restart the machine.",
        "NVIDIA 驱动已升级，但旧驱动仍在运行：请重启机器。";
    nvml_failed: "NVIDIA's management library does not start.", "NVIDIA 管理库无法启动。";
    driver_version_unknown: "The driver does not report its version.", "驱动没有给出版本号。";
    device_unreadable: "A GPU does not respond and is left out.", "有一张显卡没有响应，未列出。";
    name_unknown: "The GPU's name could not be read, so its speed is unknown.", "读不到显卡名称，因此无法估计速度。";
    uuid_unknown: "The GPU's UUID could not be read; it can be named only by its number.", "读不到显卡的 UUID，只能用编号指定它。";
    memory_unknown: "The GPU's memory could not be read, so nothing is placed on it.", "读不到显存大小，因此不会在这张卡上放任何模型。";
    processes_unknown: "The programs on the GPU could not be read.", "读不到显卡上的进程。";
    pci_address_unknown: "The GPU's PCI address could not be read.", "读不到显卡的 PCI 地址。";
    compute_capability_unknown: "The GPU's compute capability could not be read; flash attention is assumed.",
        "读不到显卡的计算能力，按支持 Flash Attention 估算。";
    mig_without_instances: "The GPU is in MIG mode but has no instances, so nothing can run on it. Create some with 'sudo nvidia-smi mig -cgi ... -C', or turn MIG off.",
        "显卡处于 MIG 模式却没有任何实例，什么都运行不了。请用 sudo nvidia-smi mig -cgi ... -C 创建实例，或关闭 MIG。";
    mig_unreadable: "A MIG instance does not respond and is left out.", "有一个 MIG 实例没有响应，未列出。";
    host_memory_unknown: "The host's memory could not be read, so nothing is planned for the CPU.",
        "读不到内存大小，因此不考虑用 CPU 运行。";
    name_ambiguous: "Several cards bear this name; the first was taken.", "有几种显卡叫这个名字，这里取第一种。";
    working_set_assumed: "macOS keeps a part of the memory: this is what older systems give the GPU. Newer ones give 74 to 84 %; 'ollama serve' logs the size, and --vram takes it.",
        "macOS 会保留一部分内存，这里按较旧系统给 GPU 的份额计算。较新系统给 74% 到 84%，ollama serve 的日志里有实际值，可用 --vram 指定。";
    gtt_assumed: "The GPU shares the machine's memory: this is what a stock Linux lets it use, about half of what --ram tells. A raised GTT limit or a carve-out gives more: tell it with --vram.",
        "显卡与主机共用内存，这里按 Linux 默认允许的份额计算，约为 --ram 的一半。调高 GTT 上限或在固件里划出显存后会更多，可用 --vram 指定。";
    system_share_assumed: "The GPU shares the machine's memory, of which the system keeps some; how much is estimated. --vram tells what is free.",
        "显卡与主机共用内存，系统自己要占一部分，这里是估计值。实际空闲多少可用 --vram 指定。";
    columns_assumed: "The columns have no header: they were taken as what is used, then what is free. With it (--format=csv) nothing needs to be assumed.",
        "各列没有表头，按先“已用”后“空闲”理解。带上表头（--format=csv）就不必猜测。";
    gpus_not_used: "GPUs are left out, as --cpu asks: models run on the CPU, in host memory.", "已按 --cpu 的要求不用显卡：模型用 CPU 和内存运行。";
    gpu_too_old: "These GPUs are too old for Ollama's engine, which leaves them out without a word; the CPU does their work.",
        "这些显卡太旧，Ollama 的引擎不支持，会不作提示地跳过它们，改用 CPU。";
    driver_too_old: "Ollama will not use these GPUs, without a word, and the CPU does their work: install the newer driver.",
        "Ollama 不会使用这些显卡，而且不作任何提示，改用 CPU：请升级驱动。";
}

fn note_code(lang: Lang, code: NoteCode) -> &'static str {
    let sentence = match code {
        NoteCode::NvmlNotFound => nvml_not_found,
        NoteCode::DriverNotLoaded => driver_not_loaded,
        NoteCode::DriverMismatch => driver_mismatch,
        NoteCode::NvmlFailed => nvml_failed,
        NoteCode::DriverVersionUnknown => driver_version_unknown,
        NoteCode::DeviceUnreadable => device_unreadable,
        NoteCode::NameUnknown => name_unknown,
        NoteCode::UuidUnknown => uuid_unknown,
        NoteCode::MemoryUnknown => memory_unknown,
        NoteCode::ProcessesUnknown => processes_unknown,
        NoteCode::PciAddressUnknown => pci_address_unknown,
        NoteCode::ComputeCapabilityUnknown => compute_capability_unknown,
        NoteCode::MigWithoutInstances => mig_without_instances,
        NoteCode::MigUnreadable => mig_unreadable,
        NoteCode::HostMemoryUnknown => host_memory_unknown,
        NoteCode::NameAmbiguous => name_ambiguous,
        NoteCode::WorkingSetAssumed => working_set_assumed,
        NoteCode::GttAssumed => gtt_assumed,
        NoteCode::SystemShareAssumed => system_share_assumed,
        NoteCode::ColumnsAssumed => columns_assumed,
        NoteCode::GpusNotUsed => gpus_not_used,
        NoteCode::GpuTooOld => gpu_too_old,
        NoteCode::DriverTooOld => driver_too_old,
    };
    sentence(lang)
}

/// GPUs on which a plan places no services of Ollama's, because it would not use them.
pub(crate) fn left_out(lang: Lang, gpus: &str, driver: Option<&str>) -> String {
    match driver {
        Some(driver) => say!(
            lang,
            "Services of Ollama have no place on these GPUs, which it leaves out without a word: install the newer driver. ({gpus}: {driver})",
            "Ollama 的服务不能放在这些显卡上：它会不作提示地跳过它们，请升级驱动。（{gpus}: {driver}）"
        ),
        None => say!(
            lang,
            "Services of Ollama have no place on these GPUs, which it leaves out without a word: they are too old for its engine. ({gpus})",
            "Ollama 的服务不能放在这些显卡上：它们太旧，Ollama 的引擎不支持，会不作提示地跳过。（{gpus}）"
        ),
    }
}

/// GPUs that are only imagined, and left out for the driver of the machine that they would come into.
pub(crate) fn added_has_host_driver(lang: Lang, driver: &str) -> String {
    say!(
        lang,
        "What --what-if adds is counted with the driver that this machine has ({driver}): with a newer driver it can serve.",
        "--what-if 加入的显卡按这台机器现有的驱动计算（{driver}）：升级驱动后就能使用。"
    )
}

/// Something about the hardware that could not be read, and what follows from it; in brackets the device, and what the
/// driver says about it.
pub(crate) fn note(lang: Lang, code: NoteCode, about: &str) -> String {
    if code == NoteCode::NameAmbiguous
        && let Some(sentence) = which_card(lang, about)
    {
        return sentence;
    }
    let sentence = note_code(lang, code);
    match about {
        "" => sentence.to_owned(),
        about => say!(lang, "{sentence} ({about})", "{sentence}（{about}）"),
    }
}

/// Which of the cards of a name was taken, and how to say another: `RTX 3080 = RTX 3080 10GB; RTX 3080 12GB`.
fn which_card(lang: Lang, about: &str) -> Option<String> {
    let (taken, others) = about.rsplit_once("; ")?;
    let (name, card) = taken.rsplit_once(" = ")?;
    let others = match lang {
        Lang::En => others.to_owned(),
        Lang::Zh => others.replace(", ", "、"),
    };
    Some(say!(
        lang,
        "Several cards bear the name '{name}'; {card} was taken. For another, type its own name: {others}.",
        "叫“{name}”的显卡有几种，这里取 {card}。要用别的，请写它的全名：{others}。"
    ))
}

pub(crate) fn shares_host_memory(lang: Lang) -> &'static str {
    word(lang, "shares the host's memory", "与主机共用内存")
}

pub(crate) fn ecc_is_on(lang: Lang) -> &'static str {
    word(lang, "ECC on", "ECC 已开启")
}

/// How well a described GPU's memory is known.
pub(crate) fn memory_basis(lang: Lang, basis: MemoryBasis) -> &'static str {
    match basis {
        MemoryBasis::Reading => word(
            lang,
            "memory as read off such cards",
            "显存为同型号显卡的实测值",
        ),
        MemoryBasis::Rule => word(
            lang,
            "memory by the rule of its generation",
            "显存按同代显卡的规律推算",
        ),
        MemoryBasis::Sold => word(lang, "memory as sold", "显存为标称值"),
    }
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

pub(crate) fn cuda_context_measured(lang: Lang, gpus: &str) -> String {
    say!(
        lang,
        "Process overhead as measured here: {gpus}",
        "进程开销取本机实测值：{gpus}"
    )
}

pub(crate) fn usable(lang: Lang, total: &str, usable: &str) -> String {
    say!(lang, "{total}, {usable} usable", "{total}，可用 {usable}")
}

pub(crate) fn host_memory_available(lang: Lang, available: &str) -> String {
    say!(
        lang,
        "{available} of host memory available",
        "可用内存 {available}"
    )
}

//! Programs beside `nvidia-smi` and AMD's, as fleet files: what is read, and what is told to ask instead.

use serde_json::json;
use vramfit::app::Exit;

use super::smi::{accepted, cards, read};

#[test]
fn gpustat_is_read_as_text_and_as_json() {
    let text = "gpubox                     Sat Nov 28 20:19:07 2026  570.124.06
[0] NVIDIA GeForce RTX 3090 | 41'C,   0 % |   312 / 24576 MB | alice(286M)
[1] NVIDIA GeForce RTX 3060 | 38'C,  30 %,   0 %,   22 / 170 W |    12 / 12288 MB |
mini                       Sat Nov 28 20:19:09 2026  580.95.05
[0] NVIDIA GeForce RTX 4060 | 38'C,   0 % |     9 /  8188 MB |
";
    let report = accepted("gpustat.txt", text);
    let hosts = report["hosts"].as_array().expect("hosts");
    assert_eq!(
        (&hosts[0]["name"], &hosts[1]["name"]),
        (&json!("gpubox"), &json!("mini"))
    );
    assert_eq!(hosts[0]["driver"], "570.124.06");
    assert_eq!(
        cards(&hosts[0])[0],
        json!(["RTX 3090", 24_576, 312, 23_811])
    );
    assert_eq!(cards(&hosts[0])[1][0], "RTX 3060 12GB");
    let json = r#"{"hostname": "gpubox", "driver_version": "570.124.06", "query_time": "2026-11-28T20:19:07",
        "gpus": [{"index": 0, "uuid": "GPU-5c0d", "name": "NVIDIA GeForce RTX 3090", "memory.used": 312, "memory.total": 24576, "processes": []}]}"#;
    let report = accepted("gpustat.json", json);
    let host = &report["hosts"][0];
    assert_eq!(cards(host), [json!(["RTX 3090", 24_576, 312, 23_811])]);
    assert_eq!(
        (&host["name"], &host["gpus"][0]["uuid"]),
        (&json!("gpubox"), &json!("GPU-5c0d"))
    );
}

/// A card that is cut tells its own memory behind that of its instances.
const CUT: &str = "==============NVSMI LOG==============
Driver Version                            : 550.54.15
GPU 00000000:01:00.0
    Product Name                          : NVIDIA A100-SXM4-40GB
    MIG Device
        Index                             : 0
        FB Memory Usage
            Total                         : 19968 MiB
            Used                          : 37 MiB
            Free                          : 19930 MiB
    MIG Device
        Index                             : 1
        FB Memory Usage
            Total                         : 4864 MiB
            Used                          : 25 MiB
            Free                          : 4839 MiB
    Accounting Mode                       : Disabled
    GPU UUID                              : GPU-5c0d7c1e
    FB Memory Usage
        Total                             : 40960 MiB
        Used                              : 62 MiB
        Free                              : 40326 MiB
";

/// The same, and a card beside it, as `nvidia-smi -q -x` has it.
const XML: &str = "<?xml version=\"1.0\" ?>
<!DOCTYPE nvidia_smi_log SYSTEM \"nvsmi_device_v12.dtd\">
<nvidia_smi_log>
\t<timestamp>Sat Nov 28 20:19:07 2026</timestamp>
\t<driver_version>550.54.15</driver_version>
\t<gpu id=\"00000000:01:00.0\">
\t\t<product_name>NVIDIA A100-SXM4-40GB</product_name>
\t\t<mig_devices>
\t\t\t<mig_device>
\t\t\t\t<index>0</index>
\t\t\t\t<fb_memory_usage>
\t\t\t\t\t<total>19968 MiB</total>
\t\t\t\t\t<used>37 MiB</used>
\t\t\t\t\t<free>19930 MiB</free>
\t\t\t\t</fb_memory_usage>
\t\t\t</mig_device>
\t\t\t<mig_device>
\t\t\t\t<index>1</index>
\t\t\t\t<fb_memory_usage>
\t\t\t\t\t<total>4864 MiB</total>
\t\t\t\t\t<used>25 MiB</used>
\t\t\t\t\t<free>4839 MiB</free>
\t\t\t\t</fb_memory_usage>
\t\t\t</mig_device>
\t\t</mig_devices>
\t\t<uuid>GPU-5c0d7c1e</uuid>
\t\t<fb_memory_usage>
\t\t\t<total>40960 MiB</total>
\t\t\t<used>62 MiB</used>
\t\t\t<free>40326 MiB</free>
\t\t</fb_memory_usage>
\t</gpu>
\t<gpu id=\"00000000:02:00.0\">
\t\t<product_name>NVIDIA GeForce RTX 3090</product_name>
\t\t<uuid>GPU-77aa</uuid>
\t\t<fb_memory_usage>
\t\t\t<total>24576 MiB</total>
\t\t\t<reserved>316 MiB</reserved>
\t\t\t<used>1 MiB</used>
\t\t\t<free>24258 MiB</free>
\t\t</fb_memory_usage>
\t\t<bar1_memory_usage>
\t\t\t<total>256 MiB</total>
\t\t\t<used>5 MiB</used>
\t\t</bar1_memory_usage>
\t</gpu>
</nvidia_smi_log>
";

#[test]
fn reports_tell_instances_apart_from_their_card() {
    let instances = [
        json!(["A100 SXM4 40GB MIG 3g.20gb", 19_968, 37, 19_930]),
        json!(["A100 SXM4 40GB MIG 1g.5gb", 4864, 25, 4839]),
    ];
    assert_eq!(cards(&accepted("q.txt", CUT)["hosts"][0]), instances);
    let report = accepted("q.xml", XML);
    let [first, second, whole] = &cards(&report["hosts"][0])[..] else {
        panic!("{report}")
    };
    assert_eq!([first, second], [&instances[0], &instances[1]]);
    assert_eq!(whole, &json!(["RTX 3090", 24_576, 1, 24_259]));
    let model = "<driver_model>\n\t\t\t<current_dm>WDDM</current_dm>\n\t\t</driver_model>\n\t\t<uuid>GPU-77aa";
    let windows = accepted("q.xml", &XML.replace("<uuid>GPU-77aa", model));
    let kept = 717 + 24_576 * 3 / 100 + 1;
    assert_eq!(cards(&windows["hosts"][0])[2][3], json!(24_576 - kept));
    let last = &report["hosts"][0]["gpus"][2];
    assert_eq!(
        (&report["driver"], &last["uuid"], &last["pci_bus_id"]),
        (
            &json!("550.54.15"),
            &json!("GPU-77aa"),
            &json!("00000000:02:00.0")
        )
    );
}

#[test]
fn logs_of_engines_tell_what_a_program_can_get() {
    let log = r#"time=2026-11-28T20:19:07Z level=INFO source=types.go:42 msg="inference compute" id=GPU-5c0d library=CUDA compute=8.6 name=CUDA0 description="NVIDIA GeForce RTX 3090" driver=13.0 type=discrete total="23.6 GiB" available="23.0 GiB"
time=2026-11-28T20:29:07Z level=INFO source=types.go:42 msg="inference compute" id=GPU-5c0d library=CUDA compute=8.6 name=CUDA0 description="NVIDIA GeForce RTX 3090" driver=13.0 type=discrete total="23.6 GiB" available="22.0 GiB"
time=2026-11-28T20:29:07Z level=INFO source=types.go:42 msg="inference compute" id=0 library=ROCm compute=gfx1151 name=ROCm0 description="AMD Radeon 8060S Graphics" type=iGPU total="111.0 GiB" available="110.0 GiB"
"#;
    let report = accepted("ollama.log", log);
    let expected = [
        json!(["RTX 3090", 24_166, 1638, 22_528]),
        // How much the machine has is not told.
        json!(["AMD Radeon 8060S Graphics", 113_664, 1024, 112_640]),
    ];
    assert_eq!(cards(&report["hosts"][0]), expected);
    let gpus = &report["hosts"][0]["gpus"];
    assert_eq!(
        (&gpus[0]["uuid"], &gpus[0]["reserved"], &gpus[1]["unified"]),
        (&json!("GPU-5c0d"), &json!(0), &json!(true))
    );
    // Ollama 0.6 called the card's own name its name.
    let old = r#"msg="inference compute" id=GPU-1a library=cuda variant=v12 compute=8.9 driver=12.8 name="NVIDIA GeForce RTX 4060 Ti" total="15.6 GiB" available="14.5 GiB""#;
    assert_eq!(
        cards(&accepted("old.log", old)["hosts"][0])[0][0],
        "RTX 4060 Ti 16GB"
    );
    let cpu = r#"msg="inference compute" id=0 library=cpu compute="" driver=0.0 name="" total="11.7 GiB" available="10.6 GiB""#;
    let (exit, _, err) = read("cpu.log", cpu);
    assert_eq!(exit, Exit::Failure);
    assert!(err.contains("library=cpu"), "{err}");
    let devices = "Available devices:\n  CUDA0: NVIDIA GeForce RTX 3090 (24123 MiB, 23800 MiB free)\n  Vulkan1: Intel(R) Arc(TM) B580 Graphics (12216 MiB, 11000 MiB free)\n";
    let report = accepted("devices.txt", devices);
    assert_eq!(
        cards(&report["hosts"][0])[0],
        json!(["RTX 3090", 24_123, 323, 23_800])
    );
    assert_eq!(report["hosts"][0]["gpus"][1]["vendor"], "intel");
}

#[test]
fn amds_tables_are_read_too() {
    let table = "+------------------------------------------------------------------------------+
| AMD-SMI 26.0.0+37d158ab      amdgpu version: 6.14.14  ROCm version: 7.0.1    |
|-------------------------------------+----------------------------------------|
| BDF                        GPU-Name | Mem-Uti   Temp   UEC       Power-Usage |
| GPU  HIP-ID  OAM-ID  Partition-Mode | GFX-Uti    Fan               Mem-Usage |
|=====================================+========================================|
| 0000:03:00.0  AMD Radeon RX 9070 XT | 1 %      35 °C   0            18/304 W |
|   0       0     N/A             N/A | 2 %     0.00 %           1206/16304 MB |
|-------------------------------------+----------------------------------------|
| 0000:05:00.0 ...Instinct MI300X OAM | 0 %      41 °C   0           131/750 W |
|   1       1       7        SPX/NPS1 | 0 %        N/A           283/196592 MB |
+-------------------------------------+----------------------------------------+
";
    let expected = [
        json!(["RX 9070 XT", 16_304, 1206, 15_098]),
        json!(["MI300X", 196_592, 283, 196_309]),
    ];
    assert_eq!(cards(&accepted("amd.txt", table)["hosts"][0]), expected);
    let static_csv = "gpu,market_name,vendor_id,vendor_name,type,vendor,size,bit_width
0,AMD Instinct MI300X OAM,0x1002,Advanced Micro Devices Inc. [AMD/ATI],HBM3,N/A,196592,8192
";
    let report = accepted("amd.csv", static_csv);
    assert_eq!(
        cards(&report["hosts"][0]),
        [json!(["MI300X", 196_592, 0, 196_592])]
    );
    // Cards that sleep are warned of before the table; its commas stand in quotes where they part nothing.
    let warned =
        "WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status

device,VRAM Total Memory (B),VRAM Total Used Memory (B),Card vendor,Card Series
card0,17163091968,1048576,\"Advanced Micro Devices, Inc. [AMD/ATI]\",AMD Radeon RX 7800 XT
";
    let report = accepted("rocm.csv", warned);
    assert_eq!(
        cards(&report["hosts"][0]),
        [json!(["RX 7800 XT", 16_368, 1, 16_367])]
    );
    let (exit, _, err) = read("use.csv", "device,GPU use (%)\ncard0,0\n");
    assert_eq!(exit, Exit::Failure);
    assert!(err.contains("--showmeminfo vram"), "{err}");
    let semicolons = "name;memory.total [MiB];memory.used [MiB]\n\"NVIDIA GeForce RTX 3060\";12288 MiB;400 MiB\n";
    let report = accepted("excel.csv", semicolons);
    assert_eq!(cards(&report["hosts"][0])[0][0], "RTX 3060 12GB");
}

#[test]
fn what_tells_no_memory_says_what_would() {
    let gpu = "--gpu 'NVIDIA GeForce RTX 3060'";
    let query = "nvidia-smi --query-gpu=name,memory.total,memory.used --format=csv";
    for (text, program, instead) in [
        (
            "Name                      AdapterRAM\n----                      ----------\nNVIDIA GeForce RTX 3060   4293918720\nAMD Radeon 780M Graphics   536870912\n",
            "AdapterRAM",
            gpu,
        ),
        (
            "Caption    : NVIDIA GeForce RTX 3060\nName       : NVIDIA GeForce RTX 3060\nAdapterRAM : 4293918720\n",
            "AdapterRAM",
            gpu,
        ),
        (
            "AdapterRAM=4293918720\r\nName=NVIDIA GeForce RTX 3060\r\n",
            "AdapterRAM",
            gpu,
        ),
        (
            "\"Name\",\"AdapterRAM\"\n\"NVIDIA GeForce RTX 3060\",\"4293918720\"\n",
            "AdapterRAM",
            gpu,
        ),
        (
            "{\"Name\":  \"NVIDIA GeForce RTX 3060\", \"AdapterRAM\":  4293918720}",
            "AdapterRAM",
            gpu,
        ),
        ("Name\nNVIDIA GeForce RTX 3060\n", "no memory", gpu),
        (
            "name\nNVIDIA GeForce RTX 3060\nNVIDIA GeForce RTX 3060\n",
            "no memory",
            "--gpu 'NVIDIA GeForce RTX 3060 x2'",
        ),
        (
            "  *-display\n       product: GA102 [GeForce RTX 3090]\n       vendor: NVIDIA Corporation\n",
            "lshw",
            "--gpu 'RTX 3090'",
        ),
        (
            "Graphics:\n  Device-1: NVIDIA GA102 [GeForce RTX 3090] driver: nvidia v: 570.124.06\n",
            "inxi",
            "--gpu 'RTX 3090'",
        ),
        (
            "\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tPHB\t0-15\n",
            "nvidia-smi topo",
            query,
        ),
        (
            "pid, process_name, used_gpu_memory [MiB]\n1234, /usr/local/bin/ollama, 6200 MiB\n",
            "nvidia-smi --query-compute-apps",
            query,
        ),
        (
            "GPU: 0\n    MEM_USAGE:\n        TOTAL_VRAM: 16304 MB\n",
            "amd-smi metric",
            "amd-smi static --asic --vram",
        ),
    ] {
        let (exit, _, err) = read("other.txt", text);
        assert_eq!(exit, Exit::Failure, "{text}");
        assert!(err.contains(program) && err.contains(instead), "{err}");
        assert!(
            !err.contains("780M"),
            "a processor's own is not meant: {err}"
        );
    }
}

#[test]
fn what_is_told_again_or_of_many_cards_is_not_taken_for_more() {
    let loop_of = "timestamp, name, pci.bus_id, memory.total [MiB], memory.used [MiB]
2026/11/28 20:19:07, NVIDIA GeForce RTX 4090, 00000000:01:00.0, 24564 MiB, 4 MiB
2026/11/28 20:19:07, NVIDIA GeForce RTX 4090, 00000000:02:00.0, 24564 MiB, 4 MiB
2026/11/28 20:19:08, NVIDIA GeForce RTX 4090, 00000000:01:00.0, 24564 MiB, 900 MiB
2026/11/28 20:19:08, NVIDIA GeForce RTX 4090, 00000000:02:00.0, 24564 MiB, 4 MiB
";
    let report = accepted("loop.csv", loop_of);
    let used: Vec<_> = cards(&report["hosts"][0])
        .iter()
        .map(|card| card[2].clone())
        .collect();
    assert_eq!(used, [json!(900), json!(4)]);
    // Of which Orin, a name without its memory does not tell.
    let orin = "GPU 0: Orin (nvgpu) (UUID: GPU-aa-1)\n";
    let notes = accepted("orin.txt", orin)["notes"].clone();
    let codes = notes.as_array().expect("notes").iter();
    let codes: Vec<_> = codes.map(|note| note["code"].clone()).collect();
    assert!(codes.contains(&json!("name-ambiguous")), "{notes}");
    let memory = "==============NVSMI LOG==============
GPU 00000000:01:00.0
    FB Memory Usage
        Total                             : 24576 MiB
        Used                              : 1 MiB
";
    let report = accepted("memory.txt", memory);
    assert_eq!(report["notes"][0]["subject"], "NVIDIA GPU");
}

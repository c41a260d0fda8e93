//! A page with one of everything, in both languages.

use vramfit::lang::Lang;
use vramfit::render::page::{
    Axis, Bar, Cell, Column, Line, Page, Plot, Point, Series, Table, Tone,
};
use vramfit::{line, row};

/// The page.
pub(crate) fn page(lang: Lang) -> Page {
    let say = |en: &'static str, zh: &'static str| match lang {
        Lang::En => en,
        Lang::Zh => zh,
    };
    let mut page = Page::new();
    page.heading(1, say("Models for RTX 3090 ×2", "适合 RTX 3090 ×2 的模型"))
        .paragraph(
            Tone::Dim.span(say(
                "chat · balanced · production · context 8192 · KV cache f16 · measured by NVML a moment ago",
                "对话 · 均衡 · 生产环境 · 上下文 8192 · KV 缓存 f16 · 刚刚由 NVML 实测",
            )),
        )
        .push(models(say));
    page.heading(2, say("Why the first", "为何首选"))
        .list([
            line![
                Tone::Code.span("qwen2.5:32b-instruct-q4_K_M"),
                say(
                    " is the largest model that stays on one card with its whole context, so the second card is free for a replica or another model.",
                    " 是能够连同全部上下文完整放入单张显卡的最大模型，因此第二张显卡可以用来运行副本，或者部署另一个模型。",
                ),
            ],
            line![
                say("Chinese: ", "中文能力："),
                Tone::Good.span(say("excellent", "优秀")),
                say(", the best of its size.", "，同等规模中最好。"),
            ],
        ]);
    page.heading(2, say("Memory", "显存")).push(memory(say));
    page.heading(2, say("Settings", "设置")).key_values([
        (say("server", "服务器"), line!["Ollama 0.12.3, ", Tone::Code.span("127.0.0.1:11434")]),
        (
            say("flash attention", "Flash Attention"),
            line![say(
                "on: without it the compute buffers grow with the square of the context, and the quantized cache is not available at all",
                "开启：否则计算缓冲区会随上下文长度的平方增长，而且完全无法使用量化的缓存",
            )],
        ),
    ]);
    page.code("sh", COMMANDS);
    page.callout(
        Tone::Caution,
        say(
            "Ollama 0.12 would spread this model over both cards by itself; set OLLAMA_SCHED_SPREAD=0 and pin the card.",
            "Ollama 0.12 默认会把该模型分散到两张显卡；请设置 OLLAMA_SCHED_SPREAD=0 并固定显卡。",
        ),
    )
    .callout(
        Tone::Bad,
        say("llama3.1:70b does not fit: 4.1 GiB are missing.", "llama3.1:70b 放不下：还差 4.1 GiB。"),
    );
    page.push(curve(say));
    page
}

const COMMANDS: &str = "ollama pull qwen2.5:32b-instruct-q4_K_M\n\
    CUDA_VISIBLE_DEVICES=GPU-2f1c7a3e-7c1e-4a55-9d0b-6b1f3f6e0a11 OLLAMA_CONTEXT_LENGTH=8192 OLLAMA_FLASH_ATTENTION=1 ollama serve";

fn models(say: impl Fn(&'static str, &'static str) -> &'static str) -> Table {
    let mut table = Table::new([
        Column::right("#"),
        Column::left(say("model", "模型")).whole(),
        Column::left(say("verdict", "结论")),
        Column::right(say("needs", "需要")),
        Column::center(say("of the card", "占显卡")).priority(40),
        Column::right(say("tokens/s", "词元/秒")).priority(60),
        Column::left(say("on", "位置")).priority(50),
        Column::left(say("license", "许可证")).priority(10),
        Column::left(say("good at", "擅长")).priority(20).truncate(),
    ])
    .omitted(say("not shown at this width:", "此宽度下未显示："));
    let add =
        |rank: &str, tag: &str, verdict: (Tone, &str), need: &str, share: f64, rest: [&str; 4]| {
            let [speed, place, license, good] = rest;
            let meter = Cell::meter(share, verdict.0);
            row![
                rank,
                tag,
                verdict.0.span(verdict.1),
                need,
                meter,
                speed,
                place,
                license,
                good
            ]
        };
    let first = add(
        "1",
        "qwen2.5:32b-instruct-q4_K_M",
        (Tone::Good, say("fits", "可用")),
        "20.5 GiB",
        0.86,
        [
            "28–36",
            "GPU 0",
            "Apache-2.0",
            say(
                "Chinese, reasoning, long documents and structured output",
                "中文、推理、长文档与结构化输出",
            ),
        ],
    );
    let second = add(
        "2",
        "qwen2.5-coder:14b",
        (Tone::Caution, say("fits, but tight", "勉强可用")),
        "9.12 GiB",
        0.38,
        ["60–75", "GPU 0", "Apache-2.0", say("code", "代码")],
    );
    let third = add(
        "3",
        "deepseek-r1:70b-llama-distill-q4_K_M",
        (Tone::Bad, say("does not fit", "放不下")),
        "44.0 GiB",
        1.0,
        ["", "GPU 0+1", "MIT", say("reasoning", "推理")],
    );
    table
        .push(first.emphasis(Tone::Strong))
        .push(second.note(say(
            "leaves 0.4 GiB for everything else on the card",
            "显卡上只剩 0.4 GiB 可供他用",
        )))
        .push(third.emphasis(Tone::Dim));
    table
}

fn memory(say: impl Fn(&'static str, &'static str) -> &'static str) -> Vec<Bar> {
    let bar = |name: &str, parts: [f64; 6], value: &str| {
        let names = [
            (say("weights", "权重"), Tone::Accent),
            (say("KV cache", "KV 缓存"), Tone::Good),
            (say("compute", "计算"), Tone::Caution),
            (say("CUDA", "CUDA"), Tone::Bad),
            (say("reserved", "预留"), Tone::Dim),
            (say("free", "空闲"), Tone::Dim),
        ];
        let bar = Bar::new(name).value(value);
        names
            .into_iter()
            .zip(parts)
            .fold(bar, |bar, ((name, tone), size)| {
                bar.segment(name, size, format!("{size:.1} GiB"), tone)
            })
    };
    vec![
        bar("GPU 0", [18.4, 2.0, 0.6, 0.3, 1.0, 1.7], "22.3 / 24.0 GiB"),
        bar("GPU 1", [8.4, 1.5, 0.4, 0.3, 1.0, 12.4], "11.6 / 24.0 GiB"),
    ]
}

fn curve(say: impl Fn(&'static str, &'static str) -> &'static str) -> Plot {
    let point = |x: f64, y: f64, name: &str| Point::new(x, y).label(name);
    Plot {
        title: Line::from(say("Quality by size", "规模与质量")),
        x: Axis::new(say("parameters (billions)", "参数量（十亿）")).log(),
        y: Axis::new(say("quality, 0 to 100", "质量（0 到 100）")),
        series: vec![
            Series::new(
                "Qwen 2.5",
                [
                    point(0.5, 31.0, "0.5b"),
                    point(1.5, 44.0, "1.5b"),
                    point(7.0, 66.0, "7b"),
                    point(14.0, 74.0, "14b"),
                    point(32.0, 81.0, "32b"),
                    point(72.0, 85.0, "72b"),
                ],
            )
            .joined()
            .tone(Tone::Accent),
            Series::new(
                say("Llama 3.1, guessed", "Llama 3.1（估计）"),
                [
                    point(8.0, 60.0, "8b").band(54.0, 65.0),
                    point(70.0, 79.0, "70b").band(74.0, 83.0),
                ],
            )
            .tone(Tone::Caution),
        ],
    }
}

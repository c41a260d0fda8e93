//! The rules by which rows are left out without a look at any speed but impossible ones, and what their fields mean.

use super::rows::Raw;

/// Context and compute buffers of a process.
pub(crate) const OVERHEAD: f64 = 1.0e9;

/// Tokens that a cache was made for: as stated; llama-bench makes it as long as it needs, servers by default at least this long.
pub(crate) fn window(raw: &Raw) -> f64 {
    match raw.context {
        Some(context) => context,
        None if is_bench(raw) => depth(raw) as f64,
        None => 4096.0,
    }
}

fn is_bench(raw: &Raw) -> bool {
    let kind = raw.kind.to_lowercase();
    ["llama-bench", "scoreboard", "single author", "benches/"]
        .iter()
        .any(|one| kind.contains(one))
}

/// The rules that need no knowledge of GPU or model.
pub(crate) fn usable(raw: &Raw) -> Result<(), &'static str> {
    let runtime = raw.runtime.as_deref().unwrap_or_default().to_lowercase();
    let backend = raw.backend.as_deref().unwrap_or_default().to_lowercase();
    let (model, kind) = (raw.model.to_lowercase(), raw.kind.to_lowercase());
    let notes = raw.notes.as_deref().unwrap_or_default();
    let apple = raw
        .gpu_ref
        .as_deref()
        .is_some_and(|gpu| gpu.starts_with("Apple"));
    let slug = raw.device_slug.as_deref().unwrap_or_default();
    let rules = [
        (
            !["llama.cpp", "llamacpp", "ollama"].contains(&runtime.as_str()),
            "not llama.cpp or Ollama",
        ),
        (
            raw.gpu_count > 1 && raw.split.is_none(),
            "several GPUs, split unstated",
        ),
        (
            raw.spec_decoding == Some(true)
                || raw
                    .spec_decode
                    .as_ref()
                    .is_some_and(|value| !value.is_null())
                || raw.mtp == Some(true)
                || model.contains("mtp"),
            "speculative decoding or MTP",
        ),
        (
            kind.contains("localscore") || kind.contains("mac-llm-bench"),
            "LocalScore or mac-llm-bench",
        ),
        (slug == "apple-m3-8gb", "wrong chip"),
        (
            raw.batch.is_some_and(|batch| batch > 1 && batch < 512),
            "several streams",
        ),
        (
            model.contains("mlx")
                || raw
                    .quant
                    .as_deref()
                    .is_some_and(|q| q.to_lowercase().contains("fp8")),
            "MLX",
        ),
        (apple && backend.contains("vulkan"), "Vulkan on Apple"),
        (
            notes.contains("Pi CM5") || raw.gpu.contains("Raspberry"),
            "ARM host",
        ),
        (
            runtime == "ollama" && raw.gpu_ref.as_deref() == Some("GeForce RTX 3080 12 GB"),
            "unstated CPU layers",
        ),
        (
            raw.gen_tokens
                .is_some_and(|tokens| tokens > 0.0 && tokens < 16.0),
            "answers under 16 tokens",
        ),
        (
            raw.gpu.starts_with("CPU:") && backend != "cpu",
            "integrated GPU named as a CPU",
        ),
    ];
    rules
        .into_iter()
        .find_map(|(broken, rule)| broken.then_some(rule))
        .map_or(Ok(()), Err)
}

/// Tokens before the one that is generated, in the middle of the run. `context` is that depth in sweeps that say so and the
/// allocated window elsewhere; llama-bench generates from nothing, whatever prompt it measures besides.
pub(crate) fn depth(raw: &Raw) -> u64 {
    let swept = raw.notes.as_deref() == Some("full 16K context; rounded")
        || raw
            .config
            .as_deref()
            .is_some_and(|config| config.contains("longctx"));
    let answer = raw.gen_tokens.unwrap_or(128.0).max(0.0) / 2.0;
    let before = match (swept, is_bench(raw)) {
        (true, _) => raw.context.unwrap_or(0.0),
        (false, true) => 0.0,
        (false, false) => raw.prompt_tokens.unwrap_or(0.0),
    };
    let depth = before + answer;
    // Caches are read in steps; beyond a thousand tokens the exact number does not matter.
    let step = if depth < 1024.0 { 256.0 } else { 1024.0 };
    ((depth / step).round() * step).max(256.0) as u64
}

//! The settings that a log tells: in the engine's own lines, and in what Ollama starts it with.

use super::EngineStart;

/// What an engine is started with.
#[derive(Debug, Default)]
pub(super) struct Asked {
    context: Option<u32>,
    parallel: Option<u32>,
    batch: Option<u32>,
    flash_attention: Option<bool>,
    kv_cache_type: Option<String>,
}

impl Asked {
    /// What is asked for counts until the engine says otherwise.
    pub(super) fn apply(self, load: &mut EngineStart) {
        load.context = self.context.or(load.context);
        load.parallel = self.parallel.or(load.parallel);
        load.batch = self.batch.or(load.batch);
        load.flash_attention = self.flash_attention.or(load.flash_attention);
        load.kv_cache_type = self.kv_cache_type.or(load.kv_cache_type.take());
    }
}

/// Of the line that starts an engine; `None` for any other.
pub(super) fn started_with(line: &str) -> Option<Asked> {
    if let Some((_, request)) = line.split_once("request=\"{Operation:") {
        return Some(request_of_runner(request));
    }
    let (_, command) = line.split_once(" cmd=\"")?;
    let starts = line.contains("msg=\"starting ") && line.contains("--model ");
    starts.then(|| command_line(command))
}

/// `/usr/lib/ollama/llama-server --model .. -c 8192 -np 2 -ub 512 --cache-type-k q8_0 --flash-attn on`; in 2024
/// `ollama_llama_server --model .. --ctx-size 8192 --batch-size 512 --parallel 4 --flash-attn`.
fn command_line(command: &str) -> Asked {
    let words: Vec<&str> = command.split([' ', '"']).collect();
    let after = |names: [&str; 2]| {
        let at = words.iter().position(|word| names.contains(word))?;
        Some(words.get(at + 1).copied().unwrap_or_default())
    };
    let number = |names| after(names)?.parse().ok();
    let of_both_at_once = after(["--kv-cache-type", "--kv-cache-type"]);
    let keys = after(["-ctk", "--cache-type-k"]).or(of_both_at_once);
    let values = after(["-ctv", "--cache-type-v"]).or(of_both_at_once);
    Asked {
        context: number(["-c", "--ctx-size"]),
        parallel: number(["-np", "--parallel"]),
        batch: number(["-ub", "--ubatch-size"]).or_else(|| number(["-b", "--batch-size"])),
        flash_attention: after(["-fa", "--flash-attn"]).and_then(|value| match value {
            "off" => Some(false),
            "auto" => None,
            _ => Some(true),
        }),
        kv_cache_type: match (keys, values) {
            (None, None) => None,
            (keys, values) => Some(of_both(keys.unwrap_or("f16"), values.unwrap_or("f16"))),
        },
    }
}

/// `commit LoraPath:[] Parallel:1 BatchSize:512 FlashAttention:Enabled KvSize:8192 KvCacheType:q8_0 ..}`
fn request_of_runner(request: &str) -> Asked {
    let mut asked = Asked::default();
    let pairs = request
        .split([' ', '}'])
        .filter_map(|word| word.split_once(':'));
    for (name, value) in pairs {
        match name {
            "Parallel" => asked.parallel = value.parse().ok(),
            "BatchSize" => asked.batch = value.parse().ok(),
            "KvSize" => asked.context = value.parse().ok(),
            "FlashAttention" => match value.to_ascii_lowercase().as_str() {
                "true" | "enabled" => asked.flash_attention = Some(true),
                "false" | "disabled" => asked.flash_attention = Some(false),
                _ => {}
            },
            "KvCacheType" if !value.is_empty() => {
                asked.kv_cache_type = Some(crate::ollama::excerpt(value));
            }
            _ => {}
        }
    }
    asked
}

/// The types of keys and values as one name: `q8_0`, or `k=q8_0,v=q5_1`.
fn of_both(keys: &str, values: &str) -> String {
    crate::ollama::excerpt(&match keys == values {
        true => keys.to_owned(),
        false => format!("k={keys},v={values}"),
    })
}

/// `llama_context: n_ubatch      = 512`, `load_tensors: offloaded 29/29 layers to GPU`
pub(super) fn setting(line: &str, load: &mut EngineStart) {
    if let Some((_, layers)) = line.split_once("offloaded ")
        && let Some((layers, _)) = layers.split_once(" layers to GPU")
        && let Some((some, all)) = layers.split_once('/')
        && let (Ok(some), Ok(all)) = (some.trim().parse(), all.trim().parse())
    {
        load.layers = Some((some, all));
        return;
    }
    if let Some(decided) = flash_attention(line) {
        load.flash_attention = Some(decided);
        return;
    }
    // `llama_kv_cache: size =  512.00 MiB (  4096 cells,  32 layers,  1/1 seqs), K (f16):  256.00 MiB, ..`
    if let Some((_, kinds)) = line.split_once(" K (")
        && let Some((keys, rest)) = kinds.split_once(')')
    {
        let values = rest
            .split_once(" V (")
            .and_then(|(_, kind)| kind.split_once(')'));
        load.kv_cache_type = Some(of_both(keys, values.map_or(keys, |(values, _)| values)));
        return;
    }
    let Some((before, value)) = line.split_once('=') else {
        return;
    };
    // `llama_context: n_ctx = 8192`. The model's own numbers have the same names, and each slot says its share of the
    // context: `slot   load_model: id  0 | task -1 | new slot, n_ctx = 2048`.
    let mut words = before.split_whitespace();
    let name = words.next_back().unwrap_or_default();
    let says = words.next_back().unwrap_or_default();
    if !(says.starts_with("llama_") && says.ends_with(':')) {
        return;
    }
    let value = value.split_whitespace().next().unwrap_or_default();
    let number = || value.parse::<u32>().ok();
    match name {
        "n_ctx" => load.context = number().or(load.context),
        "n_seq_max" => load.parallel = number().or(load.parallel),
        "n_ubatch" => load.batch = number().or(load.batch),
        "flash_attn" => match value {
            "1" | "enabled" => load.flash_attention = Some(true),
            "0" | "disabled" => load.flash_attention = Some(false),
            // `auto` is decided later, on a line of its own.
            _ => {}
        },
        _ => {}
    }
}

/// What `auto` came to: `llama_context: Flash Attention was auto, set to enabled`; from b10434 on
/// `resolve_fused_ops: Flash Attention enabled`, or `.. not supported, set to disabled`.
fn flash_attention(line: &str) -> Option<bool> {
    let (_, decided) = line.split_once(": Flash Attention ")?;
    match decided.trim() {
        "was auto, set to enabled" | "enabled" => Some(true),
        "was auto, set to disabled" | "not supported, set to disabled" => Some(false),
        _ => None,
    }
}

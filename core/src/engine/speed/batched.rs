//! What users that are answered at once get of a step each.

/// What further users of a step cost beside their caches, in parts of the speed at which prompts are read: between these. Kernels for a few
/// columns do not fill a GPU: llama.cpp gave 8 to 16 users of a 12B on an RTX 3090 200 to 217 tokens a second in sum, which is a tenth.
const BATCHED: [f64; 2] = [0.1, 0.5];
/// Beyond so many columns llama.cpp multiplies matrices as it does for prompts (`MMVQ_MAX_BATCH_SIZE`); on an H200 32 users came near to it.
const FEW: f64 = 8.0;

/// What each user gets of a step's rate. Where nothing is known of computing, between sharing and losing nothing.
pub(super) fn batched([low, high]: [f64; 2], prefill: Option<f64>, users: u32) -> [f64; 2] {
    let users = f64::from(users.max(1));
    let slowed = |rate: f64, part: f64| match prefill {
        Some(prefill) => 1.0 / (1.0 / rate + (users - 1.0) / (part * prefill)),
        None => rate,
    };
    let most = (BATCHED[1] * (users / FEW).max(1.0).sqrt()).min(1.0);
    match prefill {
        None => [low / users, high],
        Some(_) => [slowed(low, BATCHED[0]), slowed(high, most)],
    }
}

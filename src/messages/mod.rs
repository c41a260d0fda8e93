//! What people read: one function a message, with English and Chinese side by side. What is long stands in `data/`.
//!
//! To say something new, add a line to a `words!` table or a function with `say!` in the file of its subject; a message that lacks a language does not compile.

/// Fixed words: `name: "English", "中文";` makes `name(lang)`.
macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        $(pub(crate) fn $name(lang: $crate::lang::Lang) -> &'static str {
            $crate::messages::word(lang, $en, $zh)
        })*
    };
}

/// A sentence with its values: `say!(lang, "English {x}", "中文 {x}")`.
macro_rules! say {
    ($lang:expr, $en:literal, $zh:literal $(, $value:expr)* $(,)?) => {
        match $lang {
            $crate::lang::Lang::En => format!($en $(, $value)*),
            $crate::lang::Lang::Zh => format!($zh $(, $value)*),
        }
    };
}

pub(crate) mod artifact;
pub(crate) mod bench;
pub(crate) mod cache;
pub(crate) mod catalog;
pub(crate) mod curves;
pub(crate) mod defect;
pub(crate) mod doctor;
pub(crate) mod errors;
pub(crate) mod estimate;
pub(crate) mod evidence;
pub(crate) mod explain;
pub(crate) mod file;
pub(crate) mod fleet;
pub(crate) mod gguf;
pub(crate) mod guide;
pub(crate) mod hardware;
pub mod help;
pub(crate) mod import;
pub(crate) mod labels;
pub(crate) mod listen;
pub(crate) mod llama_server;
pub(crate) mod manual;
pub(crate) mod matrix;
pub(crate) mod monitor;
pub(crate) mod plan;
pub(crate) mod problem;
pub(crate) mod pull;
pub(crate) mod punctuation;
pub(crate) mod ranking;
pub(crate) mod recommend;
pub(crate) mod server;
pub(crate) mod terms;
pub(crate) mod tips;
pub(crate) mod upgrade;
pub(crate) mod users;
pub(crate) mod verify;
pub(crate) mod vllm;
pub(crate) mod wizard;

use crate::lang::Lang;

pub(crate) use labels::*;

fn word(lang: Lang, en: &'static str, zh: &'static str) -> &'static str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// A number of tokens as people write it: `8K`, `128K`, `8192` where it is no multiple of 1024.
pub(crate) fn tokens(n: u32) -> String {
    if n >= 1024 && n.is_multiple_of(1024) {
        format!("{}K", n / 1024)
    } else {
        n.to_string()
    }
}

/// A number of parameters as people write it: `7B`, `30.5B`, `494M`.
pub(crate) fn parameters(n: u64) -> String {
    let short = |value: f64, unit: &str| {
        let text = if value < 9.95 {
            format!("{value:.1}")
        } else {
            format!("{value:.0}")
        };
        format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match n {
        n if n >= 1_000_000_000 => short(n as f64 / 1e9, "B"),
        n => short(n as f64 / 1e6, "M"),
    }
}

/// Tokens a second as a band: `28-36`.
pub(crate) fn band(low: f64, high: f64) -> String {
    let digits = usize::from(low < 9.95);
    format!("{low:.digits$}–{high:.digits$}")
}

//! Durations, as Ollama reads them and as people write them.

/// Whether Go reads a duration (`5m`, `1h30m`, `-1s`), or Ollama a number of seconds.
pub(super) fn is_duration(value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() || value.parse::<i64>().is_ok() {
        return true;
    }
    let mut rest = value.strip_prefix(['-', '+']).unwrap_or(value);
    let mut parts = 0;
    while !rest.is_empty() {
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let units = ["ns", "us", "µs", "ms", "h", "m", "s"];
        let unit = units.iter().find(|unit| behind.starts_with(**unit));
        let Some(unit) = unit.filter(|_| behind.len() < rest.len()) else {
            return false;
        };
        rest = behind.get(unit.len()..).unwrap_or_default();
        parts += 1;
    }
    parts > 0
}

/// What was surely meant by a duration that is none.
pub(super) fn as_duration(value: &str) -> Option<String> {
    let value = value.trim().to_lowercase();
    if matches!(
        value.as_str(),
        "forever" | "always" | "infinite" | "infinity" | "inf"
    ) {
        return Some("-1".to_owned());
    }
    let unit = value.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = value.split_at(unit);
    let number: u64 = number.parse().ok()?;
    match unit.trim() {
        "d" | "day" | "days" => Some(format!("{}h", number.checked_mul(24)?)),
        "h" | "hour" | "hours" | "hr" | "hrs" => Some(format!("{number}h")),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(format!("{number}m")),
        "s" | "sec" | "secs" | "second" | "seconds" => Some(format!("{number}s")),
        _ => None,
    }
}

/// What a variable that takes a duration was surely meant to have, if it is none as it stands.
pub(in crate::lint) fn right_duration(name: &str, value: &str) -> Option<String> {
    let takes = matches!(name, "OLLAMA_KEEP_ALIVE" | "OLLAMA_LOAD_TIMEOUT");
    let wrong = takes && !is_duration(value);
    wrong.then(|| as_duration(value))?
}

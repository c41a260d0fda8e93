//! Quantities as they are typed: sizes, counts, contexts, bandwidths.

use crate::error::{Error, ExpectedFormat};
use crate::units::Bytes;

/// The longest context that is believed.
const LONGEST: u64 = 16 << 20;

/// GB/s from `89.6`, `89.6GB/s`, `DDR5-5600` or `DDR4-3200x8`: eight bytes a transfer and channel, of which desktops have two.
pub(super) fn bandwidth(text: &str) -> Option<f64> {
    let lower = text.trim().to_lowercase();
    let rate = if lower.starts_with("ddr") || lower.starts_with("lpddr") {
        let (_, speed) = lower.split_once('-')?;
        let (speed, channels) = speed.split_once('x').unwrap_or((speed, "2"));
        let (speed, channels): (f64, f64) = (speed.parse().ok()?, channels.parse().ok()?);
        speed * 8.0 * channels / 1e3
    } else {
        lower.trim_end_matches("gb/s").trim_end().parse().ok()?
    };
    (1.0..=10_000.0).contains(&rate).then_some(rate)
}

/// Reads a size above zero, e.g. `24GiB` or `500MB`.
pub(super) fn size(argument: &str, text: &str) -> Result<Bytes, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.to_owned(),
        form: ExpectedFormat::Size,
    };
    text.parse()
        .ok()
        .filter(|bytes| *bytes > Bytes::ZERO)
        .ok_or_else(bad)
}

/// A whole number from 1 on.
pub(super) fn number(
    argument: &str,
    text: &str,
    most: u32,
    form: ExpectedFormat,
) -> Result<u32, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.to_owned(),
        form,
    };
    text.trim()
        .parse()
        .ok()
        .filter(|n| (1..=most).contains(n))
        .ok_or_else(bad)
}

/// Tokens to draft ahead: none, or a few.
pub(super) fn draft(text: &str) -> Result<u32, Error> {
    match text.trim() {
        "0" => Ok(0),
        text => number("--draft", text, 64, ExpectedFormat::Draft),
    }
}

/// Reads a number of tokens as people write it: `8192`, `8k`, `128K`, `1m`; `k` is 1024.
pub(super) fn context_length(argument: &str, text: &str) -> Result<u32, Error> {
    let bad = || Error::BadValue {
        argument: argument.to_owned(),
        value: text.to_owned(),
        form: ExpectedFormat::Context,
    };
    let lower = text.trim().to_ascii_lowercase();
    let (digits, unit) = match lower.strip_suffix('k') {
        Some(digits) => (digits, 1024),
        None => lower
            .strip_suffix('m')
            .map_or((lower.as_str(), 1), |digits| (digits, 1 << 20)),
    };
    let tokens = digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .filter(|n| (1..=LONGEST).contains(n))
        .ok_or_else(bad)?;
    u32::try_from(tokens).map_err(|_| bad())
}

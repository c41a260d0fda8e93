//! When a model is unloaded, as Ollama writes it: RFC 3339.

use super::super::clock::days;

/// A model that stays for longer than this stays for ever: Ollama writes some century for it.
const FOR_EVER: i64 = 10 * 366 * 86_400;

/// Seconds from `now`, in seconds since 1970, to a time; `None` where it is no time or far beyond.
pub(super) fn seconds_until(time: &str, now: i64) -> Option<u64> {
    let rest = seconds(time)? - now;
    (rest < FOR_EVER).then(|| u64::try_from(rest).unwrap_or(0))
}

/// Seconds since 1970 of `2026-01-31T12:00:00.5+02:00`.
fn seconds(time: &str) -> Option<i64> {
    let part = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let zone = time
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone {
        "Z" | "z" => 0,
        zone => {
            let number = |from: usize, to: usize| zone.get(from..to)?.parse::<i64>().ok();
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            sign * (number(1, 3)? * 3600 + number(4, 6)? * 60)
        }
    };
    let clock = hour * 3600 + minute * 60 + second;
    Some(days(year, month, day) * 86_400 + clock - offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_zones() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            seconds("2024-02-29T12:00:00.123456789Z"),
            Some(1_709_208_000)
        );
        assert_eq!(
            seconds("2024-06-04T14:38:31.83753-07:00"),
            Some(1_717_537_111)
        );
        assert_eq!(seconds("2024-06-05T05:38:31+08:00"), Some(1_717_537_111));
        for wrong in [
            "",
            "soon",
            "2024-06-05",
            "2024-06-05T05:38:31",
            "二〇二四年六月五日",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_past_is_now_and_some_century_is_never() {
        assert_eq!(
            seconds_until("2024-06-05T05:38:31+08:00", 1_717_537_011),
            Some(100)
        );
        assert_eq!(
            seconds_until("2024-06-05T05:38:31+08:00", 1_800_000_000),
            Some(0)
        );
        assert_eq!(seconds_until("2318-01-01T00:00:00Z", 1_717_537_011), None);
    }
}

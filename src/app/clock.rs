//! Today. Nothing but ages is told by it, and no answer hangs on it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::environment::Environment;

const SECONDS_A_DAY: u64 = 86_400;

/// A day of the Gregorian calendar, as the days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i64);

impl Day {
    /// `VRAMFIT_TODAY`, else the machine's own; `None` if either says nothing that can be a day.
    pub(super) fn today(environment: &Environment) -> Option<Self> {
        if let Some(day) = environment.get("VRAMFIT_TODAY") {
            return Self::parse(day);
        }
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        Some(Self(i64::try_from(seconds / SECONDS_A_DAY).ok()?))
    }

    /// Reads a date in the form `2026-11-23`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let valid = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && parts.next().is_none();
        valid.then(|| Self(days(year, month, day)))
    }

    /// Days from another day to this one.
    pub(super) const fn since(self, other: Self) -> i64 {
        self.0 - other.0
    }

    /// Writes the date in the form `2026-11-23`.
    pub(super) fn iso(self) -> String {
        let guess = 1970 + self.0 / 366;
        let year = (guess..)
            .find(|year| days(year + 1, 1, 1) > self.0)
            .unwrap_or(guess);
        let month = (1..12)
            .find(|month| days(year, month + 1, 1) > self.0)
            .unwrap_or(12);
        let day = self.0 - days(year, month, 1) + 1;
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// Days since 1970-01-01. Years begin in March here, so that the leap day is the last.
pub(super) const fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719 468 days lie between March of the year 0 and 1970.
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_are_counted_over_leap_years_and_back() {
        for (day, number) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2024-12-31", 20_088),
            ("2026-11-23", 20_780),
        ] {
            assert_eq!(Day::parse(day), Some(Day(number)), "{day}");
        }
        for number in (0..60_000).step_by(7) {
            assert_eq!(Day::parse(&Day(number).iso()), Some(Day(number)));
        }
        assert_eq!(Day::parse("2026-11"), None);
        assert_eq!(Day::parse("2026-13-01"), None);
    }
}

//! Quantities: [`Bytes`] is exact, never a float of gigabytes.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An exact number of bytes. Arithmetic saturates: an estimate of something absurd is "too much", never a wrap-around.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Bytes(pub u64);

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

impl Bytes {
    /// Zero bytes, where sums begin.
    pub const ZERO: Self = Self(0);

    /// Binary gigabytes: what a GPU's marketing calls "GB".
    pub const fn gib(n: u64) -> Self {
        Self(n.saturating_mul(GIB))
    }

    /// A number of MiB, of 2^20 bytes each.
    pub const fn mib(n: u64) -> Self {
        Self(n.saturating_mul(MIB))
    }

    /// Decimal gigabytes: what a download page calls "GB".
    pub const fn gb(n: u64) -> Self {
        Self(n.saturating_mul(1_000_000_000))
    }

    /// The number as a float of GiB, for people and for plots; never computed with.
    pub fn as_gib(self) -> f64 {
        self.0 as f64 / GIB as f64
    }

    /// `self - other`, or zero.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The smallest multiple of `step` that is not below `self`.
    pub const fn round_up(self, step: u64) -> Self {
        Self(self.0.div_ceil(step).saturating_mul(step))
    }

    /// `self * numerator / denominator` without losing bits on the way.
    pub fn scale(self, numerator: u64, denominator: u64) -> Self {
        let exact = u128::from(self.0) * u128::from(numerator) / u128::from(denominator.max(1));
        Self(u64::try_from(exact).unwrap_or(u64::MAX))
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Bytes {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl SubAssign for Bytes {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<u64> for Bytes {
    type Output = Self;
    fn mul(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Bytes {
    /// Binary units with three significant digits: `512 B`, `457 MiB`, `20.5 GiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            n if n >= TIB => (TIB, "TiB"),
            // From 1000 MiB on, so that no size ever shows four digits.
            n if n >= 1000 * MIB => (GIB, "GiB"),
            n if n >= MIB => (MIB, "MiB"),
            n if n >= KIB => (KIB, "KiB"),
            n => return f.pad(&format!("{n} B")),
        };
        let value = self.0 as f64 / unit as f64;
        let digits = if value < 9.995 {
            2
        } else if value < 99.95 {
            1
        } else {
            0
        };
        f.pad(&format!("{value:.digits$} {name}"))
    }
}

/// A size that is not one: empty, negative, not a number, an unknown unit, or beyond 1024 TiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSize;

impl FromStr for Bytes {
    type Err = BadSize;

    /// `24`, `24G`, `24GB` and `24GiB` are 24 GiB (the way GPUs are sold); also `MiB`, `MB`, `M`, `TiB`, `KiB` and `B`.
    fn from_str(text: &str) -> Result<Self, BadSize> {
        let text = text.trim();
        let split = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let unit = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "g" | "gb" | "gib" => GIB,
            "m" | "mb" | "mib" => MIB,
            "t" | "tb" | "tib" => TIB,
            "k" | "kb" | "kib" => KIB,
            "b" => 1,
            _ => return Err(BadSize),
        };
        let value: f64 = number.parse().map_err(|_| BadSize)?;
        let bytes = value * unit as f64;
        if !bytes.is_finite() || bytes > (1024 * TIB) as f64 {
            return Err(BadSize);
        }
        Ok(Self(bytes.round() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_gpus_are_sold() {
        for text in ["24", "24G", "24GB", "24 GiB", "24.0gib"] {
            assert_eq!(text.parse(), Ok(Bytes::gib(24)), "{text}");
        }
        assert_eq!("5.5".parse(), Ok(Bytes(5_905_580_032)));
        assert_eq!("457MiB".parse(), Ok(Bytes::mib(457)));
        for text in [
            "",
            "-1",
            "x",
            "1.2.3",
            "24 parsecs",
            "1e9",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<Bytes>(), Err(BadSize), "{text}");
        }
        assert_ne!(Bytes::gib(24), Bytes::gb(24));
    }

    #[test]
    fn sizes_are_shown_with_three_digits() {
        let shown = [
            0,
            1023,
            457 << 20,
            999 << 20,
            1000 << 20,
            22_011_707_392,
            150 << 30,
            2 << 40,
        ]
        .map(|n| Bytes(n).to_string());
        assert_eq!(
            shown,
            [
                "0 B", "1023 B", "457 MiB", "999 MiB", "0.98 GiB", "20.5 GiB", "150 GiB",
                "2.00 TiB"
            ]
        );
    }
}

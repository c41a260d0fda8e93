//! The types in which keys and values are cached.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::TensorType;

/// The types in which keys and values are cached: nine of the engine's, and each may have its own (`--cache-type-k`, `--cache-type-v`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KvCacheType {
    keys: TensorType,
    values: TensorType,
}

/// The engine's types and their names, the most precise first (`kv_cache_types` of llama.cpp's `common/arg.cpp`).
const TYPES: [(TensorType, &str); 9] = [
    (TensorType::F32, "f32"),
    (TensorType::F16, "f16"),
    (TensorType::BF16, "bf16"),
    (TensorType::Q8_0, "q8_0"),
    (TensorType::Q5_1, "q5_1"),
    (TensorType::Q5_0, "q5_0"),
    (TensorType::Q4_1, "q4_1"),
    (TensorType::IQ4_NL, "iq4_nl"),
    (TensorType::Q4_0, "q4_0"),
];

impl KvCacheType {
    /// Two bytes an element; what is used where nobody says.
    pub const F16: Self = Self::both(TensorType::F16);
    /// 34 bytes for 32 elements.
    pub const Q8_0: Self = Self::both(TensorType::Q8_0);
    /// 18 bytes for 32 elements.
    pub const Q4_0: Self = Self::both(TensorType::Q4_0);

    /// Those that Ollama's documentation names (`OLLAMA_KV_CACHE_TYPE`), the most precise first.
    pub const DOCUMENTED: [Self; 3] = [Self::F16, Self::Q8_0, Self::Q4_0];

    const fn both(kind: TensorType) -> Self {
        Self {
            keys: kind,
            values: kind,
        }
    }

    /// The names of the engine's types.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TYPES.iter().map(|(_, name)| *name)
    }

    /// The type that a text names, however it is written: `q8_0`, or `k=q8_0,v=q5_1`, where what is not said is `f16`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = &*text.to_ascii_lowercase();
        let named = |name: &str| TYPES.iter().find(|(_, known)| *known == name);
        if let Some((kind, _)) = named(text) {
            return Some(Self::both(*kind));
        }
        let (mut keys, mut values) = (None, None);
        for part in text.split(',') {
            let (side, name) = part.trim().split_once('=')?;
            let side = match side.trim() {
                "k" => &mut keys,
                "v" => &mut values,
                _ => return None,
            };
            if side.replace(named(name.trim())?.0).is_some() {
                return None;
            }
        }
        Some(Self {
            keys: keys.unwrap_or(TensorType::F16),
            values: values.unwrap_or(TensorType::F16),
        })
    }

    /// Type in which keys are cached.
    pub const fn keys(self) -> TensorType {
        self.keys
    }

    /// Type in which values are cached.
    pub const fn values(self) -> TensorType {
        self.values
    }

    /// Its name, as [`KvCacheType::parse`] takes it.
    pub fn label(self) -> &'static str {
        static PAIRS: OnceLock<Vec<(KvCacheType, String)>> = OnceLock::new();
        let pairs = PAIRS.get_or_init(|| {
            let each = TYPES.iter().flat_map(|k| TYPES.iter().map(move |v| (k, v)));
            let pair = |((keys, k), (values, v)): (&(TensorType, &str), &(TensorType, &str))| {
                let kind = Self {
                    keys: *keys,
                    values: *values,
                };
                let name = if keys == values {
                    (*k).to_owned()
                } else {
                    format!("k={k},v={v}")
                };
                (kind, name)
            };
            each.map(pair).collect()
        });
        let found = pairs.iter().find(|(kind, _)| *kind == self);
        found.map_or("f16", |(_, name)| name)
    }

    /// Whether keys and values have the same type: Ollama knows no other setting.
    pub fn is_one_type(self) -> bool {
        self.keys == self.values
    }

    /// Whether keys or values are quantised.
    pub const fn is_quantised(self) -> bool {
        self.keys.is_quantised() || self.values.is_quantised()
    }
}

/// Types that keys and values may have alike, as a server takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvCacheTypes(u16);

impl KvCacheTypes {
    /// All of the engine's.
    pub const ALL: Self = Self((1 << TYPES.len()) - 1);

    /// Whether a cache of this type is one of them.
    pub fn contains(self, kind: KvCacheType) -> bool {
        let at = TYPES.iter().position(|(known, _)| *known == kind.keys);
        kind.is_one_type() && at.is_some_and(|at| self.0 & (1 << at) != 0)
    }

    /// Their names, the most precise first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let named = TYPES.iter().enumerate();
        named.filter_map(move |(at, (_, name))| (self.0 & (1 << at) != 0).then_some(*name))
    }
}

impl FromIterator<KvCacheType> for KvCacheTypes {
    fn from_iter<I: IntoIterator<Item = KvCacheType>>(kinds: I) -> Self {
        let bit = |kind: KvCacheType| TYPES.iter().position(|(known, _)| *known == kind.keys);
        let bits = kinds.into_iter().filter_map(bit);
        Self(bits.fold(0, |all, at| all | 1 << at))
    }
}

impl Default for KvCacheType {
    fn default() -> Self {
        Self::F16
    }
}

impl Serialize for KvCacheType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

impl<'de> Deserialize<'de> for KvCacheType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format!("{text} is no type of a KV cache"));
        Self::parse(&text).ok_or_else(unknown)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for KvCacheType {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KvCacheType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The type of the cached keys and values: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, iq4_nl or q4_0; `k=q8_0,v=q5_1` where they differ.",
            "type": "string",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_types_it_was_made_of() {
        let some = KvCacheTypes::from_iter(KvCacheType::DOCUMENTED);
        assert_eq!(some.names().collect::<Vec<_>>(), ["f16", "q8_0", "q4_0"]);
        for name in KvCacheType::names().chain(["k=q8_0,v=q4_0"]) {
            let kind = KvCacheType::parse(name).unwrap_or_default();
            assert_eq!(some.contains(kind), KvCacheType::DOCUMENTED.contains(&kind));
            assert_eq!(KvCacheTypes::ALL.contains(kind), kind.is_one_type());
        }
    }

    #[test]
    fn every_pair_is_read_back_from_its_name() {
        for (keys, _) in TYPES {
            for (values, _) in TYPES {
                let kind = KvCacheType { keys, values };
                assert_eq!(KvCacheType::parse(kind.label()), Some(kind));
            }
        }
        assert_eq!(
            KvCacheType::parse("v=q8_0, k=f16"),
            KvCacheType::parse("v=q8_0")
        );
        assert_eq!(KvCacheType::parse("Q8_0"), Some(KvCacheType::Q8_0));
        for wrong in ["", "q9", "k=", "k=q8_0,k=q4_0", "x=q8_0", "q8_0,q4_0"] {
            assert_eq!(KvCacheType::parse(wrong), None, "{wrong}");
        }
    }
}

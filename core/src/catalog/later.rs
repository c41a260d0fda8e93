//! Parts of the catalog that are read when they are first asked for: most answers ask for those of few models.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::Visitor;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checksum::fnv1a;

/// A value, or the bytes of one in the catalog that the program carries. [`Catalog::decode`](super::Catalog::decode) finds damage of these
/// bytes before any of them is asked for.
#[derive(Clone, Debug, Default)]
pub struct Later<T> {
    bytes: &'static [u8],
    value: OnceLock<T>,
}

impl<T: Deserialize<'static> + Default> Later<T> {
    /// The value, read now if it was not yet.
    pub fn into_inner(self) -> T {
        let read = || read(self.bytes);
        self.value.into_inner().unwrap_or_else(read)
    }
}

fn read<T: Deserialize<'static> + Default>(bytes: &'static [u8]) -> T {
    postcard::from_bytes(bytes).unwrap_or_default()
}

impl<T> From<T> for Later<T> {
    fn from(value: T) -> Self {
        Self {
            bytes: &[],
            value: value.into(),
        }
    }
}

impl<T: Deserialize<'static> + Default> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get_or_init(|| read(self.bytes))
    }
}

impl<T: Deserialize<'static> + Default + PartialEq> PartialEq for Later<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Deserialize<'static> + Default + Eq> Eq for Later<T> {}

impl<T: Serialize + Deserialize<'static> + Default> Serialize for Later<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return (**self).serialize(serializer);
        }
        let bytes = postcard::to_stdvec(&**self).map_err(S::Error::custom)?;
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de: 'static, T> Deserialize<'de> for Later<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de: 'static> Visitor<'de> for Bytes {
            type Value = &'static [u8];

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("bytes that outlive the catalog")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(bytes)
            }
        }
        let bytes = deserializer.deserialize_bytes(Bytes)?;
        Ok(Self {
            bytes,
            value: OnceLock::new(),
        })
    }
}

/// A number that another byte anywhere changes.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    // Eight bytes at a time: the catalog is summed at every start.
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    fnv1a(words.chain(rest.iter().map(|byte| u64::from(*byte))))
}

#[cfg(test)]
mod tests {
    use super::super::Catalog;

    const MODEL: &str = "[[model]]\nname = \"tiny:1b\"\nsource = \"here\"\n[[model.variant]]\ntag = \"tiny:1b\"\n[[model.variant]]\ntag = \"tiny:1b-q8_0\"\n";

    fn encoded() -> Vec<u8> {
        let catalog = Catalog::read([("tiny.toml", MODEL)]).expect("data without a defect");
        catalog.encode().expect("bytes")
    }

    #[test]
    fn parts_are_read_later_as_they_were() {
        let catalog = Catalog::decode(encoded().leak()).expect("a catalog");
        let tags: Vec<&str> = catalog.entries().map(|entry| entry.tag).collect();
        assert_eq!(tags, ["tiny:1b", "tiny:1b-q8_0"]);
        assert_eq!(catalog.encode().expect("bytes"), encoded());
    }

    #[test]
    fn damage_anywhere_is_found_before_anything_is_read() {
        let whole = encoded();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(Catalog::decode(bytes.leak()).is_none(), "byte {at}");
        }
        for length in 0..whole.len() {
            let bytes = whole[..length].to_vec();
            assert!(Catalog::decode(bytes.leak()).is_none(), "{length} bytes");
        }
    }
}

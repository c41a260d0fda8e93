//! A writer of small GGUF files, honest or not.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A value type's code and its bytes.
pub(crate) struct Value(u32, Vec<u8>);

pub(crate) fn u32(value: u32) -> Value {
    Value(4, value.to_le_bytes().to_vec())
}

pub(crate) fn text(value: &str) -> Value {
    Value(8, string(value.as_bytes()))
}

pub(crate) fn list(values: &[u32]) -> Value {
    let items = values.iter().flat_map(|value| value.to_le_bytes());
    array(4, values.len() as u64, items.collect())
}

pub(crate) fn flags(values: &[bool]) -> Value {
    let items = values.iter().map(|value| u8::from(*value));
    array(7, values.len() as u64, items.collect())
}

pub(crate) fn texts(values: &[&str]) -> Value {
    let items = values.iter().flat_map(|value| string(value.as_bytes()));
    array(8, values.len() as u64, items.collect())
}

/// An array that declares `count` elements of type `kind` and holds `items`.
pub(crate) fn array(kind: u32, count: u64, items: Vec<u8>) -> Value {
    let head = kind.to_le_bytes().into_iter().chain(count.to_le_bytes());
    Value(9, head.chain(items).collect())
}

/// A value of any type code.
pub(crate) fn raw(kind: u32, bytes: &[u8]) -> Value {
    Value(kind, bytes.to_vec())
}

impl Value {
    /// The value as an element of an array.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.1
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    length.into_iter().chain(bytes.iter().copied()).collect()
}

/// A tensor's entry.
struct Entry {
    bytes: Vec<u8>,
}

/// A file in the making.
pub(crate) struct Gguf {
    version: u32,
    keys: Vec<Vec<u8>>,
    tensors: Vec<Entry>,
    /// Where the next tensor's data begin, and where the last's end.
    next: u64,
    end: u64,
    pub(crate) key_count: Option<u64>,
    pub(crate) tensor_count: Option<u64>,
    pub(crate) alignment: u64,
}

impl Gguf {
    pub(crate) fn new(version: u32) -> Self {
        Self {
            version,
            keys: Vec::new(),
            tensors: Vec::new(),
            next: 0,
            end: 0,
            key_count: None,
            tensor_count: None,
            alignment: 32,
        }
    }

    /// The smallest model: one block.
    pub(crate) fn llama() -> Self {
        Self::new(3)
            .model("llama", 1)
            .tensor("token_embd.weight", &[64, 100], 0)
    }

    /// The keys that every model has.
    pub(crate) fn model(self, name: &str, blocks: u32) -> Self {
        self.key("general.architecture", text(name))
            .key(&format!("{name}.block_count"), u32(blocks))
            .key(&format!("{name}.context_length"), u32(2048))
            .key(&format!("{name}.embedding_length"), u32(64))
            .key(&format!("{name}.feed_forward_length"), u32(128))
            .key(&format!("{name}.attention.head_count"), u32(4))
    }

    pub(crate) fn key(mut self, key: &str, value: Value) -> Self {
        let mut bytes = string(key.as_bytes());
        bytes.extend(value.0.to_le_bytes());
        bytes.extend(value.1);
        self.keys.push(bytes);
        self
    }

    /// A tensor with its data after the preceding one's.
    pub(crate) fn tensor(self, name: &str, dimensions: &[u64], kind: u32) -> Self {
        let offset = self.next;
        self.tensor_at(name, dimensions, kind, offset)
    }

    pub(crate) fn tensor_at(
        mut self,
        name: &str,
        dimensions: &[u64],
        kind: u32,
        offset: u64,
    ) -> Self {
        let mut bytes = string(name.as_bytes());
        bytes.extend((dimensions.len() as u32).to_le_bytes());
        bytes.extend(dimensions.iter().flat_map(|size| size.to_le_bytes()));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        self.tensors.push(Entry { bytes });
        let size = size(dimensions, kind);
        self.end = offset.saturating_add(size);
        self.next = self
            .end
            .checked_next_multiple_of(self.alignment)
            .unwrap_or(0);
        self
    }

    /// The header's bytes.
    pub(crate) fn header(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.to_le_bytes());
        let tensors = self.tensor_count.unwrap_or(self.tensors.len() as u64);
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(
            self.key_count
                .unwrap_or(self.keys.len() as u64)
                .to_le_bytes(),
        );
        bytes.extend(self.keys.iter().flatten());
        bytes.extend(self.tensors.iter().flat_map(|tensor| &tensor.bytes));
        bytes
    }

    /// The whole file's length, data included.
    pub(crate) fn length(&self) -> u64 {
        let header = self.header().len() as u64;
        let data = header.next_multiple_of(self.alignment);
        if self.tensors.is_empty() {
            header
        } else {
            data.saturating_add(self.end)
        }
    }

    /// Writes the file, its data as a hole.
    pub(crate) fn write(&self, path: &Path) {
        let mut file = File::create(path).unwrap();
        file.write_all(&self.header()).unwrap();
        file.set_len(self.length()).unwrap();
    }
}

fn size(dimensions: &[u64], kind: u32) -> u64 {
    let elements = dimensions
        .iter()
        .fold(1, |product: u64, size| product.saturating_mul(*size));
    vramfit::quantization::TensorType::of_code(kind).map_or(0, |kind| kind.bytes(elements).0)
}

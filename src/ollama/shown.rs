//! What `/api/show` tells of a model, read as the header of its file: one reader of keys and tensors, whatever they come from.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde::Deserialize;
use serde_json::Value;

use super::wire::or_default;
use crate::gguf::{self, Header};
use crate::quantization::TensorType;

/// The answer of `/api/show`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// The keys of the file.
    #[serde(deserialize_with = "or_default")]
    pub model_info: BTreeMap<String, Value>,
    /// The tensors of the file, without their data.
    #[serde(deserialize_with = "or_default")]
    pub tensors: Vec<ShownTensor>,
    /// The keys of the projector's file.
    #[serde(deserialize_with = "or_default")]
    pub projector_info: BTreeMap<String, Value>,
    /// The parameters, a line each.
    #[serde(deserialize_with = "or_default")]
    pub parameters: String,
    /// The Modelfile that would make it again: its `FROM` names the file in the server's own store.
    #[serde(deserialize_with = "or_default")]
    pub modelfile: String,
}

impl Shown {
    /// The digest of the file of weights: `FROM /root/.ollama/models/blobs/sha256-<64 digits>`. `None` where the server names none.
    pub fn digest(&self) -> Option<&str> {
        let mut sources = self
            .modelfile
            .lines()
            .filter_map(|line| line.strip_prefix("FROM "));
        sources.find_map(|source| {
            let (_, hex) = source.rsplit_once("sha256-")?;
            let hex = hex.trim_end().get(..64)?;
            hex.bytes()
                .all(|byte| byte.is_ascii_hexdigit())
                .then_some(hex)
        })
    }
}

/// A tensor without its data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ShownTensor {
    /// Its name in the file, such as `blk.0.attn_q.weight`.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its GGML type by name, such as `Q4_K`.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// Its dimensions, GGML's first one first.
    #[serde(deserialize_with = "or_default")]
    pub shape: Vec<u64>,
}

/// The header of the file that `shown` describes.
///
/// # Errors
/// As for a file: keys that are missing or absurd, tensors that do not go together.
pub fn header(shown: &Shown) -> Result<Header, gguf::Error> {
    let (bytes, length) = file(shown);
    gguf::parse(Cursor::new(bytes), length)
}

/// GGUF's alignment where a file does not say.
const ALIGNMENT: u64 = 32;
/// A type's code that GGML does not have: the reader refuses it with the tensor's name.
const NO_TYPE: u32 = u32::MAX;

/// The header as a file has it, and how long the whole file would be.
fn file(shown: &Shown) -> (Vec<u8>, u64) {
    let keys: Vec<Vec<u8>> = shown
        .model_info
        .iter()
        // The data begin where the tensors say, in a file that is laid out anew.
        .filter(|(name, _)| name.as_str() != "general.alignment")
        .filter_map(|(name, value)| Some([text(name), typed(value)?].concat()))
        .collect();
    let mut bytes = Vec::new();
    bytes.extend(b"GGUF");
    bytes.extend(3u32.to_le_bytes());
    bytes.extend((shown.tensors.len() as u64).to_le_bytes());
    bytes.extend((keys.len() as u64).to_le_bytes());
    bytes.extend(keys.concat());
    let mut offset = 0u64;
    for tensor in &shown.tensors {
        let (code, size) = weight(tensor);
        bytes.extend(text(&tensor.name));
        bytes.extend((tensor.shape.len() as u32).to_le_bytes());
        bytes.extend(tensor.shape.iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend(code.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        offset = offset
            .saturating_add(size)
            .checked_next_multiple_of(ALIGNMENT)
            .unwrap_or(u64::MAX);
    }
    let data = (bytes.len() as u64).next_multiple_of(ALIGNMENT);
    (bytes, data.saturating_add(offset))
}

/// A tensor's type and bytes.
fn weight(tensor: &ShownTensor) -> (u32, u64) {
    let elements = tensor
        .shape
        .iter()
        .fold(1u64, |product, n| product.saturating_mul(*n));
    (0..64)
        .filter_map(|code| Some((code, TensorType::of_code(code)?)))
        .find(|(_, kind)| kind.label().eq_ignore_ascii_case(&tensor.kind))
        .map_or((NO_TYPE, 0), |(code, kind)| (code, kind.bytes(elements).0))
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

/// A value with its type's code. `None` for what says nothing: a null, and lists of words, which are vocabularies.
fn typed(value: &Value) -> Option<Vec<u8>> {
    let (code, bytes) = plain(value)?;
    Some([code.to_le_bytes().to_vec(), bytes].concat())
}

fn plain(value: &Value) -> Option<(u32, Vec<u8>)> {
    Some(match value {
        Value::Null | Value::Object(_) => return None,
        Value::Bool(flag) => (7, vec![u8::from(*flag)]),
        Value::String(words) => (8, text(words)),
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(n), _, _) => (10, n.to_le_bytes().to_vec()),
            (_, Some(n), _) => (11, n.to_le_bytes().to_vec()),
            (_, _, Some(n)) => (12, n.to_le_bytes().to_vec()),
            _ => return None,
        },
        Value::Array(values) => {
            let items: Vec<(u32, Vec<u8>)> = values.iter().filter_map(plain).collect();
            let code = items.first()?.0;
            if items.len() != values.len()
                || matches!(code, 8 | 9)
                || items.iter().any(|item| item.0 != code)
            {
                return None;
            }
            let mut bytes = code.to_le_bytes().to_vec();
            bytes.extend((items.len() as u64).to_le_bytes());
            bytes.extend(items.into_iter().flat_map(|item| item.1));
            (9, bytes)
        }
    })
}

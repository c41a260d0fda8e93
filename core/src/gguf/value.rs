//! Values of a header's keys: what is small is kept, what is large is passed over.

use std::collections::HashMap;
use std::io::BufRead;

use super::error::{Error, ErrorKind, HeaderPart};
use super::reader::Reader;

/// A key is no longer than this, by GGUF's specification.
const KEY_LIMIT: u64 = 65_535;
/// Strings up to this length are kept: names and chat templates.
const TEXT_LIMIT: u64 = 64 << 10;
/// Integer arrays up to this length are kept: one entry a block, never a vocabulary.
const LIST_LIMIT: u64 = 1024;
/// Bytes of all kept keys and values together.
const KEPT_LIMIT: u64 = 4 << 20;
/// What a kept entry costs besides its text.
const ENTRY_COST: u64 = 128;
/// Levels of arrays within arrays that are read.
const DEPTH_LIMIT: u32 = 3;
/// The fewest bytes of an entry: the length of its key, its type, one byte of value.
const ENTRY_SIZE: u64 = 13;

/// A value, as far as it is kept.
#[derive(Debug)]
pub(super) enum Value {
    /// An integer of any width and sign, or a boolean as 0 and 1.
    Integer(i128),
    /// A string that is short enough to be kept.
    Text(String),
    /// A short array of integers or booleans.
    List(Vec<i128>),
    /// Passed over: floating-point numbers, long texts, vocabularies and the like.
    Other,
}

/// The keys and values of a file.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    entries: HashMap<String, (u64, Value)>,
}

/// Value types by how they are read; numbers with their width in bytes.
#[derive(Clone, Copy)]
enum ValueType {
    Unsigned(u64),
    Signed(u64),
    Float(u64),
    Text,
    Array,
}

impl ValueType {
    const fn of_code(code: u32) -> Option<Self> {
        Some(match code {
            0 | 7 => Self::Unsigned(1),
            1 => Self::Signed(1),
            2 => Self::Unsigned(2),
            3 => Self::Signed(2),
            4 => Self::Unsigned(4),
            5 => Self::Signed(4),
            6 => Self::Float(4),
            8 => Self::Text,
            9 => Self::Array,
            10 => Self::Unsigned(8),
            11 => Self::Signed(8),
            12 => Self::Float(8),
            _ => return None,
        })
    }

    fn read<R: BufRead>(reader: &mut Reader<R>) -> Result<Self, Error> {
        let offset = reader.position();
        let code = reader.u32()?;
        Self::of_code(code)
            .ok_or_else(|| Error::at_offset(offset, ErrorKind::UnknownValueType(code)))
    }
}

impl Metadata {
    /// Reads all keys and values, of which the header declares `count`.
    pub(super) fn read<R: BufRead>(reader: &mut Reader<R>, count: u64) -> Result<Self, Error> {
        reader.ensure_remaining(HeaderPart::Keys, count, ENTRY_SIZE)?;
        let mut metadata = Self::default();
        let mut kept = 0;
        for _ in 0..count {
            let offset = reader.position();
            let key = reader.name(HeaderPart::Key, KEY_LIMIT)?;
            let kind = ValueType::read(reader)?;
            let value = value(reader, kind)?;
            kept += ENTRY_COST + key.len() as u64 + value.cost();
            if kept > KEPT_LIMIT {
                return Err(Error::at_offset(
                    offset,
                    ErrorKind::AbsurdLength {
                        what: HeaderPart::Metadata,
                        length: kept,
                    },
                ));
            }
            if metadata.entries.contains_key(&key) {
                return Err(Error::at_offset(offset, ErrorKind::DuplicateKey(key)));
            }
            metadata.entries.insert(key, (offset, value));
        }
        Ok(metadata)
    }

    /// Where the key stands in the file; zero where it does not.
    pub(super) fn offset(&self, key: &str) -> u64 {
        self.entries.get(key).map_or(0, |(offset, _)| *offset)
    }

    /// The value of a metadata key; `None` where the file lacks it.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).map(|(_, value)| value)
    }

    /// A string; anything else, too, is none.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An integer from 0 to `most`.
    pub(super) fn number(&self, key: &str, most: u32) -> Result<Option<u32>, Error> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integer(value)) => self.bounded(key, *value, most).map(Some),
            Some(_) => Err(self.bad_type(key, HeaderPart::Integer)),
        }
    }

    /// An integer checked to lie between 0 and `most`.
    pub(super) fn bounded(&self, key: &str, value: i128, most: u32) -> Result<u32, Error> {
        match u32::try_from(value) {
            Ok(number) if number <= most => Ok(number),
            _ => Err(self.fault(
                key,
                ErrorKind::BadValue {
                    key: key.to_owned(),
                    value,
                },
            )),
        }
    }

    /// A fault of a key's value.
    pub(super) fn fault(&self, key: &str, kind: ErrorKind) -> Error {
        Error::at_offset(self.offset(key), kind)
    }

    /// A value of the wrong type.
    pub(super) fn bad_type(&self, key: &str, wanted: HeaderPart) -> Error {
        let key_name = key.to_owned();
        self.fault(
            key,
            ErrorKind::BadType {
                key: key_name,
                wanted,
            },
        )
    }
}

impl Value {
    const fn cost(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::List(list) => 16 * list.len() as u64,
            _ => 0,
        }
    }
}

fn value<R: BufRead>(reader: &mut Reader<R>, kind: ValueType) -> Result<Value, Error> {
    match kind {
        ValueType::Float(size) => reader.skip(size, HeaderPart::Number).map(|()| Value::Other),
        ValueType::Unsigned(size) | ValueType::Signed(size) => {
            let bytes = reader.read_vec(size, HeaderPart::Number)?;
            Ok(Value::Integer(integer(&bytes, kind)))
        }
        ValueType::Text => text(reader),
        ValueType::Array => array(reader, 1),
    }
}

fn text<R: BufRead>(reader: &mut Reader<R>) -> Result<Value, Error> {
    let length = reader.u64()?;
    if length > TEXT_LIMIT {
        // Long texts are licences and the like.
        return reader
            .skip(length, HeaderPart::String)
            .map(|()| Value::Other);
    }
    let bytes = reader.read_vec(length, HeaderPart::String)?;
    Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

fn array<R: BufRead>(reader: &mut Reader<R>, depth: u32) -> Result<Value, Error> {
    if depth > DEPTH_LIMIT {
        return Err(reader.error(ErrorKind::Nesting));
    }
    let kind = ValueType::read(reader)?;
    let count = reader.u64()?;
    match kind {
        ValueType::Float(size) => {
            let bytes = reader.ensure_remaining(HeaderPart::Numbers, count, size)?;
            reader.skip(bytes, HeaderPart::Array)?;
        }
        ValueType::Unsigned(size) | ValueType::Signed(size) => {
            let bytes = reader.ensure_remaining(HeaderPart::Numbers, count, size)?;
            if count <= LIST_LIMIT {
                return list(reader, kind, size, bytes);
            }
            reader.skip(bytes, HeaderPart::Array)?;
        }
        ValueType::Text => {
            reader.ensure_remaining(HeaderPart::Strings, count, 8)?;
            for _ in 0..count {
                let length = reader.u64()?;
                reader.skip(length, HeaderPart::String)?;
            }
        }
        ValueType::Array => {
            reader.ensure_remaining(HeaderPart::Arrays, count, 12)?;
            for _ in 0..count {
                array(reader, depth + 1)?;
            }
        }
    }
    Ok(Value::Other)
}

fn list<R: BufRead>(
    reader: &mut Reader<R>,
    kind: ValueType,
    size: u64,
    bytes: u64,
) -> Result<Value, Error> {
    let bytes = reader.read_vec(bytes, HeaderPart::Array)?;
    let items = bytes.chunks_exact(size as usize);
    Ok(Value::List(
        items.map(|bytes| integer(bytes, kind)).collect(),
    ))
}

/// A little-endian integer of one to eight bytes.
fn integer(bytes: &[u8], kind: ValueType) -> i128 {
    let mut wide = [0; 8];
    wide.iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    let unsigned = u64::from_le_bytes(wide);
    match kind {
        ValueType::Signed(size) => {
            let shift = 64 - 8 * size as u32;
            i128::from((unsigned << shift).cast_signed() >> shift)
        }
        _ => i128::from(unsigned),
    }
}

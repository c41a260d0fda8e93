//! The list of tensors: names, shapes and places, each checked against the file.

use std::collections::HashSet;
use std::io::BufRead;

use crate::quantization::TensorType;
use crate::units::Bytes;

use super::error::{Error, ErrorKind, HeaderPart, TensorFault};
use super::reader::Reader;

/// More tensors than any model has; the largest have about two thousand.
const COUNT_LIMIT: u64 = 32_768;
/// GGML's limit of a tensor's name, generously.
const NAME_LIMIT: u64 = 128;
/// Most dimensions that a tensor has (`GGML_MAX_DIMS`).
const DIMENSION_LIMIT: u32 = 4;
/// The fewest bytes of an entry: the length of its name, no dimensions, type and offset.
const ENTRY_SIZE: u64 = 24;

/// An entry of the list of tensors.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub(super) name: String,
    /// Its type; `None` for one that this version does not know, whose bytes are those up to the next tensor.
    pub(super) kind: Option<TensorType>,
    /// The size of each dimension, the contiguous one first; 1 beyond the last.
    pub(super) dimensions: [u64; 4],
    pub(super) elements: u64,
    pub(super) bytes: Bytes,
    /// Where its data begins, from the beginning of all data.
    offset: u64,
    /// Where its entry stands in the file.
    entry: u64,
}

/// Checks a count before anything is read for it.
pub(super) fn check_count<R: BufRead>(reader: &Reader<R>, count: u64) -> Result<(), Error> {
    if count > COUNT_LIMIT {
        let what = HeaderPart::Tensors;
        return Err(reader.error(ErrorKind::AbsurdCount { what, count }));
    }
    Ok(())
}

/// Checks the number of tensors of all parts together.
pub(super) fn check_total(tensors: &[Tensor]) -> Result<(), Error> {
    let count = tensors.len() as u64;
    if count > COUNT_LIMIT {
        let what = HeaderPart::Tensors;
        return Err(Error::at_offset(0, ErrorKind::AbsurdCount { what, count }));
    }
    Ok(())
}

/// Reads the list of tensors, of which the header declares `count`.
pub(super) fn read_all<R: BufRead>(
    reader: &mut Reader<R>,
    count: u64,
) -> Result<Vec<Tensor>, Error> {
    check_count(reader, count)?;
    reader.ensure_remaining(HeaderPart::Tensors, count, ENTRY_SIZE)?;
    (0..count).map(|_| Tensor::read(reader)).collect()
}

/// Checks that no name appears twice.
pub(super) fn check_names(tensors: &[Tensor]) -> Result<(), Error> {
    let mut seen = HashSet::with_capacity(tensors.len());
    match tensors
        .iter()
        .find(|tensor| !seen.insert(tensor.name.as_str()))
    {
        Some(tensor) => Err(Error::at_offset(
            tensor.entry,
            ErrorKind::DuplicateTensor(tensor.name.clone()),
        )),
        None => Ok(()),
    }
}

/// Counts the bytes of tensors whose type is unknown: up to the next tensor's data, or to the end of the file.
pub(super) fn size_unknown(
    tensors: &mut [Tensor],
    start: u64,
    alignment: u64,
    length: u64,
) -> Result<(), Error> {
    let data = start.checked_next_multiple_of(alignment);
    let end = data.map_or(0, |data| length.saturating_sub(data));
    for at in 0..tensors.len() {
        if tensors[at].kind.is_some() {
            continue;
        }
        let next = tensors.get(at + 1).map_or(end, |next| next.offset);
        let bytes = next.checked_sub(tensors[at].offset).filter(|n| *n > 0);
        let bytes = bytes.ok_or_else(|| tensors[at].inconsistent(TensorFault::NoData))?;
        tensors[at].bytes = Bytes(bytes);
    }
    Ok(())
}

/// Checks that the data lie one after another, as GGML demands, and within the file. `start` is where the entries end.
pub(super) fn check_places(
    tensors: &[Tensor],
    start: u64,
    alignment: u64,
    length: u64,
) -> Result<(), Error> {
    let data = start.checked_next_multiple_of(alignment);
    let mut next = 0_u64;
    let mut end = data;
    for tensor in tensors {
        if tensor.offset != next {
            return Err(tensor.inconsistent(TensorFault::Misplaced));
        }
        end = next
            .checked_add(tensor.bytes.0)
            .and_then(|end| data?.checked_add(end));
        let following = next
            .checked_add(tensor.bytes.0)
            .and_then(|end| end.checked_next_multiple_of(alignment));
        next = following.ok_or_else(|| tensor.inconsistent(TensorFault::TooLarge))?;
    }
    match end {
        Some(end) if tensors.is_empty() || end <= length => Ok(()),
        end => Err(Error::at_offset(
            length,
            ErrorKind::Truncated {
                needed: end.unwrap_or(u64::MAX),
                length,
            },
        )),
    }
}

impl Tensor {
    fn read<R: BufRead>(reader: &mut Reader<R>) -> Result<Self, Error> {
        let entry = reader.position();
        let name = reader.name(HeaderPart::TensorName, NAME_LIMIT)?;
        let dimensions = dimensions(reader)?;
        let code = reader.u32()?;
        let offset = reader.u64()?;
        let mut tensor = Self {
            name,
            kind: of_code(code),
            dimensions,
            elements: 0,
            bytes: Bytes::ZERO,
            offset,
            entry,
        };
        (tensor.elements, tensor.bytes) = tensor.size()?;
        Ok(tensor)
    }

    /// Number of its elements, and bytes that they take by its type; zero bytes for an unknown type.
    fn size(&self) -> Result<(u64, Bytes), Error> {
        let elements = self
            .dimensions
            .iter()
            .try_fold(1_u64, |product, size| product.checked_mul(*size))
            .filter(|elements| i64::try_from(*elements).is_ok())
            .ok_or_else(|| self.inconsistent(TensorFault::TooManyElements))?;
        if elements == 0 {
            return Err(self.inconsistent(TensorFault::Empty));
        }
        let Some(kind) = self.kind else {
            return Ok((elements, Bytes::ZERO));
        };
        let (block, bytes) = kind.block();
        if !self.dimensions[0].is_multiple_of(block) {
            return Err(self.inconsistent(TensorFault::PartialBlocks));
        }
        let bytes = (elements / block)
            .checked_mul(bytes)
            .ok_or_else(|| self.inconsistent(TensorFault::TooLarge))?;
        Ok((elements, Bytes(bytes)))
    }

    /// An error that names this tensor and where its entry stands.
    pub(super) fn inconsistent(&self, reason: TensorFault) -> Error {
        let name = self.name.clone();
        Error::at_offset(self.entry, ErrorKind::InconsistentTensor { name, reason })
    }
}

fn dimensions<R: BufRead>(reader: &mut Reader<R>) -> Result<[u64; 4], Error> {
    let count = reader.u32()?;
    if count > DIMENSION_LIMIT {
        return Err(reader.error(ErrorKind::AbsurdCount {
            what: HeaderPart::Dimensions,
            count: u64::from(count),
        }));
    }
    let mut dimensions = [1; 4];
    for size in dimensions.iter_mut().take(count as usize) {
        *size = reader.u64()?;
    }
    Ok(dimensions)
}

/// GGML's types, and the code that Ollama gave MXFP4 before GGML had one.
const fn of_code(code: u32) -> Option<TensorType> {
    match code {
        4 => Some(TensorType::MXFP4),
        code => TensorType::of_code(code),
    }
}

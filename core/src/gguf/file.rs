//! One file: its metadata and its tensors, before any meaning is given to them.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::error::{Error, ErrorKind};
use super::reader::Reader;
use super::tensor::{self, Tensor};
use super::value::Metadata;

const MAGIC: [u8; 4] = *b"GGUF";
/// `general.alignment` where a file does not say.
const ALIGNMENT: u32 = 32;
/// Headers are read in pieces of this size.
const BUFFER: usize = 64 << 10;

/// What a file says.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) version: u32,
    pub(super) metadata: Metadata,
    pub(super) tensors: Vec<Tensor>,
    /// Bytes of the file, or of all parts of a model in several files.
    pub(super) length: u64,
    /// Files of the model.
    pub(super) parts: u32,
}

/// Opens one file and reads its header.
pub(super) fn open(path: &Path) -> Result<Contents, Error> {
    let unreadable = |error: io::Error| {
        Error::at_offset(0, ErrorKind::Unreadable(error.to_string())).in_file(path)
    };
    // Opening a pipe would wait for its other end.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::ErrorKind::InvalidInput.into()));
    }
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    contents(BufReader::with_capacity(BUFFER, file), length).map_err(|error| error.in_file(path))
}

/// Reads one file of `length` bytes.
pub(super) fn contents(input: impl BufRead, length: u64) -> Result<Contents, Error> {
    let mut reader = Reader::new(input, length);
    let version = version(&mut reader)?;
    let tensor_count = reader.u64()?;
    let key_count = reader.u64()?;
    tensor::check_count(&reader, tensor_count)?;
    let metadata = Metadata::read(&mut reader, key_count)?;
    let alignment = alignment(&metadata)?;
    let mut tensors = tensor::read_all(&mut reader, tensor_count)?;
    tensor::check_names(&tensors)?;
    tensor::size_unknown(&mut tensors, reader.position(), alignment, length)?;
    tensor::check_places(&tensors, reader.position(), alignment, length)?;
    Ok(Contents {
        version,
        metadata,
        tensors,
        length: reader.length(),
        parts: 1,
    })
}

fn version<R: BufRead>(reader: &mut Reader<R>) -> Result<u32, Error> {
    if reader.length() < MAGIC.len() as u64 || reader.bytes()? != MAGIC {
        return Err(Error::at_offset(0, ErrorKind::NotGguf));
    }
    let offset = reader.position();
    match reader.u32()? {
        version @ (2 | 3) => Ok(version),
        version if version.swap_bytes() <= 3 => Err(Error::at_offset(offset, ErrorKind::BigEndian)),
        version => Err(Error::at_offset(
            offset,
            ErrorKind::UnsupportedVersion(version),
        )),
    }
}

fn alignment(metadata: &Metadata) -> Result<u64, Error> {
    let key = "general.alignment";
    let alignment = metadata.number(key, u32::MAX)?.unwrap_or(ALIGNMENT);
    if !alignment.is_power_of_two() {
        return Err(metadata.fault(key, ErrorKind::BadAlignment(u64::from(alignment))));
    }
    Ok(u64::from(alignment))
}

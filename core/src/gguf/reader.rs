//! Bytes of a header, read forward only and never on trust.

use std::io::{self, BufRead, Read};

use super::error::{Error, ErrorKind, HeaderPart};
use crate::sanitize::is_unsafe;

/// A header ends before this byte. The largest tokenizers take 16 MiB; the limit is what keeps a hostile file from costing time.
const HEADER_LIMIT: u64 = 64 << 20;

/// A little-endian reader that knows where it is and where the file ends.
pub(super) struct Reader<R> {
    input: R,
    position: u64,
    length: u64,
}

impl<R: BufRead> Reader<R> {
    /// A reader of a file of `length` bytes.
    pub(super) const fn new(input: R, length: u64) -> Self {
        Self {
            input,
            position: 0,
            length,
        }
    }

    /// Offset of the next byte from the start of the file.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Length of the whole file in bytes.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// A fault at the present place.
    pub(super) const fn error(&self, kind: ErrorKind) -> Error {
        Error::at_offset(self.position, kind)
    }

    /// Checks that `count` items of at least `size` bytes can follow, so that a loop over them is bounded by the file.
    pub(super) fn ensure_remaining(
        &self,
        what: HeaderPart,
        count: u64,
        size: u64,
    ) -> Result<u64, Error> {
        let bytes = count.checked_mul(size);
        match bytes.and_then(|bytes| self.position.checked_add(bytes)) {
            Some(end) if end <= self.length.min(HEADER_LIMIT) => Ok(end - self.position),
            Some(end) if end <= HEADER_LIMIT => Err(self.truncated(end)),
            _ => Err(self.error(ErrorKind::AbsurdCount { what, count })),
        }
    }

    /// Reads the next `N` bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.ensure(N as u64, HeaderPart::Header)?;
        let mut bytes = [0; N];
        self.input
            .read_exact(&mut bytes)
            .map_err(|error| self.failed(error, N as u64))?;
        self.position += N as u64;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Error> {
        self.bytes().map(u64::from_le_bytes)
    }

    /// The next `count` bytes, of which the caller has checked that they are few.
    pub(super) fn read_vec(&mut self, count: u64, what: HeaderPart) -> Result<Vec<u8>, Error> {
        self.ensure(count, what)?;
        let mut bytes = Vec::new();
        let read = (&mut self.input)
            .take(count)
            .read_to_end(&mut bytes)
            .map_err(|error| self.failed(error, count))?;
        if read as u64 != count {
            return Err(self.truncated(self.position + count));
        }
        self.position += count;
        Ok(bytes)
    }

    /// A string: its length, of at most `limit`, and its bytes.
    pub(super) fn string(&mut self, what: HeaderPart, limit: u64) -> Result<Vec<u8>, Error> {
        let length = self.u64()?;
        if length > limit {
            return Err(self.error(ErrorKind::AbsurdLength { what, length }));
        }
        self.read_vec(length, what)
    }

    /// A name: a string that must be UTF-8, and fit to be shown.
    pub(super) fn name(&mut self, what: HeaderPart, limit: u64) -> Result<String, Error> {
        let bytes = self.string(what, limit)?;
        match String::from_utf8(bytes) {
            Ok(name) if !name.contains(is_unsafe) => Ok(name),
            _ => Err(self.error(ErrorKind::BadText)),
        }
    }

    /// Passes over `count` bytes.
    pub(super) fn skip(&mut self, count: u64, what: HeaderPart) -> Result<(), Error> {
        self.ensure(count, what)?;
        let mut left = count;
        while left > 0 {
            let available = match self.input.fill_buf() {
                Ok(buffer) => buffer.len(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(error, left)),
            };
            if available == 0 {
                return Err(self.truncated(self.position + left));
            }
            let step = left.min(available as u64);
            self.input.consume(step as usize);
            self.position += step;
            left -= step;
        }
        Ok(())
    }

    fn ensure(&self, count: u64, what: HeaderPart) -> Result<(), Error> {
        match self.position.checked_add(count) {
            Some(end) if end > HEADER_LIMIT => self.too_long(what, count),
            Some(end) if end > self.length => Err(self.truncated(end)),
            Some(_) => Ok(()),
            None => self.too_long(what, count),
        }
    }

    const fn too_long(&self, what: HeaderPart, length: u64) -> Result<(), Error> {
        Err(self.error(ErrorKind::AbsurdLength { what, length }))
    }

    const fn truncated(&self, needed: u64) -> Error {
        self.error(ErrorKind::Truncated {
            needed,
            length: self.length,
        })
    }

    fn failed(&self, error: io::Error, wanted: u64) -> Error {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            self.truncated(self.position + wanted)
        } else {
            self.error(ErrorKind::Unreadable(error.to_string()))
        }
    }
}

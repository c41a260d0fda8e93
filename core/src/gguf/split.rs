//! Models in several files, `NAME-00001-of-00003.gguf`: the first holds the metadata, each holds some of the tensors.

use std::path::{Path, PathBuf};

use super::error::{Error, ErrorKind};
use super::file::{self, Contents};
use super::tensor;

/// More parts than anyone has uploaded.
const PART_LIMIT: u32 = 512;

/// The part, from 1, and the number of parts; `None` for a model in one file.
pub(super) fn part(contents: &Contents) -> Result<Option<(u32, u32)>, Error> {
    let metadata = &contents.metadata;
    let count = metadata.number("split.count", PART_LIMIT)?.unwrap_or(1);
    let part = metadata.number("split.no", PART_LIMIT)?.unwrap_or(0) + 1;
    Ok((count > 1).then_some((part, count)))
}

/// Reads the file and, where it is one part of several, its siblings.
pub(super) fn open(path: &Path) -> Result<Contents, Error> {
    let contents = file::open(path)?;
    let Some((part, count)) = part(&contents).map_err(|error| error.in_file(path))? else {
        return Ok(contents);
    };
    let Some(names) = siblings(path, count) else {
        return Err(Error::at_offset(0, ErrorKind::SplitPart { part, count }).in_file(path));
    };
    let missing: Vec<_> = names.iter().filter(|name| !name.is_file()).collect();
    if !missing.is_empty() {
        let names = missing.into_iter().filter_map(|path| path.file_name());
        let names = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        return Err(Error::at_offset(0, ErrorKind::MissingParts(names)).in_file(path));
    }
    join(&names)
}

/// Joins the headers of all parts into one.
fn join(names: &[PathBuf]) -> Result<Contents, Error> {
    let count = names.len() as u32;
    let mut whole: Option<Contents> = None;
    for (name, expected) in names.iter().zip(1..) {
        let contents = file::open(name)?;
        if part(&contents).map_err(|error| error.in_file(name))? != Some((expected, count)) {
            return Err(Error::at_offset(0, ErrorKind::ForeignPart).in_file(name));
        }
        match &mut whole {
            None => whole = Some(contents),
            Some(whole) => {
                whole.tensors.extend(contents.tensors);
                whole.length = whole.length.saturating_add(contents.length);
                whole.parts += 1;
                tensor::check_total(&whole.tensors).map_err(|error| error.in_file(name))?;
            }
        }
    }
    let Some(whole) = whole else {
        return Err(Error::at_offset(0, ErrorKind::ForeignPart));
    };
    tensor::check_names(&whole.tensors)?;
    let declared = whole.metadata.number("split.tensors.count", u32::MAX)?;
    if declared.is_some_and(|declared| declared as usize != whole.tensors.len()) {
        return Err(Error::at_offset(0, ErrorKind::ForeignPart));
    }
    Ok(whole)
}

/// The paths of all parts, after the name of one of them; `None` where the name does not follow the pattern.
fn siblings(path: &Path, count: u32) -> Option<Vec<PathBuf>> {
    let name = path.file_name()?.to_str()?.strip_suffix(".gguf")?;
    let (rest, total) = name.rsplit_once("-of-")?;
    let (stem, part) = rest.rsplit_once('-')?;
    let five_digits = |text: &str| text.len() == 5 && text.bytes().all(|c| c.is_ascii_digit());
    if !five_digits(part) || !five_digits(total) || total.parse() != Ok(count) {
        return None;
    }
    let sibling = |part: u32| path.with_file_name(format!("{stem}-{part:05}-of-{count:05}.gguf"));
    Some((1..=count).map(sibling).collect())
}

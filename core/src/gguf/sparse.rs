//! Sparse attention: indexers, and a compressed past.

use crate::architecture::table::Row;
use crate::architecture::{Compressed, Indexer, Layers};

use super::error::Error;
use super::keys::{Keys, flagged};

/// The indexer of sparse attention; which blocks have one, a list or the tensors tell.
pub(super) fn indexer(keys: &Keys<'_>, row: &Row) -> Result<Option<Indexer>, Error> {
    let key_length = keys.or_zero("attention.indexer.key_length")?;
    if key_length == 0 || row.compressed {
        return Ok(None);
    }
    let listed = keys.list("attention.indexer.types")?;
    Ok(Some(Indexer {
        head_count: keys.count("attention.indexer.head_count")?.unwrap_or(0),
        key_length,
        rows: row.indexer_rows.unwrap_or(1),
        layers: listed.map_or(Layers::AllButEvery(1), |flags| flagged(&flags)),
    }))
}

/// Reads the keys of attention to a compressed past (DeepSeek 4); `None` elsewhere.
pub(super) fn compressed(keys: &Keys<'_>, row: &Row) -> Result<Option<Compressed>, Error> {
    if !row.compressed {
        return Ok(None);
    }
    let Some(ratios) = keys.list("attention.compress_ratios")? else {
        return Ok(None);
    };
    Ok(Some(Compressed {
        ratios,
        indexer_key_length: keys.or_zero("attention.indexer.key_length")?,
    }))
}

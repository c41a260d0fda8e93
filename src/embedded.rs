//! The catalog that the program carries, as `build.rs` prepared it.

use std::sync::OnceLock;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::catalog::knowledge::Evidence;
use crate::catalog::library::EmbeddedLibrary;
use crate::catalog::sources::Sources;
use crate::error::Error;

/// The catalog of this build.
///
/// # Errors
///
/// [`Error::Damaged`] if the program's own data was tampered with.
pub fn catalog() -> Result<Catalog, Error> {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.bin"));
    let mut catalog = Catalog::decode(bytes).ok_or(Error::Damaged { part: "catalog" })?;
    let library = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));
    catalog.library = EmbeddedLibrary::new(library);
    Ok(catalog)
}

/// The same, with where its numbers come from.
///
/// # Errors
///
/// As [`catalog`].
pub fn cited_catalog() -> Result<Catalog, Error> {
    let mut catalog = catalog()?;
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/sources.bin"));
    let sources: Sources =
        postcard::from_bytes(bytes).map_err(|_| Error::Damaged { part: "sources" })?;
    sources.attach(&mut catalog);
    Ok(catalog)
}

/// The catalog, `cited` or not, decoded once for all who only read it, and left to the end of the process: to free its thousands of names
/// takes a tenth of an answer.
///
/// # Errors
///
/// As [`catalog`].
pub fn shared_catalog(cited: bool) -> Result<&'static Catalog, Error> {
    static PLAIN: OnceLock<Catalog> = OnceLock::new();
    static CITED: OnceLock<Catalog> = OnceLock::new();
    let shared = if cited { &CITED } else { &PLAIN };
    if let Some(catalog) = shared.get() {
        return Ok(catalog);
    }
    let decoded = if cited { cited_catalog() } else { catalog() }?;
    Ok(shared.get_or_init(|| decoded))
}

/// The published values behind the scores.
///
/// # Errors
///
/// As [`catalog`].
pub fn evidence() -> Result<Vec<Evidence>, Error> {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/evidence.bin"));
    postcard::from_bytes(bytes).map_err(|_| Error::Damaged { part: "evidence" })
}

/// The JSON Schema of a command's report, as `docs/schema` has it.
///
/// # Errors
///
/// [`Error::Damaged`] if the program's own data was tampered with, or has none of that name.
pub fn schema(command: &str) -> Result<Value, Error> {
    static ALL: OnceLock<Value> = OnceLock::new();
    let text = include_str!(concat!(env!("OUT_DIR"), "/schemas.json"));
    // Text that cannot be read has no schema of any name.
    let all = ALL.get_or_init(|| serde_json::from_str(text).unwrap_or_default());
    let damaged = || Error::Damaged { part: "schemas" };
    let mut schema = all["schemas"].get(command).cloned().ok_or_else(damaged)?;
    if let Some(Value::Object(places)) = schema.get_mut("$defs") {
        for (_, place) in places {
            let at = place.as_u64().and_then(|at| usize::try_from(at).ok());
            let definition = at.and_then(|at| all["definitions"].get(at));
            *place = definition.cloned().ok_or_else(damaged)?;
        }
    }
    Ok(schema)
}

//! From the fit to the file.

use serde::Serialize;
use toml::ser::{Error, ValueSerializer};
use vramfit::catalog::speeds::Parameters;

use crate::tables::HEADER;

/// The text of `data/speeds.toml`: one row a line, so that a change is read as the rows that changed.
pub(crate) fn text(parameters: &Parameters) -> Result<String, Error> {
    let measured = parameters.measured.iter().flat_map(|gpu| gpu.rows.iter());
    // Lists first: behind the table of constants they would be part of it.
    Ok([
        HEADER,
        &rows("family", &parameters.family)?,
        &rows("band", &parameters.band)?,
        &rows("gpu", &parameters.gpu)?,
        &rows("model", &parameters.model)?,
        &rows("measurement", &measured.collect::<Vec<_>>())?,
        "[constants]\n",
        &toml::to_string(&parameters.constants)?,
    ]
    .concat())
}

fn rows(name: &str, rows: &[impl Serialize]) -> Result<String, Error> {
    let mut text = format!("{name} = [\n");
    for row in rows {
        text += "    ";
        row.serialize(ValueSerializer::new(&mut text))?;
        text += ",\n";
    }
    Ok(text + "]\n\n")
}

//! A tag whose quantization is named apart: `qwen3:30b --quant q8_0`.

use super::hub;
use super::session::Session;
use crate::catalog::model::Variant;
use crate::catalog::text::Text;
use crate::error::Error;

/// The tag of that file of a model: one that the catalog has, or one that is published or computed under the usual name.
///
/// # Errors
///
/// What is wrong with the tag itself, or the quantizations that there are.
pub(super) fn tag(session: &Session, tag: &str, quantization: &str) -> Result<String, Error> {
    if hub::parse(tag).is_some() {
        let repository = tag
            .rsplit_once(':')
            .filter(|(_, named)| !named.contains('/'));
        let repository = repository.map_or(tag, |(repository, _)| repository);
        return Ok(format!("{repository}:{}", quantization.to_uppercase()));
    }
    let entry = session.entry(tag)?;
    let is_asked = |one: &Variant| {
        let name = one.quantization.as_deref();
        name.is_some_and(|name| name.eq_ignore_ascii_case(quantization))
    };
    if is_asked(entry.variant) {
        return Ok(entry.tag.to_owned());
    }
    let variants = &entry.model.variants;
    if let Some(variant) = variants.iter().find(|one| is_asked(one)) {
        return Ok(variant.tag.to_string());
    }
    let stem = entry.tag.strip_suffix(":latest").unwrap_or(entry.tag);
    let named = format!("{stem}-{}", quantization.to_lowercase());
    if session.entry(&named).is_ok() {
        return Ok(named);
    }
    let known = variants.iter().filter_map(|one| one.quantization.as_ref());
    Err(Error::UnknownChoice {
        argument: "--quant".into(),
        value: quantization.to_owned(),
        choices: known.map(Text::to_string).collect(),
        candidates: Vec::new(),
    })
}

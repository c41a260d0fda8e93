//! Repositories of Hugging Face and ModelScope that Ollama pulls by name, `hf.co/OWNER/REPO:QUANTIZATION`: estimated as the model that their
//! name names.

use std::borrow::Cow;

use super::installed::ResolvedFile;
use super::session::Session;
use crate::catalog::Entry;
use crate::catalog::library::quantization_of;
use crate::catalog::model::{Model, Variant, WeightsBasis};
use crate::engine::estimate_input::{Basis, EstimateInput, estimate_input};
use crate::engine::layout;
use crate::engine::published::computed;
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// What Ollama takes where no quantization is named.
const DEFAULT: &str = "Q4_K_M";
/// In what experts stay that were trained so, whatever a file's name says of the rest.
const NATIVE: &str = "MXFP4";
/// Hugging Face, by both of its names.
const HUB: [&str; 2] = ["hf.co", "huggingface.co"];
/// ModelScope, where China's models are, by both of its names.
const MODELSCOPE: [&str; 2] = ["modelscope.cn", "www.modelscope.cn"];

/// The repository and the quantization of such a name. `None` for any other.
pub(super) fn parse(tag: &str) -> Option<(&str, Option<&str>)> {
    let tag = tag.trim();
    let tag = tag.split_once("://").map_or(tag, |(_, rest)| rest);
    let (host, path) = tag.split_once('/')?;
    let mut hubs = HUB.iter().chain(&MODELSCOPE);
    let is_hub = hubs.any(|hub| host.eq_ignore_ascii_case(hub));
    let (path, quantization) = match path.split_once(':') {
        Some((path, quantization)) => (path, Some(quantization)),
        None => (path, None),
    };
    let (owner, repository) = path.split_once('/')?;
    let named = is_hub && !owner.is_empty() && !repository.is_empty();
    (named && !repository.contains('/')).then_some((repository, quantization))
}

/// Such a name of Hugging Face without its host, as `llama-server -hf` takes it: `OWNER/REPO:QUANTIZATION`.
pub(super) fn path(tag: &str) -> Option<&str> {
    parse(tag)?;
    let tag = tag.trim();
    let tag = tag.split_once("://").map_or(tag, |(_, rest)| rest);
    let (host, path) = tag.split_once('/')?;
    HUB.iter()
        .any(|hub| host.eq_ignore_ascii_case(hub))
        .then_some(path)
}

/// The model of the catalog that a repository's name names, in the quantization that was asked for. `None` where no model has that name, or
/// the quantization is not one whose rules are known.
pub(super) fn open(session: &Session, tag: &str) -> Option<(ResolvedFile, String)> {
    let (repository, quantization) = parse(tag)?;
    let catalog = &session.catalog;
    let model = catalog.named(repository)?;
    let known = catalog.architecture(model)?;
    if let Some(native) = native(session, model, tag) {
        return Some((native, model.name.to_string()));
    }
    let named = quantization.map(str::to_uppercase);
    let named = named.or_else(|| quantization_of(repository));
    let asked = named.unwrap_or_else(|| DEFAULT.to_owned());
    let quantization = plain(&asked);
    let mut file = computed(known, &quantization)?;
    let mut weights = layout::weights(&known.shape, &quantization)?;
    if quantization != asked {
        let more = T::Q8_0.bytes(
            u64::from(known.shape.vocabulary_size) * u64::from(known.shape.embedding_length),
        );
        file += more;
        weights.output += more;
    }
    let projector = model
        .variants
        .first()
        .map_or(Bytes::ZERO, |default| default.projector);
    let base = model.name.clone();
    let variant = Variant {
        tag: tag.trim().to_owned().into(),
        aliases: Vec::new(),
        quantization: Some(quantization.into()),
        weights: Some(file),
        weights_basis: WeightsBasis::Computed,
        projector,
        source: vec![format!("computed from the architecture of {base}")],
    };
    let model = Model {
        published: true,
        variants: vec![variant].into(),
        ..model.clone()
    };
    let input = EstimateInput {
        architecture: Cow::Owned(known.shape.clone()),
        // The size is computed.
        rounding: weights.in_file().scale(3, 100),
        largest_row: None,
        weights,
        projector,
        basis: Basis::Computed,
        draft: 0,
        draft_model: None,
    };
    Some(((model, known.shape.clone(), input), base.to_string()))
}

/// A model whose experts were trained in few bits: its files of all names have them so, and the default file is the largest, with the rest whole.
fn native(session: &Session, model: &Model, tag: &str) -> Option<ResolvedFile> {
    let default = model.variants.first()?;
    if default.quantization.as_deref() != Some(NATIVE) {
        return None;
    }
    let known = session.catalog.architecture(model)?;
    let input = estimate_input(&session.catalog, Entry::new(model, default))?;
    let input = EstimateInput {
        architecture: Cow::Owned(known.shape.clone()),
        rounding: input.weights.in_file().scale(3, 100),
        largest_row: None,
        weights: input.weights,
        projector: input.projector,
        basis: Basis::Computed,
        draft: 0,
        draft_model: None,
    };
    let variant = Variant {
        tag: tag.trim().to_owned().into(),
        aliases: Vec::new(),
        ..default.clone()
    };
    let model = Model {
        published: true,
        variants: vec![variant].into(),
        ..model.clone()
    };
    Some((model, known.shape.clone(), input))
}

/// The plain mixture that is nearest to one of a publisher's own: `Q4_K_M` for `UD-Q4_K_XL`. Theirs keep embedding and head in more bits, so
/// that they are larger by no more than the head once more in eight.
fn plain(quantization: &str) -> String {
    let name = quantization.strip_prefix("UD-").unwrap_or(quantization);
    match name.strip_suffix("_XL").or_else(|| name.strip_suffix("_L")) {
        Some(stem) if stem.ends_with("_K") && stem != "Q3_K" => match stem {
            "Q6_K" | "Q2_K" => stem.to_owned(),
            stem => format!("{stem}_M"),
        },
        Some("Q3_K") => "Q3_K_L".to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_hub() {
        let parsed = parse("hf.co/bartowski/Qwen2.5-7B-Instruct-GGUF:Q5_K_S");
        assert_eq!(parsed, Some(("Qwen2.5-7B-Instruct-GGUF", Some("Q5_K_S"))));
        assert_eq!(parse("https://huggingface.co/a/b"), Some(("b", None)));
        assert_eq!(path("https://huggingface.co/a/b:Q8_0"), Some("a/b:Q8_0"));
        assert_eq!(parse("modelscope.cn/a/b:q8_0"), Some(("b", Some("q8_0"))));
        assert_eq!(path("modelscope.cn/a/b:q8_0"), None);
        for other in [
            "hf.co/a",
            "hf.co/a/b/c",
            "user/model:8b",
            "qwen3:8b",
            "hf.co//b",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn mixtures_of_publishers_are_read_as_the_plain_one() {
        assert_eq!(plain("UD-Q4_K_XL"), "Q4_K_M");
        assert_eq!(plain("Q6_K_L"), "Q6_K");
        assert_eq!(plain("Q3_K_L"), "Q3_K_L");
        assert_eq!(plain("IQ4_XS"), "IQ4_XS");
        assert_eq!(plain("BF16"), "BF16");
    }
}

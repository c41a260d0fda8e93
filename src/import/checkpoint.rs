//! The `config.json` of a checkpoint as an entry: the shape is exact, the bytes of files follow from it.

use std::path::Path;

use serde_json::{Map, Value};
use toml::Spanned;

use super::header::{F32, active};
use super::{Entry, Identity, excerpt, model_types, shape_name};
use crate::architecture::table::{self, ModelType, Row};
use crate::catalog::model::{Capability, ModelKind, WeightsBasis};
use crate::catalog::raw::{self, Numbers, Strings};
use crate::catalog::{Catalog, similar};
use crate::engine::layout;
use crate::error::{Error, ImportFault};

/// The quantizations of the files that are made of most checkpoints, the default first, with the endings of their tags.
const USUAL: &[(&str, &str)] = &[("Q4_K_M", ""), ("Q8_0", "q8_0"), ("F16", "fp16")];

/// The entry of a configuration; only the text part of a model that also sees or hears.
///
/// # Errors
/// [`ImportFault::UnknownModelType`] for an architecture that is not mapped, [`ImportFault::MissingKey`] without a number that memory
/// follows from, [`Error::Defects`] for numbers that no model has.
pub fn of_config(config: &Value, path: &Path, identity: &Identity) -> Result<Entry, Error> {
    let config = Config::new(config, path)?;
    let source = Strings::One(identity.source.clone());
    let architecture = raw::Architecture {
        name: shape_name(&identity.tag),
        source: source.clone(),
        ..config.shape()?
    };
    let shape = noun(&architecture, path)?;
    let missing = || config.missing("vocab_size");
    let numbers = layout::weights(&shape, "F32").ok_or_else(missing)?;
    let parameters = numbers.in_file().0 / F32;
    let own = config.row.quantizations.iter();
    let mut quantizations: Vec<(&str, &str)> = own.map(|name| (name.as_str(), "")).collect();
    if quantizations.is_empty() {
        quantizations = USUAL.to_vec();
    }
    let variants = quantizations.iter().filter_map(|(quantization, ending)| {
        let weights = layout::weights(&shape, quantization)?.in_file();
        let variant = raw::Variant {
            tag: tag(&identity.tag, ending),
            quantization: Some((*quantization).to_owned()),
            weights: Some(weights.0),
            weights_basis: Some(WeightsBasis::Computed),
            source: Strings::One("computed from the architecture".into()),
            ..raw::Variant::default()
        };
        Some(Spanned::new(0..0, variant))
    });
    let model = raw::Model {
        name: identity.tag.clone(),
        base_model: config.text("_name_or_path").filter(|name| is_hub(name)),
        parameters: Some(parameters),
        active_parameters: active(&shape, parameters),
        context_length: architecture.context_length,
        architecture: Some(architecture.name.clone()),
        capabilities: vec![Capability::Completion],
        kind: Some(ModelKind::Instruct),
        local: true,
        source,
        variant: variants.collect(),
        ..raw::Model::default()
    };
    Ok(Entry::new(architecture, model))
}

/// `owner/name`, and no path of somebody's machine.
fn is_hub(name: &str) -> bool {
    let mut parts = name.split('/');
    let plain = |part: Option<&str>| {
        part.is_some_and(|part| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric()) && !part.contains('\\')
        })
    };
    plain(parts.next()) && plain(parts.next()) && parts.next().is_none()
}

/// The name on the hub that a configuration gives.
pub fn name(config: &Value) -> Option<&str> {
    config
        .get("_name_or_path")
        .and_then(Value::as_str)
        .filter(|name| is_hub(name))
}

/// A tag with an ending, as Ollama's library has them: `family:8b-q8_0`.
fn tag(tag: &str, ending: &str) -> String {
    match (tag.rsplit_once('/').map_or(tag, |(_, name)| name), ending) {
        (_, "") => tag.to_owned(),
        (name, ending) if name.contains(':') => format!("{tag}-{ending}"),
        (_, ending) => format!("{tag}:{ending}"),
    }
}

/// The shape as the checks of a data file make it.
fn noun(keys: &raw::Architecture, path: &Path) -> Result<crate::architecture::Architecture, Error> {
    let entry = Entry {
        architecture: vec![keys.clone()],
        model: Vec::new(),
    };
    let mut catalog = Catalog::default();
    entry.to_toml(&mut catalog, &path.display().to_string())?;
    let known = catalog.architectures.pop();
    known
        .map(|known| known.shape)
        .ok_or_else(|| Error::Import(ImportFault::Unrecognised(path.to_owned())))
}

/// The numbers of the text part.
struct Config<'a> {
    keys: Vec<&'a Map<String, Value>>,
    row: &'static Row,
    kind: &'static ModelType,
    path: &'a Path,
}

impl<'a> Config<'a> {
    fn new(config: &'a Value, path: &'a Path) -> Result<Self, Error> {
        let unrecognised = || Error::Import(ImportFault::Unrecognised(path.to_owned()));
        let outer = config.as_object().ok_or_else(unrecognised)?;
        // A model with several parts has its language model's numbers in a table of their own.
        let inner = ["text_config", "llm_config"]
            .into_iter()
            .find_map(|key| outer.get(key)?.as_object());
        let keys: Vec<&Map<String, Value>> = inner.into_iter().chain([outer]).collect();
        let named = || {
            keys.iter()
                .filter_map(|keys| keys.get("model_type")?.as_str())
        };
        let first = named().next().ok_or_else(unrecognised)?;
        let Some((row, kind)) = named().find_map(table::of_model_type) else {
            return Err(Error::Import(ImportFault::UnknownModelType {
                name: excerpt(first),
                known: model_types().map(str::to_owned).collect(),
                candidates: similar(first, model_types()),
            }));
        };
        Ok(Self {
            keys,
            row,
            kind,
            path,
        })
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.keys
            .iter()
            .find_map(|keys| keys.get(key).filter(|value| !value.is_null()))
    }

    fn text(&self, key: &str) -> Option<String> {
        Some(self.get(key)?.as_str()?.to_owned())
    }

    /// The first of some keys that is there, or the family's default of the first.
    fn number(&self, keys: &[&str]) -> Option<u32> {
        let found = keys.iter().find_map(|key| self.get(key)?.as_u64());
        let default = || {
            let first = keys.first()?;
            self.kind.defaults.get(*first).copied()
        };
        match found {
            Some(number) => Some(u32::try_from(number).unwrap_or(u32::MAX)),
            None => default(),
        }
    }

    fn required(&self, key: &str) -> Result<u32, Error> {
        self.number(&[key]).ok_or_else(|| self.missing(key))
    }

    fn missing(&self, key: &str) -> Error {
        Error::Import(ImportFault::MissingKey {
            path: self.path.to_owned(),
            key: key.to_owned(),
        })
    }

    fn shape(&self) -> Result<raw::Architecture, Error> {
        let heads = self.required("num_attention_heads")?;
        let dense = match self.number(&["intermediate_size_mlp"]) {
            Some(dense) => dense,
            None => self.required("intermediate_size")?,
        };
        let mut keys = raw::Architecture {
            architecture: self.row.name.clone(),
            block_count: self.required("num_hidden_layers")?,
            context_length: Some(self.required("max_position_embeddings")?),
            embedding_length: self.required("hidden_size")?,
            feed_forward_length: Some(Numbers::One(dense)),
            head_count: Numbers::One(heads),
            head_count_kv: Some(Numbers::One(
                self.number(&["num_key_value_heads"]).unwrap_or(heads),
            )),
            key_length: self.number(&["head_dim"]),
            vocabulary_size: self.required("vocab_size")?,
            tied_embeddings: self
                .get("tie_word_embeddings")
                .and_then(Value::as_bool)
                .unwrap_or(self.kind.tied),
            ..raw::Architecture::default()
        };
        self.experts(&mut keys)?;
        self.latent(&mut keys)?;
        self.window(&mut keys);
        Ok(keys)
    }

    fn experts(&self, keys: &mut raw::Architecture) -> Result<(), Error> {
        let count = self.number(&["n_routed_experts", "num_local_experts", "num_experts"]);
        let Some(count) = count.filter(|count| *count > 0) else {
            return Ok(());
        };
        let used = self.number(&["num_experts_per_tok", "experts_per_token"]);
        let width = match self.number(&["moe_intermediate_size"]) {
            Some(width) => width,
            None => self.required("intermediate_size")?,
        };
        let shared = self.number(&["shared_expert_intermediate_size"]);
        let shared = shared.or_else(|| {
            let count = self.number(&["n_shared_experts"]);
            Some(count?.saturating_mul(width))
        });
        // Llama 4 has some beside those that are chosen, which no key counts.
        let always = self
            .row
            .shared_experts
            .map(|count| count.saturating_mul(width));
        let step = self.number(&["interleave_moe_layer_step", "decoder_sparse_step"]);
        keys.expert_count = Some(count);
        keys.expert_used_count = Some(used.ok_or_else(|| self.missing("num_experts_per_tok"))?);
        keys.expert_feed_forward_length = Some(width);
        keys.expert_shared_feed_forward_length = shared.or(always);
        keys.leading_dense_block_count = self.number(&["first_k_dense_replace"]);
        keys.interleave_moe_layer_step = step.filter(|step| *step > 1);
        Ok(())
    }

    /// Latent attention, as files made today cache it.
    fn latent(&self, keys: &mut raw::Architecture) -> Result<(), Error> {
        keys.kv_lora_rank = self.number(&["kv_lora_rank"]);
        if keys.kv_lora_rank.is_some() {
            keys.q_lora_rank = self.number(&["q_lora_rank"]);
            keys.rope_dimension_count = Some(self.required("qk_rope_head_dim")?);
            keys.qk_nope_head_dim = Some(self.required("qk_nope_head_dim")?);
            keys.v_head_dim = Some(self.required("v_head_dim")?);
        }
        Ok(())
    }

    /// The window, where llama.cpp knows it for this architecture; the blocks are those of `layer_types`, or every n-th is spared.
    fn window(&self, keys: &mut raw::Architecture) {
        let Some(every) = self.kind.window else {
            return;
        };
        let window = self.number(&["sliding_window", "attention_chunk_size"]);
        let Some(window) = window.filter(|window| *window > 0) else {
            return;
        };
        let slides = |kind: &Value| {
            matches!(
                kind.as_str(),
                Some("sliding_attention" | "chunked_attention")
            )
        };
        let listed = self.get("layer_types").and_then(Value::as_array);
        let listed: Option<Vec<u32>> = listed.map(|kinds| {
            let blocks = (0..).zip(kinds).filter(|(_, kind)| slides(kind));
            blocks.map(|(layer, _)| layer).collect()
        });
        let regular: Vec<u32> = (0..keys.block_count)
            .take(1 << 16)
            .filter(|layer| layer % every != every - 1)
            .collect();
        keys.sliding_window = Some(window);
        match listed {
            Some(listed) if listed != regular => keys.sliding_window_layers = Some(listed),
            Some(_) => keys.sliding_window_pattern = Some(every),
            None => {
                let pattern = self.number(&["sliding_window_pattern"]);
                keys.sliding_window_pattern = Some(pattern.unwrap_or(every));
            }
        }
    }
}

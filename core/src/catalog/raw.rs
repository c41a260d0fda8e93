//! The data files as they are written: a mirror for serde, with a place for every value that a defect may name.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::defect::{Defect, Fault};
use crate::lang::Bilingual;

/// A value and the line it stands on.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// What stands in the file there.
    pub value: T,
    /// Its line, from 1.
    pub line: usize,
}

/// One string or several.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Strings {
    /// The key is missing.
    #[default]
    None,
    /// A single string, without brackets.
    One(String),
    /// A list in brackets.
    Many(Vec<String>),
}

impl Strings {
    /// Whether there is nothing to write.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// All of them as a list, empty if there is none.
    pub fn into_vec(self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(text) => vec![text],
            Self::Many(list) => list,
        }
    }
}

/// One number or one a block.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Numbers {
    /// One number that holds for every block.
    One(u32),
    /// A number for each block, the first block's first.
    Many(Vec<u32>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::One(0)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    pub name: String,
    pub title: Bilingual,
    pub maker: Option<String>,
}

// Serde wants a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    pub name: String,
    pub architecture: String,
    pub block_count: u32,
    pub context_length: Option<u32>,
    pub embedding_length: u32,
    pub feed_forward_length: Option<Numbers>,
    pub head_count: Numbers,
    pub head_count_kv: Option<Numbers>,
    pub key_length: Option<u32>,
    pub value_length: Option<u32>,
    pub vocabulary_size: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    pub tied_embeddings: bool,
    pub expert_count: Option<u32>,
    pub expert_used_count: Option<u32>,
    pub expert_shared_count: Option<u32>,
    pub expert_feed_forward_length: Option<u32>,
    pub expert_shared_feed_forward_length: Option<u32>,
    pub moe_latent_size: Option<u32>,
    pub leading_dense_block_count: Option<u32>,
    pub interleave_moe_layer_step: Option<u32>,
    pub kv_lora_rank: Option<u32>,
    pub q_lora_rank: Option<u32>,
    pub rope_dimension_count: Option<u32>,
    pub qk_nope_head_dim: Option<u32>,
    pub v_head_dim: Option<u32>,
    pub mla_cache: Option<bool>,
    pub sliding_window: Option<u32>,
    pub sliding_window_pattern: Option<u32>,
    pub sliding_window_layers: Option<Vec<u32>>,
    pub key_length_swa: Option<u32>,
    pub value_length_swa: Option<u32>,
    pub embedding_length_per_layer_input: Option<u32>,
    pub shared_kv_layers: Option<u32>,
    pub full_attention_interval: Option<u32>,
    pub attention_layers: Option<Vec<u32>>,
    pub recurrent_layers: Option<Vec<u32>>,
    pub ssm_conv_kernel: Option<u32>,
    pub ssm_inner_size: Option<u32>,
    pub ssm_state_size: Option<u32>,
    pub ssm_time_step_rank: Option<u32>,
    pub ssm_group_count: Option<u32>,
    pub shortconv_l_cache: Option<u32>,
    pub indexer_head_count: Option<u32>,
    pub indexer_key_length: Option<u32>,
    pub indexer_layers: Option<Vec<u32>>,
    pub compress_ratios: Option<Vec<u32>>,
    pub n_deepstack_layers: Option<u32>,
    pub fused_qkv: Option<bool>,
    pub metadata: Option<u64>,
    #[serde(default, skip_serializing_if = "Strings::is_none")]
    pub source: Strings,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    pub tag: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    pub quantization: Option<String>,
    pub weights: Option<u64>,
    pub weights_basis: Option<super::model::WeightsBasis>,
    pub projector: Option<u64>,
    #[serde(default, skip_serializing_if = "Strings::is_none")]
    pub source: Strings,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub name: String,
    pub base_model: Option<String>,
    pub parameters: Option<u64>,
    pub active_parameters: Option<u64>,
    pub context_length: Option<u32>,
    pub architecture: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<super::model::Capability>,
    pub kind: Option<super::model::ModelKind>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    pub license: Option<String>,
    pub released: Option<String>,
    pub updated: Option<String>,
    pub pulls: Option<u64>,
    pub quantized_as: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantizations: Vec<String>,
    pub published: Option<bool>,
    pub replaced_by: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub local: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub fine_tune: bool,
    #[serde(default, skip_serializing_if = "Strings::is_none")]
    pub source: Strings,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variant: Vec<Spanned<Variant>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gpu {
    pub name: String,
    #[serde(default)]
    pub nvml_names: Vec<String>,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default, rename = "virtual")]
    pub virtual_names: Vec<String>,
    pub vendor: super::gpu::Vendor,
    pub architecture: Option<String>,
    pub memory: String,
    pub total: Option<u64>,
    pub available: Option<u64>,
    #[serde(default)]
    pub mig: std::collections::BTreeMap<String, u64>,
    #[serde(default)]
    pub vgpu: std::collections::BTreeMap<String, u64>,
    #[serde(default)]
    pub ecc: bool,
    pub bus: Option<u32>,
    pub multiprocessors: Option<u32>,
    pub bandwidth: Option<f64>,
    pub compute_capability: Option<String>,
    pub fp32_tflops: Option<f64>,
    pub fp16_tensor_tflops: Option<f64>,
    #[serde(default)]
    pub unified: bool,
    pub released: Option<String>,
    #[serde(default)]
    pub source: Strings,
}

/// One data file: any of its tables may be absent.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The file's name, for defects.
    pub name: String,
    pub series: Option<Located<Series>>,
    pub architectures: Vec<Located<Architecture>>,
    pub models: Vec<Located<Model>>,
    pub gpus: Vec<Located<Gpu>>,
    line_starts: Vec<usize>,
}

/// Bytes of a file of which every syntax error is told.
const EVERY_ERROR: usize = 64 << 10;

impl File {
    /// Reads a data file. Every table that is not understood is a defect; the others are kept, so that all defects are told at once.
    pub fn parse(name: &str, text: &str, defects: &mut Vec<Defect>) -> Self {
        let line_starts = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at)
            .collect();
        let mut file = Self {
            name: name.to_owned(),
            line_starts,
            ..Self::default()
        };
        // Of a long file that is no TOML the first error is told: each takes some 300 bytes.
        let (table, errors) = match text.len() > EVERY_ERROR {
            false => DeTable::parse_recoverable(text),
            true => match DeTable::parse(text) {
                Ok(table) => (table, Vec::new()),
                Err(error) => {
                    let at = error.span().map_or(1, |span| file.line(span.start));
                    let fault = Fault::Syntax(error.message().to_owned());
                    defects.push(file.defect(at, fault));
                    return file;
                }
            },
        };
        for error in errors {
            defects.push(file.defect(
                error.span().map_or(1, |span| file.line(span.start)),
                Fault::Syntax(error.message().to_owned()),
            ));
        }
        for (key, value) in table.into_inner() {
            let line = file.line(key.span().start);
            match key.get_ref().as_ref() {
                "series" => file.series = file.table(value, defects),
                "architecture" => file.architectures = file.tables(value, defects),
                "model" => file.models = file.tables(value, defects),
                "gpu" => file.gpus = file.tables(value, defects),
                other => defects.push(file.defect(line, Fault::UnknownTable(other.to_owned()))),
            }
        }
        file
    }

    /// The line, from 1, of a byte of the file.
    pub fn line(&self, offset: usize) -> usize {
        1 + self
            .line_starts
            .partition_point(|newline| *newline < offset)
    }

    /// A defect of this file.
    pub fn defect(&self, line: usize, fault: Fault) -> Defect {
        Defect {
            file: self.name.clone(),
            line,
            fault,
        }
    }

    fn tables<T: DeserializeOwned>(
        &self,
        value: Spanned<DeValue<'_>>,
        defects: &mut Vec<Defect>,
    ) -> Vec<Located<T>> {
        let line = self.line(value.span().start);
        match value.into_inner() {
            DeValue::Array(items) => items
                .into_iter()
                .filter_map(|item| self.table(item, defects))
                .collect(),
            _ => {
                defects.push(self.defect(line, Fault::NotTables));
                Vec::new()
            }
        }
    }

    fn table<T: DeserializeOwned>(
        &self,
        value: Spanned<DeValue<'_>>,
        defects: &mut Vec<Defect>,
    ) -> Option<Located<T>> {
        let start = value.span().start;
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(Located {
                value,
                line: self.line(start),
            }),
            Err(error) => {
                let at = error.span().map_or(start, |span| span.start);
                defects.push(self.defect(self.line(at), Fault::Syntax(error.message().to_owned())));
                None
            }
        }
    }
}

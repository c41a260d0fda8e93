//! The header of a GGUF file: what a model is and what its tensors weigh, without loading it.
//!
//! A file is a stranger. No length or count that it declares is allocated for or looped over before it was checked against the file's
//! size; what is kept is bounded to a few MiB, what is read to the header's own bytes.

mod architecture;
mod error;
mod file;
mod keys;
mod placement;
mod quantization;
mod reader;
mod recurrent;
mod sparse;
mod split;
mod tensor;
mod value;

use std::io::BufRead;
use std::path::Path;

use crate::architecture::table::{self, Row};
use crate::architecture::{Architecture, FeedForward, Known, Layers};
use crate::sanitize::is_unsafe;
use crate::units::Bytes;
use crate::weights::Weights;

pub use error::{Error, ErrorKind, HeaderPart, TensorFault};

use file::Contents;
use keys::Keys;
use tensor::Tensor;
use value::Metadata;

/// Characters of a name that are shown.
const NAME_LIMIT: usize = 200;

/// What a model's file says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// GGUF's version, 2 or 3.
    pub version: u32,
    /// Files of the model: more than one for `NAME-00001-of-00003.gguf`.
    pub parts: u32,
    /// Shape of the model, from keys and tensors.
    pub architecture: Architecture,
    /// Its tensors, by the device that will hold them.
    pub weights: Weights,
    /// A vision or audio part inside the same file.
    pub projector: Bytes,
    /// Tensors that the engine does not load: blocks for multi-token prediction.
    pub unused: Bytes,
    /// What the file calls its model (`general.name`), for people; `None` where it does not say.
    pub name: Option<String>,
    /// Number of parameters: elements of all tensors.
    pub parameters: u64,
    /// Name of the file's quantization, such as `Q4_K_M`: by `general.file_type`, else by its tensors.
    pub quantization: String,
    /// Tokens of context that the model was trained for.
    pub context_length: u32,
    /// Bytes of all tensors of the file.
    pub tensor_bytes: Bytes,
    /// The file, or all its parts.
    pub file_bytes: Bytes,
    /// What the model can do, as far as the header tells.
    pub capabilities: Vec<Capability>,
}

/// Something that a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// It goes on with a text.
    Completion,
    /// It turns text into a vector: it pools, or has no output head.
    Embedding,
    /// Pictures are taken beside text: the file holds a projector.
    Vision,
    /// The chat template takes a list of tools.
    Tools,
    /// The chat template has a place for thinking before the answer.
    Thinking,
}

impl Capability {
    /// Ollama's name of the capability.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Vision => "vision",
            Self::Tools => "tools",
            Self::Thinking => "thinking",
        }
    }
}

/// Reads the header of the file at `path`, and of its siblings where the model is in several files.
///
/// # Errors
/// What is wrong with a file and at which byte: not GGUF, cut off, or a header that no model has.
pub fn read(path: &Path) -> Result<Header, Error> {
    let contents = split::open(path)?;
    header(&contents).map_err(|error| error.in_file(path))
}

/// Reads a header from a file of `length` bytes; of those only the header is read.
///
/// # Errors
/// As [`read`]; also for one part of a model in several files, whose siblings only `read` can find.
pub fn parse(input: impl BufRead, length: u64) -> Result<Header, Error> {
    let contents = file::contents(input, length)?;
    match split::part(&contents)? {
        Some((part, count)) => Err(Error::at_offset(0, ErrorKind::SplitPart { part, count })),
        None => header(&contents),
    }
}

fn header(contents: &Contents) -> Result<Header, Error> {
    let Contents {
        metadata, tensors, ..
    } = contents;
    let keys = Keys::new(metadata)?;
    let row = table::row(keys.architecture());
    let mut architecture = architecture::architecture(&keys, row)?;
    let placed = placement::place(tensors, keys.blocks, keys.prediction, row)?;
    architecture.tied_embeddings = placed.weights.tied;
    architecture.vocabulary_size = vocabulary_size(tensors)?;
    refine(&mut architecture, tensors, row);
    let tensor_bytes = tensors.iter().map(|tensor| tensor.bytes).sum();
    let has_vision = placed.projector > Bytes::ZERO;
    let file_type = metadata.number("general.file_type", u32::MAX)?;
    Ok(Header {
        version: contents.version,
        parts: contents.parts,
        context_length: architecture.context_length,
        capabilities: capabilities(metadata, &keys, row, has_vision),
        architecture,
        weights: placed.weights,
        projector: placed.projector,
        unused: placed.unused,
        name: metadata.text("general.name").map(excerpt),
        parameters: tensors
            .iter()
            .fold(0, |sum: u64, tensor| sum.saturating_add(tensor.elements)),
        quantization: quantization::name(file_type, tensors),
        tensor_bytes,
        file_bytes: Bytes(contents.length),
    })
}

/// What a file's tensors say better than the name of its architecture.
fn refine(architecture: &mut Architecture, tensors: &[Tensor], row: &Row) {
    let part = |tensor: &Tensor| -> Option<(u32, String)> {
        let (layer, part) = tensor.name.strip_prefix("blk.")?.split_once('.')?;
        Some((layer.parse().ok()?, part.to_owned()))
    };
    let mut fused = None;
    let (mut gated, mut up) = (false, None);
    let mut indexed = Vec::new();
    for tensor in tensors {
        let Some((layer, part)) = part(tensor) else {
            continue;
        };
        match part.as_str() {
            // Blocks that carry a state project at once whatever the others do.
            "attn_qkv.weight" if !architecture.carries_state(layer) => fused = Some(true),
            "attn_q.weight" | "attn_q_a.weight" => fused = fused.or(Some(false)),
            "ffn_gate.weight" | "ffn_gate_exps.weight" | "ffn_gate_up_exps.weight" => gated = true,
            "ffn_up.weight" => up = Some((layer, tensor.dimensions[1])),
            _ if is_indexer_key(&part) => indexed.push(layer),
            _ => {}
        }
    }
    let traits = &mut architecture.traits;
    traits.fused_qkv = fused.unwrap_or(traits.fused_qkv);
    if let Some((layer, rows)) = up.filter(|_| !gated) {
        let width = u64::from(architecture.feed_forward_length.get(layer));
        traits.feed_forward = if rows > width && width > 0 {
            FeedForward::Fused
        } else {
            FeedForward::Plain
        };
    } else if gated {
        traits.feed_forward = FeedForward::Gated;
    }
    if tensors.iter().any(|tensor| tensor.kind.is_none()) {
        // A type of tomorrow: its bytes are known, the engine that reads it is not.
        traits.known = traits.known.max(Known::Keys);
    }
    // Where no key says which blocks have an indexer, those that hold its keys' projection do.
    let listed = architecture.indexer.as_ref().map(|indexer| &indexer.layers);
    if listed == Some(&Layers::AllButEvery(1)) && !row.compressed && !indexed.is_empty() {
        indexed.retain(|layer| *layer < architecture.block_count);
        indexed.sort_unstable();
        indexed.dedup();
        if let Some(indexer) = &mut architecture.indexer {
            indexer.layers = Layers::Listed(indexed);
        }
    }
}

/// The projection to an indexer's keys, as its various architectures name it.
fn is_indexer_key(part: &str) -> bool {
    matches!(
        part,
        "indexer.attn_k.weight"
            | "indexer.k_proj.weight"
            | "indexer.wk.weight"
            | "index_k_proj.weight"
    ) || part.starts_with("indexer") && part.ends_with("k_proj.weight")
}

/// A stranger's text for a terminal: without what is not shown, no novel.
fn excerpt(text: &str) -> String {
    let safe = text.chars().filter(|c| !is_unsafe(*c));
    safe.take(NAME_LIMIT).collect()
}

/// Rows of the embedding, which is what the engine's logits follow; the tokenizer's list may be shorter.
fn vocabulary_size(tensors: &[Tensor]) -> Result<u32, Error> {
    match tensors
        .iter()
        .find(|tensor| tensor.name == placement::EMBEDDING)
    {
        Some(embedding) => u32::try_from(embedding.dimensions[1])
            .map_err(|_| embedding.inconsistent(TensorFault::Vocabulary)),
        None => Err(Error::at_offset(
            0,
            ErrorKind::MissingTensor(placement::EMBEDDING),
        )),
    }
}

fn capabilities(
    metadata: &Metadata,
    keys: &Keys<'_>,
    row: &Row,
    has_vision: bool,
) -> Vec<Capability> {
    let pooling = metadata.get(&format!("{}.pooling_type", keys.architecture()));
    // Pooling type 0 is none.
    let pools = matches!(pooling, Some(value::Value::Integer(kind)) if *kind > 0);
    if pools || !row.traits.generates {
        return vec![Capability::Embedding];
    }
    let template = metadata.text("tokenizer.chat_template").unwrap_or("");
    let known = [
        (Capability::Completion, true),
        (Capability::Vision, has_vision),
        (Capability::Tools, template.contains("tools")),
        (
            Capability::Thinking,
            template.contains("<think>") || template.contains("enable_thinking"),
        ),
    ];
    let has = known.into_iter().filter(|(_, has)| *has);
    has.map(|(capability, _)| capability).collect()
}

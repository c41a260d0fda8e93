//! A GGUF file's header as an entry: every byte is known.

use toml::Spanned;

use super::{Entry, Identity, shape, shape_name};
use crate::architecture::Architecture;
use crate::catalog::model::{Capability, ModelKind, WeightsBasis};
use crate::catalog::raw::{self, Strings};
use crate::engine::layout;
use crate::gguf::{self, Header};
use crate::units::Bytes;

/// What a store keeps of a model beside the file of its weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// A vision projector in a file of its own.
    pub projector: Bytes,
}

/// The entry of a file.
pub fn of_header(header: &Header, layers: Layers, identity: &Identity) -> Entry {
    let source = Strings::One(identity.source.clone());
    let weights = header.file_bytes - header.projector;
    let architecture = raw::Architecture {
        name: shape_name(&identity.tag),
        // What the engine does not load counts as what is no tensor: the estimate takes it off the file's size.
        metadata: Some((weights - header.weights.in_file()).0),
        source: source.clone(),
        ..shape::keys(&header.architecture)
    };
    let variant = raw::Variant {
        tag: identity.tag.clone(),
        quantization: Some(header.quantization.clone()),
        weights: Some(weights.0),
        weights_basis: Some(WeightsBasis::Exact),
        projector: Some(header.projector + layers.projector)
            .filter(|projector| *projector > Bytes::ZERO)
            .map(|projector| projector.0),
        source: source.clone(),
        ..raw::Variant::default()
    };
    let model = raw::Model {
        name: identity.tag.clone(),
        parameters: Some(header.parameters),
        active_parameters: active(&header.architecture, header.parameters),
        context_length: Some(header.context_length),
        architecture: Some(architecture.name.clone()),
        capabilities: capabilities(header, layers),
        kind: Some(kind(header)),
        local: true,
        source,
        variant: vec![Spanned::new(0..0, variant)],
        ..raw::Model::default()
    };
    Entry::new(architecture, model)
}

/// Parameters that a token meets: all but those of the experts that are not chosen.
pub(super) fn active(shape: &Architecture, parameters: u64) -> Option<u64> {
    let experts = shape.experts.as_ref()?;
    let weights = layout::weights(shape, "F32")?;
    let bytes: Bytes = weights.blocks.iter().map(|block| block.experts).sum();
    let all = bytes.0 / F32;
    let idle = u64::from(experts.count.saturating_sub(experts.used));
    let resting = u128::from(all) * u128::from(idle) / u128::from(experts.count.max(1));
    let resting = u64::try_from(resting).ok()?;
    parameters.checked_sub(resting).filter(|active| *active > 0)
}

/// Bytes of a number that is not quantised.
pub(super) const F32: u64 = 4;

fn kind(header: &Header) -> ModelKind {
    let can = |capability| header.capabilities.contains(&capability);
    if can(gguf::Capability::Embedding) {
        ModelKind::Embedding
    } else if can(gguf::Capability::Thinking) {
        ModelKind::Reasoning
    } else {
        ModelKind::Instruct
    }
}

fn capabilities(header: &Header, layers: Layers) -> Vec<Capability> {
    let mut all: Vec<Capability> = header.capabilities.iter().map(capability).collect();
    if layers.projector > Bytes::ZERO && !all.contains(&Capability::Vision) {
        all.push(Capability::Vision);
    }
    all
}

/// What a file says that its model can do, in the catalog's words.
pub fn capability(said: &gguf::Capability) -> Capability {
    match said {
        gguf::Capability::Completion => Capability::Completion,
        gguf::Capability::Embedding => Capability::Embedding,
        gguf::Capability::Vision => Capability::Vision,
        gguf::Capability::Tools => Capability::Tools,
        gguf::Capability::Thinking => Capability::Thinking,
    }
}

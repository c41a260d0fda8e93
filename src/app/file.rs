//! A model that is a file at hand: what its header says, in the catalog's nouns.

use std::borrow::Cow;
use std::path::Path;

use crate::architecture::Architecture;
use crate::catalog::model::{Model, ModelKind, Variant, WeightsBasis};
use crate::catalog::text::Text;
use crate::engine::estimate_input::{Basis, EstimateInput};
use crate::error::Error;
use crate::gguf::{self, Header};
use crate::import::capability;
use crate::units::Bytes;

/// Reads the header of a GGUF file as a model of the catalog with the input of its estimate.
pub(super) fn open(path: &Path) -> Result<(Model, Architecture, EstimateInput<'static>), Error> {
    let header = gguf::read(path).map_err(|fault| Error::Gguf {
        path: path.to_owned(),
        fault,
    })?;
    let name = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    Ok(understood(&name, path.display().to_string(), header))
}

/// What a header says, under the name by which people call the model.
pub(super) fn understood(
    name: &str,
    source: String,
    header: Header,
) -> (Model, Architecture, EstimateInput<'static>) {
    let model = model(name, source, &header);
    let input = EstimateInput {
        architecture: Cow::Owned(header.architecture.clone()),
        weights: header.weights,
        projector: header.projector,
        basis: Basis::of_file(&header.architecture, Basis::File),
        rounding: Bytes::ZERO,
        largest_row: None,
        draft: 0,
        draft_model: None,
    };
    (model, header.architecture, input)
}

fn model(name: &str, source: String, header: &Header) -> Model {
    let capabilities = header.capabilities.iter().map(capability);
    let source = vec![source];
    Model {
        name: name.to_owned().into(),
        series: String::new().into(),
        base_model: header.name.clone().map(Text::from),
        parameters: Some(header.parameters),
        active_parameters: None,
        context_length: Some(header.context_length),
        architecture: None,
        capabilities: capabilities.collect(),
        kind: ModelKind::Instruct,
        license: None,
        released: None,
        updated: None,
        pulls: None,
        published: true,
        replaced_by: None,
        local: true,
        fine_tune: false,
        usual_need: None,
        least_need: None,
        source: source.clone(),
        variants: vec![Variant {
            tag: name.to_owned().into(),
            aliases: Vec::new(),
            quantization: Some(header.quantization.clone().into()),
            weights: Some(header.file_bytes),
            weights_basis: WeightsBasis::Exact,
            projector: header.projector,
            source,
        }]
        .into(),
    }
}

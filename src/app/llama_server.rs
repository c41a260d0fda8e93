//! The environment and the command line of a `llama-server` that takes what was estimated.

use std::collections::BTreeMap;
use std::path::Path;

use super::hardware::Hardware;
use super::hub;
use super::session::Session;
use crate::artifact::{self, model_file};
use crate::catalog::Entry;
use crate::catalog::gpu::Vendor;
use crate::catalog::model::Capability;
use crate::engine::estimate_input::EstimateInput;
use crate::engine::llama_server;
use crate::engine::place::Placement;
use crate::report::{LlamaServer, ModelFile};
use crate::units::Bytes;

/// Where it listens unless told otherwise.
const ADDRESS: (&str, u16) = ("127.0.0.1", 8080);

/// The server of one model on this machine. `typed`: the tag or file as it was asked for.
pub(super) fn alone(
    session: &Session,
    hardware: &Hardware,
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    placement: &Placement,
    typed: &str,
) -> LlamaServer {
    let file = if Path::new(typed).is_file() {
        ModelFile::Given {
            path: typed.to_owned(),
        }
    } else {
        source(session, entry.tag, input)
    };
    let all = placement.shares.len() == hardware.pool.devices.len();
    let settings = environment(entry, entry.tag, placement, input, &file, ADDRESS);
    LlamaServer {
        draft: drafter(session, input, placement),
        environment: if all || placement.shares.is_empty() {
            BTreeMap::new()
        } else {
            visible(hardware, placement)
        },
        command: llama_server::command(&settings),
        file,
    }
}

/// Where the file of a model comes from that drafts for another.
fn drafter(
    session: &Session,
    input: &EstimateInput<'_>,
    placement: &Placement,
) -> Option<ModelFile> {
    let model = input.draft_model.as_deref();
    let model = model.filter(|_| placement.allocation.draft > 0)?;
    let name = &model.architecture.name;
    Some(in_folder(session, &model.tag, name, Bytes::ZERO))
}

/// Where a tag's file comes from.
pub(super) fn source(session: &Session, tag: &str, input: &EstimateInput<'_>) -> ModelFile {
    if let Some(repository) = hub::path(tag) {
        return ModelFile::HuggingFace {
            repository: repository.to_owned(),
            sees: input.projector > Bytes::ZERO,
        };
    }
    in_folder(session, tag, &input.architecture.name, input.projector)
}

fn in_folder(session: &Session, tag: &str, architecture: &str, projector: Bytes) -> ModelFile {
    let translated = &session.catalog.knowledge.ollama.translated.architectures;
    let translated = translated.iter().find(|name| *name == architecture);
    let file = model_file(tag);
    ModelFile::Folder {
        tag: tag.to_owned(),
        projector: (projector > Bytes::ZERO).then(|| format!("mmproj-{file}")),
        translated: translated.cloned(),
        file,
    }
}

/// Every option as a variable. `tag`: the name under which it is served.
pub(super) fn environment(
    entry: Entry<'_>,
    tag: &str,
    placement: &Placement,
    input: &EstimateInput<'_>,
    file: &ModelFile,
    (host, port): (&str, u16),
) -> BTreeMap<String, String> {
    let mut environment = llama_server::environment(placement);
    let mut put = |name: &str, value: &str| {
        environment.insert(format!("LLAMA_ARG_{name}"), value.to_owned());
    };
    match file {
        // vLLM's.
        ModelFile::Checkpoint { .. } => {}
        ModelFile::Given { path } => put("MODEL", path),
        ModelFile::HuggingFace { repository, sees } => {
            put("HF_REPO", repository);
            if !sees {
                // It would download a projector and load it.
                put("MMPROJ_AUTO", "false");
            }
        }
        ModelFile::Folder {
            file, projector, ..
        } => {
            put("MODEL", file);
            if let Some(projector) = projector {
                put("MMPROJ", projector);
            }
        }
    }
    let on_gpus = &placement.allocation.gpus;
    if input.projector > Bytes::ZERO && on_gpus.iter().all(|gpu| gpu.projector == Bytes::ZERO) {
        put("MMPROJ_OFFLOAD", "false");
    }
    let drafted = placement.allocation.draft;
    if drafted > 0 {
        let model = input.draft_model.as_deref();
        if let Some(model) = model {
            put("SPEC_DRAFT_MODEL", &model_file(&model.tag));
        }
        put(
            "SPEC_TYPE",
            if model.is_some() {
                "draft-simple"
            } else {
                "draft-mtp"
            },
        );
        put("SPEC_DRAFT_N_MAX", &drafted.to_string());
    }
    put("ALIAS", tag);
    if entry.model.capabilities.contains(&Capability::Embedding) {
        put("EMBEDDINGS", "true");
    }
    put("HOST", host);
    put("PORT", &port.to_string());
    environment
}

/// What shows a server its GPUs alone, in the placement's order.
fn visible(hardware: &Hardware, placement: &Placement) -> BTreeMap<String, String> {
    let devices = placement.shares.iter().map(|share| {
        let device = &hardware.pool.devices[share.device];
        let host = &hardware.report.hosts[device.host as usize];
        let gpu = &host.gpus[device.gpu as usize];
        (gpu.vendor, (gpu.gpu, gpu.uuid.as_deref()))
    });
    let (vendors, gpus): (Vec<Vendor>, Vec<_>) = devices.unzip();
    let vendor = vendors.first().copied().unwrap_or(Vendor::Nvidia);
    let variables = artifact::visible(vendor, &gpus);
    let own = |(name, value): (&str, String)| (name.to_owned(), value);
    variables.into_iter().map(own).collect()
}

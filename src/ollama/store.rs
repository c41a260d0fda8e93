//! Ollama's models on disk: manifests that name blobs. Works without a server, and never writes.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::name::Name;
use crate::error::Error;
use crate::regular_file;
use crate::units::Bytes;

/// Most bytes that are read of a manifest.
const MANIFEST_LIMIT: Bytes = Bytes::mib(4);
/// No store holds more names in one folder.
const NAMES_LIMIT: usize = 100_000;

/// A store's folder, such as `~/.ollama/models`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    root: PathBuf,
}

/// A model whose manifest lies in a store, with what that says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The name by which Ollama knows it.
    pub name: Name,
    /// Bytes of its weights: the file that an engine loads.
    pub weights: Bytes,
    /// Bytes of its vision projector; zero without one.
    pub projector: Bytes,
    /// Bytes of all layers that its manifest names, weights among them.
    pub size: Bytes,
    /// The file of its weights; it may be missing.
    pub file: PathBuf,
    /// Its context, where its parameters set one.
    pub context_length: Option<u32>,
    /// `draft_num_predict`, where its parameters set one.
    pub draft_num_predict: Option<u32>,
    /// The file of a model that drafts for it.
    pub draft: Option<PathBuf>,
}

/// A manifest that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Path of the manifest.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Deserialize)]
struct Manifest {
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    size: Bytes,
}

impl Store {
    /// The store in a folder; `None` if there is none.
    pub fn open(root: &Path) -> Option<Self> {
        root.join("manifests").is_dir().then(|| Self {
            root: root.to_owned(),
        })
    }

    /// Its models by name, and the manifests that say nothing. A model whose weights are not all here is broken, too.
    pub fn models(&self) -> (Vec<Installed>, Vec<Broken>) {
        let (mut models, mut broken) = (Vec::new(), Vec::new());
        let manifests = self.root.join("manifests");
        for (host, folder) in entries(&manifests) {
            for (namespace, folder) in entries(&folder) {
                for (model, folder) in entries(&folder) {
                    for (tag, file) in entries(&folder) {
                        // What is no name is somebody else's file, such as a desktop's.
                        let Some(name) = Name::of_parts(&host, &namespace, &model, &tag) else {
                            continue;
                        };
                        match self.read(name, &file) {
                            Ok(Some(model)) => models.push(model),
                            Ok(None) => {}
                            Err(reason) => broken.push(Broken { path: file, reason }),
                        }
                    }
                }
            }
        }
        (models, broken)
    }

    /// A model of the store. `None` if it is not there or its manifest is broken.
    pub fn find(&self, name: &Name) -> Option<Installed> {
        self.models()
            .0
            .into_iter()
            .find(|model| model.name.is(name))
    }

    /// A manifest; `Ok(None)` for a model without weights here, such as one that runs in a cloud.
    fn read(&self, name: Name, path: &Path) -> Result<Option<Installed>, String> {
        let text = regular_file::read(path, MANIFEST_LIMIT).map_err(|error| match error {
            Error::File { reason, .. } => reason,
            _ => format!("> {MANIFEST_LIMIT}"),
        })?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        let of_kind = |kind: &str| {
            let media_type = format!("application/vnd.ollama.image.{kind}");
            manifest
                .layers
                .iter()
                .find(move |layer| layer.media_type == media_type)
        };
        let Some(weights) = of_kind("model") else {
            return Ok(None);
        };
        let file = self.blob(&weights.digest)?;
        let here = fs::metadata(&file).map(|file| file.len());
        match here {
            Ok(length) if length == weights.size.0 => {}
            Ok(length) => return Err(format!("{length} of {} bytes", weights.size.0)),
            Err(error) => return Err(format!("{}: {error}", weights.digest)),
        }
        let parameters = of_kind("params").and_then(|layer| self.parameters(layer));
        let parameter = |name: &str| {
            let number = parameters.as_ref()?.get(name)?.as_u64()?;
            u32::try_from(number).ok()
        };
        Ok(Some(Installed {
            name,
            weights: weights.size,
            projector: of_kind("projector").map_or(Bytes::ZERO, |layer| layer.size),
            size: manifest.layers.iter().map(|layer| layer.size).sum(),
            file,
            context_length: parameter("num_ctx"),
            draft_num_predict: parameter("draft_num_predict"),
            draft: of_kind("draft").and_then(|layer| self.blob(&layer.digest).ok()),
        }))
    }

    /// The file of a digest. A digest that is none could name any file.
    fn blob(&self, digest: &str) -> Result<PathBuf, String> {
        let hex = digest
            .strip_prefix("sha256:")
            .or_else(|| digest.strip_prefix("sha256-"))
            .filter(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .ok_or_else(|| super::excerpt(digest))?;
        Ok(self.root.join("blobs").join(format!("sha256-{hex}")))
    }

    fn parameters(&self, layer: &Layer) -> Option<serde_json::Value> {
        let blob = self.blob(&layer.digest).ok()?;
        let text = regular_file::read(&blob, MANIFEST_LIMIT).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// What a folder holds, by name; nothing of what cannot be read.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<(String, PathBuf)> = entries
        .flatten()
        .take(NAMES_LIMIT)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect();
    names.sort();
    names
}

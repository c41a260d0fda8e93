//! `vramfit catalog import`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::args::{Format, ImportArgs};
use super::reporting::{self, Answer};
use super::session::Session;
use super::write::write_one;
use crate::embedded;
use crate::error::{Error, ImportFault};
use crate::gguf;
use crate::import::{self, Entry, Identity, Layers};
use crate::messages;
use crate::ollama::{Installed, Name, Store};
use crate::regular_file;
use crate::report::Imported;
use crate::units::Bytes;

/// No configuration and no manifest is larger.
const TEXT_LIMIT: Bytes = Bytes::mib(8);

pub(super) fn run(session: &Session, args: &ImportArgs) -> Result<Answer, Error> {
    if let Some(tag) = args.tag.as_ref().filter(|tag| Name::parse(tag).is_none()) {
        return Err(Error::Import(ImportFault::BadTag(tag.clone())));
    }
    let entry = entry(session, args)?;
    let tag = entry.model[0].name.clone();
    let name = args.out.as_deref().unwrap_or(&args.file);
    let toml = entry.to_toml(&mut embedded::catalog()?, &name.display().to_string())?;
    if let Some(out) = &args.out {
        write_one(out, toml.clone(), args.force)?;
    }
    let path = args.out.as_ref().map(|out| out.display().to_string());
    let output = match (session.format(), &path) {
        (Format::Json, _) => {
            let report = Imported {
                schema: "vramfit.catalog-import/1",
                tag,
                path,
                toml,
            };
            reporting::json(&report)?
        }
        (_, Some(path)) => messages::wrote(session.lang, path) + "\n",
        (_, None) => toml,
    };
    Ok(Answer { output, yes: true })
}

/// The entry of a model of the person's own, as a command names it: a GGUF file, or what only this machine's Ollama has. `None` where there is none.
pub(super) fn own(session: &Session, named: &str) -> Result<Option<Entry>, Error> {
    let path = Path::new(named);
    if path.is_file() && is_gguf(path)? {
        let file = path.file_name().and_then(|name| name.to_str());
        let mut entry = of_gguf(path, file.and_then(import::tag_of))?;
        // It is found by the name that was typed.
        for variant in entry.model.iter_mut().flat_map(|model| &mut model.variant) {
            let (variant, name) = (variant.get_mut(), named.trim().to_lowercase());
            if variant.tag != name {
                variant.aliases.push(name);
            }
        }
        return Ok(Some(entry));
    }
    let model = installed(session, path)?;
    let entry = model.map(|model| of_installed(&model, Some(named.to_owned())));
    entry.transpose()
}

/// The entry of whatever was named.
fn entry(session: &Session, args: &ImportArgs) -> Result<Entry, Error> {
    let config = args.file.join("config.json");
    let path = if config.is_file() {
        &config
    } else {
        &args.file
    };
    if !path.exists() {
        return match installed(session, path)? {
            Some(model) => of_installed(&model, args.tag.clone()),
            None => Err(unreadable(
                path,
                &std::io::Error::from(std::io::ErrorKind::NotFound),
            )),
        };
    }
    if is_gguf(path)? {
        return of_gguf(path, args.tag.clone());
    }
    if let Some(model) = of_manifest(path)? {
        return of_installed(&model, args.tag.clone());
    }
    of_config(path, args)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn is_gguf(path: &Path) -> Result<bool, Error> {
    regular_file::regular(path)?;
    let mut magic = [0; 4];
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let read = file.read_exact(&mut magic);
    // A file that says what it is by its name is told what is wrong with it as such.
    let named = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
    Ok(named || read.is_ok() && &magic == b"GGUF")
}

fn header(path: &Path) -> Result<gguf::Header, Error> {
    gguf::read(path).map_err(|fault| Error::Gguf {
        path: path.to_owned(),
        fault,
    })
}

/// The tag that was given, or the one that a name suggests.
fn tag(given: Option<String>, name: Option<&str>) -> Result<String, Error> {
    given
        .or_else(|| import::tag_of(name?))
        .filter(|tag| Name::parse(tag).is_some())
        .ok_or(Error::Import(ImportFault::NoTag))
}

fn of_gguf(path: &Path, given: Option<String>) -> Result<Entry, Error> {
    let header = header(path)?;
    let file = path.file_name().and_then(|name| name.to_str());
    let stem = file.map(|name| name.strip_suffix(".gguf").unwrap_or(name));
    // Of a model in several files the first gives the name.
    let stem = stem.map(|stem| stem.split_once("-00001-of-").map_or(stem, |(stem, _)| stem));
    let identity = Identity {
        tag: tag(given, stem)?,
        // The file's name and not its place: an entry may go to somebody else.
        source: format!("gguf:{}", file.unwrap_or("file")),
    };
    Ok(import::of_header(&header, Layers::default(), &identity))
}

/// The model of a tag in this machine's stores.
fn installed(session: &Session, tag: &Path) -> Result<Option<Installed>, Error> {
    let Some(name) = tag.to_str().and_then(Name::parse) else {
        return Ok(None);
    };
    for store in session.stores() {
        if let Some(model) = store.find(&name) {
            return Ok(Some(model));
        }
    }
    Ok(None)
}

/// The model of a manifest in a store: `manifests/HOST/OWNER/MODEL/TAG`. `None` if the file lies in none.
fn of_manifest(path: &Path) -> Result<Option<Installed>, Error> {
    let path = std::fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
    let manifests = path
        .ancestors()
        .nth(4)
        .filter(|folder| folder.ends_with("manifests"));
    let Some(store) = manifests.and_then(|folder| Store::open(folder.parent()?)) else {
        return Ok(None);
    };
    let (models, broken) = store.models();
    if let Some(broken) = broken.into_iter().find(|broken| broken.path == path) {
        return Err(Error::File {
            path: broken.path,
            reason: broken.reason,
        });
    }
    let is_it = |model: &Installed| {
        let name = &model.name;
        path.ends_with(
            Path::new(&name.host)
                .join(&name.namespace)
                .join(&name.model)
                .join(&name.tag),
        )
    };
    match models.into_iter().find(is_it) {
        Some(model) => Ok(Some(model)),
        None => Err(Error::Import(ImportFault::NoWeights(path))),
    }
}

fn of_installed(model: &Installed, given: Option<String>) -> Result<Entry, Error> {
    let header = header(&model.file)?;
    let blob = model.file.file_name().unwrap_or_default();
    let identity = Identity {
        tag: given.unwrap_or_else(|| model.name.to_string()),
        source: format!("ollama:{} ({})", model.name, blob.display()),
    };
    let layers = Layers {
        projector: model.projector,
    };
    Ok(import::of_header(&header, layers, &identity))
}

fn of_config(path: &Path, args: &ImportArgs) -> Result<Entry, Error> {
    let unrecognised = || Error::Import(ImportFault::Unrecognised(path.to_owned()));
    let text = regular_file::read(path, TEXT_LIMIT)?;
    let config: serde_json::Value = serde_json::from_slice(&text).map_err(|_| unrecognised())?;
    let hub = import::name_of_config(&config);
    // Checkpoints lie in folders of their name.
    let folder = path.parent().and_then(Path::file_name);
    let name = hub
        .and_then(|name| name.rsplit('/').next())
        .or_else(|| folder.and_then(|folder| folder.to_str()));
    let identity = Identity {
        tag: tag(args.tag.clone(), name)?,
        source: hub.map_or_else(
            || "config.json".to_owned(),
            |name| format!("https://huggingface.co/{name}/blob/main/config.json"),
        ),
    };
    import::of_config(&config, path, &identity)
}

//! Reads and checks every file of `data/` and writes the catalog in the form in which the program embeds it, so that no run pays for parsing
//! and no program is built from data with defects.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, anyhow};
use serde_json::{Map, Value, json};
use vramfit_core::catalog::{Catalog, sources::Sources, tags::Tags};
use vramfit_core::defect::Defect;
use vramfit_core::engine::published::{derive_sizes, library};
use vramfit_core::engine::usual_need;

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=data");
    let mut paths = Vec::new();
    collect(Path::new("data"), &mut paths)?;
    paths.sort();
    let files = paths
        .iter()
        .map(|path| Ok((path.display().to_string(), text(path)?)));
    let files: Vec<(String, String)> = files.collect::<Result<_>>()?;
    let texts = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let mut catalog = Catalog::read(texts).map_err(listed)?;
    let tags = Tags::parse("data/tags.txt", &text(Path::new("data/tags.txt"))?).map_err(listed)?;
    derive_sizes(&mut catalog, &tags);
    usual_need::fill(&mut catalog);
    let out = PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR is not set")?);
    fs::write(out.join("catalog.bin"), catalog.encode()?)?;
    let library = library(&catalog, &tags);
    fs::write(out.join("library.bin"), postcard::to_stdvec(&library)?)?;
    let sources = Sources::collect(&mut catalog);
    fs::write(out.join("sources.bin"), postcard::to_stdvec(&sources)?)?;
    fs::write(
        out.join("evidence.bin"),
        postcard::to_stdvec(&catalog.knowledge.evidence)?,
    )?;
    fs::write(out.join("schemas.json"), schemas()?)?;
    Ok(())
}

/// The schemas of `docs/schema` by command, with the definitions that several of them have once: a quarter of the bytes.
fn schemas() -> Result<String> {
    println!("cargo:rerun-if-changed=docs/schema");
    let mut paths = Vec::new();
    for entry in fs::read_dir("docs/schema").context("listing docs/schema")? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut schemas = Map::new();
    let mut definitions: Vec<Value> = Vec::new();
    for path in &paths {
        let mut schema: Value =
            serde_json::from_str(&text(path)?).with_context(|| path.display().to_string())?;
        if let Some(Value::Object(own)) = schema.get_mut("$defs") {
            for (_, definition) in own {
                let known = definitions.iter().position(|one| one == definition);
                let at = known.unwrap_or_else(|| {
                    definitions.push(definition.clone());
                    definitions.len() - 1
                });
                *definition = at.into();
            }
        }
        let command = path.file_stem().unwrap_or_default().to_string_lossy();
        schemas.insert(command.into_owned(), schema);
    }
    Ok(json!({ "schemas": schemas, "definitions": definitions }).to_string())
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn listed(defects: Vec<Defect>) -> anyhow::Error {
    let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
    anyhow!(
        "the data has {} defects:\n{}",
        lines.len(),
        lines.join("\n")
    )
}

/// Every TOML file below a folder; templates and the contributor's page are not data.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    Ok(())
}

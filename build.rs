//! Reads and checks every file of `data/` and writes the catalog in the form in which the program embeds it, so that no run pays for parsing
//! and no program is built from data with defects.

use std::path::{Path, PathBuf};
use std::{env, fs};

use vramfit_core::catalog::{Catalog, sources::Sources, tags::Tags};
use vramfit_core::defect::Defect;
use vramfit_core::engine::published::{derive_sizes, library};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=data");
    let mut paths = Vec::new();
    collect(Path::new("data"), &mut paths)?;
    paths.sort();
    let files = paths
        .iter()
        .map(|path| Ok((path.display().to_string(), fs::read_to_string(path)?)));
    let files: Vec<(String, String)> = files.collect::<Result<_, Failure>>()?;
    let texts = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let mut catalog = Catalog::read(texts).map_err(told)?;
    let tags = Tags::parse("data/tags.txt", &fs::read_to_string("data/tags.txt")?).map_err(told)?;
    derive_sizes(&mut catalog, &tags);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR")?);
    fs::write(out.join("catalog.bin"), postcard::to_stdvec(&catalog)?)?;
    let library = library(&catalog, &tags);
    fs::write(out.join("library.bin"), postcard::to_stdvec(&library)?)?;
    let sources = Sources::of(&mut catalog);
    fs::write(out.join("sources.bin"), postcard::to_stdvec(&sources)?)?;
    fs::write(
        out.join("evidence.bin"),
        postcard::to_stdvec(&catalog.knowledge.evidence)?,
    )?;
    Ok(())
}

fn told(defects: Vec<Defect>) -> String {
    let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
    format!(
        "the data has {} defects:\n{}",
        lines.len(),
        lines.join("\n")
    )
}

/// Every TOML file below a folder; templates and the contributor's page are not data.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
            // The engine's own table, which `vramfit-core` carries.
            && path.file_name().is_some_and(|name| name != "architectures.toml")
        {
            paths.push(path);
        }
    }
    Ok(())
}

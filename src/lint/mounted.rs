//! Files that a description of containers hands to them: each is judged as what it is.

use std::ops::Range;

use super::detect::FileKind;
use super::envfile::{self, Reader};
use super::nginx::{self, Exposure};
use super::sheet::SourceText;
use super::variable::{self, Place};
use super::yaml::{Id, Tree};
use super::{manifest, modelfile, shell};

/// Judges a file by its name and its text; `exposed` if others than those of the cluster or of the containers are let in.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, (key, value): (Id, Id), exposed: bool) {
    if let (Some(name), Some(text)) = (tree.text(key), tree.text(value))
        && let Some(kind) = FileKind::detect(name, text)
        && let Some(region) = manifest::block(sheet, tree, value)
    {
        file(sheet, region, kind, exposed);
    }
}

fn file(sheet: &mut SourceText<'_>, region: Range<usize>, kind: FileKind, exposed: bool) {
    match kind {
        FileKind::Shell | FileKind::Profile => shell::contained(sheet, region),
        FileKind::Nginx => {
            let exposure = match exposed {
                true => Exposure::Published,
                false => Exposure::Internal,
            };
            nginx::exposed(sheet, region, exposure);
        }
        FileKind::Environment => {
            let settings = envfile::settings(sheet, region, Reader::Unknown);
            // Another program may have names that only begin like Ollama's.
            let ollamas = settings
                .iter()
                .filter(|one| !variable::is_nobodys(&one.name));
            let all: Vec<_> = ollamas.collect();
            variable::servers(sheet, &all, Place::Container);
        }
        FileKind::Modelfile => modelfile::lint(sheet, region),
        // A map within a map is nobody's.
        FileKind::Yaml if !sheet.in_map => {
            sheet.in_map = true;
            manifest::lint(sheet, region, false);
            sheet.in_map = false;
        }
        FileKind::Yaml | FileKind::Unit | FileKind::Crontab | FileKind::Markdown => {}
    }
}

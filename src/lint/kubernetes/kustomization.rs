//! What Kustomize makes of other manifests: images, maps of variables; the rest is in files that are not read.

use super::super::hint::Unclear;
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::yaml::{Id, Tree};
use super::super::{Problem, image, manifest};

/// Judges a kustomization, as far as it is about Ollama.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let at = tree.range(root);
    let text = sheet.text.get(at.clone()).unwrap_or_default();
    if Unclear::of_contents(text) == Unclear::Contents {
        return;
    }
    for map in items(tree, root, "configMapGenerator") {
        let literals = items(tree, map, "literals");
        let settings = literals.iter();
        let settings: Vec<Setting> = settings
            .filter_map(|literal| manifest::assignment(sheet, tree, *literal))
            .filter(|setting| variable::is_ours(&setting.name))
            .collect();
        variable::servers(
            sheet,
            &settings.iter().collect::<Vec<_>>(),
            Place::Kubernetes,
        );
    }
    for entry in items(tree, root, "images") {
        let name = ["newName", "name"];
        let name = name.iter().find_map(|key| tree.text(tree.get(entry, key)?));
        let tag = tree.get(entry, "newTag");
        if let (Some(name), Some(tag)) = (name, tag)
            && let Some((text, place)) = manifest::value(tree, tag)
            && image::is_image(name)
        {
            sheet.judges();
            let whole = format!("{name}:{text}");
            image::pinned(sheet, &whole, tree.range(tag), (place, true));
        }
    }
    // What else it changes, and what it changes, is not read.
    for key in ["resources", "patches", "components", "helmCharts"] {
        if let Some((key, _)) = tree.entry(root, key) {
            let what = Unclear::Mention;
            sheet.find_with(tree.range(key), Problem::NotUnderstood { what }, "");
        }
    }
}

/// The items of a list below a key.
fn items(tree: &Tree, of: Id, key: &str) -> Vec<Id> {
    let list = tree.get(of, key).map(|id| tree.items(id).to_vec());
    list.unwrap_or_default()
}

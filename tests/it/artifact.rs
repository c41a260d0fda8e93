//! What a plan is written as: each file is accepted by the tool that will read it, and does what it says.

use vramfit::artifact::{File, Kind, Options, emit};
use vramfit::error::{ArtifactFault, Error};
use vramfit::report::Plan;

mod sample;

fn files(plan: &Plan, kind: Kind, options: &Options) -> Vec<File> {
    emit(plan, kind, options).unwrap_or_else(|error| panic!("{kind:?}: {error:?}"))
}

fn joined(files: &[File]) -> String {
    let each = files.iter().map(|file| {
        let run = if file.executable { " (executable)" } else { "" };
        format!("==> {}{run} <==\n{}", file.path.display(), file.text)
    });
    each.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_kind_looks_like_this() {
    for kind in Kind::ALL {
        let text = joined(&files(&sample::plan(), *kind, &sample::options()));
        insta::assert_snapshot!(kind.label(), text);
    }
}

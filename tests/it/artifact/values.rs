//! Values that a file could not hold as they are: refused, never quoted by luck.

use vramfit::artifact::{ArtifactKind, Options, emit};
use vramfit::error::{ArtifactFault, Error};
use vramfit::report::Plan;

use super::sample;

#[test]
fn values_that_would_need_quoting_are_refused() {
    let bad = |change: &dyn Fn(&mut Plan)| {
        let mut plan = sample::plan();
        change(&mut plan);
        let mut faults: Vec<ArtifactFault> = ArtifactKind::ALL
            .iter()
            .map(|kind| match emit(&plan, *kind, &sample::options()) {
                Err(Error::Artifact { fault, .. }) => fault,
                other => panic!("{kind:?}: {other:?}"),
            })
            .collect();
        faults.dedup();
        assert_eq!(faults.len(), 1);
        faults[0]
    };
    for tag in [
        "",
        "a b",
        "a;b",
        "$(reboot)",
        "-x",
        "../up",
        "a//b",
        "a:",
        "名:1b",
        "a\nb",
        "a'b",
        "a\"b",
        "a\\b",
    ] {
        assert_eq!(
            bad(&|plan| plan.services[0].tag = tag.into()),
            ArtifactFault::Tag,
            "{tag:?}"
        );
    }
    for host in ["", "a b", "-h", "a/b", "..", "[::1]", "h\n"] {
        assert_eq!(
            bad(&|plan| plan.services[0].host = host.into()),
            ArtifactFault::Host,
            "{host:?}"
        );
    }
    for uuid in ["", "0", "GPU-", "GPU-1;2", "GPU-1,GPU-2", "gpu-1"] {
        let change = |plan: &mut Plan| plan.services[0].gpus[0].uuid = Some(uuid.into());
        // The bare start of one has no meaning, and no harm.
        if uuid != "GPU-" {
            assert_eq!(bad(&change), ArtifactFault::Device, "{uuid:?}");
        }
    }
    for (name, value) in [
        ("OLLAMA_X", ""),
        ("OLLAMA_X", "a b"),
        ("OLLAMA_X", "*"),
        ("x", "1"),
        ("A-B", "1"),
        ("A", "$B"),
    ] {
        let change = |plan: &mut Plan| {
            plan.services[0]
                .environment
                .insert(name.into(), value.into());
        };
        assert_eq!(bad(&change), ArtifactFault::Variable, "{name}={value}");
    }
    for address in [
        "",
        "11434",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "[::1]:11434",
        "a b:1",
    ] {
        let change = |plan: &mut Plan| {
            plan.services[0]
                .environment
                .insert("OLLAMA_HOST".into(), address.into());
        };
        assert_eq!(bad(&change), ArtifactFault::Address, "{address:?}");
    }
    assert_eq!(
        bad(&|plan| plan.services[0].gpus[0].name = "x\ny".into()),
        ArtifactFault::GpuName
    );
    assert_eq!(
        bad(&|plan| plan.services[1].port = 11434),
        ArtifactFault::Port
    );
    assert_eq!(bad(&|plan| plan.services.clear()), ArtifactFault::Empty);
    let options = Options {
        ollama_version: "0.33; x".into(),
        ..Options::default()
    };
    assert!(matches!(
        emit(&sample::plan(), ArtifactKind::Compose, &options),
        Err(Error::Artifact {
            fault: ArtifactFault::Version,
            ..
        })
    ));
}

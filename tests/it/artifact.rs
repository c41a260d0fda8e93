//! What a plan is written as: each file is accepted by the tool that will read it, and does what it says.

// A test's own functions fail as loudly as the test.
#![allow(clippy::expect_used, clippy::panic)]

use vramfit::artifact::{ArtifactKind, File, Options, emit};
use vramfit::error::{ArtifactFault, Error};
use vramfit::report::Plan;

mod accepted;
mod cluster;
mod gateway;
mod injected;
mod migrated;
mod migrated_containers;
mod migrated_units;
pub(crate) mod sample;
mod scripts;
mod stand_in;
pub(crate) mod tools;
mod values;
mod written;

fn files(plan: &Plan, kind: ArtifactKind, options: &Options) -> Vec<File> {
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
    for kind in ArtifactKind::ALL {
        let plan = match kind {
            ArtifactKind::LlamaSwap => sample::llama_cpp(),
            _ => sample::plan(),
        };
        let text = joined(&files(&plan, *kind, &sample::options()));
        insta::assert_snapshot!(kind.label(), text);
    }
}

#[test]
fn servers_without_ollama_look_like_this() {
    let plan = sample::llama_cpp();
    for kind in [
        ArtifactKind::Systemd,
        ArtifactKind::Compose,
        ArtifactKind::Litellm,
    ] {
        let text = joined(&files(&plan, kind, &sample::options()));
        insta::assert_snapshot!(format!("llama_cpp_{}", kind.label()), text);
    }
}

#[test]
fn files_start_every_server_of_a_plan_or_say_that_they_cannot() {
    let fault = |plan: &Plan, kind| match emit(plan, kind, &sample::options()) {
        Err(Error::Artifact { fault, .. }) => fault,
        other => panic!("{kind:?}: {other:?}"),
    };
    for kind in [
        ArtifactKind::Shell,
        ArtifactKind::Modelfile,
        ArtifactKind::K8s,
    ] {
        let fault = fault(&sample::llama_cpp(), kind);
        assert_eq!(fault, ArtifactFault::OllamaOnly, "{kind:?}");
    }
    let fault = fault(&sample::plan(), ArtifactKind::LlamaSwap);
    assert_eq!(fault, ArtifactFault::LlamaCppOnly);
    // Both engines on one machine.
    let mut both = sample::llama_cpp();
    both.services[0] = sample::plan().services[0].clone();
    let systemd = joined(&files(&both, ArtifactKind::Systemd, &sample::options()));
    for file in [
        "systemd/env/llama3-70b.env",
        "systemd/ollama@.service",
        "systemd/llama-server/qwen3-30b-1.env",
        "systemd/llama-server@.service",
    ] {
        assert!(systemd.contains(&format!("==> {file} <==")), "{systemd}");
    }
    assert!(!systemd.contains("systemd/env/qwen3"), "{systemd}");
    let compose = joined(&files(&both, ArtifactKind::Compose, &sample::options()));
    assert!(
        compose.contains("  models:\n  downloads:\n")
            && compose.matches("-preload:\n").count() == 1,
        "{compose}"
    );
}

#[test]
fn models_that_no_machine_holds_are_served_by_several() {
    let (plan, options) = sample::too_large();
    let text = joined(&files(&plan, ArtifactKind::K8s, &options));
    let large = text
        .split("---\n# llama3.1:405b")
        .nth(1)
        .expect("a LeaderWorkerSet");
    insta::assert_snapshot!("k8s_large", large);
}

#[test]
fn a_plan_without_servers_is_only_for_several_machines() {
    let (mut plan, mut options) = sample::too_large();
    plan.services.clear();
    for kind in ArtifactKind::ALL {
        let emitted = emit(&plan, *kind, &options);
        assert_eq!(emitted.is_ok(), *kind == ArtifactKind::K8s, "{kind:?}");
    }
    plan.unplaced.retain(|demand| demand.tag == "llama3.3:70b");
    options
        .spans
        .retain(|spanned| spanned.tag == "llama3.3:70b");
    assert!(emit(&plan, ArtifactKind::K8s, &options).is_err());
}

#[test]
fn names_are_distinct_whatever_the_tags() {
    let mut plan = sample::plan();
    let tags = ["a.b:1", "a-b:1", "a-b:1", "a-b-1:1", "x:2", "x", "x"];
    plan.services = (0_u32..)
        .zip(tags)
        .map(|(at, tag)| {
            sample::service(
                tag,
                1,
                11434 + at as u16,
                &[at],
                vramfit::units::Bytes::gib(1),
            )
        })
        .collect();
    // One tag in two ways: two pools.
    plan.services[6].context_length = 4096;
    let names: Vec<String> = files(&plan, ArtifactKind::Systemd, &sample::options())
        .into_iter()
        .filter(|file| file.path.extension().is_some_and(|end| end == "env"))
        .map(|file| file.path.display().to_string())
        .collect();
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(
        (names.len(), distinct.len()),
        (tags.len(), tags.len()),
        "{names:?}"
    );
    let modelfiles = files(&plan, ArtifactKind::Modelfile, &sample::options());
    assert_eq!(modelfiles.len(), 6, "{}", joined(&modelfiles));
}

#[test]
fn machines_of_a_fleet_have_folders() {
    let plan = sample::fleet();
    let paths = |kind| -> Vec<String> {
        files(&plan, kind, &sample::options())
            .iter()
            .map(|file| file.path.display().to_string())
            .collect()
    };
    assert_eq!(
        paths(ArtifactKind::Compose),
        ["gpu-1/compose.yaml", "gpu-2/compose.yaml"]
    );
    assert!(paths(ArtifactKind::Systemd).contains(&"gpu-2/systemd/env/qwen3-30b-2.env".to_owned()));
    let gateway = &files(&plan, ArtifactKind::Nginx, &sample::options())[0].text;
    assert!(gateway.contains("server gpu-2:11434 "), "{gateway}");
}

#[test]
fn modelfiles_say_only_what_ollama_knows() {
    for plan in [sample::plan(), sample::tight()] {
        for file in files(&plan, ArtifactKind::Modelfile, &sample::options()) {
            let said: Vec<&str> = file
                .text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .collect();
            assert!(said[0].starts_with("FROM "), "{}", file.text);
            for line in &said[1..] {
                let words: Vec<&str> = line.split(' ').collect();
                let [command, name, value] = words[..] else {
                    panic!("{line}")
                };
                assert_eq!(command, "PARAMETER");
                assert!(
                    ["num_ctx", "num_batch", "num_gpu"].contains(&name),
                    "{line}"
                );
                assert!(value.parse::<u32>().is_ok(), "{line}");
            }
        }
    }
}

#[test]
fn what_a_plan_says_of_a_server_is_kept() {
    let mut plan = sample::plan();
    let said = [
        ("OLLAMA_HOST", "0.0.0.0:12000"),
        ("OLLAMA_KEEP_ALIVE", "10m"),
        ("OLLAMA_MODELS", "/srv/models"),
        // Of a card that was only described: no driver knows it.
        (
            "CUDA_VISIBLE_DEVICES",
            "GPU-00000000-0000-0000-0000-000000000002",
        ),
    ];
    let service = &mut plan.services[1];
    service.environment = said.map(|(name, value)| (name.into(), value.into())).into();
    service.gpus[0].uuid = Some("GPU-00000000-0000-0000-0000-000000000002".into());
    let text = |kind| joined(&files(&plan, kind, &sample::options()));
    let systemd = text(ArtifactKind::Systemd);
    for line in [
        "OLLAMA_HOST=0.0.0.0:12000",
        "OLLAMA_KEEP_ALIVE=10m",
        "OLLAMA_MODELS=/srv/models",
        "CUDA_VISIBLE_DEVICES=2",
    ] {
        assert!(
            systemd.lines().any(|other| other == line),
            "{line}: {systemd}"
        );
    }
    assert!(text(ArtifactKind::Shell).contains("server qwen3-30b-1 127.0.0.1:12000"));
    assert!(text(ArtifactKind::Nginx).contains("server 127.0.0.1:12000 "));
    let compose = text(ArtifactKind::Compose);
    assert!(
        compose.contains("\"0.0.0.0:12000:11434\"") && !compose.contains("/srv/models"),
        "{compose}"
    );
    assert!(
        !ArtifactKind::ALL
            .iter()
            .filter(|kind| **kind != ArtifactKind::LlamaSwap)
            .any(|kind| text(*kind).contains("GPU-00000000"))
    );
}

#[test]
fn what_shares_the_gpus_of_a_split_loads_after_it() {
    let text = |kind| joined(&files(&sample::shared(), kind, &sample::options()));
    let preloads: Vec<String> = text(ArtifactKind::Shell)
        .lines()
        .filter_map(|line| line.strip_prefix("preload "))
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect();
    assert_eq!(preloads, ["mistral-7b", "gemma2-27b-1", "gemma2-27b-2"]);
    let systemd = text(ArtifactKind::Systemd);
    for name in ["gemma2-27b-1", "gemma2-27b-2"] {
        let file = format!("==> systemd/ollama-preload@{name}.service.d/order.conf <==\n");
        let drop_in = systemd.split(&file).nth(1).expect("a drop-in");
        let waits = "ExecStartPre=/usr/bin/env OLLAMA_HOST=127.0.0.1:11436 /usr/local/bin/ollama run mistral:7b \"\" --keepalive=-1s\n";
        assert!(drop_in.contains(waits), "{systemd}");
        assert!(
            systemd.contains(&format!("- mistral-7b loads before {name}\n")),
            "{systemd}"
        );
    }
    assert!(
        !systemd.contains("ollama-preload@mistral-7b.service.d"),
        "{systemd}"
    );
    assert!(systemd.contains("cp -r ollama-preload@*.service.d"));
    let waits = "mistral-7b-preload:\n        condition: service_healthy";
    assert_eq!(text(ArtifactKind::Compose).matches(waits).count(), 2);
    // Nothing but the container itself keeps the order after a reboot.
    let waits = "until loaded mistral-7b:11434 mistral:7b;";
    assert_eq!(text(ArtifactKind::Compose).matches(waits).count(), 2);
    // Servers with GPUs of their own wait for nobody.
    for kind in [
        ArtifactKind::Shell,
        ArtifactKind::Systemd,
        ArtifactKind::Compose,
    ] {
        let text = joined(&files(&sample::plan(), kind, &sample::options()));
        assert!(
            !text.contains("order.conf") && !text.contains("until loaded"),
            "{text}"
        );
    }
}

#[test]
fn files_for_gpus_without_uuids_say_so() {
    let plan = sample::simulated();
    for kind in [
        ArtifactKind::Shell,
        ArtifactKind::Systemd,
        ArtifactKind::Quadlet,
        ArtifactKind::Compose,
    ] {
        let text = joined(&files(&plan, kind, &sample::options()));
        assert!(text.contains("UUIDs that `nvidia-smi -L` shows"), "{text}");
        assert!(!text.contains("GPU-0000"), "{text}");
    }
    let environments = files(&plan, ArtifactKind::Systemd, &sample::options());
    for file in environments
        .iter()
        .filter(|file| file.path.extension().is_some_and(|end| end == "env"))
    {
        assert!(file.text.contains("have no UUIDs"), "{}", file.text);
    }
    let known = joined(&files(
        &sample::plan(),
        ArtifactKind::Systemd,
        &sample::options(),
    ));
    assert!(!known.contains("no UUIDs"), "{known}");
}

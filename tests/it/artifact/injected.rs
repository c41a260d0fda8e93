//! Hostile names in plans: what is emitted holds them as they are and nothing that they would become, or is refused.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;

use vramfit::artifact::{ArtifactKind, File, Options, STARTERS, Span, emit, environment, migrate};
use vramfit::error::{ArtifactFault, Error};
use vramfit::report::{ModelFile, Plan};

use super::sample;

/// What quotes, ends, opens or runs something in a shell, a unit, YAML, nginx or a Modelfile.
const MARKS: [&str; 44] = [
    "'", "\"", "`", "\\", "$", "$(", "${", "}", "{", "(", ")", ";", "&", "&&", "|", "||", "<", ">",
    "<<", "#", "!", "*", "?", "[", "]", "~", "=", ",", "%", "%n", "@", ":", "/", "..", "-", "--",
    "\n", "\r", "\t", " ", "\0", "\u{1b}", "{{", "\u{202e}",
];

fn hostile() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(&MARKS[..]).prop_map(str::to_owned),
        4 => "[a-z0-9._:/-]{1,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    // The start is nobody else's, so that it shows where the string went.
    prop::collection::vec(word, 0..6).prop_map(|words| format!("zq7{}", words.concat()))
}

/// A place of a plan that a stranger fills.
#[derive(Clone, Copy, Debug)]
enum Place {
    Tag,
    Host,
    Uuid,
    GpuName,
    VariableName,
    VariableValue,
    Version,
    Repository,
    File,
}

const PLACES: [Place; 9] = [
    Place::Tag,
    Place::Host,
    Place::Uuid,
    Place::GpuName,
    Place::VariableName,
    Place::VariableValue,
    Place::Version,
    Place::Repository,
    Place::File,
];

/// What the servers of a plan are, and what is made of it.
#[derive(Clone, Copy, Debug)]
enum Engine {
    Ollama,
    /// The same, from another plan: the scripts that lead from one to the other.
    Migrated,
    LlamaCpp,
    Vllm,
}

const ENGINES: [Engine; 4] = [
    Engine::Ollama,
    Engine::Migrated,
    Engine::LlamaCpp,
    Engine::Vllm,
];

/// The files of a plan, or those that lead to the sample from it.
fn written(
    engine: Engine,
    kind: ArtifactKind,
    plan: &Plan,
    options: &Options,
) -> Result<Vec<File>, Error> {
    if !matches!(engine, Engine::Migrated) {
        return emit(plan, kind, options);
    }
    let environments: Vec<BTreeMap<String, String>> =
        plan.services.iter().map(environment).collect();
    let running = sample::running(plan, &environments);
    let mut after = sample::plan();
    after.services.truncate(1);
    // One script for each kind that starts servers.
    let by = if STARTERS.contains(&kind) {
        kind
    } else {
        ArtifactKind::Shell
    };
    migrate(&after, &running, by, options)
}

fn filled(engine: Engine, place: Place, text: &str) -> (Plan, Options) {
    let (mut plan, mut options) = match engine {
        Engine::Ollama => sample::too_large(),
        Engine::Migrated => (sample::plan(), sample::options()),
        Engine::LlamaCpp => (sample::llama_cpp(), sample::options()),
        Engine::Vllm => {
            let vllm_image = Some("vllm/vllm-openai:v0.28.0".to_owned());
            let options = sample::options();
            (
                sample::vllm(),
                Options {
                    vllm_image,
                    ..options
                },
            )
        }
    };
    let text = text.to_owned();
    match place {
        Place::Tag => plan.services[0].tag = text,
        Place::Host => plan.services[0].host = text,
        Place::Uuid => plan.services[0].gpus[0].uuid = Some(text),
        Place::GpuName => plan.services[0].gpus[0].name = text,
        Place::VariableName => drop(plan.services[0].environment.insert(text, "1".into())),
        Place::VariableValue => drop(plan.services[0].environment.insert("OLLAMA_X".into(), text)),
        Place::Version => options.ollama_version = text,
        Place::Repository => {
            for spanned in &mut options.spans {
                if let Some(Span::Machines(machines)) = &mut spanned.span {
                    machines.repository = text.clone();
                }
            }
            if let Some(ModelFile::Checkpoint { repository, .. }) = &mut plan.services[0].file {
                *repository = text;
            }
        }
        Place::File => {
            if let Some(ModelFile::Folder { file, .. }) = &mut plan.services[0].file {
                *file = text;
            }
        }
    }
    (plan, options)
}

/// Characters that mean nothing to any reader of these files; a blank only within a GPU's name, which stands in comments.
fn is_plain(place: Place, text: &str) -> bool {
    text.chars().all(|c| {
        c.is_ascii_alphanumeric()
            || "._:/-+,@".contains(c)
            || matches!(place, Place::GpuName) && " ()[]'\"".contains(c)
            || matches!(place, Place::VariableValue) && "=".contains(c)
    })
}

#[test]
fn nothing_that_means_something_is_emitted() {
    let (mut emitted, mut refused) = (0_u32, 0_u32);
    // Each string goes to one place and one kind, so that all of them are met some 1,800 times.
    let cases = 100_000;
    let mut runner = TestRunner::new(Config {
        cases,
        ..Config::default()
    });
    let outcome = runner.run(
        &(
            hostile(),
            prop::sample::select(&PLACES[..]),
            prop::sample::select(ArtifactKind::ALL),
            prop::sample::select(&ENGINES[..]),
        ),
        |(text, place, kind, engine)| {
            if is_plain(place, &text) {
                return Ok(());
            }
            let (plan, options) = filled(engine, place, &text);
            match written(engine, kind, &plan, &options) {
                Err(Error::Artifact { .. }) => Ok(()),
                Err(other) => Err(TestCaseError::fail(format!(
                    "{place:?} {text:?}: {other:?}"
                ))),
                Ok(files) => {
                    let holds = files.iter().any(|file| {
                        file.text.contains(&text) || file.path.to_string_lossy().contains(&text)
                    });
                    prop_assert!(
                        !holds || text.trim().is_empty(),
                        "{place:?} in {kind:?} of {engine:?}: {text:?}"
                    );
                    Ok(())
                }
            }
        },
    );
    if let Err(error) = outcome {
        panic!("{error}");
    }
    for mark in MARKS {
        for place in PLACES {
            let (plan, options) = filled(Engine::Ollama, place, mark);
            match emit(&plan, ArtifactKind::Shell, &options) {
                Ok(_) => emitted += 1,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > emitted, "{refused} refused, {emitted} emitted");
}

#[test]
fn every_kind_is_met_with_an_engine_that_has_it() {
    for kind in ArtifactKind::ALL {
        let engines = ENGINES.iter().filter(|engine| {
            let (plan, options) = filled(**engine, Place::Version, "0.33.0");
            match written(**engine, *kind, &plan, &options) {
                Ok(files) => !files.is_empty(),
                Err(Error::Artifact { fault, .. }) => {
                    let other = matches!(
                        fault,
                        ArtifactFault::OllamaOnly | ArtifactFault::LlamaCppOnly
                    );
                    assert!(other, "{kind:?} of {engine:?}: {fault:?}");
                    false
                }
                Err(other) => panic!("{kind:?} of {engine:?}: {other:?}"),
            }
        });
        let engines: Vec<&Engine> = engines.collect();
        // The scripts of a migration are there for any kind.
        assert!(engines.len() > 1, "{kind:?}: {engines:?}");
    }
}

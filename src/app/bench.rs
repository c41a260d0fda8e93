//! `vramfit bench`: how fast this machine is, by the counters of its Ollama.

pub(super) mod kept;

use super::args::{BenchArgs, WorkloadArgs};
use super::hardware::Hardware;
use super::reporting::{self, Answer};
use super::session::Session;
use super::verify;
use crate::catalog::model::ModelKind;
use crate::catalog::similar;
use crate::engine::place::{Verdict, place};
use crate::engine::predict_speed::{self, MeasuredSpeed, mean, predict_speed};
use crate::engine::workload::Workload;
use crate::error::{Error, OllamaError, OllamaFault};
use crate::ollama::{Client, Name, Timeouts};
use crate::render;
use crate::report::{Bench, NotKept, Prediction, Scale, SpeedRow, Spread};

/// The context that a model is loaded with, where it was trained for as much.
const CONTEXT: u32 = 8192;
/// Words of a short and of a long prompt, in parts of the context: at two depths, since reading the cache costs, too.
const PROMPTS: [u32; 2] = [32, 2];
/// Tokens that are written each time.
const TOKENS: u32 = 64;
/// How often each is measured.
const RUNS: u32 = 3;
/// Measured / predicted beyond which something else is going on, and from which on no machine is so fast.
const BELIEVED: std::ops::Range<f64> = 0.25..4.0;

/// Rates of all runs, reading and writing, each in tokens per second.
struct Measured {
    prefill: Spread,
    decode: Vec<Spread>,
}

pub(super) fn run(session: &Session, args: &BenchArgs) -> Result<Answer, Error> {
    let mut hardware = session.hardware()?;
    let client = session.server(Timeouts::default())?;
    let server = client.address().to_string();
    if !client.address().is_local() || hardware.report.origin == "simulated" {
        return Err(Error::ollama(OllamaFault::NotHere, &server, ""));
    }
    // What was measured before is not to be measured against itself.
    hardware.machine.measured.clear();
    hardware.report.speed_scale = None;
    let tag = chosen(session, args, &client)?;
    let version = client.version().map_err(Error::Ollama)?;
    let entry = session.entry(&tag).ok();
    if entry.is_some_and(|entry| entry.model.kind == ModelKind::Embedding) {
        return Err(Error::ollama(OllamaFault::NothingToMeasure, &server, &tag));
    }
    let trained = entry.and_then(|entry| entry.model.context_length);
    let (workload, _) = session.workload(&WorkloadArgs::default())?;
    let workload = Workload {
        context_length: CONTEXT.min(trained.filter(|n| *n > 0).unwrap_or(CONTEXT)),
        parallel: 1,
        ..workload
    };
    let measured = measure(&client, &tag, workload.context_length).map_err(Error::Ollama)?;
    let whole = lies_whole(&client, &tag).map_err(Error::Ollama)?;
    let predicted = predicted(session, &hardware, &tag, &workload, &measured);
    let scale = predicted
        .as_ref()
        .map(|predicted| scale(predicted, &measured));
    if scale.is_some_and(|scale| scale.decode >= BELIEVED.end) {
        let times = scale.map_or(0.0, |scale| scale.decode);
        let detail = format!("{times:.1} × {}", hardware.report.origin);
        return Err(Error::ollama(OllamaFault::Unbelievable, &server, &detail));
    }
    let mut not_kept = match scale {
        None => Some(NotKept::NotPredicted),
        Some(_) if !whole && !hardware.pool.devices.is_empty() => Some(NotKept::PartlyOnHost),
        Some(scale) if !BELIEVED.contains(&scale.decode) => Some(NotKept::FarOff),
        Some(_) if kept::folder(session).is_none() => Some(NotKept::NoPlace),
        Some(_) => None,
    };
    let mut not_written = None;
    let kept = match (not_kept, scale) {
        (None, Some(scale)) => {
            let speed = MeasuredSpeed {
                architecture: architecture(session, &tag),
                decode: scale.decode,
                prefill: scale.prefill,
            };
            match kept::keep(session, &hardware, &tag, &version, &speed) {
                Ok(path) => Some(path),
                // What took minutes to measure is told all the same.
                Err(Error::File { path, reason }) => {
                    not_kept = Some(NotKept::NotWritten);
                    not_written = Some(format!("{}: {reason}", path.display()));
                    None
                }
                Err(error) => return Err(error),
            }
        }
        _ => None,
    };
    let report = Bench {
        schema: "vramfit.bench/1",
        rows: rows(session, &hardware, &tag, &version, &workload, &measured),
        server,
        version,
        tag,
        context_length: workload.context_length,
        prefill: measured.prefill,
        decode: measured.decode,
        predicted,
        scale,
        kept: kept.map(|path| path.display().to_string()),
        not_kept,
        not_written,
        inventory: hardware.report,
    };
    let page = |view| render::bench::page(&report, view);
    reporting::answer(session, &report, page, true)
}

/// The model: as it was named, if the server has it; else the one that is loaded.
fn chosen(session: &Session, args: &BenchArgs, client: &Client) -> Result<String, Error> {
    let Some(wanted) = &args.tag else {
        let loaded = client.loaded().map_err(Error::Ollama)?;
        let first = loaded.into_iter().next().map(|model| model.name);
        let nothing = || {
            Error::ollama(
                OllamaFault::NothingToMeasure,
                &client.address().to_string(),
                "",
            )
        };
        return first.ok_or_else(nothing);
    };
    let tags = client.tags().map_err(Error::Ollama)?;
    // Another name of the same file is the same model.
    let published = session.catalog.find(wanted);
    let names = [
        Name::parse(wanted),
        published.and_then(|entry| Name::parse(&entry.variant.tag)),
    ];
    let is_it = |tag: &&crate::ollama::Tag| {
        let name = Name::parse(&tag.name);
        name.is_some_and(|name| names.iter().flatten().any(|wanted| wanted.is(&name)))
    };
    match tags.iter().find(is_it) {
        Some(tag) => Ok(tag.name.clone()),
        None => Err(Error::UnknownTag {
            tag: wanted.clone(),
            candidates: similar(wanted, tags.iter().map(|tag| tag.name.as_str())),
        }),
    }
}

/// Loads the model and lets it read and write, short and long by turns.
fn measure(client: &Client, tag: &str, context_length: u32) -> Result<Measured, OllamaError> {
    client.load(tag, Some(context_length))?;
    let mut read = Vec::new();
    let mut written = [Vec::new(), Vec::new()];
    let mut depths = [0, 0];
    let mut longest = 0;
    for run in 0..RUNS {
        for (at, part) in PROMPTS.into_iter().enumerate() {
            let text = prompt(run * 2 + at as u32, context_length / part);
            let (counted, [reading, writing]) =
                client.generate(tag, &text, context_length, TOKENS)?;
            depths[at] = counted.prompt_eval_count + counted.eval_count / 2;
            written[at].push(writing);
            if at == 1 {
                longest = counted.prompt_eval_count;
                read.push(reading);
            }
        }
    }
    Ok(Measured {
        prefill: spread(longest, read),
        decode: depths
            .into_iter()
            .zip(written)
            .map(|(depth, rates)| spread(depth, rates))
            .collect(),
    })
}

/// A text of about so many tokens that begins like no other, so that nothing of it lies in the server's cache.
fn prompt(number: u32, words: u32) -> String {
    const WORDS: [&str; 8] = [
        " the", " house", " of", " water", " and", " light", " is", " green",
    ];
    let word = |at: u32| WORDS[((at * 5 + at / 8 + number * 3) % 8) as usize];
    let begin = format!("{}.", 1000 + number * 37);
    (0..words).map(word).fold(begin, |text, word| text + word)
}

fn spread(depth: u64, mut rates: Vec<f64>) -> Spread {
    rates.sort_by(f64::total_cmp);
    let rounded = |rate: Option<&f64>| rate.map_or(0.0, |rate| (rate * 100.0).round() / 100.0);
    Spread {
        depth,
        runs: rates.len(),
        low: rounded(rates.first()),
        median: rounded(rates.get(rates.len() / 2)),
        high: rounded(rates.last()),
    }
}

/// Whether the server says that all of the model lies on GPUs.
fn lies_whole(client: &Client, tag: &str) -> Result<bool, OllamaError> {
    let loaded = client.loaded()?;
    let it = loaded.iter().find(|model| model.name == tag);
    Ok(it.is_some_and(|model| model.is_measured() && model.spilled().0 == 0))
}

/// The rates in the middle of the bands, had nothing been measured. `None` where the model is not to lie whole on GPUs.
fn predicted(
    session: &Session,
    hardware: &Hardware,
    tag: &str,
    workload: &Workload,
    measured: &Measured,
) -> Option<Prediction> {
    let input = verify::known(session, tag)?;
    let entry = session.entry(tag).ok();
    let placement = place(input.shape(), workload, &hardware.pool);
    let whole = matches!(placement.verdict, Verdict::Fits | Verdict::Tight);
    if !whole && !hardware.pool.devices.is_empty() {
        return None;
    }
    let at = |depth: u64| {
        let mut placement = placement.clone();
        placement.workload.depth = u32::try_from(depth).ok();
        let architecture = architecture(session, tag);
        let model = predict_speed::Model {
            input: &input,
            architecture: &architecture,
            quantization: entry
                .and_then(|entry| entry.variant.quantization.as_deref())
                .unwrap_or_default(),
            parameters: entry.and_then(|entry| entry.model.parameters),
            active_parameters: entry
                .and_then(|entry| entry.model.active_parameters.or(entry.model.parameters)),
        };
        let parameters = &session.catalog.knowledge.speeds;
        predict_speed(parameters, &hardware.machine, model, &placement)
    };
    let middle = |[low, high]: [f64; 2]| (low * high).sqrt();
    let speeds: Option<Vec<_>> = measured.decode.iter().map(|one| at(one.depth)).collect();
    let speeds = speeds?;
    Some(Prediction {
        prefill: speeds.last()?.prefill.map(middle),
        decode: speeds.iter().map(|speed| middle(speed.decode)).collect(),
    })
}

/// The catalog's name of a model's architecture; empty where it does not know the model.
fn architecture(session: &Session, tag: &str) -> String {
    let entry = session.entry(tag).ok();
    let known = entry.and_then(|entry| session.catalog.architecture(entry.model));
    known
        .map(|known| known.name.clone())
        .unwrap_or_default()
        .to_string()
}

/// Measured / predicted, of both depths alike.
fn scale(predicted: &Prediction, measured: &Measured) -> Scale {
    let ratios = measured.decode.iter().zip(&predicted.decode);
    let prefill = predicted.prefill.map(|rate| measured.prefill.median / rate);
    Scale {
        prefill: mean(prefill.into_iter()),
        decode: mean(ratios.map(|(one, rate)| one.median / rate)).unwrap_or(1.0),
    }
}

/// The measurements as others can use them.
fn rows(
    session: &Session,
    hardware: &Hardware,
    tag: &str,
    version: &str,
    workload: &Workload,
    measured: &Measured,
) -> Vec<SpeedRow> {
    let gpus: Vec<_> = hardware
        .report
        .hosts
        .iter()
        .flat_map(|host| &host.gpus)
        .collect();
    let gpu = gpus.first().map_or("CPU", |gpu| gpu.name.as_str());
    let known = session.catalog.gpu(gpu, gpus.first().map(|gpu| gpu.total));
    let entry = session.entry(tag).ok();
    let row = |one: &Spread| SpeedRow {
        gpu: gpu.to_owned(),
        gpu_ref: known.map(|known| known.name.to_string()),
        gpu_count: gpus.len(),
        model: tag.to_owned(),
        quant: entry
            .and_then(|entry| entry.variant.quantization.clone())
            .map(String::from),
        kind: "measured",
        runtime: "ollama",
        runtime_version: version.to_owned(),
        context: one.depth,
        kv_cache: workload.kv_cache_type,
        decode_tok_s: one.median,
        prefill_tok_s: measured.prefill.median,
        source: concat!("vramfit bench ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    measured.decode.iter().map(row).collect()
}

//! `vramfit tips`: what each setting would save for a model on this hardware, and the settings that fit, ready to use.

use std::collections::BTreeMap;

use super::args::{Emit, Format, TipsArgs};
use super::guide;
use super::hardware::Hardware;
use super::reporting::{self, Answer};
use super::session::Session;
use crate::catalog::Entry;
use crate::catalog::text::Text;
use crate::engine::cheapest_fix::longest_context;
use crate::engine::doubt::place;
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::engine::place::{Placement, Verdict};
use crate::engine::reason::ALL_LAYERS;
use crate::engine::workload::{FlashAttention, Workload};
use crate::error::Error;
use crate::messages;
use crate::quantization::KvCacheType;
use crate::render;
use crate::report::{Change, Tip, Tips};

/// The contexts that are tried, longest first.
const CONTEXTS: [u32; 6] = [65_536, 32_768, 16_384, 8192, 4096, 2048];
/// How many of them are shown.
const MOST_CONTEXTS: usize = 2;
/// The batches that are tried.
const BATCHES: [u32; 2] = [512, 256];
/// How long Ollama keeps a model by default.
const KEEP_ALIVE: &str = "5m";

pub(super) fn run(session: &Session, args: &TipsArgs) -> Result<Answer, Error> {
    let Some(tag) = &args.tag else {
        let report = Tips {
            guide: guide::tips(session),
            ..bare(session.hardware()?)
        };
        return reporting::answer(
            session,
            &report,
            |view| render::tips::page(&report, view),
            true,
        );
    };
    let (report, by_modelfile, note) = report(session, args, tag)?;
    let whole = |verdict: Option<Verdict>| verdict.is_none_or(|verdict| verdict >= Verdict::Tight);
    let yes = match args.emit {
        Some(Emit::Modelfile) => whole(by_modelfile),
        Some(Emit::Env) | None => whole(report.recommended_verdict),
    };
    // A script that asks for JSON gets JSON, and both texts inside it.
    let emit = args.emit.filter(|_| session.format() != Format::Json);
    let emitted = match emit {
        Some(Emit::Modelfile) => report.modelfile.clone(),
        Some(Emit::Env) => report
            .environment
            .as_ref()
            .map(|variables| note + &lines(variables)),
        None => None,
    };
    if let Some(output) = emitted {
        return Ok(Answer { output, yes });
    }
    reporting::answer(
        session,
        &report,
        |view| render::tips::page(&report, view),
        yes,
    )
}

fn bare(hardware: Hardware) -> Tips {
    Tips {
        schema: "vramfit.tips/1",
        tag: None,
        instead_of: None,
        inventory: hardware.report,
        estimate: None,
        verdict: None,
        context_default: None,
        tips: Vec::new(),
        recommended_verdict: None,
        modelfile: None,
        environment: None,
        guide: Vec::new(),
    }
}

/// A model on some hardware, and how it lies there with any settings.
struct SettingsTrial<'a> {
    session: &'a Session,
    hardware: &'a Hardware,
    input: &'a EstimateInput<'a>,
    base: Workload,
    trained: u32,
}

impl SettingsTrial<'_> {
    fn has_gpus(&self) -> bool {
        !self.hardware.pool.devices.is_empty() || self.hardware.on_cpu
    }

    fn placement(&self, workload: &Workload) -> Placement {
        if self.has_gpus() {
            place(self.input, workload, &self.hardware.pool)
        } else {
            reporting::alone(self.session, self.input, workload)
        }
    }

    fn fits(&self, workload: &Workload, least: Verdict) -> bool {
        !self.has_gpus() || self.placement(workload).verdict >= least
    }

    /// Whether the cache may still be made smaller: a quantised one needs flash attention.
    fn can_quantise(&self) -> bool {
        let architecture = &self.input.architecture;
        self.base.kv_cache_type == KvCacheType::F16
            && self
                .base
                .flash_attention
                .is_on(architecture, KvCacheType::F16, self.base.build)
    }

    /// One change, measured; `None` where it would change nothing.
    fn tip(&self, change: Change, setting: String, workload: &Workload) -> Option<Tip> {
        if *workload == self.base {
            return None;
        }
        let (before, after) = (all(&self.placement(&self.base)), self.placement(workload));
        let total = all(&after);
        (total != before).then(|| Tip {
            change,
            setting,
            total,
            saves: before.0 as i64 - total.0 as i64,
            verdict: self.has_gpus().then_some(after.verdict),
        })
    }

    fn tips(&self) -> Vec<Tip> {
        let base = self.base;
        let contexts = CONTEXTS
            .into_iter()
            .filter(|context| *context < base.context_length)
            .take(MOST_CONTEXTS)
            .filter_map(|context_length| {
                self.tip(
                    Change::Context { context_length },
                    format!("PARAMETER num_ctx {context_length}"),
                    &Workload {
                        context_length,
                        ..base
                    },
                )
            });
        let kinds = [KvCacheType::Q8_0, KvCacheType::Q4_0]
            .into_iter()
            .filter(|_| self.can_quantise())
            .filter_map(|kv_cache_type| {
                self.tip(
                    Change::KvCacheType { kv_cache_type },
                    format!("OLLAMA_KV_CACHE_TYPE={}", kv_cache_type.label()),
                    &Workload {
                        kv_cache_type,
                        ..base
                    },
                )
            });
        let used = self.placement(&base).allocation.batch;
        let batches = BATCHES
            .into_iter()
            .filter(|batch| u64::from(*batch) < used)
            .filter_map(|batch| {
                self.tip(
                    Change::Batch { batch },
                    format!("PARAMETER num_batch {batch}"),
                    &Workload {
                        batch: Some(batch),
                        ..base
                    },
                )
            });
        let parallel = if base.parallel > 1 { 1 } else { 2 };
        // Where Ollama keeps to one request at a time, asking for more changes nothing.
        let slots = self
            .tip(
                Change::Parallel { parallel },
                format!("OLLAMA_NUM_PARALLEL={parallel}"),
                &Workload { parallel, ..base },
            )
            .filter(|_| !self.input.single_slot());
        let held = all(&self.placement(&base));
        let idle = Tip {
            change: Change::KeepAlive,
            setting: "OLLAMA_KEEP_ALIVE=0".into(),
            total: crate::units::Bytes::ZERO,
            saves: held.0 as i64,
            verdict: None,
        };
        contexts
            .chain(kinds)
            .chain(batches)
            .chain(slots)
            .chain([idle])
            .collect()
    }

    /// Settings that fit, changed as little as possible: the cache where the server can be told, else the context. `None` if nothing helps.
    fn settled(&self, cache_too: bool) -> Option<Workload> {
        let base = self.base;
        let longest = |workload: Workload| {
            let most = workload.context_length.min(self.trained);
            let context_length = longest_context(self.input, &workload, &self.hardware.pool, most)?;
            Some(Workload {
                context_length,
                ..workload
            })
        };
        let quantised = Workload {
            kv_cache_type: KvCacheType::Q8_0,
            ..base
        };
        let cache = cache_too && self.can_quantise();
        if self.fits(&base, Verdict::Fits) {
            return Some(base);
        }
        let by_cache =
            Some(quantised).filter(|quantised| cache && self.fits(quantised, Verdict::Fits));
        by_cache
            .or_else(|| longest(base))
            .or_else(|| longest(quantised).filter(|_| cache))
            .or_else(|| Some(base).filter(|base| self.fits(base, Verdict::Tight)))
    }
}

/// What a model takes on GPUs and, where a part of it is there, on the host.
fn all(placement: &Placement) -> crate::units::Bytes {
    if placement.verdict == Verdict::Offloads {
        placement.total() + placement.allocation.host.total()
    } else {
        placement.total()
    }
}

/// The report, how well the model fits with what its Modelfile alone can say, and a comment where the server's context is not the one asked for.
fn report(
    session: &Session,
    args: &TipsArgs,
    tag: &str,
) -> Result<(Tips, Option<Verdict>, String), Error> {
    let asked = session.entry(tag)?;
    let unknown = || Error::UnknownTag {
        tag: tag.to_owned(),
        candidates: asked
            .model
            .replaced_by
            .iter()
            .map(Text::to_string)
            .collect(),
    };
    let entry = match asked.model.published {
        true => asked,
        false => asked
            .model
            .replaced_by
            .as_deref()
            .and_then(|tag| session.catalog.find(tag))
            .ok_or_else(unknown)?,
    };
    let input = estimate_input(&session.catalog, entry).ok_or_else(unknown)?;
    let (workload, context_asked) = session.workload(&args.workload)?;
    let hardware = session.hardware()?;
    let trained = entry
        .model
        .context_length
        .filter(|length| *length > 0)
        .unwrap_or(u32::MAX);
    let base = Workload {
        context_length: workload.context_length.min(trained),
        ..workload
    };
    let bench = SettingsTrial {
        session,
        hardware: &hardware,
        input: &input,
        base,
        trained,
    };
    let placement = bench.placement(&base);
    let for_server = bench.settled(true).unwrap_or(base);
    // Where only the server's cache type helps, the Modelfile says the context that goes with it.
    let alone = |context_length| Workload {
        context_length,
        ..base
    };
    let for_modelfile = bench
        .settled(false)
        .unwrap_or_else(|| alone(for_server.context_length));
    let verdict = |workload| bench.has_gpus().then(|| bench.placement(workload).verdict);
    let (_, profile) = session.ollama()?;
    let visible = hardware.totals.iter().copied().sum();
    let by_modelfile = verdict(&for_modelfile);
    let asked_context = workload.context_length;
    let lowered = |used: u32| {
        let message = messages::tips::lowered(session.lang, asked_context, used, trained);
        (context_asked && used < asked_context).then(|| format!("# {message}\n"))
    };
    let tips = Tips {
        tag: Some(entry.tag.to_owned()),
        instead_of: (!asked.model.published).then(|| asked.tag.to_owned()),
        estimate: Some(reporting::estimate(&hardware, &placement, &input)),
        verdict: verdict(&base),
        context_default: bench
            .has_gpus()
            .then(|| profile.default_context(visible).min(trained)),
        tips: bench.tips(),
        recommended_verdict: verdict(&for_server),
        modelfile: Some(
            lowered(for_modelfile.context_length).unwrap_or_default()
                + &modelfile(
                    entry,
                    &for_modelfile,
                    args,
                    by_modelfile == Some(Verdict::Tight),
                ),
        ),
        environment: Some(environment(&for_server)),
        ..bare(hardware)
    };
    let note = lowered(for_server.context_length).unwrap_or_default();
    Ok((tips, by_modelfile, note))
}

/// Only what Ollama takes in a Modelfile, one setting a line and nothing after it.
fn modelfile(entry: Entry<'_>, workload: &Workload, args: &TipsArgs, forced: bool) -> String {
    let mut text = format!(
        "FROM {}\nPARAMETER num_ctx {}\n",
        entry.tag, workload.context_length
    );
    if let Some(batch) = workload.batch.filter(|_| args.workload.batch.is_some()) {
        text += &format!("PARAMETER num_batch {batch}\n");
    }
    if let Some(draft) = workload.draft {
        text += &format!("PARAMETER draft_num_predict {draft}\n");
    }
    if forced {
        text += &format!("PARAMETER num_gpu {ALL_LAYERS}\n");
    }
    text
}

/// Variables for the server, by name.
fn environment(workload: &Workload) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([
        (
            "OLLAMA_CONTEXT_LENGTH".to_owned(),
            workload.context_length.to_string(),
        ),
        (
            "OLLAMA_NUM_PARALLEL".to_owned(),
            workload.parallel.to_string(),
        ),
        ("OLLAMA_KEEP_ALIVE".to_owned(), KEEP_ALIVE.to_owned()),
    ]);
    let mut put = |name: &str, value: &str| {
        variables.insert(name.to_owned(), value.to_owned());
    };
    let kv_cache_type = workload.kv_cache_type;
    let is_taken = workload.ollamas_types.contains(kv_cache_type);
    if kv_cache_type != KvCacheType::F16 && is_taken {
        if kv_cache_type.is_quantised() {
            put("OLLAMA_FLASH_ATTENTION", "1");
        }
        put("OLLAMA_KV_CACHE_TYPE", kv_cache_type.label());
    } else if workload.flash_attention == FlashAttention::Off {
        put("OLLAMA_FLASH_ATTENTION", "0");
    }
    variables
}

/// As systemd's EnvironmentFile and a shell's `set -a` take it.
fn lines(variables: &BTreeMap<String, String>) -> String {
    variables
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect()
}

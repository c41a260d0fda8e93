//! English.

use super::{Label, Sentence, Text, fix, parameters, tokens};
use crate::catalog::knowledge::ScoreBasis;
use crate::catalog::model::{Capability, Kind};
use crate::catalog::speeds::Basis as SpeedBasis;
use crate::engine::place::Verdict;
use crate::lang::Lang;
use crate::messages::cache;
use crate::report::{Basis, Fix, Reason};
use crate::request::{Budget, Priority, Stage, Task, Tier};
use crate::sanitize::sanitize;

/// English.
pub(super) struct English;

impl Text for English {
    fn lang(&self) -> Lang {
        Lang::En
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Pick => "Pick",
            Label::Why => "Why",
            Label::Run => "Run",
            Label::Rank => "#",
            Label::Model => "Model",
            Label::Models => "Models",
            Label::Verdict => "Verdict",
            Label::Memory => "Memory",
            Label::Need => "Need",
            Label::Speed => "Tokens/s",
            Label::Missing => "Short by",
            Label::WhatWouldHelp => "What would help",
            Label::NearlyFits => "Within reach",
            Label::Parameters => "Params",
            Label::Quantization => "Quant",
            Label::Context => "Context",
            Label::Guide => "Guide #",
            Label::GuideRange => "The guide",
            Label::License => "License",
            Label::File => "File",
            Label::Weights => "Weights",
            Label::Projector => "Vision projector",
            Label::KvCache => "KV cache",
            Label::Recurrent => "of which recurrent",
            Label::Compute => "Compute buffers",
            Label::Overhead => "Process overhead",
            Label::Total => "Total",
            Label::Free => "Free",
            Label::Margin => "Engine's margin",
            Label::Usable => "Usable",
            Label::Used => "Used",
            Label::Reserved => "Reserved",
            Label::Gpu => "GPU",
            Label::Host => "Host",
            Label::Installed => "Installed",
            Label::Name => "Name",
            Label::ComputeCapability => "Compute capability",
            Label::Processes => "Processes",
            Label::HostMemory => "Host memory",
            Label::OnHost => "In host memory",
            Label::OnCpu => "on the CPU",
            Label::Driver => "Driver",
            Label::Score => "Score",
            Label::NotShown => "Not shown at this width:",
            Label::Ladder => "Memory by context and KV cache type",
            Label::LargestContext => "Largest context that fits",
            Label::OllamaItself => "What Ollama does by default",
            Label::Prediction => "Predicted memory",
            Label::DefaultContext => "Default context",
            Label::Placement => "Placement",
            Label::Shape => "Architecture",
            Label::Sources => "Sources",
            Label::Released => "Released",
            Label::Capabilities => "Capabilities",
            Label::Evidence => "Evidence",
            Label::Benchmark => "Benchmark",
            Label::Value => "Value",
            Label::ReportedBy => "Reported by",
            Label::NearestMeasurement => "Nearest measurement",
            Label::TaskScore => "Score",
            Label::Source => "Source",
            Label::Stars => "Stars",
            Label::Estimate => "Memory",
            Label::Basis => "Basis",
            Label::Batch => "Batch",
            Label::Parallel => "Parallel",
            Label::KvCacheType => "KV cache type",
            Label::FlashAttention => "Flash attention",
            Label::On => "on",
            Label::Off => "off",
            Label::Options => "Options",
            Label::GlobalOptions => "Hardware and output (for every command)",
            Label::Commands => "Commands",
            Label::Arguments => "Arguments",
            Label::Usage => "Usage",
            Label::Choices => "one of",
            Label::Environment => "environment",
            Label::Generation => "Generation",
            Label::Prefill => "Prompt",
            Label::FirstToken => "First token",
            Label::Simulated => "simulated",
        }
    }

    fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Fits => "fits",
            Verdict::Tight => "tight",
            Verdict::Offloads => "offloads",
            Verdict::DoesNotFit => "does not fit",
        }
    }

    fn task(&self, task: Task) -> &'static str {
        match task {
            Task::Chat => "conversation",
            Task::Chinese => "Chinese",
            Task::Code => "code",
            Task::Reasoning => "reasoning",
            Task::Translation => "translation",
            Task::Documents => "documents",
        }
    }

    fn priority(&self, priority: Priority) -> &'static str {
        match priority {
            Priority::Quality => "quality first",
            Priority::Balanced => "balanced",
            Priority::Speed => "speed first",
        }
    }

    fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Prototype => "prototype",
            Stage::Testing => "testing",
            Stage::Production => "production",
        }
    }

    fn budget(&self, budget: Budget) -> &'static str {
        match budget {
            Budget::Ample => "ample budget",
            Budget::Limited => "limited budget",
        }
    }

    fn tier(&self, tier: Tier) -> &'static str {
        match tier {
            Tier::UltraLight => "ultra-light (< 2 GB)",
            Tier::Light => "light (2-6 GB)",
            Tier::Medium => "medium (6-12 GB)",
            Tier::Heavy => "heavy (12-24 GB)",
            Tier::SuperHeavy => "super-heavy (> 24 GB)",
        }
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Instruct => "instruction-tuned",
            Kind::Base => "base model",
            Kind::Code => "code",
            Kind::Reasoning => "reasoning",
            Kind::Vision => "vision",
            Kind::Translation => "translation",
            Kind::Embedding => "embedding",
            Kind::Reranker => "reranker",
            Kind::Guard => "safety",
            Kind::Ocr => "text recognition",
            Kind::Other => "special purpose",
        }
    }

    fn capability(&self, capability: Capability) -> &'static str {
        match capability {
            Capability::Completion => "completion",
            Capability::Tools => "tools",
            Capability::Thinking => "thinking",
            Capability::Vision => "vision",
            Capability::Embedding => "embedding",
            Capability::Insert => "insert",
            Capability::Audio => "audio",
        }
    }

    fn basis(&self, basis: Basis) -> &'static str {
        match basis {
            Basis::File => "exact: the tensors of the file",
            Basis::Architecture => "exact: the model's architecture and its published file size",
            Basis::Computed => "close: the model's architecture, its file size rounded or computed",
            Basis::SimilarArchitecture => "rough: the architecture of a similar model",
            Basis::Approximate => {
                "close: the tensors are exact, what this architecture computes with is not known in full"
            }
            Basis::Documented => "rough: the guide's range, since the tag does not exist",
        }
    }

    fn score_basis(&self, basis: ScoreBasis) -> &'static str {
        match basis {
            ScoreBasis::Benchmarks => "the model's own benchmarks",
            ScoreBasis::Related => {
                "inferred from its family, or from its benchmarks for other tasks"
            }
            ScoreBasis::Size => "inferred from its series, size, generation and kind",
        }
    }

    fn speed_basis(&self, basis: SpeedBasis) -> &'static str {
        match basis {
            SpeedBasis::MeasuredOnGpuAndModel => "measurements of this model on this GPU",
            SpeedBasis::MeasuredOnGpu => "measurements of other models on this GPU",
            SpeedBasis::FittedFamily => "a fit over GPUs of the same generation",
            SpeedBasis::BandwidthOnly => "memory bandwidth alone",
        }
    }

    fn reason(&self, reason: &Reason, task: Task) -> String {
        let task = self.task(task);
        match reason {
            Reason::RankedForTask { rank } => format!("#{rank} in the guide for {task}"),
            Reason::StrongForTask { score } => {
                format!("benchmarks well for {task} ({score:.0}/100)")
            }
            Reason::Headroom { bytes } => format!("{bytes} to spare"),
            Reason::ContextClamped { asked, used } => format!(
                "trained for a context of {}, not {}",
                tokens(*used),
                tokens(*asked)
            ),
            Reason::SplitsOver { gpus } => format!("split over {gpus} GPUs"),
            Reason::CacheDominates { percent } => format!("{percent}% of it is KV cache"),
            Reason::ReplacesUnpublished { tag } => {
                format!("in place of {tag}, which does not exist")
            }
            Reason::LoadsWholeOnlyWith { setting } => {
                format!("fits whole only with PARAMETER {setting}")
            }
            Reason::DefaultContextOffloads { context_length } => format!(
                "by default Ollama opens it with {} tokens and moves layers to the CPU",
                tokens(*context_length)
            ),
            Reason::DefaultContextTakes {
                context_length,
                bytes,
            } => format!(
                "'ollama run' opens {} and takes {bytes}",
                tokens(*context_length)
            ),
            Reason::OffloadsShare { percent } => {
                format!("{percent}% of the weights on the CPU")
            }
            Reason::ProcessorOnly => "runs on the CPU alone".into(),
            Reason::MixtureOfExperts { active_parameters } => format!(
                "mixture of experts, {} active",
                parameters(*active_parameters)
            ),
            Reason::OtherQuantization { instead_of } => format!("instead of {instead_of}"),
            Reason::SingleSlot => "Ollama serves one request at a time with it".into(),
            Reason::NoFlashAttention => "does not support flash attention".into(),
            Reason::CacheRefused {
                kv_cache_type,
                fault,
            } => cache::refused(self.lang(), *kv_cache_type, *fault),
            Reason::CacheNotOllamas { kv_cache_type } => {
                cache::not_ollamas(self.lang(), *kv_cache_type)
            }
            Reason::WithinDoubt { doubt } => cache::give_or_take(self.lang(), *doubt),
            Reason::AttendsOnHost { kv_cache_type } => {
                cache::attends_on_host(self.lang(), *kv_cache_type)
            }
            Reason::InferredQuality => "quality inferred from family and size".into(),
            Reason::InexactMemory { basis } => match basis {
                Basis::Computed => "file size approximate".into(),
                Basis::Approximate => "no exact rule for this architecture".into(),
                Basis::Documented => "memory taken from the guide".into(),
                Basis::File | Basis::Architecture | Basis::SimilarArchitecture => {
                    "memory estimated from a similar model".into()
                }
            },
            Reason::NotPublished {
                replaced_by: Some(tag),
            } => format!("not in Ollama's library (use {tag})"),
            Reason::NamedAfter { of } => {
                format!("estimated as {of}, whose name the repository has; its file was not read")
            }
            Reason::NotPublished { replaced_by: None } => "not in Ollama's library".into(),
        }
    }

    fn fix(&self, fix: &Fix) -> String {
        fix::en(fix)
    }

    fn say(&self, sentence: &Sentence<'_>) -> String {
        match sentence {
            Sentence::NoGpu => "No GPU found: models would run on the CPU, in host memory.".into(),
            Sentence::HowToSimulate => {
                "To try other hardware: --gpu 'RTX 3090', --gpu '2x3090+4060' or --vram 24.".into()
            }
            Sentence::Usable { total, usable } => format!("{total}, {usable} usable"),
            Sentence::HostMemory { available } => format!("{available} of host memory available"),
            Sentence::Best { tag, task } => format!("{tag} for {task}"),
            Sentence::Takes { need, gpus } => format!("{need} on {gpus}"),
            Sentence::TakesHost { need } => format!("{need} of host memory"),
            Sentence::HostShare { percent } => format!("{percent}% on CPU"),
            Sentence::InContext { context } => format!("context {context}"),
            Sentence::Rate { rate } => format!("{rate} tokens/s"),
            Sentence::FirstToken { seconds, prompt } => {
                format!("{seconds} s for a prompt of {prompt} tokens")
            }
            Sentence::AtSpeed { low, high } => format!("about {low}–{high} tokens/s"),
            Sentence::For {
                task,
                priority,
                context,
                parallel,
                kv,
            } => {
                let slots = if *parallel > 1 {
                    format!(", {parallel} requests at once")
                } else {
                    String::new()
                };
                format!("{task}, {priority}, context {context}{slots}, {kv} KV cache")
            }
            Sentence::NothingFits => "No model fits this hardware.".into(),
            Sentence::More { count } => format!("{count} more are listed with -v or --json."),
            Sentence::LayersOn { layers, gpu } => format!("{layers} layers on GPU {gpu}"),
            Sentence::ShortBy { bytes } => format!("short by {bytes}"),
            Sentence::LayersOnHost { layers } => format!("{layers} layers on the CPU"),
            Sentence::HostBandwidth { rate } => {
                format!("counted with {rate}; --ram-bandwidth says another")
            }
            Sentence::CacheFactors {
                layers,
                key,
                value,
                kv,
            } => format!("{layers} layers × ({key} + {value}) × {kv}"),
            Sentence::ExpertsOnHost { layers, of } => {
                format!("the experts of {layers} of {of} layers in RAM")
            }
            Sentence::NoHardware => {
                "No GPU given: estimated as if one GPU held the whole model.".into()
            }
            Sentence::Largest { kv, context } => format!("{context} with {kv}"),
            Sentence::LargestNone { kv } => format!("none with {kv}"),
            Sentence::CatalogFine {
                models,
                variants,
                gpus,
            } => format!("No defects: {models} models in {variants} files, {gpus} GPUs."),
            Sentence::Defects { count: 1 } => "1 defect.".into(),
            Sentence::Defects { count } => format!("{count} defects."),
            Sentence::Replaced { tag, by } => {
                format!("{tag} is not in Ollama's library; use {by}.")
            }
            Sentence::NothingMatches => "No model matches.".into(),
            Sentence::PerToken { bytes } => format!("{bytes} per token"),
            Sentence::Wrote { path } => format!("Wrote {}.", sanitize(path)),
            Sentence::Of { part, whole } => format!("{part} of {whole}"),
        }
    }
}

//! English.

use super::{Label, Sentence, Text, parameters, tokens};
use crate::catalog::knowledge::ScoreBasis;
use crate::catalog::model::{Capability, Kind};
use crate::catalog::speeds::Basis as SpeedBasis;
use crate::engine::place::Verdict;
use crate::lang::Lang;
use crate::report::{Basis, Fix, OllamaNote, Reason};
use crate::request::{Budget, Priority, Stage, Task, Tier};

/// English.
pub(super) struct English;

impl Text for English {
    fn lang(&self) -> Lang {
        Lang::En
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Hardware => "Hardware",
            Label::Pick => "Pick",
            Label::Why => "Why",
            Label::Run => "Run",
            Label::Rank => "#",
            Label::Model => "Model",
            Label::Verdict => "Verdict",
            Label::Memory => "Memory",
            Label::Need => "Need",
            Label::Speed => "Tokens/s",
            Label::Missing => "Missing",
            Label::WhatWouldHelp => "What would help",
            Label::NearlyFits => "Did not fit",
            Label::Tier => "Tier",
            Label::Parameters => "Params",
            Label::Active => "Active",
            Label::Quantization => "Quant",
            Label::Context => "Context",
            Label::Guide => "Guide",
            Label::GuideRange => "Guide's range",
            Label::License => "License",
            Label::File => "File",
            Label::Weights => "Weights",
            Label::Projector => "Vision projector",
            Label::KvCache => "KV cache",
            Label::Recurrent => "of it recurrent state",
            Label::Compute => "Compute buffers",
            Label::Overhead => "CUDA context",
            Label::Total => "Total",
            Label::Free => "Free",
            Label::Margin => "Engine's margin",
            Label::Usable => "Usable",
            Label::Used => "Used",
            Label::Reserved => "Reserved",
            Label::Gpu => "GPU",
            Label::Name => "Name",
            Label::Uuid => "UUID",
            Label::Bandwidth => "Bandwidth",
            Label::ComputeCapability => "Compute capability",
            Label::Processes => "Processes",
            Label::HostMemory => "Host memory",
            Label::Driver => "Driver",
            Label::Host => "Host",
            Label::Family => "Family",
            Label::Score => "Score",
            Label::NotShown => "Not shown at this width:",
            Label::Ladder => "Contexts",
            Label::LargestContext => "Largest context that fits",
            Label::OllamaItself => "What Ollama does by itself",
            Label::Prediction => "It predicts",
            Label::DefaultContext => "Default context",
            Label::Placement => "Placement",
            Label::Shape => "Shape",
            Label::Settings => "Settings",
            Label::Sources => "Sources",
            Label::Released => "Released",
            Label::Capabilities => "Can",
            Label::Evidence => "Evidence",
            Label::Benchmark => "Benchmark",
            Label::Value => "Value",
            Label::ReportedBy => "Reported by",
            Label::NearestMeasurement => "Nearest measurement",
            Label::TaskScore => "Score for the task",
            Label::Source => "Source",
            Label::Stars => "Stars",
            Label::General => "General",
            Label::Chinese => "Chinese",
            Label::Code => "Code",
            Label::Estimate => "Memory",
            Label::Basis => "Basis",
            Label::Batch => "Batch",
            Label::Parallel => "Parallel",
            Label::KvCacheType => "KV cache type",
            Label::FlashAttention => "Flash attention",
            Label::Engine => "Engine",
            Label::On => "on",
            Label::Off => "off",
            Label::Options => "Options",
            Label::GlobalOptions => "Hardware and output (for every command)",
            Label::Commands => "Commands",
            Label::Arguments => "Arguments",
            Label::Usage => "Usage",
            Label::Default => "default",
            Label::Choices => "one of",
            Label::Environment => "environment",
            Label::Yes => "yes",
            Label::No => "no",
            Label::Prefill => "Prompt tokens/s",
            Label::FirstToken => "First token",
            Label::Layers => "Layers",
            Label::Models => "Models",
            Label::Installed => "Installed",
            Label::Simulated => "simulated",
            Label::Replacement => "Instead",
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
            Basis::File => "exact: the file's own tensors",
            Basis::Architecture => "exact: the model's shape and its published size",
            Basis::Computed => "near: the model's shape, its size rounded or computed",
            Basis::SimilarArchitecture => "rough: the shape of a similar model",
            Basis::Documented => "rough: the guide's range, for a tag that does not exist",
        }
    }

    fn score_basis(&self, basis: ScoreBasis) -> &'static str {
        match basis {
            ScoreBasis::Benchmarks => "benchmarks of the model itself",
            ScoreBasis::Related => "inherited: its family, or its own benchmarks for other tasks",
            ScoreBasis::Size => "inherited: its series, size, generation and kind",
        }
    }

    fn speed_basis(&self, basis: SpeedBasis) -> &'static str {
        match basis {
            SpeedBasis::MeasuredOnGpuAndModel => "measured with this model on this GPU",
            SpeedBasis::MeasuredOnGpu => "measured on this GPU with other models",
            SpeedBasis::FittedFamily => "fitted on other GPUs of its generation",
            SpeedBasis::BandwidthOnly => "the bandwidth alone",
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::RankedForTask { rank } => format!("the guide's no. {rank} for this"),
            Reason::StrongForTask { score } => {
                format!("strong evidence for this task ({score:.0}/100)")
            }
            Reason::Headroom { bytes } => format!("{bytes} to spare"),
            Reason::ContextClamped { asked, used } => format!(
                "trained for {} tokens, not {}",
                tokens(*used),
                tokens(*asked)
            ),
            Reason::SplitsOver { gpus } => format!("split over {gpus} GPUs"),
            Reason::CacheDominates { percent } => format!("{percent} % of it is KV cache"),
            Reason::ReplacesUnpublished { tag } => {
                format!("in place of {tag}, which does not exist")
            }
            Reason::LoadsWholeOnlyWith { setting } => {
                format!("loads whole only with PARAMETER {setting}")
            }
            Reason::OffloadsShare { percent } => {
                format!("{percent} % of the weights on the processor")
            }
            Reason::ProcessorOnly => "on the processor alone".into(),
            Reason::MixtureOfExperts { active_parameters } => format!(
                "mixture of experts, {} active",
                parameters(*active_parameters)
            ),
            Reason::OtherQuantization { instead_of } => format!("instead of {instead_of}"),
            Reason::SingleSlot => "Ollama serves one request at a time with it".into(),
            Reason::NoFlashAttention => "no flash attention with this model".into(),
            Reason::InferredQuality => "quality inferred from family and size".into(),
            Reason::InexactMemory { basis } => match basis {
                Basis::Computed => "size rounded".into(),
                Basis::Documented => "memory as the guide says".into(),
                Basis::File | Basis::Architecture | Basis::SimilarArchitecture => {
                    "memory of a similar model".into()
                }
            },
            Reason::NotPublished {
                replaced_by: Some(tag),
            } => format!("not in Ollama's library; take {tag}"),
            Reason::NotPublished { replaced_by: None } => "not in Ollama's library".into(),
        }
    }

    fn fix(&self, fix: &Fix) -> String {
        match fix {
            Fix::KvCacheType { kv_cache_type } => {
                format!("--kv-cache-type {}", kv_cache_type.label())
            }
            Fix::ShorterContext { context_length } => {
                format!("--context {}", tokens(*context_length))
            }
            Fix::ShorterContextAndKvCacheType {
                context_length,
                kv_cache_type,
            } => {
                format!(
                    "--context {} --kv-cache-type {}",
                    tokens(*context_length),
                    kv_cache_type.label()
                )
            }
            Fix::SmallerQuantization { tag, .. } => format!("a smaller file: {tag}"),
            Fix::FreeProcess {
                gpu,
                pid,
                name,
                bytes,
            } => {
                let name = name.as_deref().unwrap_or("?");
                format!("stop {name} (pid {pid}): it holds {bytes} of GPU {gpu}")
            }
            Fix::FewerReplicas { replicas } => format!("{replicas} of the replicas"),
            Fix::AnotherContext {
                tag,
                context_length,
            } => format!("{tag}@{}", tokens(*context_length)),
            Fix::AnotherReplicas { tag, replicas } => format!("{tag}*{replicas}"),
            Fix::WithoutPin => "let it use other GPUs too".into(),
            Fix::FewerKeptFree { count } => format!("--keep-free {count}"),
            Fix::MoreGpus { count: 1 } => "one more such GPU".into(),
            Fix::MoreGpus { count } => format!("{count} more such GPUs"),
        }
    }

    fn ollama_note(&self, note: &OllamaNote) -> String {
        match note {
            OllamaNote::OneGpu => "The prediction fills at most 80 % of a GPU, so the GPU with the most free memory gets the model alone.".into(),
            OllamaNote::SpreadsOverAll { gpus, enough } => {
                format!("The prediction fills more than 80 % of every GPU, so all {gpus} are handed over, although {enough} would do.")
            }
            OllamaNote::SilentOffload { layers } => format!("{layers} layers go to the processor without a word."),
            OllamaNote::DefaultContextOffloads { context_length } => {
                format!("Left alone it starts with {} tokens, and layers go to the processor: set the context.", tokens(*context_length))
            }
            OllamaNote::DefaultContextFits { context_length } => format!("Left alone it starts with {} tokens, which fits.", tokens(*context_length)),
            OllamaNote::SingleSlot => "It serves one request at a time with this architecture, whatever OLLAMA_NUM_PARALLEL says.".into(),
            OllamaNote::PredictionOff { percent } => format!("Its prediction is {percent:+} % off what is allocated."),
            OllamaNote::OldVersion => "This version chooses in another way, which vramfit does not model; the estimate is of the newer engine.".into(),
        }
    }

    fn say(&self, sentence: &Sentence<'_>) -> String {
        match sentence {
            Sentence::NoGpu => "No GPU found: models run on the processor, in host memory.".into(),
            Sentence::HowToSimulate => {
                "Try any hardware: --gpu 'RTX 3090', --gpu '2x3090+4060' or --vram 24.".into()
            }
            Sentence::Usable { total, usable } => format!("{total}, {usable} usable"),
            Sentence::HostMemory { available } => format!("{available} of host memory available"),
            Sentence::Best { tag, task } => format!("{tag} for {task}"),
            Sentence::Takes { need, gpus } => format!("{need} on {gpus}"),
            Sentence::TakesHost { need } => format!("{need} of host memory"),
            Sentence::AtSpeed { low, high } => format!("about {low} to {high} tokens/s"),
            Sentence::For {
                task,
                priority,
                context,
                parallel,
                kv,
            } => {
                let slots = if *parallel > 1 {
                    format!(" × {parallel} slots")
                } else {
                    String::new()
                };
                format!("{task}, {priority}, {context} tokens of context{slots}, {kv} cache")
            }
            Sentence::NothingFits => "Nothing fits these GPUs.".into(),
            Sentence::OnlyOffloads => {
                "Nothing fits whole; these would run partly on the processor, slowly.".into()
            }
            Sentence::Trained { context } => format!("trained for {context} tokens"),
            Sentence::More { count, option } => format!("{count} more: {option}"),
            Sentence::OllamaContext { default, used } => {
                format!(
                    "Left alone, Ollama starts with {default} tokens here, not {used}: set OLLAMA_CONTEXT_LENGTH, or num_ctx in a Modelfile."
                )
            }
            Sentence::OnGpu { gpu } => format!("GPU {gpu}"),
            Sentence::LayersOn { layers, gpu } => format!("{layers} layers on GPU {gpu}"),
            Sentence::LayersOnHost { layers } => format!("{layers} layers on the processor"),
            Sentence::NoHardware => "No GPU: as if one GPU held it all.".into(),
            Sentence::Largest { kv, context } => format!("{context} tokens with {kv}"),
            Sentence::LargestNone { kv } => format!("none with {kv}"),
            Sentence::CatalogFine {
                models,
                variants,
                gpus,
            } => format!("No defects: {models} models in {variants} files, {gpus} GPUs."),
            Sentence::Defects { count: 1 } => "1 defect.".into(),
            Sentence::Defects { count } => format!("{count} defects."),
            Sentence::Replaced { tag, by } => {
                format!("{tag} is not in Ollama's library. Take {by}.")
            }
            Sentence::NothingMatches => "No model matches.".into(),
            Sentence::PerToken { bytes } => format!("{bytes} a token"),
            Sentence::Wrote { path } => format!("Wrote {path}."),
            Sentence::Of { part, whole } => format!("{part} of {whole}"),
        }
    }
}

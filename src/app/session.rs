//! Everything a command works with, resolved from flags, environment, configuration and defaults, in this order.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use super::args::{Format, FormatChoice, Global, When, WorkloadArgs};
use super::config::Config;
use super::environment::Environment;
use super::hardware::{self, Hardware};
use super::hub;
use super::import;
use super::installed::InstalledModels;
use super::quantity::{bandwidth, draft};
pub(super) use super::quantity::{context_length, number, size};
use crate::catalog::library::{Elsewhere, Published};
use crate::catalog::tags::Tags;
use crate::catalog::{Catalog, Entry};
use crate::embedded;
use crate::engine::published::derive_sizes;
use crate::engine::ranking::{RankingHardware, Scope};
use crate::engine::runtime::{Profile, build_of_version};
use crate::engine::workload::{Engine, FlashAttention, Workload};
use crate::error::{Error, ExpectedFormat, NotEstimated};
use crate::lang::Lang;
use crate::quantization::KvCacheType;
use crate::regular_file::{DATA, read_text};
use crate::render::terminal::Terminal;
use crate::render::view::View;
use crate::request::Task;
use crate::units::Bytes;

/// The context that an answer is for where none was asked for.
pub(super) const DEFAULT_CONTEXT: u32 = 8192;

/// What the process is connected to.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    /// Whether standard input is a terminal.
    pub input_is_terminal: bool,
    /// The width of the terminal on standard output, if it is one.
    pub output_width: Option<usize>,
    /// Its height, where it tells one.
    pub output_height: Option<usize>,
}

/// One run of the program: its arguments, settings and data, resolved.
pub(super) struct Session {
    pub global: Global,
    pub environment: Environment,
    pub config: Config,
    pub streams: Streams,
    pub lang: Lang,
    /// The program's own, or its copy with the user's data.
    pub catalog: Cow<'static, Catalog>,
    /// As it is echoed: `all`, `guide`, or the files' names.
    pub catalog_name: String,
    pub scope: Scope,
    /// What this machine's Ollama has; looked for once, when it is first asked for.
    pub installed_models: OnceCell<Option<InstalledModels>>,
}

impl Session {
    /// `cited`: whether the answer tells where numbers come from, which costs reading it.
    pub(super) fn new(
        global: Global,
        environment: Environment,
        streams: Streams,
        lang: Lang,
        cited: bool,
    ) -> Result<Self, Error> {
        let config = Config::read(global.config.as_deref(), &environment)?;
        let mut session = Self {
            global,
            environment,
            config,
            streams,
            lang,
            catalog: Cow::Borrowed(embedded::shared_catalog(cited)?),
            catalog_name: String::new(),
            scope: Scope::All,
            installed_models: OnceCell::new(),
        };
        session.load_overlays()?;
        Ok(session)
    }

    /// The user's data files: those in the configuration directory, then those that were named.
    fn load_overlays(&mut self) -> Result<(), Error> {
        let mut named = self.global.catalog.clone();
        if named.is_empty() {
            named.extend(
                self.environment
                    .get("VRAMFIT_CATALOG")
                    .map(str::to_owned)
                    .or_else(|| self.config.catalog.clone()),
            );
        }
        let mut files: Vec<PathBuf> = self
            .overlay_directory()
            .map(|directory| toml_files(&directory))
            .unwrap_or_default();
        for name in &named {
            match name.as_str() {
                "all" => {}
                "guide" => self.scope = Scope::Guide,
                file => files.push(PathBuf::from(file)),
            }
        }
        self.catalog_name = if named.is_empty() {
            "all".to_owned()
        } else {
            named.join(",")
        };
        let texts = files
            .iter()
            .map(|path| Ok((path.display().to_string(), read_text(path, DATA)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        if !texts.is_empty() {
            let files = texts
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()));
            let catalog = self.catalog.to_mut();
            catalog.overlay(files).map_err(Error::Defects)?;
            derive_sizes(catalog, &Tags::default());
        }
        Ok(())
    }

    /// Takes models of the person's own into the catalog, under the names by which a command asks for them.
    ///
    /// # Errors
    ///
    /// A file that is no usable model.
    pub(super) fn take_own(&mut self, named: &[String]) -> Result<(), Error> {
        for name in named {
            if self.catalog.find(name).is_some() {
                continue;
            }
            if let Some(entry) = import::own(self, name)? {
                entry.to_toml(self.catalog.to_mut(), name)?;
            }
        }
        Ok(())
    }

    /// Where the user's data files lie.
    pub(super) fn overlay_directory(&self) -> Option<PathBuf> {
        Some(self.environment.config_directory()?.join("catalog"))
    }

    /// The entry of a tag.
    pub(super) fn entry(&self, tag: &str) -> Result<Entry<'_>, Error> {
        if let Some(entry) = self.catalog.find(tag) {
            return Ok(entry);
        }
        let damaged = |_| Error::Damaged { part: "library" };
        match self.catalog.published(tag).map_err(damaged)? {
            Some(Published::File(entry)) => Ok(entry),
            Some(Published::Elsewhere(why)) => Err(self.not_estimated(tag, why)),
            None if hub::parse(tag).is_some() => Err(Error::NotEstimated {
                tag: tag.to_owned(),
                why: NotEstimated::Repository,
                candidates: Vec::new(),
            }),
            None => Err(Error::UnknownTag {
                tag: tag.to_owned(),
                candidates: self.catalog.similar_tags(tag),
            }),
        }
    }

    fn not_estimated(&self, tag: &str, why: Elsewhere) -> Error {
        // What stands before its format names the model.
        let stem = tag.rsplit_once('-').map_or(tag, |(stem, _)| stem);
        let stem = stem.strip_suffix("-mlx").unwrap_or(stem);
        let default = self.catalog.find(stem);
        Error::NotEstimated {
            tag: tag.to_owned(),
            why: match why {
                Elsewhere::Cloud => NotEstimated::Cloud,
                Elsewhere::Mlx => NotEstimated::Mlx,
                Elsewhere::Unknown => NotEstimated::NoShape,
            },
            candidates: default
                .map(|entry| entry.tag.to_owned())
                .into_iter()
                .collect(),
        }
    }

    /// The hardware: simulated if any was described, else what is here.
    pub(super) fn hardware(&self) -> Result<Hardware, Error> {
        hardware::find(self)
    }

    /// The settings for a task, with the context that it usually needs where none is asked for, and whether one is.
    pub(super) fn workload_for(
        &self,
        task: Task,
        args: &WorkloadArgs,
    ) -> Result<(Workload, bool), Error> {
        let (mut workload, context_asked) = self.workload(args)?;
        // The guide's tables are for one context.
        if !context_asked && self.scope == Scope::All {
            workload.context_length = task.usual_context();
        }
        Ok((workload, context_asked))
    }

    /// The settings, and whether the context was asked for.
    pub(super) fn workload(&self, args: &WorkloadArgs) -> Result<(Workload, bool), Error> {
        let environment = |name: &str| self.environment.get(name).map(str::to_owned);
        let of_config = |value: &toml::Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        let context = args
            .context
            .clone()
            .or_else(|| environment("OLLAMA_CONTEXT_LENGTH"))
            .or_else(|| self.config.context.as_ref().map(of_config));
        let parallel = args
            .parallel
            .clone()
            .or_else(|| environment("OLLAMA_NUM_PARALLEL").filter(|n| n != "0"));
        let parallel = parallel.or_else(|| self.config.parallel.map(|n| n.to_string()));
        let kind = args.kv_cache_type.map(Ok).or_else(|| {
            let name = environment("OLLAMA_KV_CACHE_TYPE")
                .or_else(|| self.config.kv_cache_type.clone())?;
            Some(kv_cache_type(&name))
        });
        let flash_off = args.no_flash_attention
            || matches!(
                self.environment.get("OLLAMA_FLASH_ATTENTION"),
                Some("0" | "false")
            );
        let (version, profile) = self.ollama()?;
        let (build, _) = build_of_version(&version).unwrap_or_default();
        let ollama = &self.catalog.knowledge.ollama;
        let workload = Workload {
            context_length: context.as_deref().map_or(Ok(DEFAULT_CONTEXT), |text| {
                context_length("--context", text)
            })?,
            parallel: parallel.as_deref().map_or(Ok(1), |text| {
                number("--parallel", text, 256, ExpectedFormat::Parallel)
            })?,
            kv_cache_type: kind.transpose()?.unwrap_or_default(),
            ollamas_types: ollama.cache_types(&version),
            batch: args
                .batch
                .as_deref()
                .map(|text| number("--batch", text, 65_536, ExpectedFormat::Batch))
                .transpose()?,
            draft: args.draft.as_deref().map(draft).transpose()?,
            flash_attention: if flash_off {
                FlashAttention::Off
            } else {
                FlashAttention::Auto
            },
            engine: Engine::Ollama,
            build,
            batch_logits: profile != Profile::LlamaServer,
            depth: match args.depth.as_deref() {
                Some("0") => Some(0),
                other => other
                    .map(|text| context_length("--depth", text))
                    .transpose()?,
            },
        };
        Ok((workload, context.is_some()))
    }

    /// The version of Ollama that is predicted, and how it chooses.
    pub(super) fn ollama(&self) -> Result<(String, Profile), Error> {
        let asked = self
            .global
            .ollama_version
            .clone()
            .or_else(|| self.config.ollama_version.clone());
        let version = asked.unwrap_or_else(|| self.catalog.knowledge.ollama.version.clone());
        match Profile::of_version(&version) {
            Some(profile) => Ok((version, profile)),
            None => Err(Error::BadValue {
                argument: "--ollama-version".into(),
                value: version,
                form: ExpectedFormat::Version,
            }),
        }
    }

    /// The memory to keep free on every GPU.
    pub(super) fn reserve(&self) -> Result<Bytes, Error> {
        match self
            .global
            .reserve
            .clone()
            .or_else(|| self.config.reserve.clone())
        {
            Some(text) => size("--reserve", &text),
            None => Ok(Bytes::ZERO),
        }
    }

    /// Bandwidth of host memory in GB/s, if it was described.
    pub(super) fn ram_bandwidth(&self) -> Result<Option<f64>, Error> {
        let text = self.global.ram_bandwidth.as_deref();
        text.map(|text| {
            bandwidth(text).ok_or_else(|| Error::BadValue {
                argument: "--ram-bandwidth".into(),
                value: text.to_owned(),
                form: ExpectedFormat::Bandwidth,
            })
        })
        .transpose()
    }

    /// How the answer is written.
    pub(super) fn format(&self) -> Format {
        if self.global.json {
            return Format::Json;
        }
        match (self.global.format, self.config.format.as_deref()) {
            (Some(FormatChoice::Answer(format)), _) => format,
            (_, Some("json")) => Format::Json,
            (_, Some("markdown")) => Format::Markdown,
            _ => Format::Table,
        }
    }

    /// For whom pages are made.
    pub(super) fn view(&self) -> View {
        View {
            lang: self.lang,
            verbose: self.global.verbose > 0,
            quiet: self.global.quiet,
        }
    }

    /// What the terminal can show.
    pub(super) fn terminal(&self) -> Terminal {
        let is_terminal = self.streams.output_width.is_some();
        let color = match (self.global.color, self.config.color.as_deref()) {
            (Some(When::Always), _) | (None, Some("always")) => true,
            (Some(When::Never), _) | (None, Some("never")) => false,
            _ => is_terminal && !self.environment.plain(),
        };
        Terminal {
            width: columns(&self.environment, &self.streams),
            color,
            unicode: self.environment.unicode(),
        }
    }
}

/// The columns to write in: as `COLUMNS` says, those of the terminal, else 80.
pub(super) fn columns(environment: &Environment, streams: &Streams) -> usize {
    let said = environment.get("COLUMNS");
    said.and_then(|text| text.parse().ok())
        .filter(|width| *width >= 20)
        .or(streams.output_width)
        .unwrap_or(80)
}

/// The machine as the engine wants it.
pub(super) fn here(hardware: &Hardware) -> RankingHardware<'_> {
    RankingHardware {
        pool: &hardware.pool,
        machine: &hardware.machine,
        tenants: &hardware.tenants,
    }
}

fn toml_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    files
}

fn kv_cache_type(name: &str) -> Result<KvCacheType, Error> {
    KvCacheType::parse(name).ok_or_else(|| Error::UnknownChoice {
        argument: "OLLAMA_KV_CACHE_TYPE".into(),
        value: name.to_owned(),
        choices: KvCacheType::names().map(str::to_owned).collect(),
        candidates: Vec::new(),
    })
}

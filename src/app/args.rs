//! What was typed. What it means is found out in `settings`, so that every mistake is told in the person's language.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Parser, Subcommand};

use super::choice::{choice, task};
use super::filter::FilterArgs;
use crate::artifact::Kind;
use crate::engine::pack::Objective;
use crate::lang::Lang;
use crate::quantization::KvCacheType;
use crate::render::curves::Curve;
use crate::request::{Budget, Priority, Stage, Task, Tier};

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "vramfit", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Global {
    #[arg(long, global = true, value_name = "SPEC", action = ArgAction::Append, help_heading = GLOBAL)]
    pub gpu: Vec<String>,
    #[arg(long, global = true, value_name = "SIZE[xN]", action = ArgAction::Append, allow_hyphen_values = true, help_heading = GLOBAL)]
    pub vram: Vec<String>,
    #[arg(long, global = true, value_name = "SIZE", allow_hyphen_values = true, help_heading = GLOBAL)]
    pub ram: Option<String>,
    #[arg(long, global = true, value_name = "SPEED", allow_hyphen_values = true, help_heading = GLOBAL)]
    pub ram_bandwidth: Option<String>,
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub cpu: bool,
    #[arg(long, global = true, value_name = "FILE", action = ArgAction::Append, help_heading = GLOBAL)]
    pub fleet: Vec<PathBuf>,
    #[arg(long, global = true, value_name = "SIZE", allow_hyphen_values = true, help_heading = GLOBAL)]
    pub reserve: Option<String>,
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub spread: bool,
    #[arg(long, global = true, value_name = "VERSION", help_heading = GLOBAL)]
    pub ollama_version: Option<String>,
    #[arg(long, global = true, value_name = "all|guide|FILE", action = ArgAction::Append, help_heading = GLOBAL)]
    pub catalog: Vec<String>,
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    pub config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "LANG", value_parser = choice(&[Lang::En, Lang::Zh], lang_label), help_heading = GLOBAL)]
    pub lang: Option<Lang>,
    #[arg(long, global = true, value_name = "FORMAT", value_parser = choice(Format::ALL, Format::label), help_heading = GLOBAL)]
    pub format: Option<Format>,
    #[arg(long, global = true, conflicts_with = "format", help_heading = GLOBAL)]
    pub json: bool,
    #[arg(long, global = true, value_name = "WHEN", value_parser = choice(When::ALL, When::label), help_heading = GLOBAL)]
    pub color: Option<When>,
    #[arg(long, global = true, value_name = "FILE", hide = true, help_heading = GLOBAL)]
    pub nvml: Option<PathBuf>,
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

/// The heading of the options that every command takes; `help` puts it in the person's language.
pub(super) const GLOBAL: &str = "Hardware and output";

/// The settings of a loaded model.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct WorkloadArgs {
    #[arg(long, value_name = "TOKENS", allow_hyphen_values = true)]
    pub context: Option<String>,
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub parallel: Option<String>,
    #[arg(long, value_name = "TYPE", value_parser = kv_cache_type)]
    pub kv_cache_type: Option<KvCacheType>,
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub batch: Option<String>,
    #[arg(long)]
    pub no_flash_attention: bool,
}

/// What is written to files, and where.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct EmitArgs {
    #[arg(long, value_name = "KIND", action = ArgAction::Append, value_parser = choice(Kind::ALL, Kind::label))]
    pub emit: Vec<Kind>,
    #[arg(long, value_name = "DIR|-", requires = "emit")]
    pub out: Option<PathBuf>,
    #[arg(long, requires = "out")]
    pub force: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Wizard(RecommendArgs),
    Recommend(RecommendArgs),
    Explain(ExplainArgs),
    Compare(CompareArgs),
    Models(ModelsArgs),
    Plan(Box<PlanArgs>),
    Matrix(MatrixArgs),
    Curves(CurvesArgs),
    Tips(TipsArgs),
    Doctor(DoctorArgs),
    Gpus,
    Monitor(MonitorArgs),
    Mcp,
    Pull(PullArgs),
    Run(PullArgs),
    Verify(VerifyArgs),
    Catalog {
        #[command(subcommand)]
        command: Option<CatalogCommand>,
    },
    Schema {
        #[arg(value_parser = PossibleValuesParser::new(super::schema::COMMANDS))]
        command: String,
    },
    Completions {
        #[arg(value_parser = PossibleValuesParser::new(["bash", "elvish", "fish", "powershell", "zsh"]))]
        shell: String,
    },
    Man {
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// Whether its answer tells where numbers come from.
    pub(super) const fn cites(&self) -> bool {
        matches!(
            self,
            Self::Explain(_) | Self::Compare(_) | Self::Models(_) | Self::Catalog { .. }
        )
    }
}

#[derive(Clone, Debug, Default, Args)]
pub(super) struct RecommendArgs {
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[arg(short, long, value_name = "PRIORITY", value_parser = choice(Priority::ALL, Priority::label))]
    pub priority: Option<Priority>,
    #[arg(long, value_name = "STAGE", value_parser = choice(Stage::ALL, Stage::label))]
    pub stage: Option<Stage>,
    #[arg(long, value_name = "BUDGET", value_parser = choice(Budget::ALL, Budget::label))]
    pub budget: Option<Budget>,
    #[arg(short = 'n', long, value_name = "N", allow_hyphen_values = true)]
    pub limit: Option<String>,
    #[arg(long)]
    pub installed: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub workload: WorkloadArgs,
    #[command(flatten)]
    pub emit: EmitArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    #[arg(value_name = "TAG|FILE.gguf")]
    pub tag: String,
    #[arg(long, value_name = "TASK", value_parser = task())]
    pub why: Option<Task>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct CompareArgs {
    #[arg(value_name = "TAG")]
    pub tags: Vec<String>,
    #[arg(short, long, value_name = "NAME")]
    pub family: Option<String>,
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ModelsArgs {
    #[arg(short, long, value_name = "NAME")]
    pub family: Option<String>,
    #[arg(long, value_name = "TIER", value_parser = choice(Tier::ALL, Tier::label))]
    pub tier: Option<Tier>,
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[arg(long, value_name = "N")]
    pub limit: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct MatrixArgs {
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct CurvesArgs {
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[arg(long, value_name = "PLOT", value_parser = choice(Curve::ALL, Curve::label))]
    pub plot: Option<Curve>,
    #[arg(short, long, value_name = "FILE.svg")]
    pub out: Option<PathBuf>,
    #[arg(long, requires = "out")]
    pub force: bool,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct TipsArgs {
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    #[arg(long, value_name = "KIND", requires = "tag", value_parser = choice(Emit::ALL, Emit::label))]
    pub emit: Option<Emit>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct DoctorArgs {
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[arg(long, requires = "files")]
    pub fix: bool,
    #[arg(long, requires = "fix")]
    pub force: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct PullArgs {
    #[arg(value_name = "TAG")]
    pub tag: String,
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct VerifyArgs {
    #[arg(value_name = "TAG")]
    pub tag: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    #[arg(long)]
    pub save: bool,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

/// What `tips` writes ready to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emit {
    Modelfile,
    Env,
}

impl Emit {
    const ALL: &[Self] = &[Self::Modelfile, Self::Env];

    fn label(self) -> &'static str {
        match self {
            Self::Modelfile => "modelfile",
            Self::Env => "env",
        }
    }
}

#[derive(Clone, Debug, Default, Args)]
pub(super) struct PlanArgs {
    #[arg(value_name = "TAG[*REPLICAS][@CONTEXT][:pin=GPU,..]")]
    pub demands: Vec<String>,
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub preset: Option<String>,
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub models_file: Vec<PathBuf>,
    #[arg(long, value_name = "GPU|count:N")]
    pub keep_free: Option<String>,
    #[arg(long, value_name = "gpu|host|TAGS", action = ArgAction::Append)]
    pub apart: Vec<String>,
    #[arg(long, value_name = "spread|pack", value_parser = choice(&[Objective::Spread, Objective::Pack], Objective::label))]
    pub objective: Option<Objective>,
    #[arg(long, value_name = "SIZE")]
    pub headroom: Option<String>,
    #[arg(long, value_name = "PORT", allow_hyphen_values = true)]
    pub base_port: Option<String>,
    #[arg(long, value_name = "[HOST=]IP", action = ArgAction::Append)]
    pub listen: Vec<String>,
    #[arg(long)]
    pub widen: bool,
    #[arg(long, value_name = "GPU", action = ArgAction::Append)]
    pub lose: Vec<String>,
    #[arg(long, value_name = "+SPEC", action = ArgAction::Append)]
    pub what_if: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub diff: Option<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "lose", "what_if"])]
    pub replace: Option<PathBuf>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
    #[command(flatten)]
    pub emit: EmitArgs,
}

#[derive(Clone, Debug, Args)]
pub(super) struct MonitorArgs {
    #[arg(long)]
    pub once: bool,
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub interval: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum CatalogCommand {
    Check {
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    Show {
        #[arg(value_name = "TAG")]
        tag: String,
    },
    Path,
    Import(ImportArgs),
}

#[derive(Clone, Debug, Args)]
pub(super) struct ImportArgs {
    #[arg(value_name = "FILE|TAG")]
    pub file: PathBuf,
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    #[arg(long, value_name = "FILE.toml")]
    pub out: Option<PathBuf>,
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Markdown,
    Json,
}

impl Format {
    const ALL: &[Self] = &[Self::Table, Self::Markdown, Self::Json];

    fn label(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Markdown => "markdown",
            Self::Json => "json",
        }
    }
}

/// When something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

impl When {
    const ALL: &[Self] = &[Self::Auto, Self::Always, Self::Never];

    fn label(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

fn lang_label(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

/// One of the engine's types, or one for keys and one for values.
fn kv_cache_type(typed: &str) -> Result<KvCacheType, String> {
    KvCacheType::parse(typed).ok_or_else(|| {
        let names: Vec<&str> = KvCacheType::names().collect();
        format!("{}; k=q8_0,v=q5_1", names.join(", "))
    })
}

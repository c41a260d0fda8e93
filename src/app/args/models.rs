//! What is asked about models.

use std::path::PathBuf;

use clap::Args;

use super::{EmitArgs, WorkloadArgs};
use crate::app::choice::{choice, tag, task};
use crate::app::filter::{ConditionArgs, FilterArgs};
use crate::engine::workload::Engine;
use crate::render::curves::Curve;
use crate::request::{Budget, Priority, Stage, Task, Tier};

#[derive(Clone, Debug, Default, Args)]
pub(in crate::app) struct RecommendArgs {
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
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
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
pub(in crate::app) struct ExplainArgs {
    #[arg(value_name = "TAG|FILE.gguf", value_parser = tag)]
    pub tag: String,
    #[arg(long, value_name = "TYPE", alias = "quantization")]
    pub quant: Option<String>,
    #[arg(long, value_name = "TASK", value_parser = task())]
    pub why: Option<Task>,
    #[arg(short, long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,
    #[arg(long, requires = "out")]
    pub force: bool,
    #[arg(long, value_name = "ENGINE", value_parser = choice(Engine::ALL, Engine::label))]
    pub engine: Option<Engine>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct CompareArgs {
    #[arg(value_name = "TAG", value_parser = tag)]
    pub tags: Vec<String>,
    #[arg(short, long, value_name = "NAME")]
    pub family: Option<String>,
    #[command(flatten)]
    pub conditions: ConditionArgs,
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct ModelsArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    #[arg(long, value_name = "TIER", value_parser = choice(Tier::ALL, Tier::label))]
    pub tier: Option<Tier>,
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[arg(long, value_name = "N")]
    pub limit: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct MatrixArgs {
    #[arg(short, long, value_name = "TASK", value_parser = task())]
    pub task: Option<Task>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct CurvesArgs {
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
pub(in crate::app) struct TipsArgs {
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    #[arg(long, value_name = "KIND", requires = "tag", value_parser = choice(Emit::ALL, Emit::label))]
    pub emit: Option<Emit>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

/// What `tips` writes ready to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Emit {
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

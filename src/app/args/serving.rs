//! What is asked of servers: plans, the files that start them, and what runs.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::WorkloadArgs;
use crate::app::choice::{choice, tag, task};
use crate::app::keep::Place;
use crate::artifact::ArtifactKind;
use crate::engine::pack::Objective;
use crate::engine::workload::Engine;
use crate::error::Error;
use crate::request::Task;

/// What is written to files, and where.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::app) struct EmitArgs {
    #[arg(long, value_name = "KIND", action = ArgAction::Append, value_parser = choice(ArtifactKind::ALL, ArtifactKind::label))]
    pub emit: Vec<ArtifactKind>,
    #[arg(long, value_name = "DIR|-|FILE.html")]
    pub out: Option<PathBuf>,
    #[arg(long, requires = "out")]
    pub force: bool,
}

impl EmitArgs {
    /// The page that is to be written, where no files of a plan are.
    ///
    /// # Errors
    /// [`Error::MissingArgument`] if it is called a folder, [`Error::UnknownChoice`] if another kind of file.
    pub(in crate::app) fn page(&self) -> Result<Option<Place<'_>>, Error> {
        let out = self.out.as_deref().filter(|_| self.emit.is_empty());
        if out.is_some_and(|out| out.extension().is_none()) {
            return Err(Error::MissingArgument {
                argument: "--emit".into(),
            });
        }
        Place::named(out, self.force, "html")
    }
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct DoctorArgs {
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[arg(long, requires = "files")]
    pub fix: bool,
    #[arg(long, requires = "fix")]
    pub force: bool,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct PullArgs {
    #[arg(value_name = "TAG", value_parser = tag)]
    pub tag: String,
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct VerifyArgs {
    #[arg(value_name = "TAG", value_parser = tag)]
    pub tag: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    #[arg(long)]
    pub save: bool,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct BenchArgs {
    #[arg(value_name = "TAG", value_parser = tag)]
    pub tag: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
pub(in crate::app) struct PlanArgs {
    #[arg(value_name = "TAG[*REPLICAS][@CONTEXT][:pin=GPU,..]", value_parser = tag)]
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
    #[arg(long, value_name = "N", conflicts_with_all = ["lose", "what_if", "parallel", "preset", "models_file"])]
    pub users: Option<String>,
    #[arg(
        long,
        value_name = "TOKENS/S",
        requires = "users",
        allow_hyphen_values = true
    )]
    pub min_speed: Option<String>,
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "users",
        allow_hyphen_values = true
    )]
    pub ttft: Option<String>,
    #[arg(long, value_name = "ENGINE", value_parser = choice(Engine::ALL, Engine::label))]
    pub engine: Option<Engine>,
    #[arg(long)]
    pub widen: bool,
    #[arg(long, conflicts_with = "users")]
    pub fill: bool,
    #[arg(long, value_name = "TASK", requires = "fill", value_parser = task())]
    pub task: Option<Task>,
    #[arg(long, value_name = "N", requires = "fill", allow_hyphen_values = true)]
    pub limit: Option<String>,
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub time: Option<String>,
    #[arg(long, value_name = "GPU", action = ArgAction::Append)]
    pub lose: Vec<String>,
    #[arg(long, value_name = "+SPEC", action = ArgAction::Append)]
    pub what_if: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub diff: Option<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "lose", "what_if"])]
    pub replace: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with_all = ["replace", "diff", "lose", "what_if", "users", "preset"])]
    pub migrate: Option<PathBuf>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
    #[command(flatten)]
    pub emit: EmitArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct UpgradeArgs {
    #[arg(value_name = "TAG[*REPLICAS][@CONTEXT]", required = true, value_parser = tag)]
    pub demands: Vec<String>,
    #[arg(long, value_name = "SPEC", action = ArgAction::Append)]
    pub card: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub slots: Option<String>,
    #[arg(short = 'n', long, value_name = "N", allow_hyphen_values = true)]
    pub limit: Option<String>,
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub time: Option<String>,
    #[command(flatten)]
    pub workload: WorkloadArgs,
}

#[derive(Clone, Debug, Args)]
pub(in crate::app) struct MonitorArgs {
    #[arg(long)]
    pub once: bool,
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub interval: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    #[arg(long, value_name = "IP:PORT", conflicts_with_all = ["once", "interval"])]
    pub listen: Option<String>,
}

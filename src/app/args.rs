//! What was typed. What it means is found out by each command, so that every mistake is told in the person's language.

mod catalog;
mod models;
mod serving;
mod workload;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{ArgAction, ArgMatches, Args, CommandFactory, Parser, Subcommand};

use super::choice::choice;
use super::plan::demand;
use crate::lang::Lang;

pub(super) use catalog::{CatalogCommand, ImportArgs};
pub(super) use models::{
    CompareArgs, CurvesArgs, Emit, ExplainArgs, MatrixArgs, ModelsArgs, RecommendArgs, TipsArgs,
};
pub(super) use serving::{
    BenchArgs, DoctorArgs, EmitArgs, MonitorArgs, PlanArgs, PullArgs, UpgradeArgs, VerifyArgs,
};
pub(super) use workload::WorkloadArgs;

/// The command line of the program.
#[derive(Debug, Parser)]
#[command(name = "vramfit", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// As much of the command line as a line with this word needs: the subcommand of that name alone, none for the version; `None`
    /// for a word that does not tell. To build all subcommands takes longer than to place a model.
    pub(super) fn narrowed(word: &str) -> Option<clap::Command> {
        let program = || {
            let program = clap::Command::new("vramfit").version(env!("CARGO_PKG_VERSION"));
            Global::augment_args(program.disable_help_subcommand(true))
        };
        if matches!(word, "-V" | "--version") {
            return Some(program());
        }
        let (name, augment) = FREQUENT.iter().find(|(name, _)| *name == word)?;
        Some(program().subcommand(augment(clap::Command::new(*name))))
    }
}

/// Subcommands by name, with their arguments.
type Subcommands = [(&'static str, fn(clap::Command) -> clap::Command)];

const FREQUENT: &Subcommands = &[
    ("recommend", RecommendArgs::augment_args),
    ("explain", ExplainArgs::augment_args),
    ("compare", CompareArgs::augment_args),
    ("models", ModelsArgs::augment_args),
    ("plan", PlanArgs::augment_args),
    ("upgrade", UpgradeArgs::augment_args),
    ("doctor", DoctorArgs::augment_args),
    ("verify", VerifyArgs::augment_args),
    ("gpus", |command| command),
];

/// The command line as clap reads it, with the person's words where it is help or a mistake.
pub(super) fn parsed(
    arguments: &[OsString],
    help: impl FnOnce() -> clap::Command,
) -> Result<ArgMatches, clap::Error> {
    let asks = |word: &OsString| word == "-h" || word == "--help";
    if arguments.iter().any(asks) {
        return help().try_get_matches_from(arguments);
    }
    let named = arguments
        .iter()
        .skip(1)
        .find_map(|word| Cli::narrowed(word.to_str()?));
    let plain = named.unwrap_or_else(Cli::command);
    plain
        .try_get_matches_from(arguments)
        .or_else(|error| match error.kind() {
            ErrorKind::DisplayVersion => Err(error),
            _ => help().try_get_matches_from(arguments),
        })
}

/// Flags that every command takes: hardware, language, form of the answer.
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
    #[arg(long, global = true, value_name = "FORMAT", value_parser = choice(FormatChoice::ALL, FormatChoice::label), help_heading = GLOBAL)]
    pub format: Option<FormatChoice>,
    #[arg(long, global = true, conflicts_with = "format", help_heading = GLOBAL)]
    pub json: bool,
    #[arg(long, global = true, value_name = "WHEN", value_parser = choice(When::ALL, When::label), help_heading = GLOBAL)]
    pub color: Option<When>,
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub no_pager: bool,
    #[arg(long, global = true, value_name = "FILE", hide = true, help_heading = GLOBAL)]
    pub nvml: Option<PathBuf>,
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

/// The heading of the options that every command takes; `help` puts it in the person's language.
pub(super) const GLOBAL: &str = "Hardware and output";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Wizard(RecommendArgs),
    Recommend(RecommendArgs),
    Explain(ExplainArgs),
    Compare(CompareArgs),
    Models(ModelsArgs),
    Plan(Box<PlanArgs>),
    Upgrade(UpgradeArgs),
    Matrix(MatrixArgs),
    Curves(CurvesArgs),
    Tips(TipsArgs),
    Doctor(DoctorArgs),
    Gpus,
    Monitor(MonitorArgs),
    Mcp {
        #[arg(long)]
        structured_only: bool,
    },
    Pull(PullArgs),
    Run(PullArgs),
    Verify(VerifyArgs),
    Bench(BenchArgs),
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
    Help {
        #[arg(value_name = "COMMAND|TOPIC")]
        words: Vec<String>,
    },
}

impl Command {
    /// The tags that it names, of models that any catalog may have.
    pub(super) fn tags(&self) -> Vec<String> {
        let demands = match self {
            Self::Compare(args) => return args.tags.clone(),
            Self::Plan(args) => &args.demands,
            Self::Upgrade(args) => &args.demands,
            _ => return Vec::new(),
        };
        let demands = demands.iter().filter_map(|text| demand::parse(text).ok());
        demands.map(|demand| demand.tag).collect()
    }

    /// Whether its answer tells where numbers come from.
    pub(super) const fn cites(&self) -> bool {
        matches!(
            self,
            Self::Explain(_) | Self::Compare(_) | Self::Models(_) | Self::Catalog { .. }
        )
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Markdown,
    Json,
}

/// The forms in which an answer is printed (`--format`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormatChoice {
    Answer(Format),
    /// The text format of Prometheus, for `monitor` alone.
    Prometheus,
}

impl FormatChoice {
    pub(super) const ALL: &[Self] = &[
        Self::Answer(Format::Table),
        Self::Answer(Format::Markdown),
        Self::Answer(Format::Json),
        Self::Prometheus,
    ];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Answer(Format::Table) => "table",
            Self::Answer(Format::Markdown) => "markdown",
            Self::Answer(Format::Json) => "json",
            Self::Prometheus => "prometheus",
        }
    }
}

/// Values of `--color` and its like: by what the terminal is, or as asked.
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Cli, FREQUENT};

    /// What clap knows of the arguments: the program's, then the subcommand's.
    fn arguments(mut program: clap::Command, subcommand: &str) -> Vec<String> {
        program.build();
        let named = program.find_subcommand(subcommand).expect("a subcommand");
        let all = program.get_arguments().chain(named.get_arguments());
        let groups = named.get_groups().map(|one| format!("{one:?}"));
        all.map(|one| format!("{one:?}")).chain(groups).collect()
    }

    #[test]
    fn a_subcommand_alone_is_read_as_among_all() {
        for (name, _) in FREQUENT {
            let narrowed = Cli::narrowed(name).expect("a frequent one");
            assert_eq!(narrowed.get_version(), Cli::command().get_version());
            let (alone, among) = (arguments(narrowed, name), arguments(Cli::command(), name));
            assert_eq!(alone.len(), among.len(), "{name}");
            for (alone, among) in alone.iter().zip(&among) {
                assert_eq!(alone, among, "{name}");
            }
        }
    }
}

//! What is asked of the catalog.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Clone, Debug, Subcommand)]
pub(in crate::app) enum CatalogCommand {
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
pub(in crate::app) struct ImportArgs {
    #[arg(value_name = "FILE|TAG")]
    pub file: PathBuf,
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    #[arg(long, value_name = "FILE.toml")]
    pub out: Option<PathBuf>,
    #[arg(long, requires = "out")]
    pub force: bool,
}

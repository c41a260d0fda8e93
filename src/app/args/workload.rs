//! The settings of a loaded model.

use clap::Args;

use crate::quantization::KvCacheType;

/// The settings of a loaded model.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::app) struct WorkloadArgs {
    #[arg(long, value_name = "TOKENS", allow_hyphen_values = true)]
    pub context: Option<String>,
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub parallel: Option<String>,
    #[arg(long, value_name = "TOKENS", allow_hyphen_values = true)]
    pub depth: Option<String>,
    #[arg(long, value_name = "TYPE", value_parser = kv_cache_type)]
    pub kv_cache_type: Option<KvCacheType>,
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub batch: Option<String>,
    #[arg(long)]
    pub no_flash_attention: bool,
    #[arg(long, value_name = "N|TAG", allow_hyphen_values = true)]
    pub draft: Option<String>,
}

/// One of the engine's types, or one for keys and one for values.
fn kv_cache_type(typed: &str) -> Result<KvCacheType, String> {
    KvCacheType::parse(typed).ok_or_else(|| {
        let names: Vec<&str> = KvCacheType::names().collect();
        format!("{}; k=q8_0,v=q5_1", names.join(", "))
    })
}

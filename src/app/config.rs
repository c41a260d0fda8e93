//! The configuration file: defaults for options, below flags and environment.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use crate::error::{Defect, Error};
use crate::regular_file::{SETTINGS, read_text};

/// `config.toml`. Every key is the option of the same name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    pub lang: Option<String>,
    pub catalog: Option<String>,
    pub context: Option<toml::Value>,
    pub parallel: Option<u32>,
    pub kv_cache_type: Option<String>,
    pub reserve: Option<String>,
    pub ollama_version: Option<String>,
    pub color: Option<String>,
    pub format: Option<String>,
    #[serde(default)]
    pub gpu: Vec<String>,
    #[serde(default)]
    pub vram: Vec<String>,
    pub ram: Option<String>,
}

impl Config {
    /// The file's path: `--config`, `VRAMFIT_CONFIG`, or the one in the configuration directory.
    pub(super) fn path(flag: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
        let named = flag
            .map(Path::to_owned)
            .or_else(|| environment.get("VRAMFIT_CONFIG").map(PathBuf::from));
        named.or_else(|| Some(environment.config_directory()?.join("config.toml")))
    }

    /// Reads it. A file that is not there is an error only if it was named.
    pub(super) fn read(flag: Option<&Path>, environment: &Environment) -> Result<Self, Error> {
        let named = flag.is_some() || environment.get("VRAMFIT_CONFIG").is_some();
        let Some(path) = Self::path(flag, environment) else {
            return Ok(Self::default());
        };
        let is_absent = |error: std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
        // How people on Unix say that there is none; else only regular files are read.
        if path == Path::new("/dev/null") {
            return Ok(Self::default());
        }
        if !named && std::fs::metadata(&path).is_err_and(is_absent) {
            return Ok(Self::default());
        }
        let text = read_text(&path, SETTINGS)?;
        let defect = |error: toml::de::Error| {
            let file = path.display().to_string();
            Error::Defects(vec![Defect::of_toml(file, &text, &error)])
        };
        let config: Self = toml::from_str(&text).map_err(defect)?;
        config.check()?;
        Ok(config)
    }

    /// Options with few choices, checked as the command line's are.
    fn check(&self) -> Result<(), Error> {
        let choices: [(&str, &Option<String>, &[&str]); 3] = [
            ("lang", &self.lang, &["en", "zh"]),
            ("color", &self.color, &["auto", "always", "never"]),
            ("format", &self.format, &["table", "markdown", "json"]),
        ];
        for (argument, value, choices) in choices {
            if let Some(value) = value
                .as_ref()
                .filter(|value| !choices.contains(&value.as_str()))
            {
                return Err(Error::UnknownChoice {
                    argument: argument.to_owned(),
                    value: value.clone(),
                    choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
                    candidates: Vec::new(),
                });
            }
        }
        Ok(())
    }
}

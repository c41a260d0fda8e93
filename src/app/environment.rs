//! The one place where environment variables are read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::lang::Lang;

/// Environment variables; empty ones count as unset.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of this process; those that are no Unicode are left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All that are set and not empty, by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(_, value)| !value.is_empty())
    }

    /// The language: `VRAMFIT_LANG`, then the locale as the C library would find it.
    pub fn lang(&self) -> Option<Lang> {
        ["VRAMFIT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| Lang::of_locale(self.get(name)?))
    }

    /// Where configuration lies: `$XDG_CONFIG_HOME/vramfit`, else `~/.config/vramfit`.
    pub fn config_directory(&self) -> Option<PathBuf> {
        let base = match self.get("XDG_CONFIG_HOME") {
            Some(path) => PathBuf::from(path),
            None => {
                PathBuf::from(self.get("HOME").or_else(|| self.get("USERPROFILE"))?).join(".config")
            }
        };
        Some(base.join("vramfit"))
    }

    /// Whether the terminal can be trusted with more than ASCII.
    pub fn unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| self.get(name));
        match locale {
            Some(locale) => !matches!(locale, "C" | "POSIX"),
            None => true,
        }
    }

    /// Whether colours are unwanted, or cannot be shown.
    pub fn plain(&self) -> bool {
        self.get("NO_COLOR").is_some() || self.get("TERM") == Some("dumb")
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self {
            variables: variables.into_iter().collect(),
        }
    }
}

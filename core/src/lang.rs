//! The language of what people read.

use serde::{Deserialize, Serialize};

/// A language that people are addressed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// English: wherever the locale is not Chinese.
    #[default]
    En,
    /// Simplified Chinese, for every Chinese locale.
    Zh,
}

impl Lang {
    /// The language of a locale name such as `zh_CN.UTF-8`, `en`, `C` or `zh-Hant`; `None` for an empty one.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let language = locale
            .split(['_', '-', '.', '@'])
            .next()
            .unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "" => None,
            "zh" => Some(Self::Zh),
            _ => Some(Self::En),
        }
    }
}

/// A sentence of the data in both languages; neither may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// What an English reader is told.
    pub en: String,
    /// What a Chinese reader is told.
    pub zh: String,
}

impl Bilingual {
    /// The sentence in the given language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

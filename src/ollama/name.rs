//! Names of models: `qwen3:8b`, `user/model`, `hf.co/user/model:Q4_K_M`.

use std::fmt;

/// Where models come from that name no registry.
const REGISTRY: &str = "registry.ollama.ai";
/// Whose models are named without their owner.
const LIBRARY: &str = "library";
/// The tag that is meant where none is given.
const LATEST: &str = "latest";

/// A model's full name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The registry, such as `registry.ollama.ai`.
    pub host: String,
    /// The owner, such as `library`.
    pub namespace: String,
    /// The family, such as `qwen3`.
    pub model: String,
    /// The tag, such as `8b`.
    pub tag: String,
}

impl Name {
    /// Reads a name as people type it. `None` if Ollama would refuse it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (path, tag) = match text.rsplit_once(':') {
            // A colon before a slash belongs to a registry's port.
            Some((path, tag)) if !tag.contains('/') => (path, tag),
            _ => (text, LATEST),
        };
        let mut parts = path.rsplitn(3, '/');
        let model = parts.next()?;
        let namespace = parts.next().unwrap_or(LIBRARY);
        let host = parts.next().unwrap_or(REGISTRY);
        Self::of_parts(host, namespace, model, tag)
    }

    /// A name of its four parts, as a store's folders have them.
    pub(super) fn of_parts(host: &str, namespace: &str, model: &str, tag: &str) -> Option<Self> {
        let name = Self {
            host: host.to_owned(),
            namespace: namespace.to_owned(),
            model: model.to_owned(),
            tag: tag.to_owned(),
        };
        name.is_valid().then_some(name)
    }

    /// Ollama's rules: a part begins with a letter, digit or underscore and holds no separators but `-`, `_` and `.`.
    fn is_valid(&self) -> bool {
        let part = |text: &str, more: &str| {
            let first = text.chars().next();
            first.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
                && text.len() <= 350
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c) || more.contains(c))
        };
        part(&self.host, ".:")
            && part(&self.namespace, "")
            && part(&self.model, ".")
            && part(&self.tag, ".")
    }

    /// Whether two names mean the same model: Ollama does not look at case.
    pub fn is(&self, other: &Self) -> bool {
        self.to_string().eq_ignore_ascii_case(&other.to_string())
    }
}

impl fmt::Display for Name {
    /// The shortest form that Ollama prints: with its tag always, without the default registry and owner.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.host.eq_ignore_ascii_case(REGISTRY) {
            write!(f, "{}/{}/", self.host, self.namespace)?;
        } else if !self.namespace.eq_ignore_ascii_case(LIBRARY) {
            write!(f, "{}/", self.namespace)?;
        }
        write!(f, "{}:{}", self.model, self.tag)
    }
}

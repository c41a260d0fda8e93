//! What kind of file a text is: by its name, else by what stands in it.

/// The kinds that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A shell script, or commands as they are typed.
    Shell,
    /// `NAME=value` lines, as systemd and compose read them.
    Environment,
    /// A unit of systemd.
    Unit,
    /// Ollama's own.
    Modelfile,
    /// YAML: compose, and manifests of Kubernetes.
    Compose,
    /// A configuration of nginx.
    Nginx,
    /// A document with blocks of all the others.
    Markdown,
}

impl Kind {
    /// The kind of a file.
    pub fn of(name: &str, text: &str) -> Self {
        let name = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or(name)
            .to_lowercase();
        let end = name.rsplit_once('.').map_or("", |(_, end)| end);
        match end {
            _ if name.starts_with("modelfile") || end == "modelfile" => return Self::Modelfile,
            "md" | "markdown" => return Self::Markdown,
            "yaml" | "yml" => return Self::Compose,
            "service" | "timer" | "socket" => return Self::Unit,
            "env" => return Self::Environment,
            "sh" | "bash" | "zsh" => return Self::Shell,
            _ if name == ".env" => return Self::Environment,
            _ => {}
        }
        let lines = || text.lines().map(str::trim);
        if lines().any(|line| line.starts_with("```")) && !text.starts_with("#!") {
            return Self::Markdown;
        }
        Self::of_content(text)
    }

    /// The kind of a text without a name.
    pub(super) fn of_content(text: &str) -> Self {
        let lines = || {
            text.lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
        };
        let word = |line: &str| {
            line.split_whitespace()
                .next()
                .unwrap_or_default()
                .to_uppercase()
        };
        if text.starts_with("#!") {
            return Self::Shell;
        }
        if lines().any(|line| matches!(line, "[Unit]" | "[Service]" | "[Install]")) {
            return Self::Unit;
        }
        let first = lines().next().map(word).unwrap_or_default();
        if matches!(first.as_str(), "FROM" | "PARAMETER") {
            return Self::Modelfile;
        }
        let opens = |line: &str| line.ends_with('{') && !line.contains('(');
        let nginx = |line: &str| {
            let mut words = line.split_whitespace();
            matches!(
                words.next(),
                Some("upstream" | "server" | "http" | "location")
            ) && opens(line)
        };
        if lines().any(nginx) || lines().any(|line| line.starts_with("proxy_pass ")) {
            return Self::Nginx;
        }
        if lines().any(|line| line == "services:" || line.starts_with("apiVersion:")) {
            return Self::Compose;
        }
        let assignment = |line: &str| {
            line.split_once('=')
                .is_some_and(|(name, value)| is_name(name) && !value.contains(" ollama "))
        };
        if lines().next().is_some() && lines().all(assignment) && lines().count() > 1 {
            return Self::Environment;
        }
        Self::Shell
    }
}

/// Whether it is the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

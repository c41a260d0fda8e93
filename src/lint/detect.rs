//! What kind of file a text is: by its name, else by what stands in it.

/// The kinds that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A shell script, or commands as they are typed.
    Shell,
    /// `NAME=value` lines, as systemd and compose read them.
    Environment,
    /// A unit of systemd.
    Unit,
    /// A Modelfile, from which Ollama creates a model.
    Modelfile,
    /// What a shell reads when a person logs in.
    Profile,
    /// YAML: compose, manifests of Kubernetes, LiteLLM.
    Yaml,
    /// A configuration of nginx.
    Nginx,
    /// Commands with the times at which cron runs them.
    Crontab,
    /// A document with blocks of all the others.
    Markdown,
}

impl FileKind {
    /// The kind of a file; none of those that are understood for any other.
    pub fn detect(path: &str, text: &str) -> Option<Self> {
        let path = path.replace('\\', "/").to_lowercase();
        let name = path.rsplit('/').next().unwrap_or(&path);
        let end = name.rsplit_once('.').map_or("", |(_, end)| end);
        // cloud-init's, whatever stands in its blocks.
        if text.contains('\0') || text.starts_with("#cloud-config") {
            return None;
        }
        if PROFILES.contains(&name) || path.contains("profile.d/") {
            return Some(Self::Profile);
        }
        match end {
            _ if name.starts_with("modelfile") || end == "modelfile" => Some(Self::Modelfile),
            "dockerfile" => None,
            "md" | "markdown" => Some(Self::Markdown),
            "yaml" | "yml" => Some(Self::Yaml),
            "service" | "timer" | "socket" | "container" | "pod" => Some(Self::Unit),
            _ if is_crontab(&path, name, end) => Some(Self::Crontab),
            "env" => Some(Self::Environment),
            _ if SCRIPTS.contains(&end) => Some(Self::Shell),
            _ if path.ends_with("etc/environment") => Some(Self::Environment),
            _ if PROGRAMS.iter().any(|program| name.starts_with(program)) => None,
            // A unit without its header is one all the same.
            "conf"
                if [".service.d/", ".container.d/"]
                    .iter()
                    .any(|of| path.contains(of)) =>
            {
                Some(Self::Unit)
            }
            _ if CODE.contains(&end) => None,
            _ => {
                let fence = |line: &str| line.trim_start().starts_with("```");
                if text.lines().any(fence) && !text.starts_with("#!") {
                    return Some(Self::Markdown);
                }
                Self::of_content(text)
            }
        }
    }

    /// Whether a shell runs a file as a whole, by its name or its first line.
    pub(super) fn is_script(path: &str, text: &str) -> bool {
        let end = path.rsplit_once('.').map_or("", |(_, end)| end);
        text.starts_with("#!") || SCRIPTS.contains(&end.to_lowercase().as_str())
    }

    /// The kind of a text without a name.
    pub(super) fn of_content(text: &str) -> Option<Self> {
        let lines = || {
            text.lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
        };
        let word = |line: &str| {
            let word = line.split_whitespace().next();
            word.unwrap_or_default().to_uppercase()
        };
        if let Some(shebang) = text.strip_prefix("#!") {
            let shebang = shebang.lines().next().unwrap_or_default();
            return runs_shell(shebang).then_some(Self::Shell);
        }
        let headed = |line: &str| SECTIONS.contains(&line);
        if lines().next().is_some_and(headed) || lines().any(headed) && is_unit(lines()) {
            return Some(Self::Unit);
        }
        let first = lines().next().map(word).unwrap_or_default();
        if matches!(first.as_str(), "FROM" | "PARAMETER") {
            // An image is built of such a file, too.
            const STEPS: [&str; 7] = [
                "RUN",
                "COPY",
                "CMD",
                "ENTRYPOINT",
                "ENV",
                "EXPOSE",
                "WORKDIR",
            ];
            let builds = lines().any(|line| STEPS.iter().any(|step| line.starts_with(step)));
            return (!builds).then_some(Self::Modelfile);
        }
        let opens = |line: &str| line.contains('{') && !line.contains('(');
        let nginx = |line: &str| {
            let mut words = line.split_whitespace();
            matches!(
                words.next(),
                Some("upstream" | "server" | "http" | "location")
            ) && opens(line)
        };
        if lines().any(nginx) || lines().any(|line| line.starts_with("proxy_pass ")) {
            return Some(Self::Nginx);
        }
        let yaml = ["services:", "apiVersion:", "model_list:"];
        if lines().any(|line| yaml.iter().any(|key| line.starts_with(key))) {
            return Some(Self::Yaml);
        }
        let unit = |line: &str| {
            ["Environment=", "EnvironmentFile=", "ExecStart="]
                .iter()
                .any(|key| line.starts_with(key))
        };
        if lines().any(unit) && is_unit(lines()) {
            return Some(Self::Unit);
        }
        let assignment = |line: &str| {
            line.split_once('=').is_some_and(|(name, value)| {
                is_name(name.trim_start_matches("export ").trim()) && !value.contains(" ollama ")
            })
        };
        let count = lines().count();
        let ours = |line: &str| line.starts_with("OLLAMA_");
        if count > 0 && lines().all(assignment) && (count > 1 || lines().all(ours)) {
            return Some(Self::Environment);
        }
        if lines()
            .next()
            .is_some_and(|line| is_header(line) || is_logged(line))
        {
            return None;
        }
        let commands = ["ollama ", "docker ", "podman ", "export ", "sudo "];
        let command = |line: &str| {
            let line = line.trim_start_matches("$ ");
            commands.iter().any(|command| line.starts_with(command))
                || line.contains("ollama serve")
        };
        lines().any(command).then_some(Self::Shell)
    }
}

/// Whether a shell runs what a first line heads: `/bin/sh -e`, `/usr/bin/env bash`, `/command/with-contenv sh`.
fn runs_shell(shebang: &str) -> bool {
    const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];
    let is_shell = |word: &str| {
        let program = word.rsplit('/').next().unwrap_or(word);
        SHELLS.contains(&program)
    };
    shebang.split_whitespace().any(is_shell)
}

/// Whether all lines are those of a unit: notes may have some of them.
fn is_unit<'t>(mut lines: impl Iterator<Item = &'t str>) -> bool {
    let mut goes_on = false;
    lines.all(|line| {
        let before = std::mem::replace(&mut goes_on, line.ends_with('\\'));
        before || line.contains('=') || line.starts_with('[')
    })
}

/// Whether a line heads a section, as files of many programs have them.
fn is_header(line: &str) -> bool {
    let inner = line.strip_prefix('[');
    let name = inner.and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| !name.contains([' ', '[', ']']))
}

/// Whether a line is one of a log: with a time before it, as the journal, Ollama, its web server and compose write them.
fn is_logged(line: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let words: Vec<&str> = line.split_whitespace().take(3).collect();
    let journal = matches!(words.as_slice(), [month, day, time]
        if MONTHS.contains(month) && day.parse::<u8>().is_ok() && time.contains(':'));
    let (year, rest) = line.split_once('-').unwrap_or((line, ""));
    let digits = year.chars().all(|c| c.is_ascii_digit());
    let dated = year.len() == 4 && digits && rest.contains('-');
    journal || dated || line.starts_with("time=") || line.starts_with("[GIN]")
}

/// What the names of scripts end in.
const SCRIPTS: [&str; 4] = ["sh", "bash", "zsh", "sbatch"];

/// The headers that tell a unit.
const SECTIONS: [&str; 5] = ["[Unit]", "[Service]", "[Install]", "[Container]", "[Pod]"];

/// Whether cron reads a file.
fn is_crontab(path: &str, name: &str, end: &str) -> bool {
    name == "crontab" || path.contains("cron.d/") || matches!(end, "cron" | "crontab")
}

/// The names of what shells read when a person logs in.
const PROFILES: [&str; 13] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_aliases",
    ".aliases",
    // direnv's, which bash reads whenever its folder is entered.
    ".envrc",
    ".profile",
    "profile",
    "bash.bashrc",
    ".zshrc",
    ".zprofile",
    ".zshenv",
    ".zlogin",
];

/// Files that hold such texts only as examples, or in a language of their own.
const CODE: [&str; 48] = [
    "py", "js", "mjs", "jsx", "ts", "tsx", "vue", "rs", "go", "rb", "c", "cpp", "h", "cs", "java",
    "kt", "swift", "php", "lua", "pl", "r", "sql", "html", "htm", "css", "ipynb", "toml", "lock",
    "fish", "nu", "ps1", "bat", "cmd", "csv", "xml", "plist", "json", "jsonc", "json5", "nix",
    "tf", "hcl", "j2", "jinja", "tpl", "tmpl", "gotmpl", "log",
];

/// Names that files of other programs begin with, whatever stands in them.
const PROGRAMS: [&str; 9] = [
    "dockerfile",
    "containerfile",
    "makefile",
    "gnumakefile",
    "justfile",
    "vagrantfile",
    "jenkinsfile",
    "caddyfile",
    "procfile",
];

/// Whether it is the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

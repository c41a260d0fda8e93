//! A command as what it runs: the variables it is given, the program behind `sudo` and its like, the arguments.

use super::super::variable::Setting;
use super::words::{Command, Word};

/// A program that is run.
pub(in crate::lint) struct Invocation<'a> {
    /// Its name without folders; empty if nothing is run.
    pub program: &'a str,
    /// What it is given behind its name.
    pub arguments: &'a [Word],
    /// The variables before it.
    pub settings: Vec<Setting>,
    /// Where more variables go.
    pub insert_at: usize,
    /// Whether variables come from a place that is not written here.
    pub open_environment: bool,
    /// Whether another supervisor than systemd runs it.
    pub supervised: bool,
}

impl Invocation<'_> {
    /// Whether one of these is among the arguments.
    pub(in crate::lint) fn has(&self, any: &[&str]) -> bool {
        self.arguments
            .iter()
            .any(|word| any.contains(&word.text.as_str()))
    }

    /// Whether an argument speaks of something.
    pub(in crate::lint) fn names(&self, what: &str) -> bool {
        self.arguments.iter().any(|word| word.text.contains(what))
    }

    /// The first argument of the program, if any.
    pub(in crate::lint) fn first(&self) -> Option<&str> {
        self.arguments.first().map(|word| word.text.as_str())
    }
}

/// `$`, `-`, `*`, `3.`, `3)`
fn is_mark(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']);
    let number = number.filter(|number| !number.is_empty());
    matches!(word, "$" | "-" | "*")
        || number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}

/// What a command runs.
pub(in crate::lint) fn invocation(command: &Command) -> Invocation<'_> {
    let words = command.words.as_slice();
    let mut settings = Vec::new();
    let mut at = 0;
    let mut insert_at = None;
    let mut open_environment = false;
    while let Some(word) = words.get(at) {
        // The prompt of a document, or the mark of a list, which nobody types.
        if at == 0 && is_mark(&word.text) {
            at += 1;
            continue;
        }
        // A quoted word is no assignment, unless only its value is quoted.
        if let Some(setting) =
            Setting::parse(&word.text, word.at.clone()).filter(|_| word.inner.is_none())
        {
            settings.push(setting);
            insert_at = None;
            at += 1;
            continue;
        }
        let name = basename(&word.text);
        let takes_values: &[&str] = match name {
            "sudo" => &["-u", "-g", "-h", "-p", "-C", "-T"],
            "env" => &["-u", "-C", "-S"],
            "nice" => &["-n"],
            "timeout" | "stdbuf" | "nohup" | "setsid" | "exec" | "time" | "command" | "ionice"
            | "builtin" => &[],
            _ => break,
        };
        open_environment |= name == "sudo"
            || name == "env"
                && words
                    .get(at + 1)
                    .is_some_and(|word| word.text.starts_with('$'));
        let gives_variables = matches!(name, "sudo" | "env");
        insert_at = if gives_variables {
            None
        } else {
            insert_at.or(Some(word.at.start))
        };
        at += 1;
        while let Some(option) = words.get(at).filter(|word| word.text.starts_with('-')) {
            at += if takes_values.contains(&option.text.as_str()) {
                2
            } else {
                1
            };
        }
        if name == "timeout" {
            at += 1;
        }
    }
    let behind = words.get(at..).and_then(wrapped);
    if let Some(Wrapped { offset, known }) = behind {
        insert_at = insert_at.or(words.get(at).map(|word| word.at.start));
        let between = words.get(at..at + offset).unwrap_or_default();
        settings.extend(between.iter().filter_map(handed_in));
        // What another program does to its environment is not known.
        open_environment |= !known;
        at += offset;
    }
    // What sudo keeps of the caller's variables is the machine's choice; those that are written out arrive.
    let program = words.get(at);
    Invocation {
        program: program.map_or("", |word| basename(&word.text)),
        arguments: behind_dashes(words.get(at + 1..).unwrap_or_default()),
        insert_at: insert_at
            .or_else(|| program.map(|word| word.at.start))
            .unwrap_or_else(|| command.range().start),
        settings,
        supervised: words
            .iter()
            .any(|word| SUPERVISED.contains(&basename(&word.text))),
        open_environment: open_environment
            && !words.iter().any(|word| basename(&word.text) == "sudo"),
    }
}

/// Arguments without the `--` that keeps them from the program before.
fn behind_dashes(words: &[Word]) -> &[Word] {
    match words {
        [first, rest @ ..] if first.text == "--" => rest,
        all => all,
    }
}

/// Programs that run another one as it is, with the variables that they have themselves.
const WRAPPERS: [&str; 38] = [
    "apptainer",
    "caffeinate",
    "catchsegv",
    "chpst",
    "chroot",
    "chrt",
    "dbus-run-session",
    "doas",
    "envdir",
    "firejail",
    "flock",
    "gosu",
    "mpirun",
    "nsenter",
    "numactl",
    "optirun",
    "pm2",
    "prime-run",
    "prlimit",
    "proxychains",
    "proxychains4",
    "runuser",
    "s6-setuidgid",
    "screen",
    "setpriv",
    "setuidgid",
    "singularity",
    "softlimit",
    "srun",
    "start-stop-daemon",
    "strace",
    "su-exec",
    "systemd-cat",
    "systemd-inhibit",
    "systemd-run",
    "taskset",
    "tmux",
    "unshare",
];

/// What the scripts of runit, daemontools, s6 and init run their programs with.
const SUPERVISED: [&str; 6] = [
    "chpst",
    "envdir",
    "s6-setuidgid",
    "setuidgid",
    "softlimit",
    "start-stop-daemon",
];

/// Programs that say its name without running it, or run it where a container or another machine is.
const OTHERS: [&str; 26] = [
    "alias",
    "awk",
    "cat",
    "command",
    "docker",
    "docker-compose",
    "echo",
    "eval",
    "export",
    "for",
    "grep",
    "kill",
    "killall",
    "kubectl",
    "man",
    "nerdctl",
    "oc",
    "pgrep",
    "pkill",
    "podman",
    "printf",
    "ps",
    "rg",
    "sed",
    "ssh",
    "which",
];

/// A program of Ollama among the arguments of another one.
struct Wrapped {
    /// Where it is named.
    offset: usize,
    /// Whether it is known what the other one does.
    known: bool,
}

/// `numactl --cpunodebind=0 ollama serve`: what other programs are told to run.
fn wrapped(words: &[Word]) -> Option<Wrapped> {
    let program = basename(&words.first()?.text);
    if program == "ollama" || OTHERS.contains(&program) {
        return None;
    }
    let known = WRAPPERS.contains(&program);
    let is_run = |sub: &str| {
        let serves = matches!(sub, "serve" | "start");
        serves || known && matches!(sub, "run" | "pull" | "create" | "show" | "list")
    };
    let offset = words.iter().enumerate().position(|(at, word)| {
        let behind = behind_dashes(words.get(at + 1..).unwrap_or_default());
        basename(&word.text) == "ollama" && behind.first().is_some_and(|sub| is_run(&sub.text))
    })?;
    Some(Wrapped { offset, known })
}

/// A variable that a wrapper hands in: `NAME=value` as a word of its own, or behind an option for it.
fn handed_in(word: &Word) -> Option<Setting> {
    let text = [
        "--setenv=",
        "--env=",
        "Environment=",
        "--property=Environment=",
    ]
    .iter()
    .find_map(|option| word.text.strip_prefix(option))
    .unwrap_or(&word.text);
    let start = word.at.end - text.len().min(word.at.len());
    Setting::parse(text, start..word.at.end)
}

fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

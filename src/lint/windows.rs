//! Variables of Windows, as commands set them.

use std::ops::Range;

use super::detect::is_name;
use super::hint::Unclear;
use super::server::PORT;
use super::sheet::SourceText;
use super::variable::{self, Place, Setting};
use super::{Problem, shell, tag};

/// Judges the variables of Ollama that commands of PowerShell or of the command prompt set, what they start, and the tags that they name.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut settings = Vec::new();
    for (at, line) in sheet.lines(region) {
        let typed = typed(line);
        for (statement, start) in statements(typed, at.end - typed.len().min(at.len())) {
            settings.extend(setting(statement, start));
            settings.extend(of_service(statement, start));
            started(sheet, statement, start);
        }
        // A body that is built for a request.
        let builds = line.contains("@{") && line.contains("num_ctx") && !line.contains("options");
        if builds {
            let what = Unclear::Line;
            sheet.find_with(at.clone(), Problem::NotUnderstood { what }, "");
        }
        let words = line.split('#').next().unwrap_or_default();
        tag::listed(sheet, at.start..at.start + words.len());
    }
    // Another program's cards are none of Ollama's.
    settings.retain(|setting| setting.name.starts_with("OLLAMA_"));
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
}

/// Whether commands are those of Windows, by a variable that one of them sets or by the prompt before it.
pub(super) fn is_typed(text: &str) -> bool {
    text.lines().any(|line| {
        let command = typed(line);
        let prompt = command.len() < line.trim_start().len();
        // In a shell, `set NAME=VALUE` sets no variable.
        prompt || setting(command, 0).is_some()
    })
}

/// A line without the prompt before it: `PS C:\> `, `C:\Users\me>`.
fn typed(line: &str) -> &str {
    let text = line.trim_start();
    let prompt = text.starts_with("PS ") || text.get(1..3) == Some(":\\");
    match text.split_once('>') {
        Some((_, typed)) if prompt => typed,
        _ => text,
    }
}

/// The statements of a line, and where each begins: parted by `;`, `&` and `&&` outside of quotes.
fn statements(line: &str, start: usize) -> Vec<(&str, usize)> {
    let mut all = Vec::new();
    let (mut from, mut quote) = (0, None);
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if matches!(c, ';' | '&') => {
                all.push((line.get(from..at).unwrap_or_default(), start + from));
                from = at + 1;
            }
            None => {}
        }
    }
    all.push((line.get(from..).unwrap_or_default(), start + from));
    all
}

/// A server or a client that is started, and a port that is handed on.
fn started(sheet: &mut SourceText<'_>, statement: &str, start: usize) {
    let text = statement.trim_start();
    let at = start + statement.len() - text.len();
    let region = at..at + text.trim_end().len();
    let lower = text.to_ascii_lowercase();
    if let Some(flag) = flag_of_process(text) {
        sheet.find_with(region, Problem::ServeFlag { flag }, "");
    } else if lower.starts_with("ollama ") {
        sheet.judges();
        shell::tags(sheet, region);
    } else if lower.starts_with("docker ") || lower.starts_with("podman ") {
        shell::lint(sheet, region, false);
    } else if lower.starts_with("netsh interface portproxy add")
        && lower.contains("11434")
        && !lower.contains("listenaddress=127.")
    {
        let address = "netsh interface portproxy".to_owned();
        sheet.find_with(region, Problem::OpenPort { address }, "");
    } else if let Some(open) = opens(&lower) {
        sheet.judges();
        if open {
            let address = PORT.to_string();
            sheet.find_with(region, Problem::OpenPort { address }, "");
        }
    }
}

/// What `Start-Process ollama -ArgumentList "serve FLAG"` gives to a server, which takes no arguments.
fn flag_of_process(statement: &str) -> Option<String> {
    let parts = statement.split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\''));
    let mut words = parts.filter(|part| !part.is_empty());
    let starts = words.next()?.eq_ignore_ascii_case("start-process");
    if !starts || !statement.to_ascii_lowercase().contains("ollama") {
        return None;
    }
    words.find(|word| *word == "serve")?;
    // What follows may be an option of the cmdlet.
    let flag = words.next().filter(|word| word.starts_with("--"))?;
    Some(flag.to_owned())
}

/// Whether a rule of Windows' firewall lets everybody in to Ollama's port; none of what is no such rule, in small letters.
fn opens(statement: &str) -> Option<bool> {
    let netsh = statement.starts_with("netsh advfirewall firewall");
    let cmdlet = statement.starts_with("new-netfirewallrule");
    let parts = statement.split(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
    let words: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if !(netsh || cmdlet) || !words.iter().any(|word| shell::has_port(word)) {
        return None;
    }
    let value = |keys: [&str; 2]| {
        let at = words.iter().position(|word| keys.contains(word))?;
        words.get(at + 1).copied()
    };
    let adds = cmdlet || words.contains(&"add");
    let lets = match value(["action", "-action"]) {
        Some(action) => action == "allow",
        None => cmdlet,
    };
    let out = matches!(value(["dir", "-direction"]), Some("out" | "outbound"));
    let some = value(["remoteip", "-remoteaddress"]).is_some_and(|from| !shell::is_any(from));
    let outside = value(["profile", "-profile"])
        .is_none_or(|profile| profile.contains("public") || profile.contains("any"));
    Some(adds && lets && !out && !some && outside)
}

/// Variables that a service of NSSM is given: `nssm set NAME AppEnvironmentExtra NAME=VALUE NAME=VALUE`.
fn of_service(statement: &str, start: usize) -> Vec<Setting> {
    const KEY: &str = "appenvironment";
    let lower = statement.to_ascii_lowercase();
    let given = lower.find(KEY).filter(|_| lower.contains("nssm"));
    let Some(given) = given else {
        return Vec::new();
    };
    let rest = statement.get(given + KEY.len()..).unwrap_or_default();
    let words = rest.split([' ', '\t', '"', '\'']);
    let setting = |word: &str| {
        let bare = word.trim_start_matches(['+', ':']);
        let from = start + (bare.as_ptr() as usize - statement.as_ptr() as usize);
        Setting::parse(bare, from..from + bare.len())
    };
    words.filter_map(setting).collect()
}

/// The ways to set a variable, in small letters, and what stands between its name and its value.
const WAYS: [(&str, Between); 8] = [
    ("setx ", Between::Blank),
    ("set ", Between::Equals),
    ("$env:", Between::Equals),
    (
        "[system.environment]::setenvironmentvariable(",
        Between::Comma,
    ),
    ("[environment]::setenvironmentvariable(", Between::Comma),
    ("set-item -path env:", Between::Blank),
    ("set-item env:", Between::Blank),
    ("set-content env:", Between::Blank),
];

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Blank,
    Equals,
    Comma,
}

/// `setx NAME VALUE`, `set NAME=VALUE`, `$env:NAME = "VALUE"`, `[Environment]::SetEnvironmentVariable("NAME", "VALUE", "User")`, `Set-Item Env:NAME VALUE`.
fn setting(statement: &str, start: usize) -> Option<Setting> {
    let text = statement.trim();
    let lower = text.to_ascii_lowercase();
    let (prefix, between) = WAYS.iter().find(|(way, _)| lower.starts_with(way))?;
    let mut rest = text.get(prefix.len()..)?.trim_start_matches([' ', '\\']);
    // For all users.
    rest = rest
        .strip_prefix("/M ")
        .or_else(|| rest.strip_prefix("/m "))
        .unwrap_or(rest);
    let whole = match *between {
        // `set "NAME=VALUE"`
        Between::Equals => rest
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"')),
        Between::Blank | Between::Comma => None,
    };
    rest = whole.unwrap_or(rest.trim_start_matches(['"', '\'', ' ']));
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, behind) = rest.split_at(length);
    let value = match between {
        Between::Blank => {
            let behind = behind.trim_start_matches(['"', '\'']).trim_start();
            let given = behind.strip_prefix("-Value ").unwrap_or(behind);
            given.trim_start()
        }
        Between::Equals => behind.trim_start().strip_prefix('=')?.trim_start(),
        Between::Comma => {
            let behind = behind.trim_start_matches(['"', '\'', ' ']);
            behind.strip_prefix(',')?.trim_start()
        }
    };
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quoted = quote.and_then(|quote| value.get(1..)?.split(quote).next());
    let bare = match quoted {
        Some(inner) => inner,
        None if *prefix == "set " => value.trim_end(),
        None => value.split([' ', '\t', ',', ')']).next()?,
    };
    // What another variable says is not known.
    let known = !bare.contains('%') || quote.is_some();
    let offset = |part: &str| part.as_ptr() as usize - statement.as_ptr() as usize;
    let (at, from) = (start + offset(name), start + offset(bare));
    (is_name(name) && known).then(|| Setting {
        name: name.to_owned(),
        value: bare.to_owned(),
        at: at..from + bare.len(),
        value_at: from..from + bare.len(),
        bare_text: false,
    })
}

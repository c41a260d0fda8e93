//! What a gateway does to requests and answers.

use super::super::Problem;
use super::super::sheet::SourceText;
use super::parse::Directive;
use super::{Names, Scope, is_local, path};

/// What a gateway must wait at least: a model may load, and an answer may think.
const PATIENCE: u32 = 300;
/// What nginx waits by itself.
const DEFAULT_TIMEOUT: u32 = 60;

/// Whether it is a name that others gave this machine: Ollama takes `localhost`, addresses, and what ends like a name at home.
fn is_domain(name: &str) -> bool {
    let name = name.split(':').next().unwrap_or_default();
    let home = [".localhost", ".local", ".internal"];
    name.contains('.')
        && !name.starts_with(['$', '~'])
        && name.chars().any(|c| c.is_ascii_alphabetic())
        && !home.iter().any(|end| name.ends_with(end))
}

/// Seconds of a time in nginx's form: `900s`, `15m`, `900`.
fn seconds(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u32 = digits.parse().ok()?;
    let unit = match text.get(digits.len()..)? {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "ms" => return Some(number / 1000),
        _ => return None,
    };
    number.checked_mul(unit)
}

/// Whether Ollama refuses requests with this `Host`, as a server of this machine alone refuses names that are not of this machine.
fn is_refused(host: Option<&Directive>, pass: &Directive, here: &Scope<'_>, names: &Names) -> bool {
    let named = names.target(pass.argument());
    let pool = names.pools.get(named);
    // A server that others reach takes any name.
    if !pool.map_or_else(|| is_local(named), |pool| pool.local) {
        return false;
    }
    let sent = host.and_then(|header| header.words.get(2));
    match sent.map_or("$proxy_host", String::as_str) {
        // The name of the pool; an address where none has a name.
        "$proxy_host" => pool.is_some(),
        "$upstream_addr" => true,
        "$host" | "$http_host" | "$server_name" => {
            let names = here.value("server_name");
            names.is_some_and(|names| names.words.iter().skip(1).any(|name| is_domain(name)))
        }
        name => is_domain(name),
    }
}

/// Judges a `proxy_pass` with all that applies to it.
pub(super) fn lint(sheet: &mut SourceText<'_>, pass: &Directive, here: &Scope<'_>, names: &Names) {
    path::lint(sheet, pass, here, names);
    let line = sheet.line_start(pass.at.start);
    let before = sheet.text.get(line..pass.at.start).unwrap_or_default();
    let between = if before.trim().is_empty() {
        format!("\n{before}")
    } else {
        " ".to_owned()
    };
    let mut missing = Vec::new();
    // What another file says is not known.
    let hidden = here.unread;
    let mut judge =
        |sheet: &mut SourceText<'_>, wrong: Option<&Directive>, problem: Problem, right: &str| {
            match wrong {
                Some(directive) => {
                    sheet.find(directive.at.clone(), problem);
                    sheet.replace(directive.at.clone(), right);
                }
                None if hidden => {}
                None => {
                    sheet.find(pass.at.clone(), problem);
                    missing.push(right.to_owned());
                }
            }
        };
    let headers = here.headers();
    let host = headers
        .iter()
        .find(|header| header.argument().eq_ignore_ascii_case("host"))
        .copied();
    if is_refused(host, pass, here, names) {
        judge(
            sheet,
            host,
            Problem::HostHeader,
            "proxy_set_header Host localhost",
        );
    }
    let value = |name: &str| here.value(name);
    let buffering = value("proxy_buffering");
    if buffering.is_none_or(|directive| directive.argument() != "off") {
        judge(
            sheet,
            buffering,
            Problem::ProxyBuffering,
            "proxy_buffering off",
        );
    }
    let timeout = value("proxy_read_timeout");
    let waits = timeout.map_or(Some(DEFAULT_TIMEOUT), |directive| {
        seconds(directive.argument())
    });
    if let Some(seconds) = waits.filter(|seconds| *seconds < PATIENCE) {
        judge(
            sheet,
            timeout,
            Problem::ShortTimeout { seconds },
            "proxy_read_timeout 900s",
        );
    }
    if value("client_max_body_size").is_none() {
        judge(sheet, None, Problem::BodySize, "client_max_body_size 0");
    }
    let has_semicolon = sheet
        .text
        .get(pass.at.end..)
        .is_some_and(|rest| rest.starts_with(';'));
    // In these blocks nginx takes none of them.
    let narrow = matches!(here.name, "if" | "limit_except");
    if has_semicolon && !narrow && !missing.is_empty() {
        let lines: String = missing
            .iter()
            .map(|line| format!("{between}{line};"))
            .collect();
        sheet.insert(pass.at.end + 1, lines);
    }
}

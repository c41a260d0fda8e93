//! Configurations of nginx in front of Ollama.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Problem;
use super::sheet::Sheet;

/// What a gateway must wait at least: a model may load, and an answer may think.
const PATIENCE: u32 = 300;
/// What nginx waits by itself.
const DEFAULT_TIMEOUT: u32 = 60;

/// A directive with its words, or a block of them.
#[derive(Clone, Debug, Default)]
struct Directive {
    words: Vec<String>,
    /// Without its semicolon.
    at: Range<usize>,
    inside: Vec<Directive>,
}

impl Directive {
    fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn argument(&self) -> &str {
        self.words.get(1).map_or("", String::as_str)
    }
}

/// What a block has from the blocks around it.
#[derive(Clone, Default)]
struct Inherited {
    values: BTreeMap<String, Directive>,
    headers: Vec<Directive>,
}

/// The upstreams by name.
type Pools = BTreeMap<String, Pool>;

/// The servers of an upstream.
#[derive(Default)]
struct Pool {
    ports: Vec<u16>,
    /// Whether one of them is on this machine.
    local: bool,
}

/// Judges a configuration.
pub(super) fn lint(sheet: &mut Sheet<'_>, region: Range<usize>) {
    let directives = parse(sheet.text, region);
    let mut pools = Pools::new();
    upstreams(&directives, &mut pools, sheet);
    walk(sheet, &directives, &Inherited::default(), &pools);
}

fn parse(text: &str, region: Range<usize>) -> Vec<Directive> {
    // Directives of the blocks that are open, the outermost first.
    let mut open: Vec<Vec<Directive>> = vec![Vec::new()];
    let mut heads: Vec<Directive> = Vec::new();
    let mut now = Directive::default();
    let end = region.end.min(text.len());
    let mut at = region.start;
    while let Some(c) = text.get(at..end).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..end).unwrap_or_default();
        match c {
            c if c.is_whitespace() => at += c.len_utf8(),
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            ';' => {
                let done = std::mem::take(&mut now);
                if let Some(block) = open.last_mut().filter(|_| !done.words.is_empty()) {
                    block.push(done);
                }
                at += 1;
            }
            '{' => {
                heads.push(std::mem::take(&mut now));
                open.push(Vec::new());
                at += 1;
            }
            '}' => {
                now = Directive::default();
                if let Some(mut head) = heads.pop() {
                    head.inside = open.pop().unwrap_or_default();
                    if let Some(block) = open.last_mut() {
                        block.push(head);
                    }
                }
                at += 1;
            }
            _ => {
                let length = word(rest);
                let text = rest.get(..length).unwrap_or_default();
                if now.words.is_empty() {
                    now.at.start = at;
                }
                now.words.push(text.trim_matches(['"', '\'']).to_owned());
                at += length;
                now.at.end = at;
            }
        }
    }
    // What is left open is taken as it stands.
    while let Some(mut head) = heads.pop() {
        head.inside = open.pop().unwrap_or_default();
        if let Some(block) = open.last_mut() {
            block.push(head);
        }
    }
    open.pop().unwrap_or_default()
}

/// The length of a word, quotes and all.
fn word(text: &str) -> usize {
    let first = text.chars().next();
    if let Some(quote @ ('"' | '\'')) = first
        && let Some(close) = text.get(1..).and_then(|rest| rest.find(quote))
    {
        return close + 2;
    }
    let stop = |c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}');
    text.char_indices()
        .skip(1)
        .find(|(at, c)| stop(*c) && !text.get(..*at).unwrap_or_default().ends_with('$'))
        .map_or(text.len(), |(at, _)| at)
}

fn upstreams(directives: &[Directive], pools: &mut Pools, sheet: &mut Sheet<'_>) {
    for directive in directives {
        if directive.name() == "upstream" {
            let servers = directive
                .inside
                .iter()
                .filter(|inside| inside.name() == "server");
            let ports: Vec<u16> = servers
                .filter_map(|server| server.argument().rsplit_once(':')?.1.parse().ok())
                .collect();
            mixed(sheet, directive, &ports);
            let mut servers = directive.inside.iter().map(Directive::argument);
            let local = servers.any(is_local);
            pools.insert(directive.argument().to_owned(), Pool { ports, local });
        }
        upstreams(&directive.inside, pools, sheet);
    }
}

/// Servers of one pool that were given different models before.
fn mixed(sheet: &mut Sheet<'_>, upstream: &Directive, ports: &[u16]) {
    let sets: Vec<_> = ports
        .iter()
        .filter_map(|port| sheet.served.get(port).cloned())
        .collect();
    let apart = |at: usize| {
        sets.iter()
            .skip(at + 1)
            .any(|other| sets[at].is_disjoint(other))
    };
    if !(0..sets.len()).any(apart) {
        return;
    }
    let models: std::collections::BTreeSet<String> = sets.into_iter().flatten().collect();
    let problem = Problem::MixedPool {
        upstream: upstream.argument().to_owned(),
        models: models.into_iter().collect(),
    };
    let form: Vec<String> = ports
        .iter()
        .map(|port| {
            format!(
                "upstream {}_{port} {{ server 127.0.0.1:{port}; }}",
                upstream.argument()
            )
        })
        .collect();
    sheet.find_with(upstream.at.clone(), problem, form.join("\n"));
}

fn walk(sheet: &mut Sheet<'_>, directives: &[Directive], around: &Inherited, pools: &Pools) {
    let mut here = around.clone();
    let headers = || {
        directives
            .iter()
            .filter(|directive| directive.name() == "proxy_set_header")
    };
    // Headers of a block replace all of those around it.
    if headers().next().is_some() {
        here.headers = headers().cloned().collect();
    }
    for directive in directives {
        here.values
            .insert(directive.name().to_owned(), directive.clone());
    }
    for directive in directives {
        if directive.name() == "proxy_pass" && is_ollama(directive.argument(), pools) {
            pass(sheet, directive, &here, pools);
        }
        if directive.name() == "server"
            && !directive.inside.is_empty()
            && serves(&directive.inside, pools)
        {
            listen(sheet, directive, &here);
        }
    }
    for directive in directives {
        walk(sheet, &directive.inside, &here, pools);
    }
}

fn is_ollama(target: &str, pools: &Pools) -> bool {
    let ours = |port: u16| (11434..=11533).contains(&port);
    let target = target.split_once("://").map_or(target, |(_, rest)| rest);
    let host = target.split('/').next().unwrap_or_default();
    match pools.get(host) {
        Some(pool) => host.contains("llama") || pool.ports.iter().any(|port| ours(*port)),
        None => {
            let port = host
                .rsplit_once(':')
                .and_then(|(_, port)| port.parse().ok());
            host.contains("ollama") || port.is_some_and(ours)
        }
    }
}

fn serves(directives: &[Directive], pools: &Pools) -> bool {
    directives.iter().any(|directive| {
        directive.name() == "proxy_pass" && is_ollama(directive.argument(), pools)
            || serves(&directive.inside, pools)
    })
}

/// Whether `host:port` is of this machine alone.
fn is_local(address: &str) -> bool {
    address.starts_with("localhost") || address.starts_with("127.") || address.starts_with("[::1]")
}

/// Whether it is a name that others gave this machine: Ollama takes `localhost`, addresses, and what ends like a name at home.
fn is_domain(name: &str) -> bool {
    let name = name.split(':').next().unwrap_or_default();
    let home = [".localhost", ".local", ".internal"];
    name.contains('.')
        && !name.starts_with(['$', '~'])
        && name.chars().any(|c| c.is_ascii_alphabetic())
        && !home.iter().any(|end| name.ends_with(end))
}

/// `900s`, `15m`, `900`
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

fn pass(sheet: &mut Sheet<'_>, pass: &Directive, here: &Inherited, pools: &Pools) {
    let line = sheet.line_start(pass.at.start);
    let before = sheet.text.get(line..pass.at.start).unwrap_or_default();
    let between = if before.trim().is_empty() {
        format!("\n{before}")
    } else {
        " ".to_owned()
    };
    let mut missing = Vec::new();
    let mut judge =
        |sheet: &mut Sheet<'_>, wrong: Option<&Directive>, problem: Problem, right: &str| {
            match wrong {
                Some(directive) => {
                    sheet.find(directive.at.clone(), problem);
                    sheet.replace(directive.at.clone(), right);
                }
                None => {
                    sheet.find(pass.at.clone(), problem);
                    missing.push(right.to_owned());
                }
            }
        };
    let host = here
        .headers
        .iter()
        .find(|header| header.argument().eq_ignore_ascii_case("host"));
    let sent = host
        .and_then(|header| header.words.get(2))
        .map_or("$proxy_host", String::as_str);
    let target = pass
        .argument()
        .split_once("://")
        .map_or("", |(_, rest)| rest);
    let named = target.split('/').next().unwrap_or_default();
    let pool = pools.get(named);
    // A server that others reach takes any name; one of this machine alone takes only names of this machine, and addresses.
    let local = pool.map_or_else(|| is_local(named), |pool| pool.local);
    let refused = match sent {
        // The name of the pool; an address where none has a name.
        "$proxy_host" => pool.is_some(),
        "$upstream_addr" => true,
        "$host" | "$http_host" | "$server_name" => {
            let names = here.values.get("server_name");
            names.is_some_and(|names| names.words.iter().skip(1).any(|name| is_domain(name)))
        }
        name => is_domain(name),
    };
    if local && refused {
        judge(
            sheet,
            host,
            Problem::HostHeader,
            "proxy_set_header Host localhost",
        );
    }
    let value = |name: &str| here.values.get(name);
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
    if has_semicolon && !missing.is_empty() {
        let lines: String = missing
            .iter()
            .map(|line| format!("{between}{line};"))
            .collect();
        sheet.insert(pass.at.end + 1, lines);
    }
}

/// Who may ask: an address that everybody reaches wants a password or a list.
fn listen(sheet: &mut Sheet<'_>, server: &Directive, around: &Inherited) {
    const GUARDS: [&str; 5] = [
        "auth_basic",
        "auth_request",
        "deny",
        "ssl_verify_client",
        "auth_jwt",
    ];
    let guard =
        |directive: &Directive| GUARDS.contains(&directive.name()) && directive.argument() != "off";
    let guarded = server
        .inside
        .iter()
        .any(|inside| guard(inside) || inside.inside.iter().any(guard));
    if guarded || around.values.values().any(guard) {
        return;
    }
    for directive in server
        .inside
        .iter()
        .filter(|inside| inside.name() == "listen")
    {
        let address = directive.argument();
        let port = match address.rsplit_once(':') {
            Some(("0.0.0.0" | "*" | "[::]", port)) => port,
            Some(_) => continue,
            None if address.parse::<u16>().is_ok() => address,
            None => continue,
        };
        let problem = Problem::OpenPort {
            address: address.to_owned(),
        };
        sheet.find(directive.at.clone(), problem);
        let start = directive.at.start + "listen".len();
        let text = sheet.text.get(start..directive.at.end).unwrap_or_default();
        if let Some(offset) = text.find(address) {
            let at = start + offset..start + offset + address.len();
            sheet.replace(at, format!("127.0.0.1:{port}"));
        }
    }
}

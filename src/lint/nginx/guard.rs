//! Who may ask a gateway.

use std::ops::Range;

use super::super::Problem;
use super::super::sheet::SourceText;
use super::parse::Directive;
use super::{Exposure, Names, Scope, is_unread};

/// Directives that ask who comes.
const ASKS: [&str; 3] = ["auth_basic", "auth_request", "auth_jwt"];

/// An address that everybody reaches wants a password or a list.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    server: &Directive,
    around: &Scope<'_>,
    names: &Names,
) {
    if names.exposure == Exposure::Internal {
        return;
    }
    let scope = Scope::new("server", &server.inside, Some(around));
    let mut open = Vec::new();
    openings(&scope, names, &mut open);
    if open.is_empty() {
        return;
    }
    let addresses: Vec<_> = server.all("listen").filter_map(open_address).collect();
    let own = server.all("listen").next().is_none().then_some("*:80");
    let first = addresses.first().map(|(_, address, _)| *address).or(own);
    // What an inner block switched off is told there: the rest of the server is guarded.
    for opening in &open {
        let (Some(address), Some((off, guard))) = (first, &opening.lifted) else {
            continue;
        };
        let address = address.to_owned();
        let form = sheet.text.get(guard.clone()).unwrap_or_default();
        let form = format!("{form};");
        sheet.find_with(off.clone(), Problem::OpenPort { address }, form);
    }
    open.retain(|opening| opening.lifted.is_none());
    if open.is_empty() {
        return;
    }
    // Nobody reaches the loopback of a container; who reaches its port is said where it is published.
    let published = names.exposure == Exposure::Published
        || open.iter().all(|opening| names.is_beside(&opening.target));
    // What else the server has is for others, who still have to reach it.
    if let Some(address) = first.filter(|_| !published && serves_others(server, &open)) {
        for opening in &open {
            close(sheet, opening, address);
        }
        return;
    }
    if let Some(address) = own {
        let address = address.to_owned();
        sheet.find_with(
            server.at.clone(),
            Problem::OpenPort { address },
            "listen 127.0.0.1:80;",
        );
    }
    for (directive, address, right) in addresses {
        let problem = Problem::OpenPort {
            address: address.to_owned(),
        };
        if published {
            sheet.find_with(directive.at.clone(), problem, "");
            continue;
        }
        sheet.find(directive.at.clone(), problem);
        let start = directive.at.start + "listen".len();
        let text = sheet.text.get(start..directive.at.end).unwrap_or_default();
        if let Some(offset) = text.find(address) {
            let at = start + offset..start + offset + address.len();
            sheet.replace(at, right);
        }
    }
}

/// Whether a server has locations beside those that are open, which answer something.
fn serves_others(server: &Directive, open: &[Opening]) -> bool {
    fn holds(block: &Directive, at: &Range<usize>) -> bool {
        let mut inside = block.inside.iter();
        inside.any(|one| one.at == *at || holds(one, at))
    }
    // Who is sent away, or told that all is well, misses nothing.
    let answers = |location: &Directive| {
        let mut inside = location.inside.iter();
        !inside.any(|one| matches!(one.name(), "internal" | "return"))
    };
    server.all("location").any(|location| {
        answers(location) && !open.iter().any(|opening| holds(location, &opening.pass))
    })
}

/// Tells of an open location alone, and leaves it to this machine.
fn close(sheet: &mut SourceText<'_>, opening: &Opening, address: &str) {
    let problem = Problem::OpenPort {
        address: address.to_owned(),
    };
    let at = opening.pass.clone();
    if !opening.closable {
        sheet.find_with(at, problem, "");
        return;
    }
    let before = sheet.text.get(..at.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let next = match line.trim().is_empty() {
        true => format!("\n{line}"),
        false => " ".to_owned(),
    };
    let rules = ["allow 127.0.0.1;", "allow ::1;", "deny all;"];
    sheet.find(at.clone(), problem);
    sheet.insert(at.start, rules.map(|rule| rule.to_owned() + &next).concat());
}

/// A `listen` that everybody reaches: its address, and that of this machine alone.
fn open_address(listen: &Directive) -> Option<(&Directive, &str, String)> {
    let address = listen.argument();
    let right = match address.rsplit_once(':') {
        Some(("0.0.0.0" | "*", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        Some(_) => return None,
        None if address.parse::<u16>().is_ok() => format!("127.0.0.1:{address}"),
        None => return None,
    };
    Some((listen, address, right))
}

/// A block through which a stranger reaches Ollama.
struct Opening {
    /// Address that it passes requests to.
    target: String,
    /// The directive that does so.
    pass: Range<usize>,
    /// Whether `allow` and `deny` may stand before it, and none do.
    closable: bool,
    /// Where the guard of a block around it is switched off, and where that guard stands.
    lifted: Option<(Range<usize>, Range<usize>)>,
}

/// The blocks through which a stranger reaches Ollama.
fn openings(here: &Scope<'_>, names: &Names, found: &mut Vec<Opening>) {
    // What another file says is not known; that it was not read is said.
    if here.directives.iter().any(is_unread) {
        return;
    }
    let passes = |one: &&Directive| one.name() == "proxy_pass" && names.is_ollama(one.argument());
    let mut passing = here.directives.iter().filter(passes);
    if let Some(pass) = passing.next()
        && !is_guarded(here, names)
    {
        found.push(Opening {
            target: pass.argument().to_owned(),
            pass: pass.at.clone(),
            closable: here.name == "location"
                && !["allow", "deny"]
                    .iter()
                    .any(|name| here.values.contains_key(name)),
            lifted: lifted(here, names),
        });
    }
    for one in here.directives {
        let chosen = one.name() == "if" && Condition::new(one).concerns(names);
        if one.block && !chosen {
            let inside = Scope::new(one.name(), &one.inside, Some(here));
            openings(&inside, names, found);
        }
    }
}

/// The directive that lets in whom a block around keeps out.
fn lifted(here: &Scope<'_>, names: &Names) -> Option<(Range<usize>, Range<usize>)> {
    let mut scope = here;
    while let Some(around) = scope.around.filter(|_| scope.name != "server") {
        let lifts = |name: &&str, value: &str| {
            let one = scope.values.get(*name)?;
            let guard = around.value(name)?;
            let lifts = one.argument() == value && guard.argument() != value;
            lifts.then(|| (one.at.clone(), guard.at.clone()))
        };
        let off = ASKS.iter().find_map(|name| lifts(name, "off"));
        if let Some(off) = off.filter(|_| is_guarded(around, names)) {
            return Some(off);
        }
        scope = around;
    }
    None
}

/// Whether what applies to a block keeps strangers out.
fn is_guarded(here: &Scope<'_>, names: &Names) -> bool {
    let is = |name: &str, value: &str| {
        let found = here.value(name);
        found.is_some_and(|directive| directive.argument() == value)
    };
    let asks = |name: &&str| {
        let found = here.value(name);
        found.is_some_and(|directive| directive.argument() != "off")
    };
    if ASKS.iter().any(asks) || is("ssl_verify_client", "on") {
        return true;
    }
    // What asks itself alone has asked before.
    if denies(here) || here.values.contains_key("internal") {
        return true;
    }
    let mut scope = Some(here);
    while let Some(now) = scope {
        let turned_away = now
            .directives
            .iter()
            .any(|directive| refuses(directive, names) || limits(directive));
        if turned_away {
            return true;
        }
        // Nothing around a server turns anybody away.
        scope = now.around.filter(|_| now.name != "server");
    }
    false
}

/// Whether addresses are turned away: of `allow` and `deny` the first that fits decides.
fn denies(here: &Scope<'_>) -> bool {
    let is_access = |one: &&Directive| matches!(one.name(), "allow" | "deny");
    let mut scopes = std::iter::successors(Some(here), |scope| scope.around);
    let has = |scope: &&Scope<'_>| {
        ["allow", "deny"]
            .iter()
            .any(|name| scope.values.contains_key(name))
    };
    let nearest = scopes.find(has);
    let all = |one: &&Directive| matches!(one.argument(), "all" | "0.0.0.0/0");
    let decides = nearest.and_then(|scope| {
        let mut access = scope.directives.iter().filter(is_access);
        access.find(all)
    });
    decides.is_some_and(|one| one.name() == "deny")
}

/// `limit_except GET { deny all; }`: all but the methods that it names are for nobody.
fn limits(directive: &Directive) -> bool {
    let asks = directive
        .words
        .iter()
        .skip(1)
        .any(|method| method == "POST");
    let denies = directive.all("deny").any(|deny| deny.argument() == "all");
    directive.name() == "limit_except" && denies && !asks
}

/// `if ($authorised = 0) { return 401; }`, where that is what a stranger has.
fn refuses(directive: &Directive, names: &Names) -> bool {
    let ends = directive
        .all("return")
        .any(|answer| matches!(answer.argument(), "401" | "403" | "404" | "444"));
    directive.name() == "if" && ends && Condition::new(directive).holds_for_strangers(names)
}

/// The condition of an `if`.
struct Condition {
    variable: String,
    operator: String,
    value: String,
}

impl Condition {
    fn new(directive: &Directive) -> Self {
        let words = directive.words.get(1..).unwrap_or_default();
        let bare = |word: &String| {
            let word = word.trim_start_matches('(').trim_end_matches(')');
            word.trim_matches(['"', '\'']).to_owned()
        };
        let mut words = words.iter().map(bare).filter(|word| !word.is_empty());
        let variable = words.next().unwrap_or_default();
        Self {
            operator: words.next().unwrap_or_default(),
            value: words.next().unwrap_or_default(),
            variable,
        }
    }

    /// Whether it looks at what a stranger does not have.
    fn concerns(&self, names: &Names) -> bool {
        const SECRET: [&str; 6] = [
            "$http_",
            "$cookie_",
            "$ssl_client",
            "$remote_",
            "$arg_",
            "$binary_remote",
        ];
        const COMMON: [&str; 4] = [
            "$http_host",
            "$http_user_agent",
            "$http_upgrade",
            "$http_referer",
        ];
        let map = names.maps.get(&self.variable);
        let source = map.map_or(&self.variable, |map| &map.source);
        let has = |parts: &[&str]| parts.iter().any(|part| source.contains(part));
        // A geo map without a source looks at the address.
        has(&SECRET) && !has(&COMMON) || map.is_some() && *source == self.variable
    }

    /// Whether it holds for who has nothing that it looks for.
    fn holds_for_strangers(&self, names: &Names) -> bool {
        if !self.concerns(names) {
            return false;
        }
        let operator = self.operator.as_str();
        match names.maps.get(&self.variable) {
            // A map that says nothing of them gives them an empty text.
            Some(map) => match operator {
                "=" => map.default == self.value,
                "!=" => map.default != self.value,
                "" => !matches!(map.default.as_str(), "" | "0"),
                "~" | "!~" => matches(&map.default, &self.value) == Some(operator == "~"),
                "~*" | "!~*" => {
                    let [text, pattern] = [&map.default, &self.value].map(|one| one.to_lowercase());
                    matches(&text, &pattern) == Some(operator == "~*")
                }
                _ => false,
            },
            // Who writes anything there is no longer told from who knows.
            None => operator.starts_with('!') && !self.value.is_empty(),
        }
    }
}

/// Whether a text matches a pattern; `None` where that is more than letters and anchors, which is not judged.
fn matches(text: &str, pattern: &str) -> Option<bool> {
    let letters = pattern.strip_prefix('^').unwrap_or(pattern);
    let letters = letters.strip_suffix('$').unwrap_or(letters);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_- ".contains(letter);
    let anchored = (pattern.starts_with('^'), pattern.ends_with('$'));
    letters.chars().all(plain).then(|| match anchored {
        (true, true) => text == letters,
        (true, false) => text.starts_with(letters),
        (false, true) => text.ends_with(letters),
        (false, false) => text.contains(letters),
    })
}

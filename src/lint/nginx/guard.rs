//! Who may ask a gateway.

use super::super::Problem;
use super::super::sheet::SourceText;
use super::parse::Directive;
use super::{Names, Scope};

/// Directives that ask who comes.
const ASKS: [&str; 3] = ["auth_basic", "auth_request", "auth_jwt"];

/// An address that everybody reaches wants a password or a list.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    server: &Directive,
    around: &Scope<'_>,
    names: &Names,
) {
    let scope = Scope::new("server", &server.inside, Some(around));
    if !is_open(&scope, names) {
        return;
    }
    if server.all("listen").next().is_none() {
        let address = "*:80".to_owned();
        sheet.find_with(
            server.at.clone(),
            Problem::OpenPort { address },
            "listen 127.0.0.1:80;",
        );
    }
    for directive in server.all("listen") {
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

/// Whether a stranger reaches Ollama through a block.
fn is_open(here: &Scope<'_>, names: &Names) -> bool {
    // What another file says is not known; that it was not read is said.
    if here.directives.iter().any(|one| one.name() == "include") {
        return false;
    }
    let passes = |one: &Directive| one.name() == "proxy_pass" && names.is_ollama(one.argument());
    if here.directives.iter().any(passes) && !is_guarded(here, names) {
        return true;
    }
    here.directives.iter().any(|one| {
        let inside = Scope::new(one.name(), &one.inside, Some(here));
        let chosen = one.name() == "if" && Condition::of(one).concerns(names);
        one.block && !chosen && is_open(&inside, names)
    })
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
    if is("deny", "all") && !is("allow", "all") {
        return true;
    }
    let mut scope = Some(here);
    while let Some(now) = scope {
        let turned_away = now.directives.iter().any(|directive| {
            refuses(directive, names)
                || directive.name() == "limit_except"
                    && directive.all("deny").any(|deny| deny.argument() == "all")
        });
        if turned_away {
            return true;
        }
        // Nothing around a server turns anybody away.
        scope = now.around.filter(|_| now.name != "server");
    }
    false
}

/// `if ($authorised = 0) { return 401; }`, where that is what a stranger has.
fn refuses(directive: &Directive, names: &Names) -> bool {
    let ends = directive
        .all("return")
        .any(|answer| matches!(answer.argument(), "401" | "403" | "404" | "444"));
    directive.name() == "if" && ends && Condition::of(directive).holds_for_strangers(names)
}

/// The condition of an `if`.
struct Condition {
    variable: String,
    operator: String,
    value: String,
}

impl Condition {
    fn of(directive: &Directive) -> Self {
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

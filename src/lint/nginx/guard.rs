//! Who may ask a gateway.

use super::super::Problem;
use super::super::sheet::SourceText;
use super::parse::Directive;
use super::{Names, Scope};

/// Directives that keep strangers out.
const GUARDS: [&str; 5] = [
    "auth_basic",
    "auth_request",
    "deny",
    "ssl_verify_client",
    "auth_jwt",
];

/// An address that everybody reaches wants a password or a list.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    server: &Directive,
    around: &Scope<'_>,
    names: &Names,
) {
    if guarded(&server.inside, names, 2)
        || GUARDS
            .iter()
            .any(|name| around.value(name).is_some_and(guards))
    {
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

fn guards(directive: &Directive) -> bool {
    GUARDS.contains(&directive.name()) && directive.argument() != "off"
}

/// Whether a block, or one in it, keeps strangers out.
fn guarded(directives: &[Directive], names: &Names, deep: u8) -> bool {
    directives.iter().any(|directive| {
        guards(directive)
            || refuses(directive, names)
            || deep > 0 && guarded(&directive.inside, names, deep - 1)
    })
}

/// `if ($authorised = 0) { return 401; }`, where the variable is made of what a stranger does not have.
fn refuses(directive: &Directive, names: &Names) -> bool {
    if directive.name() != "if" {
        return false;
    }
    let ends = directive
        .all("return")
        .any(|answer| matches!(answer.argument(), "401" | "403" | "404" | "444"));
    let condition = directive.argument().trim_start_matches(['(', '!']);
    let name = condition
        .split(['=', '!', '~', ')'])
        .next()
        .unwrap_or_default();
    let name = name.trim_matches(['"', '\'']);
    let source = names.maps.get(name).map_or(name, String::as_str);
    let secret = [
        "$http_",
        "$cookie_",
        "$ssl_client",
        "$remote_",
        "$arg_",
        "$binary_remote",
    ];
    let common = [
        "$http_host",
        "$http_user_agent",
        "$http_upgrade",
        "$http_referer",
    ];
    let asks = |source: &str| {
        secret.iter().any(|part| source.contains(part))
            && !common.iter().any(|part| source.contains(part))
    };
    // A geo map without a source looks at the address.
    ends && (asks(source) || source == name && names.maps.contains_key(name))
}

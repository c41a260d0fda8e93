//! Programs that let others come to a port of this machine.

use super::super::Problem;
use super::super::server::PORT;
use super::super::sheet::SourceText;
use super::super::variable;
use super::firewall;
use super::invocation::Invocation;
use super::words::Command;

/// Judges a program that may hand Ollama's port out.
pub(super) fn lint(sheet: &mut SourceText<'_>, command: &Command, invocation: &Invocation<'_>) {
    firewall::lint(sheet, command, invocation);
    let port = PORT.to_string();
    if !invocation.names(&port) {
        return;
    }
    let first = invocation.first().unwrap_or_default();
    let public = match invocation.program {
        "ngrok" => matches!(first, "http" | "tcp"),
        "cloudflared" => invocation.names(&format!(":{port}")),
        "tailscale" => first == "funnel",
        "lt" | "localtunnel" | "bore" | "zrok" => true,
        "npx" | "bunx" => invocation.has(&["localtunnel", "lt"]),
        _ => false,
    };
    let rented = relay(invocation);
    if public || rented.is_some() {
        let program = match invocation.program {
            "npx" | "bunx" => "localtunnel",
            other => rented.unwrap_or(other),
        };
        let program = program.to_owned();
        return sheet.find_with(command.range(), Problem::PublicTunnel { program }, "");
    }
    let everybody = match invocation.program {
        // Without an address it listens for this machine alone.
        "kubectl" | "oc" => {
            let words = invocation.arguments.windows(2);
            let apart = |pair: &[super::Word]| pair[0].text == "--address" && any(&pair[1].text);
            let mut joined = invocation.arguments.iter();
            first == "port-forward"
                && (words.into_iter().any(apart)
                    || joined.any(|word| word.text.strip_prefix("--address=").is_some_and(any)))
        }
        // Without an address it listens for everybody.
        "socat" => invocation.arguments.iter().any(|word| {
            let listens = word.text.to_uppercase().contains("-LISTEN:");
            listens && !word.text.contains("bind=127.") && !word.text.contains("bind=localhost")
        }),
        "netsh.exe" => {
            let local = invocation.names("listenaddress=127.");
            invocation.has(&["portproxy"]) && invocation.has(&["add"]) && !local
        }
        "lxc" | "incus" => {
            let listens = |word: &super::Word| {
                let address = word.text.strip_prefix("listen=tcp:");
                address.and_then(variable::open).is_some()
            };
            invocation.arguments.iter().any(listens)
        }
        // From another machine's port to this one's, at every address of that machine; or from here to there, for all.
        "ssh" | "autossh" => {
            let gates = invocation.has(&["-g"]) && invocation.has(&["-L"]);
            gates
                || invocation
                    .arguments
                    .iter()
                    .any(|word| forwards_to_all(&word.text))
        }
        "caddy" => {
            let from = invocation.arguments.windows(2);
            let from = from.into_iter().find(|pair| pair[0].text == "--from");
            let local = |pair: &[super::Word]| variable::is_loopback(&pair[1].text);
            first == "reverse-proxy" && !from.is_some_and(local)
        }
        _ => false,
    };
    if matches!(
        invocation.program,
        "caddy" | "socat" | "lxc" | "incus" | "netsh.exe" | "ssh" | "autossh"
    ) {
        sheet.judges();
    }
    if everybody {
        let address = format!("0.0.0.0:{port}");
        sheet.find_with(command.range(), Problem::OpenPort { address }, "");
    }
}

/// The host of `ssh -R 80:localhost:11434 HOST` that gives every such port an address in the Internet.
fn relay<'i>(invocation: &Invocation<'i>) -> Option<&'i str> {
    const RELAYS: [&str; 4] = ["localhost.run", "pinggy.io", "serveo.net", "srv.us"];
    if !matches!(invocation.program, "ssh" | "autossh") || !invocation.names("-R") {
        return None;
    }
    let words = invocation.arguments.iter();
    let mut hosts = words.filter_map(|word| word.text.rsplit('@').next());
    hosts.find(|host| {
        let is = |relay: &str| *host == relay || host.ends_with(&format!(".{relay}"));
        RELAYS.iter().any(|relay| is(relay))
    })
}

/// `0.0.0.0:11434:localhost:11434`, `*:11434:..` and `:11434:..`, as `-L` and `-R` take them.
fn forwards_to_all(word: &str) -> bool {
    let spec = word.trim_start_matches("-R").trim_start_matches("-L");
    let everybody = ["0.0.0.0:", "[::]:", "*:", ":"];
    let any = everybody.iter().any(|any| spec.starts_with(any));
    any && spec.matches(':').count() >= 3
}

/// Whether one of several addresses is every one of the machine's.
fn any(addresses: &str) -> bool {
    let mut all = addresses.split(',');
    all.any(|one| matches!(one, "0.0.0.0" | "::" | "[::]"))
}

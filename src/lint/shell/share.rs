//! Programs that let others come to a port of this machine.

use super::super::Problem;
use super::super::server::PORT;
use super::super::sheet::SourceText;
use super::invocation::Invocation;
use super::words::Command;

/// Judges a program that may hand Ollama's port out.
pub(super) fn lint(sheet: &mut SourceText<'_>, command: &Command, invocation: &Invocation<'_>) {
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
        _ => false,
    };
    if public {
        let program = invocation.program.to_owned();
        return sheet.find_with(command.at(), Problem::PublicTunnel { program }, "");
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
        _ => false,
    };
    if everybody {
        let address = format!("0.0.0.0:{port}");
        sheet.find_with(command.at(), Problem::OpenPort { address }, "");
    }
}

/// Whether one of several addresses is every one of the machine's.
fn any(addresses: &str) -> bool {
    let mut all = addresses.split(',');
    all.any(|one| matches!(one, "0.0.0.0" | "::" | "[::]"))
}

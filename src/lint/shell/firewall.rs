//! Programs that let others through the firewall of a machine or of a cloud to Ollama's port.

use super::super::Problem;
use super::super::server::PORT;
use super::super::sheet::SourceText;
use super::invocation::Invocation;
use super::words::{Command, Word};

/// What a rule does to the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Whoever reaches the machine is let in.
    Open,
    /// Some are let in, or nobody, or it goes the other way.
    Guarded,
}

/// Judges a rule of a firewall that names Ollama's port.
pub(super) fn lint(sheet: &mut SourceText<'_>, command: &Command, invocation: &Invocation<'_>) {
    let judge: fn(&[&str]) -> Rule = match invocation.program {
        "ufw" => ufw,
        "iptables" | "ip6tables" | "iptables-legacy" | "ip6tables-legacy" | "iptables-nft" => {
            iptables
        }
        "firewall-cmd" | "firewall-offline-cmd" => firewalld,
        "nft" => nft,
        "gcloud" | "aws" | "az" => cloud,
        _ => return,
    };
    let words: Vec<&str> = invocation
        .arguments
        .iter()
        .flat_map(|word: &Word| word.text.split_whitespace())
        .collect();
    let Some(port) = words.iter().find(|word| has_port(word)) else {
        return;
    };
    sheet.judges();
    if judge(&words) == Rule::Open {
        let address = port
            .rsplit_once('=')
            .map_or(*port, |(_, port)| port)
            .trim_matches(['"', '\''])
            .to_owned();
        sheet.find_with(command.range(), Problem::OpenPort { address }, "");
    }
}

/// `11434`, `11434/tcp`, `tcp:11434`, `11430-11440`, `80,11434`
pub(in crate::lint) fn has_port(word: &str) -> bool {
    let parts = word.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | ':'));
    let mut parts = parts.map(|part| part.trim_matches(['-', ':']));
    parts.any(|part| {
        let (first, last) = part.split_once(['-', ':']).unwrap_or((part, part));
        let ports = (first.parse::<u16>(), last.parse::<u16>());
        matches!(ports, (Ok(first), Ok(last)) if first <= PORT && PORT <= last)
    })
}

/// Whether a network is all of them.
pub(in crate::lint) fn is_any(network: &str) -> bool {
    let mut all = network.split(',');
    all.any(|one| {
        let one = one.trim_matches(['"', '\'']).to_ascii_lowercase();
        matches!(
            one.as_str(),
            "any" | "*" | "0.0.0.0/0" | "::/0" | "0/0" | "0.0.0.0" | "internet" | "anywhere"
        )
    })
}

/// The word behind one of these, or joined to it by `=`.
fn value<'w>(words: &[&'w str], keys: &[&str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        if keys.contains(word) {
            return words.get(at + 1).copied();
        }
        let (key, value) = word.split_once('=')?;
        keys.contains(&key).then_some(value)
    })
}

fn has(words: &[&str], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(word))
}

/// A network card that only the machine itself, its containers or a private net of its owner are behind.
fn is_private(card: &str) -> bool {
    const PRIVATE: [&str; 10] = [
        "lo",
        "docker",
        "br-",
        "podman",
        "cni",
        "virbr",
        "wg",
        "tailscale",
        "tun",
        "zt",
    ];
    let card = card.trim_matches(['"', '\'']);
    PRIVATE.iter().any(|begin| card.starts_with(begin))
}

fn guarded(is: bool) -> Rule {
    match is {
        true => Rule::Guarded,
        false => Rule::Open,
    }
}

/// `ufw allow 11434/tcp`, `ufw allow from 192.168.1.0/24 to any port 11434`
fn ufw(words: &[&str]) -> Rule {
    let lets = has(words, &["allow", "limit"]) && !has(words, &["delete", "out"]);
    let some = value(words, &["from"]).is_some_and(|from| !is_any(from));
    guarded(!lets || some || value(words, &["on"]).is_some_and(is_private))
}

/// `iptables -A INPUT -p tcp --dport 11434 -j ACCEPT`, and what leads another port there.
fn iptables(words: &[&str]) -> Rule {
    const PORTS: [&str; 7] = [
        "--dport",
        "--dports",
        "--destination-port",
        "--destination-ports",
        "--to-port",
        "--to-ports",
        "--to-destination",
    ];
    let named = PORTS
        .iter()
        .any(|key| value(words, &[*key]).is_some_and(has_port));
    let lets = matches!(
        value(words, &["-j", "--jump"]),
        Some("ACCEPT" | "DNAT" | "REDIRECT")
    );
    let adds = has(words, &["-A", "-I", "--append", "--insert"]);
    let own = has(words, &["OUTPUT"]);
    let some = value(words, &["-s", "--source", "--src"]).is_some_and(|from| !is_any(from));
    let card = value(words, &["-i", "--in-interface"]).is_some_and(is_private);
    guarded(!named || !lets || !adds || own || some || card)
}

/// `firewall-cmd --add-port=11434/tcp`, `--add-rich-rule='rule .. accept'`, `--add-forward-port=..`
fn firewalld(words: &[&str]) -> Rule {
    // The zones that others than those one trusts are in.
    const OUTSIDE: [&str; 5] = [
        "public",
        "external",
        "dmz",
        "FedoraServer",
        "FedoraWorkstation",
    ];
    let zone = value(words, &["--zone"]);
    let inside = zone.is_some_and(|zone| !OUTSIDE.contains(&zone) && !zone.contains('$'));
    let adds = words.iter().any(|word| word.starts_with("--add-"));
    let rich = words.iter().any(|word| word.starts_with("--add-rich-rule"));
    let lets = !rich || has(words, &["accept"]);
    let from = words.iter().find_map(|word| word.strip_prefix("address="));
    guarded(inside || !adds || !lets || rich && from.is_some_and(|from| !is_any(from)))
}

/// `nft add rule inet filter input tcp dport 11434 accept`
fn nft(words: &[&str]) -> Rule {
    let lets = has(words, &["accept", "redirect", "dnat"]) && has(words, &["add", "insert"]);
    let some = value(words, &["saddr"]).is_some_and(|from| !is_any(from));
    let card = value(words, &["iifname", "iif"]).is_some_and(is_private);
    guarded(!lets || some || card)
}

/// Rules of Google's, Amazon's and Microsoft's clouds.
fn cloud(words: &[&str]) -> Rule {
    let sources = [
        "--source-ranges",
        "--cidr",
        "--cidr-ip",
        "--source-address-prefixes",
        "--source-address-prefix",
    ];
    let from = value(words, &sources);
    let any = from.is_some_and(is_any);
    let makes = has(words, &["create", "update"]);
    if has(words, &["firewall-rules"]) {
        let tagged = ["--source-tags", "--source-service-accounts"];
        let other = value(words, &["--direction"]) == Some("EGRESS")
            || value(words, &["--action"]) == Some("DENY");
        let some = from.is_some() || value(words, &tagged).is_some();
        return guarded(!makes || other || some && !any);
    }
    if has(words, &["authorize-security-group-ingress"]) {
        let listed = words.iter().any(|word| word.contains("0.0.0.0/0"));
        return guarded(!any && !listed);
    }
    let rule = has(words, &["nsg"]) && has(words, &["rule"]) && makes;
    let denies = value(words, &["--access"]).is_some_and(|access| access != "Allow");
    guarded(!has(words, &["open-port"]) && (!rule || denies || from.is_some() && !any))
}

//! Addresses that a server listens at.

use crate::lint::server::PORT;

/// The port of an address that everybody reaches.
pub(in crate::lint) fn open(address: &str) -> Option<u16> {
    let address = address
        .trim_start_matches("http://")
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let rest = ["0.0.0.0", "[::]", "::", "*"]
        .into_iter()
        .find_map(|any| address.strip_prefix(any))
        .or_else(|| address.strip_prefix(':').map(|_| address))?;
    match rest.strip_prefix(':') {
        Some(port) => port.parse().ok(),
        None => rest.is_empty().then_some(PORT),
    }
}

/// The port of an address that everybody reaches, as it is written, where something else fills it in: `0.0.0.0:$PORT`, `0.0.0.0:1150%i`.
pub(in crate::lint) fn open_at_some_port(address: &str) -> Option<&str> {
    let address = address.trim_start_matches("http://");
    let rest = ["0.0.0.0:", "[::]:", "*:"]
        .into_iter()
        .find_map(|any| address.strip_prefix(any));
    rest.filter(|port| port.contains(['$', '%']))
}

/// Whether it is no address that Ollama takes: more in it than a host and a port, or a port that is none.
pub(in crate::lint) fn is_no_address(address: &str) -> bool {
    if address.contains(['$', '%']) {
        return false;
    }
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    let rest = rest.split('/').next().unwrap_or_default();
    if rest.parse::<std::net::Ipv6Addr>().is_ok() {
        return false;
    }
    let (host, port) = match rest.rfind(']') {
        Some(close) => rest.split_at(close + 1),
        None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
    };
    let port = port.strip_prefix(':').filter(|port| !port.is_empty());
    host.contains([' ', ',']) || port.is_some_and(|port| port.parse::<u16>().is_err())
}

/// The port of an address; Ollama's own if it names none.
pub(in crate::lint) fn port(address: &str) -> Option<u16> {
    let address = address.trim_end_matches('/');
    match address.rsplit_once(':') {
        Some((_, port)) if !port.starts_with("//") => port.parse().ok(),
        _ => Some(PORT),
    }
}

/// Where a server with this `OLLAMA_HOST` listens, its default without one; `None` where that is filled in elsewhere.
pub(in crate::lint) fn server_port(host: Option<&str>) -> Option<u16> {
    match host {
        Some(host) if host.contains(['$', '%']) => None,
        Some(host) => port(host),
        None => Some(PORT),
    }
}

/// Whether only programs of the same machine or container reach an address.
pub(in crate::lint) fn is_loopback(address: &str) -> bool {
    let host = address
        .trim_start_matches("http://")
        .trim_start_matches("https://");
    host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]")
}

//! `OLLAMA_HOST` as Ollama itself reads it.

use std::fmt;
use std::net::IpAddr;

use crate::error::{OllamaError, OllamaFault};

/// The port of a server that names none.
pub const PORT: u16 = 11434;

/// Host and port of a server, as `OLLAMA_HOST` gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    scheme: String,
    host: String,
    port: u16,
    path: String,
}

impl Default for Address {
    fn default() -> Self {
        Self {
            scheme: "http".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: PORT,
            path: String::new(),
        }
    }
}

impl Address {
    /// Reads a value of `OLLAMA_HOST`: quotes and blanks around it do not count, a scheme brings its own default port, a port that is none
    /// becomes the default, and an address that only a server can use (`0.0.0.0`, `[::]`, `:11434`) becomes the one that reaches it.
    ///
    /// # Errors
    /// A scheme other than `http` and `https`, or a host with characters that no address has.
    pub fn parse(value: &str) -> Result<Self, OllamaError> {
        let value = value
            .trim()
            .trim_matches(|c| c == '"' || c == '\'')
            .trim()
            .to_owned();
        let refused = || OllamaError {
            fault: OllamaFault::Address,
            server: super::excerpt(&value),
            detail: String::new(),
        };
        let (scheme, rest, default) = match value.split_once("://") {
            None if value == "ollama.com" => ("https", value.as_str(), 443),
            None => ("http", value.as_str(), PORT),
            Some(("http", rest)) => ("http", rest, 80),
            Some(("https", rest)) => ("https", rest, 443),
            Some(_) => return Err(refused()),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match split(authority) {
            Some((host, port)) => (host.to_owned(), port.parse().unwrap_or(default)),
            None => (
                authority.trim_matches(|c| c == '[' || c == ']').to_owned(),
                default,
            ),
        };
        let host = match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) if ip.is_unspecified() => "127.0.0.1".to_owned(),
            Ok(IpAddr::V6(ip)) if ip.is_unspecified() => "::1".to_owned(),
            _ if host.is_empty() => "127.0.0.1".to_owned(),
            _ => host,
        };
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-_.:%".contains(c);
        let is_path = |c: char| c.is_ascii_graphic() && !"?#".contains(c);
        if !host.chars().all(is_host) || !path.chars().all(is_path) {
            return Err(refused());
        }
        Ok(Self {
            scheme: scheme.to_owned(),
            host,
            port,
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    /// Whether the server wants TLS.
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// Whether the server is on this machine.
    pub fn is_local(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Its host, where that is a number and no name to be looked up.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The URL of a path of the API, such as `/api/tags`.
    pub fn url(&self, path: &str) -> String {
        format!("{self}{path}")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scheme,
            host,
            port,
            path,
        } = self;
        let brackets = if host.contains(':') {
            ("[", "]")
        } else {
            ("", "")
        };
        write!(f, "{scheme}://{}{host}{}:{port}", brackets.0, brackets.1)?;
        if path.is_empty() {
            return Ok(());
        }
        write!(f, "/{path}")
    }
}

/// Host and port, where there is a port: of `[::1]:80` and `host:80`, not of `::1`.
fn split(authority: &str) -> Option<(&str, &str)> {
    let (host, port) = authority.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(host) => Some((host.strip_suffix(']')?, port)),
        None if host.contains(':') => None,
        None => Some((host, port)),
    }
}

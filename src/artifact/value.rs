//! What may stand in an emitted file: values whose characters mean nothing to a shell, a unit, YAML or nginx.
//!
//! A template gets nothing else, so no file depends on quoting.

use std::net::Ipv4Addr;

use serde::Serialize;

use crate::engine::llama_server::is_override_of_experts;
use crate::error::{ArtifactFault, Error};
use crate::inventory::simulated::is_described;

/// The refusal of a value.
pub(super) fn refused(fault: ArtifactFault, value: &str) -> Error {
    Error::Artifact {
        fault,
        value: value.to_owned(),
    }
}

/// Whether a text is 1 to `most` of these characters, a letter or digit first.
fn plain(text: &str, most: usize, others: &str) -> bool {
    text.len() <= most
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// A model's tag, such as `hf.co/owner/name-GGUF:Q4_K_M`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct Tag(String);

impl Tag {
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        // A path that climbs or an empty part is no tag, whatever its characters.
        let parts = text
            .split(['/', ':'])
            .all(|part| !part.is_empty() && part != "." && part != "..");
        if plain(text, 200, "._:/-") && parts {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(ArtifactFault::Tag, text))
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host's name or IPv4 address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct HostName(String);

impl HostName {
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        if plain(text, 253, "._-") && !text.contains("..") {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(ArtifactFault::Host, text))
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a server listens or is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: HostName,
    pub(super) port: u16,
}

impl Address {
    /// `127.0.0.1:11434`, also with `http://` before it.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let bare = text.strip_prefix("http://").unwrap_or(text);
        let parsed = bare.rsplit_once(':').and_then(|(host, port)| {
            let port = port.parse().ok().filter(|port| *port > 0)?;
            let host = match host {
                "localhost" => Ipv4Addr::LOCALHOST,
                _ => host.parse().ok()?,
            };
            let host = HostName(host.to_string());
            Some(Self { host, port })
        });
        parsed.ok_or_else(|| refused(ArtifactFault::Address, text))
    }

    /// Whether only programs of the same machine reach it.
    pub(super) fn is_loopback(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it stands for every address of its machine.
    pub(super) fn is_everywhere(&self) -> bool {
        self.ip().is_some_and(|ip| ip.is_unspecified())
    }

    fn ip(&self) -> Option<Ipv4Addr> {
        self.host.as_str().parse().ok()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host.as_str(), self.port)
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A GPU as drivers name it: a UUID, or its index where no UUID is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct Device(String);

impl Device {
    pub(super) fn new(index: u32, uuid: Option<&str>) -> Result<Self, Error> {
        let Some(uuid) = uuid.filter(|uuid| !is_described(uuid)) else {
            return Ok(Self(index.to_string()));
        };
        let known = ["GPU-", "MIG-"].iter().any(|start| uuid.starts_with(start));
        if known && plain(uuid, 80, "-/") {
            Ok(Self(uuid.to_owned()))
        } else {
            Err(refused(ArtifactFault::Device, uuid))
        }
    }

    pub(super) fn is_uuid(&self) -> bool {
        self.0.contains('-')
    }
}

/// A variable of a server's environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
}

impl Variable {
    pub(super) fn new(name: &str, value: &str) -> Result<Self, Error> {
        let named = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let meant = value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._:/,+@-".contains(c))
            || name == "LLAMA_ARG_OVERRIDE_TENSOR" && is_override_of_experts(value);
        if named && meant && !value.is_empty() && value.len() <= 4096 {
            Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            })
        } else {
            Err(refused(ArtifactFault::Variable, &format!("{name}={value}")))
        }
    }
}

/// A GPU's name, for comments and labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct GpuName(String);

impl GpuName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn new(text: &str) -> Result<Self, Error> {
        if plain(text, 100, " ._()[]+/-") {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(ArtifactFault::GpuName, text))
        }
    }

    /// The label that NVIDIA's feature discovery gives a node with such GPUs, where the name can be one.
    pub(super) fn label(&self) -> Option<String> {
        let label = self.0.replace(' ', "-");
        (plain(&label, 63, "._-") && label.ends_with(|c: char| c.is_ascii_alphanumeric()))
            .then_some(label)
    }
}

/// A version of Ollama, as its images are tagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Version(String);

impl Version {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn new(text: &str) -> Result<Self, Error> {
        if plain(text, 64, ".-") {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(ArtifactFault::Version, text))
        }
    }
}

/// A repository of Hugging Face: `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Repository(String);

impl Repository {
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let well_formed = text
            .split_once('/')
            .is_some_and(|(owner, name)| plain(owner, 100, "._-") && plain(name, 100, "._-"));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused(ArtifactFault::Repository, text))
        }
    }
}

/// A name for units, services, upstreams, pods and files: lower-case letters, digits and inner hyphens, a letter first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct Name(String);

/// With what is put before and after it, a name stays a DNS label of 63 characters.
const LONGEST_NAME: usize = 40;

impl Name {
    /// A tag's name: `llama3-70b` of `llama3:70b`.
    pub(super) fn of_tag(tag: &Tag) -> Self {
        let mut name = String::new();
        for c in tag.as_str().chars() {
            let c = c.to_ascii_lowercase();
            if c.is_ascii_alphanumeric() {
                name.push(c);
            } else if !name.ends_with('-') {
                name.push('-');
            }
        }
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert_str(0, "m-");
        }
        name.truncate(LONGEST_NAME);
        Self(name.trim_end_matches('-').to_owned())
    }

    /// The same with a number at its end.
    pub(super) fn numbered(&self, number: u32) -> Self {
        Self(format!("{}-{number}", self.0))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

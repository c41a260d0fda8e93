//! A service of compose with all that it has: its own, what is merged into it, what it extends.

use std::ops::Range;

use super::super::interpolation::expanded;
use super::super::sheet::SourceText;
use super::super::variable::{Setting, is_ours};
use super::super::yaml::insert::{self, Addition};
use super::super::yaml::{Id, Shape, Tree};
use super::super::{Problem, image, manifest};

/// Services that extend each other, one after the other.
const EXTENDS: u8 = 8;

/// What a service runs, by the image that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// Ollama's image: its map, key and value.
    Ollama(Id, Id, Id),
    /// An image that cannot be seen through.
    Other,
    /// It names none: another file does, to which this one adds.
    Unnamed,
}

/// A service of a compose file, with the maps that it extends.
pub(super) struct Service<'t> {
    pub tree: &'t Tree,
    pub runs: Runs,
    /// Its own map, then those that it extends.
    maps: Vec<Id>,
    /// The service in whose network it runs, where it has none of its own.
    shares: Option<Id>,
}

impl<'t> Service<'t> {
    /// The service of a map among others.
    pub(super) fn new(
        sheet: &mut SourceText<'_>,
        tree: &'t Tree,
        services: Option<Id>,
        id: Id,
    ) -> Self {
        let mut maps = vec![id];
        let mut elsewhere = false;
        for _ in 0..EXTENDS {
            let Some(extends) = maps.last().and_then(|last| tree.get(*last, "extends")) else {
                break;
            };
            let name = tree.get(extends, "service").unwrap_or(extends);
            if let Some(file) = tree.get(extends, "file") {
                let file = tree.text(file).unwrap_or_default().to_owned();
                sheet.find_with(tree.range(extends), Problem::NotRead { file }, "");
                elsewhere = true;
                break;
            }
            let other = services.and_then(|services| tree.get(services, tree.text(name)?));
            match other.filter(|other| !maps.contains(other)) {
                Some(other) => maps.push(other),
                None => break,
            }
        }
        let mut service = Self {
            tree,
            maps,
            runs: Runs::Unnamed,
            shares: None,
        };
        let mode = service.get("network_mode").and_then(|mode| tree.text(mode));
        let named = mode.and_then(|mode| mode.strip_prefix("service:"));
        service.shares = named.and_then(|name| tree.get(services?, name));
        let entry = service.maps.iter().find_map(|map| {
            let (key, value) = tree.entry(*map, "image")?;
            Some((*map, key, value))
        });
        let named = entry.and_then(|(_, _, value)| tree.text(value).map(expanded));
        service.runs = match (entry, named) {
            (Some((map, key, value)), Some(name)) if image::is_image(&name) => {
                Runs::Ollama(map, key, value)
            }
            (None, _) if service.get("build").is_none() && !elsewhere => Runs::Unnamed,
            _ => Runs::Other,
        };
        service
    }

    /// Its image, where that is called as if it were one of Ollama's.
    pub(super) fn like(&self) -> Option<Id> {
        let image = self.get("image").filter(|_| self.runs == Runs::Other)?;
        image::is_like(&expanded(self.tree.text(image)?)).then_some(image)
    }

    /// Whether it runs Ollama in an image of its own, as its command or its name says.
    pub(super) fn serves_unseen(&self, name: &str) -> bool {
        let text = |id: Id| self.tree.text(id).unwrap_or_default();
        let commands = ["entrypoint", "command"].map(|key| self.get(key));
        let serves = commands.into_iter().flatten().any(|id| {
            let items = self.tree.items(id);
            let words: Vec<&str> = match items {
                [] => vec![text(id)],
                items => items.iter().map(|item| text(*item)).collect(),
            };
            words.join(" ").contains("ollama serve")
        });
        let container = self.get("container_name").map(text);
        let named = name == "ollama" || container == Some("ollama");
        self.runs == Runs::Other && (serves || named && self.get("build").is_some())
    }

    /// Whether it is written for a swarm, by what only a swarm reads.
    pub(super) fn in_swarm(&self) -> bool {
        const OF_SWARM: [&str; 5] = [
            "mode",
            "placement",
            "update_config",
            "rollback_config",
            "endpoint_mode",
        ];
        let says = |key: &str| self.descend(&["deploy", key]).is_some();
        OF_SWARM.iter().any(|key| says(key))
    }

    pub(super) fn get(&self, key: &str) -> Option<Id> {
        self.maps.iter().find_map(|map| self.tree.get(*map, key))
    }

    /// The ports that are published for it: its own, or those of the service whose network it is in.
    pub(super) fn ports(&self) -> Option<Id> {
        let others = || self.tree.get(self.shares?, "ports");
        self.get("ports").or_else(others)
    }

    pub(super) fn descend(&self, keys: &[&str]) -> Option<Id> {
        self.maps
            .iter()
            .find_map(|map| self.tree.descend(*map, keys))
    }

    /// `NAME: value` and `- NAME=value`.
    pub(super) fn environment(&self, sheet: &SourceText<'_>) -> Vec<Setting> {
        let tree = self.tree;
        let mut settings: Vec<Setting> = Vec::new();
        for map in &self.maps {
            let Some(environment) = tree.get(*map, "environment") else {
                continue;
            };
            let more: Vec<Setting> = match &tree.node(environment).shape {
                Shape::List { items, .. } => items
                    .iter()
                    .filter_map(|item| manifest::assignment(sheet, tree, *item))
                    .collect(),
                _ => tree
                    .pairs(environment)
                    .iter()
                    .filter_map(|(key, value)| manifest::setting(sheet, tree, *key, *value))
                    .collect(),
            };
            let own: Vec<String> = settings
                .iter()
                .map(|setting| setting.name.clone())
                .collect();
            settings.extend(
                more.into_iter()
                    .filter(|setting| !own.contains(&setting.name)),
            );
        }
        settings
    }

    /// `- NAME = value`, whose name ends in a blank and is nobody's.
    pub(super) fn spaced(&self, sheet: &mut SourceText<'_>) {
        let tree = self.tree;
        let Some(list) = self.get("environment") else {
            return;
        };
        for item in tree.items(list).to_vec() {
            let Shape::Scalar { text, inner, .. } = &tree.node(item).shape else {
                continue;
            };
            let Some((name, value)) = text.split_once('=') else {
                continue;
            };
            if name.trim() != name && is_ours(name.trim()) {
                let right = format!("{}={}", name.trim(), value.trim());
                let words = vec![text.clone()];
                sheet.find(inner.clone(), Problem::BadAssignment { words });
                sheet.replace(inner.clone(), right);
            }
        }
    }

    /// The files of variables: one, several, or each with its `path`.
    pub(super) fn env_files(&self) -> Vec<(Range<usize>, String)> {
        let tree = self.tree;
        let Some(id) = self.get("env_file") else {
            return Vec::new();
        };
        let all = match tree.items(id) {
            [] => vec![id],
            items => items.to_vec(),
        };
        all.into_iter()
            .filter_map(|one| {
                let path = tree.get(one, "path").unwrap_or(one);
                Some((tree.range(path), tree.text(path)?.to_owned()))
            })
            .collect()
    }

    /// Another variable, where the service has its variables.
    pub(super) fn add(&self, sheet: &mut SourceText<'_>, name: &str, value: &str) -> bool {
        let tree = self.tree;
        let entry = Addition {
            block: vec![format!("{name}: \"{value}\"")],
            flow: format!("{name}: \"{value}\""),
        };
        let item = Addition {
            block: vec![format!("{name}={value}")],
            flow: format!("\"{name}={value}\""),
        };
        match self.get("environment") {
            Some(id) if matches!(tree.node(id).shape, Shape::List { .. }) => {
                insert::first(sheet, tree, id, &item)
            }
            Some(id) => insert::first(sheet, tree, id, &entry),
            None => {
                let more = Addition {
                    block: vec!["environment:".to_owned(), format!("  {name}: \"{value}\"")],
                    flow: format!("environment: {{{}}}", entry.flow),
                };
                match self.runs {
                    Runs::Ollama(map, key, value) => {
                        insert::insert_behind(sheet, tree, (map, key, value), &more)
                    }
                    Runs::Other | Runs::Unnamed => false,
                }
            }
        }
    }

    /// Where volumes lie in the container.
    pub(super) fn mounts(&self) -> Vec<String> {
        let tree = self.tree;
        let volumes = self.get("volumes").map(|id| tree.items(id).to_vec());
        let target = |id: &Id| {
            if let Some(target) = tree.get(*id, "target") {
                let kind = tree.get(*id, "type").and_then(|kind| tree.text(kind));
                // Memory is no place to keep anything.
                let target = tree.text(target).filter(|_| kind != Some("tmpfs"));
                return target.map(str::to_owned);
            }
            let text = tree.text(*id)?;
            // `${PLACE:-./ollama}:/root/.ollama:ro`
            let mut parts = text.rsplit(':');
            parts
                .find(|part| part.starts_with('/') && !part.contains('}'))
                .map(str::to_owned)
        };
        volumes
            .unwrap_or_default()
            .iter()
            .filter_map(target)
            .collect()
    }
}

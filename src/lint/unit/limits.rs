//! What a service may take, see and write.

use super::super::sheet::SourceText;
use super::super::variable::{self, Setting};
use super::super::{Problem, image};
use super::is_service;
use super::lines::{Line, Unit};
use crate::units::Bytes;

/// What a service may take, and what it may see.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    unit: &Unit<'_>,
    settings: &[Setting],
    of_server: bool,
) {
    let ours = |setting: &Setting| variable::is_servers(&setting.name);
    if !of_server && !settings.iter().any(ours) {
        return;
    }
    let named = |key: &str| {
        let mut lines = unit.lines.iter().filter(|line| is_service(line));
        lines.any(|line| line.key == key)
    };
    let (may_use, mut hidden_home) = (named("DeviceAllow"), false);
    for line in unit.lines.iter().filter(|line| is_service(line)) {
        let text = sheet.text.get(line.value.clone()).unwrap_or_default();
        let text = text.trim();
        match line.key {
            "MemoryMax" | "MemoryHigh" | "MemoryLimit" => {
                image::memory(sheet, line.at.clone(), size(text), "");
            }
            "ProtectHome" if matches!(text, "yes" | "true" | "on" | "1" | "tmpfs") => {
                let hidden = |setting: &&Setting| {
                    let homes = ["/home/", "/root/", "/run/user/"];
                    setting.name == "OLLAMA_MODELS"
                        && homes.iter().any(|home| setting.value.starts_with(home))
                };
                if let Some(models) = settings.iter().rev().find(hidden) {
                    hidden_home = true;
                    let problem = Problem::Contradiction {
                        variable: models.name.clone(),
                        value: models.value.clone(),
                        other: line.key.to_owned(),
                        other_value: text.to_owned(),
                    };
                    sheet.find_with(line.at.clone(), problem, "ProtectHome=no");
                }
            }
            "PrivateDevices" if is_on(text) => {
                hides(sheet, line, text);
                sheet.replace(line.value.clone(), "no");
            }
            "DevicePolicy" if matches!(text, "closed" | "strict") && !may_use => {
                hides(sheet, line, text);
            }
            "ProtectSystem" if !hidden_home => read_only(sheet, unit, settings, (line, text)),
            _ => {}
        }
    }
}

/// Whether a service is only reached by addresses that are named, or by nobody outside: then it may listen at all of them.
pub(super) fn is_fenced(sheet: &SourceText<'_>, unit: &Unit<'_>) -> bool {
    let says = |key: &str, any: &[&str]| {
        let mut lines = unit.lines.iter().filter(|line| is_service(line));
        lines.any(|line| {
            let text = sheet.text.get(line.value.clone()).unwrap_or_default();
            line.key == key && text.split_whitespace().any(|word| any.contains(&word))
        })
    };
    const ALL: [&str; 2] = ["any", "0.0.0.0/0"];
    says("IPAddressDeny", &ALL) && !says("IPAddressAllow", &ALL)
        || says("PrivateNetwork", &["yes", "true", "on", "1"])
}

fn is_on(text: &str) -> bool {
    matches!(text, "yes" | "true" | "on" | "1" | "y" | "t")
}

/// A setting with which a service sees no cards.
fn hides(sheet: &mut SourceText<'_>, line: &Line<'_>, text: &str) {
    let setting = format!("{}={text}", line.key);
    sheet.find(line.at.clone(), Problem::HiddenGpus { setting });
}

/// Models in a folder that a service may not write to.
fn read_only(
    sheet: &mut SourceText<'_>,
    unit: &Unit<'_>,
    settings: &[Setting],
    (line, text): (&Line<'_>, &str),
) {
    let models = variable::last(settings, "OLLAMA_MODELS");
    let Some(models) = models.filter(|models| {
        let all = text == "strict" && !models.value.starts_with("/tmp/");
        let system = (is_on(text) || text == "full") && models.value.starts_with("/usr/");
        models.value.starts_with('/') && !models.value.contains(['%', '$']) && (all || system)
    }) else {
        return;
    };
    const WRITABLE: [&str; 3] = ["ReadWritePaths", "ReadWriteDirectories", "BindPaths"];
    const OWN: [(&str, &str); 2] = [
        ("StateDirectory", "/var/lib"),
        ("CacheDirectory", "/var/cache"),
    ];
    let below = |folder: &str| {
        let rest = models.value.strip_prefix(folder.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let opens = |line: &Line<'_>| {
        let value = sheet.text.get(line.value.clone()).unwrap_or_default();
        let mut words = value.split_whitespace();
        if WRITABLE.contains(&line.key) {
            return words.any(|word| {
                let word = word.trim_matches('"').trim_start_matches(['-', '+']);
                word.contains('%') || below(word.rsplit(':').next().unwrap_or_default())
            });
        }
        let own = OWN.iter().find(|(key, _)| *key == line.key);
        own.is_some_and(|(_, root)| words.any(|word| below(&format!("{root}/{word}"))))
    };
    if unit.lines.iter().any(opens) {
        return;
    }
    let problem = Problem::Contradiction {
        variable: models.name.clone(),
        value: models.value.clone(),
        other: line.key.to_owned(),
        other_value: text.to_owned(),
    };
    let form = format!("ReadWritePaths={}", models.value);
    sheet.find_with(line.at.clone(), problem, form);
}

/// `4G`: systemd's units are powers of 1024.
fn size(text: &str) -> Option<Bytes> {
    let (digits, shift) = match text.char_indices().last()? {
        (at, 'K') => (text.get(..at)?, 10),
        (at, 'M') => (text.get(..at)?, 20),
        (at, 'G') => (text.get(..at)?, 30),
        (at, 'T') => (text.get(..at)?, 40),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().ok()?;
    Some(Bytes(number.checked_mul(1 << shift)?))
}

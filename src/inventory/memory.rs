//! The host's memory: the kernel's figures, limited by the control groups that a container or a service runs in.
//!
//! Linux only. Elsewhere there is no `/proc/meminfo`, and the answer is that the memory is unknown.

use std::fs;
use std::path::{Path, PathBuf};

use super::HostMemory;
use crate::units::Bytes;

/// The memory of the machine whose `proc` and `sys` lie in `root`. `None` where it cannot be read.
pub fn read(root: &Path) -> Option<HostMemory> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let kib = |key: &str| field(&text, key).map(|kib| Bytes(kib.saturating_mul(1024)));
    let total = kib("MemTotal:").filter(|total| *total > Bytes::ZERO)?;
    // Kernels before 3.14 do not say what is available; this is how it was guessed then.
    let available = kib("MemAvailable:").or_else(|| {
        Some(kib("MemFree:")? + kib("Buffers:").unwrap_or_default() + kib("Cached:")?)
    })?;
    let machine = HostMemory {
        total,
        available: available.min(total),
    };
    Some(limits(root).into_iter().fold(machine, |memory, limit| {
        // A limit above what the machine has is none: cgroup v1 writes "unlimited" as a huge number.
        if limit.total >= memory.total {
            return memory;
        }
        HostMemory {
            total: limit.total,
            available: memory.available.min(limit.available),
        }
    }))
}

/// The limits of every control group that this process is in, and what they leave.
fn limits(root: &Path) -> Vec<HostMemory> {
    let Ok(groups) = fs::read_to_string(root.join("proc/self/cgroup")) else {
        return Vec::new();
    };
    let mut limits = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let files = if controllers.is_empty() {
            &V2
        } else if controllers.split(',').any(|name| name == "memory") {
            &V1
        } else {
            continue;
        };
        limits.extend(chain(&root.join(files.mount), path).filter_map(|group| files.read(&group)));
    }
    limits
}

/// A control group's folder and those above it. In a container the path is often the host's, which is not there: the
/// mount point itself is the container's group then.
fn chain(mount: &Path, path: &str) -> impl Iterator<Item = PathBuf> {
    let inner = Path::new(path.trim_start_matches('/'));
    let escapes = inner
        .components()
        .any(|part| matches!(part, std::path::Component::ParentDir));
    let inner = if escapes { Path::new("") } else { inner };
    inner
        .ancestors()
        .map(|group| mount.join(group))
        .collect::<Vec<_>>()
        .into_iter()
}

/// The names of a control group's files.
struct Files {
    mount: &'static str,
    limit: &'static str,
    usage: &'static str,
    /// The page cache that the kernel drops first: it counts as usage, but is free to take.
    reclaimable: &'static str,
}

const V2: Files = Files {
    mount: "sys/fs/cgroup",
    limit: "memory.max",
    usage: "memory.current",
    reclaimable: "inactive_file",
};

const V1: Files = Files {
    mount: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
};

impl Files {
    fn read(&self, group: &Path) -> Option<HostMemory> {
        let number = |name: &str| -> Option<u64> {
            let text = fs::read_to_string(group.join(name)).ok()?;
            text.trim().parse().ok()
        };
        // Without a limit v2 has the word `max` here, which is no number.
        let total = Bytes(number(self.limit)?);
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let reclaimable = Bytes(field(&stat, self.reclaimable).unwrap_or(0));
        let used = Bytes(number(self.usage).unwrap_or(0)) - reclaimable;
        Some(HostMemory {
            total,
            available: total - used,
        })
    }
}

/// The number after a key at the start of a line.
fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(key))
            .then(|| words.next())
            .flatten()?
            .parse()
            .ok()
    })
}

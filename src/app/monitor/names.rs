//! What this machine is called: by itself, by its hosts file, and by its addresses.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::net::IpAddr;
use std::path::Path;

use super::detect;
use crate::app::session::Session;
use crate::inventory::LOCALHOST;

/// All names of this machine, in small letters.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn new(session: &Session) -> Self {
        Self::from_store(&detect::sources(session).root)
    }

    fn from_store(root: &Path) -> Self {
        let read = |file: &str| read_to_string(root.join(file)).unwrap_or_default();
        let mut names = BTreeSet::from([LOCALHOST.to_owned()]);
        for file in ["proc/sys/kernel/hostname", "etc/hostname"] {
            names.extend(words(&read(file)));
        }
        // So the kernel's table of routes lists each address of the machine itself.
        let routes = read("proc/net/fib_trie");
        let lines: Vec<&str> = routes.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            if pair[1].ends_with("host LOCAL") {
                names.extend(pair[0].strip_prefix("|-- ").map(str::to_owned));
            }
        }
        for line in read("etc/hosts").lines() {
            let said: Vec<String> = words(line.split('#').next().unwrap_or_default()).collect();
            let Some((address, aliases)) = said.split_first() else {
                continue;
            };
            let loopback = address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
            let own = |name: &String| names.contains(name);
            if loopback || own(address) || aliases.iter().any(own) {
                names.extend(aliases.iter().cloned());
            }
        }
        Self(names)
    }

    /// Whether a name is one of this machine's; without its domain, too, where one of the two has none.
    pub(super) fn has(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_lowercase();
        let address = name.parse::<IpAddr>();
        if self.0.contains(&name) || address.as_ref().is_ok_and(IpAddr::is_loopback) {
            return true;
        }
        let short = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let same = |own: &String| {
            own.parse::<IpAddr>().is_err()
                && own != LOCALHOST
                && (!own.contains('.') || !name.contains('.'))
                && short(own) == short(&name)
        };
        address.is_err() && self.0.iter().any(same)
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    #[test]
    fn a_machine_has_many_names() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        write("proc/sys/kernel/hostname", "Rack1\n");
        write(
            "etc/hosts",
            "127.0.0.1 localhost\n10.0.0.7 gpu-a.lab rack1 # this\n10.0.0.8 rack2\n",
        );
        write(
            "proc/net/fib_trie",
            "Local:\n  +-- 0.0.0.0/0 3 0 5\n        |-- 10.0.0.7\n           /32 host LOCAL\n\
             |-- 10.0.0.255\n           /32 link BROADCAST\n",
        );
        let names = Names::from_store(root.path());
        for own in [
            "localhost",
            "127.0.0.1",
            "rack1",
            "RACK1",
            "rack1.lab",
            "gpu-a",
            "gpu-a.lab",
            "10.0.0.7",
        ] {
            assert!(names.has(own), "{own}");
        }
        for other in [
            "rack2",
            "10.0.0.8",
            "10.0.0.255",
            "10",
            "rack",
            "gpu-a.other",
        ] {
            assert!(!names.has(other), "{other}");
        }
    }
}

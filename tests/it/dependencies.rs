//! What a dependency may be, as `deny.toml` says it: where it comes from, under which licence, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn read(name: &str) -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    text.parse()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn texts(value: &toml::Value, key: &str) -> BTreeSet<String> {
    let list = value[key].as_array().expect("a list").iter();
    let text = |one: &toml::Value| one.get("name").unwrap_or(one).as_str().map(str::to_owned);
    list.filter_map(text).collect()
}

#[test]
fn every_crate_is_of_the_registry_and_there_once() {
    let (lock, deny) = (read("Cargo.lock"), read("deny.toml"));
    let skipped = texts(&deny["bans"], "skip");
    let banned = texts(&deny["bans"], "deny");
    let mut versions: BTreeMap<&str, u32> = BTreeMap::new();
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        *versions.entry(name).or_default() += 1;
        assert!(!banned.contains(name), "{name} is not to be used");
        // Those of this workspace have none.
        if let Some(source) = package.get("source").and_then(toml::Value::as_str) {
            assert_eq!(
                source, "registry+https://github.com/rust-lang/crates.io-index",
                "{name}"
            );
            assert!(package.get("checksum").is_some(), "{name}");
        }
    }
    let twice: BTreeSet<String> = versions
        .iter()
        .filter(|(_, count)| **count > 1)
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(twice, skipped, "deny.toml says why each one is there twice");
}

#[test]
fn every_licence_lets_everybody_build_change_and_pass_on() {
    let deny = read("deny.toml");
    let allowed = texts(&deny["licenses"], "allow");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_allowed(licence, &allowed), "{name}: {licence:?}");
    }
}

/// Whether one of the alternatives is allowed, with all of its parts.
fn is_allowed(licence: &str, allowed: &BTreeSet<String>) -> bool {
    if let Some((first, rest)) = licence
        .strip_prefix('(')
        .and_then(|it| it.split_once(") AND "))
    {
        return is_allowed(first, allowed) && is_allowed(rest, allowed);
    }
    let licence = licence.replace('/', " OR ");
    let each = |one: &str| one.split(" AND ").all(|part| allowed.contains(part.trim()));
    licence.split(" OR ").any(each)
}

#[test]
fn no_code_of_ours_is_unsafe() {
    let lint = |name: &str| read(name)["lints"]["workspace"].as_bool();
    assert_eq!(lint("Cargo.toml"), Some(true));
    assert_eq!(lint("core/Cargo.toml"), Some(true));
    let workspace = read("Cargo.toml");
    let lints = &workspace["workspace"]["lints"]["rust"];
    assert_eq!(lints["unsafe_code"].as_str(), Some("forbid"));
}

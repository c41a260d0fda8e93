//! No two modules of core name each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{below, code};

type Module = Vec<String>;

/// Every module of core by its path, with its code: no comments, and no tests, which may name what stands above them.
fn modules() -> BTreeMap<Module, String> {
    let sources = below(&["core/src"]).into_iter();
    let modules = sources.map(|(file, text)| {
        let path = file.trim_end_matches(".rs").split('/').map(str::to_owned);
        let path = path.filter(|part| !matches!(part.as_str(), "mod" | "lib"));
        let text = code(&text);
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        (path.collect(), text.to_owned())
    });
    modules.collect()
}

/// The paths that a tree such as `super::{one::Two, three}` stands for, and what comes after it.
fn tree(mut text: &str) -> (Vec<Module>, &str) {
    let mut prefix = Vec::new();
    loop {
        text = text.trim_start();
        if let Some(inner) = text.strip_prefix('{') {
            let mut paths = Vec::new();
            text = inner;
            while !text.trim_start().starts_with('}') {
                let (some, rest) = tree(text);
                paths.extend(some.into_iter().map(|path| [&prefix[..], &path].concat()));
                let rest = rest.trim_start();
                let rest = rest.strip_prefix(',').unwrap_or(rest);
                assert!(rest.len() < text.len(), "no list of names: {text:.40}");
                text = rest;
            }
            return (paths, &text.trim_start()[1..]);
        }
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '*');
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        prefix.push(name.to_owned());
        match rest.strip_prefix("::") {
            Some(more) if !more.starts_with('<') => text = more,
            _ => return (vec![prefix], rest),
        }
    }
}

/// A path as it is seen from the crate's root.
fn absolute(module: &[String], path: &[String]) -> Module {
    let mut base = module.to_vec();
    let mut names = path;
    while let Some((first, rest)) = names.split_first() {
        match first.as_str() {
            "crate" => base.clear(),
            "super" => drop(base.pop()),
            "self" => {}
            _ => break,
        }
        names = rest;
    }
    [&base[..], names].concat()
}

/// What a module's code names by its place in the crate.
fn named(module: &[String], text: &str) -> Vec<Module> {
    let doors = ["crate::", "super::", "self::"];
    let starts = doors.iter().flat_map(|door| text.match_indices(door));
    let starts = starts.filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|c| c == ':' || c == '_' || c.is_alphanumeric())
    });
    let paths = starts.flat_map(|(at, _)| tree(&text[at..]).0);
    paths.map(|path| absolute(module, &path)).collect()
}

/// Items that a module hands on, each with where it is taken from.
fn handed_on(modules: &BTreeMap<Module, String>) -> BTreeMap<Module, Module> {
    let mut items = BTreeMap::new();
    for (module, text) in modules {
        for (at, _) in text.match_indices("pub") {
            let Some((door, rest)) = text[at..].split_once("use ") else {
                continue;
            };
            if !(door == "pub " || door.starts_with("pub(") && door.ends_with(") ")) {
                continue;
            }
            for path in tree(rest).0 {
                let item = path.last().cloned().unwrap_or_default();
                let from = absolute(module, &path);
                items.insert([&module[..], &[item]].concat(), from);
            }
        }
    }
    items
}

/// Which module names which beside it: of two that stand in one folder, or of the folders that they stand in.
fn edges(modules: &BTreeMap<Module, String>) -> BTreeSet<(Module, Module)> {
    let handed_on = handed_on(modules);
    let mut edges = BTreeSet::new();
    for (module, text) in modules {
        for mut path in named(module, text) {
            // What is named of a parent may be what stands beside.
            loop {
                let shared = module.iter().zip(&path).take_while(|(a, b)| a == b).count();
                let beside = path.get(..=shared).unwrap_or_default();
                if shared < module.len() && modules.contains_key(beside) {
                    edges.insert((module[..=shared].to_vec(), beside.to_vec()));
                }
                match handed_on.get(&path) {
                    Some(from) => path = from.clone(),
                    None => break,
                }
            }
        }
    }
    edges
}

#[test]
fn no_two_modules_of_core_name_each_other() {
    let edges = edges(&modules());
    assert!(edges.len() > 100, "only {} were found", edges.len());
    let circles: Vec<String> = edges
        .iter()
        .filter(|(one, other)| one < other && edges.contains(&(other.clone(), one.clone())))
        .map(|(one, other)| format!("{} and {}", one.join("::"), other.join("::")))
        .collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn paths_are_read_from_lists_of_lists() {
    let module = ["engine", "place", "fill"].map(str::to_owned);
    let text = "use super::{host::Part, more::{One, Two}}; fn f() { crate::units::Bytes::ZERO }";
    let mut paths: Vec<String> = named(&module, text)
        .iter()
        .map(|path| path.join("::"))
        .collect();
    paths.sort();
    let wanted = [
        "engine::place::host::Part",
        "engine::place::more::One",
        "engine::place::more::Two",
        "units::Bytes::ZERO",
    ];
    assert_eq!(paths, wanted);
}

//! Variables of a script that stand for words of its commands: `IMAGE=ollama/ollama`, `ARGS=(-p 11434:11434)`.

use std::collections::HashMap;

use super::super::image::is_image;
use super::super::sheet::SourceText;
use super::super::variable::Setting;
use super::branches::are_apart;
use super::words::{Command, Word, commands};

/// Names that are followed, and words of one name or one command; an honest script has fewer.
const NAMES: usize = 200;
const WORDS: usize = 400;
/// Branches in which one name is followed, and commands that are read once more for other branches.
const BRANCHES: usize = 20;
const OTHER_COMMANDS: usize = 500;
/// Variables that stand for others.
const DEEPEST: u8 = 4;

/// What the variables of a script stand for.
#[derive(Default)]
pub(super) struct Values {
    words: HashMap<String, Vec<Word>>,
    /// What names stand for where the script took another branch than the last.
    others: HashMap<String, Vec<Vec<Word>>>,
    other_commands: usize,
}

impl Values {
    /// The variable of a loop.
    pub(super) fn insert(&mut self, name: String, words: Vec<Word>) {
        if self.words.len() < NAMES || self.words.contains_key(&name) {
            self.words.insert(name, words);
        }
    }

    /// What a variable stands for, by a word that is nothing else: `$NAME`, `${NAME}`, `"${NAME[@]}"`.
    pub(super) fn expand(&self, word: &str) -> Option<&[Word]> {
        self.words.get(name_of(word)?).map(Vec::as_slice)
    }

    /// An assignment: its words, or what it adds to those that are there.
    pub(super) fn assign(&mut self, sheet: &SourceText<'_>, command: &Command) {
        for word in &command.words {
            let Some((name, _)) = word.text.split_once('=') else {
                return;
            };
            let (name, adds) = match name.strip_suffix('+') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let mut words = match command.items.is_empty() {
                true => scalar(sheet, word),
                false => self.with_values(&command.items),
            };
            let is_apart = |before: &&Vec<Word>| {
                let first = before.first();
                first.is_some_and(|first| are_apart(sheet, &first.at, &word.at))
            };
            if let Some(before) = self.words.get(name).filter(is_apart) {
                let others = self.others.entry(name.to_owned()).or_default();
                let known: usize = others.iter().map(Vec::len).sum();
                let is_followed = others.len() < BRANCHES && known + before.len() <= WORDS;
                if is_followed && !others.contains(before) {
                    others.push(before.clone());
                }
            }
            if adds {
                let before = self.words.get(name).cloned().unwrap_or_default();
                words = before.into_iter().chain(words).take(WORDS).collect();
            }
            self.insert(name.to_owned(), words);
        }
    }

    /// A setting whose value begins with a variable that is known, or is one with a default.
    pub(super) fn resolved(&self, sheet: &SourceText<'_>, setting: Setting) -> Setting {
        let setting = defaulted(sheet, setting);
        let (host, port) = match setting.value.split_once(':') {
            Some((host, _)) => (host, setting.value.get(host.len()..).unwrap_or_default()),
            None => (setting.value.as_str(), ""),
        };
        match self.expand(host) {
            // A loop over cards.
            Some(all @ [_, _, ..]) if port.is_empty() && all.iter().all(is_number) => {
                let all: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
                let value = all.join(",");
                Setting { value, ..setting }
            }
            // What it stands for must be nothing else again.
            Some([one]) if !one.text.contains(['$', '`']) => Setting {
                value: format!("{}{port}", one.text),
                ..setting
            },
            _ => setting,
        }
    }

    /// The same setting as it is in other branches.
    pub(super) fn others(&self, setting: &Setting) -> Vec<Setting> {
        let (host, port) = match setting.value.split_once(':') {
            Some((host, _)) => (host, setting.value.get(host.len()..).unwrap_or_default()),
            None => (setting.value.as_str(), ""),
        };
        let name = name_of(host).and_then(|name| self.others.get(name));
        let plain = |one: &&Word| !one.text.contains(['$', '`']);
        let put = |one: &Word| Setting {
            value: format!("{}{port}", one.text),
            ..setting.clone()
        };
        let others = name.map(Vec::as_slice).unwrap_or_default();
        let words = others.iter().filter_map(|words| words.first());
        words.filter(plain).map(put).collect()
    }

    /// Words with what their variables stand for.
    pub(super) fn with_values(&self, words: &[Word]) -> Vec<Word> {
        let mut all = Vec::new();
        for word in words {
            // The image stands where it is used: what a container needs is said there.
            if let Some(text) = self.image(&word.text) {
                let word = word.clone();
                all.push(Word { text, ..word });
                continue;
            }
            match self.expand(&word.text) {
                Some(more) => all.extend(more.iter().cloned()),
                None => all.push(word.clone()),
            }
            if all.len() > WORDS {
                break;
            }
        }
        all
    }

    /// A command whose program is a variable that is known, with what it stands for: all of it where it is used.
    pub(super) fn put_in_program(&self, command: &Command) -> Option<Command> {
        let (first, behind) = command.words.split_first()?;
        let program = self.expand(&first.text).filter(|words| !words.is_empty())?;
        let here = |word: &Word| Word {
            text: word.text.clone(),
            ..first.clone()
        };
        let words = program.iter().map(here).chain(behind.iter().cloned());
        Some(Command {
            words: words.collect(),
            ..command.clone()
        })
    }

    /// A command with what its variables stand for, if it has any that is known.
    pub(super) fn put_in(&self, command: &Command) -> Option<Command> {
        let known =
            |word: &Word| self.expand(&word.text).is_some() || self.image(&word.text).is_some();
        command.words.iter().any(known).then(|| Command {
            words: self.with_values(&command.words),
            ..command.clone()
        })
    }
}

impl Values {
    /// Ollama's image, where a word of variables is one: `$IMAGE`, `$IMAGE:$TAG`, `${IMAGE:-ollama/ollama}`.
    fn image(&self, word: &str) -> Option<String> {
        let text = self.plain(word, 0).filter(|_| word.contains('$'))?;
        is_image(&text).then_some(text)
    }

    /// A word with what its variables stand for, where all of them are known.
    pub(super) fn known(&self, word: &str) -> Option<String> {
        self.plain(word, 0)
    }

    /// A word with one word in the place of each variable, where all of them are known.
    fn plain(&self, word: &str, depth: u8) -> Option<String> {
        let mut plain = String::new();
        let mut rest = word;
        while let Some((before, behind)) = rest.split_once('$') {
            plain.push_str(before);
            let (name, default, end) = variable(behind)?;
            let known = self.words.get(name).map(Vec::as_slice);
            let value = match known {
                Some([one]) if depth < DEEPEST => self.plain(&one.text, depth + 1),
                _ => None,
            };
            plain.push_str(value.as_deref().or(default)?);
            rest = behind.get(end..)?;
        }
        plain.push_str(rest);
        (plain.len() <= WORDS).then_some(plain)
    }
}

impl Values {
    /// A command with what its variables stand for, last and in other branches: there one of them at a time stands for something else.
    pub(super) fn put_in_each(&mut self, command: &Command) -> Vec<Command> {
        let last = self.put_in(command);
        let mut all = vec![last.unwrap_or_else(|| command.clone())];
        for (at, word) in command.words.iter().enumerate() {
            let others = name_of(&word.text).and_then(|name| self.others.get(name));
            for other in others.into_iter().flatten() {
                if self.other_commands + all.len() >= OTHER_COMMANDS {
                    break;
                }
                let (before, behind) = command.words.split_at(at);
                let mut words = self.with_values(before);
                words.extend(other.iter().cloned());
                words.extend(self.with_values(behind.get(1..).unwrap_or_default()));
                all.push(Command {
                    words,
                    ..command.clone()
                });
            }
        }
        self.other_commands += all.len() - 1;
        all
    }
}

/// The name behind a `$`, its default if it has one, and where it ends: `NAME`, `{NAME}`, `{NAME:-default}`.
fn variable(behind: &str) -> Option<(&str, Option<&str>, usize)> {
    let is_other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let Some(inner) = behind.strip_prefix('{') else {
        let end = behind.find(is_other).unwrap_or(behind.len());
        return Some((behind.get(..end)?, None, end));
    };
    let close = inner.find('}')?;
    let inner = inner.get(..close)?;
    let (name, rest) = inner.split_at(inner.find(is_other).unwrap_or(inner.len()));
    let ways = [":-", ":=", "-", "="];
    let default = ways.iter().find_map(|way| rest.strip_prefix(way));
    let default = default.filter(|default| !default.contains('$'));
    (rest.is_empty() || default.is_some()).then_some((name, default, close + 2))
}

/// The name in `$NAME`, `${NAME}` and `${NAME[@]}`; compose writes a dollar that is a shell's own as two.
fn name_of(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?;
    let name = name.strip_prefix('$').unwrap_or(name);
    let name = match name.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => name,
    };
    let all = ["[@]", "[*]"];
    let bare = all.iter().find_map(|all| name.strip_suffix(all));
    Some(bare.unwrap_or(name))
}

fn is_number(word: &Word) -> bool {
    !word.text.is_empty() && word.text.chars().all(|c| c.is_ascii_digit())
}

/// The words of `NAME=value`, each with its place.
fn scalar(sheet: &SourceText<'_>, word: &Word) -> Vec<Word> {
    let written = sheet.text.get(word.at.clone()).unwrap_or_default();
    let Some((name, value)) = written.split_once('=') else {
        return Vec::new();
    };
    let start = word.at.start + name.len() + 1;
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let region = match inner {
        Some(inner) => start + 1..start + 1 + inner.len(),
        None => start..word.at.end,
    };
    if region.len() > 16 * WORDS || value.contains("$(") || value.contains('`') {
        return Vec::new();
    }
    let parts = commands(sheet.text, region);
    parts
        .into_iter()
        .flat_map(|part| part.words)
        .take(WORDS)
        .collect()
}

/// `${NAME:-value}` and `${NAME:=value}` as their value, in its place.
fn defaulted(sheet: &SourceText<'_>, setting: Setting) -> Setting {
    let found = || {
        let inner = setting.value.strip_prefix("${")?.strip_suffix('}')?;
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let rest = inner.get(end..)?;
        let ways = [":-", ":=", "-", "="];
        let value = ways.iter().find_map(|way| rest.strip_prefix(way))?;
        let value = value.trim_matches(['"', '\'']);
        let plain = !value.is_empty() && !value.contains(['$', '{', '}', '`']);
        let written = sheet.text.get(setting.value_at.clone())?;
        let offset = written.rfind(value).filter(|_| plain)?;
        let start = setting.value_at.start + offset;
        Some((value.to_owned(), start..start + value.len()))
    };
    match found() {
        Some((value, value_at)) => Setting {
            value,
            value_at,
            ..setting
        },
        None => setting,
    }
}

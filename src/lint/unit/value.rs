//! Values of a unit's keys: one that systemd does not take is as if it were not there.

use super::super::sheet::SourceText;
use super::super::{Problem, Unclosed};
use super::assign::comment_behind;
use super::lines::{self, Line, Unit};

/// The values that keys take.
const VALUES: &str = include_str!("../../../data/systemd-values.txt");
/// Letters that may be wrong in a word that is taken for another one.
const SLIPS: usize = 2;

/// Finds values that systemd ignores.
pub(super) fn lint(sheet: &mut SourceText<'_>, unit: &Unit<'_>) {
    for line in &unit.lines {
        let section = line.meant.or(line.section);
        unclosed(sheet, line);
        if sheet.is_full() || !matches!(section, Some("Service" | "Unit")) {
            continue;
        }
        let rules = VALUES.lines().filter(|rule| !rule.starts_with('#'));
        let mut rules = rules.filter_map(|rule| rule.split_once(' '));
        let Some((_, kinds)) = rules.find(|(key, _)| *key == line.key) else {
            continue;
        };
        judge(sheet, line, kinds);
    }
}

/// A quote that nothing closes.
fn unclosed(sheet: &mut SourceText<'_>, line: &Line<'_>) {
    let has_words = line.key == "Environment" || line.key.starts_with("Exec");
    let open = lines::open_quote(sheet.text, line.value.clone()).filter(|_| has_words);
    let Some((quote, at)) = open else { return };
    let value = sheet.text.get(line.value.clone()).unwrap_or_default();
    let quoted = sheet.text.get(at..line.value.end).unwrap_or_default();
    let refused = || Problem::Syntax {
        reason: "a quote that nothing closes".to_owned(),
    };
    let goes_on = |effect| Problem::OpenQuote { effect };
    // Before its program a command may say that it need not succeed.
    let program = value.trim_start().find(|c| !"-@:+!".contains(c));
    let may_fail = value.trim_start().get(..program.unwrap_or_default());
    let may_fail = may_fail.is_some_and(|signs| signs.contains('-'));
    let problem = match (line.meant.or(line.section), line.key) {
        // Podman closes it at the end of the line.
        (Some("Container" | "Pod"), "Environment")
            if quoted.contains('=') && quoted.trim_end().contains(' ') =>
        {
            goes_on(Unclosed::RestTaken)
        }
        (Some("Container" | "Pod"), _) => return,
        (_, "Environment") => goes_on(Unclosed::RestIgnored),
        // Without its one command there is no service.
        (_, "ExecStart") => refused(),
        _ if may_fail => goes_on(Unclosed::LineIgnored),
        _ => refused(),
    };
    sheet.find(line.at.clone(), problem);
    let one_word = !quoted.trim_end().contains([' ', '\n', '\\']);
    // Where the word ends, there the quote was meant to be.
    if value.matches(quote).count() == 1 && value.trim_start().starts_with(quote) && one_word {
        let end = line.value.start + value.trim_end().len();
        sheet.advise(end..end, quote);
    }
}

fn judge(sheet: &mut SourceText<'_>, line: &Line<'_>, kinds: &str) {
    let written = sheet.text.get(line.value.clone()).unwrap_or_default();
    let value = written.trim();
    let takes = |value: &str| kinds.split(' ').any(|kind| takes(kind, value));
    // Nothing takes back what was said before, and specifiers are put in later.
    if value.is_empty() || value.contains(['%', '\n']) && !value.ends_with('%') || takes(value) {
        return;
    }
    let start = line.value.start + written.len() - written.trim_start().len();
    let comment = value.find(" #").or_else(|| value.find(" ;"));
    let before = comment.map(|at| value.get(..at).unwrap_or_default().trim_end());
    if let Some(before) = before.filter(|before| takes(before)) {
        return comment_behind(sheet, line, start + before.len());
    }
    let words: Vec<&str> = kinds
        .split(' ')
        .filter(|kind| !kind.starts_with('<'))
        .collect();
    let slips = |word: &str| strsim::damerau_levenshtein(&value.to_lowercase(), word);
    let near = words.iter().copied().filter(|_| value.len() < 30);
    let near: Vec<&str> = near
        .filter(|word| slips(word) <= SLIPS.min(word.len() / 3))
        .collect();
    let instead = match near.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => spelt(kinds, value),
    };
    let mut examples: Vec<String> = kinds.split(' ').flat_map(examples).collect();
    examples.extend(words.iter().map(|word| (*word).to_owned()));
    let problem = Problem::IgnoredValue {
        key: line.key.to_owned(),
        value: value.to_owned(),
        takes: examples,
    };
    sheet.find(line.at.clone(), problem);
    // Which one was meant a person confirms.
    if let Some(instead) = instead {
        sheet.advise(start..start + value.len(), instead);
    }
}

/// What was surely meant by a value that is nearly one.
fn spelt(kinds: &str, value: &str) -> Option<String> {
    let lower = value.to_lowercase();
    match kinds.split(' ').next()? {
        "<switch>" => match lower.as_str() {
            "ture" | "treu" | "yess" | "enable" | "enabled" => Some("yes".to_owned()),
            "flase" | "disable" | "disabled" => Some("no".to_owned()),
            _ => None,
        },
        // `8GB` and `8GiB` mean powers of 1024 here.
        "<size>" | "<bytes-limit>" => {
            let bare = lower
                .strip_suffix("ib")
                .or_else(|| lower.strip_suffix('b'))?;
            let right = bare.to_uppercase();
            is_size(&right).then_some(right)
        }
        "<limit>" if matches!(lower.as_str(), "unlimited" | "max" | "inf") => {
            Some("infinity".to_owned())
        }
        _ => None,
    }
}

fn examples(kind: &str) -> Vec<String> {
    let examples: &[&str] = match kind {
        "<switch>" => &["yes", "no"],
        "<time>" => &["30s", "5min", "infinity"],
        "<limit>" => &["65536", "infinity"],
        "<size>" => &["8G", "80%", "infinity"],
        "<bytes-limit>" => &["8G", "infinity"],
        "<share>" => &["200%"],
        "<nice>" => &["-20", "0", "19"],
        _ => &[],
    };
    examples.iter().map(|one| (*one).to_owned()).collect()
}

fn takes(kind: &str, value: &str) -> bool {
    match kind {
        "<switch>" => {
            let known = [
                "1", "yes", "y", "true", "t", "on", "0", "no", "n", "false", "f", "off",
            ];
            known.iter().any(|one| value.eq_ignore_ascii_case(one))
        }
        "<time>" => is_time(value),
        "<limit>" => of_limit(value, &|one| one.parse::<u64>().is_ok()),
        "<bytes-limit>" => of_limit(value, &is_size),
        "<size>" => value == "infinity" || is_size(value) || is_share(value),
        "<share>" => is_share(value),
        "<nice>" => value
            .parse::<i32>()
            .is_ok_and(|nice| (-20..20).contains(&nice)),
        word => word == value,
    }
}

/// A limit, or a soft and a hard one.
fn of_limit(value: &str, is_one: &dyn Fn(&str) -> bool) -> bool {
    let (soft, hard) = value.split_once(':').unwrap_or((value, value));
    [soft, hard]
        .iter()
        .all(|one| *one == "infinity" || is_one(one))
}

fn is_share(value: &str) -> bool {
    value
        .strip_suffix('%')
        .is_some_and(|share| share.parse::<f64>().is_ok())
}

/// Whether a value is a size such as `8G`, `1.5G` or `4096`.
fn is_size(value: &str) -> bool {
    let number = value.strip_suffix(['B', 'K', 'M', 'G', 'T', 'P', 'E']);
    let number = number.unwrap_or(value).trim_end();
    number.starts_with(|c: char| c.is_ascii_digit()) && number.parse::<f64>().is_ok()
}

/// Whether a value is a span of time such as `30`, `5min 20s` or `1.5h`.
fn is_time(value: &str) -> bool {
    const UNITS: [&str; 31] = [
        "", "us", "usec", "µs", "μs", "ms", "msec", "s", "sec", "second", "seconds", "m", "min",
        "minute", "minutes", "h", "hr", "hour", "hours", "d", "day", "days", "w", "week", "weeks",
        "M", "month", "months", "y", "year", "years",
    ];
    if value == "infinity" {
        return true;
    }
    let mut rest = value;
    while !rest.is_empty() {
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = rest.get(..rest.len() - behind.len()).unwrap_or_default();
        if number.parse::<f64>().is_err() {
            return false;
        }
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_alphabetic());
        let (unit, more) = behind.split_at(end.unwrap_or(behind.len()));
        if !UNITS.contains(&unit) {
            return false;
        }
        rest = more.trim_start();
    }
    true
}

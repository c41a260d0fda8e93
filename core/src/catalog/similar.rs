//! What may have been meant by a mistyped name.

/// A longer name is no slip of a finger, and comparing it would take as long as it is.
const LONGEST_NAME: usize = 100;
/// Names that are less alike are not meant.
const ALIKE: f64 = 0.7;

/// The names nearest to a mistyped one, best first, at most five; none that is too far to be meant.
pub fn similar<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    if wanted.len() > LONGEST_NAME {
        return Vec::new();
    }
    let wanted = wanted.to_lowercase();
    let letters = Letters::new(&wanted);
    let mut scored: Vec<(f64, &str)> = names
        .filter(|name| letters.likeness_at_most(&wanted, name) > ALIKE)
        .map(|name| (likeness(&wanted, name), name))
        .filter(|(score, _)| *score > ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored
        .into_iter()
        .take(5)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// How alike a name in lower case and another are: by edits for a slip of the finger, by a common beginning for a name that was not finished.
fn likeness(wanted: &str, name: &str) -> f64 {
    let name = name.to_lowercase();
    let begins = !wanted.is_empty() && name.starts_with(wanted);
    let bonus = if begins { 0.2 } else { 0.0 };
    strsim::normalized_damerau_levenshtein(wanted, &name)
        .max(0.9 * strsim::jaro_winkler(wanted, &name))
        + bonus
}

/// How often each letter of ASCII stands in a name in lower case: what tells most names apart before they are compared.
struct Letters {
    count: [u8; 128],
    /// All letters, those beyond ASCII too.
    length: usize,
}

impl Letters {
    fn new(name: &str) -> Self {
        let mut count = [0_u8; 128];
        for byte in name.bytes().filter(u8::is_ascii) {
            let count = &mut count[usize::from(byte.to_ascii_lowercase())];
            *count = count.saturating_add(1);
        }
        Self {
            count,
            length: name.chars().count(),
        }
    }

    /// No less than the likeness of two names, by the letters that they share: an edit changes one letter, and Jaro matches only equal ones.
    fn likeness_at_most(&self, wanted: &str, name: &str) -> f64 {
        let other = Self::new(name);
        let (one, two) = (self.length, other.length);
        let (shortest, longest) = (one.min(two), one.max(two));
        // In lower case a name beyond ASCII may have other letters, and more of them.
        if shortest == 0 || !name.is_ascii() {
            return 1.0;
        }
        let shared = self.count.iter().zip(&other.count);
        let shared: f64 = shared.map(|(a, b)| f64::from(*a.min(b))).sum();
        let jaro = (shared / one as f64 + shared / two as f64 + 1.0) / 3.0;
        // A common beginning of up to four letters adds a tenth of the rest each; a whole one has a bonus of its own.
        let start = wanted.bytes().zip(name.bytes()).take(4);
        let start = start.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
        let winkler = jaro + 0.1 * start as f64 * (1.0 - jaro);
        let bonus = if shared >= one as f64 { 0.2 } else { 0.0 };
        (shared / longest as f64).max(0.9 * winkler) + bonus
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whoever is passed over would not have been found.
        #[test]
        fn no_name_is_passed_over_that_is_alike(wanted in "[a-d:1-3é模]{0,12}", name in "[a-dA-D:1-3é]{0,12}") {
            let at_most = Letters::new(&wanted).likeness_at_most(&wanted, &name);
            let likeness = likeness(&wanted, &name);
            prop_assert!(likeness <= at_most + 1e-9, "{likeness} > {at_most}");
        }
    }

    #[test]
    fn a_name_beyond_ascii_is_compared_to_few() {
        let letters = Letters::new("模型-of-my-own:8b");
        let at_most = letters.likeness_at_most("模型-of-my-own:8b", "llama3.1:8b-instruct-q4_K_M");
        assert!(at_most < ALIKE, "{at_most}");
        assert_eq!(
            similar("lama3：8b", ["llama3:8b"].into_iter()),
            ["llama3:8b"]
        );
    }

    #[test]
    fn a_name_that_fills_a_page_is_compared_to_none() {
        let names = ["aaaa", "llama3:8b"];
        assert!(similar(&"a".repeat(120_000), names.into_iter()).is_empty());
        assert_eq!(similar("lama3:8b", names.into_iter()), ["llama3:8b"]);
    }
}

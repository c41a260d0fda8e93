//! What a mistyped name was surely meant for.

/// The one candidate that a name is by a single slip of a letter, or by other marks between its parts. A number that differs is no slip, and
/// where two could be meant neither is certain.
pub(super) fn certain<'c>(name: &str, candidates: &'c [String]) -> Option<&'c str> {
    let wanted = letters(name);
    let mut near = candidates.iter().filter(|candidate| {
        let other = letters(candidate);
        digits(&wanted) == digits(&other) && strsim::damerau_levenshtein(&wanted, &other) <= 1
    });
    let first = near.next()?;
    near.next().is_none().then_some(first.as_str())
}

/// A name without the marks between its parts, in small letters.
fn letters(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

fn digits(name: &str) -> Vec<char> {
    name.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::certain;

    #[test]
    fn only_one_slip_of_a_letter_is_certain() {
        let of = |name: &str, candidates: &[&str]| {
            let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
            certain(name, &candidates).map(str::to_owned)
        };
        assert_eq!(
            of("lama3:8b", &["llama3:8b", "llama3:70b"]),
            Some("llama3:8b".to_owned())
        );
        assert_eq!(of("qwen3-8b", &["qwen3:8b"]), Some("qwen3:8b".to_owned()));
        assert_eq!(of("qwen3:7b", &["qwen3:8b"]), None);
        assert_eq!(of("llama3:13b", &["llama2:13b", "llama3:8b"]), None);
        assert_eq!(of("phi:mini", &["phi-mini", "phi_mini"]), None);
        assert_eq!(of("mistral-next", &["mistral-nemo"]), None);
    }
}

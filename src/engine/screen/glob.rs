//! Patterns of the shell: `*`, `?` and `[…]`. Names only; what is in a folder is not known here.

use super::argument::UNKNOWN;

/// Whether a shell pattern stands for a name: `*`, `?` and `[…]`.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut pattern_rest = pattern.chars();
    match pattern_rest.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = pattern_rest.as_str();
            name.char_indices()
                .map(|(at, _)| &name[at..])
                .chain([""])
                .any(|tail| matches(rest, tail))
        }
        Some(first) => {
            let mut name_rest = name.chars();
            let Some(character) = name_rest.next() else {
                return false;
            };
            let (fits, rest) = match first {
                '?' | UNKNOWN => (true, pattern_rest.as_str()),
                '[' => match pattern_rest.as_str().split_once(']') {
                    Some((set, rest)) => (in_set(set, character), rest),
                    None => (character == '[', pattern_rest.as_str()),
                },
                other => (other == character, pattern_rest.as_str()),
            };
            fits && matches(rest, name_rest.as_str())
        }
    }
}

fn in_set(set: &str, character: char) -> bool {
    let (set, inverted) = match set.strip_prefix(['!', '^']) {
        Some(rest) => (rest, true),
        None => (set, false),
    };
    let members: Vec<char> = set.chars().collect();
    let within = members.contains(&character)
        || members
            .windows(3)
            .any(|range| range[1] == '-' && (range[0]..=range[2]).contains(&character));
    within != inverted
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_stand_for_names() {
        for (pattern, name, expected) in [
            ("re?oot", "reboot", true),
            ("[r]m", "rm", true),
            ("[a-s]m", "rm", true),
            ("[!r]m", "rm", false),
            ("mkfs*", "mkfs.ext4", true),
            ("r*m", "rm", true),
            ("re?oot", "root", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}

//! What a YAML text may be before it is parsed: the parser takes time that grows with the square of
//! brackets inside brackets, and the texts come from projects and from people. Parses nothing.

/// Longer texts are refused: settings, pipelines, skills and answers are a hundredth of it.
const MOST_BYTES: usize = 1024 * 1024;
/// Brackets inside brackets: what people write has three or four.
const DEEPEST: usize = 32;

/// Why a text is not parsed, with the line; none if it may be.
pub fn too_much(text: &str) -> Option<(usize, String)> {
    if text.len() > MOST_BYTES {
        let what = format!(
            "it is {} KB long, and more than {} KB are not read",
            text.len() / 1024,
            MOST_BYTES / 1024
        );
        return Some((1, what));
    }
    let mut open: usize = 0;
    for (line, content) in (1..).zip(text.lines()) {
        for letter in content.chars() {
            match letter {
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        if open > DEEPEST {
            return Some((line, "brackets are nested too deeply".to_owned()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::too_much;

    #[test]
    fn long_and_deep_texts_are_refused_and_others_are_not() {
        assert_eq!(too_much(&"a: [1, {b: [2]}]\n".repeat(1_000)), None);
        let (line, what) = too_much(&format!("a: 1\nb: {}", "[".repeat(33))).unwrap();
        assert_eq!((line, what.as_str()), (2, "brackets are nested too deeply"));
        assert!(too_much(&"{a: ".repeat(9_000)).is_some());
        assert!(too_much(&"a".repeat(2_000_000)).is_some());
    }
}

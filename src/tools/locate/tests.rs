//! What counts as the same passage, and what does not.

use super::*;

const FILE: &str =
    "def add(a, b):\n    return a + b\n\ndef sub(a, b):\n    if a:\n        return a - b\n";

fn edited(text: &str, old: &str, new: &str) -> Option<(String, Reading)> {
    let place = locate(text, old, new).ok()?;
    let after = format!(
        "{}{}{}",
        &text[..place.start],
        place.new,
        &text[place.end..]
    );
    Some((after, place.reading))
}

#[test]
fn an_exact_passage_is_replaced() {
    assert_eq!(
        edited(FILE, "a + b", "a+b"),
        Some((FILE.replace("a + b", "a+b"), Reading::Exact))
    );
}

#[test]
fn pasted_line_numbers_are_left_out() {
    assert_eq!(
        edited(
            FILE,
            "1: def add(a, b):\n2:     return a + b",
            "1: def add(a, b):\n2:     return b + a"
        ),
        Some((FILE.replace("a + b", "b + a"), Reading::WithoutLineNumbers))
    );
    // Not every line has one: then they are text.
    assert_eq!(
        edited(FILE, "1: def add(a, b):\n    return a + b", "x"),
        None
    );
}

#[test]
fn a_missing_indentation_is_given_back() {
    let old = "if a:\n    return a - b";
    let new = "if a and b:\n    return a - b\nelse:\n    return b\n";
    let expected = FILE.replace(
        "    if a:\n        return a - b\n",
        "    if a and b:\n        return a - b\n    else:\n        return b\n",
    );
    assert_eq!(
        edited(FILE, old, new),
        Some((expected, Reading::OtherWhiteSpace))
    );
}

#[test]
fn too_much_indentation_is_taken_away() {
    let old = "    def add(a, b):\n        return a + b\n";
    let new = "    def add(a, b):\n        total = a + b\n        return total\n";
    let expected = FILE.replace(
        "    return a + b\n",
        "    total = a + b\n    return total\n",
    );
    assert_eq!(
        edited(FILE, old, new),
        Some((expected, Reading::OtherWhiteSpace))
    );
}

#[test]
fn blanks_inside_and_after_a_line_do_not_matter() {
    assert_eq!(
        edited("x = 1  \ny =  2\n", "x = 1\ny = 2\n", "x = 3\n"),
        Some(("x = 3\n".to_owned(), Reading::OtherWhiteSpace))
    );
    assert_eq!(
        edited("a\nx =  1\nb\n", "x = 1\n", ""),
        Some(("a\nb\n".to_owned(), Reading::OtherWhiteSpace))
    );
}

#[test]
fn an_indentation_that_can_not_be_told_is_a_miss() {
    // Tabs in the file, blanks in the passage, and a depth that was not seen.
    let text = "f:\n\ta = 1\n";
    assert_eq!(edited(text, "    a = 1", "    if b:\n        a = 1"), None);
    // Where every depth was seen, it is known.
    assert_eq!(
        edited(text, "f:\n    a = 1", "g:\n    a = 2"),
        Some(("g:\n\ta = 2\n".to_owned(), Reading::OtherWhiteSpace))
    );
}

#[test]
fn several_places_are_named_and_none_is_chosen() {
    assert_eq!(
        locate(FILE, "return a", "x"),
        Err(Miss::Several(vec![2, 6]))
    );
    assert_eq!(edited("x  = 1\nx =  1\n", "x = 1", "y"), None);
}

#[test]
fn a_miss_names_the_nearest_text() {
    assert_eq!(
        locate(FILE, "def sub(a, c):\n    if c:", "x"),
        Err(Miss::Nowhere(Some(Near {
            line: 4,
            lines: vec![
                "def sub(a, b):".to_owned(),
                "    if a:".to_owned(),
                "        return a - b".to_owned()
            ],
        })))
    );
    assert_eq!(
        locate(FILE, "something else entirely, nothing like it", "x"),
        Err(Miss::Nowhere(None))
    );
}

#[test]
fn no_input_panics() {
    for old in ["\n", "\n\n", " ", "1: ", "1:", "ä", "\t\n"] {
        for text in ["", "\n", "ä\n", "1:\n", " \n \n"] {
            for new in ["", "\n", "ä"] {
                // silent-ok: only that it comes back matters.
                let _ = locate(text, old, new);
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn an_edit_touches_only_its_place(
        text in "([ab1: \t\nä]{0,6}\n?){0,8}",
        old in "[ab1: \t\nä]{1,12}",
        new in "[ab1: \t\nä]{0,12}",
    ) {
        if let Ok(place) = locate(&text, &old, &new) {
            proptest::prop_assert!(place.start <= place.end && place.end <= text.len());
            let after = format!("{}{}{}", &text[..place.start], place.new, &text[place.end..]);
            proptest::prop_assert!(after.starts_with(&text[..place.start]));
            if place.reading == Reading::Exact {
                proptest::prop_assert_eq!(&text[place.start..place.end], old.as_str());
            }
        }
    }
}

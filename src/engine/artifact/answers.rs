//! What a person typed as an answer: a letter, a letter and a condition, or free text; and
//! whether it says anything. Pure reading: who is asked, and how often, is decided elsewhere.

use super::fields::one_line;

/// The most characters of an answer that are kept.
pub const ANSWER_LIMIT: usize = 2_000;

/// What was typed, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shorthand {
    /// The words of the answer; for a chosen option, its text and what was added.
    pub text: String,
    /// The letter of the chosen option; `A, C` if several were chosen.
    pub option: Option<String>,
    /// The answer was longer than [`ANSWER_LIMIT`] and is cut.
    pub cut: bool,
}

/// Reads `B`, `b)`, `2`, `B, but only on Linux`, `A and C`, an option's own text, or free text.
pub fn read_shorthand(input: &str, options: &[String]) -> Shorthand {
    let trimmed = input.trim();
    let kept: String = trimmed.chars().take(ANSWER_LIMIT).collect();
    let cut = kept.len() < trimmed.len();
    let (text, option) = match choice(&kept, options) {
        Some((places, rest)) => {
            let texts: Vec<&str> = places
                .iter()
                .map(|&place| options[place].as_str())
                .collect();
            let letters: Vec<String> = places
                .iter()
                .map(|&place| letter(place).to_string())
                .collect();
            let mut text = texts.join(" and ");
            if !rest.is_empty() {
                text = format!("{text}, {rest}");
            }
            (text, Some(letters.join(", ")))
        }
        None => (kept, None),
    };
    Shorthand { text, option, cut }
}

/// The chosen places and what was said besides.
fn choice<'a>(input: &'a str, options: &[String]) -> Option<(Vec<usize>, &'a str)> {
    // An option's own words come first: among the options 1, 5 and 10, "5" is the second.
    let own = |option: &String| option.trim().to_lowercase() == input.to_lowercase();
    if let Some(place) = options.iter().position(own) {
        return Some((vec![place], ""));
    }
    let bare = input.trim_matches(['(', ')', '.', ':', '"', '\'']);
    if let Ok(number) = bare.parse::<usize>() {
        let place = number
            .checked_sub(1)
            .filter(|&place| place < options.len())?;
        return Some((vec![place], ""));
    }
    let words: Vec<&str> = bare
        .split(|c: char| c.is_whitespace() || [',', '&', '+', '/'].contains(&c))
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("and"))
        .collect();
    if let Some(mut places) = words
        .iter()
        .map(|word| place_of(word, options))
        .collect::<Option<Vec<usize>>>()
        .filter(|places| !places.is_empty())
    {
        places.sort_unstable();
        places.dedup();
        return Some((places, ""));
    }
    let after = input.trim_start_matches('(');
    let first = after.chars().next()?;
    let place = place_of(&first.to_string(), options)?;
    let after = &after[first.len_utf8()..];
    let rest = after.trim_start_matches([',', ')', '.', ':', ';', '-', '–', '—', ' ']);
    // "A list of books" starts with an article, not with a choice.
    let says_so = !after.starts_with(char::is_alphanumeric)
        && !after.starts_with(['\'', '’'])
        && (after
            .trim_start()
            .starts_with([',', ')', '.', ':', ';', '–', '—'])
            || after.starts_with(" - ")
            || rest
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("but ")));
    says_so.then_some((vec![place], rest))
}

fn place_of(word: &str, options: &[String]) -> Option<usize> {
    (0..options.len()).find(|&place| word.eq_ignore_ascii_case(&letter(place).to_string()))
}

/// The letter of the option at that place.
fn letter(place: usize) -> char {
    ('A'..='Z').nth(place).unwrap_or('?')
}

/// Words that say nothing by themselves.
const EMPTY_WORDS: &str = "\
    a all amazing an and any anybody anyone anything app application as at awesome be \
    beautiful best better big can cool could decide dependable depends do does don't dont \
    dunno easily easy etc everybody everyone everything fancy fast fine for friendly good \
    great have hmm i idk if in is it its just kind know like looks lot lots make many maybe \
    me modern more my nice normal not of ok okay on or people perfect please possible pretty \
    probably program quick quickly really robust should simple so software some somehow \
    someone something sort stuff super sure that the thing things think this to tool unsure \
    up use useful user users usual very want we well what whatever will with work working \
    works would yeah yep yes you your";

/// Whether an answer in free text to an open question says nothing that work could start from.
pub fn is_vague(answer: &str) -> bool {
    let answer = one_line(answer).to_lowercase().replace('’', "'");
    let words: Vec<&str> = answer
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        // A letter chooses, even where no options are known.
        [word] if word.chars().count() == 1 => false,
        ["no", "idea" | "clue"] => true,
        words => words
            .iter()
            .all(|word| EMPTY_WORDS.split(' ').any(|empty| empty == *word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vague_answers_are_seen() {
        for answer in [
            "",
            "…",
            "?!",
            "good",
            "Good.",
            "idk",
            "I don't know",
            "I don’t know",
            "whatever",
            "stuff",
            "something nice",
            "yes",
            "Yes!",
            "no idea",
            "not sure",
            "it should work",
            "a good app",
            "Make it really good, fast and easy",
            "everyone",
            "up to you",
            "you decide",
            "etc",
            "things and stuff",
            "users",
            "user-friendly",
        ] {
            assert!(is_vague(answer), "{answer}");
        }
    }

    #[test]
    fn concrete_answers_are_left_alone() {
        for answer in [
            "B",
            "b",
            "A",
            "Python",
            "Linux",
            "no",
            "No.",
            "none",
            "nothing",
            "7",
            "100 ms",
            "my mother",
            "good performance on slow disks",
            "todo app",
            "add, list and delete tasks",
            "gut",
            "命令行",
            "CSV",
            "it should work offline",
            "yes, with SQLite",
            "C++",
        ] {
            assert!(!is_vague(answer), "{answer}");
        }
    }

    fn check(input: &str, option: Option<&str>, text: &str) {
        let options = [
            "Web".to_owned(),
            "Command line".to_owned(),
            "Desktop".to_owned(),
        ];
        assert_eq!(
            read_shorthand(input, &options),
            Shorthand {
                text: text.to_owned(),
                option: option.map(str::to_owned),
                cut: false
            },
            "{input}"
        );
    }

    #[test]
    fn a_letter_chooses() {
        for input in [
            "B",
            "b",
            " b ",
            "B.",
            "(b)",
            "b)",
            "2",
            "2.",
            "command line",
        ] {
            check(input, Some("B"), "Command line");
        }
        for input in [
            "B, but only on Linux",
            "b but only on Linux",
            "B) but only on Linux",
            "B: but only on Linux",
            "b - but only on Linux",
            "(b) but only on Linux",
        ] {
            check(input, Some("B"), "Command line, but only on Linux");
        }
        check("A, C", Some("A, C"), "Web and Desktop");
        check("c and a", Some("A, C"), "Web and Desktop");
    }

    #[test]
    fn everything_else_is_free_text() {
        for input in [
            "D",
            "4",
            "0",
            "A list of books",
            "B2B shops",
            "a",
            "C++ please",
            "B's way",
            "both",
            "",
            "2 of them",
            "B-tree",
        ] {
            let expected = if input == "a" { Some("A") } else { None };
            check(input, expected, if input == "a" { "Web" } else { input });
        }
        assert_eq!(read_shorthand("B", &[]).option, None);
        let numbers = ["1".to_owned(), "5".to_owned(), "2".to_owned()];
        assert_eq!(read_shorthand("2", &numbers).option.as_deref(), Some("C"));
    }

    #[test]
    fn a_long_answer_is_cut_by_characters() {
        let answer = read_shorthand(&"ä".repeat(ANSWER_LIMIT + 1), &[]);
        assert_eq!(
            (answer.text.chars().count(), answer.cut),
            (ANSWER_LIMIT, true)
        );
        assert!(!read_shorthand(&"ä".repeat(ANSWER_LIMIT), &[]).cut);
    }

    proptest! {
        #[test]
        fn no_input_panics(input in "(?s).{0,40}", options in prop::collection::vec("[a-c]{0,3}", 0..5)) {
            let answer = read_shorthand(&input, &options);
            prop_assert!(answer.option.is_some() || input.contains(&answer.text));
            is_vague(&input);
        }
    }
}

//! What a typed line means as an answer to a question. Pure. Refuses to guess: what has two
//! readings is asked again.

use crate::engine::ask::{Answer, AnsweredBy, Ask, AskKind};
use crate::engine::course::{Course, course};
use crate::engine::decision::decision;
use crate::ui::words::question::{LONGEST_ANSWER, letters};

/// The meaning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Reading {
    /// An answer.
    Answer(Answer),
    /// An answer that was too long, and was cut.
    Cut(Answer),
    /// Why is this asked?
    Why,
    /// The interview goes another way.
    Course(Course),
    /// None of these; what to say about it.
    Unclear(String),
}

/// Reads a line.
pub(in crate::ui) fn read(line: &str, ask: &Ask) -> Reading {
    let line = line.trim();
    let interview = matches!(ask.kind, AskKind::Interview | AskKind::Challenge);
    match line.to_ascii_lowercase().as_str() {
        "" => return Reading::Unclear(empty(ask, interview)),
        "?" | "why" | "why?" => return Reading::Why,
        "skip" if interview => {
            return Reading::Answer(Answer {
                skipped: true,
                ..Answer::default()
            });
        }
        _ => {}
    }
    match course(line, ask) {
        Some(Ok(course)) => return Reading::Course(course),
        Some(Err(why)) => return Reading::Unclear(why),
        None => {}
    }
    if let Some(reading) = several(line, ask).or_else(|| chosen(line, ask)) {
        return reading;
    }
    if let Some(ticket) = ask.id.blocked_ticket() {
        return match decision(line, &ask.options, ticket) {
            Ok(words) => answer(words, None),
            Err(why) => Reading::Unclear(why),
        };
    }
    answer(line.to_owned(), None)
}

fn empty(ask: &Ask, interview: bool) -> String {
    match (ask.options.is_empty(), interview) {
        (_, true) => "An answer in a few words will do; `skip` leaves it open.".to_owned(),
        (false, false) => "Choose a letter, or answer in a few words.".to_owned(),
        (true, false) => "An answer in a few words will do.".to_owned(),
    }
}

/// "A, C" or "A and C": the words of each; no single letter stands for them.
fn several(line: &str, ask: &Ask) -> Option<Reading> {
    let parts = line.split([',', ';', '+', '&', '/', ' ']);
    let names = parts.filter(|part| !part.is_empty() && !part.eq_ignore_ascii_case("and"));
    let find = |name: &str| {
        let mut options = letters(ask);
        let found = options.find(|(key, _)| name.eq_ignore_ascii_case(&key.to_string()));
        found.map(|(_, text)| text)
    };
    let texts: Vec<&str> = names.map(find).collect::<Option<_>>()?;
    (texts.len() > 1).then(|| answer(texts.join(", "), None))
}

/// A letter, alone or with more behind it.
fn chosen(line: &str, ask: &Ask) -> Option<Reading> {
    if ask.options.is_empty() {
        return None;
    }
    let bare = line.trim_start_matches('(');
    let letter = bare
        .chars()
        .next()
        .filter(char::is_ascii_alphabetic)?
        .to_ascii_uppercase();
    let rest = &bare[1..];
    let more = rest.trim_start_matches([')', '.', ':', ',', ';']).trim();
    let found = letters(ask).find(|(key, _)| *key == letter);
    match found {
        Some((_, text)) if more.is_empty() => Some(answer(text.to_owned(), Some(letter))),
        Some((_, text)) if continues(rest) => Some(answer(format!("{text}, {more}"), Some(letter))),
        None if more.is_empty() => {
            let last = letters(ask).last().map_or('A', |(key, _)| key);
            Some(Reading::Unclear(format!(
                "There is no option {letter}: choose A to {last}, or answer in a few words."
            )))
        }
        Some(_) | None => None,
    }
}

/// Whether what stands behind a letter goes on from it: "B, but …", "B) with …", "B but …".
/// "A list of …" is a sentence of its own.
fn continues(rest: &str) -> bool {
    let word = rest
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    rest.starts_with([')', '.', ':', ',', ';'])
        || (rest.starts_with(' ') && matches!(word.as_str(), "but" | "-" | "–" | "—"))
}

fn answer(text: String, option: Option<char>) -> Reading {
    let cut = text
        .char_indices()
        .nth(LONGEST_ANSWER)
        .map(|(at, _)| text[..at].to_owned());
    let build = |text| Answer {
        text,
        option: option.map(|letter| letter.to_string()),
        answered_by: AnsweredBy::User,
        ..Answer::default()
    };
    match cut {
        Some(cut) => Reading::Cut(build(cut)),
        None => Reading::Answer(build(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ask::AskId;
    use proptest::prelude::*;

    fn question(kind: AskKind, options: &[&str]) -> Ask {
        Ask {
            id: AskId("platform".to_owned()),
            kind,
            text: "Where does it run?".to_owned(),
            options: options.iter().map(|text| (*text).to_owned()).collect(),
            why: String::new(),
            reference: None,
            place: Some((2, 5)),
        }
    }

    fn platform() -> Ask {
        question(AskKind::Interview, &["Terminal", "Web", "Phone"])
    }

    fn words(text: &str, option: Option<&str>) -> Reading {
        Reading::Answer(Answer {
            text: text.to_owned(),
            option: option.map(str::to_owned),
            ..Answer::default()
        })
    }

    #[test]
    fn letters_choose_and_may_be_qualified() {
        for line in ["b", "B", " B) ", "(b)", "B."] {
            assert_eq!(read(line, &platform()), words("Web", Some("B")), "{line:?}");
        }
        for line in [
            "B, but only on Linux",
            "b but only on Linux",
            "B) but only on Linux",
        ] {
            let expected = words("Web, but only on Linux", Some("B"));
            assert_eq!(read(line, &platform()), expected, "{line:?}");
        }
    }

    #[test]
    fn several_letters_are_several_answers() {
        for line in ["A, C", "a and c", "A C", "A+C"] {
            assert_eq!(
                read(line, &platform()),
                words("Terminal, Phone", None),
                "{line:?}"
            );
        }
    }

    #[test]
    fn sentences_are_answers_of_their_own() {
        for line in [
            "A list for teachers",
            "back to basics",
            "skip the web",
            "edit the list",
            "Both",
        ] {
            assert_eq!(read(line, &platform()), words(line, None), "{line:?}");
        }
        assert_eq!(
            read("C", &question(AskKind::Interview, &[])),
            words("C", None)
        );
        assert_eq!(
            read("done", &question(AskKind::Question, &[])),
            words("done", None)
        );
    }

    #[test]
    fn commands_lead_through_the_interview() {
        assert_eq!(read("?", &platform()), Reading::Why);
        assert_eq!(read("BACK", &platform()), Reading::Course(Course::Again(1)));
        assert_eq!(read("done", &platform()), Reading::Course(Course::Done));
        assert_eq!(
            read("edit 1", &platform()),
            Reading::Course(Course::Again(1))
        );
        let Reading::Answer(skipped) = read("skip", &platform()) else {
            panic!("skip is an answer");
        };
        assert!(skipped.skipped);
    }

    #[test]
    fn what_cannot_be_meant_is_asked_again() {
        let first = Ask {
            place: Some((1, 5)),
            ..platform()
        };
        for (line, ask) in [
            ("", platform()),
            ("D", platform()),
            ("edit 2", platform()),
            ("edit 4", platform()),
            ("edit 0", platform()),
            ("edit", platform()),
            ("back", first),
        ] {
            assert!(matches!(read(line, &ask), Reading::Unclear(_)), "{line:?}");
        }
    }

    #[test]
    fn a_decision_about_a_blocked_ticket_is_read_as_it_is_said() {
        let blocked = Ask {
            id: AskId::blocked("T1"),
            ..question(AskKind::Blocked, &["retry", "skip", "stop"])
        };
        assert_eq!(read("skip it please", &blocked), words("skip", None));
        assert_eq!(read("b", &blocked), words("skip", Some("B")));
        let advice = "no, use argparse";
        assert_eq!(read(advice, &blocked), words(advice, None));
        for line in ["no", "yes"] {
            assert!(
                matches!(read(line, &blocked), Reading::Unclear(_)),
                "{line}"
            );
        }
    }

    #[test]
    fn a_very_long_answer_is_cut() {
        let Reading::Cut(answer) = read(&"ä".repeat(2_001), &platform()) else {
            panic!("2,001 characters are too many");
        };
        assert_eq!(answer.text.chars().count(), 2_000);
        assert_eq!(
            read(&"ä".repeat(2_000), &platform()),
            words(&"ä".repeat(2_000), None)
        );
    }

    proptest! {
        #[test]
        fn no_line_panics(line in any::<String>()) {
            read(&line, &platform());
        }
    }
}

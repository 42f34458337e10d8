//! What a person decides about a blocked ticket, in their words: at a prompt, from elsewhere or in
//! a file. Refuses to guess: a bare yes or no is asked back. What is kept is read by `ask::Way`.

use super::ask::{Answer, Way};

/// Said before or for itself, it decides nothing.
const POLITE: &[&str] = &[
    "please", "ok", "okay", "just", "no", "nope", "n", "yes", "y", "yeah", "yep", "sure", "well",
    "then", "thanks", "fine", "true", "false",
];
/// Behind `skip` and `stop`: the ticket or the run, and nothing that a model could be told.
const OBJECT: &[&str] = &[
    "it",
    "this",
    "that",
    "the",
    "a",
    "one",
    "ticket",
    "run",
    "session",
    "work",
    "working",
    "here",
    "now",
    "for",
    "everything",
    "all",
    "you",
    "thank",
    "and",
    "go",
    "on",
    "move",
    "continue",
    "next",
];
/// A clause ends before these.
const REASONS: &[&str] = &["because", "since", "as"];

/// The words as they are kept: `skip` and `stop`, however they are said, and a letter as the option
/// that it stands for. An error says what is to be asked back.
pub fn decision(text: &str, options: &[String], ticket: &str) -> Result<String, String> {
    let text = text.trim();
    let letter = text.trim_matches(['(', ')', '.', ':']);
    let chosen = ('A'..='Z').zip(options);
    for (key, option) in chosen {
        if letter.eq_ignore_ascii_case(&key.to_string()) {
            return Ok(option.clone());
        }
    }
    let words = words(text);
    let polite = words.iter().take_while(|word| is_one(word, POLITE));
    let rest = &words[polite.count()..];
    let Some((verb, rest)) = rest.split_first() else {
        return Err(format!(
            "`{text}` can mean two things here. Say `retry` and what to do differently, `skip`, or `stop`."
        ));
    };
    let verb = verb.trim_matches(|c: char| !c.is_alphanumeric());
    let ends_here = words[words.len() - rest.len() - 1].ends_with(is_end);
    if !matches!(verb, "skip" | "stop") {
        return Ok(text.to_owned());
    }
    let ticket = ticket.to_lowercase();
    for word in rest.iter().take_while(|_| !ends_here) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_reason = REASONS.contains(&bare) || bare.is_empty();
        if is_reason {
            break;
        }
        if !is_one(word, POLITE) && !is_one(word, OBJECT) && bare != ticket {
            return Ok(text.to_owned());
        }
        if word.ends_with(is_end) {
            break;
        }
    }
    Ok(verb.to_owned())
}

/// What an answer about a blocked ticket is taken for.
pub fn taken_for(answer: &Answer) -> String {
    match Way::of(answer) {
        Way::Skip => "skip".to_owned(),
        Way::Stop => "stop".to_owned(),
        Way::Retry { note: None } => "retry".to_owned(),
        Way::Retry { note: Some(note) } => format!("retry; the model is told: {note}"),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

fn is_one(word: &str, of: &[&str]) -> bool {
    of.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()))
}

fn is_end(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '.' | '!')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        decision(text, &Way::OPTIONS.map(str::to_owned), "T1")
    }

    #[track_caller]
    fn means(texts: &[&str], expected: &Way) {
        for text in texts {
            let answer = Answer {
                text: read(text).unwrap_or_else(|why| panic!("{text:?}: {why}")),
                ..Answer::default()
            };
            assert_eq!(Way::of(&answer), *expected, "{text:?}");
        }
    }

    #[test]
    fn skip_and_stop_are_what_they_say_however_politely() {
        let skip = [
            "skip",
            "Skip!",
            "skip it",
            "skip it please",
            "please skip",
            "skip please.",
            "no, skip it",
            "skip T1",
            "skip this ticket, nobody needs it",
            "Skip: nobody needs it",
            "b",
            "(B)",
            "skip it because nobody needs it",
            "skip this one and go on",
            "ok skip",
        ];
        means(&skip, &Way::Skip);
        means(
            &[
                "stop",
                "Stop.",
                "stop the run",
                "please stop",
                "stop here, thanks",
                "C",
            ],
            &Way::Stop,
        );
    }

    #[test]
    fn a_sentence_is_what_the_model_is_told() {
        for text in [
            "stop using pytest",
            "skip the failing test and use unittest",
            "no, use argparse",
            "use argparse",
            "don't skip it",
            "retrying is fine",
        ] {
            let note = Some(text.to_owned());
            means(&[text], &Way::Retry { note });
        }
        means(&["retry", "a", "Retry."], &Way::Retry { note: None });
        let answer = Answer {
            text: read("retry with argparse").unwrap(),
            ..Answer::default()
        };
        assert_eq!(
            taken_for(&answer),
            "retry; the model is told: with argparse"
        );
    }

    #[test]
    fn a_bare_yes_or_no_is_asked_back() {
        for text in ["no", "No.", "yes", "y", "ok", "yes please", "n", ""] {
            assert!(read(text).unwrap_err().contains("`skip`"), "{text:?}");
        }
    }
}

//! What somebody elsewhere gives as an answer, and what it means for the question at hand. Refuses
//! what the question cannot take, and says what it can.

use super::answers::Answers;
use crate::engine::approval::{Arrangement, Step};
use crate::engine::ask::{Answer, AnsweredBy, Ask, AskKind, Verdict};
use crate::engine::course::{Said, course};
use crate::engine::decision::decision;
use crate::error::{Error, Result};

/// An answer as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Words, read as those of an answers file: for a question the answer or an option's letter;
    /// for an approval `yes`, `no` (which ends the session), or what is to be different.
    Text(String),
    /// The letter of an option.
    Option(String),
    /// Yes.
    Approve,
    /// Not like this, and why: a document is written again with that in mind.
    Reject(String),
}

impl Given {
    /// What it means for that question.
    pub fn read(&self, ask: &Ask) -> Result<Said> {
        if let Self::Text(text) = self
            && let Some(course) = course(text, ask)
        {
            let course = course.map_err(|why| Error::usage(why).hint(ways(ask)))?;
            return Ok(Said::Course(course));
        }
        self.answer(ask).map(Said::Answer)
    }

    fn answer(&self, ask: &Ask) -> Result<Answer> {
        match self {
            Self::Text(text) => words(ask, text),
            Self::Option(letter) => option(ask, letter),
            Self::Approve => match ask.kind {
                AskKind::Document | AskKind::Plan | AskKind::Permission => {
                    Ok(decided(Verdict::Approve))
                }
                _ => Err(unfit(ask, "--approve")),
            },
            Self::Reject(why) => reject(ask, why),
        }
    }
}

fn words(ask: &Ask, text: &str) -> Result<Answer> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::usage("the answer is empty").hint(ways(ask)));
    }
    if ["?", "why", "why?"].contains(&text.to_ascii_lowercase().as_str()) {
        let see = format!(
            "loop answer {} shows the question, and why it is asked",
            ask.id
        );
        let hint = format!("{see}; then {}", ways(ask));
        return Err(Error::usage(format!("`{text}` is no answer")).hint(hint));
    }
    if let Some(ticket) = ask.id.blocked_ticket() {
        let words = decision(text, &ask.options, ticket);
        let text = words.map_err(|why| Error::usage(why).hint(ways(ask)))?;
        return Ok(Answer {
            text,
            ..Answer::default()
        });
    }
    let is_interview = matches!(ask.kind, AskKind::Interview | AskKind::Challenge);
    if is_interview && text.eq_ignore_ascii_case("skip") {
        return Ok(Answer {
            skipped: true,
            ..Answer::default()
        });
    }
    if let Some(letter) = letter_beyond(ask, text) {
        return Err(no_option(ask, letter));
    }
    if matches!(ask.kind, AskKind::Document | AskKind::Plan)
        && let Some(verdict) = as_at_the_prompt(ask, text)?
    {
        return Ok(verdict);
    }
    let mut answer = Answers::new(vec![(ask.id.0.clone(), text.to_owned())])
        .to(ask)
        .unwrap_or_default();
    if let Some(Verdict::Reject { why }) = &mut answer.verdict {
        text.clone_into(why);
    }
    answer.answered_by = AnsweredBy::User;
    Ok(answer)
}

/// A single letter that stands for none of the options: more likely a slip than a word.
fn letter_beyond<'a>(ask: &Ask, text: &'a str) -> Option<&'a str> {
    let chooses = matches!(
        ask.kind,
        AskKind::Interview | AskKind::Challenge | AskKind::Question
    );
    let letter = text.trim_matches(['(', ')', '.', ':', ',', ';']);
    let is_letter = letter.len() == 1 && letter.chars().all(|c| c.is_ascii_alphabetic());
    let is_option = |(key, option): (char, &String)| {
        letter.eq_ignore_ascii_case(&key.to_string()) || option.trim().eq_ignore_ascii_case(letter)
    };
    let is_beyond = chooses && is_letter && !ask.options.is_empty();
    let letter = is_beyond.then_some(letter)?;
    (!('A'..='Z').zip(&ask.options).any(is_option)).then_some(letter)
}

fn no_option(ask: &Ask, letter: &str) -> Error {
    let last = ('A'..='Z').zip(&ask.options).last();
    let there_are = match last {
        None => "it has none".to_owned(),
        _ if ask.kind == AskKind::Plan => "its tickets are none".to_owned(),
        Some(('A', _)) => "its only letter is A".to_owned(),
        Some((last, _)) => format!("its letters are A to {last}"),
    };
    Error::usage(format!("{} has no option {letter}: {there_are}", ask.id)).hint(ways(ask))
}

/// The words of the prompt about a document or a plan, if it is these: `s` with a sentence, and for
/// a plan `drop`, `up`, `down` and `order` with tickets, apart by semicolons, which approve what
/// comes of them.
fn as_at_the_prompt(ask: &Ask, text: &str) -> Result<Option<Answer>> {
    let sentence = ["s ", "send back "]
        .iter()
        .find_map(|word| text.strip_prefix(word));
    if let Some(guidance) = sentence.map(str::trim) {
        let guidance = guidance.to_owned();
        return Ok(Some(decided(Verdict::Revise { guidance })));
    }
    let what = match text.to_ascii_lowercase().as_str() {
        "e" | "edit" => "a document is edited at the session's own terminal only",
        "q" | "quit" => "nobody waits at a prompt here: to decide later, answer later",
        "s" | "send" | "send back" => "say what should be different",
        _ => "",
    };
    if !what.is_empty() {
        return Err(Error::usage(what).hint(ways(ask)));
    }
    let mut arrangement = Arrangement::new(&ask.options);
    if ask.kind == AskKind::Document || !arrangement.is_meant_by(text) {
        return Ok(None);
    }
    let lines = text.split([';', '\n']).map(str::trim);
    for line in lines.filter(|line| !line.is_empty()) {
        match arrangement.take(line) {
            Step::Changed => {}
            Step::Decided(Verdict::Approve | Verdict::Arrange { .. }) => break,
            Step::Unclear(why) => return Err(Error::usage(why).hint(ways(ask))),
            _ => return Err(Error::usage(format!("`{line}` arranges nothing")).hint(ways(ask))),
        }
    }
    let verdict = match arrangement.approval() {
        Step::Decided(verdict) => verdict,
        Step::Unclear(why) => return Err(Error::usage(why).hint(ways(ask))),
        _ => return Ok(None),
    };
    let mut answer = decided(verdict);
    for remark in arrangement.remarks() {
        answer.text = format!("{}. {}", answer.text, remark.trim_end_matches('.'));
    }
    Ok(Some(answer))
}

fn option(ask: &Ask, letter: &str) -> Result<Answer> {
    let found = ('A'..='Z')
        .zip(&ask.options)
        .find(|(key, _)| letter.trim().eq_ignore_ascii_case(&key.to_string()));
    match found {
        // The tickets of a plan are no options to choose from.
        Some((key, text)) if ask.kind != AskKind::Plan => Ok(Answer {
            text: text.clone(),
            option: Some(key.to_string()),
            ..Answer::default()
        }),
        _ => Err(no_option(ask, letter)),
    }
}

fn reject(ask: &Ask, why: &str) -> Result<Answer> {
    let why = why.trim();
    match ask.kind {
        AskKind::Document | AskKind::Plan if why.is_empty() => Err(Error::usage(
            "say what should be different",
        )
        .hint("--reject \"leave out the second feature\"; the answer `no` ends the session")),
        AskKind::Document | AskKind::Plan => Ok(decided(Verdict::Revise {
            guidance: why.to_owned(),
        })),
        AskKind::Permission => Ok(decided(Verdict::Reject {
            why: why.to_owned(),
        })),
        _ => Err(unfit(ask, "--reject")),
    }
}

fn decided(verdict: Verdict) -> Answer {
    Answer {
        text: verdict.words(),
        verdict: Some(verdict),
        ..Answer::default()
    }
}

fn unfit(ask: &Ask, what: &str) -> Error {
    Error::usage(format!(
        "{} is a question: {what} does not answer it",
        ask.id
    ))
    .hint(ways(ask))
}

/// How a question can be answered, in words.
pub fn ways(ask: &Ask) -> String {
    let id = &ask.id;
    let text = format!("loop answer {id} \"your words\"");
    match ask.kind {
        AskKind::Document => {
            format!("loop answer {id} --approve, or --reject \"what should be different\"")
        }
        AskKind::Plan => format!(
            "loop answer {id} --approve, or --reject \"what should be different\", or arranged, such as \"drop T2; up T3\""
        ),
        AskKind::Permission => format!("loop answer {id} --approve, or --reject \"why\""),
        AskKind::Interview | AskKind::Challenge => {
            let option = if ask.options.is_empty() {
                ""
            } else {
                ", --option A"
            };
            let back = match ask.place {
                None | Some((1, _)) => "",
                Some(_) => ", back, edit 1",
            };
            format!("{text}{option}, skip{back}, or done (no more questions)")
        }
        AskKind::Blocked => {
            format!("loop answer {id} \"retry AND WHAT TO DO DIFFERENTLY\", skip, or stop")
        }
        AskKind::Question if ask.options.is_empty() => text,
        AskKind::Question => format!("{text}, or --option A"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ask::{AskId, Way};
    use crate::engine::course::Course;
    use crate::error::ErrorKind;

    fn ask(kind: AskKind) -> Ask {
        Ask {
            id: AskId("q".to_owned()),
            kind,
            text: "Where?".to_owned(),
            options: vec!["here".to_owned(), "there".to_owned()],
            why: String::new(),
            reference: None,
            place: None,
        }
    }

    fn text(text: &str) -> Given {
        Given::Text(text.to_owned())
    }

    #[test]
    fn questions_take_words_and_letters() {
        let read = |given: Given| given.answer(&ask(AskKind::Interview)).unwrap();
        for given in [text("b"), text("there"), Given::Option("b".to_owned())] {
            let answer = read(given);
            assert_eq!(
                (answer.text.as_str(), answer.option.as_deref()),
                ("there", Some("B"))
            );
        }
        assert_eq!(read(text("nowhere")).text, "nowhere");
        assert_eq!(read(text("nowhere")).answered_by, AnsweredBy::User);
        assert!(read(text("Skip")).skipped);
    }

    #[test]
    fn a_letter_beyond_the_options_is_refused_with_the_letters_there_are() {
        let refused = |given: Given| given.read(&ask(AskKind::Interview)).unwrap_err().message;
        for given in [text("C"), text("(C)"), Given::Option("C".to_owned())] {
            assert_eq!(refused(given), "q has no option C: its letters are A to B");
        }
        let languages = |options: &[&str]| Ask {
            options: options.iter().map(|&option| option.to_owned()).collect(),
            ..ask(AskKind::Question)
        };
        for (options, words) in [
            (&[][..], "C"),
            (&["Rust", "C"], "c"),
            (&["Rust", "Go"], "plain C"),
            (&["Rust", "Go"], "7"),
        ] {
            let answer = text(words).answer(&languages(options)).unwrap();
            assert!(answer.text.eq_ignore_ascii_case(words), "{words}");
        }
    }

    #[test]
    fn approvals_take_a_yes_a_no_and_what_is_to_be_different() {
        let read = |kind, given: Given| given.answer(&ask(kind)).unwrap().verdict.unwrap();
        let why = || "too much".to_owned();
        for kind in [AskKind::Document, AskKind::Plan] {
            assert_eq!(read(kind, Given::Approve), Verdict::Approve);
            assert_eq!(read(kind, text("yes")), Verdict::Approve);
            let revise = Verdict::Revise { guidance: why() };
            assert_eq!(read(kind, text("too much")), revise);
            assert_eq!(read(kind, Given::Reject(why())), revise);
            let no = Verdict::Reject {
                why: "no".to_owned(),
            };
            assert_eq!(read(kind, text("no")), no);
        }
        assert_eq!(
            read(AskKind::Permission, Given::Reject(why())),
            Verdict::Reject { why: why() }
        );
    }

    #[test]
    fn a_decision_about_a_blocked_ticket_is_read_as_it_is_said() {
        let blocked = Ask {
            id: AskId::blocked("T1"),
            options: Way::OPTIONS.map(str::to_owned).to_vec(),
            ..ask(AskKind::Blocked)
        };
        let read = |words: &str| text(words).answer(&blocked);
        for (words, kept) in [
            ("skip it please", "skip"),
            ("B", "skip"),
            ("Stop.", "stop"),
            ("retry with argparse", "retry with argparse"),
        ] {
            assert_eq!(read(words).unwrap().text, kept, "{words}");
        }
        for words in ["no", "yes", "ok"] {
            let error = read(words).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage);
            assert!(error.hint.unwrap().contains("retry"), "{words}");
        }
    }

    fn plan() -> Ask {
        Ask {
            options: ["T1 Store", "T2 List (after T1)", "T3 Docs"]
                .map(str::to_owned)
                .into(),
            ..ask(AskKind::Plan)
        }
    }

    #[test]
    fn a_plan_is_arranged_with_the_words_of_the_prompt() {
        let read = |words: &str| text(words).answer(&plan()).unwrap().verdict.unwrap();
        let arranged = |ids: &[&str]| Verdict::Arrange {
            tickets: ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        for (words, verdict) in [
            ("drop T2", arranged(&["T1", "T3"])),
            ("drop t2; up T3; a", arranged(&["T3", "T1"])),
            ("drop T2;", arranged(&["T1", "T3"])),
            ("order T3, T1, T2", arranged(&["T3", "T1", "T2"])),
            ("up T2; down T2", Verdict::Approve),
            ("a", Verdict::Approve),
        ] {
            assert_eq!(read(words), verdict, "{words}");
        }
        // What is no command is guidance, as before.
        for (words, guidance) in [
            ("drop the colours", "drop the colours"),
            ("s drop T2 and T3", "drop T2 and T3"),
            ("send back use tabs", "use tabs"),
        ] {
            let guidance = guidance.to_owned();
            assert_eq!(read(words), Verdict::Revise { guidance }, "{words}");
        }
        for words in [
            "drop T9 T1",
            "drop T9",
            "up t9",
            "e",
            "Edit",
            "drop T1 T2 T3",
            "order T1 T2",
            "up T1",
            "drop T2; colours",
            "q",
            "?",
        ] {
            let error = text(words).read(&plan()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{words}");
            assert!(
                error.hint.is_some_and(|hint| hint.contains("drop T2")),
                "{words}"
            );
        }
    }

    #[test]
    fn the_way_through_an_interview_is_said_from_elsewhere_too() {
        let at = |words: &str, kind, place| {
            let ask = Ask {
                place: Some((place, 3)),
                ..ask(kind)
            };
            text(words).read(&ask)
        };
        for (words, course) in [
            ("done", Course::Done),
            ("back", Course::Again(1)),
            ("Edit 1", Course::Again(1)),
        ] {
            let said = at(words, AskKind::Interview, 2).unwrap();
            assert_eq!(said, Said::Course(course), "{words}");
        }
        for (words, kind, place) in [
            ("back", AskKind::Interview, 1),
            ("edit 7", AskKind::Interview, 2),
            ("?", AskKind::Interview, 2),
            ("?", AskKind::Question, 2),
            ("why", AskKind::Permission, 2),
        ] {
            let error = at(words, kind, place).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{words}");
            assert!(error.hint.is_some(), "{words}");
        }
    }

    #[test]
    fn what_was_arranged_is_said() {
        let answer = |words: &str| text(words).answer(&plan());
        assert_eq!(answer("drop T3").unwrap().text, "approved: T1, T2");
        assert_eq!(
            answer("drop T1").unwrap().text,
            "approved: T2, T3. T2 was to build on T1, which is dropped"
        );
        let early = answer("order T2 T1 T3").unwrap_err();
        assert!(early.message.contains("T2 needs T1"), "{}", early.message);
        let unknown = answer("drop T9").unwrap_err();
        assert!(
            unknown.message.contains("T1, T2, T3"),
            "{}",
            unknown.message
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_does() {
        for (kind, given) in [
            (AskKind::Interview, Given::Approve),
            (AskKind::Question, Given::Reject("x".to_owned())),
            (AskKind::Interview, Given::Option("C".to_owned())),
            (AskKind::Plan, Given::Option("A".to_owned())),
            (AskKind::Document, Given::Reject(" ".to_owned())),
            (AskKind::Question, text(" ")),
            (AskKind::Question, text("c")),
            (AskKind::Interview, text("C)")),
        ] {
            let error = given.read(&ask(kind)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{given:?}");
            assert!(error.hint.is_some());
        }
    }
}

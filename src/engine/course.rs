//! Where a person goes in an interview instead of answering the question at hand: back, to an
//! earlier one, or on past all that are left. The same words count at a prompt and from elsewhere.
//! What becomes of it is decided by the run.

use serde::{Deserialize, Serialize};

use super::ask::{Answer, Ask, AskKind};

/// What somebody says at a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// An answer to it.
    Answer(Answer),
    /// None: the interview goes another way.
    Course(Course),
}

/// Another way through the interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Enough: what is not answered stays open.
    Done,
    /// The question of that place again, counted from 1.
    Again(u32),
}

/// Reads a line. None: it is an answer, or the question is of no interview. An error says what is
/// the matter with it.
pub fn course(line: &str, ask: &Ask) -> Option<Result<Course, String>> {
    if !matches!(ask.kind, AskKind::Interview | AskKind::Challenge) {
        return None;
    }
    let lower = line.trim().to_ascii_lowercase();
    let here = ask.place.map(|(number, _)| number);
    match lower.as_str() {
        "done" => return Some(Ok(Course::Done)),
        "back" => {
            return Some(match here {
                Some(here) if here > 1 => Ok(Course::Again(here - 1)),
                _ => Err("This is the first question.".to_owned()),
            });
        }
        _ => {}
    }
    // `edit 3`, and nothing that merely begins like it.
    let rest = lower.strip_prefix("edit")?.trim();
    if rest.is_empty() {
        let which = "Which one? Say `edit 1` for the first question.";
        return Some(Err(which.to_owned()));
    }
    let number: u32 = rest.parse().ok()?; // silent-ok: a sentence that begins like it
    let here = here.unwrap_or(u32::MAX);
    Some(match number {
        0 => Err("Questions count from 1.".to_owned()),
        number if number < here => Ok(Course::Again(number)),
        number if number == here => Err("That is the question you are at.".to_owned()),
        _ => Err(format!("Question {number} has not been answered yet.")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ask::AskId;

    fn ask(kind: AskKind, place: u32) -> Ask {
        Ask {
            id: AskId("platform".to_owned()),
            kind,
            text: "Where does it run?".to_owned(),
            options: Vec::new(),
            why: String::new(),
            reference: None,
            place: Some((place, 5)),
        }
    }

    #[test]
    fn words_lead_through_an_interview_and_nowhere_else() {
        let at = |line: &str| course(line, &ask(AskKind::Interview, 3));
        assert_eq!(at(" Done "), Some(Ok(Course::Done)));
        assert_eq!(at("BACK"), Some(Ok(Course::Again(2))));
        assert_eq!(at("edit 1"), Some(Ok(Course::Again(1))));
        for line in ["back to basics", "edit the list", "done with tabs", "A"] {
            assert_eq!(at(line), None, "{line}");
        }
        for line in ["edit", "edit 0", "edit 3", "edit 4"] {
            assert!(matches!(at(line), Some(Err(_))), "{line}");
        }
        assert!(matches!(
            course("back", &ask(AskKind::Challenge, 1)),
            Some(Err(_))
        ));
        assert_eq!(course("done", &ask(AskKind::Question, 3)), None);
    }
}

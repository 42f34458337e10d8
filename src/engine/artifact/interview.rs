//! `interview.json`: the questions and what was answered. Owns what is accepted of a model that
//! proposes questions, judges the answers, or fills in what was left open; who asks, in which
//! order and for how long is not known here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::ask::{Answer, AnsweredBy};
use super::fields::{Fields, one_line};
use super::references::{Named, resolve};

/// The most options of a question: A to D.
const MAX_OPTIONS: usize = 4;

/// The longest id of a question.
const ID_LENGTH: usize = 24;

/// The interview as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interview {
    /// Every question that was asked, in order.
    pub questions: Vec<Question>,
    /// Rounds of follow-up questions.
    pub rounds: u32,
}

/// One question, and its answer once there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// A slug, unique in its interview.
    pub id: String,
    /// The question.
    pub text: String,
    /// Answers to choose from, at most four; free text is always possible.
    #[serde(default)]
    pub options: Vec<String>,
    /// Why it is asked.
    #[serde(default)]
    pub why: String,
    /// What was answered.
    #[serde(default)]
    pub answer: Option<QuestionAnswer>,
}

/// An answer as it is kept: what the design fixes of [`Answer`], every key always there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionAnswer {
    /// The words; for a chosen option, its text.
    #[serde(default)]
    pub text: String,
    /// The chosen letter.
    #[serde(default)]
    pub option: Option<String>,
    /// The question was left open.
    #[serde(default)]
    pub skipped: bool,
    /// Who answered.
    pub answered_by: AnsweredBy,
}

impl From<&Answer> for QuestionAnswer {
    fn from(answer: &Answer) -> Self {
        Self {
            text: answer.text.clone(),
            option: answer.option.clone(),
            skipped: answer.skipped,
            // A flag is the person, speaking in advance.
            answered_by: match answer.answered_by {
                AnsweredBy::Flag => AnsweredBy::User,
                other => other,
            },
        }
    }
}

/// What the model proposes to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questions {
    /// The task is small and clear: no interview is needed.
    pub simple: bool,
    /// The questions; may be empty only when simple.
    pub questions: Vec<Question>,
}

/// What the model thinks of the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// They are enough.
    pub complete: bool,
    /// What is still to be asked; empty if it only repeats what was asked before.
    pub questions: Vec<Question>,
}

/// An open question, answered by the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Which question.
    pub id: String,
    /// The likely answer.
    pub text: String,
}

/// At most `max` questions with ids of their own, or what is wrong with them.
pub fn accept_questions(value: &Value, max: usize) -> Result<Questions, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the reply", &mut faults) else {
        return Err(faults);
    };
    let simple = fields.flag("simple", &mut faults);
    let questions = read_questions(&fields, max, &[], &mut faults);
    if faults.is_empty() && !simple && questions.is_empty() {
        faults.push("'simple' is false, so 'questions' must hold at least one question".to_owned());
    }
    if faults.is_empty() {
        Ok(Questions { simple, questions })
    } else {
        Err(faults)
    }
}

/// Whether the answers suffice, and at most `max` questions that were not asked before.
pub fn accept_coverage(
    value: &Value,
    max: usize,
    asked: &[Question],
) -> Result<Coverage, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the reply", &mut faults) else {
        return Err(faults);
    };
    let complete = fields.flag("complete", &mut faults);
    let questions = read_questions(&fields, max, asked, &mut faults);
    if faults.is_empty() && !complete && fields.entries("questions").is_empty() {
        faults.push(
            "'complete' is false, so 'questions' must hold at least one question; \
             if nothing is missing, set 'complete' to true"
                .to_owned(),
        );
    }
    if faults.is_empty() {
        Ok(Coverage {
            complete,
            questions,
        })
    } else {
        Err(faults)
    }
}

/// Answers to open questions, in their order; at least one.
pub fn accept_fill(value: &Value, open: &[Question]) -> Result<Vec<Filled>, Vec<String>> {
    let mut faults = Vec::new();
    let Some(fields) = Fields::of(value, "the reply", &mut faults) else {
        return Err(faults);
    };
    let named: Vec<Named<'_>> = open
        .iter()
        .map(|question| Named {
            id: &question.id,
            title: &question.text,
        })
        .collect();
    let mut strangers = Vec::new();
    let mut texts: Vec<Option<String>> = vec![None; open.len()];
    for (place, entry) in fields
        .required_entries("answers", &mut faults)
        .iter()
        .enumerate()
    {
        let Some(entry) = Fields::of(entry, &format!("answer {}", place + 1), &mut faults) else {
            continue;
        };
        let text = entry.required_line("text", &mut faults);
        match resolve(&entry.line("id", &mut faults), &named) {
            Ok(question) => texts[question] = Some(text),
            Err(why) => strangers.push(format!("answer {} is for {why}", place + 1)),
        }
    }
    let mut filled = Vec::new();
    for (question, text) in open.iter().zip(texts) {
        // What is left out stays open, and the PRD names an assumption.
        if let Some(text) = text {
            filled.push(Filled {
                id: question.id.clone(),
                text,
            });
        }
    }
    if faults.is_empty() && filled.is_empty() {
        faults.append(&mut strangers);
        faults.push("'answers' holds no answer to any of the questions".to_owned());
    }
    if faults.is_empty() {
        Ok(filled)
    } else {
        Err(faults)
    }
}

/// The questions under `questions`. Repeated ones are left out, and so is what goes beyond `max`.
fn read_questions(
    fields: &Fields<'_>,
    max: usize,
    asked: &[Question],
    faults: &mut Vec<String>,
) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for (place, entry) in fields.entries("questions").iter().enumerate() {
        let name = format!("question {}", place + 1);
        let Some(entry) = Fields::of(entry, &name, faults) else {
            continue;
        };
        let text = entry.required_line("text", faults);
        let mut earlier = asked.iter().chain(&questions);
        if earlier.any(|question| question.text.eq_ignore_ascii_case(&text))
            || questions.len() == max
        {
            continue;
        }
        let wish = entry.line("id", faults);
        let id = unused(&slug(&wish, place), asked, &questions);
        questions.push(Question {
            id,
            text,
            options: options(&entry.texts("options", faults)),
            why: entry.line("why", faults),
            answer: None,
        });
    }
    questions
}

/// Lowercase letters and digits with dashes between; `q3` if nothing of the wish can be used.
fn slug(wish: &str, place: usize) -> String {
    let lower: String = wish
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(ID_LENGTH)
        .collect();
    let words: Vec<&str> = lower.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        format!("q{}", place + 1)
    } else {
        words.join("-")
    }
}

/// The slug, with a number behind it if it is taken.
fn unused(slug: &str, asked: &[Question], questions: &[Question]) -> String {
    let mut id = slug.to_owned();
    let mut number = 1;
    while asked
        .iter()
        .chain(questions)
        .any(|question| question.id == id)
    {
        number += 1;
        id = format!("{slug}-{number}");
    }
    id
}

/// At most four different options, without letters in front: the program adds its own.
fn options(raw: &[String]) -> Vec<String> {
    let lettered = raw
        .iter()
        .zip('A'..)
        .all(|(option, letter)| after_letter(option, letter).is_some());
    let mut options: Vec<String> = Vec::new();
    for (option, letter) in raw.iter().zip('A'..) {
        let text = if lettered {
            after_letter(option, letter)
        } else {
            Some(option.as_str())
        };
        let text = one_line(text.unwrap_or_default());
        if !text.is_empty() && !options.contains(&text) {
            options.push(text);
        }
    }
    options.truncate(MAX_OPTIONS);
    options
}

fn after_letter(option: &str, letter: char) -> Option<&str> {
    let rest = option.trim_start_matches('(');
    let rest = rest.strip_prefix([letter, letter.to_ascii_lowercase()])?;
    rest.strip_prefix([')', '.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn question(id: &str, text: &str, options: &[&str]) -> Question {
        Question {
            id: id.to_owned(),
            text: text.to_owned(),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            why: String::new(),
            answer: None,
        }
    }

    #[test]
    fn questions_get_ids_of_their_own() {
        let value = json!({"simple": false, "questions": [
            {"id": "Target Users!", "text": " Who\nuses it? ", "options": ["A) me", "B) a team"], "why": " x "},
            {"id": "target-users", "text": "How many?", "options": ["1", "", "1", "None", "3", "4", "5"]},
            {"id": "Ä", "text": "Where?", "options": null},
            {"text": "who uses IT?"},
            {"id": 7, "text": "When?", "options": ["A) soon", "later"], "extra": 1},
            {"id": "more", "text": "More?"},
        ]});
        let accepted = accept_questions(&value, 4).unwrap();
        let mut first = question("target-users", "Who uses it?", &["me", "a team"]);
        first.why = "x".to_owned();
        assert_eq!(
            accepted,
            Questions {
                simple: false,
                questions: vec![
                    first,
                    question("target-users-2", "How many?", &["1", "None", "3", "4"]),
                    question("q3", "Where?", &[]),
                    question("7", "When?", &["A) soon", "later"]),
                ]
            }
        );
    }

    #[test]
    fn a_simple_task_needs_no_question() {
        let accepted = accept_questions(&json!({"simple": true}), 5).unwrap();
        assert_eq!((accepted.simple, accepted.questions.len()), (true, 0));
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(
            accept_questions(&json!({"questions": [{"text": ""}, 3]}), 5),
            Err(vec![
                "'simple' of the reply must be true or false".to_owned(),
                "question 1 needs 'text', and it is empty".to_owned(),
                "question 2 must be a JSON object".to_owned(),
            ])
        );
        assert!(accept_questions(&json!({"simple": false, "questions": []}), 5).is_err());
        assert!(accept_coverage(&json!({"complete": false}), 5, &[]).is_err());
    }

    #[test]
    fn a_follow_up_is_new() {
        let asked = [question("users", "Who uses it?", &[])];
        let value = json!({"complete": false, "questions": [
            {"id": "again", "text": "Who uses it?"}, {"id": "users", "text": "How often?"},
        ]});
        assert_eq!(
            accept_coverage(&value, 3, &asked),
            Ok(Coverage {
                complete: false,
                questions: vec![question("users-2", "How often?", &[])]
            })
        );
    }

    #[test]
    fn every_open_question_is_filled() {
        let open = [
            question("users", "Who?", &[]),
            question("scope", "What not?", &[]),
        ];
        let value =
            json!({"answers": [{"id": "scope", "text": "no sync"}, {"id": "Who?", "text": "me"}]});
        let filled = accept_fill(&value, &open).unwrap();
        let pairs: Vec<_> = filled
            .iter()
            .map(|f| (f.id.as_str(), f.text.as_str()))
            .collect();
        assert_eq!(pairs, [("users", "me"), ("scope", "no sync")]);
        assert_eq!(
            accept_fill(
                &json!({"answers": [{"id": "user", "text": "me"}]}),
                &open[..1]
            ),
            Err(vec![
                "answer 1 is for 'user', which does not exist; use one of users".to_owned(),
                "'answers' holds no answer to any of the questions".to_owned(),
            ])
        );
        let one = accept_fill(&json!({"answers": [{"id": "users", "text": "me"}]}), &open);
        assert_eq!(one.unwrap().len(), 1, "what is left out stays open");
    }

    #[test]
    fn the_file_has_the_fixed_keys() {
        let mut answered = question("users", "Who?", &["me"]);
        answered.answer = Some(QuestionAnswer::from(&Answer {
            text: "me".to_owned(),
            option: Some("A".to_owned()),
            answered_by: AnsweredBy::File,
            ..Answer::default()
        }));
        let interview = Interview {
            questions: vec![answered],
            rounds: 1,
        };
        let text = serde_json::to_string(&interview).unwrap();
        assert_eq!(
            text,
            r#"{"questions":[{"id":"users","text":"Who?","options":["me"],"why":"","answer":{"text":"me","option":"A","skipped":false,"answered_by":"file"}}],"rounds":1}"#
        );
        assert_eq!(serde_json::from_str::<Interview>(&text).unwrap(), interview);
    }
}

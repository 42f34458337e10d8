//! Answers from a file: question id or question text to answer. They are taken as they are.

use crate::engine::artifact::read_shorthand;
use crate::engine::ask::{Answer, AnsweredBy, Ask, AskKind, Verdict};
use crate::engine::decision::decision;

/// Answers known before they are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    entries: Vec<(String, String)>,
}

impl Answers {
    /// From pairs of question (id or text) and answer.
    pub fn new(entries: Vec<(String, String)>) -> Self {
        Self { entries }
    }

    /// The answer to this ask, if the file has one.
    pub fn to(&self, ask: &Ask) -> Option<Answer> {
        let wanted = [plain(&ask.id.0), plain(&ask.text)];
        let (_, text) = self
            .entries
            .iter()
            .find(|(key, _)| wanted.contains(&plain(key)))?;
        let mut answer = match ask.kind {
            AskKind::Interview | AskKind::Challenge | AskKind::Question => {
                let shorthand = read_shorthand(text, &ask.options);
                Answer {
                    skipped: shorthand.text.is_empty(),
                    text: shorthand.text,
                    option: shorthand.option,
                    ..Answer::default()
                }
            }
            // A bare yes or no answers nothing.
            AskKind::Blocked => Answer {
                text: decision(
                    text,
                    &ask.options,
                    ask.id.blocked_ticket().unwrap_or_default(),
                )
                .ok()?, // silent-ok: the question stays open
                ..Answer::default()
            },
            AskKind::Document | AskKind::Plan => Answer {
                verdict: Some(document(text)),
                text: text.clone(),
                ..Answer::default()
            },
            AskKind::Permission => Answer {
                verdict: Some(permission(text)),
                text: text.clone(),
                ..Answer::default()
            },
        };
        answer.answered_by = AnsweredBy::File;
        Some(answer)
    }
}

/// Upper and lower case, blanks and a final question mark do not matter.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .trim_end_matches('?')
        .trim_end()
        .to_lowercase()
}

fn is_yes(text: &str) -> bool {
    matches!(
        plain(text).as_str(),
        "yes" | "y" | "approve" | "approved" | "ok" | "true" | "a"
    )
}

fn document(text: &str) -> Verdict {
    if is_yes(text) {
        Verdict::Approve
    } else if matches!(
        plain(text).as_str(),
        "no" | "n" | "reject" | "quit" | "false"
    ) {
        Verdict::Reject {
            why: "the answers file says no".to_owned(),
        }
    } else {
        Verdict::Revise {
            guidance: text.to_owned(),
        }
    }
}

fn permission(text: &str) -> Verdict {
    if is_yes(text) {
        Verdict::Approve
    } else {
        Verdict::Reject {
            why: text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ask::AskId;

    fn ask(kind: AskKind) -> Ask {
        Ask {
            id: AskId("platform".to_owned()),
            kind,
            text: "Where does it run?".to_owned(),
            options: vec!["Linux".to_owned(), "Windows".to_owned()],
            why: String::new(),
            reference: None,
            place: None,
        }
    }

    fn check(key: &str, answer: &str, text: &str, option: Option<&str>) {
        let answers = Answers::new(vec![(key.to_owned(), answer.to_owned())]);
        let found = answers.to(&ask(AskKind::Interview)).unwrap();
        assert_eq!(
            (found.text.as_str(), found.option.as_deref()),
            (text, option)
        );
        assert_eq!(found.answered_by, AnsweredBy::File);
    }

    #[test]
    fn a_question_is_found_by_id_or_text() {
        check("platform", "everywhere", "everywhere", None);
        check("where does it  run", "A", "Linux", Some("A"));
        assert_eq!(Answers::default().to(&ask(AskKind::Interview)), None);
    }

    #[test]
    fn documents_and_permissions_are_judged() {
        let verdict = |kind, text: &str| {
            Answers::new(vec![("platform".to_owned(), text.to_owned())])
                .to(&ask(kind))
                .unwrap()
                .verdict
        };
        assert_eq!(verdict(AskKind::Document, "yes"), Some(Verdict::Approve));
        assert_eq!(
            verdict(AskKind::Plan, "use fewer files"),
            Some(Verdict::Revise {
                guidance: "use fewer files".to_owned()
            })
        );
        assert_eq!(
            verdict(AskKind::Permission, "no"),
            Some(Verdict::Reject {
                why: "no".to_owned()
            })
        );
    }
}

//! A question to a person and its answer, as they stand in the journal. Where a person is reached
//! is not known here: see the `Operator` port.

use serde::{Deserialize, Serialize};

/// Identifies an ask within its session, such as `features`, `approve-prd`, `ask-3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AskId(pub String);

impl AskId {
    /// Whether the packages of a plan may be fetched.
    pub const FETCH_PACKAGES: &str = "fetch-packages";
    const BLOCKED: &str = "blocked-";

    /// What becomes of a ticket that is blocked.
    pub fn blocked(ticket: &str) -> Self {
        Self(format!("{}{ticket}", Self::BLOCKED))
    }

    /// The ticket that such an ask is about.
    pub fn blocked_ticket(&self) -> Option<&str> {
        self.0.strip_prefix(Self::BLOCKED)
    }
}

impl std::fmt::Display for AskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Which one.
    pub id: AskId,
    /// What sort of question.
    pub kind: AskKind,
    /// The question, one or a few lines.
    pub text: String,
    /// Answers to choose from, shown as A, B, C, …; free text is always allowed too unless the
    /// kind says otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Why it is asked: what `?` shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// For an approval: the artifact's file name and the SHA-256 of what is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// For an interview question: its place, counted from 1, and how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(u32, u32)>,
}

/// What an approval is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// File name below `artifacts/`.
    pub artifact: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The rendered text to be shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shown: String,
}

/// The sorts of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// One question of the interview; `back`, `skip`, `done`, `edit N` are possible.
    Interview,
    /// The same, asked again because the answer was vague.
    Challenge,
    /// Approve a document: approve, edit, or send back with a sentence.
    Document,
    /// Approve the plan: the same, and tickets can be dropped and reordered.
    Plan,
    /// The model asks through `ask_user` or by marker.
    Question,
    /// Permission for one command or one fetch: yes or no.
    Permission,
    /// A ticket is blocked: retry (with a word of guidance), skip or stop. The others go on.
    Blocked,
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The words of the answer; for a chosen option, its text.
    #[serde(default)]
    pub text: String,
    /// The chosen option's letter, `A`, `B`, ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// The question was left open.
    #[serde(default, skip_serializing_if = "is_false")]
    pub skipped: bool,
    /// Who answered.
    pub answered_by: AnsweredBy,
    /// For approvals and permissions: what was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Who sent it, if it came from elsewhere than the run's own terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What a person decided about a document, a plan or a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Approve,
    /// Yes, with this content instead (JSON text of the artifact).
    Replace {
        /// The artifact's JSON.
        content: String,
    },
    /// The plan: these tickets, in this order; others are dropped.
    Arrange {
        /// Ticket ids.
        tickets: Vec<String>,
    },
    /// No: do it again with this guidance.
    Revise {
        /// A sentence.
        guidance: String,
    },
    /// No.
    Reject {
        /// Why.
        why: String,
    },
}

impl Verdict {
    /// As the text of an answer: what was approved, or what was said against it.
    pub fn words(&self) -> String {
        match self {
            Self::Approve | Self::Replace { .. } => "approved".to_owned(),
            Self::Arrange { tickets } => format!("approved: {}", tickets.join(", ")),
            Self::Revise { guidance } => guidance.clone(),
            Self::Reject { why } => why.clone(),
        }
    }
}

/// What a person wants done about a ticket that is blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Fresh attempts, up to the limit once more.
    Retry {
        /// What the model is told in them.
        note: Option<String>,
    },
    /// The ticket is left out, and what depends on it with it.
    Skip,
    /// The run stops and can be resumed; then it is asked again.
    Stop,
}

impl Way {
    /// As they are offered.
    pub const OPTIONS: [&str; 3] = ["retry", "skip", "stop"];

    /// What the answer means. `skip` and `stop` stand alone or before a comma or a colon; anything
    /// else is something that the model is to be told. Nothing at all stops: that loses nothing.
    pub fn of(answer: &Answer) -> Self {
        let text = answer.text.trim();
        let end = text.find(|c: char| !c.is_alphanumeric());
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let alone = rest.trim().is_empty() || rest.starts_with([',', ':', ';', '.']);
        match word.to_lowercase().as_str() {
            "" if answer.skipped => Self::Skip,
            "" if text.is_empty() => Self::Stop,
            "skip" if alone => Self::Skip,
            "stop" if alone => Self::Stop,
            "retry" => {
                let note = rest
                    .trim_start_matches(|c: char| !c.is_alphanumeric() && !"`'\"(/".contains(c));
                let note = note.trim();
                Self::Retry {
                    note: (!note.is_empty()).then(|| note.to_owned()),
                }
            }
            _ => Self::Retry {
                note: Some(text.to_owned()),
            },
        }
    }
}

/// Who answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// The person.
    #[default]
    User,
    /// The answers file.
    File,
    /// The model, because nobody else did.
    Model,
    /// `--yes`.
    Flag,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &Way) {
        let answer = Answer {
            text: text.to_owned(),
            ..Answer::default()
        };
        assert_eq!(Way::of(&answer), *expected, "{text:?}");
    }

    fn retry(note: &str) -> Way {
        Way::Retry {
            note: (!note.is_empty()).then(|| note.to_owned()),
        }
    }

    #[test]
    fn what_becomes_of_a_blocked_ticket_is_read_from_the_first_word() {
        check("retry", &retry(""));
        check(" Retry. ", &retry(""));
        check("retry use argparse", &retry("use argparse"));
        check("retry, but use argparse", &retry("but use argparse"));
        check(
            "RETRY: `unittest`, not pytest",
            &retry("`unittest`, not pytest"),
        );
        check("skip", &Way::Skip);
        check("Skip: nobody needs it", &Way::Skip);
        check("stop", &Way::Stop);
        check("", &Way::Stop);
        // What merely begins like it is something that the model is to be told.
        check("stop using pytest", &retry("stop using pytest"));
        check("use argparse", &retry("use argparse"));
        check("retrying is fine", &retry("retrying is fine"));
        let skipped = Answer {
            skipped: true,
            ..Answer::default()
        };
        assert_eq!(Way::of(&skipped), Way::Skip);
    }

    #[test]
    fn the_ask_about_a_blocked_ticket_names_it() {
        assert_eq!(AskId::blocked("T2").to_string(), "blocked-T2");
        assert_eq!(AskId::blocked("T2").blocked_ticket(), Some("T2"));
        assert_eq!(AskId("ask-2".to_owned()).blocked_ticket(), None);
    }
}

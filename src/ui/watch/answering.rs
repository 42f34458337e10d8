//! An answer that is being typed at the live screen. What a line means is read by the same rules as
//! at the prompt of a run (`ui/prompt`); what can only be done there is said to be so.

use crate::engine::approval::{Arrangement, Step, decide, revise};
use crate::engine::ask::{Ask, AskKind, Verdict};
use crate::engine::course::Said;
use crate::ui::prompt::{Editor, Key, Reading, Typed, decided, permit, read};
use crate::ui::surface::Drawing;
use crate::ui::text::{Line, Look, Tone, paragraph};
use crate::ui::words::question;

/// The most rows that what is typed takes.
const MOST_ROWS: usize = 4;

/// An open question, and what is typed as its answer.
pub(super) struct Answering {
    /// The session's id.
    pub(super) session: String,
    /// The question.
    pub(super) ask: Ask,
    /// The number of its `asked` line.
    pub(super) asked: u64,
    editor: Editor,
    arrangement: Option<Arrangement>,
    wanted: Wanted,
    remark: Vec<String>,
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Answer,
    /// The sentence that goes with sending a document back.
    Guidance,
}

/// What a key has led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// Nothing yet.
    Nothing,
    /// The answer, or where the interview goes instead.
    Said(Said),
    /// The person decides later.
    Leave,
}

impl Answering {
    pub(super) fn new(session: &str, ask: Ask, asked: u64) -> Self {
        Self {
            session: session.to_owned(),
            arrangement: (ask.kind == AskKind::Plan).then(|| Arrangement::new(&ask.options)),
            ask,
            asked,
            editor: Editor::default(),
            wanted: Wanted::Answer,
            remark: Vec::new(),
        }
    }

    pub(super) fn press(&mut self, key: Key) -> Given {
        match self.editor.press(key) {
            Typed::Going => Given::Nothing,
            Typed::Leave => Given::Leave,
            Typed::Complete => {
                let line = std::mem::take(&mut self.editor).text();
                self.remark.clear();
                self.take(&line)
            }
        }
    }

    /// Somebody else has answered: what is typed is shown, and sent to nobody.
    pub(super) fn lose(&mut self) {
        let id = &self.ask.id;
        self.remark = vec![format!(
            "{id} was answered elsewhere: your line is not sent; Enter or Esc."
        )];
    }

    /// The line goes on without meaning anything.
    pub(super) fn types_on(&mut self, key: Key) -> Typed {
        self.editor.press(key)
    }

    fn take(&mut self, line: &str) -> Given {
        if self.wanted == Wanted::Guidance {
            self.wanted = Wanted::Answer;
            return match line.trim() {
                "" => Given::Nothing,
                guidance => self.step(revise(guidance)),
            };
        }
        match self.ask.kind {
            AskKind::Interview | AskKind::Challenge | AskKind::Question | AskKind::Blocked => {
                self.answer(line)
            }
            AskKind::Document | AskKind::Plan => {
                if let Some(why) = refusal(line) {
                    return verdict(Verdict::Reject { why });
                }
                let step = match &mut self.arrangement {
                    Some(arrangement) => arrangement.take(line),
                    None => decide(line),
                };
                self.step(step)
            }
            AskKind::Permission => self.step(permit(line)),
        }
    }

    fn answer(&mut self, line: &str) -> Given {
        match read(line, &self.ask) {
            Reading::Answer(answer) | Reading::Cut(answer) => {
                return Given::Said(Said::Answer(answer));
            }
            Reading::Course(course) => return Given::Said(Said::Course(course)),
            Reading::Why => self.why(),
            Reading::Unclear(text) => self.say(&text),
        }
        Given::Nothing
    }

    fn step(&mut self, step: Step) -> Given {
        match step {
            Step::Decided(decision) => return verdict(decision),
            Step::Leave => return Given::Leave,
            Step::NeedsGuidance => {
                self.wanted = Wanted::Guidance;
                self.say("What should be different? An empty line goes back.");
            }
            Step::Edit => self.say(
                "A document is edited where the session runs. Here it is approved, or sent back with a sentence.",
            ),
            Step::Why => self.why(),
            Step::Changed => self.arranged(),
            Step::Unclear(text) => self.say(&text),
        }
        Given::Nothing
    }

    fn say(&mut self, text: &str) {
        self.remark = vec![text.to_owned()];
    }

    fn why(&mut self) {
        let why = match self.ask.why.as_str() {
            "" => "nobody said",
            why => why,
        };
        self.remark = vec![format!("why: {why}")];
    }

    fn arranged(&mut self) {
        if let Some(arrangement) = &self.arrangement {
            let dropped = arrangement.dropped.iter();
            self.remark = arrangement
                .tickets
                .iter()
                .cloned()
                .chain(dropped.map(|ticket| format!("dropped: {ticket}")))
                .chain(arrangement.remarks())
                .collect();
        }
    }

    /// The question in full.
    pub(super) fn lines(&self, look: &Look) -> Vec<Line> {
        let mut lines = question::body(&self.ask, look);
        if matches!(self.ask.kind, AskKind::Document | AskKind::Plan) {
            let more = "`no` and why: the session ends without it";
            lines.extend(paragraph(Tone::Dim, more, "", look));
        }
        lines
    }

    /// What was said about the last line.
    pub(super) fn remarks(&self, look: &Look) -> Vec<Line> {
        self.remark
            .iter()
            .flat_map(|text| paragraph(Tone::Warn, text, "", look))
            .collect()
    }

    /// The line that is typed.
    pub(super) fn drawing(&self, look: &Look) -> Drawing {
        let prompt = match (self.wanted, self.ask.kind) {
            (Wanted::Guidance, _) => "send back > ",
            (Wanted::Answer, AskKind::Permission) => "y/N > ",
            (Wanted::Answer, _) => "answer > ",
        };
        self.editor.draw(prompt, look.columns, MOST_ROWS)
    }

    /// How many rows that is, with what was said about the last line.
    pub(super) fn rows(&self, look: &Look) -> usize {
        self.drawing(look).rows.len() + self.remarks(look).len()
    }
}

fn verdict(verdict: Verdict) -> Given {
    Given::Said(Said::Answer(decided(verdict)))
}

/// `no`, with a reason or without: what ends the session, as it does in an answers file.
fn refusal(line: &str) -> Option<String> {
    let (word, why) = line
        .trim()
        .split_once(char::is_whitespace)
        .unwrap_or((line.trim(), ""));
    word.eq_ignore_ascii_case("no")
        .then(|| why.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ask::AskId;
    use crate::engine::course::Course;

    fn ask(kind: AskKind, options: &[&str]) -> Answering {
        let ask = Ask {
            id: AskId("it".to_owned()),
            kind,
            text: "Well?".to_owned(),
            options: options.iter().map(|&option| option.to_owned()).collect(),
            why: String::new(),
            reference: None,
            place: None,
        };
        Answering::new("session", ask, 7)
    }

    fn typed(answering: &mut Answering, line: &str) -> Given {
        for ch in line.chars() {
            assert_eq!(answering.press(Key::Text(ch)), Given::Nothing);
        }
        answering.press(Key::Enter)
    }

    #[track_caller]
    fn decides(answering: &mut Answering, line: &str, decision: Verdict) {
        assert_eq!(typed(answering, line), verdict(decision));
    }

    #[test]
    fn a_letter_or_words_answer_a_question() {
        let mut open = ask(AskKind::Interview, &["a file", "memory"]);
        let Given::Said(Said::Answer(answer)) = typed(&mut open, "B") else {
            panic!("no answer")
        };
        assert_eq!(
            (answer.text.as_str(), answer.option.as_deref()),
            ("memory", Some("B"))
        );
        let done = Given::Said(Said::Course(Course::Done));
        assert_eq!(typed(&mut open, "done"), done);
        assert_eq!(typed(&mut open, "back"), Given::Nothing);
        assert!(open.remark[0].contains("first question"));
        assert_eq!(typed(&mut open, "Z"), Given::Nothing);
        assert!(open.remark[0].contains("no option Z"));
    }

    #[test]
    fn a_document_is_approved_sent_back_or_rejected() {
        let open = || ask(AskKind::Document, &[]);
        decides(&mut open(), "a", Verdict::Approve);
        let guidance = "shorter".to_owned();
        decides(&mut open(), "s shorter", Verdict::Revise { guidance });
        let mut asked = open();
        assert_eq!(typed(&mut asked, "s"), Given::Nothing);
        assert_eq!(asked.wanted, Wanted::Guidance);
        let guidance = "with tests".to_owned();
        decides(&mut asked, "with tests", Verdict::Revise { guidance });
        let why = "not now".to_owned();
        decides(&mut open(), "no not now", Verdict::Reject { why });
        assert_eq!(typed(&mut open(), ""), Given::Nothing);
        assert_eq!(typed(&mut open(), "q"), Given::Leave);
    }

    #[test]
    fn a_plan_can_be_arranged_and_a_permission_is_no_unless_it_is_yes() {
        let mut plan = ask(AskKind::Plan, &["T1 Add", "T2 Mark"]);
        assert_eq!(typed(&mut plan, "drop T2"), Given::Nothing);
        let tickets = vec!["T1".to_owned()];
        decides(&mut plan, "a", Verdict::Arrange { tickets });
        let mut permission = ask(AskKind::Permission, &[]);
        let why = String::new();
        decides(&mut permission, "", Verdict::Reject { why });
        decides(&mut permission, "yes", Verdict::Approve);
    }
}

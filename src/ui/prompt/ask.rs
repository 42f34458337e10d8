//! The course of each kind of question, from showing it to the response. What a line means is read
//! in `answer` and in the engine's `approval`; how it is worded stands in `ui/words/question.rs`.

use std::sync::Arc;

use super::answer::{Reading, read};
use super::document::{Edited, edit};
use super::person::{Conversation, Entered, Person, Typing};
use super::raw::TypedAhead;
use crate::engine::approval::{Arrangement, Step, decide, revise};
use crate::engine::ask::{Answer, Ask, AskKind, Reference, Verdict};
use crate::engine::ports::Response;
use crate::ui::display::Shared;
use crate::ui::text::{Tone, paragraph};
use crate::ui::words::question;

const PROMPT: &str = "> ";

/// Asks the person and waits.
pub(in crate::ui) async fn ask(
    person: &Person,
    typing: &mut Typing,
    shared: Arc<Shared>,
    ask: &Ask,
) -> Response {
    let ahead = match ask.kind {
        AskKind::Interview | AskKind::Challenge | AskKind::Question => TypedAhead::Keep,
        AskKind::Blocked | AskKind::Document | AskKind::Plan | AskKind::Permission => {
            TypedAhead::Discard
        }
    };
    let earlier = match ask.kind {
        AskKind::Interview | AskKind::Challenge => {
            shared.with(|display| display.facts.answer_to(&ask.id).map(str::to_owned))
        }
        AskKind::Question
        | AskKind::Document
        | AskKind::Plan
        | AskKind::Permission
        | AskKind::Blocked => None,
    };
    let Ok(mut talk) = Conversation::begin(person, typing, shared, ahead) else {
        return Response::Unavailable;
    };
    talk.say(|look| question::question(ask, look));
    if let Some(earlier) = earlier {
        talk.say(|look| question::earlier(&earlier, look));
    }
    match ask.kind {
        AskKind::Interview | AskKind::Challenge | AskKind::Question | AskKind::Blocked => {
            answer(&mut talk, ask).await
        }
        AskKind::Document => document(&mut talk, ask).await,
        AskKind::Plan => plan(&mut talk, ask).await,
        AskKind::Permission => permission(&mut talk, ask).await,
    }
}

fn remark(talk: &Conversation<'_>, text: &str) {
    talk.say(|look| paragraph(Tone::Warn, text, "", look));
}

async fn answer(talk: &mut Conversation<'_>, ask: &Ask) -> Response {
    loop {
        let Entered::Line(line) = talk.line(PROMPT).await else {
            return Response::Interrupted;
        };
        match read(&line, ask) {
            Reading::Answer(answer) => {
                if answer.option.is_some() || ask.kind == AskKind::Blocked {
                    talk.say(|look| question::understood(&ask.id, &answer, look));
                }
                return Response::Answer(answer);
            }
            Reading::Cut(answer) => {
                let most = question::LONGEST_ANSWER;
                remark(
                    talk,
                    &format!("warning: the answer was cut to its first {most} characters."),
                );
                return Response::Answer(answer);
            }
            Reading::Why => talk.say(|look| {
                let mut lines = question::why(ask, look);
                lines.extend(question::hint(ask, look));
                lines
            }),
            Reading::Course(course) => return Response::Course(course),
            Reading::Unclear(text) => remark(talk, &text),
        }
    }
}

fn verdict(verdict: Verdict) -> Response {
    Response::Answer(decided(verdict))
}

/// A decision as an answer.
pub(in crate::ui) fn decided(verdict: Verdict) -> Answer {
    Answer {
        text: verdict.words(),
        verdict: Some(verdict),
        ..Answer::default()
    }
}

/// A sentence that goes with sending back; an empty one returns to the choices.
async fn guidance(talk: &mut Conversation<'_>) -> Option<Step> {
    talk.say(|look| paragraph(Tone::Bold, "What should be different?", "", look));
    match talk.line(PROMPT).await {
        Entered::Leave => Some(Step::Leave),
        Entered::Line(line) if line.trim().is_empty() => None,
        Entered::Line(line) => Some(revise(&line)),
    }
}

async fn document(talk: &mut Conversation<'_>, ask: &Ask) -> Response {
    let nothing = Reference {
        artifact: "document.md".to_owned(),
        sha256: String::new(),
        shown: String::new(),
    };
    let reference = ask.reference.as_ref().unwrap_or(&nothing);
    loop {
        let Entered::Line(line) = talk.line(PROMPT).await else {
            return Response::Interrupted;
        };
        let mut step = decide(&line);
        if step == Step::NeedsGuidance {
            let Some(next) = guidance(talk).await else {
                talk.say(|look| question::hint(ask, look));
                continue;
            };
            step = next;
        }
        match step {
            Step::Decided(decision) => return verdict(decision),
            Step::Edit => match edit(talk, reference).await {
                Edited::Content(content) => return verdict(Verdict::Replace { content }),
                Edited::Leave => return Response::Interrupted,
                Edited::Nothing(why) => {
                    remark(talk, &why);
                    talk.say(|look| question::hint(ask, look));
                }
            },
            Step::Why => talk.say(|look| question::why(ask, look)),
            Step::Leave => return Response::Interrupted,
            Step::Unclear(text) => remark(talk, &text),
            Step::Changed | Step::NeedsGuidance => {}
        }
    }
}

async fn plan(talk: &mut Conversation<'_>, ask: &Ask) -> Response {
    let mut arrangement = Arrangement::new(&ask.options);
    loop {
        let Entered::Line(line) = talk.line(PROMPT).await else {
            return Response::Interrupted;
        };
        let mut step = arrangement.take(&line);
        if step == Step::NeedsGuidance {
            let Some(next) = guidance(talk).await else {
                talk.say(|look| question::hint(ask, look));
                continue;
            };
            step = next;
        }
        match step {
            Step::Decided(decision) => return verdict(decision),
            Step::Changed => talk.say(|look| {
                let Arrangement {
                    tickets, dropped, ..
                } = &arrangement;
                let mut lines = question::arrangement(tickets, dropped, look);
                for remark in arrangement.remarks() {
                    lines.extend(paragraph(Tone::Warn, &remark, "", look));
                }
                lines
            }),
            Step::Why => talk.say(|look| question::why(ask, look)),
            Step::Leave => return Response::Interrupted,
            Step::Unclear(text) => remark(talk, &text),
            Step::Edit | Step::NeedsGuidance => {}
        }
    }
}

/// No is what an empty line says, and what is not clearly a yes is asked again.
async fn permission(talk: &mut Conversation<'_>, ask: &Ask) -> Response {
    loop {
        let Entered::Line(line) = talk.line("y/N > ").await else {
            return Response::Interrupted;
        };
        match permit(&line) {
            Step::Decided(decision) => return verdict(decision),
            Step::Why => talk.say(|look| question::why(ask, look)),
            Step::Unclear(text) => remark(talk, &text),
            Step::Changed | Step::NeedsGuidance | Step::Edit | Step::Leave => {}
        }
    }
}

/// A line as a yes or no: no is what an empty one says.
pub(in crate::ui) fn permit(line: &str) -> Step {
    let line = line.trim();
    let (word, why) = line.split_once([' ', ',']).unwrap_or((line, ""));
    match (word.to_ascii_lowercase().as_str(), why.trim()) {
        ("y" | "yes", "") => Step::Decided(Verdict::Approve),
        ("" | "n" | "no", why) => Step::Decided(Verdict::Reject {
            why: why.to_owned(),
        }),
        ("?" | "why", _) => Step::Why,
        _ => Step::Unclear("Type y to allow it, or Enter to say no.".to_owned()),
    }
}

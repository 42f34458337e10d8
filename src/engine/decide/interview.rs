//! The interview: the program leads, the model proposes. Triage and questions in one request,
//! one question at a time, a coverage check, and at the end what a person left open.

use serde_json::json;

use super::effect::{Effect, note_with};
use crate::engine::artifact::{
    ArtifactName, Interview, Question, SchemaKind, accept_coverage, accept_fill, accept_questions,
    built_in_questions, is_vague, read_json,
};
use crate::engine::ask::{Answer, AnsweredBy, Ask, AskId, AskKind};
use crate::engine::context::Opening;
use crate::engine::event::{Author, Event, NoteKind, Purpose};
use crate::engine::phase::Step;
use crate::engine::session::{Conversation, Session, Tail};

/// After so many unusable proposals the built-in questions stand in.
const TRIES: u32 = 3;

/// What the interview still needs.
pub(super) fn next(session: &Session, step: &Step, most: usize, rounds: u32) -> Option<Effect> {
    if session.simple == Some(true) {
        return None;
    }
    if session.simple.is_none() {
        return Some(match open(session, &Purpose::Questions) {
            Some(conversation) => propose(conversation, most),
            None => opening(step, Purpose::Questions),
        });
    }
    if let Some(place) = session.interview.next_open() {
        return Some(Effect::AskPerson(ask(session, place, AskKind::Interview)));
    }
    if let Some(place) = to_be_challenged(session) {
        return Some(Effect::AskPerson(ask(session, place, AskKind::Challenge)));
    }
    if !session.interview.covered {
        // Where nothing was answered there is nothing to judge; what is open gets filled in.
        let answered = session.interview.record.questions.iter().any(|question| {
            question
                .answer
                .as_ref()
                .is_some_and(|answer| !answer.text.is_empty())
        });
        return Some(if session.interview.record.rounds >= rounds || !answered {
            Effect::Record(vec![covered()])
        } else {
            match open(session, &Purpose::Coverage) {
                Some(conversation) => coverage(session, conversation, most),
                None => opening(step, Purpose::Coverage),
            }
        });
    }
    if !session.interview.unfilled().is_empty() && !session.interview.filled {
        return Some(match open(session, &Purpose::Fill) {
            Some(conversation) => fill(session, conversation),
            None => opening(step, Purpose::Fill),
        });
    }
    let stored = session
        .artifacts
        .get(&ArtifactName::Interview)
        .map(|stored| &stored.content);
    let current = serde_json::to_value(&session.interview.record).unwrap_or_default();
    (stored != Some(&current)).then(|| Effect::WriteArtifact {
        name: ArtifactName::Interview,
        content: current,
        by: Author::Program,
        then: Vec::new(),
    })
}

fn open<'a>(session: &'a Session, purpose: &Purpose) -> Option<&'a Conversation> {
    session
        .conversation
        .as_ref()
        .filter(|conversation| conversation.purpose == *purpose)
}

fn opening(step: &Step, purpose: Purpose) -> Effect {
    Effect::OpenConversation(Opening {
        purpose,
        step: step.clone(),
        ticket: None,
    })
}

/// Waits for a usable JSON reply: what to do until then, or what was accepted.
fn accepted<T>(
    conversation: &Conversation,
    schema: SchemaKind,
    accept: impl Fn(&serde_json::Value) -> Result<T, Vec<String>>,
) -> Result<T, Box<Effect>> {
    let faults = match &conversation.tail {
        Tail::Text(text) => match read_json(text)
            .map_err(|fault| vec![fault])
            .and_then(|json| accept(&json))
        {
            Ok(value) => return Ok(value),
            Err(faults) => faults,
        },
        Tail::Rejected(why) => vec![why.clone()],
        Tail::ModelNext | Tail::Calls | Tail::Claim { .. } | Tail::Settled => {
            return Err(Box::new(Effect::CallModel {
                format: Some(schema),
            }));
        }
    };
    Err(Box::new(Effect::Record(vec![super::document::correction(
        &faults,
    )])))
}

fn out_of_tries(conversation: &Conversation) -> bool {
    conversation.rejected >= TRIES
}

fn propose(conversation: &Conversation, most: usize) -> Effect {
    if out_of_tries(conversation) {
        return start_with(built_in_questions(), false);
    }
    match accepted(conversation, SchemaKind::Questions, |json| {
        accept_questions(json, most)
    }) {
        Ok(proposal) if proposal.simple => start_with(Vec::new(), true),
        Ok(proposal) if proposal.questions.is_empty() => start_with(built_in_questions(), false),
        Ok(proposal) => start_with(proposal.questions, false),
        Err(effect) => *effect,
    }
}

fn start_with(questions: Vec<Question>, simple: bool) -> Effect {
    let interview = Interview {
        questions,
        rounds: 0,
    };
    Effect::WriteArtifact {
        name: ArtifactName::Interview,
        content: serde_json::to_value(interview).unwrap_or_default(),
        by: Author::Program,
        then: vec![note_with(
            NoteKind::Triage,
            if simple {
                "a simple task: one ticket, no documents to approve"
            } else {
                "a task with an interview"
            },
            json!({"simple": simple}),
        )],
    }
}

fn covered() -> Event {
    note_with(
        NoteKind::Triage,
        "the answers suffice",
        json!({"covered": true}),
    )
}

fn coverage(session: &Session, conversation: &Conversation, most: usize) -> Effect {
    if out_of_tries(conversation) {
        return Effect::Record(vec![covered()]);
    }
    let asked = &session.interview.record;
    match accepted(conversation, SchemaKind::Coverage, |json| {
        accept_coverage(json, most, &asked.questions)
    }) {
        Ok(coverage) if coverage.complete || coverage.questions.is_empty() => {
            Effect::Record(vec![covered()])
        }
        Ok(coverage) => {
            let mut interview = asked.clone();
            interview.questions.extend(coverage.questions);
            interview.rounds += 1;
            Effect::WriteArtifact {
                name: ArtifactName::Interview,
                content: serde_json::to_value(interview).unwrap_or_default(),
                by: Author::Program,
                then: Vec::new(),
            }
        }
        Err(effect) => *effect,
    }
}

/// What the model filled in; a question it left out stays open, and the PRD names an assumption.
fn fill(session: &Session, conversation: &Conversation) -> Effect {
    let done = note_with(
        NoteKind::Triage,
        "open questions were filled in",
        json!({"filled": true}),
    );
    if conversation.rejected >= 2 {
        return Effect::Record(vec![done]);
    }
    match accepted(conversation, SchemaKind::Fill, |json| {
        accept_fill(json, &session.interview.record.questions)
    }) {
        Ok(answers) => {
            let mut events: Vec<Event> = session
                .interview
                .unfilled()
                .into_iter()
                .filter_map(|question| {
                    let filled = answers.iter().find(|filled| filled.id == question.id)?;
                    let answer = Answer {
                        text: filled.text.clone(),
                        skipped: true,
                        answered_by: AnsweredBy::Model,
                        ..Answer::default()
                    };
                    Some(Event::Answered {
                        id: AskId(question.id.clone()),
                        answer,
                    })
                })
                .collect();
            events.push(done);
            Effect::Record(events)
        }
        Err(effect) => *effect,
    }
}

/// A vague answer of a person is challenged once; a file's answers are taken as they are.
fn to_be_challenged(session: &Session) -> Option<usize> {
    session
        .interview
        .record
        .questions
        .iter()
        .position(|question| {
            question.answer.as_ref().is_some_and(|answer| {
                answer.answered_by == AnsweredBy::User
                    && !answer.skipped
                    && answer.option.is_none()
                    && is_vague(&answer.text)
            }) && !session
                .interview
                .challenged
                .contains(&AskId(question.id.clone()))
        })
}

/// The ask of a question of the interview, counted from 0.
pub fn question_ask(session: &Session, place: usize) -> Option<Ask> {
    (place < session.interview.record.questions.len())
        .then(|| ask(session, place, AskKind::Interview))
}

fn ask(session: &Session, place: usize, kind: AskKind) -> Ask {
    let questions = &session.interview.record.questions;
    let question = &questions[place];
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ask {
        id: AskId(question.id.clone()),
        kind,
        text: question.text.clone(),
        options: question.options.clone(),
        why: question.why.clone(),
        reference: None,
        place: Some((count(place + 1), count(questions.len()))),
    }
}

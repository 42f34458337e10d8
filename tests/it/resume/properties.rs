//! No order of events makes the fold or the decision panic, and none makes what follows from a
//! decision panic.

use std::sync::OnceLock;

use loop_orchestration::engine::artifact::ArtifactName;
use loop_orchestration::engine::ask::{Answer, AnsweredBy, Ask, AskId, AskKind, Verdict};
use loop_orchestration::engine::call::CallId;
use loop_orchestration::engine::context::{Extras, compaction, opening};
use loop_orchestration::engine::decide::{Effect, decide};
use loop_orchestration::engine::event::{
    Audience, Author, Event, Gate, Note, NoteKind, Outcome, Record, Replied, RequestKind,
};
use loop_orchestration::engine::gate::told;
use loop_orchestration::engine::manner::Manners;
use loop_orchestration::engine::message::{Message, Role};
use loop_orchestration::engine::reply::Reply;
use loop_orchestration::engine::session::Session;
use loop_orchestration::engine::summary::{Places, summary};
use loop_orchestration::engine::tool::{ToolResult, ToolStatus};
use loop_orchestration::store::read;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::stage::Stage;

/// The lines of a finished run.
fn real() -> &'static [Record] {
    static RECORDS: OnceLock<Vec<Record>> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let stage = Stage::new();
        stage.start(&mut || {});
        read(&stage.journal_path()).unwrap().records
    })
}

fn audience() -> impl Strategy<Value = Option<Audience>> {
    prop_oneof![
        Just(None),
        Just(Some(Audience::All)),
        word().prop_map(|id| Some(Audience::Ticket(id))),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("T1"),
        Just("T2"),
        Just("storage"),
        Just("approve-prd"),
        Just("approve-plan"),
        Just("implement"),
        Just("plan"),
        Just("prd"),
        Just("ask-1"),
        Just("blocked-T1"),
        Just("retry"),
        Just("skip"),
        Just("c1"),
        Just("é…"),
        Just(""),
    ]
    .prop_map(str::to_owned)
}

fn verdict() -> impl Strategy<Value = Option<Verdict>> {
    prop_oneof![
        Just(None),
        Just(Some(Verdict::Approve)),
        word().prop_map(|why| Some(Verdict::Reject { why })),
        word().prop_map(|guidance| Some(Verdict::Revise { guidance })),
        word().prop_map(|content| Some(Verdict::Replace { content })),
        prop::collection::vec(word(), 0..3).prop_map(|tickets| Some(Verdict::Arrange { tickets })),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let kind = prop_oneof![
        Just(AskKind::Interview),
        Just(AskKind::Challenge),
        Just(AskKind::Question),
        Just(AskKind::Document),
        Just(AskKind::Plan),
        Just(AskKind::Permission),
        Just(AskKind::Blocked),
    ];
    (word(), kind).prop_map(|(id, kind)| Ask {
        id: AskId(id),
        kind,
        text: "?".to_owned(),
        options: Vec::new(),
        why: String::new(),
        reference: None,
        place: None,
    })
}

/// Events that no run would write, or not there.
fn odd() -> impl Strategy<Value = Event> {
    prop_oneof![of_the_session(), of_a_conversation(), of_a_document()]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Completed),
        Just(Outcome::Blocked),
        Just(Outcome::Refused),
        Just(Outcome::Skipped)
    ]
}

/// Phases, tickets, resumes.
fn of_the_session() -> impl Strategy<Value = Event> {
    prop_oneof![
        word().prop_map(|name| Event::PhaseEntered { name, reason: None }),
        (word(), outcome()).prop_map(|(reason, outcome)| Event::PhaseFinished { outcome, reason }),
        (1..5u32).prop_map(|attempt| Event::TicketStarted {
            attempt,
            tree: None,
            seed: None,
            warmer: None,
        }),
        (1..5u32, word()).prop_map(|(attempt, reason)| Event::AttemptFailed {
            attempt,
            reason,
            note: None
        }),
        prop::option::of(word()).prop_map(|from| Event::Resumed {
            version: String::new(),
            from,
            until: None,
            settings: None,
            manners: Manners::default(),
        }),
        outcome().prop_map(|outcome| Event::SessionFinished {
            outcome,
            reason: String::new()
        }),
    ]
}

/// Replies, results, checks and what is said between them.
fn of_a_conversation() -> impl Strategy<Value = Event> {
    let text = prop_oneof![
        Just("[TASK_COMPLETE]"),
        Just("[NEEDS_USER_INPUT]"),
        Just("{}"),
        Just("é"),
        Just(""),
        Just("{\"decision\":\"complete\"}"),
    ];
    let to = prop_oneof![Just(RequestKind::Turn), Just(RequestKind::Decision)];
    let gate = prop_oneof![Just(Gate::Verdict), Just(Gate::Packages)];
    prop_oneof![
        (text, to).prop_map(|(text, to)| Event::Replied(Replied {
            reply: Reply {
                content: text.to_owned(),
                ..Reply::default()
            },
            to,
            ms: 1,
            estimated: None,
            prefix: None,
        })),
        word().prop_map(|id| Event::ToolFinished {
            id: CallId(id),
            result: ToolResult::new(ToolStatus::Ok, "x"),
            ms: 1,
            changed: Vec::new(),
            tree: None,
            mode: None,
        }),
        (0..40usize).prop_map(|keep_from| Event::Compacted {
            summary: Message::text(Role::User, "so far"),
            keep_from,
            before: 1,
            after: 1,
        }),
        (word(), audience()).prop_map(|(text, to)| Event::Told {
            text,
            to,
            letter: None
        }),
        (gate, any::<bool>()).prop_map(|(gate, passed)| Event::Checked(told(gate, passed, "x"))),
    ]
}

/// Questions, answers, notes and artifacts.
fn of_a_document() -> impl Strategy<Value = Event> {
    let note = prop_oneof![
        Just(NoteKind::Nudge),
        Just(NoteKind::Correction),
        Just(NoteKind::CheckFailed),
        Just(NoteKind::Guidance),
        Just(NoteKind::Picture),
        Just(NoteKind::Triage),
        Just(NoteKind::Window),
        Just(NoteKind::Snapshot),
        Just(NoteKind::TakenBack),
        Just(NoteKind::Smoked),
        Just(NoteKind::Loop),
        Just(NoteKind::ResultKept),
        Just(NoteKind::ResultChosen),
        Just(NoteKind::LeftBlocked),
    ];
    let artifact = prop_oneof![
        Just(ArtifactName::Interview),
        Just(ArtifactName::Prd),
        Just(ArtifactName::Tickets),
        Just(ArtifactName::Plan),
        Just(ArtifactName::Review),
        Just(ArtifactName::Research),
    ];
    let data = prop_oneof![
        Just(Value::Null),
        Just(json!(7)),
        Just(json!("tree")),
        Just(json!({})),
        Just(json!({"simple": true})),
        Just(json!({"simple": false})),
        Just(json!({"covered": true})),
        Just(json!({"attempt": 1, "tree": "t", "lines": 3, "proof": "shown", "paths": []})),
        Just(json!({"attempt": 1, "whole": true})),
        Just(json!({"rule": "same_call", "count": 2})),
        Just(json!({"rule": "thinking", "count": 3, "follows": "end"})),
    ];
    prop_oneof![
        ask().prop_map(|ask| Event::Asked { ask }),
        (word(), word(), verdict()).prop_map(|(id, text, verdict)| Event::Answered {
            id: AskId(id),
            answer: Answer {
                text,
                verdict,
                answered_by: AnsweredBy::User,
                ..Answer::default()
            },
        }),
        (note, word(), data.clone()).prop_map(|(kind, text, data)| Event::Note(Note {
            kind,
            text,
            data
        })),
        (artifact, data).prop_map(|(name, content)| Event::ArtifactWritten {
            name,
            content,
            sha256: String::new(),
            by: Author::Model,
        }),
    ]
}

/// A step of a made-up journal: a line of the real one, or something odd.
#[derive(Clone, Debug)]
enum Line {
    Real(Index),
    Odd(Box<Event>, Option<&'static str>),
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let ticket = prop_oneof![Just(None), Just(Some("T1")), Just(Some("T9"))];
    let line = prop_oneof![
        3 => any::<Index>().prop_map(Line::Real),
        2 => (odd(), ticket).prop_map(|(event, ticket)| Line::Odd(Box::new(event), ticket)),
    ];
    prop::collection::vec(line, 0..60)
}

/// Decides, and looks at what the decision needs from the engine.
fn look(session: &Session) {
    match decide(session) {
        Effect::OpenConversation(wanted) => {
            opening(session, &wanted, &Extras::default());
        }
        Effect::Compact => {
            compaction(session, session.conversation.as_ref().unwrap(), &[]);
        }
        _ => {}
    }
    if let Some(conversation) = &session.conversation {
        compaction(session, conversation, &["a.py (1 line)".to_owned()]);
    }
    let places = Places {
        snapshots: String::new(),
        project: String::new(),
    };
    summary(session, Outcome::Blocked, &places);
}

fn follow(begun: usize, lines: &[Line]) {
    let real = real();
    let mut session = Session::fold(&real[..begun]).unwrap();
    look(&session);
    for (seq, line) in (begun as u64 + 1..).zip(lines) {
        let record = match line {
            Line::Real(index) => Record {
                seq,
                ..index.get(real).clone()
            },
            Line::Odd(event, ticket) => Record {
                seq,
                at: String::new(),
                phase: Some("implement".to_owned()),
                ticket: ticket.map(str::to_owned),
                event: (**event).clone(),
            },
        };
        session.apply(&record);
        look(&session);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_panics(begun in any::<Index>(), lines in lines()) {
        follow(begun.index(real().len()) + 1, &lines);
    }
}

#[test]
fn every_prefix_of_a_real_run_is_decided_the_way_it_went() {
    let real = real();
    for begun in 1..real.len() {
        let session = Session::fold(&real[..begun]).unwrap();
        look(&session);
        // A record that decide asks for is the one that was written.
        if let Effect::Record(events) = decide(&session) {
            assert_eq!(events[0], real[begun].event, "after line {begun}");
        }
    }
}

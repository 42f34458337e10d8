//! Conversations that are full: shortening them must free something, or the attempt is over.

use loop_orchestration::engine::decide::{Effect, decide};
use loop_orchestration::engine::event::{Event, Note, NoteKind, Purpose, Record};
use loop_orchestration::engine::message::{Message, Role};
use loop_orchestration::engine::session::{Session, Tail};
use loop_orchestration::store::read;
use serde_json::Value;

use super::stage::Stage;

/// A session in the middle of its first ticket: the model has read a few files, and it is its turn.
fn in_a_ticket() -> Session {
    let stage = Stage::new();
    stage.start(&mut || {});
    let records = read(&stage.journal_path()).unwrap().records;
    let in_ticket = |end: usize| {
        let session = Session::fold(&records[..end]).unwrap();
        let conversation = session.conversation.as_ref()?;
        let is_it = session.current_ticket.is_some()
            && conversation.purpose == Purpose::Work
            && conversation.tail == Tail::ModelNext
            && conversation.turns >= 2;
        is_it.then_some(session)
    };
    (1..records.len()).find_map(in_ticket).unwrap()
}

fn happens(session: &mut Session, event: Event) {
    let record = Record {
        seq: session.last_seq + 1,
        at: String::new(),
        phase: Some("implement".to_owned()),
        ticket: session.current_ticket.clone(),
        event,
    };
    session.apply(&record);
}

fn told(session: &mut Session, bytes: usize) {
    let text = "x".repeat(bytes);
    happens(
        session,
        Event::Note(Note {
            kind: NoteKind::Guidance,
            text,
            data: Value::Null,
        }),
    );
}

/// A compaction from 1,000 tokens to so many, after which a turn was possible.
fn compacted(session: &mut Session, after: u64) {
    let keep_from = session.conversation.as_ref().unwrap().messages.len();
    let summary = Message::text(Role::User, "Work so far");
    let before = 1_000;
    happens(
        session,
        Event::Compacted {
            summary,
            keep_from,
            before,
            after,
        },
    );
    session.conversation.as_mut().unwrap().compactions = 0;
}

#[test]
fn two_compactions_that_free_too_little_end_the_attempt_and_not_the_run() {
    let mut session = in_a_ticket();
    assert!(matches!(decide(&session), Effect::CallModel { .. }));
    told(&mut session, 200_000);
    assert_eq!(decide(&session), Effect::Compact);

    compacted(&mut session, 950);
    told(&mut session, 200_000);
    told(&mut session, 1);
    assert_eq!(decide(&session), Effect::Compact, "once is no proof");

    compacted(&mut session, 900);
    told(&mut session, 200_000);
    told(&mut session, 1);
    let Effect::Record(events) = decide(&session) else {
        panic!("{:?}", decide(&session));
    };
    let [
        Event::AttemptFailed {
            attempt: 1, reason, ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}");
    };
    assert!(
        reason.contains("do not fit in the context window"),
        "{reason}"
    );
}

#[test]
fn compactions_that_free_enough_may_be_many() {
    let mut session = in_a_ticket();
    for after in [950, 400, 950, 300] {
        told(&mut session, 200_000);
        told(&mut session, 1);
        assert_eq!(decide(&session), Effect::Compact);
        compacted(&mut session, after);
    }
}

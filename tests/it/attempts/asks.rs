//! Several questions may be open at once: one that the run waits for, and one for each ticket
//! that is blocked.

use loop_orchestration::engine::ask::{Answer, Ask, AskId, AskKind};
use loop_orchestration::engine::attempts::question;
use loop_orchestration::engine::decide::{Effect, decide};
use loop_orchestration::engine::event::{Event, Record};
use loop_orchestration::engine::session::{Session, Waits};
use loop_orchestration::store::read;

use super::scenes::stuck;
use crate::resume::stage::Stage;

fn ask(id: &str, kind: AskKind) -> Ask {
    Ask {
        id: AskId(id.to_owned()),
        kind,
        text: "?".to_owned(),
        options: Vec::new(),
        why: String::new(),
        reference: None,
        place: None,
    }
}

/// What a run would write next, if it only writes.
fn next(session: &Session) -> Event {
    match decide(session) {
        Effect::Record(mut events) => events.remove(0),
        other => panic!("{other:?}"),
    }
}

fn add(session: &mut Session, ticket: Option<&str>, event: Event) {
    let record = Record {
        seq: session.last_seq + 1,
        at: String::new(),
        phase: Some("implement".to_owned()),
        ticket: ticket.map(str::to_owned),
        event,
    };
    session.apply(&record);
}

fn open(session: &Session) -> Vec<(&str, &Waits)> {
    let open = session.open_asks.iter();
    open.map(|(id, open)| (id.0.as_str(), &open.waits))
        .collect()
}

#[test]
fn a_blocked_ticket_stays_open_beside_the_question_that_the_run_waits_for() {
    let stage = Stage::new();
    stage.start(&mut || {});
    let records = read(&stage.journal_path()).unwrap().records;
    let mut session = Session::begin(&records[0]).unwrap();
    let t2 = Waits::Ticket("T2".to_owned());
    let answered = |id: &str| Event::Answered {
        id: AskId(id.to_owned()),
        answer: Answer::default(),
    };

    let blocked = ask("blocked-T2", AskKind::Blocked);
    add(&mut session, Some("T2"), Event::Asked { ask: blocked });
    assert_eq!(session.open_ask(), None);
    let first = ask("ask-1", AskKind::Question);
    let asked = Event::Asked { ask: first.clone() };
    add(&mut session, None, asked);
    assert_eq!(session.open_ask(), Some(&first));
    assert!(session.is_open(&first));
    assert_eq!(session.open_asks[&first.id].seq, session.last_seq);
    assert_eq!(
        open(&session),
        [("ask-1", &Waits::Run), ("blocked-T2", &t2)]
    );

    // The run waits for one question at a time.
    let second = ask("ask-2", AskKind::Permission);
    add(&mut session, None, Event::Asked { ask: second });
    assert_eq!(
        open(&session),
        [("ask-2", &Waits::Run), ("blocked-T2", &t2)]
    );
    add(&mut session, None, answered("ask-1"));
    add(&mut session, None, answered("ask-2"));
    assert_eq!(session.open_ask(), None);
    assert_eq!(open(&session), [("blocked-T2", &t2)]);
    add(&mut session, None, answered("blocked-T2"));
    assert_eq!(open(&session), []);
}

/// The answer may come when the run has gone past the tickets: what is under way comes to its end,
/// then the ticket is tried again.
#[test]
fn a_decision_that_comes_late_leads_back_to_the_tickets() {
    let stage = Stage::new().played_by(stuck);
    stage.start(&mut || {});
    let records = read(&stage.journal_path()).unwrap().records;
    let place = |wanted: &dyn Fn(&Event) -> bool| {
        let found = records.iter().position(|record| wanted(&record.event));
        found.unwrap()
    };
    let polish =
        place(&|event| matches!(event, Event::PhaseEntered { name, .. } if name == "refactor"));
    let end = place(&|event| matches!(event, Event::SessionFinished { .. })) - 1;
    let mut session = Session::fold(&records[..=polish]).unwrap();
    let answer = Answer {
        text: "retry with care".to_owned(),
        ..Answer::default()
    };
    let id = AskId("blocked-T1".to_owned());
    add(&mut session, None, Event::Answered { id, answer });
    for record in &records[polish + 1..end] {
        session.apply(record);
    }
    let entered = next(&session);
    assert!(
        matches!(&entered, Event::PhaseEntered { name, reason: Some(why) } if name == "implement" && why.contains("T1")),
        "{entered:?}"
    );
    add(&mut session, None, entered);
    let id = "T1".to_owned();
    assert_eq!(decide(&session), Effect::RunBefore { id });
    // What waited for it waits again, and what was looked at afterwards is looked at again.
    let ended: Vec<&str> = session
        .ticket_outcomes()
        .keys()
        .map(String::as_str)
        .map(|id| if id == "T3" { "T3" } else { "another" })
        .collect();
    assert_eq!(ended, ["T3"]);
    assert!(session.documents.review.is_none());
    assert_eq!(session.tickets["T1"].guidance, ["with care"]);
}

#[test]
fn the_question_about_a_blocked_ticket_has_one_stop_before_its_end() {
    let stage = Stage::new().played_by(stuck);
    stage.start(&mut || {});
    let records = read(&stage.journal_path()).unwrap().records;
    let mut session = Session::fold(&records).unwrap();
    let progress = session.tickets.get_mut("T1").unwrap();
    let last = progress.failed.last_mut().unwrap();
    last.note = None;
    last.reason = "the model answered three times without tools.".to_owned();
    let text = question(&session, "T1").text;
    assert!(text.ends_with("without tools. What now?"), "{text}");
}

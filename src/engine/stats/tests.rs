//! Sessions of a few lines, counted.

use serde_json::json;

use super::*;
use crate::engine::ask::{Answer, Ask};
use crate::engine::call::{CallId, ToolCall};
use crate::engine::event::{Interruption, Note};
use crate::engine::prefix::Prefix;
use crate::engine::reply::{Reply, Usage};
use crate::engine::timeline::{Took, timeline};
use crate::engine::tool::{ToolResult, ToolStatus};

/// A journal with a line each so many seconds after the one before.
#[derive(Default)]
struct Lines(Vec<Record>, u64);

impl Lines {
    fn after(mut self, seconds: u64, place: (&str, &str), event: Event) -> Self {
        self.1 += seconds;
        let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        self.0.push(Record {
            seq: self.0.len() as u64 + 1,
            at: format!("2026-01-31T12:{:02}:{:02}.000Z", self.1 / 60, self.1 % 60),
            phase: name(place.0),
            ticket: name(place.1),
            event,
        });
        self
    }
}

fn ask(id: &str, kind: AskKind) -> Event {
    Event::Asked {
        ask: Ask {
            id: AskId(id.to_owned()),
            kind,
            text: "?".to_owned(),
            options: Vec::new(),
            why: String::new(),
            reference: None,
            place: None,
        },
    }
}

fn answer(id: &str, answered_by: AnsweredBy) -> Event {
    Event::Answered {
        id: AskId(id.to_owned()),
        answer: Answer {
            answered_by,
            ..Answer::default()
        },
    }
}

fn call(id: &str, tool: &str) -> Event {
    Event::ToolStarted {
        call: ToolCall {
            id: CallId(id.to_owned()),
            name: tool.to_owned(),
            arguments: json!({}),
        },
        before: None,
        after: None,
    }
}

fn finished_call(id: &str, status: ToolStatus, ms: u64) -> Event {
    Event::ToolFinished {
        id: CallId(id.to_owned()),
        result: ToolResult::new(status, ""),
        ms,
        changed: Vec::new(),
        tree: None,
        mode: None,
    }
}

fn attempt() -> Event {
    Event::TicketStarted {
        attempt: 1,
        tree: None,
        seed: None,
        warmer: None,
    }
}

fn ticket_over(outcome: Outcome) -> Event {
    Event::TicketFinished {
        outcome,
        reason: String::new(),
        proof: crate::engine::event::Proof::Shown,
        changed: Vec::new(),
        diff: None,
        tree: None,
        commit: None,
    }
}

fn resumed() -> Event {
    Event::Resumed {
        version: String::new(),
        from: None,
        until: None,
        settings: None,
        manners: crate::engine::manner::Manners::default(),
    }
}

fn replied(prompt_tokens: u64) -> Event {
    Event::Replied(Replied {
        reply: Reply {
            usage: Usage {
                prompt_tokens,
                ..Usage::default()
            },
            ..Reply::default()
        },
        to: crate::engine::event::RequestKind::Turn,
        ms: 1_000,
        estimated: None,
        prefix: None,
    })
}

fn session() -> Vec<Record> {
    let work = ("implement", "T1");
    let replied = Replied {
        reply: Reply {
            usage: Usage {
                prompt_tokens: 100,
                eval_tokens: 20,
                ..Usage::default()
            },
            ..Reply::default()
        },
        to: crate::engine::event::RequestKind::Turn,
        ms: 4_000,
        estimated: None,
        prefix: Some(Prefix {
            shared: 30,
            of: 40,
            cache: Cache::Used,
            moved: None,
        }),
    };
    let loop_note = Note {
        kind: NoteKind::Loop,
        text: "x".to_owned(),
        data: json!({"rule": "same_call", "count": 3}),
    };
    let finished = |id: &str, ms| finished_call(id, ToolStatus::Ok, ms);
    Lines::default()
        .after(0, ("prd", ""), ask("approve-prd", AskKind::Document))
        .after(30, ("prd", ""), answer("approve-prd", AnsweredBy::User))
        .after(1, work, attempt())
        .after(5, work, Event::Replied(replied))
        .after(
            0,
            work,
            Event::Repaired {
                what: vec![
                    "left out 'a', which was null".to_owned(),
                    "left out 'b', which was null".to_owned(),
                ],
            },
        )
        .after(0, work, call("c1", "run_command"))
        .after(3, work, finished("c1", 2_500))
        .after(0, work, call("c2", "read_file"))
        .after(1, work, finished("c2", 500))
        .after(0, work, Event::Note(loop_note))
        .after(0, work, ask("allow-x", AskKind::Permission))
        .after(10, work, answer("allow-x", AnsweredBy::User))
        .after(
            0,
            work,
            Event::Interrupted {
                why: Interruption::Signal,
                reason: String::new(),
            },
        )
        .after(
            600,
            work,
            Event::Warned {
                text: "torn".to_owned(),
            },
        )
        .after(0, work, resumed())
        .after(
            2,
            work,
            Event::SessionFinished {
                outcome: Outcome::Completed,
                reason: String::new(),
            },
        )
        .0
}

#[test]
fn time_goes_to_the_model_to_commands_to_a_person_and_to_the_program() {
    let stats = stats(&session());
    let total = &stats.total;
    assert_eq!(stats.paused_ms, 600_000);
    assert_eq!(
        (
            total.wall_ms,
            total.model_ms,
            total.command_ms,
            total.tool_ms,
            total.waiting_ms
        ),
        (52_000, 4_000, 2_500, 500, 40_000)
    );
    assert_eq!((total.overhead_ms, total.overhead_percent()), (5_000, 9));
    assert_eq!((total.prompt_tokens, total.eval_tokens), (100, 20));
    assert_eq!((total.cache.used, total.shared_percent()), (1, Some(75)));
    assert_eq!((total.commands, total.attempts, total.asks), (1, 1, 2));
    let one = |name: &str, count: u64| BTreeMap::from([(name.to_owned(), count)]);
    assert_eq!(total.repairs, one("left out …, which was null", 2));
    assert_eq!(total.loops, one("same_call", 1));
    let names: Vec<&str> = stats.phases.iter().map(|p| p.phase.as_str()).collect();
    assert_eq!(names, ["prd", "implement"]);
    let ticket = &stats.phases[1].tickets[0];
    assert_eq!(
        (ticket.ticket.as_str(), ticket.spent.wall_ms),
        ("T1", 22_000)
    );
    assert_eq!(stats.phases[1].spent, ticket.spent);
}

/// A ticket with a request that a stop cuts off, and one that a kill does; the run goes on hours
/// later each time, and what was built is looked at long after the end.
fn cut_off() -> Vec<Record> {
    let work = ("implement", "T1");
    let stopped = |reason: &str| Event::Interrupted {
        why: Interruption::Signal,
        reason: reason.to_owned(),
    };
    let hook = || Note {
        kind: NoteKind::Hook,
        text: String::new(),
        data: json!({}),
    };
    let over = Event::SessionFinished {
        outcome: Outcome::Completed,
        reason: String::new(),
    };
    Lines::default()
        .after(0, work, attempt())
        .after(4, work, Event::Note(hook()))
        // A request, cut off by a stop.
        .after(100, work, stopped("in a request"))
        .after(1, work, Event::Note(hook()))
        .after(600, work, resumed())
        .after(2, work, ask("ask-1", AskKind::Question))
        .after(1, work, Event::Note(hook()))
        // Stopped while a person was waited for.
        .after(30, work, stopped("at a question"))
        .after(700, work, resumed())
        .after(5, work, answer("ask-1", AnsweredBy::User))
        // Killed without a word.
        .after(900, work, resumed())
        .after(3, work, ticket_over(Outcome::Completed))
        .after(0, ("implement", ""), over)
        .after(1, ("", ""), Event::Note(hook()))
        .after(
            800,
            ("", ""),
            Event::Note(Note {
                kind: NoteKind::TakenBack,
                ..hook()
            }),
        )
        .0
}

#[test]
fn what_a_stop_cut_off_and_the_time_until_it_went_on_are_nobodys() {
    let records = cut_off();
    let stats = stats(&records);
    let total = &stats.total;
    assert_eq!(stats.paused_ms, (100 + 1 + 600 + 700 + 900 + 800) * 1_000);
    assert_eq!((total.wall_ms, total.waiting_ms), (45_000, 35_000));
    assert_eq!(total.overhead_ms, 10_000);
    assert_eq!(stats.phases[0].tickets[0].spent.wall_ms, 45_000);
    let moments = timeline(&records);
    let took = |place: usize| moments[place].took;
    assert_eq!(took(2), Took::CutOff(100_000));
    assert_eq!(took(4), Took::Pause(600_000));
    assert_eq!(took(7), Took::Nothing);
    // Asked, and answered after a pause that nobody waited through.
    assert_eq!(took(9), Took::Waiting(36_000));
    // The ticket took what it was worked on.
    assert_eq!(took(11), Took::Work(45_000));
    assert_eq!(took(14), Took::Pause(800_000));
    let last = &moments[14];
    assert_eq!(last.since_start, 3_147_000);
}

#[test]
fn planned_stops_are_no_interventions() {
    // The permission and the second run are; the approval of the PRD is not.
    let one = stats(&session());
    assert_eq!(one.interventions, 2);
    let alone = Stats {
        outcome: Some(Outcome::Completed),
        tickets: 3,
        ..Stats::default()
    };
    let all = across([&one, &alone]);
    assert_eq!(
        (all.sessions, all.completed, all.without_intervention),
        (2, 2, 1)
    );
    assert_eq!(all.interventions_per_100_tickets, Some(66));
    assert_eq!(all.tokens_per_ticket, Some(40));
    assert_eq!(across([]).tokens_per_ticket, None);
}

#[test]
fn the_timeline_tells_waiting_and_pauses_apart_from_work() {
    let records = session();
    let took: Vec<Took> = timeline(&records)
        .iter()
        .map(|moment| moment.took)
        .collect();
    assert_eq!(took[1], Took::Waiting(30_000));
    assert_eq!(took[3], Took::Work(4_000));
    assert_eq!(took[13], Took::Pause(600_000));
    assert_eq!(took[14], Took::Nothing);
    assert_eq!(timeline(&records)[15].since_start, 652_000);
}

#[test]
fn a_blocked_ticket_needs_a_person_and_is_over_once() {
    let (one, two) = (("implement", "T1"), ("implement", "T2"));
    let blocked = || ask("blocked-T1", AskKind::Blocked);
    let answered = || answer("blocked-T1", AnsweredBy::User);
    let lines = Lines::default()
        .after(0, one, attempt())
        .after(1, one, ticket_over(Outcome::Blocked))
        .after(0, one, blocked())
        .after(9, one, answered())
        .after(0, one, attempt())
        .after(1, one, ticket_over(Outcome::Blocked))
        .after(0, one, blocked());
    let nothing = stats(&lines.0);
    assert_eq!((nothing.tickets, nothing.interventions), (0, 1));
    let lines = lines
        .after(9, one, answered())
        .after(0, one, attempt())
        .after(1, one, ticket_over(Outcome::Completed))
        .after(0, two, attempt())
        .after(1, two, ticket_over(Outcome::Completed));
    let both = stats(&lines.0);
    assert_eq!((both.tickets, both.interventions), (2, 2));
}

#[test]
fn what_a_call_asks_is_waited_for_and_no_time_of_a_tool() {
    let work = ("implement", "T1");
    let records = Lines::default()
        .after(0, work, call("c1", "ask_user"))
        .after(0, work, ask("ask-1", AskKind::Question))
        .after(90, work, answer("ask-1", AnsweredBy::User))
        .after(1, work, finished_call("c1", ToolStatus::Ok, 91_000))
        .0;
    let total = stats(&records).total;
    assert_eq!(
        (
            total.wall_ms,
            total.waiting_ms,
            total.tool_ms,
            total.overhead_ms
        ),
        (91_000, 90_000, 1_000, 0)
    );
}

#[test]
fn a_command_that_was_refused_did_not_run() {
    let work = ("implement", "T1");
    let records = Lines::default()
        .after(0, work, call("c1", "run_command"))
        .after(1, work, finished_call("c1", ToolStatus::Denied, 500))
        .after(0, work, call("c2", "run_command"))
        .after(1, work, finished_call("c2", ToolStatus::Failed, 700))
        .0;
    let total = stats(&records).total;
    assert_eq!(
        (total.commands, total.command_ms, total.tool_ms),
        (1, 700, 500)
    );
}

#[test]
fn who_goes_back_was_waited_for() {
    let at = |id: &str, place| {
        let Event::Asked { mut ask } = ask(id, AskKind::Interview) else {
            unreachable!();
        };
        ask.place = Some((place, 3));
        Event::Asked { ask }
    };
    let here = ("prd", "");
    let hook = Note {
        kind: NoteKind::Hook,
        text: String::new(),
        data: json!({}),
    };
    let records = Lines::default()
        .after(0, here, at("one", 1))
        .after(2, here, answer("one", AnsweredBy::User))
        .after(1, here, at("two", 2))
        .after(0, here, Event::Note(hook))
        .after(4, here, at("one", 1))
        .after(8, here, answer("one", AnsweredBy::User))
        // What comes next by itself is no way back.
        .after(16, here, at("two", 2))
        .0;
    let total = stats(&records).total;
    assert_eq!((total.waiting_ms, total.overhead_ms), (14_000, 17_000));
    let took: Vec<Took> = timeline(&records).iter().map(|line| line.took).collect();
    assert_eq!(took[4], Took::Waiting(4_000));
    assert_eq!((took[2], took[6]), (Took::Nothing, Took::Nothing));
}

#[test]
fn a_fork_counts_what_it_did_itself() {
    let work = ("implement", "T1");
    let mut records = session();
    let first: Event = serde_json::from_value(json!({
        "event": "session_started", "schema": 1, "version": "1", "id": "fork", "task": "t",
        "project": "/p", "config": {}, "model": "tiny", "num_ctx": 1, "protocol": "native",
        "pipeline": "", "pipeline_hash": "", "skills": {}, "skill_hashes": {},
        "forked_from": {"session": "whole", "seq": 16},
    }))
    .unwrap();
    records[0].event = first;
    let lines = Lines(records, 700);
    let untouched = own_stats(&lines.0);
    assert_eq!(untouched.session, "fork");
    assert_eq!(
        (untouched.total, untouched.outcome),
        (Spent::default(), None)
    );
    // With another model, and then begun by a person; and once more after a stop.
    let stop = Event::Interrupted {
        why: Interruption::Signal,
        reason: String::new(),
    };
    let lines = lines
        .after(1, work, resumed())
        .after(9, work, resumed())
        .after(1, work, replied(7))
        .after(1, work, ticket_over(Outcome::Completed));
    let begun = own_stats(&lines.0);
    assert_eq!((begun.interventions, begun.tickets), (0, 1));
    assert_eq!(begun.total.prompt_tokens, 7);
    let lines = lines.after(0, work, stop).after(9, work, resumed());
    assert_eq!(own_stats(&lines.0).interventions, 1);
    // All that it has, with the permission and the resume of before.
    let whole = stats(&lines.0);
    assert_eq!((whole.interventions, whole.total.prompt_tokens), (3, 107));
    let all = across([&stats(&session()), &own_stats(&lines.0)]);
    assert_eq!(all.tokens, 127);
}

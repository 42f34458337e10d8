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
    let done = ToolResult::new(ToolStatus::Ok, "");
    let finished = |id: &str, ms| Event::ToolFinished {
        id: CallId(id.to_owned()),
        result: done.clone(),
        ms,
        changed: Vec::new(),
        tree: None,
        mode: None,
    };
    Lines::default()
        .after(0, ("prd", ""), ask("approve-prd", AskKind::Document))
        .after(30, ("prd", ""), answer("approve-prd", AnsweredBy::User))
        .after(
            1,
            work,
            Event::TicketStarted {
                attempt: 1,
                tree: None,
                seed: None,
                warmer: None,
            },
        )
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
        .after(
            0,
            work,
            Event::Resumed {
                version: String::new(),
                from: None,
                until: None,
                settings: None,
                manners: crate::engine::manner::Manners::default(),
            },
        )
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
    let resumed = || Event::Resumed {
        version: String::new(),
        from: None,
        until: None,
        settings: None,
        manners: crate::engine::manner::Manners::default(),
    };
    let started = Event::TicketStarted {
        attempt: 1,
        tree: None,
        seed: None,
        warmer: None,
    };
    let stopped = |reason: &str| Event::Interrupted {
        why: Interruption::Signal,
        reason: reason.to_owned(),
    };
    let hook = || Note {
        kind: NoteKind::Hook,
        text: String::new(),
        data: json!({}),
    };
    let finished = Event::TicketFinished {
        outcome: Outcome::Completed,
        reason: String::new(),
        proof: crate::engine::event::Proof::Shown,
        changed: Vec::new(),
        diff: None,
        tree: None,
        commit: None,
    };
    let over = Event::SessionFinished {
        outcome: Outcome::Completed,
        reason: String::new(),
    };
    Lines::default()
        .after(0, work, started)
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
        .after(3, work, finished)
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
    assert_eq!(
        stats.paused_ms,
        (100 + 1 + 600 + 700 + 900 + 1 + 800) * 1_000
    );
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

//! Where a session can be taken up another way: after which line its journal is cut, and what its
//! project held then. Pure; `run/fork.rs` makes the new session.

use super::event::{Event, Gate, NoteKind, Outcome, Record};
use super::recording::trees;

/// Where a person wants a session to be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// After the line of this number, or before it, where that is in the middle of something.
    Line(u64),
    /// Before this phase; where it was entered more than once, before the last time.
    Phase(String),
    /// Before the first attempt at this ticket; likewise.
    Ticket(String),
}

/// Where it is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The number of the last line that stays.
    pub seq: u64,
    /// What the project held then (a git tree id); none if the session has kept nothing of it: only
    /// what it holds now can be had.
    pub tree: Option<String>,
}

/// What the project holds after a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holds {
    /// What it held when the session began.
    AsFound,
    /// This.
    Tree(String),
    /// Something that no line tells.
    Unknown,
}

/// Where the session is cut for that point; none if it never came to it.
pub fn cut(records: &[Record], point: &Point) -> Option<Cut> {
    let last = match point {
        Point::Line(seq) => usize::try_from(*seq).ok().filter(|seq| *seq <= records.len())?, // silent-ok: there is no such line
        Point::Phase(name) => records.iter().rposition(
            |record| matches!(&record.event, Event::PhaseEntered { name: entered, .. } if entered == name),
        )?,
        Point::Ticket(id) => before_ticket(records, id)?,
    };
    let states = states(records);
    (1..=last).rev().find_map(|lines| {
        let (holds, open) = &states[lines - 1];
        let seq = records[lines - 1].seq;
        if *open > 0 {
            return None;
        }
        let found = found_next(&records[lines..], holds);
        match (holds, found) {
            (Holds::AsFound, tree) => Some(Cut { seq, tree }),
            (_, Some(tree)) => Some(Cut {
                seq,
                tree: Some(tree),
            }),
            (Holds::Tree(tree), None) => Some(Cut {
                seq,
                tree: Some(tree.clone()),
            }),
            (Holds::Unknown, None) => None,
        }
    })
}

/// How many lines stand before the first attempt at a ticket, in the last round there was of it.
fn before_ticket(records: &[Record], id: &str) -> Option<usize> {
    let is_first = |record: &Record| {
        matches!(record.event, Event::TicketStarted { attempt: 1, .. })
            && record.ticket.as_deref() == Some(id)
    };
    let mut place = records.iter().rposition(is_first)?;
    // Its checks were run on the project before it.
    while let Some(before) = place.checked_sub(1) {
        let belongs_to_it = match &records[before].event {
            Event::Checked(receipt) => receipt.gate == Gate::Before,
            Event::Note(note) => matches!(note.kind, NoteKind::Baseline | NoteKind::Fact),
            Event::Warned { .. } => true,
            _ => false,
        };
        if !belongs_to_it {
            break;
        }
        place = before;
    }
    Some(place)
}

/// After each line: what the project holds, and how many calls are not over.
fn states(records: &[Record]) -> Vec<(Holds, usize)> {
    let mut holds = Holds::AsFound;
    let mut open = 0_usize;
    let step = |record: &Record| {
        match &record.event {
            Event::ToolStarted { .. } => open += 1,
            Event::ToolFinished { changed, tree, .. } => {
                open = open.saturating_sub(1);
                if !changed.is_empty() && tree.is_none() {
                    holds = Holds::Unknown;
                }
            }
            Event::Note(note) if note.kind == NoteKind::TakenBack => holds = Holds::Unknown,
            _ => {}
        }
        if let Some(tree) = trees(&record.event).last() {
            holds = Holds::Tree((*tree).to_owned());
        }
        (holds.clone(), open)
    };
    records.iter().map(step).collect()
}

/// What the project is found to hold after a line at which it holds that, before the session
/// changes anything.
fn found_next(rest: &[Record], holds: &Holds) -> Option<String> {
    let goes_on = |record: &&Record| match &record.event {
        Event::ToolFinished { changed, .. } => changed.is_empty(),
        // What an attempt changed is put back before anything is kept again. Before the session has
        // changed anything, what a later process found is still nearer than what stands there now.
        Event::Resumed { .. } | Event::AttemptFailed { .. } => *holds == Holds::AsFound,
        Event::TicketFinished { outcome, .. } => *outcome == Outcome::Completed,
        Event::Note(note) => note.kind != NoteKind::TakenBack,
        _ => true,
    };
    rest.iter().take_while(goes_on).find_map(|record| {
        let trees = trees(&record.event);
        trees.first().map(|tree| (*tree).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::call::{CallId, ToolCall};
    use crate::engine::tool::{ToolResult, ToolStatus};

    fn journal() -> Vec<Record> {
        let started = |tree: &str| Event::TicketStarted {
            attempt: 1,
            tree: Some(tree.to_owned()),
            seed: None,
            warmer: None,
        };
        let call = Event::ToolStarted {
            call: ToolCall {
                id: CallId("c1".to_owned()),
                name: "write_file".to_owned(),
                arguments: serde_json::Value::Null,
            },
            before: None,
            after: None,
        };
        let done = Event::ToolFinished {
            id: CallId("c1".to_owned()),
            result: ToolResult::new(ToolStatus::Ok, ""),
            ms: 1,
            changed: vec!["a".to_owned()],
            tree: None,
            mode: None,
        };
        let entered = |name: &str| Event::PhaseEntered {
            name: name.to_owned(),
            reason: None,
        };
        let told = || Event::Told {
            text: String::new(),
            to: None,
            letter: None,
        };
        let finished = Event::TicketFinished {
            outcome: Outcome::Completed,
            reason: String::new(),
            proof: crate::engine::event::Proof::Shown,
            changed: Vec::new(),
            diff: None,
            tree: Some("after-t1".to_owned()),
            commit: None,
        };
        let events = [
            (None, entered("plan")),
            (None, entered("implement")),
            (Some("T1"), started("before-t1")),
            (Some("T1"), told()),
            (Some("T1"), call),
            (Some("T1"), done),
            (Some("T1"), told()),
            (Some("T1"), finished),
            (Some("T2"), started("before-t2")),
        ];
        (1..)
            .zip(events)
            .map(|(seq, (ticket, event))| Record {
                seq,
                at: String::new(),
                phase: None,
                ticket: ticket.map(str::to_owned),
                event,
            })
            .collect()
    }

    #[test]
    fn a_session_is_cut_where_nothing_is_under_way_and_its_files_are_known() {
        let check = |point: Point, expected: Option<(u64, Option<&str>)>| {
            let found = cut(&journal(), &point);
            let found = found.map(|cut| (cut.seq, cut.tree));
            let expected = expected.map(|(seq, tree)| (seq, tree.map(str::to_owned)));
            assert_eq!(found, expected, "{point:?}");
        };
        check(Point::Line(1), Some((1, Some("before-t1"))));
        check(Point::Line(4), Some((4, Some("before-t1"))));
        // In the middle of a call.
        check(Point::Line(5), Some((4, Some("before-t1"))));
        // A file was written, and the next content that was kept has it.
        check(Point::Line(6), Some((6, Some("after-t1"))));
        check(Point::Line(8), Some((8, Some("before-t2"))));
        check(Point::Line(10), None);
        check(Point::Line(0), None);
        check(
            Point::Phase("implement".to_owned()),
            Some((1, Some("before-t1"))),
        );
        check(Point::Phase("plan".to_owned()), None);
        check(Point::Ticket("T1".to_owned()), Some((2, Some("before-t1"))));
        check(Point::Ticket("T2".to_owned()), Some((8, Some("before-t2"))));
        check(Point::Ticket("T3".to_owned()), None);
    }

    #[test]
    fn what_a_later_process_found_first_is_what_an_untouched_project_held() {
        let mut records = journal();
        records[1].event = Event::Resumed {
            version: String::new(),
            from: None,
            until: None,
            settings: None,
            manners: crate::engine::manner::Manners::default(),
        };
        let cut = |line| cut(&records, &Point::Line(line)).unwrap();
        assert_eq!((cut(1).seq, cut(1).tree.as_deref()), (1, Some("before-t1")));
        // Once it has worked, a resume may have found anything.
        let resumed = records[1].event.clone();
        records[6].event = resumed;
        let cut = super::cut(&records, &Point::Line(6)).unwrap();
        assert_eq!((cut.seq, cut.tree.as_deref()), (4, Some("before-t1")));
    }

    #[test]
    fn a_session_that_kept_nothing_is_cut_with_its_project_as_it_is() {
        let records = &journal()[..2];
        assert_eq!(
            cut(records, &Point::Line(2)),
            Some(Cut { seq: 2, tree: None })
        );
    }
}

//! Which ticket is next. Decided from the tickets and how those before ended; the order itself is
//! made when tickets are accepted (`artifact/order.rs`), and changed only by a person, here.

use std::collections::{BTreeMap, BTreeSet};

use super::artifact::{Ticket, Tickets};
use super::event::Outcome;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Work on this ticket.
    Work(String),
    /// This ticket cannot be done: end it as blocked, and ask again.
    Parked {
        /// The ticket.
        id: String,
        /// The ticket it waited for in vain.
        because: String,
    },
    /// Nothing can be worked on before somebody has decided about this ticket, which is blocked.
    Undecided(String),
    /// Every ticket has ended.
    Nothing,
}

/// The first ticket without an outcome whose dependencies have ended. A dependency that a person
/// dropped counts as met; one that is blocked, refused or skipped parks what depends on it. While a
/// blocked ticket is undecided, what depends on it waits.
pub fn next(
    tickets: &Tickets,
    outcomes: &BTreeMap<String, Outcome>,
    undecided: &BTreeSet<&str>,
) -> Next {
    let mut waiting = None;
    for ticket in &tickets.tickets {
        if outcomes.contains_key(&ticket.id) {
            continue;
        }
        match standing(ticket, tickets, (outcomes, undecided)) {
            Standing::Ready => return Next::Work(ticket.id.clone()),
            Standing::Lost(because) => return parked(ticket, because),
            Standing::Waits(because) => waiting = waiting.or(Some((ticket, because))),
        }
    }
    // Tickets that wait for each other never pass `accept_tickets`; if some are read from a file
    // that was changed by hand, they are given up aloud instead of being forgotten.
    match (undecided.first(), waiting) {
        (Some(id), _) => Next::Undecided((*id).to_owned()),
        (None, Some((ticket, because))) => parked(ticket, because),
        (None, None) => Next::Nothing,
    }
}

fn parked(ticket: &Ticket, because: &str) -> Next {
    Next::Parked {
        id: ticket.id.clone(),
        because: because.to_owned(),
    }
}

enum Standing<'a> {
    Ready,
    Waits(&'a str),
    Lost(&'a str),
}

fn standing<'a>(
    ticket: &'a Ticket,
    tickets: &Tickets,
    (outcomes, undecided): (&BTreeMap<String, Outcome>, &BTreeSet<&str>),
) -> Standing<'a> {
    let mut standing = Standing::Ready;
    for need in &ticket.depends_on {
        match outcomes.get(need) {
            Some(_) if undecided.contains(need.as_str()) => standing = Standing::Waits(need),
            Some(Outcome::Blocked | Outcome::Refused | Outcome::Skipped) => {
                return Standing::Lost(need);
            }
            None if tickets.tickets.iter().any(|other| other.id == *need) => {
                standing = Standing::Waits(need);
            }
            Some(Outcome::Completed) | None => {}
        }
    }
    standing
}

/// The tickets a person kept, in the order the person gave them. Ids stay what they were; what
/// was dropped is no longer waited for.
pub fn arrange(tickets: &Tickets, kept: &[String]) -> Result<Tickets, Vec<String>> {
    let mut faults = Vec::new();
    let mut arranged: Vec<Ticket> = Vec::new();
    for id in kept {
        let Some(ticket) = tickets
            .tickets
            .iter()
            .find(|ticket| ticket.id.eq_ignore_ascii_case(id))
        else {
            faults.push(format!("there is no ticket '{id}'"));
            continue;
        };
        if arranged.iter().any(|earlier| earlier.id == ticket.id) {
            faults.push(format!("ticket {} is named twice", ticket.id));
            continue;
        }
        let mut ticket = ticket.clone();
        ticket
            .depends_on
            .retain(|need| kept.iter().any(|id| id.eq_ignore_ascii_case(need)));
        for need in &ticket.depends_on {
            if !arranged.iter().any(|earlier| earlier.id == *need) {
                faults.push(format!(
                    "ticket {} needs {need}, which comes later",
                    ticket.id
                ));
            }
        }
        arranged.push(ticket);
    }
    if kept.is_empty() {
        faults.push("no ticket is left; keep at least one".to_owned());
    }
    if faults.is_empty() {
        Ok(Tickets { tickets: arranged })
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T1; T2 needs T1; T3; T4 needs T2 and T3.
    fn tickets() -> Tickets {
        let needs: [&[&str]; 4] = [&[], &["T1"], &[], &["T2", "T3"]];
        let ticket = |(place, needs): (usize, &&[&str])| Ticket {
            id: format!("T{}", place + 1),
            depends_on: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..Ticket::default()
        };
        Tickets {
            tickets: needs.iter().enumerate().map(ticket).collect(),
        }
    }

    fn check(outcomes: &[(&str, Outcome)], expected: &Next) {
        check_undecided(outcomes, &[], expected);
    }

    fn check_undecided(outcomes: &[(&str, Outcome)], undecided: &[&str], expected: &Next) {
        let undecided = undecided.iter().copied().collect();
        let outcomes = outcomes
            .iter()
            .map(|(id, outcome)| ((*id).to_owned(), *outcome))
            .collect();
        let next = next(&tickets(), &outcomes, &undecided);
        assert_eq!(next, *expected, "{outcomes:?} {undecided:?}");
    }

    fn work(id: &str) -> Next {
        Next::Work(id.to_owned())
    }

    fn park(id: &str, because: &str) -> Next {
        Next::Parked {
            id: id.to_owned(),
            because: because.to_owned(),
        }
    }

    #[test]
    fn tickets_come_in_order_and_blocked_ones_take_their_dependants_along() {
        use Outcome::{Blocked, Completed, Refused, Skipped};
        check(&[], &work("T1"));
        check(&[("T1", Completed)], &work("T2"));
        check(&[("T1", Skipped)], &park("T2", "T1"));
        check(&[("T1", Blocked)], &park("T2", "T1"));
        check(&[("T1", Refused)], &park("T2", "T1"));
        check(&[("T1", Blocked), ("T2", Blocked)], &work("T3"));
        check(
            &[("T1", Blocked), ("T2", Blocked), ("T3", Completed)],
            &park("T4", "T2"),
        );
        check(
            &[("T1", Completed), ("T2", Completed), ("T3", Completed)],
            &work("T4"),
        );
        check(
            &[
                ("T1", Completed),
                ("T2", Completed),
                ("T3", Completed),
                ("T4", Completed),
            ],
            &Next::Nothing,
        );
        let nothing = next(&Tickets::default(), &BTreeMap::new(), &BTreeSet::new());
        assert_eq!(nothing, Next::Nothing);
    }

    #[test]
    fn what_depends_on_an_undecided_ticket_waits_and_the_rest_goes_on() {
        use Outcome::{Blocked, Completed};
        let undecided = Next::Undecided("T1".to_owned());
        check_undecided(&[("T1", Blocked)], &["T1"], &work("T3"));
        check_undecided(&[("T1", Blocked), ("T3", Completed)], &["T1"], &undecided);
        check_undecided(
            &[("T1", Blocked), ("T3", Blocked)],
            &["T1"],
            &park("T4", "T3"),
        );
        check_undecided(
            &[
                ("T1", Blocked),
                ("T2", Completed),
                ("T3", Completed),
                ("T4", Completed),
            ],
            &["T1"],
            &undecided,
        );
    }

    #[test]
    fn a_circle_made_by_hand_is_given_up_aloud() {
        let mut tickets = tickets();
        tickets.tickets[0].depends_on = vec!["T2".to_owned()];
        tickets.tickets.truncate(2);
        let next = next(&tickets, &BTreeMap::new(), &BTreeSet::new());
        assert_eq!(next, park("T1", "T2"));
    }

    fn names(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_person_drops_and_reorders() {
        let arranged = arrange(&tickets(), &names(&["T3", "t2"])).unwrap();
        let ids: Vec<&str> = arranged
            .tickets
            .iter()
            .map(|ticket| ticket.id.as_str())
            .collect();
        assert_eq!(ids, ["T3", "T2"]);
        assert_eq!(arranged.tickets[1].depends_on, Vec::<String>::new());
        let next = next(&arranged, &BTreeMap::new(), &BTreeSet::new());
        assert_eq!(next, work("T3"));
    }

    #[test]
    fn an_order_that_cannot_be_worked_through_is_refused() {
        assert_eq!(
            arrange(&tickets(), &names(&["T2", "T1", "T1", "T9"])),
            Err(names(&[
                "ticket T2 needs T1, which comes later",
                "ticket T1 is named twice",
                "there is no ticket 'T9'"
            ]))
        );
        assert!(arrange(&tickets(), &[]).is_err());
    }
}

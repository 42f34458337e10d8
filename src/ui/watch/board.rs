//! The tickets as a board: how each stands, and what it waits for. And the receipts of the one that
//! is chosen, one line each.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::canvas::{Canvas, Emphasis, spread, window};
use super::header::{later, now};
use super::moment::clock;
use super::state::{Part, Watch};
use super::watched::Watched;
use crate::engine::artifact::Ticket;
use crate::engine::event::{Gate, Outcome, Proof, Receipt};
use crate::engine::gate::is_of_nothing;
use crate::engine::session::TicketEnd;
use crate::ui::text::{Line, Look, Tone, spent, thousands};

/// Deeper than this nothing is indented further.
const DEEPEST: usize = 4;

/// Draws the tickets.
pub(super) fn board(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let Some(watched) = watch.watched() else {
        return;
    };
    let stand = watched.tickets_stand();
    canvas.title(area, "tickets", &stand, watch.emphasis(Part::Tickets));
    let mut rows = area;
    rows.y += 1.min(rows.height);
    rows.height = rows.height.saturating_sub(1);
    if stand.is_empty() {
        canvas.line(rows, 0, &Line::new(Tone::Dim, "  none yet"));
        return;
    }
    let ids = watched.session.ticket_ids();
    let chosen = watch.ticket();
    let seen = chosen
        .and_then(|id| ids.iter().position(|other| *other == id))
        .unwrap_or(0);
    let first = window(usize::from(rows.height.max(1)), ids.len(), seen);
    let look = canvas.look(rows);
    let depths = depths(watched);
    for (row, id) in (0..rows.height).zip(ids.iter().skip(first)) {
        let Some(ticket) = watched.session.ticket(id) else {
            continue;
        };
        let depth = depths.get(id).copied().unwrap_or(0);
        let line = ticket_line(watched, ticket, depth, &look);
        if chosen == Some(id) {
            let marked = Line::new(Tone::Accent, look.glyphs.pick("›", ">"));
            canvas.line(rows, row, &line);
            canvas.line(rows, row, &marked);
            canvas.choose(rows, row);
        } else {
            canvas.line(rows, row, &line);
        }
    }
}

/// How many tickets stand one behind another before each.
fn depths(watched: &Watched) -> BTreeMap<&str, usize> {
    let mut depths = BTreeMap::new();
    // Every ticket stands after those it depends on.
    for id in watched.session.ticket_ids() {
        let needs = watched.session.ticket(id).into_iter();
        let depth = needs
            .flat_map(|ticket| &ticket.depends_on)
            .filter_map(|need| depths.get(need.as_str()))
            .max()
            .map_or(0, |depth: &usize| (depth + 1).min(DEEPEST));
        depths.insert(id, depth);
    }
    depths
}

fn ticket_line(watched: &Watched, ticket: &Ticket, depth: usize, look: &Look) -> Line {
    let session = &watched.session;
    let standing = standing(watched, ticket);
    let (tone, sign) = match &standing {
        Standing::Ended(end) => match (end.outcome, end.proof) {
            (Outcome::Completed, Proof::Shown) => (Tone::Good, look.glyphs.good()),
            (Outcome::Completed, Proof::NotShown) => (Tone::Warn, look.glyphs.good()),
            (Outcome::Blocked | Outcome::Refused, _) => (Tone::Bad, look.glyphs.bad()),
            (Outcome::Skipped, _) => (Tone::Dim, "-"),
        },
        Standing::UnderWay => (Tone::Accent, now(look.glyphs)),
        Standing::Ready | Standing::Waits(_) => (Tone::Dim, later(look.glyphs)),
    };
    let title = match &standing {
        Standing::UnderWay => Tone::Bold,
        Standing::Ended(_) | Standing::Ready => Tone::Plain,
        Standing::Waits(_) => Tone::Dim,
    };
    let head = Line::new(Tone::Plain, " ")
        .with(tone, sign)
        .with(Tone::Plain, &" ".repeat(1 + 2 * depth))
        .with(title, &format!("{} {}", ticket.id, ticket.title));
    let mut words = standing.words(watched, &ticket.id);
    if let Some(left) = session.left_of(&ticket.id) {
        let taken = if left.is_empty() {
            "taken back"
        } else {
            "partly taken back"
        };
        taken.clone_into(&mut words);
    }
    let mut end = Line::new(standing.tone(), &words);
    if let Some(ms) = watched.spent.get(&ticket.id).filter(|_| look.columns >= 44) {
        end = end.with(Tone::Dim, &format!("{:>7}", clock(*ms)));
    }
    spread(&head, &end, look)
}

enum Standing<'a> {
    Ended(&'a TicketEnd),
    UnderWay,
    Ready,
    Waits(Vec<&'a str>),
}

fn standing<'a>(watched: &'a Watched, ticket: &'a Ticket) -> Standing<'a> {
    let session = &watched.session;
    let end = |id: &str| session.tickets.get(id)?.ended.as_ref();
    if let Some(end) = end(&ticket.id) {
        return Standing::Ended(end);
    }
    if session.current_ticket.as_deref() == Some(&ticket.id) {
        return Standing::UnderWay;
    }
    // What is blocked may yet be tried again.
    let is_open = |need: &str| end(need).is_none_or(|end| end.outcome == Outcome::Blocked);
    let open = |need: &&String| session.ticket(need).is_some() && is_open(need);
    let waits: Vec<&str> = ticket
        .depends_on
        .iter()
        .filter(open)
        .map(String::as_str)
        .collect();
    if waits.is_empty() {
        Standing::Ready
    } else {
        Standing::Waits(waits)
    }
}

impl Standing<'_> {
    const fn tone(&self) -> Tone {
        match self {
            Self::Ended(end) => match (end.outcome, end.proof) {
                (Outcome::Completed, Proof::Shown) => Tone::Good,
                (Outcome::Completed, Proof::NotShown) => Tone::Warn,
                (Outcome::Blocked | Outcome::Refused, _) => Tone::Bad,
                (Outcome::Skipped, _) => Tone::Dim,
            },
            Self::UnderWay => Tone::Accent,
            Self::Ready | Self::Waits(_) => Tone::Dim,
        }
    }

    fn words(&self, watched: &Watched, id: &str) -> String {
        match self {
            Self::Ended(end) => match (end.outcome, end.proof) {
                (Outcome::Completed, Proof::Shown) => "tests passed".to_owned(),
                (Outcome::Completed, Proof::NotShown) => "not shown".to_owned(),
                (Outcome::Blocked, _) => "blocked".to_owned(),
                (Outcome::Refused, _) => "refused".to_owned(),
                (Outcome::Skipped, _) => "skipped".to_owned(),
            },
            Self::UnderWay => under_way(watched, id),
            Self::Ready => "ready".to_owned(),
            Self::Waits(needs) => format!("after {}", needs.join(", ")),
        }
    }
}

/// `attempt 2, turn 5, repair 1`: what is told of the first is left out.
fn under_way(watched: &Watched, id: &str) -> String {
    let session = &watched.session;
    let attempts = session
        .tickets
        .get(id)
        .map_or(1, |progress| progress.attempts);
    let mut parts = Vec::new();
    if attempts > 1 {
        parts.push(format!("attempt {attempts}"));
    }
    if let Some(open) = &session.conversation {
        parts.push(format!("turn {}", open.turns + 1));
        if open.repairs > 0 {
            parts.push(format!("repair {}", open.repairs));
        }
    }
    if parts.is_empty() {
        "begins".to_owned()
    } else {
        parts.join(", ")
    }
}

/// Draws the receipts of the chosen ticket, the last ones if there is no room for all.
pub(super) fn checks(canvas: &mut Canvas<'_>, area: Rect, watch: &Watch) {
    let (Some(watched), Some(id)) = (watch.watched(), watch.ticket()) else {
        return;
    };
    canvas.title(area, &format!("checks of {id}"), "", Emphasis::Quiet);
    let mut rows = area;
    rows.y += 1.min(rows.height);
    rows.height = rows.height.saturating_sub(1);
    let look = canvas.look(rows);
    let lines = receipts(watched, id, &look);
    if lines.is_empty() {
        canvas.line(rows, 0, &Line::new(Tone::Dim, "  none yet"));
    }
    let first = lines.len().saturating_sub(usize::from(rows.height));
    canvas.lines(rows, &lines[first..]);
}

/// A line for each check of a ticket: the command, and at its end what came of it.
pub(super) fn receipts(watched: &Watched, id: &str, look: &Look) -> Vec<Line> {
    let of = watched.session.receipts.iter();
    of.filter(|(ticket, receipt)| {
        ticket.as_deref() == Some(id)
            && matches!(
                receipt.gate,
                Gate::Verify
                    | Gate::Before
                    | Gate::Without
                    | Gate::OldTests
                    | Gate::Hollow
                    | Gate::MustFail
                    | Gate::Run
            )
    })
    .map(|(_, receipt)| check_line(receipt, look))
    .collect()
}

fn check_line(receipt: &Receipt, look: &Look) -> Line {
    let (tone, sign, what) = match (receipt.gate, receipt.passed) {
        // A check of work that is still to be done should fail.
        (Gate::Before, _) => (Tone::Dim, later(look.glyphs), "before: "),
        (Gate::Without, _) => (Tone::Dim, later(look.glyphs), "without the work: "),
        (Gate::MustFail, true) => (Tone::Dim, later(look.glyphs), "must fail: "),
        (Gate::Hollow, _) if is_of_nothing(receipt) => (
            Tone::Dim,
            later(look.glyphs),
            "with its code returning nothing: ",
        ),
        (Gate::Hollow, _) => (Tone::Dim, later(look.glyphs), "with its code failing: "),
        (Gate::OldTests, _) => (Tone::Dim, later(look.glyphs), "old tests alone: "),
        (_, true) => (Tone::Good, look.glyphs.good(), ""),
        (_, false) => (Tone::Bad, look.glyphs.bad(), ""),
    };
    let came_to = match (receipt.exit, receipt.tests) {
        _ if receipt.timed_out => "timed out".to_owned(),
        (Some(0), Some(1)) => "1 test".to_owned(),
        (Some(0), Some(tests)) => format!("{} tests", thousands(tests)),
        (Some(code), _) => format!("exit {code}"),
        (None, _) => match receipt.signal {
            Some(signal) => format!("signal {signal}"),
            None => String::new(),
        },
    };
    let command = Line::new(Tone::Plain, " ")
        .with(tone, sign)
        .with(Tone::Dim, &format!(" {what}"))
        .with(Tone::Plain, &receipt.command);
    let end = Line::new(tone, &came_to).with(Tone::Dim, &format!("{:>7}", spent(receipt.ms)));
    spread(&command, &end, look)
}

//! The card at the end of a demo: what was built, what shows it, what it says for itself, and what
//! to do next. Every line of it is taken from the session; it fits on a small screen.

use std::fmt::Write as _;
use std::path::Path;

use crate::engine::event::{Gate, Outcome, Proof};
use crate::engine::session::{Session, TicketEnd};
use crate::run::health::suggestion;

/// The card as text. `kept` is the folder that stays.
pub(super) fn card(session: &Session, kept: Option<&Path>) -> String {
    let title = match &session.documents.prd {
        Some(prd) => prd.title.as_str(),
        None => session.started.task.as_str(),
    };
    let is_shown = session
        .ticket_ids()
        .into_iter()
        .all(|id| shown(session, id).is_some());
    let how = if is_shown {
        "built, and shown to work"
    } else {
        "built, but not all of it is shown to work"
    };
    let mut text = format!("\n{title}: {how}\n");
    tickets(session, &mut text);
    output(session, &mut text);
    text.push_str(&whereabouts(session, kept));
    text.push_str(&next());
    text
}

/// How a ticket ended, if tests stand behind it.
fn shown<'a>(session: &'a Session, id: &str) -> Option<&'a TicketEnd> {
    session
        .tickets
        .get(id)?
        .ended
        .as_ref()
        .filter(|end| end.outcome == Outcome::Completed && end.proof == Proof::Shown)
}

fn tickets(session: &Session, text: &mut String) {
    for id in session.ticket_ids() {
        let title = session
            .ticket(id)
            .map_or("", |ticket| ticket.title.as_str());
        let says = shown(session, id).map_or("not shown", |end| end.reason.as_str());
        let _ = writeln!(text, "{id} {title}: {says}"); // silent-ok: a String
    }
    let refused = session
        .receipts
        .iter()
        .filter(|(_, receipt)| receipt.gate == Gate::Verify && !receipt.passed)
        .count();
    if refused > 0 {
        let times = if refused == 1 { "once" } else { "repeatedly" };
        let _ = writeln!(
            text,
            "The model said {times} that it was done when it was not: the program ran the tests itself and sent it back."
        ); // silent-ok: a String
    }
}

/// What the result printed when the program started it.
fn output(session: &Session, text: &mut String) {
    text.push('\n');
    for (_, receipt) in &session.receipts {
        if receipt.gate == Gate::Run {
            let _ = writeln!(text, "    $ {}", receipt.command); // silent-ok: a String
            for line in receipt.output.lines() {
                let _ = writeln!(text, "    {line}"); // silent-ok: a String
            }
        }
    }
    text.push('\n');
}

fn whereabouts(session: &Session, kept: Option<&Path>) -> String {
    match kept {
        Some(folder) => format!(
            "It is yours: {}\nHow it came about: loop sessions show {}\n",
            folder.display(),
            session.started.id
        ),
        None => "The folder is gone now; to keep one: loop demo --keep DIR\n".to_owned(),
    }
}

fn next() -> String {
    let model = suggestion().unwrap_or_else(|| "qwen3:8b".to_owned());
    format!(
        "Next, with a model of your own in a project of your own:\n    ollama pull {model}\n    loop \"what you want\"\n"
    )
}

//! The card at the end of a demo: what was built, what shows it, what it says for itself, and what
//! to do next. Every line of it is taken from the session.

use std::fmt::Write as _;
use std::path::Path;

use crate::engine::event::{Gate, Outcome, Proof};
use crate::engine::session::Session;
use crate::run::health::suggestion;

/// The card as Markdown. `kept` is the folder that stays.
pub(super) fn card(session: &Session, kept: Option<&Path>) -> String {
    let title = match &session.documents.prd {
        Some(prd) => prd.title.as_str(),
        None => session.started.task.as_str(),
    };
    let mut text = format!("\n# {title}: built, and shown to work\n");
    tickets(session, &mut text);
    output(session, &mut text);
    text.push_str(&whereabouts(session, kept));
    text.push_str(&next());
    text
}

fn tickets(session: &Session, text: &mut String) {
    for id in session.ticket_ids() {
        let title = session
            .ticket(id)
            .map_or("", |ticket| ticket.title.as_str());
        let end = session
            .tickets
            .get(id)
            .and_then(|progress| progress.ended.as_ref());
        let says = match end {
            Some(end) if end.outcome == Outcome::Completed && end.proof == Proof::Shown => {
                end.reason.as_str()
            }
            Some(_) | None => "not shown",
        };
        let _ = writeln!(text, "{id} {title}: {says}"); // silent-ok: a String
    }
    let failed = session
        .receipts
        .iter()
        .filter(|(_, receipt)| receipt.gate == Gate::Verify && !receipt.passed)
        .count();
    if failed > 0 {
        let times = if failed == 1 {
            "once"
        } else {
            "more than once"
        };
        let _ = writeln!(
            text,
            "The model said too early that it was done, {times}: the program ran the tests itself and sent it back."
        ); // silent-ok: a String
    }
}

/// What the result printed when the program started it.
fn output(session: &Session, text: &mut String) {
    text.push_str("\n```\n");
    for (_, receipt) in &session.receipts {
        if receipt.gate == Gate::Run {
            let _ = writeln!(text, "$ {}\n{}", receipt.command, receipt.output.trim_end()); // silent-ok: a String
        }
    }
    text.push_str("```\n\n");
}

fn whereabouts(session: &Session, kept: Option<&Path>) -> String {
    match kept {
        Some(folder) => format!(
            "It is yours: {}\nHow it came about: loop sessions show {}\n",
            folder.display(),
            session.started.id
        ),
        None => "The folder is removed now; to keep it: loop demo --keep todo\n".to_owned(),
    }
}

fn next() -> String {
    let model = suggestion().unwrap_or_else(|| "qwen3:8b".to_owned());
    format!(
        "\nNow with a model of your own, in a project of yours:\n\n    ollama pull {model}\n    loop \"what you want\"\n"
    )
}

//! The live screen: in terminals while a run goes on, and as text. Frames are kept as snapshots
//! without what differs from run to run.
#![expect(clippy::unwrap_used, reason = "tests")]

mod acts;
mod frames;
mod properties;
mod screens;
mod several;

use std::process::Command;
use std::sync::mpsc::Sender;

use crate::support::fake_ollama::script::gate;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::pty::Program;
use crate::support::todo::{Asked, says};

/// The program in a terminal of that size.
fn watch(project: &Project, size: (u16, u16), arguments: &[&str]) -> Program {
    let mut all = vec!["watch"];
    all.extend(arguments);
    let mut command: Command = project.command(&all);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    Program::start(&command, size.0, size.1)
}

/// A server whose model waits for the sender at its third turn of the first ticket.
fn server_that_waits() -> (Sender<()>, FakeOllama) {
    let (open, closed) = gate();
    let mut closed = Some(closed);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            let is_there = asked.ticket() == Some("T1") && asked.turn() == 2;
            match closed.take_if(|_| is_there && asked.form().is_none()) {
                None => says(&asked).script(request),
                Some(gate) => Script::stream()
                    .wait(gate)
                    .text("It is built and its test passes.\n[TASK_COMPLETE]")
                    .done_with("stop", 900, 50),
            }
        });
    (open, server)
}

/// A frame without what differs from run to run and from machine to machine.
pub(crate) fn masked(frame: &str) -> String {
    let rows = frame
        .lines()
        .map(|row| masked_row(&without_place(row)).trim_end().to_owned());
    rows.collect::<Vec<_>>().join("\n")
}

/// The row without the folder of the test.
fn without_place(row: &str) -> String {
    match row.split_once("project /") {
        Some((before, _)) => format!("{before}project /…"),
        None => row.to_owned(),
    }
}

fn masked_row(row: &str) -> String {
    let mut chars: Vec<char> = row.chars().collect();
    let digit = |ch: char| ch.is_ascii_digit();
    let mut at = 0;
    while at < chars.len() {
        let end = at
            + chars[at..]
                .iter()
                .take_while(|ch| digit(**ch) || matches!(ch, ':' | '.' | ',' | '-'))
                .count();
        if end == at || !digit(chars[at]) {
            at += 1;
            continue;
        }
        let number: String = chars[at..end].iter().collect();
        let after: String = chars[end..].iter().take(9).collect();
        // The four letters at the end of an id may begin with digits.
        let is_id =
            number.len() >= 16 && number.as_bytes()[8] == b'-' && number.as_bytes()[15] == b'-';
        let is_age =
            !is_id && ["s", "m", "h"].contains(&after.split(' ').next().unwrap_or_default());
        let is_clock = number.contains(':') && number.len() >= 4;
        let is_measured = ["%", " tokens", " written", " tok/s", "…"]
            .iter()
            .any(|unit| after.starts_with(unit))
            || (after.starts_with(" s") && !after.starts_with(" sess"));
        if is_age {
            // It stands at the right of its column, however long it is.
            chars[at..end].fill(' ');
            chars[end - 1] = '0';
        } else if is_id || is_clock || is_measured {
            let stop = if is_id {
                (at + 20).min(chars.len())
            } else {
                end
            };
            for ch in &mut chars[at..stop] {
                if ch.is_ascii_alphanumeric() {
                    *ch = '0';
                }
            }
        }
        at = end;
    }
    for ch in &mut chars {
        if *ch == '█' {
            *ch = '░';
        }
    }
    chars.into_iter().collect()
}

//! The receipt of a ticket: its checks, how much it changed, its commit, its attempts and what a
//! critic said. Everything that calls a ticket done takes it from here; without a check that
//! executed tests, nothing is.

use std::fmt;

use serde::Serialize;

use super::artifact::Judged;
use super::event::{DiffStat, Gate, Outcome, Proof, Receipt};
use super::session::{Session, TicketEnd, TicketProgress};
use super::whose::words;

/// What stands behind a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketReceipt<'a> {
    /// Attempts begun.
    pub attempts: u32,
    /// The last passing run of each of its commands.
    pub checks: Vec<CheckLine<'a>>,
    /// How much it changed.
    pub diff: Option<DiffStat>,
    /// The commit that holds it.
    pub commit: Option<&'a str>,
    /// The last words of its critic.
    pub critic: Option<CriticLine<'a>>,
}

/// One check that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckLine<'a> {
    /// The command as it was run.
    pub command: &'a str,
    /// Its exit code.
    pub exit: Option<i32>,
    /// Tests that it executed; none if its output does not say.
    pub tests: Option<u64>,
    /// Wall time in milliseconds.
    pub ms: u64,
    /// A file that the command names and that a person took back since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<&'a str>,
}

/// What a critic said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriticLine<'a> {
    /// The model that judged.
    pub model: &'a str,
    /// The count in words, and a line for what is not met or cannot be told.
    pub words: &'a str,
    /// Criterion by criterion; empty if there was no usable verdict.
    pub criteria: &'a [Judged],
}

/// How a ticket stands, in the eyes of whoever asks what was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Completed, and a check that executed tests shows it.
    Done,
    /// Changed, but nothing that was run shows it.
    NotShown,
    /// Tried, and given up.
    Blocked,
    /// A person said no.
    Refused,
    /// Left out.
    LeftOut,
    /// A person took it back.
    TakenBack,
    /// A person took some of it back.
    PartlyTakenBack,
    /// It has not been begun.
    Open,
    /// An attempt at it was begun, and it has not ended.
    Begun,
}

impl Standing {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotShown => "changed, not shown",
            Self::Blocked => "blocked",
            Self::Refused => "refused",
            Self::LeftOut => "left out",
            Self::TakenBack => "taken back by the person",
            Self::PartlyTakenBack => "partly taken back by the person",
            Self::Open => "not begun",
            Self::Begun => "begun, not over",
        }
    }
}

impl<'a> TicketReceipt<'a> {
    /// What stands behind that ticket so far.
    pub fn of(session: &'a Session, id: &str) -> Self {
        let progress = session.tickets.get(id);
        let end = progress.and_then(|progress| progress.ended.as_ref());
        let critic = session
            .receipts
            .iter()
            .rev()
            .find(|(of, receipt)| of.as_deref() == Some(id) && receipt.gate == Gate::Critic);
        Self {
            attempts: progress.map_or(0, |progress| progress.attempts),
            checks: checks(session, id),
            diff: end.and_then(|end| end.diff),
            commit: end.and_then(|end| end.commit.as_deref()),
            critic: critic.map(|(_, receipt)| CriticLine {
                model: &receipt.command,
                words: &receipt.output,
                criteria: &receipt.criteria,
            }),
        }
    }
}

/// How that ticket stands.
pub fn standing(session: &Session, id: &str) -> Standing {
    let progress = session.tickets.get(id);
    let Some(end) = progress.and_then(|progress| progress.ended.as_ref()) else {
        return match progress {
            Some(progress) if progress.attempts > 0 => Standing::Begun,
            Some(_) | None => Standing::Open,
        };
    };
    match end.outcome {
        _ if let Some(left) = session.left_of(id) => {
            if left.is_empty() {
                Standing::TakenBack
            } else {
                Standing::PartlyTakenBack
            }
        }
        Outcome::Completed if is_shown(session, id, end) => Standing::Done,
        Outcome::Completed => Standing::NotShown,
        Outcome::Blocked => Standing::Blocked,
        Outcome::Refused => Standing::Refused,
        Outcome::Skipped => Standing::LeftOut,
    }
}

fn is_shown(session: &Session, id: &str, end: &TicketEnd) -> bool {
    end.proof == Proof::Shown
        && checks(session, id)
            .iter()
            .any(|check| check.tests > Some(0))
}

/// The checks of a ticket that passed, in a line each.
pub fn cited(session: &Session, id: &str) -> Vec<String> {
    checks(session, id)
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The last passing run of each command; of the attempt that stays, where several were compared.
fn checks<'a>(session: &'a Session, id: &str) -> Vec<CheckLine<'a>> {
    let chosen = session
        .tickets
        .get(id)
        .and_then(TicketProgress::chosen_result);
    if let Some(chosen) = chosen {
        let receipts = chosen.receipts.iter();
        return receipts
            .map(|receipt| CheckLine::of(session, receipt))
            .collect();
    }
    let mut kept: Vec<CheckLine<'a>> = Vec::new();
    let of_ticket = session.receipts.iter().filter(|(of, receipt)| {
        of.as_deref() == Some(id) && receipt.gate == Gate::Verify && receipt.passed
    });
    for (_, receipt) in of_ticket {
        kept.retain(|other| other.command != receipt.command);
        kept.push(CheckLine::of(session, receipt));
    }
    kept
}

impl<'a> CheckLine<'a> {
    fn of(session: &'a Session, receipt: &'a Receipt) -> Self {
        Self {
            command: &receipt.command,
            exit: receipt.exit,
            tests: receipt.tests,
            ms: receipt.ms,
            gone: session.gone().find(|path| is_named(&receipt.command, path)),
        }
    }

    /// The command, and how many tests it executed.
    pub fn short(&self) -> String {
        format!("`{}` ({}{})", self.command, self.counted(), self.since())
    }

    /// Why it cannot be run again as it was.
    fn since(&self) -> String {
        self.gone.map_or(String::new(), |path| {
            format!(", before {path} was taken back")
        })
    }

    fn counted(&self) -> String {
        match self.tests {
            Some(1) => "1 test".to_owned(),
            Some(count) => format!("{count} tests"),
            None => "no tests counted".to_owned(),
        }
    }
}

/// Whether a command names that file, or the module that it is.
fn is_named(command: &str, path: &str) -> bool {
    let module = path.strip_suffix(".py").map(|path| path.replace('/', "."));
    words(command).any(|word| {
        let word = word.trim_start_matches("./");
        word == path || module.as_deref() == Some(word)
    })
}

impl fmt::Display for CheckLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exit = self.exit.map_or("none".to_owned(), |code| code.to_string());
        write!(
            f,
            "`{}` exit {exit}, {}, {} ms{}",
            self.command,
            self.counted(),
            self.ms,
            self.since()
        )
    }
}

//! The checks of a ticket on the project as it is before the ticket: what fails then and passes
//! afterwards shows the work, what passes then and fails afterwards was broken by it, and what is
//! red from the start is told to the person and excused. What the checks leave behind in the
//! project is put back.

use serde_json::json;

use super::driver::{Ending, Run};
use crate::engine::event::{Event, Gate, Note, NoteKind, Receipt};
use crate::engine::gate::covers;
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;

/// The most names of failing tests that a person is told.
const NAMED: usize = 10;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs the ticket's checks before its first attempt, but for those whose outcome on this very
    /// content of the project is known.
    pub(super) async fn run_before(&mut self, id: String) -> Result<Option<Ending>> {
        let now = self.snapshots.take().await?;
        let is_first = self.session.snapshots.first.is_none();
        let mut ran = false;
        for line in self.commands_of(&id) {
            if self.session.known(&now, &line).is_some() {
                continue;
            }
            ran = true;
            let seconds = self.session.settings.commands.max_timeout_seconds;
            let mut receipt = match self.run_planned(Gate::Before, line, seconds).await? {
                Ok(receipt) => receipt,
                Err(ending) => return Ok(ending),
            };
            receipt.tree_before = Some(now.clone());
            self.append_to(Some(id.clone()), Event::Checked(receipt))?;
        }
        if ran {
            let after = self.snapshots.take().await?;
            if after != now {
                self.put_traces_back(&now, &after).await?;
            }
        }
        if is_first {
            self.tell_what_is_red(&id)?;
        }
        self.append(Event::Note(Note {
            kind: NoteKind::Baseline,
            text: format!("the checks of {id} were run before the work"),
            data: json!({"ticket": id}),
        }))?;
        Ok(None)
    }

    /// The commands behind a claim that a ticket is done: its own, those of the tickets before it
    /// (what was green stays green), and the project's own tests.
    pub(super) fn commands_of(&self, id: &str) -> Vec<String> {
        let mut commands = self.session.verify_commands(id);
        for line in self.whole_suite() {
            if !commands.iter().any(|done| covers(done, &line)) {
                commands.push(line);
            }
        }
        let own = self.session.planned(id).map(|plan| plan.verify.as_slice());
        let is_own = |line: &String| own.is_some_and(|own| own.contains(line));
        commands.retain(|line| is_own(line) || !self.is_retired(line));
        commands
    }

    /// What shows that the project as a whole works: the user's own commands, those of the tickets
    /// that are done, the tests that the program finds, and those that it found before: what the
    /// work writes may hide them, and take them out only with a file of which a ticket says so.
    pub(super) fn whole_suite(&self) -> Vec<String> {
        let mut commands = self.session.suite_commands();
        let stood = self.session.stood_commands();
        let found = self.own_suite();
        // Named as it was then, a suite is compared with itself.
        let found = found.into_iter().map(|line| {
            let as_then = stood.iter().find(|then| covers(then, &line));
            as_then.cloned().unwrap_or(line)
        });
        for line in found.chain(stood.iter().cloned()).collect::<Vec<_>>() {
            if !commands.iter().any(|done| covers(done, &line)) {
                commands.push(line);
            }
        }
        commands.retain(|line| !self.is_retired(line));
        commands
    }

    /// A suite that is red before the first change is told, and stands in the summary.
    fn tell_what_is_red(&mut self, id: &str) -> Result<()> {
        let seconds = self.session.settings.commands.max_timeout_seconds;
        let red: Vec<String> = self
            .whole_suite()
            .iter()
            .filter_map(|line| self.session.before(id, line))
            .filter(|receipt| !receipt.passed || !receipt.failing.is_empty())
            .map(|receipt| in_words(receipt, seconds))
            .collect();
        if red.is_empty() {
            return Ok(());
        }
        let text = format!(
            "Before the first change this was red already: {}. Only what fails in addition counts against the work.",
            red.join("; ")
        );
        self.append(Event::Warned { text: text.clone() })?;
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: serde_json::Value::Null,
        }))
    }
}

/// A red check: its command, how it ended within so many seconds, and which tests failed.
fn in_words(receipt: &Receipt, seconds: u64) -> String {
    let ending = match (receipt.timed_out, receipt.exit) {
        (true, _) => {
            format!("did not end within {seconds} s, which is commands.max_timeout_seconds")
        }
        (false, Some(code)) => format!("exit {code}"),
        (false, None) => "did not run".to_owned(),
    };
    let failing = receipt.failing.len();
    let names = match failing {
        0 => String::new(),
        n if n <= NAMED => format!(", failing: {}", receipt.failing.join(", ")),
        n => format!(
            ", failing: {} and {} more",
            receipt.failing[..NAMED].join(", "),
            n - NAMED
        ),
    };
    format!("`{}` ({ending}{names})", receipt.command)
}

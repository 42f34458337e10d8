//! A ticket that an earlier one of this session has built already: nothing has to be changed, and its
//! own check says so. It is done, and not shown. A model that only writes the marker has said nothing,
//! and a check of what was there before the session says nothing of the ticket.

use super::driver::Run;
use crate::engine::event::{Gate, Receipt};
use crate::engine::gate::{covers, told};
use crate::engine::guard::picked;
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::{Tail, Work};

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// The verdict on a ticket of which the model says that all of it is there, and that needs no
    /// change: all of its checks passed before it, and one of its own runs tests that an earlier
    /// ticket has written. None: it has to be built.
    pub(super) fn built_before(&self, id: &str) -> Option<Receipt> {
        let open = self.session.conversation.as_ref()?;
        if !matches!(&open.tail, Tail::Claim { text, .. } if !text.trim().is_empty()) {
            return None;
        }
        let commands = self.session.verify_commands(id);
        let stood = commands.iter().map(|line| self.session.before(id, line));
        let stood: Vec<&Receipt> = stood.collect::<Option<_>>()?;
        if stood
            .iter()
            .any(|was| !was.passed || !was.failing.is_empty())
        {
            return None;
        }
        let own = &self.session.planned(id)?.verify;
        let earlier = self.session.suite_commands();
        let suite = self.own_suite();
        let is_its_own = |was: &&&Receipt| {
            let line = &was.command;
            own.contains(line)
                && was.tests.is_some_and(|tests| tests > 0)
                && !earlier.contains(line)
                && !suite.iter().any(|whole| covers(line, whole))
                && self.is_of_this_session(id, line)
        };
        let shown = stood.iter().find(is_its_own)?;
        let tests = match shown.tests {
            Some(1) => "1 test".to_owned(),
            tests => format!("{} tests", tests.unwrap_or(0)),
        };
        let text = format!(
            "nothing had to be changed: its own check passed already: {} ({tests})",
            shown.command
        );
        Some(Receipt {
            tests: Some(0),
            ..told(Gate::Verdict, true, text)
        })
    }

    /// Whether a command names tests, and other tickets of this session have written all of them.
    fn is_of_this_session(&self, id: &str, command: &str) -> bool {
        let works = self.session.works.iter().filter(|work| work.name != id);
        let written: Vec<&String> = works.flat_map(Work::touched).collect();
        let named = picked(command);
        let is_written = |path: &String| written.contains(&path);
        !named.is_empty()
            && named.iter().all(|one| {
                let mut places = one.places.iter();
                places.any(|place| is_written(&place.path))
            })
    }
}

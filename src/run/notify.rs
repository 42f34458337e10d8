//! Calls a person who looks elsewhere, by their own commands (`run/hooks.rs`). A run waits for none
//! before its end, and then no longer than the limit. Each start is journaled before it happens, so
//! that a kill in between starts none twice.

use serde_json::json;

use super::driver::{Attendance, Ending, Run};
use super::hooks::{Ended, Hooks, Told};
use crate::engine::event::{Event, Interruption, Note, NoteKind, Record};
use crate::engine::notice::{CALL_FAILED, Notice};
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::recording::is_a_call;
use crate::error::Result;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// From now on the person is called by these commands.
    pub fn call_by(&mut self, hooks: Hooks) {
        self.hooks = hooks;
    }

    /// Calls the person, if what was just written down is a reason to.
    pub(super) fn call_for(&mut self, record: &Record) -> Result<()> {
        match Notice::of(record, &self.session) {
            Some(notice) => self.call(notice),
            None => Ok(()),
        }
    }

    /// Calls the person to the question that is waited for.
    pub(super) fn call_to_question(&mut self) -> Result<()> {
        if let Some(tape) = self.tape.clone() {
            while tape.next().is_some_and(|next| is_a_call(&next.event)) {
                self.take_next(&tape)?;
            }
            return Ok(());
        }
        match (self.attendance, Notice::of_question(&self.session)) {
            (Attendance::Person | Attendance::Elsewhere, Some(notice)) => self.call(notice),
            // Where nobody can be asked, it is filled in, or the run stops and calls then.
            (Attendance::Nobody, _) | (_, None) => Ok(()),
        }
    }

    fn call(&mut self, mut notice: Notice) -> Result<()> {
        if !self.hooks.has(notice.event) {
            return Ok(());
        }
        for text in [&mut notice.task, &mut notice.text] {
            *text = self.incoming.text(text);
        }
        let on = notice.event.word();
        self.note_hook(
            format!("started the command for '{on}'"),
            json!({"on": on, "state": "started"}),
        )?;
        self.hooks.start(&notice);
        Ok(())
    }

    /// Journals the commands that have ended, and waits for none.
    pub(super) fn look_after_hooks(&mut self) -> Result<()> {
        while let Some(ended) = self.hooks.ended() {
            self.hook_ended(ended)?;
        }
        Ok(())
    }

    /// Waits for the commands that are under way: each has its limit, and Ctrl-C ends them.
    pub(super) async fn see_hooks_through(&mut self, ending: &Ending) -> Result<()> {
        self.look_after_hooks()?;
        if matches!(ending, Ending::Stopped(Interruption::Signal, _)) {
            self.hooks.stop().await;
        }
        if self.hooks.is_running() {
            let what = "waiting for your command of notify.commands";
            self.operator.show(Update::Waiting(what));
        }
        loop {
            let ended = tokio::select! {
                biased;
                ended = self.hooks.next() => ended,
                () = self.interrupt.requested() => None,
            };
            match ended {
                Some(ended) => self.hook_ended(ended)?,
                None => break,
            }
        }
        self.hooks.stop().await;
        Ok(())
    }

    fn hook_ended(&mut self, ended: Ended) -> Result<()> {
        let on = ended.occasion.word();
        let text = match &ended.wrong {
            None => format!("the command for '{on}' has ended"),
            Some(why) => format!("the command for '{on}' failed: {why}"),
        };
        self.note_hook(
            text,
            json!({"on": on, "state": "ended", "exit": ended.exit, "ms": ended.ms}),
        )?;
        let Some(why) = ended.wrong.filter(|_| self.hooks.told == Told::No) else {
            return Ok(());
        };
        self.hooks.told = Told::Yes;
        let text = format!(
            "{CALL_FAILED}{on}' failed: {why}. The work goes on, and this is said once. What the command says is kept nowhere, since an address is often a key: run it by hand to see it. It stands in notify.commands; loop config path says where."
        );
        self.append(Event::Warned { text })
    }

    fn note_hook(&mut self, text: String, data: serde_json::Value) -> Result<()> {
        self.append(Event::Note(Note {
            kind: NoteKind::Hook,
            text,
            data,
        }))
    }
}

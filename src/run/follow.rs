//! A run that repeats a recorded session: each line that it comes to has to be the recorded one;
//! what came from outside is taken over; where the recorded process ended, it begins anew. A run
//! without a recording passes by here.

use super::driver::{Attendance, Run};
use super::perform::sha256 as digest;
use super::tape::{End, Settled, Tape};
use crate::engine::event::{Event, Receipt, Record};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::recording::{By, receipt_as_recorded};
use crate::engine::session::Session;
use crate::engine::tool::{Tool, ToolStatus};
use crate::error::{Error, ErrorKind, Result};
use crate::git::write_files;
use crate::store::{Entry, read};

/// What a refusal says when nobody was there; nothing else in a journal tells that nobody was.
const NOBODY: [&str; 3] = [
    "nobody can be asked",
    "nobody is there to watch",
    "since nobody is there",
];

/// Whose doing a refusal is that the program itself would not come to.
const ADMINISTRATOR: [&str; 2] = [
    "Nobody here can allow it.",
    "Commands do not run here: commands would run behind",
];

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Takes over what came from outside before the next decision.
    pub(super) fn follow(&mut self) -> Result<()> {
        let Some(tape) = self.tape.clone() else {
            return Ok(());
        };
        while self.take_next(&tape)? {}
        if tape.next().is_none() {
            return Err(ended(&tape, End::Over));
        }
        self.attendance = attendance(&tape);
        Ok(())
    }

    /// A line that the run has come to.
    pub(super) fn repeat(&mut self, tape: &Tape, entry: Entry) -> Result<()> {
        if tape.process_ends() {
            return Err(ended(tape, End::Process));
        }
        let is_warning = matches!(entry.event, Event::Warned { .. });
        while tape
            .next()
            .is_some_and(|next| !(is_warning && matches!(next.event, Event::Warned { .. })))
        {
            if !self.take_next(tape)? {
                break;
            }
        }
        let event = at_recorded_places(tape, entry.event);
        let settled = tape.settle(entry.phase.as_ref(), entry.ticket.as_ref(), event);
        let event = match settled {
            Settled::Written(event) => *event,
            Settled::LeftOut => return Ok(()),
            Settled::Differs => return Err(ended(tape, End::Over)),
        };
        let comes_to_rest = matches!(
            event,
            Event::Interrupted { .. } | Event::SessionFinished { .. }
        );
        let had_an_effect = is_done_before_the_end(tape, &event);
        self.write_down(Entry { event, ..entry })?;
        match tape.next() {
            Some(next) => change(tape, next.seq, By::Other)?,
            None => return Err(ended(tape, End::Over)),
        }
        if tape.process_ends() && !comes_to_rest && !had_an_effect {
            return Err(ended(tape, End::Process));
        }
        Ok(())
    }

    /// The receipt of a command that was not run again.
    pub(super) fn recorded_receipt(&self, receipt: Receipt) -> Receipt {
        let next = self.tape.as_ref().and_then(Tape::next_but_warnings);
        match next.map(|record| record.event) {
            Some(Event::Checked(recorded)) => receipt_as_recorded(&recorded, receipt),
            _ => receipt,
        }
    }

    /// Why a command was refused that only an administrator's policy refuses: no journal holds one.
    pub(super) fn recorded_refusal(&self) -> Option<String> {
        let is_told =
            |event: &Event| matches!(event, Event::ToolFinished { .. } | Event::Checked(_));
        let told = self.tape.as_ref()?.until(|event| !is_told(event)).pop()?;
        let why = match told.event {
            Event::ToolFinished { result, .. } if result.status == ToolStatus::Denied => {
                result.text
            }
            Event::Checked(receipt) if receipt.exit.is_none() => receipt.output,
            _ => return None,
        };
        let is_theirs = ADMINISTRATOR.iter().any(|words| why.contains(words));
        is_theirs.then_some(why)
    }

    /// Takes the next line over if it came from outside; whether it did.
    pub(super) fn take_next(&mut self, tape: &Tape) -> Result<bool> {
        match tape.take_outside() {
            Some(record) => self.take_over(tape, record).map(|()| true),
            None => Ok(false),
        }
    }

    /// What came of a commit then: what hooks said and left, and why it could not be made.
    pub(super) fn take_recorded_commit(&mut self) -> Result<()> {
        let Some(tape) = self.tape.clone() else {
            return Ok(());
        };
        while let Some(next) = tape.next() {
            change(&tape, next.seq, By::Other)?;
            if !tape.is_told() || tape.process_ends() {
                break;
            }
            self.take_next(&tape)?;
        }
        Ok(())
    }

    fn take_over(&mut self, tape: &Tape, record: Record) -> Result<()> {
        let is_resumed = matches!(record.event, Event::Resumed { .. });
        change(tape, record.seq, By::Command)?;
        self.write_down(Entry {
            phase: record.phase,
            ticket: record.ticket,
            event: record.event,
        })?;
        if is_resumed {
            self.begin_anew()?;
        }
        Ok(())
    }

    /// As a later process does: from the journal, with nothing else in mind.
    fn begin_anew(&mut self) -> Result<()> {
        let content = read(&self.store.folder.journal())?;
        self.session = Session::fold(&content.records)
            .map_err(|error| Error::new(ErrorKind::Session, error.to_string()))?;
        self.cuts = 0;
        self.broken = false;
        self.gone_since = None;
        self.cannot_think = false;
        self.look_for_secrets();
        Ok(())
    }
}

/// What became of files just before that line.
fn change(tape: &Tape, seq: u64, by: By) -> Result<()> {
    let (project, files) = tape.files_at(seq, by);
    write_files(&project, &files).map_err(|error| {
        Error::new(
            ErrorKind::Incomplete,
            format!("cannot write into {}: {error}", project.display()),
        )
    })
}

/// The summary names folders; there they are those of the recording.
fn at_recorded_places(tape: &Tape, event: Event) -> Event {
    let Some(mut event) = tape.with_recorded_places(&event) else {
        return event;
    };
    if let Event::ArtifactWritten {
        content, sha256, ..
    } = &mut event
        && let Some(text) = content.as_str()
    {
        *sha256 = digest(text.as_bytes());
    }
    event
}

/// The process that wrote a file may have ended before it did or after it; the later one's words
/// tell which.
fn is_done_before_the_end(tape: &Tape, event: &Event) -> bool {
    let Event::ToolStarted { call, .. } = event else {
        return false;
    };
    if !matches!(
        Tool::named(&call.name),
        Some(Tool::WriteFile | Tool::EditFile)
    ) {
        return false;
    }
    let path = call.text("path").unwrap_or_default();
    let goes_on = |event: &Event| !matches!(event, Event::ToolFinished { .. });
    let finished = tape.until(goes_on).pop();
    matches!(
        finished.map(|record| record.event),
        Some(Event::ToolFinished { id, result, .. })
            if id == call.id && result.text == format!("{path} was written.")
    )
}

/// Whether somebody could be asked about the next command.
fn attendance(tape: &Tape) -> Attendance {
    let goes_on = |event: &Event| !matches!(event, Event::ToolFinished { .. } | Event::Checked(_));
    let said_so = tape.until(goes_on).iter().any(|record| {
        let text = match &record.event {
            Event::ToolFinished { result, .. } => &result.text,
            Event::Checked(receipt) => &receipt.output,
            Event::Warned { text } => text,
            _ => return false,
        };
        NOBODY.iter().any(|words| text.contains(words))
    });
    if said_so {
        Attendance::Nobody
    } else {
        Attendance::Person
    }
}

/// Ends the run; `replay` asks the tape why.
fn ended(tape: &Tape, end: End) -> Error {
    tape.end(end);
    Error::new(
        ErrorKind::Incomplete,
        "the recording is not followed further",
    )
}

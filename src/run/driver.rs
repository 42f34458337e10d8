//! The loop of a run and what it holds: one session, its journal, a model, a person, a project.

use std::time::{Duration, Instant};

use super::answers::Answers;
use super::hooks::Hooks;
use super::inbox::Letters;
use super::incoming::{Incoming, carries_news};
use super::interrupt::Interrupt;
use super::tape::Tape;
use crate::engine::decide::{Effect, decide};
use crate::engine::event::{Event, Interruption, Outcome};
use crate::engine::floor::Floor;
use crate::engine::ports::{Confine, Model, Operator, Update};
use crate::engine::session::Session;
use crate::engine::tool::{Tool, ToolEffect};
use crate::error::Result;
use crate::git::{Repository, Snapshots};
use crate::store::{Durability, Entry, OpenSession, ProjectLock};
use crate::tools::Surroundings;
use crate::tools::Workspace;

/// What happens to a question that nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unattended {
    /// The run stops and can be resumed with an answer; where somebody can be asked from
    /// elsewhere, it waits for it.
    Stop,
    /// The model fills it in.
    LetTheModelDecide,
}

/// Whether somebody could answer a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// A person is at the terminal.
    Person,
    /// A person can be asked, and answers from elsewhere; nobody watches.
    Elsewhere,
    /// Nobody is.
    Nobody,
}

/// What a run is made of.
#[derive(Debug)]
pub struct Parts<M, O, C> {
    /// The session as folded so far.
    pub session: Session,
    /// Its folder, lock and journal.
    pub store: OpenSession,
    /// The right to work in the project.
    pub claim: ProjectLock,
    /// What an administrator demands.
    pub floor: Floor,
    /// Who answers conversations.
    pub model: M,
    /// Who answers questions.
    pub operator: O,
    /// Where commands run.
    pub confine: C,
    /// The project.
    pub workspace: Workspace,
    /// Copies of the project.
    pub snapshots: Snapshots,
    /// Told to stop.
    pub interrupt: Interrupt,
    /// Answers known beforehand.
    pub answers: Answers,
    /// What happens to a question that nobody answers.
    pub unattended: Unattended,
    /// Whether somebody could answer a question.
    pub attendance: Attendance,
    /// How long a server that went away is waited for.
    pub server_wait: Duration,
    /// What the last session in this project built, in a few lines.
    pub history: Option<String>,
    /// What the machine offers.
    pub surroundings: Surroundings,
    /// Names and values that must neither be sent nor written.
    pub secrets: Vec<(String, String)>,
}

/// A run.
#[derive(Debug)]
pub struct Run<M, O, C> {
    pub(super) session: Session,
    pub(super) store: OpenSession,
    pub(super) floor: Floor,
    pub(super) model: M,
    pub(super) operator: O,
    pub(super) confine: C,
    pub(super) workspace: Workspace,
    pub(super) snapshots: Snapshots,
    pub(super) interrupt: Interrupt,
    pub(super) answers: Answers,
    pub(super) unattended: Unattended,
    pub(super) attendance: Attendance,
    pub(super) server_wait: Duration,
    pub(super) history: Option<String>,
    pub(super) surroundings: Surroundings,
    _claim: ProjectLock,
    pub(super) incoming: Incoming,
    /// How the person is called who looks elsewhere.
    pub(super) hooks: Hooks,
    /// What is sent from elsewhere, once the run listens.
    pub(super) letters: Option<Letters>,
    /// Where commits go, if they are wanted.
    pub(super) repository: Option<Repository>,
    /// Replies cut off in a row.
    pub(super) cuts: u32,
    /// The model was told of cut replies, and no whole one has come since.
    pub(super) broken: bool,
    /// Since when no reply has come, if the server was waited for.
    pub(super) gone_since: Option<Instant>,
    /// The model said that it cannot think: do not ask it to again.
    pub(super) cannot_think: bool,
    /// The recorded session that this run repeats, if it does.
    pub(super) tape: Option<Tape>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The session is over.
    Finished(Outcome, String),
    /// The phase that was asked for is over.
    Reached(String),
    /// It stopped and can be resumed.
    Stopped(Interruption, String),
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// A run of these parts.
    pub fn new(parts: Parts<M, O, C>) -> Self {
        Self {
            session: parts.session,
            store: parts.store,
            floor: parts.floor,
            model: parts.model,
            operator: parts.operator,
            confine: parts.confine,
            workspace: parts.workspace,
            snapshots: parts.snapshots,
            interrupt: parts.interrupt,
            answers: parts.answers,
            unattended: parts.unattended,
            attendance: parts.attendance,
            server_wait: parts.server_wait,
            history: parts.history,
            surroundings: parts.surroundings,
            _claim: parts.claim,
            incoming: Incoming::new(parts.secrets),
            hooks: Hooks::default(),
            letters: None,
            repository: None,
            cuts: 0,
            broken: false,
            gone_since: None,
            cannot_think: false,
            tape: None,
        }
    }

    /// Works until the session is over or something stops it. The journal is whole at any moment.
    pub async fn drive(&mut self) -> Result<Ending> {
        let ending = self.work().await?;
        self.see_hooks_through(&ending).await?;
        Ok(ending)
    }

    async fn work(&mut self) -> Result<Ending> {
        self.listen()?;
        self.find_repository().await?;
        loop {
            self.look_after_hooks()?;
            self.follow()?;
            if self.interrupt.is_requested() {
                return self.stop(Interruption::Signal, "interrupted by the person".to_owned());
            }
            self.take_tickets_answers()?;
            match decide(&self.session) {
                Effect::Nothing => return Ok(self.ending()),
                Effect::Stop(why, reason) => return self.stop(why, reason),
                Effect::Reached(phase) => return Ok(Ending::Reached(phase)),
                effect if self.hear(&effect)? => {}
                effect => {
                    if let Some(ending) = self.perform(effect).await? {
                        return Ok(ending);
                    }
                }
            }
        }
    }

    /// The session as it stands.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where the session is on disk.
    pub fn store(&self) -> &OpenSession {
        &self.store
    }

    /// The person, to be told what happens after the run.
    pub fn operator(&mut self) -> &mut O {
        &mut self.operator
    }

    fn ending(&self) -> Ending {
        match &self.session.finished {
            Some((outcome, reason)) => Ending::Finished(*outcome, reason.clone()),
            None => Ending::Stopped(
                Interruption::Limit,
                "there is nothing left to decide".to_owned(),
            ),
        }
    }

    /// Writes down that the run stops, and why.
    pub(super) fn stop(&mut self, why: Interruption, reason: String) -> Result<Ending> {
        self.correct_summary()?;
        self.append(Event::Interrupted {
            why,
            reason: reason.clone(),
        })?;
        Ok(Ending::Stopped(why, reason))
    }

    /// Appends an event that belongs to the ticket at hand, folds it and shows it.
    pub fn append(&mut self, event: Event) -> Result<()> {
        let ticket = self.session.current_ticket.clone();
        self.append_to(ticket, event)
    }

    /// The same for a certain ticket.
    pub(super) fn append_to(&mut self, ticket: Option<String>, event: Event) -> Result<()> {
        if carries_news(&event) {
            self.look_for_secrets();
        }
        let event = self.incoming.event(event);
        let phase = match &event {
            Event::PhaseEntered { name, .. } => Some(name.clone()),
            _ => self.session.phase().map(|phase| phase.name.clone()),
        };
        let entry = Entry {
            phase,
            ticket,
            event,
        };
        match self.tape.clone() {
            None => self.write_down(entry),
            Some(tape) => self.repeat(&tape, entry),
        }
    }

    /// Appends a line, folds it and shows it.
    pub(super) fn write_down(&mut self, entry: Entry) -> Result<()> {
        let durability = durability(&entry.event);
        let appended = self.store.journal.append(entry, durability)?;
        // The session goes on with what happened; what is shown and kept has no secrets in it.
        self.session.apply(&appended.record);
        self.operator.show(Update::Written(&appended.line));
        self.operator.show(Update::Recorded(appended.shown()));
        self.call_for(appended.shown())
    }
}

/// Which lines must be on the disk before the program goes on: those before an effect on the
/// project, and those that hold what a person said. A turn that only reads waits for no disk.
fn durability(event: &Event) -> Durability {
    match event {
        Event::ToolStarted { call, .. } => match Tool::named(&call.name).map(Tool::effect) {
            Some(ToolEffect::WritesOneFile | ToolEffect::RunsACommand) => Durability::Synced,
            Some(ToolEffect::Reads | ToolEffect::AsksAPerson) | None => Durability::Buffered,
        },
        Event::SessionStarted(_)
        | Event::Asked { .. }
        | Event::Answered { .. }
        | Event::Told { .. }
        | Event::ArtifactWritten { .. }
        | Event::TicketFinished { .. }
        | Event::PhaseFinished { .. }
        | Event::Interrupted { .. }
        | Event::SessionFinished { .. } => Durability::Synced,
        _ => Durability::Buffered,
    }
}

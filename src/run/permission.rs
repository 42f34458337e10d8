//! Whether a command may run: dangerous ones are refused, suspicious ones are asked about once for
//! each pattern, and without a wall nothing runs that nobody watches. Here too the wall that is in
//! force is told, once.

use serde_json::Value;

use super::driver::{Attendance, Ending, Run};
use super::perform::sha256;
use super::reopen::gone;
use crate::engine::ask::{Ask, AskId, AskKind, Verdict};
use crate::engine::event::{Event, Note, NoteKind};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::screen::{Class, Screening, Stakes};
use crate::engine::settings::{Approval, Switch};
use crate::error::Result;
use crate::sandbox::{Tier, screen_command};

/// Characters of a command that a question shows.
const SHOWN: usize = 600;

/// Whether a command may run.
#[derive(Debug)]
pub(super) enum Leave {
    /// It runs.
    Given,
    /// It does not; said to the model.
    Refused(String),
    /// The run was interrupted, or ends here.
    Stopped(Option<Ending>),
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Whether a command that the model wants may run.
    pub(super) async fn leave(&mut self, command: &str) -> Result<Leave> {
        if let Some(why) = self.recorded_refusal() {
            return Ok(Leave::Refused(why));
        }
        if let Some(why) = self.unwatched()? {
            return Ok(Leave::Refused(why));
        }
        let screening = self.screened(command);
        if let Some(why) = self.floor.refuses_command(&screening) {
            return Ok(Leave::Refused(why));
        }
        match screening.class {
            Class::Ok => Ok(Leave::Given),
            Class::Dangerous => Ok(Leave::Refused(refused(&screening.why))),
            Class::Suspicious => self.ask_leave(command, &screening).await,
        }
    }

    /// Whether a check may run: what a person wrote or approved is not asked about again.
    pub(super) async fn leave_to_check(&mut self, command: &str) -> Result<Leave> {
        let screening = self.screened(command);
        if screening.forbidden.is_some() {
            return self.leave(command).await;
        }
        let settings = &self.session.settings;
        if settings.commands.verify.iter().any(|own| own == command) {
            return Ok(Leave::Given);
        }
        let is_approved =
            settings.approvals.plan == Approval::Ask && self.session.simple != Some(true);
        if is_approved && screening.class == Class::Suspicious {
            return Ok(Leave::Given);
        }
        self.leave(command).await
    }

    fn screened(&self, command: &str) -> Screening {
        screen_command(command, self.workspace.root(), &self.floor.commands)
    }

    /// Why packages are not fetched with that command, whoever is asked.
    pub(super) fn refuses_fetching(&self, command: &str) -> Option<String> {
        let refused = self.floor.refuses_command(&self.screened(command));
        refused.or_else(|| self.floor.refuses_fetching())
    }

    /// Why no command runs at all: the wall is less than an administrator demands; or there is
    /// none, nobody watches, and nobody said that this is how it is wanted. Tells which wall there
    /// is.
    pub(super) fn unwatched(&mut self) -> Result<Option<String>> {
        self.see_project()?;
        self.tell_wall()?;
        if let Some(why) = self.floor.refuses_tier(Tier::named(self.confine.tier())) {
            return Ok(Some(format!(
                "Commands do not run here: {why}. Do what can be done without commands, and say what is left."
            )));
        }
        let is_refused = self.confine.tier() == Tier::None.name()
            && self.attendance != Attendance::Person
            && self.session.settings.commands.sandbox == Switch::On;
        Ok(is_refused.then(|| {
            "Commands do not run here: this machine has no sandbox, and nobody is there to watch. Do what can be done without commands, and say what is left."
                .to_owned()
        }))
    }

    /// A project folder that is gone is no place for commands, whatever the wall says of it.
    fn see_project(&self) -> Result<()> {
        let root = self.workspace.root();
        if root.is_dir() {
            return Ok(());
        }
        Err(gone(root, &self.session.started.id))
    }

    /// Says what is around commands, unless it was said before.
    pub(super) fn tell_wall(&mut self) -> Result<()> {
        let tier = self.confine.tier();
        if self.session.wall.as_deref() == Some(tier) {
            return Ok(());
        }
        let reasons = self.confine.shortcomings();
        self.append(Event::Note(Note {
            kind: NoteKind::Wall,
            text: format!("commands run in the sandbox tier {tier}"),
            data: Value::from(tier),
        }))?;
        let warning = warning(
            tier,
            &reasons,
            self.session.settings.commands.sandbox,
            self.attendance,
        );
        match warning {
            Some(text) => self.append(Event::Warned { text }),
            None => Ok(()),
        }
    }

    async fn ask_leave(&mut self, command: &str, screening: &Screening) -> Result<Leave> {
        let mut patterns = screening.patterns.clone();
        if patterns.is_empty() {
            patterns.push(sha256(command.as_bytes())[..12].to_owned());
        }
        for pattern in patterns {
            let ask = self.question_about(command, &screening.why, &pattern);
            let id = ask.id.clone();
            if !self.session.permissions.contains_key(&id) {
                if self.attendance == Attendance::Nobody && self.answers.to(&ask).is_none() {
                    return self.decide_alone(command, screening);
                }
                if let Some(ending) = self.ask_person(ask).await? {
                    return Ok(Leave::Stopped(Some(ending)));
                }
            }
            match self.session.permissions.get(&id) {
                Some(Verdict::Approve) => {}
                Some(verdict) => return Ok(Leave::Refused(denied(verdict, &screening.why))),
                None => return Ok(Leave::Stopped(None)),
            }
        }
        Ok(Leave::Given)
    }

    /// Nobody can be asked: only a wall that holds stands in for an answer.
    fn decide_alone(&mut self, command: &str, screening: &Screening) -> Result<Leave> {
        let tier = self.confine.tier();
        let why = &screening.why;
        if screening.stakes == Stakes::Lost {
            return Ok(Leave::Refused(format!(
                "This command was refused, and nothing of it was run: it {why}, which could not be put back, and nobody can be asked. Change or remove single files instead."
            )));
        }
        if tier == Tier::Full.name() {
            self.append(Event::Warned {
                text: format!(
                    "ran without asking, since nobody is there and the sandbox is full: `{}`, which {why}",
                    shown(command)
                ),
            })?;
            return Ok(Leave::Given);
        }
        Ok(Leave::Refused(format!(
            "This command was refused, and nothing of it was run: it {why}, nobody can be asked, and the sandbox is not full but {tier}. Reach the goal in another way."
        )))
    }

    fn question_about(&self, command: &str, why: &str, pattern: &str) -> Ask {
        let network = match self.session.settings.commands.network {
            Switch::On => "on",
            Switch::Off => "off",
        };
        Ask {
            id: AskId(format!("allow-{pattern}")),
            kind: AskKind::Permission,
            text: format!(
                "The model wants to run a command that {why}. Allow it? (sandbox {}, network {network})\n  {}",
                self.confine.tier(),
                shown(command)
            ),
            options: Vec::new(),
            why: "The answer counts for this session and for every command of this kind."
                .to_owned(),
            reference: None,
            place: None,
        }
    }
}

fn refused(why: &str) -> String {
    format!(
        "This command was refused, and nothing of it was run: it {why}. Reach the goal in another way."
    )
}

fn denied(verdict: &Verdict, why: &str) -> String {
    let words = match verdict {
        Verdict::Reject { why } => why.trim(),
        Verdict::Revise { guidance } => guidance.trim(),
        Verdict::Approve | Verdict::Replace { .. } | Verdict::Arrange { .. } => "",
    };
    let words = match words {
        "" => String::new(),
        words => format!(" They said: {words}"),
    };
    format!(
        "The person does not allow this command, because it {why}; nothing of it was run.{words} Reach the goal in another way."
    )
}

/// The beginning of a command, if it is long.
fn shown(command: &str) -> String {
    match command.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", &command[..end]),
        None => command.to_owned(),
    }
}

/// What a person should know about a wall that is not the best.
fn warning(
    tier: &str,
    reasons: &[String],
    sandbox: Switch,
    attendance: Attendance,
) -> Option<String> {
    const OPEN: &str = "they can read and change whatever you can";
    let because = match reasons {
        [] => String::new(),
        reasons => format!(" ({})", reasons.join("; ")),
    };
    if tier == Tier::Full.name() {
        return None;
    }
    Some(match (tier, sandbox, attendance) {
        (_, Switch::Off, _) => format!("Commands run without a sandbox, as you said: {OPEN}."),
        ("none", Switch::On, Attendance::Nobody | Attendance::Elsewhere) => format!(
            "This machine has no sandbox for commands{because}, and nobody is there to watch: they are refused.\nhint: `--sandbox off` runs them all the same; `loop doctor` says what is missing"
        ),
        ("none", Switch::On, Attendance::Person) => format!(
            "This machine has no sandbox for commands{because}: {OPEN}.\nhint: `loop doctor` says what is missing"
        ),
        (tier, ..) => format!(
            "The sandbox for commands is {tier}, not full{because}: they cannot write outside the project or reach the network, but see what exists.\nhint: `loop doctor` says what holds and what does not"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_that_is_not_the_best_is_told_with_its_reasons() {
        use Attendance::{Nobody, Person};
        let check = |tier, sandbox, attendance, expected: Option<&str>| {
            let reasons = ["full: no user namespaces".to_owned()];
            let said = warning(tier, &reasons, sandbox, attendance);
            match (said, expected) {
                (None, None) => {}
                (Some(said), Some(expected)) => assert!(said.contains(expected), "{said}"),
                (said, _) => panic!("{tier}: {said:?}"),
            }
        };
        check("full", Switch::On, Nobody, None);
        check(
            "partial",
            Switch::On,
            Person,
            Some("(full: no user namespaces)"),
        );
        check("none", Switch::On, Person, Some("whatever you can"));
        check("none", Switch::On, Nobody, Some("`--sandbox off`"));
        check("none", Switch::Off, Nobody, Some("as you said"));
    }
}

//! What the program finds out without a model: what the project looks like, what is installed,
//! what has changed, and the text that opens a conversation.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::driver::{Ending, Run};
use crate::engine::artifact::Plan;
use crate::engine::attempts::retry_rule;
use crate::engine::context::{Extras, Opening, opening, picture};
use crate::engine::event::{Event, Gate, Note, NoteKind, Purpose, Receipt};
use crate::engine::gate::told;
use crate::engine::phase::Input;
use crate::engine::picture::Picture;
use crate::engine::ports::{Command, Confine, Model, Network, Operator, Update};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::{inventory, packages, survey};

/// Characters of the diff that a reviewer sees.
const DIFF_MOST: usize = 40_000;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    pub(super) fn look_at_project(&mut self) -> Result<()> {
        let picture = self.picture_now();
        let guidance = survey::guidance(&self.workspace);
        self.append(Event::Note(Note {
            kind: NoteKind::Picture,
            text: "looked at the project".to_owned(),
            data: json!({"picture": picture, "guidance": guidance, "history": self.history}),
        }))
    }

    /// What the project looks like at this moment.
    pub(super) fn picture_now(&self) -> Picture {
        survey::quick(
            self.workspace.root(),
            &self.surroundings,
            survey::QUICK_ENTRIES,
        )
    }

    /// The suites that the program finds in the project at this moment.
    pub(super) fn own_suite(&self) -> Vec<String> {
        survey::detected_verify(&self.picture_now())
    }

    pub(super) async fn take_inventory(&mut self) -> Result<()> {
        let Some(picture) = picture(&self.session) else {
            return Ok(());
        };
        self.operator
            .show(Update::Waiting("looking at what is installed"));
        let text = inventory(&picture, self.workspace.root(), &self.surroundings).await;
        self.append(Event::Note(Note {
            kind: NoteKind::Inventory,
            text,
            data: Value::Null,
        }))
    }

    /// Opens a conversation; its whole text goes into the journal.
    pub(super) async fn open_conversation(&mut self, wanted: &Opening) -> Result<()> {
        let inputs = wanted.inputs();
        let mut extras = Extras::default();
        if inputs.contains(&Input::Layout) {
            extras.layout = Some(self.picture_now().layout.join("\n"));
        }
        if let Some(planned) = wanted
            .ticket
            .as_deref()
            .and_then(|id| self.session.planned(id))
        {
            let paths = planned.files.iter().map(|file| &file.path);
            extras.existing = paths.filter(|path| self.exists(path)).cloned().collect();
        }
        if inputs.contains(&Input::Changes) {
            extras.changes = match (&wanted.purpose, &wanted.ticket) {
                (Purpose::Critique, Some(id)) => self.changes_of(id).await?,
                _ => self.changes().await?,
            };
        }
        let started = opening(&self.session, wanted, &extras).ok_or_else(|| {
            Error::new(
                ErrorKind::Bug,
                "a step names a skill that was not frozen with the session",
            )
        })?;
        self.append(Event::ConversationStarted(started))
    }

    /// What the session has changed so far.
    async fn changes(&mut self) -> Result<Option<String>> {
        let Some(first) = self.session.snapshots.first.clone() else {
            return Ok(None);
        };
        let now = self.snapshots.take().await?;
        let mut diff = self.snapshots.diff(&first, &now).await?;
        if diff.len() > DIFF_MOST {
            let end = (0..=DIFF_MOST)
                .rev()
                .find(|place| diff.is_char_boundary(*place))
                .unwrap_or(0);
            let left_out = diff.len() - end;
            diff.truncate(end);
            diff = format!("{diff}\n[cut: {left_out} more characters of diff]\n");
        }
        Ok(Some(diff))
    }

    pub(super) async fn start_ticket(&mut self, id: String, attempt: u32) -> Result<()> {
        // What a phase that is done again finds is its ground, whoever made it.
        if attempt > 1 {
            self.take_attempt_back(&id).await?;
        }
        let tree = self.snapshots.take().await?;
        if let Some(left) = self.others_since() {
            let changed = self.snapshots.changed(&left, &tree).await?;
            let changed: Vec<PathBuf> = changed.into_iter().map(|change| change.path).collect();
            self.tell_of_others(&changed, &format!("before {id} was begun"))?;
        }
        let rule = retry_rule();
        let before = self.session.tickets.get(&id).map_or(0, |t| t.before_retry);
        let variation = rule.variation(attempt.saturating_sub(before));
        let seed = rule.seed(&self.session.settings, attempt);
        self.append_to(
            Some(id),
            Event::TicketStarted {
                attempt,
                tree: Some(tree),
                seed,
                warmer: variation.warmer,
            },
        )
    }

    /// What failed attempts at a ticket changed is put back, so that the next one, or the next
    /// ticket, does not stand on it.
    pub(super) async fn take_attempt_back(&mut self, id: &str) -> Result<()> {
        let restored = self.put_work_back(id).await?;
        for left in restored.left_alone {
            self.append(Event::Warned {
                text: format!(
                    "{} stays as it is after a failed attempt at {id}: {}",
                    left.path.display(),
                    left.why
                ),
            })?;
        }
        Ok(())
    }

    /// Whether the plan's packages are installed; a missing one comes with the command to fetch it.
    pub(super) fn check_packages(&mut self) -> Result<()> {
        let plan = self.session.documents.plan.clone().unwrap_or_default();
        let wanted = with_test_tools(plan.packages.clone(), &plan);
        let mut picture = picture(&self.session).unwrap_or_default();
        if picture.languages.is_empty() {
            // Nothing is written yet: the files to come tell whose packages these are.
            let files = plan.tickets.iter().flat_map(|ticket| &ticket.files);
            let files: Vec<PathBuf> = files.map(|file| PathBuf::from(&file.path)).collect();
            picture.languages = survey::languages(&files);
        }
        let missing = if wanted.is_empty() {
            Vec::new()
        } else {
            packages::missing(&wanted, &picture, self.workspace.root(), &self.surroundings)
        };
        let names: Vec<&str> = missing
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        let mut fetch: Vec<&str> = missing
            .iter()
            .map(|package| package.fetch_command.as_str())
            .collect();
        fetch.dedup();
        let receipt = Receipt {
            command: if self.session.replanned {
                String::new()
            } else {
                fetch.join(" && ")
            },
            ..told(Gate::Packages, missing.is_empty(), names.join("\n"))
        };
        self.append(Event::Checked(receipt))
    }

    /// Fetches packages: the one command that has a network, after a person agreed to it.
    pub(super) async fn fetch_packages(&mut self, line: String) -> Result<Option<Ending>> {
        self.operator.show(Update::Waiting(&line));
        let command = Command {
            line: line.clone(),
            folder: self.workspace.root().to_path_buf(),
            timeout: std::time::Duration::from_secs(
                self.session.settings.commands.max_timeout_seconds,
            ),
            access: packages::access_of(&line),
            network: Network::Fetch,
            output_limit: self.session.settings.commands.output_bytes,
        };
        // What a person allowed before there was a policy is held to it all the same.
        let fetched = match self.refuses_fetching(&line) {
            Some(why) => Some(self.not_run(Gate::Packages, line.clone(), why)),
            None => self.run_check(Gate::Packages, &command).await?,
        };
        let Some(mut receipt) = fetched else {
            return Ok(None);
        };
        if receipt.passed {
            return self.append(Event::Checked(receipt)).map(|()| None);
        }
        self.append(Event::Warned {
            text: format!("fetching failed: {line}\n{}", receipt.output),
        })?;
        receipt.command.clear();
        receipt.output = self
            .session
            .documents
            .plan
            .as_ref()
            .map(|plan| plan.packages.join("\n"))
            .unwrap_or_default();
        self.append(Event::Checked(receipt))?;
        Ok(None)
    }
}

/// The packages of a plan and the test tools that its commands start: a check that cannot run
/// must be found out before the work, not by it.
fn with_test_tools(mut packages: Vec<String>, plan: &Plan) -> Vec<String> {
    const TOOLS: [(&str, &str); 5] = [
        ("pytest", "pip:pytest"),
        ("nose2", "pip:nose2"),
        ("jest", "npm:jest"),
        ("mocha", "npm:mocha"),
        ("vitest", "npm:vitest"),
    ];
    let commands = plan.tickets.iter().flat_map(|ticket| &ticket.verify);
    for word in commands.flat_map(|command| command.split_whitespace()) {
        for (_, package) in TOOLS.iter().filter(|(tool, _)| *tool == word) {
            if !packages
                .iter()
                .any(|known| known == package || known == word)
            {
                packages.push((*package).to_owned());
            }
        }
    }
    packages
}

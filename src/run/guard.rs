//! What the guard is shown: the files that the work under way has changed, read from the session's
//! own copies of the project, and never what a model says about them. What is accepted is decided
//! in `engine/guard/`; here the outcome becomes receipts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::driver::Run;
use super::stretch::all_own_paths;
use crate::engine::event::{Event, Gate, Note, NoteKind, Receipt};
use crate::engine::gate::{OF_TESTS, may_pass_without, told};
use crate::engine::guard::{
    Announcement, Changed, Content, Finding, Judgement, Scene, Share, committed, executed, fewer,
    fitted, has_no_tool, hidden_places, hollow, judge, left_open, may_commit, refusal,
    script_may_commit, share, stands_on,
};
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::Work;
use crate::error::Result;
use crate::git::{Both, CheckedOut, Held};
use crate::tools::whole;

/// What was looked at, and what became of it.
#[derive(Debug, Default)]
pub(super) struct Guarded {
    judgement: Judgement,
    /// Whether anything counts that no snapshot holds: the same tree may be judged otherwise later.
    beside_the_tree: bool,
    /// Where the repository stood when it was looked at.
    head: Option<CheckedOut>,
}

impl Guarded {
    /// The names of the tests that are new.
    pub(super) fn new_tests(&self) -> &[String] {
        &self.judgement.new_names
    }

    /// Whether tests that were there were changed as announced.
    pub(super) fn changed_tests(&self) -> bool {
        let mut edited = self.judgement.edited.iter();
        edited.any(|path| share(path) == Share::Test)
    }
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Looks at what the work under way has changed until that snapshot. Gives the verdict if it is
    /// refused.
    pub(super) async fn guard(
        &mut self,
        ticket: Option<&str>,
        now: &str,
        commands: &[String],
    ) -> Result<std::result::Result<Guarded, Receipt>> {
        let Some(work) = self.session.work_under_way() else {
            return Ok(Ok(Guarded::default()));
        };
        let own = all_own_paths(work, &self.snapshots).await?;
        let is_own = |path: &Path| own.contains(path) && !is_installed(path);
        let both = self.snapshots.both(&work.from, now, is_own).await?;
        let mut changed: Vec<Changed> = both.into_iter().map(of_both).collect();
        let commands = self.with_those_of_the_plan(commands);
        let places = hidden_places(&commands, &|path| whole(&self.workspace, path));
        let hidden = self.hidden(places, &changed, now).await?;
        let mut beside_the_tree = !hidden.is_empty();
        changed.extend(hidden);
        let announced = self.announced(ticket);
        let scene = Scene {
            changed: &changed,
            announced: &announced,
            commands: &commands,
            read: &|path| whole(&self.workspace, path),
        };
        let mut judgement = judge(&scene);
        let of_tests = ticket.is_some_and(|id| {
            let paths: Vec<String> = changed.iter().map(|file| file.path.clone()).collect();
            let (ticket, plan) = (self.session.ticket(id), self.session.planned(id));
            may_pass_without(ticket, plan, &paths) == Some(OF_TESTS)
        });
        if of_tests && judgement.refused.is_empty() {
            judgement.refused.extend(hollow(&judgement));
        }
        if let Some(id) = ticket.filter(|_| judgement.refused.is_empty()) {
            let before = |line: &String| self.session.before(id, line);
            let failing = commands
                .iter()
                .filter_map(before)
                .flat_map(|was| &was.failing);
            let red: Vec<&str> = failing.map(String::as_str).collect();
            judgement.refused.extend(fitted(&judgement, &scene, &red));
        }
        let asked = ticket.and_then(|id| self.session.ticket(id));
        judgement.refused.extend(left_open(&changed, asked));
        if let Some(finding) = self.moved() {
            beside_the_tree = true;
            judgement.refused.insert(0, finding);
        }
        let stood = self.session.stood_commands().into_iter();
        let gone = stood.filter_map(|line| Some((self.gone_with(&line)?, line)));
        judgement.told.extend(
            gone.filter(|(path, _)| changed.iter().any(|file| file.path == *path))
                .map(|(path, line)| {
                    format!("`{line}` is not run any more: `{path}` went, as the ticket says")
                }),
        );
        judgement
            .told
            .extend(self.told_of_retired(ticket, &changed));
        let guarded = Guarded {
            judgement,
            beside_the_tree,
            head: CheckedOut::at(self.workspace.root()),
        };
        if guarded.judgement.refused.is_empty() {
            return Ok(Ok(guarded));
        }
        self.refuse_tampering(&guarded, now).map(Err)
    }

    /// Looks again after the checks: at what they changed themselves, and at how many tests ran.
    pub(super) async fn guard_after(
        &mut self,
        ticket: Option<&str>,
        mut guarded: Guarded,
        now: &str,
        receipts: &[Receipt],
    ) -> Result<std::result::Result<Judgement, Receipt>> {
        let commands: Vec<String> = receipts.iter().map(|now| now.command.clone()).collect();
        self.tell_of_move(guarded.head.as_ref(), &commands.join("\n"))?;
        let left = receipts.last().and_then(|last| last.tree_after.clone());
        if let Some(left) = left.filter(|left| left != now) {
            guarded = match self.guard(ticket, &left, &commands).await? {
                Ok(guarded) => guarded,
                Err(verdict) => return Ok(Err(verdict)),
            };
        }
        let allowed = guarded.judgement.may_be_fewer;
        let mut renamed = Vec::new();
        let mut findings = Vec::new();
        for now in receipts {
            let before = self.known_before(ticket, now);
            let Some(finding) = before.and_then(|before| fewer(now, before, allowed)) else {
                continue;
            };
            match self.picks_nothing(ticket, (now, receipts), &guarded.judgement) {
                Some(told) => renamed.push(told),
                None => findings.push(finding),
            }
        }
        guarded.judgement.told.append(&mut renamed);
        guarded.judgement.refused = findings.into_iter().chain(self.moved()).collect();
        if !guarded.judgement.refused.is_empty() {
            return self.refuse_tampering(&guarded, now).map(Err);
        }
        let Judgement {
            edited,
            gates,
            told: said,
            ..
        } = &guarded.judgement;
        if !said.is_empty() {
            let files: Vec<&str> = edited.iter().chain(gates).map(String::as_str).collect();
            self.append(Event::Checked(Receipt {
                command: files.join("\n"),
                ..told(Gate::Guard, true, said.join("\n"))
            }))?;
        }
        Ok(Ok(guarded.judgement))
    }

    /// Those of the files that differ between two snapshots.
    pub(super) async fn changed_between(
        &self,
        from: &str,
        to: &str,
        own: &BTreeSet<PathBuf>,
    ) -> Result<Vec<Changed>> {
        let is_own = |path: &Path| own.contains(path) && !is_installed(path);
        let both = self.snapshots.both(from, to, is_own).await?;
        Ok(both.into_iter().map(of_both).collect())
    }

    fn refuse_tampering(&mut self, guarded: &Guarded, now: &str) -> Result<Receipt> {
        let why = refusal(&guarded.judgement.refused);
        self.append(Event::Checked(told(Gate::Guard, false, why.clone())))?;
        Ok(Receipt {
            tree_after: (!guarded.beside_the_tree).then(|| now.to_owned()),
            ..told(Gate::Verdict, false, why)
        })
    }

    /// How a check stood before the work under way.
    pub(super) fn known_before(&self, ticket: Option<&str>, now: &Receipt) -> Option<&Receipt> {
        match ticket {
            Some(id) => self.session.before(id, &now.command),
            None => self
                .session
                .known(&self.session.works.last()?.from, &now.command),
        }
    }

    /// The commands of this gate, and of every ticket: what is built now may be their check.
    fn with_those_of_the_plan(&self, commands: &[String]) -> Vec<String> {
        let mut all = commands.to_vec();
        let plan = self.session.documents.plan.iter();
        for line in plan
            .flat_map(|plan| &plan.tickets)
            .flat_map(|ticket| &ticket.verify)
        {
            if !all.contains(line) {
                all.push(line.clone());
            }
        }
        all
    }

    pub(super) fn announced(&self, ticket: Option<&str>) -> Announcement {
        let Some(id) = ticket else {
            let findings = self.session.under_repair().into_iter();
            let files = findings.filter_map(|finding| finding.file.clone());
            return Announcement::of_files(files.collect());
        };
        let answers = self.session.tickets.get(id);
        let answers = answers.map_or(&[][..], |progress| &progress.guidance);
        Announcement::of(self.session.ticket(id), self.session.planned(id))
            .and_in_the_task(&self.session.started.task)
            .and_made(self.made_before())
            .and_answered(answers)
    }

    /// The files that earlier work of the session made or changed.
    fn made_before(&self) -> BTreeSet<String> {
        let works = self.session.works.split_last();
        let earlier = works.map_or(&[][..], |(_, earlier)| earlier);
        let paths = earlier.iter().flat_map(|work| &work.paths);
        paths.cloned().collect()
    }

    /// Files that may stand in for a tool and that no snapshot holds, since they are ignored: those
    /// that the session made or hid, and those where programs of dependencies stand.
    async fn hidden(
        &self,
        mut paths: Vec<String>,
        changed: &[Changed],
        now: &str,
    ) -> Result<Vec<Changed>> {
        let works = &self.session.works;
        let made = |path: &str| works.iter().any(|work| work.paths.contains(path));
        let hides = works
            .iter()
            .flat_map(|work| &work.paths)
            .any(|path| path.ends_with(".gitignore"));
        let root = self.workspace.root();
        paths.retain(|path| {
            let found = root.join(path).symlink_metadata();
            found.is_ok_and(|found| found.is_file())
                && !changed.iter().any(|file| file.path == *path)
                && (hides || made(path) || is_installed(Path::new(path)))
        });
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let held = self.snapshots.held(now, &paths).await?;
        paths.retain(|path| !held.contains(path));
        Ok(paths
            .into_iter()
            .filter_map(|path| {
                let now = Some(Content::Text(whole(&self.workspace, &path)?));
                let before = None;
                Some(Changed { path, before, now })
            })
            .collect())
    }

    /// The repository stands elsewhere than before a command of this work.
    fn moved(&self) -> Option<Finding> {
        let from = self.session.works.last()?.head.as_ref()?;
        let now = CheckedOut::at(self.workspace.root())?;
        (now.commit != *from).then(|| committed(from, &now.commit))
    }

    /// Tells that the repository moved while a command ran. Where the command, or a script that the
    /// session wrote, may have done it, that is known at the gate; else a person did.
    pub(super) fn tell_of_move(
        &mut self,
        before: Option<&CheckedOut>,
        command: &str,
    ) -> Result<()> {
        let now = CheckedOut::at(self.workspace.root());
        let (Some(before), Some(now)) = (before, now) else {
            return Ok(());
        };
        if before.commit == now.commit {
            return Ok(());
        }
        let (from, to) = (&before.commit, &now.commit);
        if !self.may_have_committed(command) {
            let text = format!(
                "Your repository moved from commit {from} to {to} while a command of the model's ran that does not call git: taken for a commit of your own"
            );
            return self.append(Event::Warned { text });
        }
        let text = format!(
            "A command of the model's moved your repository from commit {from} to {to}; to go back and keep all files: git reset --soft {from}"
        );
        self.append(Event::Warned { text: text.clone() })?;
        self.append(Event::Note(Note {
            kind: NoteKind::Fact,
            text,
            data: json!({"head": {"from": from, "to": to}}),
        }))
    }

    fn may_have_committed(&self, command: &str) -> bool {
        let written = self.session.works.iter().flat_map(Work::touched);
        may_commit(command)
            || written.into_iter().any(|path| {
                whole(&self.workspace, path).is_some_and(|text| script_may_commit(path, &text))
            })
    }

    /// A file without which a command cannot run, and that went as a ticket says.
    pub(super) fn gone_with(&self, command: &str) -> Option<String> {
        if self
            .session
            .settings
            .commands
            .verify
            .iter()
            .any(|line| line == command)
        {
            return None;
        }
        let mut needed = stands_on(command).into_iter();
        let missing = needed.find(|paths| !paths.iter().any(|path| self.exists(path)))?;
        let ids = self.session.tickets.keys();
        let announced: Vec<_> = ids.map(|id| self.announced(Some(id))).collect();
        let is_said = |path: &String| announced.iter().any(|said| said.removes(path));
        missing.into_iter().find(is_said)
    }

    /// The receipt with no more tests than a test tool executed: what starts none may print what
    /// it likes. What the person named counts as it is, where no tool is known.
    pub(super) fn counted(&self, receipt: Receipt) -> Receipt {
        let verify = &self.session.settings.commands.verify;
        if receipt.tests.is_none() {
            return receipt;
        }
        let works = &self.session.works;
        let stood = |path: &str| !works.iter().any(|work| work.paths.contains(path));
        let tests = executed(&receipt, &|path| whole(&self.workspace, path), &stood);
        let tests = tests.or(receipt.tests.filter(|_| verify.contains(&receipt.command)));
        Receipt { tests, ..receipt }
    }

    /// Whether the work is in no language that has a test tool, and its checks start none.
    pub(super) fn has_no_tool(&self, receipts: &[Receipt]) -> bool {
        let none_ran = receipts.iter().all(|receipt| receipt.tests.is_none());
        let works = self.session.works.iter();
        none_ran
            && has_no_tool(
                receipts.iter().map(|receipt| receipt.command.as_str()),
                works.flat_map(|work| work.paths.iter().map(String::as_str)),
                &|path| whole(&self.workspace, path),
            )
    }
}

/// Folders of dependencies: of these only what could stand in for a tool is looked at.
fn is_installed(path: &Path) -> bool {
    path.iter().any(|part| {
        matches!(
            part.to_str(),
            Some("node_modules" | ".venv" | "venv" | "vendor" | "site-packages")
        )
    })
}

fn of_both(file: Both) -> Changed {
    Changed {
        path: file.path.display().to_string(),
        before: file.before.map(content),
        now: file.after.map(content),
    }
}

fn content(held: Held) -> Content {
    match held {
        Held::Bytes(bytes) => String::from_utf8(bytes).map_or(Content::Opaque, Content::Text),
        Held::Large => Content::Opaque,
        Held::Link(target) => Content::Link(String::from_utf8_lossy(&target).into_owned()),
    }
}

//! What the session made of the project, stretch by stretch: from which snapshot to which, and
//! which files were its own doing. What somebody else changed meanwhile is in no stretch, so it is
//! never taken back. Refuses to know what a snapshot is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::left::{By, Calling, Changes, Checked, Left};
use super::state::{Session, Work};
use crate::engine::call::ToolCall;
use crate::engine::event::{FileMode, Receipt};

impl Work {
    /// The project when the attempt under way began.
    pub fn ground(&self) -> &str {
        self.ground.as_deref().unwrap_or(&self.from)
    }

    /// Every file that it changed, in any of its attempts.
    pub fn touched(&self) -> impl Iterator<Item = &String> {
        self.paths.iter().chain(&self.earlier)
    }

    /// Whether it changed that file, in any of its attempts.
    pub fn has_touched(&self, path: &str) -> bool {
        self.paths.contains(path) || self.earlier.contains(path)
    }
}

impl Session {
    /// The work that is under way.
    pub fn work_under_way(&self) -> Option<&Work> {
        self.works.last().filter(|work| work.to.is_none())
    }

    /// The next attempt at a ticket begins: what the one before it made was taken back, so whatever
    /// stands there otherwise than before is somebody else's.
    pub(super) fn attempt_begins(&mut self, attempt: u32, name: &str, tree: &str) {
        self.work_begins(name, tree);
        let Some(work) = self.works.last_mut().filter(|_| attempt > 1) else {
            return;
        };
        if work.from == tree && work.paths.is_empty() {
            return;
        }
        work.ground = Some(tree.to_owned());
        work.earlier.append(&mut work.paths);
        work.earlier_checks.append(&mut work.checks);
        work.steps.clear();
        self.taken.came_before(self.works.len());
    }

    /// A result was written back over what is there.
    pub(super) fn work_written_back(&mut self, tree: &str, paths: &BTreeSet<String>) {
        if let Some(work) = self.works.last_mut().filter(|work| work.to.is_none()) {
            work.paths.extend(paths.iter().cloned());
            work.steps.push(Changes {
                paths: paths.iter().cloned().collect(),
                left: Left::InTree(tree.to_owned()),
                by: By::Program,
            });
        }
    }

    pub(super) fn work_begins(&mut self, name: &str, tree: &str) {
        let under_way = self.works.last_mut().filter(|work| work.to.is_none());
        if let Some(work) = under_way.filter(|work| work.name == name) {
            // An attempt before this one moved the repository, and failed for that: this one goes
            // on from where it stands.
            work.head = None;
            return;
        }
        if let Some(left) = self.works.last_mut() {
            left.to.get_or_insert_with(|| tree.to_owned());
        }
        self.left_at = None;
        self.works.push(Work {
            name: name.to_owned(),
            from: tree.to_owned(),
            ..Work::default()
        });
    }

    /// A tool runs that finds a file with that content and will leave it with that one, if it
    /// writes one.
    pub(super) fn work_calls(
        &mut self,
        call: &ToolCall,
        found: Option<&String>,
        after: Option<&String>,
    ) {
        let named = [call.text("path"), call.text("command")];
        if let Some(work) = self.works.last_mut().filter(|work| work.to.is_none()) {
            work.named
                .extend(named.into_iter().flatten().map(str::to_owned));
            work.calling = Calling {
                command: call.text("command").map(str::to_owned),
                found: found.cloned(),
                after: after.cloned(),
            };
        }
    }

    /// The tool has changed these files.
    pub(super) fn work_changed(
        &mut self,
        paths: &[String],
        tree: Option<&String>,
        mode: Option<FileMode>,
        output: &str,
    ) {
        let Some(work) = self.works.last_mut().filter(|work| work.to.is_none()) else {
            return;
        };
        let calling = std::mem::take(&mut work.calling);
        if paths.is_empty() {
            return;
        }
        work.paths.extend(paths.iter().cloned());
        work.steps.push(Changes {
            paths: paths.to_vec(),
            left: match (tree, &calling.after) {
                (Some(tree), _) => Left::InTree(tree.clone()),
                (None, Some(sha256)) => Left::File {
                    sha256: sha256.clone(),
                    mode,
                },
                (None, None) => Left::Unknown,
            },
            by: match calling {
                Calling {
                    after: Some(_),
                    found,
                    ..
                } => By::Tool { found },
                Calling {
                    command: Some(command),
                    ..
                } => By::Command {
                    command,
                    output: output.to_owned(),
                },
                Calling { .. } => By::Program,
            },
        });
    }

    pub(super) fn work_checked(&mut self, receipt: &Receipt) {
        let Some(work) = self.works.last_mut().filter(|work| work.to.is_none()) else {
            return;
        };
        work.named.insert(receipt.command.clone());
        if let (Some(before), Some(after)) = (&receipt.tree_before, &receipt.tree_after)
            && before != after
        {
            work.checks.push(Checked {
                before: before.clone(),
                after: after.clone(),
                command: receipt.command.clone(),
                output: receipt.output.clone(),
            });
        }
    }

    /// An old journal does not say how the project was left: the last snapshot is close.
    pub(super) fn work_ends(&mut self, name: Option<&str>, tree: Option<&String>) {
        let last = self.snapshots.last.clone();
        let open = self.works.last_mut().filter(|work| work.to.is_none());
        if let Some(work) = open.filter(|work| name.is_none_or(|name| work.name == name)) {
            work.to = tree.cloned().or(last);
            self.left_at.clone_from(&work.to);
        }
    }

    /// The data of a note may say that something was taken back, or put there again.
    pub(super) fn noted_work(&mut self, data: &Value) {
        let is_under_way = self.work_under_way().is_some();
        if let Some(at) = self.taken.noted(data, self.works.len(), is_under_way) {
            self.left_at = Some(at);
        }
        if let Some(from) = data.pointer("/head/from").and_then(Value::as_str)
            && let Some(work) = self.works.last_mut().filter(|work| work.to.is_none())
        {
            work.head.get_or_insert_with(|| from.to_owned());
        }
    }
}

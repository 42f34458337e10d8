//! Files that git ignores and that a tool of the session wrote over: kept before, and put back with
//! the rest, if they still stand as the tool has left them.

use std::path::{Path, PathBuf};

use super::driver::Run;
use super::history::{History, Of, OpenHistory};
use super::perform::sha256;
use crate::engine::ports::{Confine, Model, Operator};
use crate::engine::session::Left;
use crate::error::{Error, ErrorKind, Result};
use crate::git::{Kept, KeptKind, LeftAlone, write_files};
use crate::tools::{PlannedWrite, Workspace};

/// Files that no snapshot holds, to be taken back.
#[derive(Debug, Default)]
pub struct Ignored {
    /// These get what was in them.
    pub wanted: Vec<Kept>,
    /// These stay as they are.
    pub left_alone: Vec<LeftAlone>,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Keeps what a tool is about to write over for the first time, where no snapshot does.
    pub(super) async fn keep_aside(&self, planned: &PlannedWrite) -> Result<()> {
        let Some(before) = &planned.before_text else {
            return Ok(());
        };
        let path = &planned.path;
        let mut works = self.session.works.iter();
        let is_known = works.any(|work| work.has_touched(path));
        if is_known || self.session.work_under_way().is_none() || !Workspace::is_in_project(path) {
            return Ok(());
        }
        let content = before.as_bytes();
        Ok(self.snapshots.keep_aside(Path::new(path), content).await?)
    }
}

impl History {
    /// The ignored files that these steps changed and that are not as they were.
    pub async fn ignored(&self, of: &Of) -> Result<Ignored> {
        let mut found = Ignored::default();
        for (path, content) in self.snapshots.kept_aside().await? {
            let name = path.display().to_string();
            let works = self.session.works.iter();
            let changing: Vec<_> = works.filter(|work| work.has_touched(&name)).collect();
            let is_wanted = |name: &String| match of {
                Of::All => true,
                Of::One(wanted) => name == wanted,
            };
            if !changing.iter().any(|work| is_wanted(&work.name)) {
                continue;
            }
            let place = self.project.join(&path);
            let is_file = place.symlink_metadata().is_ok_and(|now| now.is_file());
            // silent-ok: what cannot be read is not as it was left.
            let now = std::fs::read(&place).ok().filter(|_| is_file);
            if now.as_ref() == Some(&content) {
                continue;
            }
            let mut steps = changing.iter().flat_map(|work| &work.steps);
            let left = steps.rfind(|step| step.paths.contains(&name));
            let as_left = match (left.map(|step| &step.left), &now) {
                (Some(Left::File { sha256: left, .. }), Some(now)) => *left == sha256(now),
                _ => false,
            };
            let why = if !changing.iter().all(|work| is_wanted(&work.name)) {
                "git ignores it, and more than this changed it: `loop undo all` puts it back"
            } else if as_left {
                let kind = if is_executable(&place) {
                    KeptKind::Executable
                } else {
                    KeptKind::Plain
                };
                let content = Some(content);
                found.wanted.push(Kept {
                    path,
                    kind,
                    content,
                });
                continue;
            } else {
                "git ignores it, and it is not as the session's last step left it"
            };
            let why = why.to_owned();
            found.left_alone.push(LeftAlone { path, why });
        }
        Ok(found)
    }
}

impl OpenHistory {
    /// Gives these files what was in them, and says which.
    pub fn put_ignored_back(&self, files: &[Kept]) -> Result<Vec<PathBuf>> {
        let project = &self.history.project;
        write_files(project, files).map_err(|error| {
            let message = format!("cannot write into {}: {error}", project.display());
            Error::new(ErrorKind::Session, message)
        })?;
        Ok(files.iter().map(|file| file.path.clone()).collect())
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    // silent-ok: what is not there is nothing to run.
    let found = path.metadata().ok();
    found.is_some_and(|found| found.permissions().mode() & 0o100 != 0)
}

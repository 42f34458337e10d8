//! What a person should know of a project before work begins, and of what commands did to it: what
//! could make git run programs, whose values are kept from the model, what was put back. Also who
//! commits, read as data before the first command.

use std::path::Path;

use super::driver::Run;
use crate::engine::event::Event;
use crate::engine::ports::{Confine, Model, Operator};
use crate::error::Result;
use crate::git::Git;
use crate::sandbox::git_programs;
use crate::tools::Surroundings;

/// So many findings are told in full.
const MOST_TOLD: usize = 12;

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Tells what in the project is not to be trusted, before anything is done in it.
    pub(super) fn tell_cautions(&mut self) -> Result<()> {
        // silent-ok: a folder that cannot be looked at is told by whatever needs it first.
        let mut found = git_programs(self.workspace.root()).unwrap_or_default();
        found.retain(|finding| !self.is_of_own_worktree(finding));
        if !found.is_empty() {
            let more = found.len().saturating_sub(MOST_TOLD);
            found.truncate(MOST_TOLD);
            if more > 0 {
                found.push(format!("and {more} more"));
            }
            self.append(Event::Warned {
                text: format!(
                    "This project can make git run programs: {}.\nHere they do not run: this program's own git ignores them, and the git of commands is told to. Look at them before you use git here yourself.",
                    found.join("; ")
                ),
            })?;
        }
        self.look_for_secrets();
        if !self.incoming.left_out().is_empty() {
            let what = self.incoming.left_out().join("; ");
            self.append(Event::Warned {
                text: format!(
                    "Not everything in this project was looked through for secret values: {what}. What is there can reach the model and the journal."
                ),
            })?;
        }
        let files = self.incoming.files();
        if files.is_empty() {
            return Ok(());
        }
        let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
        self.append(Event::Warned {
            text: format!(
                "Secret values in {} are kept from the model and from the journal: [redacted:NAME] stands in their place.",
                files.join(", ")
            ),
        })
    }

    /// Whether it is found only that the session's own worktree leads to the project's repository.
    fn is_of_own_worktree(&self, finding: &str) -> bool {
        let project = Path::new(&self.session.started.project);
        let target = finding.strip_prefix("`.git` leads to `");
        let Some(target) = target.and_then(|target| target.strip_suffix('`')) else {
            return false;
        };
        let really = |path: &Path| path.canonicalize().ok(); // silent-ok: it leads nowhere
        let own = project.ancestors().map(|above| above.join(".git"));
        let own = own.into_iter().find(|git| git.exists());
        let own = own.and_then(|git| really(&git.join("worktrees")));
        let parent = Path::new(target).parent().and_then(really);
        self.workspace.root() != project && own.is_some() && parent == own
    }

    /// Tells what was put back after commands.
    pub(super) fn tell_notices(&mut self) -> Result<()> {
        let notices = self.confine.notices();
        self.tell_put_back(notices)
    }

    /// Tells what was put back.
    pub fn tell_put_back(&mut self, notices: Vec<String>) -> Result<()> {
        for notice in notices {
            let text = format!("A command of the model changed what it must not: {notice}.");
            self.append(Event::Warned { text })?;
        }
        Ok(())
    }

    /// Finds out which secrets the project holds now; the journal leaves them out as well.
    pub(super) fn look_for_secrets(&mut self) {
        if let Some(redactor) = self.incoming.look(self.workspace.root()) {
            self.store.journal.leave_out(redactor.clone());
        }
    }
}

/// Who commits, as variables of git: what a command changes in a configuration is none of it.
pub async fn identity(surroundings: &Surroundings, project: &Path) -> Vec<(&'static str, String)> {
    let found = async {
        let git = Git::find(
            &surroundings.search_path,
            surroundings.home.clone(),
            project,
        )?;
        git.identity(project).await
    };
    // silent-ok: without git nobody commits, and that there is none is told when a run begins.
    let identity = found.await.unwrap_or_default();
    let mut variables = Vec::new();
    for (value, names) in [
        (identity.name, ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]),
        (identity.email, ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]),
    ] {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            variables.extend(names.map(|name| (name, value.clone())));
        }
    }
    variables
}

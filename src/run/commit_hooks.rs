//! The person's own commit hooks, run only if they said so. A hook can start what the model has
//! written (a package script, a linter's plug-in), so it runs behind the same wall as every other
//! command, in the order in which git would run it, and leaves a receipt. Git's own index is never
//! shown to it: it sees an index of ours with what is about to be committed.

use std::path::{Path, PathBuf};

use super::driver::Run;
use super::stretch::{WorkEnd, listed};
use crate::engine::event::{Event, Gate};
use crate::engine::ports::{Access, Command, Confine, Model, Operator};
use crate::engine::recording::HOOK_CHANGED;
use crate::engine::settings::CommitHooks;
use crate::error::{Error, Result};
use crate::git::{Repository, Staged};

/// Below the folder that commands see as their temporary one.
const FOLDER: &str = "commit";

/// What hooks made of a commit that is about to be made.
pub(super) enum Hooked {
    /// It may be made, with this message.
    Message(String),
    /// A hook refused it: which, and what it said.
    Refused(String),
    /// The person interrupted.
    Interrupted,
}

enum Ended {
    Passed,
    Failed(String),
    Interrupted,
}

impl<M: Model, O: Operator, C: Confine> Run<M, O, C> {
    /// Runs what comes before a commit.
    pub(super) async fn hooks_before(
        &mut self,
        repository: &Repository,
        staged: &Staged,
        message: String,
    ) -> Result<Hooked> {
        let is_asked = self.session.settings.commit_hooks == CommitHooks::Run;
        let Staged::Open { index } = staged else {
            return Ok(Hooked::Message(message));
        };
        if !is_asked {
            return Ok(Hooked::Message(message));
        }
        let folder = self.store.folder.tmp().join(FOLDER);
        let file = folder.join("message");
        let cannot = |error: std::io::Error| cannot(&folder, &error);
        std::fs::create_dir_all(&folder).map_err(cannot)?;
        std::fs::copy(index, folder.join("index")).map_err(cannot)?;
        std::fs::write(&file, &message).map_err(cannot)?;
        let seen = format!("\"$TMPDIR/{FOLDER}/message\"");
        for (name, arguments) in [
            ("pre-commit", String::new()),
            ("prepare-commit-msg", format!("{seen} message")),
            ("commit-msg", seen.clone()),
        ] {
            match self.hook(repository, name, &arguments).await? {
                Ended::Passed => {}
                Ended::Failed(why) => return Ok(Hooked::Refused(why)),
                Ended::Interrupted => return Ok(Hooked::Interrupted),
            }
        }
        let said = std::fs::read_to_string(&file).map_err(cannot)?;
        Ok(match said.trim() {
            "" => Hooked::Refused("a hook emptied the message".to_owned()),
            _ => Hooked::Message(said),
        })
    }

    /// Runs what comes after a commit; whatever it says, the commit stands.
    pub(super) async fn hooks_after(&mut self, repository: &Repository) -> Result<()> {
        if self.session.settings.commit_hooks == CommitHooks::Run {
            self.hook(repository, "post-commit", "").await?;
        }
        Ok(())
    }

    /// A hook may have changed files: the work ends with what it left, and the person is told.
    pub(super) async fn after_hooks(&mut self, end: &mut WorkEnd) -> Result<()> {
        let Some(before) = end.tree.clone() else {
            return Ok(());
        };
        let is_repeated = self.tape.is_some();
        if self.session.settings.commit_hooks == CommitHooks::Skip
            || self.repository.is_none() && !is_repeated
        {
            return Ok(());
        }
        let now = self.snapshots.take().await?;
        if is_repeated {
            end.tree = Some(now);
            return Ok(());
        }
        let changed = self.snapshots.changed(&before, &now).await?;
        if !changed.is_empty() {
            let paths: Vec<PathBuf> = changed.into_iter().map(|change| change.path).collect();
            let text = format!("{HOOK_CHANGED}{}", listed(&paths));
            self.append(Event::Warned { text })?;
        }
        end.tree = Some(now);
        Ok(())
    }

    async fn hook(
        &mut self,
        repository: &Repository,
        name: &str,
        arguments: &str,
    ) -> Result<Ended> {
        let Some(path) = repository.hook(name) else {
            return Ok(Ended::Passed);
        };
        let quote =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
        let line = format!(
            "cd {} && GIT_INDEX_FILE=\"$TMPDIR/{FOLDER}/index\" GIT_EDITOR=: {} {arguments}",
            quote(repository.top()),
            quote(&path)
        );
        let seconds = self.session.settings.commands.max_timeout_seconds;
        let command = Command {
            access: Access::Write,
            ..self.command(line.trim_end().to_owned(), seconds)
        };
        let Some(mut receipt) = self.run_check(Gate::Hook, &command).await? else {
            return Ok(Ended::Interrupted);
        };
        name.clone_into(&mut receipt.command);
        let ended = if receipt.passed {
            Ended::Passed
        } else {
            let how = match (receipt.timed_out, receipt.exit) {
                (true, _) => "did not end in time".to_owned(),
                (false, Some(code)) => format!("ended with exit code {code}"),
                (false, None) => "could not be run".to_owned(),
            };
            Ended::Failed(format!("the hook {name} {how}: {}", receipt.output.trim()))
        };
        self.append(Event::Checked(receipt))?;
        Ok(ended)
    }
}

fn cannot(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(
        crate::error::ErrorKind::Incomplete,
        format!("cannot prepare a commit in {}: {error}", folder.display()),
    )
}

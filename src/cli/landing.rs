//! The words about where work lands: the offer to merge at the end of a session with a worktree of
//! its own, and what a deletion takes along.

use super::args::RunOptions;
use super::compose::{can_ask, confirm, say, surroundings};
use crate::engine::ports::{Confine, Model};
use crate::engine::session::Session;
use crate::engine::settings::{CommitHooks, Landing};
use crate::error::{Error, Result};
use crate::run::landing::merge_offer;
use crate::run::store::SessionFolder;
use crate::run::{Ending, Merged, Run};

impl RunOptions {
    /// Whether commit hooks run, if that was said. They need commits.
    pub(super) fn hooks(&self, landing: Landing) -> Result<Option<CommitHooks>> {
        match (self.commit_hooks, landing) {
            (false, _) => Ok(None),
            (true, Landing::Commit) => Ok(Some(CommitHooks::Run)),
            (true, Landing::Worktree) => Err(Error::usage(
                "--commit-hooks does not go with --worktree: hooks run behind the wall, from where the repository of a worktree cannot be seen",
            )
            .hint("use --commit, or leave --commit-hooks out")),
            (true, Landing::Project) => Err(Error::usage(
                "--commit-hooks is about commits, and none are made",
            )
            .hint("add --commit, or leave it out")),
        }
    }

    /// Where the work is to land, if that was said.
    pub(super) fn landing(&self) -> Option<Landing> {
        match (self.commit, self.worktree) {
            (_, true) => Some(Landing::Worktree),
            (true, false) => Some(Landing::Commit),
            (false, false) => None,
        }
    }
}

/// Offers to merge what a session did in a worktree of its own.
pub(super) async fn offer<M: Model, C: Confine>(
    run: &Run<M, crate::ui::Screen, C>,
    ending: &Ending,
    options: &RunOptions,
) -> Result<()> {
    let Ending::Finished(..) = ending else {
        return Ok(());
    };
    let Some(offer) = merge_offer(run.session(), &surroundings()).await? else {
        return Ok(());
    };
    if offer.commits == 0 {
        return Ok(());
    }
    let command = format!(
        "git -C {} merge {}",
        shell_words::quote(&run.session().started.project),
        offer.branch
    );
    let commits = match offer.commits {
        1 => "1 commit".to_owned(),
        n => format!("{n} commits"),
    };
    let question = format!("Merge {} ({commits}) into {}?", offer.branch, offer.into);
    if !can_ask(options) || !confirm(&question)? {
        say(&format!(
            "the work is on the branch {} ({commits}); merge it with: {command}",
            offer.branch
        ));
        return Ok(());
    }
    match offer.merge().await {
        Ok(Merged::Done) => say(&format!("{} is merged into {}", offer.branch, offer.into)),
        Ok(Merged::Conflicts(files)) => say(&format!(
            "nothing was merged, since these files conflict: {}\nhint: merge it yourself and decide: {command}",
            files.join(", ")
        )),
        Err(error) => say(&format!(
            "nothing was merged: {}\nhint: when that is out of the way: {command}",
            error.message
        )),
    }
    Ok(())
}

/// What else goes with a session that has a worktree of its own, in words.
pub(super) async fn what_goes(session: &Session) -> Result<Option<String>> {
    let Some(offer) = merge_offer(session, &surroundings()).await? else {
        return Ok(None);
    };
    Ok(Some(match offer.commits {
        0 => format!("Its worktree and its branch {} go as well.", offer.branch),
        n => format!(
            "Its worktree goes as well, with what is not committed there; its branch {} has {n} commits that are not merged, and stays.",
            offer.branch
        ),
    }))
}

/// Takes the worktree of a session away.
pub(super) async fn remove_worktree(session: &Session, folder: &SessionFolder) -> Result<()> {
    match merge_offer(session, &surroundings()).await? {
        Some(offer) => offer.remove(session, folder).await,
        None => Ok(()),
    }
}

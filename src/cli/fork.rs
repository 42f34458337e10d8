//! `loop fork`: a new session of another one's beginning. The new id on standard output, what to
//! know about it on standard error.

use std::process::ExitCode;

use super::args::{ForkArgs, RunOptions};
use super::compose::{self, print, say};
use super::sessions::find;
use crate::error::Result;
use crate::run::fork::{Wanted, fork as make};
use crate::run::store::Sessions;

/// Makes it.
pub(super) fn fork(fork: ForkArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let folder = find(&sessions, fork.session.as_deref())?;
    let wanted = Wanted {
        at: fork.at,
        model: fork.model,
        into: fork.into,
    };
    let surroundings = compose::surroundings();
    let made = compose::block_on(make(&sessions, &folder, &wanted, &surroundings))?;
    print(&format!("{}\n", made.id))?;
    say(&format!(
        "forked from {} after line {}; its project is in {}",
        folder.id,
        made.seq,
        made.project.display()
    ));
    for remark in &made.remarks {
        say(remark);
    }
    say(&format!("go on with it: loop resume {}", made.id));
    Ok(ExitCode::SUCCESS)
}

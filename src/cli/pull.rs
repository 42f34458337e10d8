//! Fetching a model with a progress bar, and the offer to do so when none is installed, which is
//! made in a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

use super::args::RunOptions;
use super::compose::{can_ask, confirm};
use crate::engine::neutral::neutral;
use crate::error::{Error, ErrorKind, Result};
use crate::run::health::{nothing_usable, suggestion};
use crate::run::{PullProgress, Server};

/// The name of the model that was fetched; none if there was no need or nobody to ask, or they
/// said no. What is missing is then told by the look at the server.
pub(super) async fn offer(server: &Server, run: &RunOptions) -> Result<Option<String>> {
    if !can_ask(run) || !nothing_usable(server).await {
        return Ok(None);
    }
    let Some(name) = suggestion() else {
        return Ok(None);
    };
    let question =
        format!("No usable model is installed. Fetch {name} now? It fits this machine's memory");
    if !confirm(&question)? {
        return Ok(None);
    }
    fetch(server, &name).await?;
    Ok(Some(name))
}

/// Fetches a model and shows how far it is.
pub(super) async fn fetch(server: &Server, name: &str) -> Result<()> {
    let bar = ProgressBar::new(0);
    let style =
        ProgressStyle::with_template("{msg} {bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    let mut show = |progress: PullProgress| {
        bar.set_message(neutral(&progress.status).into_owned());
        if progress.total > 0 {
            bar.set_length(progress.total);
            bar.set_position(progress.completed);
        }
    };
    let pulled = server.pull(name, &mut show).await;
    bar.finish_and_clear();
    pulled.map_err(|fault| {
        Error::new(ErrorKind::Model, format!("cannot fetch {name}: {fault}")).hint(format!(
            "look whether the name is right, then try again: loop models pull {name}"
        ))
    })
}

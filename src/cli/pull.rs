//! The offer to fetch a model when none is installed: in a terminal only, with a progress bar.

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
    let question = format!(
        "No model that can call tools is installed. Fetch {name} now? It fits this machine's memory"
    );
    if !confirm(&question)? {
        return Ok(None);
    }
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
    let pulled = server.pull(&name, &mut show).await;
    bar.finish_and_clear();
    pulled.map_err(|fault| {
        Error::new(ErrorKind::Model, format!("cannot fetch {name}: {fault}"))
            .hint(format!("try again with: ollama pull {name}"))
    })?;
    Ok(Some(name))
}

//! `loop tell` and `loop stop`: a word to a run from another terminal or at its own, and the end of
//! one as Ctrl-C would bring it.

use std::process::ExitCode;

use super::answer::sender;
use super::args::{RunOptions, StopArgs, TellArgs};
use super::compose::{self, say};
use super::sessions::find;
use crate::config::Loaded;
use crate::engine::event::Audience;
use crate::engine::ports::{Confine, Model, Operator as _, Update};
use crate::error::{Error, Result};
use crate::run::Run;
use crate::run::post::{self, HERE, Sender};
use crate::run::store::Sessions;
use crate::ui::Screen;

/// Tells the model something.
pub(super) fn tell(args: &TellArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let folder = find(&sessions, args.session.as_deref())?;
    let to = match (&args.ticket, args.all) {
        (Some(ticket), _) => Some(Audience::Ticket(ticket.clone())),
        (None, true) => Some(Audience::All),
        (None, false) => None,
    };
    let text = match args.text.join(" ") {
        dash if dash == "-" => std::io::read_to_string(std::io::stdin())
            .map_err(|error| Error::usage(format!("cannot read standard input: {error}")))?,
        text => text,
    };
    post::tell(&folder, &text, to, &sender(loaded.secrets()))?;
    let when = match (&args.ticket, folder.is_running()) {
        (Some(ticket), true) => format!("it is for {}", ticket.to_uppercase()),
        (None, true) => "the model hears it before its next turn".to_owned(),
        (_, false) => format!(
            "the session is not running; it is told after: loop resume {}",
            folder.id
        ),
    };
    say(&format!("told session {}: {when}", folder.id));
    Ok(ExitCode::SUCCESS)
}

/// Said once, where words are taken from the keyboard.
const KEY: &str = "Press t to tell the model something while it works.";

/// Takes words at the run's own screen. They go the way of those from elsewhere.
pub(super) fn take_words<M: Model, C: Confine>(run: &mut Run<M, Screen, C>, loaded: &Loaded) {
    let folder = run.store().folder.clone();
    let sender = Sender {
        name: HERE.to_owned(),
        secrets: loaded.secrets(),
    };
    let teller = move |text: &str| match post::tell(&folder, text, None, &sender) {
        Ok(()) => Ok("The model hears it before its next turn.".to_owned()),
        Err(error) => Err(format!("not told: {}", error.message)),
    };
    if run.operator().take_words(Box::new(teller)) {
        run.operator().show(Update::Say(KEY));
    }
}

/// Stops a run, and waits until it has.
pub(super) fn stop(args: &StopArgs) -> Result<ExitCode> {
    let loaded = compose::configuration(&RunOptions::default())?;
    let sessions = Sessions::at(&loaded.paths.sessions);
    let folder = find(&sessions, args.session.as_deref())?;
    post::stop(&folder, &sender(loaded.secrets()))?;
    say(&format!(
        "stopped session {}; go on with: loop resume {}",
        folder.id, folder.id
    ));
    Ok(ExitCode::SUCCESS)
}

//! `--detach`: a run that survives its terminal. The program starts itself once more with the same
//! words; this process waits until that one has a session, or hands on how it failed. From then on
//! the other one has no terminal, and writes into the session's folder.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Command, ExitCode, Stdio};

use super::args::RunOptions;
use super::compose::{print, say};
use crate::error::{Error, ErrorKind, Result};
use crate::run::store::SessionFolder;

/// Said by a person.
const DETACH: &str = "--detach";
/// Said to the process that is to go on alone.
const DETACHED: &str = "--detached";

/// Starts the run in a process of its own, and waits until it has a session.
pub(super) fn detach() -> Result<ExitCode> {
    let cannot = |what: &str, error: std::io::Error| {
        Error::new(ErrorKind::Incomplete, format!("cannot {what}: {error}"))
    };
    let program = std::env::current_exe().map_err(|error| cannot("find myself", error))?;
    let mut child = Command::new(program)
        .args(arguments(std::env::args_os().skip(1)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot("start the run", error))?;
    let words = child.stderr.take().map(|mut words| {
        // silent-ok: whoever reads this terminal may have gone away.
        std::thread::spawn(move || drop(std::io::copy(&mut words, &mut std::io::stderr())))
    });
    let mut id = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut id)
            .map_err(|error| cannot("hear from the run", error))?;
    }
    if let Some(words) = words {
        // silent-ok: a thread that only copies has nothing to report.
        let _ = words.join();
    }
    let id = id.trim();
    if id.is_empty() {
        let status = child
            .wait()
            .map_err(|error| cannot("wait for the run", error))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok()); // silent-ok: a signal
        return Ok(code.map_or_else(
            || ExitCode::from(ErrorKind::Interrupted.code()),
            ExitCode::from,
        ));
    }
    say(&format!(
        "it goes on without this terminal; questions: loop answer -s {id}; end it with: loop stop -s {id}"
    ));
    print(&format!("{id}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The same words for the process that goes on alone. What follows `--` is a task.
fn arguments(own: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut options = true;
    own.map(|word| {
        options &= word != "--";
        if options && word == DETACH {
            OsString::from(DETACHED)
        } else {
            word
        }
    })
    .collect()
}

impl RunOptions {
    /// Whether a question waits for an answer from elsewhere.
    pub(super) fn may_wait(&self) -> bool {
        self.detached && !self.no_input
    }

    /// Leaves the terminal, if this is the process that is to: tells the waiting one which session
    /// there is, and writes into its folder from now on.
    pub(super) fn leave_terminal(&self, folder: &SessionFolder) -> Result<()> {
        if !self.detached {
            return Ok(());
        }
        let cannot = |error: rustix::io::Errno| {
            Error::new(
                ErrorKind::Incomplete,
                format!("cannot leave the terminal: {error}"),
            )
        };
        let log = folder.open_log()?;
        // Until here Ctrl-C reached both processes. A session of its own has no terminal.
        rustix::process::setsid().map_err(cannot)?;
        print(&format!("{}\n", folder.id))?;
        rustix::stdio::dup2_stdout(&log).map_err(cannot)?;
        rustix::stdio::dup2_stderr(&log).map_err(cannot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_option_is_replaced() {
        let words = ["start", "do --detach", "--detach", "--", "--detach"].map(OsString::from);
        let expected = ["start", "do --detach", "--detached", "--", "--detach"];
        assert_eq!(arguments(words.into_iter()), expected.map(OsString::from));
    }
}

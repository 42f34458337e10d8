//! Runs the screen of `engine::screen` under a limit of size and time: the parser it uses takes
//! exponential time on some unclosed nestings. What does not end in time is asked about.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::engine::screen::{Forbidden, Screening, screen_in, unscreened};

/// Longer commands are not parsed.
const MOST_BYTES: usize = 16 * 1024;

/// Slower ones are given up. An ordinary command takes a fraction of a millisecond, but on a machine
/// whose cores all work for the model a thread may have to wait long before it runs at all.
const MOST_TIME: Duration = Duration::from_secs(2);

/// Screens a command that would run in `project`, where some commands are not allowed. Takes at
/// most two seconds.
pub fn screen_command(command: &str, project: &Path, rules: &[Forbidden]) -> Screening {
    if command.len() > MOST_BYTES {
        let why = format!(
            "is {} KB long, too long to be looked through",
            command.len() / 1024
        );
        return unscreened(&why, rules);
    }
    let (answer, answered) = mpsc::channel();
    let (command, project): (String, PathBuf) = (command.to_owned(), project.to_owned());
    let held = rules.to_vec();
    // The thread is left behind when it takes too long: a parser cannot be stopped from outside.
    let thread = std::thread::Builder::new()
        .name("screen".to_owned())
        .stack_size(16 * 1024 * 1024)
        .spawn(move || {
            // silent-ok: nobody waits for the answer any more.
            let _ = answer.send(screen_in(&command, &project, &held));
        });
    match thread {
        Ok(_handle) => answered
            .recv_timeout(MOST_TIME)
            .unwrap_or_else(|_| unscreened("is too deeply nested to be looked through", rules)),
        Err(error) => unscreened(&format!("could not be looked through ({error})"), rules),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::screen::Class;

    #[test]
    fn nesting_that_the_parser_cannot_end_is_suspicious() {
        let command = format!("echo {}", "(".repeat(60));
        let screening = screen_command(&command, Path::new("/p"), &[]);
        assert_eq!(screening.class, Class::Suspicious, "{}", screening.why);
    }

    #[test]
    fn long_commands_are_suspicious() {
        let command = format!("echo {}", "a".repeat(20_000));
        let screening = screen_command(&command, Path::new("/p"), &[]);
        assert_eq!(screening.class, Class::Suspicious);
        assert_eq!(
            screening.why,
            "is 19 KB long, too long to be looked through"
        );
    }

    #[test]
    fn others_are_screened() {
        let screening = screen_command("rm -rf /", Path::new("/p"), &[]);
        assert_eq!(screening.class, Class::Dangerous);
    }
}

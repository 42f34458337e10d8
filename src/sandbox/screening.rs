//! Runs the screen of `engine::screen` under a limit of size and time: the parser it uses takes
//! exponential time on some unclosed nestings. What does not end in time is asked about.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::engine::screen::{Class, Screening, Stakes, screen_in};

/// Longer commands are not parsed.
const MOST_BYTES: usize = 16 * 1024;

/// Slower ones are given up. An ordinary command takes a fraction of a millisecond, but on a machine
/// whose cores all work for the model a thread may have to wait long before it runs at all.
const MOST_TIME: Duration = Duration::from_secs(2);

/// Screens a command that would run in `project`. Takes at most two seconds.
pub fn screen_command(command: &str, project: &Path) -> Screening {
    if command.len() > MOST_BYTES {
        return unreadable(format!(
            "is {} KB long, too long to be looked through",
            command.len() / 1024
        ));
    }
    let (answer, answered) = mpsc::channel();
    let (command, project): (String, PathBuf) = (command.to_owned(), project.to_owned());
    // The thread is left behind when it takes too long: a parser cannot be stopped from outside.
    let thread = std::thread::Builder::new()
        .name("screen".to_owned())
        .stack_size(16 * 1024 * 1024)
        .spawn(move || {
            // silent-ok: nobody waits for the answer any more.
            let _ = answer.send(screen_in(&command, &project));
        });
    match thread {
        Ok(_handle) => answered
            .recv_timeout(MOST_TIME)
            .unwrap_or_else(|_| unreadable("is too deeply nested to be looked through".to_owned())),
        Err(error) => unreadable(format!("could not be looked through ({error})")),
    }
}

fn unreadable(why: String) -> Screening {
    Screening {
        class: Class::Suspicious,
        why,
        patterns: Vec::new(),
        stakes: Stakes::Usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_that_the_parser_cannot_end_is_suspicious() {
        let command = format!("echo {}", "(".repeat(60));
        let screening = screen_command(&command, Path::new("/p"));
        assert_eq!(screening.class, Class::Suspicious, "{}", screening.why);
    }

    #[test]
    fn long_commands_are_suspicious() {
        let command = format!("echo {}", "a".repeat(20_000));
        let screening = screen_command(&command, Path::new("/p"));
        assert_eq!(screening.class, Class::Suspicious);
        assert_eq!(
            screening.why,
            "is 19 KB long, too long to be looked through"
        );
    }

    #[test]
    fn others_are_screened() {
        let screening = screen_command("rm -rf /", Path::new("/p"));
        assert_eq!(screening.class, Class::Dangerous);
    }
}

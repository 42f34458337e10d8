//! Runs the screen of `engine::screen` under a limit of size and work: the parser it uses takes very
//! long for some nestings. Those that are known are not parsed at all; what else does not end within
//! the limit is asked about. Work is a processor's time, not the clock's: where a model computes on every core, a thread may wait
//! longer than it works, and that says nothing about the command.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::engine::screen::{Forbidden, Screening, screen_in, unscreened};

/// Longer commands are not parsed.
const MOST_BYTES: usize = 16 * 1024;

/// Those that take more of a processor's time are given up.
const MOST_WORK: Duration = Duration::from_millis(100);

/// However little of it a thread gets, nobody waits longer than this.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Work is looked at this often.
const TICK: Duration = Duration::from_millis(20);

/// Screens a command that would run in `project`, where some commands are not allowed. Takes at
/// most a tenth of a second, on a machine that has a processor to spare.
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
        Ok(parser) => {
            let began = Instant::now();
            loop {
                match answered.recv_timeout(TICK) {
                    Ok(screening) => return screening,
                    Err(RecvTimeoutError::Timeout)
                        if work(&parser, began) < MOST_WORK && began.elapsed() < MOST_TIME => {}
                    Err(_) => {
                        return unscreened("is too deeply nested to be looked through", rules);
                    }
                }
            }
        }
        Err(error) => unscreened(&format!("could not be looked through ({error})"), rules),
    }
}

/// How much of a processor's time a thread has had.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no library wraps it")]
fn work<T>(thread: &JoinHandle<T>, _began: Instant) -> Duration {
    use std::os::unix::thread::JoinHandleExt as _;
    let mut clock = 0;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the thread was not joined, so its name is valid; both results live through the calls.
    let known = unsafe {
        libc::pthread_getcpuclockid(thread.as_pthread_t(), &raw mut clock) == 0
            && libc::clock_gettime(clock, &raw mut time) == 0
    };
    if !known {
        // It has ended, and its answer is on the way.
        return Duration::ZERO;
    }
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(rest)
}

/// The same, as well as it can be known: at most the time that has passed.
#[cfg(not(target_os = "linux"))]
fn work<T>(_thread: &JoinHandle<T>, began: Instant) -> Duration {
    began.elapsed()
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

    #[cfg(target_os = "linux")]
    #[test]
    fn waiting_is_no_work() {
        let began = Instant::now();
        let (go, wait) = mpsc::channel::<()>();
        let waiting = std::thread::spawn(move || wait.recv().is_err());
        let (stop, stopped) = mpsc::channel::<()>();
        let working =
            std::thread::spawn(
                move || {
                    while stopped.try_recv() == Err(mpsc::TryRecvError::Empty) {}
                },
            );
        while work(&working, began) < MOST_WORK {
            std::thread::yield_now();
        }
        assert!(began.elapsed() >= MOST_WORK);
        assert!(work(&waiting, began) < MOST_WORK);
        drop((go, stop));
        assert!(waiting.join().unwrap());
        working.join().unwrap();
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

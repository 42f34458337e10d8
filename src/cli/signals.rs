//! Ctrl-C: once stops what runs and saves; twice leaves at once. And a panic, which is a bug: it
//! is told as one, with the terminal as it was, and exit code 70.

use std::io::Write as _;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::ui::restore_terminal;

/// Sets the value at the first signal and ends the process at the second.
pub(super) fn listen(stop: watch::Sender<bool>) {
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        ) else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            if stop.send_replace(true) {
                leave(130);
            }
        }
    });
}

/// A panic is a bug in the program.
pub(super) fn report_bugs() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore_terminal();
        usual(info);
        tell_of_bug();
        leave(70);
    }));
}

fn tell_of_bug() {
    // silent-ok: nobody may listen to the last words of the process.
    let _ = writeln!(
        std::io::stderr(),
        "error: this is a bug in loop. The session is saved up to the last step.\nhint: go on with `loop resume`, and report what is printed above"
    );
}

#[expect(clippy::exit, reason = "leaving at once is what was asked for")]
fn leave(code: i32) -> ! {
    restore_terminal();
    std::process::exit(code)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    /// Set for the process that is to panic.
    const PANIC: &str = "LOOP_TEST_PANIC";

    #[test]
    fn a_panic_is_told_as_a_bug_and_ends_with_70() {
        if std::env::var_os(PANIC).is_some() {
            super::report_bugs();
            panic!("on purpose");
        }
        let test = "cli::signals::tests::a_panic_is_told_as_a_bug_and_ends_with_70";
        let output = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(PANIC, "1")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(70), "{told}");
        assert!(told.contains("this is a bug in loop"), "{told}");
    }
}

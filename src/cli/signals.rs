//! Ctrl-C: once stops what runs and saves; twice leaves at once, whatever the run is held up by.
//! And a panic, which is a bug: it is told as one, with the terminal as it was, and exit code 70.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use std::io::Write as _;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::ui::restore_terminal;

/// How long a terminal may take to be given back by a process that leaves at once: one that nobody
/// reads takes nothing.
const GIVES_BACK_WITHIN: Duration = Duration::from_secs(1);

/// Sets the value at the first signal and ends the process at the second. On a thread of its own:
/// that of the run stands still while it writes to a pipe that nobody reads.
pub(super) fn listen(stop: watch::Sender<bool>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    // silent-ok: without it signals end the process as they always do, and nothing is lost.
    let Ok(runtime) = runtime else {
        return;
    };
    let signals = {
        let _inside = runtime.enter();
        [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ]
        .map(signal)
    };
    thread::spawn(move || {
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals else {
            return;
        };
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                if stop.send_replace(true) {
                    give_back();
                    leave(130);
                }
            }
        });
    });
}

/// Gives the terminal back, if it takes it.
fn give_back() {
    let (done, given) = mpsc::channel();
    thread::spawn(move || {
        restore_terminal();
        // silent-ok: nobody waits any more.
        let _ = done.send(());
    });
    // silent-ok: a terminal that takes nothing stays as it is.
    let _ = given.recv_timeout(GIVES_BACK_WITHIN);
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

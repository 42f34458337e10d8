//! Terminals for tests: the far end of one, which types, waits for text and reads the screen; and
//! the program started in one. Waiting ends with the text or, after a time that is only reached
//! by a failure, with everything that was on the screen.
#![expect(clippy::expect_used, reason = "tests")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;
use std::time::{Duration, Instant};

use rexpect::process::{PtyProcess, Signal, WaitStatus};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::vt::Vt;

/// Nothing in a test takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The far end of a terminal.
pub(crate) struct Console {
    master: File,
    /// The screen as it is.
    pub(crate) screen: Vt,
    plain: String,
    seen: usize,
}

/// A terminal of this process: its far end, and the end for the program.
pub(crate) fn open(columns: u16, rows: u16) -> (Console, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
    let near = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).expect("opened");
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&near, size).expect("sized");
    (Console::new(master.into(), columns, rows), near)
}

impl Console {
    fn new(master: File, columns: u16, rows: u16) -> Self {
        Self {
            master,
            screen: Vt::new(columns.into(), rows.into()),
            plain: String::new(),
            seen: 0,
        }
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits for a text that has not been waited for before.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            if let Some(at) = self.plain[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            assert!(
                start.elapsed() < PATIENCE && self.read(),
                "{text:?} did not come; the screen:\n{}",
                self.screen.text()
            );
        }
    }

    /// Reads until the screen is as wanted.
    pub(crate) fn wait_until(&mut self, wanted: impl Fn(&Vt) -> bool) {
        let start = Instant::now();
        while self.screen.half_drawn || !wanted(&self.screen) {
            assert!(
                start.elapsed() < PATIENCE && self.read(),
                "the screen did not become what was wanted:\n{}",
                self.screen.text()
            );
        }
    }

    /// Makes the terminal so large, as somebody who drags its corner does.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        // What was drawn for the size before is read before, as far as it is there.
        self.drain();
        self.screen.resize(columns.into(), rows.into());
        tcsetwinsize(&self.master, size).expect("sized");
    }

    /// Reads what there is at this moment.
    pub(crate) fn drain(&mut self) {
        while self.ready(Duration::ZERO) && self.read() {}
    }

    /// The modes of the terminal, as the program has left them.
    pub(crate) fn modes(&self) -> String {
        modes(&self.master)
    }

    /// Reads to the end: until nobody has the terminal open any more.
    pub(crate) fn read_to_end(&mut self) {
        while self.read() {}
    }

    fn ready(&self, patience: Duration) -> bool {
        let mut check = [PollFd::new(&self.master, PollFlags::IN)];
        let patience = Timespec::try_from(patience).expect("short");
        loop {
            match poll(&mut check, Some(&patience)) {
                // A child of another test has ended.
                Err(Errno::INTR) => {}
                polled => break polled.expect("polled") > 0,
            }
        }
    }

    /// Reads once; false at the end.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        if !self.ready(PATIENCE) {
            return false;
        }
        match self.master.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.screen.feed(&bytes[..count]);
                let text = String::from_utf8_lossy(&bytes[..count]);
                self.plain.push_str(&console::strip_ansi_codes(&text));
                true
            }
        }
    }
}

/// A program in a terminal.
pub(crate) struct Program {
    process: PtyProcess,
    /// Its terminal.
    pub(crate) console: Console,
}

impl Program {
    /// Starts it in a terminal of that size.
    pub(crate) fn start(command: &Command, columns: u16, rows: u16) -> Self {
        // The size is set from inside, before the program looks at it.
        let mut sized = Command::new("sh");
        let script = format!("stty cols {columns} rows {rows} echo; exec \"$0\" \"$@\"");
        sized
            .arg("-c")
            .arg(script)
            .arg(command.get_program())
            .args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            sized.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => sized.env(name, value),
                None => sized.env_remove(name),
            };
        }
        let process = PtyProcess::new(sized).expect("started");
        let master = process.get_file_handle().expect("its terminal");
        Self {
            process,
            console: Console::new(master, columns, rows),
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&mut self, signal: Signal) {
        self.process.signal(signal).expect("signalled");
    }

    /// Its exit code, once everything it wrote is read; 128 and the signal if one ended it.
    pub(crate) fn wait(&mut self) -> i32 {
        self.console.read_to_end();
        match self.process.wait().expect("waited") {
            WaitStatus::Exited(_, code) => code,
            WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
            other => panic!("neither exited nor ended by a signal: {other:?}"),
        }
    }
}

/// The modes of a terminal, to be compared.
pub(crate) fn modes(terminal: &impl AsFd) -> String {
    let modes = rustix::termios::tcgetattr(terminal).expect("a terminal");
    format!(
        "{:?} {:?} {:?}",
        modes.input_modes, modes.output_modes, modes.local_modes
    )
}

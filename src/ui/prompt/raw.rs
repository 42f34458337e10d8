//! Raw mode of a terminal, and the promise to give it back: when the guard is dropped, when the
//! program panics, and when it leaves at once through [`restore_terminal`].
//!
//! The list of open guards is the one global of the program: a panic hook has no other way to
//! know them, and a release build does not unwind.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use crate::ui::attention;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush,
    tcgetattr, tcsetattr,
};

const PASTE_ON: &[u8] = b"\x1b[?2004h";
/// Bracketed paste off, cursor shown.
const RESTORE: &[u8] = b"\x1b[?2004l\x1b[?25h";
/// The alternate screen: what stood on the terminal comes back when it is left.
const WHOLE_ON: &[u8] = b"\x1b[?1049h\x1b[?25l";
const WHOLE_OFF: &[u8] = b"\x1b[?1049l";

struct Saved {
    id: u64,
    terminal: OwnedFd,
    before: Termios,
    taken: Taken,
}

/// How much of the terminal was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Taken {
    /// The line where the cursor is.
    Line,
    /// All of it, as another screen.
    Screen,
    /// Its keys only: they arrive one by one and unseen, while Ctrl-C and the like stay signals.
    Keys,
}

static OPEN: Mutex<Vec<Saved>> = Mutex::new(Vec::new());

/// What was typed before anybody asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum TypedAhead {
    /// Belongs to the answer.
    Keep,
    /// Must not decide anything.
    Discard,
}

/// Raw mode, as long as this lives.
#[derive(Debug)]
pub(in crate::ui) struct RawMode {
    id: u64,
}

impl RawMode {
    /// Takes the line where the cursor is.
    pub(super) fn enter(terminal: BorrowedFd<'_>, ahead: TypedAhead) -> io::Result<Self> {
        Self::take(terminal, ahead, Taken::Line)
    }

    /// Takes so much of the terminal.
    pub(in crate::ui) fn take(
        terminal: BorrowedFd<'_>,
        ahead: TypedAhead,
        taken: Taken,
    ) -> io::Result<Self> {
        static HOOK: Once = Once::new();
        static NEXT: AtomicU64 = AtomicU64::new(0);
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                restore_terminal();
                previous(info);
            }));
        });
        let before = tcgetattr(terminal)?;
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let saved = Saved {
            id,
            terminal: terminal.try_clone_to_owned()?,
            before: before.clone(),
            taken,
        };
        open().push(saved);
        let guard = Self { id };
        let mut raw = before;
        raw.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        if taken != Taken::Keys {
            // Output processing stays on: a line break is still a whole one.
            raw.local_modes
                .remove(LocalModes::ISIG | LocalModes::IEXTEN);
            raw.input_modes
                .remove(InputModes::ICRNL | InputModes::INLCR | InputModes::IXON);
        }
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Now, &raw)?;
        if ahead == TypedAhead::Discard {
            tcflush(terminal, QueueSelector::IFlush)?;
        }
        // silent-ok: a terminal opened for reading only gets no paste marks, and works without.
        let _ = rustix::io::write(terminal, PASTE_ON);
        if taken == Taken::Screen {
            rustix::io::write(terminal, WHOLE_ON)?;
        }
        Ok(guard)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let mut guards = open();
        if let Some(at) = guards.iter().position(|saved| saved.id == self.id) {
            guards.swap_remove(at).restore();
        }
    }
}

impl Saved {
    fn restore(&self) {
        // A job in the background would be stopped for it, and its shell has modes of its own.
        if self.taken == Taken::Keys && !is_in_foreground(self.terminal.as_fd()) {
            return;
        }
        // silent-ok: a terminal that has gone away needs no restoring.
        if self.taken == Taken::Screen {
            let _ = rustix::io::write(&self.terminal, WHOLE_OFF);
        }
        let _ = rustix::io::write(&self.terminal, RESTORE);
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Gives every terminal back as it was found. For a process that is about to end without unwinding.
pub fn restore_terminal() {
    // silent-ok: a terminal that has gone away has no title.
    let _ = rustix::io::write(rustix::stdio::stderr(), attention::give_back().as_bytes());
    // A panic in here would hang on the lock it holds: take it only if it is free.
    if let Ok(mut guards) = OPEN.try_lock() {
        guards.drain(..).for_each(|saved| saved.restore());
    }
}

/// Whether the terminal is this process's to read: a job in the background is stopped for trying.
pub(super) fn is_in_foreground(terminal: BorrowedFd<'_>) -> bool {
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

fn open() -> MutexGuard<'static, Vec<Saved>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What a person says unasked, while the model works: `t` opens a line, Enter sends it. Owns whose
//! the keyboard is: a question takes it from the listener, and waits for a line that is being
//! typed. Keys that open no line are kept for the next question. Refuses to know what becomes of a
//! word.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;

use rustix::process::{Signal, getpid, kill_process};
use tokio::io::unix::AsyncFd;
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::editor::Editor;
use super::person::{Conversation, Entered, Person, Typing, more, watch};
use super::raw::{RawMode, Taken, TypedAhead, is_in_foreground};
use crate::ui::display::Shared;
use crate::ui::text::{Tone, paragraph};

/// Sends a word to the model: what to say about it, or why it was not sent.
pub type Teller = Box<dyn Fn(&str) -> Result<String, String> + Send>;

const KEY: u8 = b't';
const INTERRUPT: u8 = 3;
const PROMPT: &str = "tell> ";
/// Room for what is typed before anybody asks.
const LONGEST_AHEAD: usize = 4_096;

/// What was typed, and who may read more of it.
#[derive(Debug, Default)]
pub(in crate::ui) struct Keyboard {
    typing: Mutex<Typing>,
    wanted: Notify,
}

impl Keyboard {
    /// Takes the keyboard for a question, once the line that is being typed is sent or dropped.
    pub(in crate::ui) async fn take(&self) -> MutexGuard<'_, Typing> {
        self.wanted.notify_one();
        self.typing.lock().await
    }
}

/// Listens for as long as the terminal is there.
pub(in crate::ui) async fn take_words(
    person: Arc<Person>,
    keyboard: Arc<Keyboard>,
    shared: Arc<Shared>,
    teller: Teller,
) {
    // silent-ok: without a descriptor of its own nothing is heard here.
    let Ok(input) = person.input.try_clone() else {
        return;
    };
    let Ok(terminal) = watch(input.as_fd()) else {
        return;
    };
    let mut pending = Vec::new();
    loop {
        // The lock is fair: whoever wants to ask comes first.
        let mut typing = keyboard.typing.lock().await;
        // The shell's own keys are not touched.
        if !is_in_foreground(input.as_fd()) {
            drop(typing);
            keyboard.wanted.notified().await;
            continue;
        }
        let at_once = sort(std::mem::take(&mut pending), &mut typing, &shared);
        let behind = if let Some(behind) = at_once {
            behind
        } else {
            let Ok(_keys) = RawMode::take(input.as_fd(), TypedAhead::Keep, Taken::Keys) else {
                return;
            };
            let opened = tokio::select! {
                biased;
                () = keyboard.wanted.notified() => continue,
                opened = opening(&terminal, &mut typing, &shared) => opened,
            };
            let Ok(behind) = opened else {
                return;
            };
            behind
        };
        let mut keys = Typing::of(behind);
        let said = line(&person, &mut keys, &shared, &keyboard.wanted).await;
        pending = keys.bytes.into();
        // The first one dropped the line; here it is no signal.
        if let Some(at) = pending.iter().rposition(|byte| *byte == INTERRUPT) {
            pending.drain(..=at);
            // silent-ok: this process is there.
            let _ = kill_process(getpid(), Signal::INT);
        }
        let Some(said) = said.filter(|said| !said.trim().is_empty()) else {
            continue;
        };
        let (tone, words) = match teller(&said) {
            Ok(words) => (Tone::Dim, words),
            Err(words) => (Tone::Warn, words),
        };
        shared.with(|display| {
            let look = display.look();
            let lines = paragraph(tone, &words, "", &look);
            display.surface.notice(&lines, look.colour);
            display.draw();
        });
    }
}

/// Waits for the key; what was typed behind it. An error: the terminal is gone.
async fn opening(
    terminal: &AsyncFd<BorrowedFd<'_>>,
    typing: &mut Typing,
    shared: &Shared,
) -> io::Result<Vec<u8>> {
    loop {
        let mut ready = terminal.readable().await?;
        if !is_in_foreground(*terminal.get_ref()) {
            ready.clear_ready();
            continue;
        }
        let bytes = more(terminal).await?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(behind) = sort(bytes, typing, shared) {
            return Ok(behind);
        }
    }
}

/// What stands behind the key that opens a line; all else is kept for the next question.
fn sort(bytes: Vec<u8>, typing: &mut Typing, shared: &Shared) -> Option<Vec<u8>> {
    let mut bytes = typing.behind_lost(bytes);
    if bytes.first() == Some(&KEY) && shared.with(|display| display.is_working()) {
        bytes.remove(0);
        return Some(bytes);
    }
    if typing.bytes.len() < LONGEST_AHEAD {
        typing.bytes.extend(bytes);
    }
    None
}

/// Reads the line; none if it was left. A question that comes meanwhile says so and waits.
async fn line(
    person: &Person,
    keys: &mut Typing,
    shared: &Arc<Shared>,
    wanted: &Notify,
) -> Option<String> {
    let mut editor = Editor::default();
    // silent-ok: without raw mode no line can be typed.
    let mut talk = Conversation::open(person, keys, Arc::clone(shared), TypedAhead::Keep).ok()?;
    loop {
        let entered = tokio::select! {
            biased;
            entered = talk.go_on(&mut editor, PROMPT) => entered,
            () = wanted.notified() => {
                talk.interject("A question waits: Enter sends this line, Ctrl-C drops it.");
                continue;
            }
        };
        return match entered {
            Entered::Line(text) => Some(text),
            Entered::Leave => None,
        };
    }
}

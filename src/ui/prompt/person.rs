//! A person at a terminal: one question is open at a time, its lines are read here. Owns waiting
//! for keys without holding up anything else; refuses to understand what was typed.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::editor::{Editor, Typed};
use super::keys::{Decoder, Key};
use super::raw::{RawMode, TypedAhead};
use crate::ui::display::{Display, Shared};
use crate::ui::text::{Line, Look, Tone, paragraph};

/// Turns an edited document back into the artifact's JSON: file name and Markdown in; out come the
/// JSON text, or faults with their line numbers (counted from 1).
pub type ReadBack = Box<dyn Fn(&str, &str) -> Result<String, Vec<(usize, String)>> + Send + Sync>;

/// Instead of a prompt, until the line that was lost has ended.
const ENTER_FIRST: &str = "press Enter first > ";

/// The person, as far as the program can reach them.
pub struct Person {
    /// The terminal they type into.
    pub input: OwnedFd,
    /// Whether the terminal rings when they are needed.
    pub bell: Bell,
    /// The editor's command line, if there is one.
    pub editor: Option<String>,
    /// Reads an edited document back.
    pub read_back: ReadBack,
}

/// Whether the terminal rings when a person is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    /// It does.
    Rings,
    /// It does not.
    Silent,
}

/// What was typed and not yet used; outlives a question, so that a quick typist loses nothing.
#[derive(Debug, Default)]
pub(in crate::ui) struct Typing {
    decoder: Decoder,
    pub(super) bytes: VecDeque<u8>,
    /// The line as far as it was typed.
    begun: String,
    rest: Rest,
}

/// What becomes of the keys that come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rest {
    /// They are what they are.
    #[default]
    Counts,
    /// They end a line whose question was taken back: up to its Enter they mean nothing.
    IsLost,
}

impl Typing {
    /// Bytes that were read already.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self {
            bytes: bytes.into(),
            ..Self::default()
        }
    }

    /// Forgets what was typed ahead; a line that was lost has its Enter still to come.
    fn discard(&mut self) {
        *self = Self {
            rest: self.rest,
            ..Self::default()
        };
    }

    /// What stands behind the Enter of a line that was lost; all of it, if none was.
    pub(super) fn behind_lost(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let mut bytes = VecDeque::from(bytes);
        while self.rest == Rest::IsLost
            && let Some(byte) = bytes.pop_front()
        {
            if self.decoder.push(byte) == Some(Key::Enter) {
                self.rest = Rest::Counts;
            }
        }
        bytes.into()
    }
}

/// A line, or the wish to leave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entered {
    Line(String),
    Leave,
}

/// An open question. Dropping it takes the question back: the line that is being typed goes away
/// and is said to be lost, and the terminal is as it was.
pub(super) struct Conversation<'a> {
    pub(super) person: &'a Person,
    typing: &'a mut Typing,
    pub(super) shared: Arc<Shared>,
    ahead: TypedAhead,
    raw: Option<RawMode>,
}

impl<'a> Conversation<'a> {
    pub(super) fn begin(
        person: &'a Person,
        typing: &'a mut Typing,
        shared: Arc<Shared>,
        ahead: TypedAhead,
    ) -> io::Result<Self> {
        if ahead == TypedAhead::Discard {
            typing.discard();
        }
        let talk = Self::open(person, typing, shared, ahead)?;
        talk.shared.with(|display| {
            display.says_that_it_asks();
            if person.bell == Bell::Rings {
                display.surface.bell();
            }
        });
        Ok(talk)
    }

    /// The same without calling anybody: the person began it.
    pub(super) fn open(
        person: &'a Person,
        typing: &'a mut Typing,
        shared: Arc<Shared>,
        ahead: TypedAhead,
    ) -> io::Result<Self> {
        let raw = RawMode::enter(person.input.as_fd(), ahead)?;
        shared.with(Display::begin_prompt);
        Ok(Self {
            person,
            typing,
            shared,
            ahead,
            raw: Some(raw),
        })
    }

    /// Shows lines at once.
    pub(super) fn say(&self, lines: impl FnOnce(&Look) -> Vec<Line>) {
        self.shared.with(|display| {
            let look = display.look();
            display.surface.say(&lines(&look), look.colour);
        });
    }

    /// Says something above the line that is being typed, which goes on below it.
    pub(super) fn interject(&self, text: &str) {
        self.shared.with(|display| display.surface.clear());
        self.say(|look| paragraph(Tone::Warn, text, "", look));
        if self.person.bell == Bell::Rings {
            self.shared.with(|display| display.surface.bell());
        }
    }

    /// Gives the terminal to another program until [`Self::take_back`].
    pub(super) fn lend(&mut self) {
        self.raw = None;
    }

    pub(super) fn take_back(&mut self) -> io::Result<()> {
        self.raw = Some(RawMode::enter(self.person.input.as_fd(), self.ahead)?);
        Ok(())
    }

    /// Reads one line. A terminal that has gone away is somebody who wants to leave.
    pub(super) async fn line(&mut self, prompt: &str) -> Entered {
        self.go_on(&mut Editor::default(), prompt).await
    }

    /// Reads on in a line that was begun. Dropping this loses no key.
    pub(super) async fn go_on(&mut self, editor: &mut Editor, prompt: &str) -> Entered {
        self.draw(editor, prompt);
        let Ok(terminal) = watch(self.person.input.as_fd()) else {
            return Entered::Leave;
        };
        loop {
            while let Some(byte) = self.typing.bytes.pop_front() {
                let Some(key) = self.typing.decoder.push(byte) else {
                    continue;
                };
                if self.typing.rest == Rest::IsLost && key != Key::Interrupt {
                    if key == Key::Enter {
                        self.typing.rest = Rest::Counts;
                    }
                    continue;
                }
                let redraw = key == Key::Redraw;
                match editor.press(key) {
                    Typed::Going if redraw => self.draw(editor, prompt),
                    Typed::Going => {}
                    Typed::Complete => {
                        self.typing.begun.clear();
                        editor.press(Key::End);
                        self.draw(editor, prompt);
                        self.shared.with(|display| display.surface.finish_prompt());
                        return Entered::Line(editor.text());
                    }
                    Typed::Leave => {
                        self.typing.begun.clear();
                        self.shared.with(|display| display.surface.finish_prompt());
                        return Entered::Leave;
                    }
                }
            }
            self.draw(editor, prompt);
            self.typing.begun = editor.text();
            match more(&terminal).await {
                Ok(bytes) if !bytes.is_empty() => self.typing.bytes.extend(bytes),
                Ok(_) | Err(_) => return Entered::Leave,
            }
        }
    }

    fn draw(&self, editor: &Editor, prompt: &str) {
        let prompt = match self.typing.rest {
            Rest::Counts => prompt,
            Rest::IsLost => ENTER_FIRST,
        };
        self.shared.with(|display| {
            let (columns, rows) = display.size();
            let drawing = editor.draw(prompt, columns, rows.saturating_sub(1).min(12));
            display.surface.draw_prompt(drawing);
        });
    }
}

impl Drop for Conversation<'_> {
    fn drop(&mut self) {
        let begun = std::mem::take(&mut self.typing.begun).replace('\n', " ");
        self.shared.with(|display| display.surface.end_prompt());
        if !begun.trim().is_empty() {
            // Who types on has not seen it yet: the rest must answer nothing else.
            self.typing.rest = Rest::IsLost;
            let words = format!("Your words were not sent: {begun}");
            self.say(|look| paragraph(Tone::Warn, &words, "", look));
        }
        self.shared.wake();
    }
}

#[expect(
    deprecated,
    reason = "what replaces it is unsafe; a borrowed descriptor stays open as long as the watch"
)]
pub(in crate::ui) fn watch(terminal: BorrowedFd<'_>) -> io::Result<AsyncFd<BorrowedFd<'_>>> {
    AsyncFd::with_interest(terminal, Interest::READABLE)
}

/// The next bytes; none when the terminal has gone away. The descriptor stays in blocking mode:
/// non-blocking mode belongs to the open file, which a shell shares with us.
pub(in crate::ui) async fn more(terminal: &AsyncFd<BorrowedFd<'_>>) -> io::Result<Vec<u8>> {
    loop {
        let mut ready = terminal.readable().await?;
        let mut check = [PollFd::new(terminal.get_ref(), PollFlags::IN)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        if poll(&mut check, Some(&at_once))? == 0 {
            ready.clear_ready();
            continue;
        }
        let mut bytes = [0; 1024];
        let count = rustix::io::read(terminal.get_ref(), &mut bytes)?;
        return Ok(bytes[..count].to_vec());
    }
}

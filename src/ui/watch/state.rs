//! What the live screen knows: the sessions, which of them and which part of it is looked at, how
//! far it is scrolled, and what is being typed. Owned by whoever drives the screen; changed by news
//! of journals here and by keys in `update`. Draws nothing.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use super::answering::Answering;
use super::canvas::Emphasis;
use super::head::{Head, Life};
use super::watched::Watched;
use crate::engine::ask::Ask;
use crate::engine::event::Audience;
use crate::engine::session::{OpenAsk, Session, Waits};
use crate::ui::prompt::{Decoder, Editor};
use crate::ui::text::{Colour, Glyphs, Line, Look, Tone, paragraph};

/// What a person begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A session, named by the person.
    Session,
    /// The list of all sessions; of a single one, that session.
    List,
}

/// Makes a question whole: puts the document to it that is to be approved.
pub type WithDocument = fn(&Session, &Ask) -> Ask;

/// The live screen.
pub struct Watch {
    pub(super) root: Root,
    pub(super) entries: Vec<Entry>,
    pub(super) chosen: Option<String>,
    pub(super) pages: Vec<Page>,
    pub(super) part: Part,
    pub(super) ticket: Option<String>,
    /// Lines of the stream below the last one that is seen.
    pub(super) back: usize,
    /// The first line of a page of text that is seen.
    pub(super) first: usize,
    pub(super) typing: Typing,
    pub(super) notice: Option<(Tone, String)>,
    /// The question of whose answer the notice speaks: it goes when the answer was taken.
    pub(super) awaited: Option<(String, u64)>,
    /// What was changed, or why that cannot be told.
    pub(super) diff: Option<Result<Vec<Line>, String>>,
    /// The ticket whose changes are shown; all of them if none.
    pub(super) diff_of: Option<String>,
    pub(super) colour: Colour,
    pub(super) glyphs: Glyphs,
    /// Answers that are on their way: session and number of the `asked` line.
    pub(super) sent: BTreeSet<(String, u64)>,
    pub(super) with_document: WithDocument,
    pub(super) decoder: Decoder,
    size: Rect,
    pub(super) now: i64,
}

/// A session of the list.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) head: Head,
    /// Its journal, once it was read.
    pub(super) watched: Option<Watched>,
    /// What it had asked when it was read last; none if it was not read since something happened.
    pub(super) left: Option<Vec<OpenAsk>>,
}

impl Entry {
    /// The open questions in the order in which they were asked.
    pub(super) fn asks(&self) -> Vec<&OpenAsk> {
        match &self.watched {
            Some(watched) => watched.asks(),
            None => self.left.iter().flatten().collect(),
        }
    }

    /// What was read of it goes, but for what it asks.
    fn let_go(&mut self, with_document: WithDocument) {
        if let Some(watched) = self.watched.take() {
            let whole = |open: &OpenAsk| OpenAsk {
                ask: with_document(&watched.session, &open.ask),
                ..open.clone()
            };
            self.left = Some(watched.asks().into_iter().map(whole).collect());
        }
    }

    /// Whether nothing happens to it.
    const fn rests(&self) -> bool {
        matches!(
            self.head.life,
            Life::NeedsInput | Life::Paused | Life::Over(_)
        )
    }
}

/// What fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// The list of sessions.
    Sessions,
    /// One session: tickets and stream.
    Session,
    /// One ticket in full.
    Ticket,
    /// What a ticket, or the session, changed.
    Diff,
    /// A question, to be answered.
    Ask,
    /// What keys do.
    Help,
}

/// The part of a session's page that keys speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Tickets,
    Stream,
}

/// What is being typed at the bottom.
pub(super) enum Typing {
    Nothing,
    /// Something that the model is to be told; whom it reaches can be changed meanwhile.
    Tell(Editor, Option<Audience>),
    /// Whether to stop the session.
    Stop,
    /// An answer.
    Answer(Box<Answering>),
    /// The same after somebody else has answered: it ends with Enter or Esc, and is not sent.
    Lost(Box<Answering>),
}

impl Watch {
    /// A screen that knows nothing yet.
    pub fn new(
        root: Root,
        (colour, glyphs): (Colour, Glyphs),
        with_document: WithDocument,
    ) -> Self {
        Self {
            root,
            entries: Vec::new(),
            chosen: None,
            pages: Vec::new(),
            part: Part::Tickets,
            ticket: None,
            back: 0,
            first: 0,
            typing: Typing::Nothing,
            notice: None,
            awaited: None,
            diff: None,
            diff_of: None,
            colour,
            glyphs,
            sent: BTreeSet::new(),
            with_document,
            decoder: Decoder::default(),
            size: Rect::new(0, 0, 80, 24),
            now: 0,
        }
    }

    /// What time it is: milliseconds since 1970.
    pub fn at(&mut self, now: i64) {
        self.now = now;
    }

    /// The screen has so many columns and rows.
    pub fn resized(&mut self, columns: u16, rows: u16) {
        self.size = Rect::new(0, 0, columns, rows);
    }

    /// The session that has to be read next for what is to be seen: the chosen one, then those that
    /// run, then those that stopped, for what they have left open.
    pub fn unread(&self) -> Option<String> {
        let urgency = |entry: &Entry| match entry.head.life {
            _ if entry.watched.is_some() => None,
            Life::Damaged | Life::Gone => None,
            _ if self.is_chosen(entry) => Some(0),
            Life::Running => Some(1),
            Life::NeedsInput | Life::Paused => entry.left.is_none().then_some(2),
            Life::Over(_) => None,
        };
        let entries = self.entries.iter();
        let wanted = entries.filter_map(|entry| Some((urgency(entry)?, entry)));
        let (_, entry) = wanted.min_by_key(|(urgency, _)| *urgency)?;
        Some(entry.head.id.clone())
    }

    /// The number of the last line that is known of a session; none if it was not read.
    pub fn known(&self, id: &str) -> Option<u64> {
        let entry = self.entries.iter().find(|entry| entry.head.id == id)?;
        Some(entry.watched.as_ref()?.last_seq())
    }

    /// Whether that session is in the list.
    pub fn lists(&self, id: &str) -> bool {
        self.entries.iter().any(|entry| entry.head.id == id)
    }

    /// The sessions that run.
    pub fn running(&self) -> impl Iterator<Item = &str> {
        let running = |entry: &&Entry| entry.head.life == Life::Running;
        self.entries
            .iter()
            .filter(running)
            .map(|entry| entry.head.id.as_str())
    }

    /// Whether anything on screen changes with the clock alone.
    pub fn has_a_clock(&self) -> bool {
        self.running().next().is_some()
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn page(&self) -> Page {
        self.pages.last().copied().unwrap_or(Page::Sessions)
    }

    pub(super) const fn size(&self) -> Rect {
        self.size
    }

    pub(super) fn look(&self, area: Rect) -> Look {
        Look {
            columns: usize::from(area.width),
            colour: self.colour,
            glyphs: self.glyphs,
        }
    }

    pub(super) fn entry_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.head.id == id)
    }

    /// Looks at another session. What was read of one that nothing happens to goes: it can be read
    /// again, and there may be very many.
    pub(super) fn choose(&mut self, id: Option<String>) {
        if id == self.chosen {
            return;
        }
        self.chosen = id;
        self.ticket = None;
        self.back = 0;
        self.let_go();
    }

    /// Lets go of what was read of sessions that rest and are not looked at.
    pub(super) fn let_go(&mut self) {
        for entry in &mut self.entries {
            let is_chosen = self.chosen.as_deref() == Some(entry.head.id.as_str());
            if !is_chosen && entry.rests() {
                entry.let_go(self.with_document);
            }
        }
    }

    pub(super) fn is_chosen(&self, entry: &Entry) -> bool {
        self.chosen.as_deref() == Some(entry.head.id.as_str())
    }

    /// The chosen session.
    pub(super) fn chosen(&self) -> Option<&Entry> {
        let id = self.chosen.as_deref()?;
        self.entries.iter().find(|entry| entry.head.id == id)
    }

    /// The chosen session, if it was read.
    pub(super) fn watched(&self) -> Option<&Watched> {
        self.chosen()?.watched.as_ref()
    }

    pub(super) fn ticket_ids(&self) -> Vec<&str> {
        self.watched()
            .map(|watched| watched.session.ticket_ids())
            .unwrap_or_default()
    }

    /// The chosen ticket: the one that was picked, else the one that is worked on, else the first.
    pub(super) fn ticket(&self) -> Option<&str> {
        let watched = self.watched()?;
        let ids = watched.session.ticket_ids();
        let known = |id: &&str| ids.contains(id);
        self.ticket
            .as_deref()
            .filter(known)
            .or(watched.session.current_ticket.as_deref().filter(known))
            .or(ids.first().copied())
            .and_then(|id| ids.into_iter().find(|other| *other == id))
    }

    pub(super) fn is_sent(&self, entry: &Entry, open: &OpenAsk) -> bool {
        let sent = self.sent.iter();
        let mut of = sent.filter(|(session, _)| *session == entry.head.id);
        of.any(|(_, asked)| *asked == open.seq)
    }

    /// Whether a session needs somebody.
    pub(super) fn waits(&self, entry: &Entry) -> bool {
        let mut open = entry.asks().into_iter();
        open.any(|open| !self.is_sent(entry, open))
    }

    /// Whether it does nothing else meanwhile.
    pub(super) fn is_held(&self, entry: &Entry) -> bool {
        let last = entry.watched.as_ref().and_then(Watched::asked_last);
        let is_stuck = entry.watched.as_ref().is_some_and(Watched::is_stuck);
        let mut open = entry.asks().into_iter();
        open.any(|open| {
            let holds = open.waits == Waits::Run || is_stuck || last == Some(open.seq);
            holds && !self.is_sent(entry, open)
        })
    }

    /// Every open question with its session, as they stand in the list: those that nobody has
    /// answered first.
    pub(super) fn asks_in_turn(&self) -> Vec<(&Entry, &OpenAsk)> {
        let with_entry = |entry| {
            Entry::asks(entry)
                .into_iter()
                .map(move |open| (entry, open))
        };
        let mut asks: Vec<(&Entry, &OpenAsk)> = self.entries.iter().flat_map(with_entry).collect();
        asks.sort_by_key(|(entry, open)| self.is_sent(entry, open));
        asks
    }

    /// The same, and of those that are alike the chosen session's first.
    pub(super) fn asks(&self) -> Vec<(&Entry, &OpenAsk)> {
        let mut asks = self.asks_in_turn();
        asks.sort_by_key(|(entry, open)| (self.is_sent(entry, open), !self.is_chosen(entry)));
        asks
    }

    pub(super) fn emphasis(&self, part: Part) -> Emphasis {
        if self.page() == Page::Session && self.part() == part {
            Emphasis::Focused
        } else {
            Emphasis::Quiet
        }
    }

    /// Without tickets there is only the stream.
    pub(super) fn part(&self) -> Part {
        if self.ticket_ids().is_empty() {
            Part::Stream
        } else {
            self.part
        }
    }

    /// Rows at the bottom for keys, a notice or what is typed.
    pub(super) fn bottom_rows(&self, area: Rect) -> u16 {
        let rows = match (&self.typing, &self.notice) {
            (Typing::Answer(answering) | Typing::Lost(answering), _) => {
                answering.rows(&self.look(area))
            }
            (Typing::Nothing, Some(notice)) => noticed(notice, &self.look(area)).len(),
            (Typing::Nothing | Typing::Tell(..) | Typing::Stop, _) => 1,
        };
        let most = usize::from(area.height / 2).max(1);
        u16::try_from(rows.clamp(1, most)).unwrap_or(1)
    }
}

/// What came of an act, as lines.
pub(super) fn noticed((tone, words): &(Tone, String), look: &Look) -> Vec<Line> {
    paragraph(*tone, words, "", look)
}

//! What keys do: one key in, the screen changed, and an act out if somebody else has to do
//! something. Refuses to do anything to a session by itself.

use super::act::Act;
use super::answering::{Answering, Given};
use super::draw::lines;
use super::head::Life;
use super::state::{Entry, Page, Part, Typing, Watch};
use super::stream::furthest;
use crate::engine::event::Audience;
use crate::engine::session::OpenAsk;
use crate::ui::prompt::{Editor, Key, Typed};
use crate::ui::text::Tone;

/// Which way, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Watch {
    /// Takes keys as a terminal sends them: what has to be done then.
    pub fn typed(&mut self, bytes: &[u8]) -> Vec<Act> {
        let mut acts = Vec::new();
        for byte in bytes {
            if let Some(key) = self.decoder.push(*byte) {
                acts.extend(self.press(key));
            }
        }
        acts
    }

    /// Whether an Escape came by itself: the key, or the beginning of a sequence.
    pub fn is_at_escape(&self) -> bool {
        self.decoder.is_at_escape()
    }

    /// Nothing has followed the Escape: it was the key.
    pub fn escaped(&mut self) -> Vec<Act> {
        let key = self.decoder.settle();
        key.and_then(|key| self.press(key)).into_iter().collect()
    }

    fn press(&mut self, key: Key) -> Option<Act> {
        if key == Key::Redraw {
            return Some(Act::Redraw);
        }
        self.notice = None;
        self.awaited = None;
        match &self.typing {
            Typing::Nothing => self.command(&key),
            Typing::Stop => self.confirm(&key),
            Typing::Tell(..) => self.tell(key),
            Typing::Answer(_) => self.answer(key),
            Typing::Lost(_) => self.lose(key),
        }
    }

    fn command(&mut self, key: &Key) -> Option<Act> {
        match key {
            Key::Interrupt | Key::EndOfFile | Key::Text('q') => return Some(Act::Leave),
            Key::Up | Key::Text('k') => self.go(Move::Up),
            Key::Down | Key::Text('j') => self.go(Move::Down),
            Key::PageUp => self.go(Move::PageUp),
            Key::PageDown | Key::Text(' ') => self.go(Move::PageDown),
            Key::Home | Key::Text('g') => self.go(Move::First),
            Key::End | Key::Text('G') => self.go(Move::Last),
            Key::Tab | Key::BackTab => {
                self.part = match self.part() {
                    Part::Tickets => Part::Stream,
                    Part::Stream => Part::Tickets,
                };
            }
            Key::Enter | Key::Right => self.enter(),
            Key::Escape | Key::Backspace | Key::Left => self.leave_page(),
            Key::Text('?') if self.page() == Page::Help => self.leave_page(),
            Key::Text('?') => self.open(Page::Help),
            Key::Text('a') => self.next_ask(),
            Key::Text('t') => self.begin_telling(),
            Key::Text('s') => self.begin_stopping(),
            Key::Text('d') => {
                let ticket = self.ticket().map(str::to_owned);
                return self.show_diff(ticket);
            }
            Key::Text('D') => return self.show_diff(None),
            Key::Text(_)
            | Key::Paste(_)
            | Key::Redraw
            | Key::Delete
            | Key::WordLeft
            | Key::WordRight
            | Key::DeleteWord
            | Key::DeleteToStart
            | Key::DeleteToEnd => {}
        }
        None
    }

    pub(super) fn open(&mut self, page: Page) {
        self.first = 0;
        self.pages.push(page);
    }

    fn leave_page(&mut self) {
        if self.pages.len() > 1 {
            self.pages.pop();
            self.first = 0;
        }
    }

    fn enter(&mut self) {
        match self.page() {
            Page::Sessions if self.chosen().is_some() => self.open(Page::Session),
            Page::Session if self.part() == Part::Tickets => {
                self.ticket = self.ticket().map(str::to_owned);
                self.open(Page::Ticket);
            }
            Page::Sessions | Page::Session | Page::Ticket | Page::Diff | Page::Ask | Page::Help => {
            }
        }
    }

    fn go(&mut self, way: Move) {
        match (self.page(), self.part()) {
            (Page::Sessions, _) => self.choose_session(way),
            (Page::Session, Part::Tickets) => self.choose_ticket(way),
            (Page::Session, Part::Stream) => self.scroll_stream(way),
            (Page::Ticket | Page::Diff | Page::Ask | Page::Help, _) => self.scroll_text(way),
        }
    }

    fn choose_session(&mut self, way: Move) {
        let ids: Vec<&str> = self
            .entries()
            .iter()
            .map(|entry| entry.head.id.as_str())
            .collect();
        let rows = usize::from(self.layout().list.height);
        let next = moved(&ids, self.chosen.as_deref(), way, rows).map(str::to_owned);
        self.choose(next);
    }

    fn choose_ticket(&mut self, way: Move) {
        let ids = self.ticket_ids();
        let rows = usize::from(self.layout().board.height);
        self.ticket = moved(&ids, self.ticket(), way, rows).map(str::to_owned);
    }

    fn scroll_stream(&mut self, way: Move) {
        let stream = self.layout().stream;
        let look = self.look(stream);
        let total = self
            .watched()
            .map_or(0, |watched| watched.lines(&look).len());
        let most = furthest(total, stream);
        let page = usize::from(stream.height).saturating_sub(3).max(1);
        self.back = match way {
            Move::Up => self.back + 1,
            Move::Down => self.back.saturating_sub(1),
            Move::PageUp => self.back + page,
            Move::PageDown => self.back.saturating_sub(page),
            Move::First => most,
            Move::Last => 0,
        }
        .min(most);
    }

    fn scroll_text(&mut self, way: Move) {
        let area = self.layout().text;
        let rows = usize::from(area.height.saturating_sub(1));
        let most = lines(self, &self.look(area)).len().saturating_sub(rows);
        let page = rows.saturating_sub(1).max(1);
        let first = self.first.min(most);
        self.first = match way {
            Move::Up => first.saturating_sub(1),
            Move::Down => first + 1,
            Move::PageUp => first.saturating_sub(page),
            Move::PageDown => first + page,
            Move::First => 0,
            Move::Last => most,
        }
        .min(most);
    }

    fn show_diff(&mut self, ticket: Option<String>) -> Option<Act> {
        let session = self.watched()?.session.started.id.clone();
        self.diff = None;
        self.diff_of.clone_from(&ticket);
        if self.page() == Page::Diff {
            self.first = 0;
        } else {
            self.open(Page::Diff);
        }
        Some(Act::Diff { session, ticket })
    }

    /// Opens the question after the one that is open; or the first one, of the chosen session if it
    /// asks anything. Its session is looked at from then on.
    fn next_ask(&mut self) {
        let before = match &self.typing {
            Typing::Answer(answering) => Some((answering.session.clone(), answering.asked)),
            Typing::Nothing | Typing::Tell(..) | Typing::Stop | Typing::Lost(_) => None,
        };
        let in_turn = self.asks_in_turn();
        let place = before.and_then(|(session, asked)| {
            let is_it =
                |(entry, open): &(&Entry, &OpenAsk)| entry.head.id == session && open.seq == asked;
            in_turn.iter().position(is_it)
        });
        let next = match place {
            Some(place) => in_turn.get((place + 1) % in_turn.len()).copied(),
            None => self.asks().first().copied(),
        };
        let Some((entry, open)) = next else {
            self.notice = Some((Tone::Dim, "No question is open.".to_owned()));
            return;
        };
        let ask = match &entry.watched {
            Some(watched) => (self.with_document)(&watched.session, &open.ask),
            None => open.ask.clone(),
        };
        let answering = Answering::new(&entry.head.id, ask, open.seq);
        if !self.is_chosen(entry) {
            // No ticket and no difference of another session stands behind it.
            self.pages
                .retain(|page| !matches!(page, Page::Ticket | Page::Diff));
            self.choose(Some(answering.session.clone()));
        }
        self.typing = Typing::Answer(Box::new(answering));
        self.first = 0;
        if self.page() != Page::Ask {
            self.open(Page::Ask);
        }
    }

    fn close_ask(&mut self) {
        self.typing = Typing::Nothing;
        self.leave_page();
    }

    fn answer(&mut self, key: Key) -> Option<Act> {
        match key {
            Key::Up => self.go(Move::Up),
            Key::Down => self.go(Move::Down),
            Key::PageUp => self.go(Move::PageUp),
            Key::PageDown => self.go(Move::PageDown),
            Key::Escape => self.close_ask(),
            Key::Tab => self.next_ask(),
            key => {
                let Typing::Answer(answering) = &mut self.typing else {
                    return None;
                };
                match answering.press(key) {
                    Given::Nothing => {}
                    Given::Leave => self.close_ask(),
                    Given::Said(said) => {
                        let act = Act::Answer {
                            session: answering.session.clone(),
                            ask: answering.ask.id.clone(),
                            asked: answering.asked,
                            said,
                        };
                        self.close_ask();
                        return Some(act);
                    }
                }
            }
        }
        None
    }

    /// Takes back a question that was answered elsewhere while somebody typed.
    pub(super) fn give_way(&mut self) {
        let Typing::Answer(answering) = &self.typing else {
            return;
        };
        let still_open = self
            .asks()
            .iter()
            .any(|(entry, open)| entry.head.id == answering.session && open.seq == answering.asked);
        if still_open {
            return;
        }
        if let Typing::Answer(mut answering) = std::mem::replace(&mut self.typing, Typing::Nothing)
        {
            answering.lose();
            self.leave_page();
            self.typing = Typing::Lost(answering);
        }
    }

    /// The rest of a sentence is no command: what is typed on leads nowhere until the line ends.
    fn lose(&mut self, key: Key) -> Option<Act> {
        if let Typing::Lost(answering) = &mut self.typing
            && (key == Key::Escape || answering.types_on(key) != Typed::Going)
        {
            self.typing = Typing::Nothing;
        }
        None
    }

    fn begin_telling(&mut self) {
        let is_over = |entry: &Entry| matches!(entry.head.life, Life::Over(_));
        if self.chosen().is_some_and(is_over) {
            self.notice = Some((Tone::Dim, "This session is over.".to_owned()));
        } else if self.watched().is_some() {
            self.typing = Typing::Tell(Editor::default(), None);
        }
    }

    fn tell(&mut self, key: Key) -> Option<Act> {
        let ticket = self.ticket().map(str::to_owned);
        let Typing::Tell(editor, to) = &mut self.typing else {
            return None;
        };
        match key {
            Key::Escape => self.typing = Typing::Nothing,
            Key::Tab => {
                *to = match (&*to, ticket) {
                    (None, Some(id)) => Some(Audience::Ticket(id)),
                    (None, None) | (Some(Audience::Ticket(_)), _) => Some(Audience::All),
                    (Some(Audience::All), _) => None,
                };
            }
            key => match editor.press(key) {
                Typed::Going => {}
                Typed::Leave => self.typing = Typing::Nothing,
                Typed::Complete => {
                    let (text, to) = (editor.text().trim().to_owned(), to.clone());
                    self.typing = Typing::Nothing;
                    let session = self.chosen.clone()?;
                    return (!text.is_empty()).then_some(Act::Tell { session, to, text });
                }
            },
        }
        None
    }

    fn begin_stopping(&mut self) {
        let chosen = self.chosen.as_deref();
        if self.running().any(|id| Some(id) == chosen) {
            self.typing = Typing::Stop;
        } else {
            self.notice = Some((Tone::Dim, "This session does not run.".to_owned()));
        }
    }

    fn confirm(&mut self, key: &Key) -> Option<Act> {
        self.typing = Typing::Nothing;
        let session = self.chosen.clone()?;
        matches!(key, Key::Text('y' | 'Y')).then_some(Act::Stop { session })
    }
}

/// The entry that lies that way.
fn moved<'a>(ids: &[&'a str], from: Option<&str>, way: Move, rows: usize) -> Option<&'a str> {
    let last = ids.len().checked_sub(1)?;
    let here = from.and_then(|from| ids.iter().position(|id| *id == from));
    let page = rows.saturating_sub(2).max(1);
    let here = here.unwrap_or(0);
    let next = match way {
        Move::Up => here.saturating_sub(1),
        Move::Down => here + 1,
        Move::PageUp => here.saturating_sub(page),
        Move::PageDown => here + page,
        Move::First => 0,
        Move::Last => last,
    };
    ids.get(next.min(last)).copied()
}

//! What the live screen is told: which sessions there are, what their journals say, what came of
//! an act. Keeps what a person looks at where it is; draws nothing.

use std::collections::BTreeSet;

use super::head::{Head, Life};
use super::state::{Entry, Page, Root, Typing, Watch};
use super::watched::Watched;
use crate::engine::event::Record;
use crate::ui::patch::{self, FileLine};
use crate::ui::text::{Line, Tone};

impl Watch {
    /// The sessions there are now. What was read of them stays.
    pub fn listed(&mut self, heads: Vec<Head>) {
        let mut before = std::mem::take(&mut self.entries);
        self.entries = heads
            .into_iter()
            .map(|head| {
                let known = before.iter_mut().find(|entry| entry.head.id == head.id);
                renewed(head, known)
            })
            .collect();
        self.sort();
        let still_there = self.chosen.as_deref().is_some_and(|id| self.lists(id));
        if !still_there {
            self.chosen = self.entries.first().map(|entry| entry.head.id.clone());
            self.pages.clear();
            self.typing = Typing::Nothing;
        }
        if self.pages.is_empty() {
            self.begin();
        } else if self.root == Root::List
            && self.entries.len() > 1
            && self.pages[0] != Page::Sessions
        {
            // It was the only one.
            self.pages.insert(0, Page::Sessions);
        }
    }

    fn begin(&mut self) {
        self.pages = match (self.root, self.entries.len()) {
            (Root::Session, _) | (Root::List, 1) => vec![Page::Session],
            (Root::List, _) => vec![Page::Sessions],
        };
    }

    /// A session stands otherwise than it did.
    pub fn changed(&mut self, head: Head) {
        if head.life == Life::Gone {
            return self.gone(&head.id);
        }
        if let Some(entry) = self.entry_mut(&head.id) {
            if entry.head.last_at != head.last_at {
                entry.left = None;
            }
            entry.head = head;
        }
        self.sort();
    }

    /// A session was read as a whole. Of one that rests and is not looked at, only what it asks is
    /// kept.
    pub fn read(&mut self, id: &str, watched: Watched) {
        if let Some(entry) = self.entry_mut(id) {
            entry.watched = Some(watched);
        }
        self.let_go();
        self.settle(id);
        self.sort();
    }

    /// A session's journal cannot be read.
    pub fn damaged(&mut self, id: &str, reason: &str) {
        if let Some(entry) = self.entry_mut(id) {
            entry.head.life = Life::Damaged;
            "damaged".clone_into(&mut entry.head.words);
            reason.clone_into(&mut entry.head.task);
            entry.watched = None;
        }
    }

    /// A session was deleted.
    pub fn gone(&mut self, id: &str) {
        if let Some(entry) = self.entry_mut(id) {
            entry.head.life = Life::Gone;
            "deleted".clone_into(&mut entry.head.words);
            entry.watched = None;
            entry.left = None;
        }
        self.give_way();
        self.sort();
    }

    /// Lines were added to the journal of a session that was read.
    pub fn happened(&mut self, id: &str, records: impl IntoIterator<Item = Record>) {
        // Whoever reads what was before does not want it to move.
        let is_read = self.chosen.as_deref() == Some(id) && self.back > 0;
        let look = is_read
            .then(|| self.layout().stream)
            .map(|area| self.look(area));
        let Some(entry) = self.entry_mut(id) else {
            return;
        };
        let Some(watched) = &mut entry.watched else {
            return;
        };
        let mut more = 0;
        for record in records {
            entry.head.phase.clone_from(&record.phase);
            entry.head.ticket.clone_from(&record.ticket);
            entry.head.last_at.clone_from(&record.at);
            watched.apply(record);
            more += look.map_or(0, |look| watched.newest(&look));
        }
        self.back += more;
        self.settle(id);
        self.give_way();
        self.sort();
    }

    /// What an act has led to, in words.
    pub fn done(&mut self, words: &str) {
        self.awaited = None;
        self.notice = Some((Tone::Good, words.to_owned()));
    }

    /// Why an act was not possible, in words.
    pub fn refused(&mut self, words: &str) {
        self.awaited = None;
        self.notice = Some((Tone::Bad, words.to_owned()));
    }

    /// An answer is on its way to the question of that `asked` line.
    pub fn sent(&mut self, session: &str, asked: u64) {
        if self.is_open(session, asked) {
            self.sent.insert((session.to_owned(), asked));
            self.sort();
        }
    }

    /// The same; a person has sent it from here just now.
    pub fn answered(&mut self, session: &str, asked: u64) {
        self.sent(session, asked);
        if !self.is_open(session, asked) {
            return;
        }
        if self.running().any(|id| id == session) {
            self.done("The answer is on its way.");
        } else {
            self.done(&format!(
                "The session is not running; it takes the answer after: loop resume {session}"
            ));
        }
        self.awaited = Some((session.to_owned(), asked));
    }

    fn is_open(&self, session: &str, asked: u64) -> bool {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.head.id == session);
        entry.is_some_and(|entry| entry.asks().iter().any(|open| open.seq == asked))
    }

    /// Answers that were taken are not on their way any more.
    fn settle(&mut self, id: &str) {
        let sent = std::mem::take(&mut self.sent);
        let (taken, sent): (BTreeSet<_>, BTreeSet<_>) = sent
            .into_iter()
            .partition(|(session, asked)| session == id && !self.is_open(session, *asked));
        self.sent = sent;
        if self.awaited.as_ref().is_some_and(|of| taken.contains(of)) {
            self.awaited = None;
            self.notice = None;
        }
    }

    /// What a ticket, or the whole session, changed.
    pub fn differs(&mut self, files: &[FileLine], difference: &str) {
        let mut lines = patch::lines(files, difference);
        if files.is_empty() {
            lines = vec![Line::new(
                Tone::Dim,
                "nothing is left of what it changed, or it changed nothing",
            )];
        }
        self.diff = Some(Ok(lines));
    }

    /// Why it cannot be told what was changed, in words.
    pub fn differs_unknown(&mut self, words: &str) {
        self.diff = Some(Err(words.to_owned()));
    }

    /// Those that need somebody, then those that run, then the newest.
    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        let rank = |entry: &Entry| {
            let waits = self.waits(entry);
            match entry.head.life {
                _ if waits => 0,
                Life::Running => 1,
                Life::NeedsInput | Life::Paused | Life::Over(_) | Life::Damaged | Life::Gone => 2,
            }
        };
        entries.sort_by(|a, b| {
            rank(a)
                .cmp(&rank(b))
                .then_with(|| b.head.id.cmp(&a.head.id))
        });
        self.entries = entries;
    }
}

/// What is known of a session stays, but for what it left open before something happened to it, and
/// for what was read of one that is gone.
fn renewed(head: Head, known: Option<&mut Entry>) -> Entry {
    match known {
        Some(known) if head.life == Life::Gone => Entry {
            head: Head {
                task: known.head.task.clone(),
                ..head
            },
            watched: None,
            left: None,
        },
        Some(known) => Entry {
            watched: known.watched.take(),
            left: known.left.take_if(|_| known.head.last_at == head.last_at),
            head,
        },
        None => Entry {
            head,
            watched: None,
            left: None,
        },
    }
}

//! One session as the live screen knows it: what its journal adds up to, the last things that
//! happened, and a few counts. Fed line by line; decides nothing and keeps nothing that the journal
//! does not say.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use crate::engine::estimate::{self, Speed};
use crate::engine::event::{Event, NoteKind, Outcome, Record};
use crate::engine::session::{FoldError, OpenAsk, Session};
use crate::engine::ticket;
use crate::ui::text::{Line, Look};
use crate::ui::words::event::Detail;
use crate::ui::words::{Facts, event, tool};

/// So many events are kept as they are, for the stream.
const RECENT: usize = 240;

/// A session that is looked at.
#[derive(Debug)]
pub struct Watched {
    /// What the journal adds up to.
    pub(super) session: Session,
    /// When the last thing happened, as the journal writes it.
    pub(super) last_at: String,
    /// The tool that runs, and since when.
    pub(super) running: Option<(String, String)>,
    /// Replies that could be used only after a repair.
    pub(super) repaired: u64,
    /// Failed checks that went back to the model.
    pub(super) sent_back: u64,
    /// Milliseconds of work that a ticket has taken: model, tools and checks.
    pub(super) spent: BTreeMap<String, u64>,
    /// How fast the model is.
    pub(super) speed: Speed,
    recent: VecDeque<Record>,
    /// What was learnt from everything before those.
    before: Facts,
}

impl Watched {
    /// A session from its journal's first line.
    pub fn begin(first: Record) -> Result<Self, FoldError> {
        let session = Session::begin(&first)?;
        let mut before = Facts::default();
        let names = session.pipeline.names().into_iter();
        before.phases = names.map(str::to_owned).collect();
        let mut watched = Self {
            before,
            session,
            last_at: first.at.clone(),
            running: None,
            repaired: 0,
            sent_back: 0,
            spent: BTreeMap::new(),
            speed: Speed::default(),
            recent: VecDeque::new(),
        };
        watched.keep(first);
        Ok(watched)
    }

    /// Adds one line. Gives back the oldest one that was kept, if it makes room.
    pub fn apply(&mut self, record: Record) -> Option<Record> {
        self.session.apply(&record);
        self.last_at.clone_from(&record.at);
        self.count(&record);
        self.keep(record)
    }

    /// The number of the last line.
    pub fn last_seq(&self) -> u64 {
        self.session.last_seq
    }

    fn count(&mut self, record: &Record) {
        match &record.event {
            Event::ToolStarted { call, .. } => {
                self.running = Some((tool::activity(call), record.at.clone()));
            }
            Event::ToolFinished { ms, .. } => {
                self.running = None;
                self.spend(record, *ms);
            }
            Event::Checked(receipt) => self.spend(record, receipt.ms),
            Event::Replied(replied) => {
                self.running = None;
                // How fast it reads is not shown, so no token counts as new.
                self.speed.learn(replied.reply.usage, 0);
                self.spend(record, replied.ms);
            }
            Event::Repaired { .. } => self.repaired += 1,
            Event::Note(note) if note.kind == NoteKind::CheckFailed => self.sent_back += 1,
            Event::Interrupted { .. } | Event::Resumed { .. } | Event::PhaseFinished { .. } => {
                self.running = None;
            }
            _ => {}
        }
    }

    fn spend(&mut self, record: &Record, ms: u64) {
        if let Some(ticket) = &record.ticket {
            let spent = self.spent.entry(ticket.clone()).or_default();
            *spent = spent.saturating_add(ms);
        }
    }

    fn keep(&mut self, record: Record) -> Option<Record> {
        self.recent.push_back(record);
        if self.recent.len() <= RECENT {
            return None;
        }
        let old = self.recent.pop_front()?;
        self.before.learn(&old);
        Some(old)
    }

    /// The last things that happened, as lines.
    pub(super) fn lines(&self, look: &Look) -> Vec<Line> {
        self.lines_from(look, 0)
    }

    /// The lines of the newest event alone.
    pub(super) fn newest(&self, look: &Look) -> usize {
        self.lines_from(look, self.recent.len().saturating_sub(1))
            .len()
    }

    fn lines_from(&self, look: &Look, first: usize) -> Vec<Line> {
        let mut facts = self.before.clone();
        let mut lines = Vec::new();
        for (index, record) in self.recent.iter().enumerate() {
            facts.learn(record);
            if index >= first {
                lines.extend(event::lines(record, &facts, Detail::Normal, look));
            }
        }
        lines
    }

    /// The numbers of the `asked` lines that are open.
    pub fn open_asks(&self) -> impl Iterator<Item = u64> {
        self.session.open_asks.values().map(|open| open.seq)
    }

    /// The open questions in the order in which they were asked; none once the session is over.
    pub(super) fn asks(&self) -> Vec<&OpenAsk> {
        if self.session.finished.is_some() {
            return Vec::new();
        }
        let mut asks: Vec<&OpenAsk> = self.session.open_asks.values().collect();
        asks.sort_by_key(|open| open.seq);
        asks
    }

    /// Tokens of the open conversation, and the window they stand in.
    pub(super) fn context(&self) -> Option<(u64, u64)> {
        let session = &self.session;
        let open = session.conversation.as_ref()?;
        let used = estimate::prompt(open.bytes, open.counted, session.token_ratio);
        Some((used, session.window_in_force.unwrap_or(session.num_ctx)))
    }

    /// Tokens a second that the model writes.
    pub(super) fn pace(&self) -> Option<u128> {
        const MANY: u64 = 1_000_000;
        let time = self.speed.writing(MANY)?;
        let ms = time.max(Duration::from_millis(1)).as_millis();
        Some((u128::from(MANY) * 1000 + ms / 2) / ms)
    }

    /// How the tickets stand: `1 of 3 done, 1 blocked`; empty if there are none.
    pub(super) fn tickets_stand(&self) -> String {
        let ids = self.session.ticket_ids();
        let so = |outcome| {
            let is_so = |id: &&&str| self.ended(id) == Some(outcome);
            ids.iter().filter(is_so).count()
        };
        let others = [
            (Outcome::Blocked, "blocked"),
            (Outcome::Skipped, "left out"),
        ];
        let mut more = String::new();
        for (outcome, words) in others {
            if so(outcome) > 0 {
                let _ = write!(more, ", {} {words}", so(outcome)); // silent-ok: a String
            }
        }
        match ids.len() {
            0 => String::new(),
            total => format!("{} of {total} done{more}", so(Outcome::Completed)),
        }
    }

    fn ended(&self, ticket: &str) -> Option<Outcome> {
        let progress = self.session.tickets.get(ticket)?;
        progress.ended.as_ref().map(|end| end.outcome)
    }

    /// The question that was the last thing that happened: nothing goes on beside it.
    pub(super) fn asked_last(&self) -> Option<u64> {
        let mut recent = self.recent.iter().rev();
        let last =
            recent.find(|record| !matches!(record.event, Event::Note(_) | Event::Warned { .. }))?;
        matches!(last.event, Event::Asked { .. }).then_some(last.seq)
    }

    /// Whether no ticket can go on before a person decides about a blocked one.
    pub(super) fn is_stuck(&self) -> bool {
        let session = &self.session;
        let outcomes = session.ticket_outcomes();
        let tickets = session.documents.tickets.as_ref();
        let tickets = tickets.filter(|_| session.current_ticket.is_none());
        tickets.is_some_and(|tickets| {
            let next = ticket::next(tickets, &outcomes, &session.undecided_tickets());
            matches!(next, ticket::Next::Undecided(_))
        })
    }

    /// How much work the tickets to come are, if they are like those before; none before the first
    /// has ended or after the last.
    pub(super) fn work_left(&self) -> Option<u64> {
        let ids = self.session.ticket_ids();
        let total = ids.len();
        let done = ids.iter().filter(|id| self.ended(id).is_some()).count();
        let spent = |wanted_ended: bool| -> u64 {
            let of = ids.iter();
            let of = of.filter(|id| self.ended(id).is_some() == wanted_ended);
            of.filter_map(|id| self.spent.get(*id)).sum()
        };
        let left = (total - done) as u64;
        let each = spent(true).checked_div(done as u64)?;
        (left > 0 && self.session.finished.is_none())
            .then(|| each.saturating_mul(left).saturating_sub(spent(false)))
    }
}

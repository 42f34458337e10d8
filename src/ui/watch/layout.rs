//! What stands where on the screen, by its size and by the page that is open. Draws nothing; keys
//! that move by a page ask here how long one is.

use ratatui::layout::Rect;

use super::canvas::{bottom, left, top};
use super::state::{Page, Watch};

/// From so many columns on, a session has two columns.
const TWO: u16 = 96;
/// From so many columns on, the list of sessions stands beside the chosen one.
const THREE: u16 = 150;
/// The list in a column of its own.
const LIST: u16 = 44;

/// The places of a screen; what has no room has no area.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layout {
    /// Task, state, phases.
    pub(super) header: Rect,
    /// Questions that are open.
    pub(super) asks: Rect,
    /// The list of sessions.
    pub(super) list: Rect,
    /// The tickets.
    pub(super) board: Rect,
    /// Receipts of the chosen ticket.
    pub(super) checks: Rect,
    /// What happens.
    pub(super) stream: Rect,
    /// A page of text, or a question to be answered.
    pub(super) text: Rect,
    /// Context, speed, counts.
    pub(super) gauges: Rect,
    /// What can be pressed, or what is typed.
    pub(super) keys: Rect,
    /// Between columns.
    pub(super) edges: [Rect; 2],
}

impl Layout {
    /// The places for that page on a screen of that size.
    pub(super) fn of(watch: &Watch, area: Rect) -> Self {
        let mut rest = area;
        let mut layout = Self::default();
        let session = watch.chosen().is_some();
        let header = match watch.page() {
            Page::Sessions => 1,
            _ if rest.height < 8 => 1,
            _ => 2,
        };
        layout.header = top(&mut rest, header);
        layout.keys = bottom(&mut rest, watch.bottom_rows(area));
        let has_gauges = session && rest.height > 6 && watch.page() != Page::Sessions;
        layout.gauges = bottom(&mut rest, u16::from(has_gauges));
        let asks = watch.asks().len();
        let most = if rest.height >= 20 { 3 } else { 1 };
        if watch.page() != Page::Ask && rest.height > 4 {
            let asks = u16::try_from(asks).unwrap_or(most).min(most);
            layout.asks = top(&mut rest, asks);
        }
        match watch.page() {
            Page::Ask | Page::Ticket | Page::Diff | Page::Help => layout.text = rest,
            Page::Sessions => {
                layout.list = if area.width >= TWO && session {
                    let list = left(&mut rest, area.width * 2 / 5);
                    layout.edges[0] = edge(&mut rest);
                    layout.session(watch, rest);
                    list
                } else {
                    rest
                };
            }
            Page::Session => {
                if area.width >= THREE && watch.entries().len() > 1 {
                    layout.list = left(&mut rest, LIST);
                    layout.edges[0] = edge(&mut rest);
                }
                layout.session(watch, rest);
            }
        }
        layout
    }

    /// Board, checks and stream of one session.
    fn session(&mut self, watch: &Watch, mut rest: Rect) {
        let tickets = watch.ticket_ids().len();
        let rows = u16::try_from(tickets).unwrap_or(u16::MAX).saturating_add(1);
        if rest.width >= TWO {
            let columns = rest.width * 9 / 20;
            let mut side = left(&mut rest, columns);
            self.edges[1] = edge(&mut rest);
            self.stream = rest;
            let has_checks = side.height >= 12 && tickets > 0;
            if has_checks {
                let least = side.height / 2;
                self.board = top(&mut side, rows.saturating_add(1).clamp(4, least.max(4)));
                self.checks = side;
            } else {
                self.board = side;
            }
        } else {
            if tickets > 0 && rest.height >= 6 {
                let most = rest.height / 2;
                self.board = top(&mut rest, rows.min(most));
            }
            self.stream = rest;
        }
    }
}

impl Watch {
    /// The places on the screen as it is.
    pub(super) fn layout(&self) -> Layout {
        Layout::of(self, self.size())
    }
}

/// A column for a line from top to bottom, with a space on each side.
const fn edge(rest: &mut Rect) -> Rect {
    let _space = left(rest, 1);
    left(rest, 2)
}

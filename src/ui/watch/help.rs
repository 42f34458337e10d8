//! What keys do, as the page behind `?`; and the row of keys at the bottom. A key that stands here
//! does something: a test presses each.

use super::head::Life;
use super::state::{Page, Part, Watch};
use crate::ui::text::{Line, Look, Tone, labelled};

/// Every key: what is pressed, and what it does.
pub(super) const KEYS: [(&str, &str); 14] = [
    ("↑ ↓", "choose, or scroll (also k and j)"),
    ("PgUp PgDn", "scroll by a page (also space)"),
    ("g G", "to the beginning, to the end (G: follow again)"),
    ("Tab", "tickets or stream"),
    ("Enter", "open the session, or the ticket"),
    ("Esc", "back"),
    ("a", "answer an open question"),
    ("t", "tell the model something (Tab: whom)"),
    ("d", "what the chosen ticket changed"),
    ("D", "what the whole session changed"),
    ("s", "stop the session; it is saved for a resume"),
    ("Ctrl-L", "draw the screen anew"),
    ("?", "this page"),
    ("q", "leave; sessions go on"),
];

/// The page.
pub(super) fn lines(watch: &Watch, look: &Look) -> Vec<Line> {
    let arrows = look.glyphs.pick("↑ ↓", "up down");
    let mut lines: Vec<Line> = KEYS
        .iter()
        .map(|(key, does)| {
            let key = if *key == "↑ ↓" { arrows } else { key };
            Line::new(Tone::Accent, &format!("  {key:<10}")).with(Tone::Plain, does)
        })
        .collect();
    if let Some(entry) = watch.chosen() {
        lines.push(Line::default());
        let head = &entry.head;
        lines.extend(labelled(Tone::Dim, "  session  ", &head.id, look));
        lines.extend(labelled(Tone::Dim, "  project  ", &head.project, look));
        if let Some(watched) = &entry.watched {
            let model = watched.session.model();
            lines.extend(labelled(Tone::Dim, "  model    ", model, look));
        }
    }
    lines
}

/// The most useful keys where one stands, the first ones first.
pub(super) fn hints(watch: &Watch, look: &Look) -> Line {
    let enter = match (watch.page(), watch.part()) {
        (Page::Sessions, _) => Some(("Enter", "open")),
        (Page::Session, Part::Tickets) => Some(("Enter", "ticket")),
        _ => None,
    };
    let text_page = matches!(watch.page(), Page::Ticket | Page::Diff | Page::Help);
    let has_session = watch.watched().is_some();
    let standing = watch.chosen().map(|entry| entry.head.life);
    let is_running = standing == Some(Life::Running);
    let is_over = matches!(standing, Some(Life::Over(_)));
    let hints = [
        (!watch.asks().is_empty()).then_some(("a", "answer")),
        (watch.pages.len() > 1).then_some(("Esc", "back")),
        enter,
        text_page.then_some((look.glyphs.pick("↑↓", "up/down"), "scroll")),
        (has_session && matches!(watch.page(), Page::Session | Page::Ticket))
            .then_some(("d", "diff")),
        (has_session && !is_over).then_some(("t", "tell")),
        is_running.then_some(("s", "stop")),
        Some(("?", "keys")),
        Some(("q", "leave")),
    ];
    let mut line = Line::default();
    for (key, does) in hints.into_iter().flatten() {
        let gap = if line.width() == 0 { "" } else { "  " };
        line = line
            .with(Tone::Plain, gap)
            .with(Tone::Accent, key)
            .with(Tone::Dim, &format!(" {does}"));
    }
    line.fit(look)
}

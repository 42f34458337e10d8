//! The screen for every size, every beginning of a journal and whatever is typed: it never panics,
//! never draws outside its rows, and lets no text act on the terminal. And every key that the help
//! names does something.

use std::sync::OnceLock;

use loop_orchestration::engine::ask::Ask;
use loop_orchestration::engine::event::Record;
use loop_orchestration::engine::session::Session;
use loop_orchestration::run::with_document;
use loop_orchestration::store;
use loop_orchestration::ui::watch::{Act, Head, Life, Root, Watch, Watched, text};
use loop_orchestration::ui::{Colour, Glyphs};
use proptest::prelude::*;

use crate::support::project::Project;
use crate::support::todo::todo_server;

const ID: &str = "20260101-000000-aaaa";

/// The journal of a whole run.
pub(super) fn records() -> &'static [Record] {
    static RECORDS: OnceLock<Vec<Record>> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let server = todo_server();
        let project = Project::with(&server);
        project.start_unattended(&[]).exits(0);
        let journal = project.session().join("journal.jsonl");
        store::read(&journal).unwrap().records
    })
}

pub(super) fn head(id: &str, life: Life) -> Head {
    Head {
        id: id.to_owned(),
        task: "Build a todo app \u{1b}[2J\u{202e} in 日本語".to_owned(),
        project: "/home/somebody/todo".to_owned(),
        life,
        words: "running".to_owned(),
        started_at: "2026-01-31T12:00:00.000Z".to_owned(),
        last_at: "2026-01-31T12:00:01.000Z".to_owned(),
        phase: Some("implement".to_owned()),
        ticket: Some("T1".to_owned()),
    }
}

/// A screen over two sessions, of which the first has happened so far.
fn screen(prefix: usize, root: Root) -> Watch {
    let whole: fn(&Session, &Ask) -> Ask = with_document;
    let mut watch = Watch::new(root, (Colour::On, Glyphs::Unicode), whole);
    watch.at(1_800_000_000_000);
    watch.listed(vec![head(ID, Life::Running), head("older", Life::Damaged)]);
    let records = records();
    let mut sofar = records[..prefix].iter().cloned();
    let mut watched = Watched::begin(sofar.next().unwrap()).unwrap();
    for record in sofar {
        watched.apply(record);
    }
    watch.read(ID, watched);
    watch
}

/// What a person may type, as bytes.
const KEYS: [&str; 24] = [
    "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "k", "j", " ", "g", "G", "\t", "\r", "\x1b[D", "a",
    "t", "s", "y", "d", "D", "?", "\x0c", "x", "B", "\x7f", "ä日",
];

fn is_sound(watch: &Watch, columns: u16, rows: u16) {
    for colour in [Colour::Off, Colour::On] {
        let frame = text(watch, colour);
        let plain = console::strip_ansi_codes(&frame);
        assert_eq!(plain.lines().count(), usize::from(rows));
        for row in plain.lines() {
            assert!(
                console::measure_text_width(row) <= columns.into(),
                "{row:?}"
            );
            assert!(
                !row.chars().any(|ch| ch.is_control() || ch == '\u{202e}'),
                "{row:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_size_no_journal_and_no_key_breaks_it(
        part in 0.0..=1.0_f64,
        columns in 1..=300_u16,
        rows in 1..=100_u16,
        keys in proptest::collection::vec(0..KEYS.len(), 0..12),
        one in any::<bool>(),
        other in (1..=300_u16, 1..=100_u16),
    ) {
        let records = records();
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a journal")]
        let prefix = ((part * records.len() as f64) as usize).max(1);
        let mut watch = screen(prefix, if one { Root::Session } else { Root::List });
        watch.resized(columns, rows);
        is_sound(&watch, columns, rows);
        for key in keys {
            watch.typed(KEYS[key].as_bytes());
            is_sound(&watch, columns, rows);
        }
        watch.resized(other.0, other.1);
        watch.happened(ID, records[prefix..(prefix + 3).min(records.len())].iter().cloned());
        is_sound(&watch, other.0, other.1);
    }
}

#[test]
fn the_smallest_and_the_largest_screen_show_every_page() {
    for (columns, rows) in [(1, 1), (300, 100), (2, 100), (300, 1), (12, 4)] {
        for page in ["", "\r", "\r\r", "\rd", "?", "a", "\rt", "\rs"] {
            for prefix in [1, records().len() / 2, records().len()] {
                let mut watch = screen(prefix, Root::List);
                watch.resized(columns, rows);
                watch.typed(page.as_bytes());
                is_sound(&watch, columns, rows);
            }
        }
    }
}

/// A session in the middle of a ticket, as large as a usual terminal, with more happening than fits.
fn in_the_middle() -> Watch {
    let started = records()
        .iter()
        .position(|record| record.ticket.as_deref() == Some("T2"))
        .unwrap();
    let mut watch = screen(started + 8, Root::Session);
    watch.resized(80, 16);
    watch
}

#[test]
fn every_key_of_the_help_does_something() {
    // What has to be typed before so that there is something to be done.
    for (before, key) in [
        ("", "\x1b[A"),
        ("\x1b[A", "\x1b[B"),
        ("", "k"),
        ("k", "j"),
        ("\t", "\x1b[5~"),
        ("\tg", "\x1b[6~"),
        ("\tg", " "),
        ("", "g"),
        ("\tg", "G"),
        ("", "\t"),
        ("", "\r"),
        ("\r", "\x1b[D"),
        ("", "t"),
        ("t", "\t"),
        ("", "s"),
        ("", "?"),
        ("?", "?"),
        // Nothing is open: it says so.
        ("", "a"),
    ] {
        let mut watch = in_the_middle();
        watch.typed(before.as_bytes());
        let was = text(&watch, Colour::On);
        watch.typed(key.as_bytes());
        assert_ne!(text(&watch, Colour::On), was, "{before:?} {key:?}");
    }
    let session = records()[0].event.clone();
    let loop_orchestration::engine::event::Event::SessionStarted(started) = session else {
        panic!("a journal begins with its session")
    };
    let diff = |ticket: Option<&str>| {
        let (session, ticket) = (started.id.clone(), ticket.map(str::to_owned));
        vec![Act::Diff { session, ticket }]
    };
    for (key, act) in [
        ("d", diff(Some("T2"))),
        ("D", diff(None)),
        ("\x0c", vec![Act::Redraw]),
        ("q", vec![Act::Leave]),
        ("\x03", vec![Act::Leave]),
        (
            "sy",
            vec![Act::Stop {
                session: ID.to_owned(),
            }],
        ),
    ] {
        assert_eq!(in_the_middle().typed(key.as_bytes()), act, "{key:?}");
    }
    let mut watch = in_the_middle();
    watch.typed(b"?");
    let help = text(&watch, Colour::Off);
    let mut narrow = in_the_middle();
    narrow.resized(80, 24);
    narrow.typed(b"?");
    let all = text(&narrow, Colour::Off);
    assert!(help.contains("choose, or scroll"));
    for key in [
        "PgUp", "g G", "Tab", "Enter", "Esc", "a ", "t ", "d ", "D ", "s ", "Ctrl-L", "q ",
    ] {
        assert!(
            all.contains(&format!("\n  {key}")),
            "{key} is not in:\n{all}"
        );
    }
}

#[test]
fn who_reads_what_was_before_is_not_moved() {
    let records = records();
    let mut watch = in_the_middle();
    watch.typed(b"\t\x1b[5~");
    let was = text(&watch, Colour::Off);
    let seen = watch.known(ID).unwrap();
    let more = records.iter().filter(|record| record.seq > seen);
    watch.happened(ID, more.take(6).cloned());
    let stream = |frame: &str| -> Vec<String> {
        let rows = frame.lines().skip_while(|row| !row.contains(" live "));
        let mut rows: Vec<String> = rows.skip(1).take(6).map(str::to_owned).collect();
        rows.pop();
        rows
    };
    assert_eq!(stream(&was), stream(&text(&watch, Colour::Off)));
    watch.typed(b"G");
    assert_ne!(stream(&was), stream(&text(&watch, Colour::Off)));
}

#[test]
fn a_second_session_makes_a_list_of_the_screen() {
    let whole: fn(&Session, &Ask) -> Ask = with_document;
    let mut watch = Watch::new(Root::List, (Colour::Off, Glyphs::Unicode), whole);
    watch.listed(vec![head(ID, Life::Running)]);
    assert!(!text(&watch, Colour::Off).contains("sessions"));
    watch.listed(vec![head(ID, Life::Running), head("older", Life::Paused)]);
    // What is looked at stays, and there is a way to the list now.
    assert!(!text(&watch, Colour::Off).contains("2 sessions"));
    watch.typed(b"\x1b[D");
    assert!(text(&watch, Colour::Off).contains("2 sessions"));
    watch.listed(Vec::new());
    assert!(text(&watch, Colour::Off).contains("There are no sessions yet."));
}

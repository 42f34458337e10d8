//! The wording of a whole session, kept as snapshots: every event once, in the order of a run.

mod story;

use story::story;

use super::Facts;
use super::event::{Detail, lines};
use super::question::{arrangement, faults, question, why};
use crate::engine::ask::{Ask, AskId, AskKind, Reference};
use crate::ui::text::{Colour, Glyphs, Line, Look};

const fn look(columns: usize, colour: Colour, glyphs: Glyphs) -> Look {
    Look {
        columns,
        colour,
        glyphs,
    }
}

const NARROW: Look = look(60, Colour::Off, Glyphs::Unicode);
const NARROW_ASCII: Look = look(60, Colour::Off, Glyphs::Ascii);
const NARROW_COLOUR: Look = look(60, Colour::On, Glyphs::Unicode);
const WIDE: Look = look(100, Colour::Off, Glyphs::Unicode);
const WIDE_COLOUR: Look = look(100, Colour::On, Glyphs::Unicode);

fn ask(kind: AskKind, text: &str, options: &[&str]) -> Ask {
    Ask {
        id: AskId("platform".to_owned()),
        kind,
        text: text.to_owned(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        why: "It decides which libraries can be used at all.".to_owned(),
        reference: None,
        place: Some((2, 5)),
    }
}

/// Lines as text in which escapes can be read.
fn written_out(lines: &[Line], look: &Look) -> String {
    let painted: Vec<String> = lines.iter().map(|line| line.paint(look.colour)).collect();
    painted.join("\n").replace('\x1b', "␛")
}

fn told(look: &Look, detail: Detail) -> String {
    let mut facts = Facts::default();
    facts.phases = ["prd", "tickets", "implement"].map(str::to_owned).to_vec();
    let mut all = Vec::new();
    for record in story() {
        facts.learn(&record);
        all.extend(lines(&record, &facts, detail, look));
    }
    for line in &all {
        assert!(line.width() <= look.columns, "too wide: {}", line.plain());
    }
    written_out(&all, look)
}

fn asked(look: &Look) -> String {
    let options = [
        "In a terminal, as a command with sub-commands such as add and list",
        "In a browser",
    ];
    let place = "Where does it run, and on which of the machines that you have at home?";
    let document = Ask {
        reference: Some(Reference {
            artifact: "prd.json".to_owned(),
            sha256: String::new(),
            shown: "# Todo\n\n- **Add** with `todo add`, which takes a text and a date and keeps both\n"
                .to_owned(),
        }),
        ..ask(AskKind::Document, "Is this what you want?", &[])
    };
    let permission = "Run `curl -O https://example.org/data` with the network on?";
    let mut all = Vec::new();
    for ask in [
        ask(AskKind::Interview, place, &options),
        ask(AskKind::Challenge, place, &[]),
        ask(AskKind::Question, "Which port?", &[]),
        document,
        ask(AskKind::Plan, "Is this the plan?", &["T1 Store", "T2 List"]),
        ask(AskKind::Permission, permission, &[]),
    ] {
        all.extend(question(&ask, look));
        all.extend(why(&ask, look));
    }
    let tickets = ["T2 List".to_owned()];
    all.extend(arrangement(&tickets, &["T1 Store".to_owned()], look));
    let fault = (2, "`F1` is there twice".to_owned());
    all.extend(faults(
        "# Todo\n## F1 Add\n",
        &[fault, (9, "the end is missing".to_owned())],
        look,
    ));
    for line in &all {
        assert!(line.width() <= look.columns, "too wide: {}", line.plain());
    }
    written_out(&all, look)
}

#[test]
fn events_in_a_narrow_terminal() {
    insta::assert_snapshot!(told(&NARROW, Detail::Normal));
}

#[test]
fn events_in_a_narrow_terminal_without_unicode() {
    let text = told(&NARROW_ASCII, Detail::Normal);
    assert!(text.is_ascii() || text.chars().all(|ch| ch.is_ascii() || ch == '\u{fffd}'));
    insta::assert_snapshot!(text);
}

#[test]
fn events_in_a_narrow_terminal_with_colour() {
    insta::assert_snapshot!(told(&NARROW_COLOUR, Detail::Normal));
}

#[test]
fn events_in_a_wide_terminal_told_in_detail() {
    insta::assert_snapshot!(told(&WIDE, Detail::Verbose));
}

#[test]
fn events_in_a_wide_terminal_with_colour() {
    insta::assert_snapshot!(told(&WIDE_COLOUR, Detail::Normal));
}

#[test]
fn questions_in_a_narrow_terminal() {
    insta::assert_snapshot!(asked(&NARROW));
}

#[test]
fn questions_in_a_wide_terminal_with_colour() {
    insta::assert_snapshot!(asked(&WIDE_COLOUR));
}

#[test]
fn nothing_is_too_wide_for_a_very_narrow_terminal() {
    let mut look = NARROW;
    for columns in [20, 40] {
        look.columns = columns;
        told(&look, Detail::Verbose);
        asked(&look);
    }
}

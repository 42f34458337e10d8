//! Several sessions in the list, running and stopped: whose questions are seen, whose is answered,
//! and what stays where it is.

use loop_orchestration::engine::ask::Ask;
use loop_orchestration::engine::event::{Event, Record};
use loop_orchestration::engine::session::Session;
use loop_orchestration::run::with_document;
use loop_orchestration::ui::watch::{Act, Head, Life, Root, Watch, Watched, text};
use loop_orchestration::ui::{Colour, Glyphs};

use super::properties::{head, records};

/// The journal up to its first question.
fn until_it_asks() -> &'static [Record] {
    let asked = |record: &Record| matches!(record.event, Event::Asked { .. });
    let place = records().iter().position(asked).unwrap();
    &records()[..=place]
}

fn watched(records: &[Record]) -> Watched {
    let mut records = records.iter().cloned();
    let mut watched = Watched::begin(records.next().unwrap()).unwrap();
    for record in records {
        watched.apply(record);
    }
    watched
}

fn named(id: &str, life: Life) -> Head {
    Head {
        task: format!("Task of {id}"),
        words: match life {
            Life::Running => "running".to_owned(),
            _ => "stopped".to_owned(),
        },
        ..head(id, life)
    }
}

/// Reads whatever has to be read: those whose id ends with `asks` have a question open.
fn read_on(watch: &mut Watch) {
    while let Some(id) = watch.unread() {
        let all = until_it_asks();
        let asks = id.ends_with("asks");
        let some = if asks { all } else { &all[..all.len() - 1] };
        watch.read(&id, watched(some));
    }
}

fn list(heads: &[(&str, Life)]) -> Watch {
    let whole: fn(&Session, &Ask) -> Ask = with_document;
    let mut watch = Watch::new(Root::List, (Colour::Off, Glyphs::Unicode), whole);
    watch.at(1_800_000_000_000);
    watch.listed(heads.iter().map(|(id, life)| named(id, *life)).collect());
    watch.resized(80, 24);
    read_on(&mut watch);
    watch
}

fn frame(watch: &Watch) -> String {
    text(watch, Colour::Off)
}

#[test]
fn stopped_sessions_that_left_a_question_stand_on_top_from_the_beginning() {
    let watch = list(&[
        ("5-runs", Life::Running),
        ("4-rests", Life::Paused),
        ("3-asks", Life::Paused),
        ("2-asks", Life::NeedsInput),
        ("1-asks", Life::Running),
    ]);
    let frame = frame(&watch);
    assert!(
        frame.starts_with("loop watch") && frame.contains("2 running, 3 questions"),
        "{frame}"
    );
    let rows = frame.lines().filter(|row| row.contains("Task of"));
    let order: Vec<&str> = rows
        .filter_map(|row| row.split_once(" Task of ")?.1.split_whitespace().next())
        .collect();
    assert!(
        order.ends_with(&["3-asks", "2-asks", "1-asks", "5-runs", "4-rests"]),
        "{frame}"
    );
    // Of those that rest, only what they ask is kept.
    assert_eq!(watch.known("3-asks"), None);
}

#[test]
fn a_key_down_visits_every_session_once() {
    let heads: Vec<(String, Life)> = (0..9)
        .map(|number| match number % 3 {
            0 => (format!("{number}-asks"), Life::Paused),
            1 => (format!("{number}-rests"), Life::Paused),
            _ => (format!("{number}-runs"), Life::Running),
        })
        .collect();
    let heads: Vec<(&str, Life)> = heads
        .iter()
        .map(|(id, life)| (id.as_str(), *life))
        .collect();
    let mut watch = list(&heads);
    watch.typed(b"g");
    read_on(&mut watch);
    let chosen = |watch: &Watch| {
        let frame = frame(watch);
        let row = frame.lines().find(|row| row.starts_with('›')).unwrap();
        row.split_once("Task of ").unwrap().1[..2].to_owned()
    };
    let mut visited = vec![chosen(&watch)];
    for _ in 1..heads.len() {
        watch.typed(b"j");
        read_on(&mut watch);
        visited.push(chosen(&watch));
    }
    visited.sort();
    visited.dedup();
    assert_eq!(visited.len(), heads.len(), "{visited:?}");
}

#[test]
fn a_question_is_answered_under_the_name_of_its_own_session() {
    let mut watch = list(&[
        ("20260103-000000-rests", Life::Running),
        ("20260102-000000-asks", Life::Paused),
        ("20260101-000000-asks", Life::Running),
        ("20260100-000000-asks", Life::Running),
    ]);
    watch.resized(60, 24);
    // The one that asks nothing is looked at.
    watch.typed(b"G\r");
    read_on(&mut watch);
    assert!(frame(&watch).contains("Task of 20260103-000000-rests"));
    let mut asked = Vec::new();
    for key in ["a", "\t", "\t"] {
        watch.typed(key.as_bytes());
        read_on(&mut watch);
        let frame = frame(&watch);
        assert!(frame.contains("answer >"), "{frame}");
        let ids = ["20260100", "20260101", "20260102", "20260103"];
        let named: Vec<&str> = ids.into_iter().filter(|id| frame.contains(id)).collect();
        let [id] = named[..] else {
            panic!("{named:?} in\n{frame}")
        };
        let mut head = frame.lines();
        assert!(head.next().unwrap().starts_with("Task of 2026"), "{frame}");
        assert!(head.next().unwrap().ends_with("-asks"), "{frame}");
        asked.push(id.to_owned());
    }
    asked.sort();
    assert_eq!(asked, ["20260100", "20260101", "20260102"]);
    let acts = watch.typed(b"A\r");
    let [Act::Answer { session, .. }] = &acts[..] else {
        panic!("{acts:?}")
    };
    // Whoever was answered is looked at now.
    let frame = frame(&watch);
    assert!(frame.contains(session.as_str()), "{frame}");
}

#[test]
fn what_was_sent_is_said_until_it_was_taken() {
    let mut watch = list(&[("1-asks", Life::Running)]);
    let asked = until_it_asks().last().unwrap().seq;
    watch.answered("1-asks", asked);
    assert!(frame(&watch).contains("The answer is on its way."));
    let next = &records()[until_it_asks().len()..];
    let taken = next
        .iter()
        .position(|record| matches!(record.event, Event::Answered { .. }))
        .unwrap();
    watch.happened("1-asks", next[..=taken].iter().cloned());
    assert!(!frame(&watch).contains("on its way"), "{}", frame(&watch));
    // News of it that comes later than the journal says nothing any more.
    watch.answered("1-asks", asked);
    assert!(!frame(&watch).contains("on its way"), "{}", frame(&watch));

    let mut watch = list(&[("1-asks", Life::Paused)]);
    watch.resized(100, 24);
    watch.answered("1-asks", asked);
    assert!(frame(&watch).contains("it takes the answer after: loop resume 1-asks"));
}

#[test]
fn a_deleted_session_is_said_to_be_deleted() {
    let gone = || Head {
        task: String::new(),
        ..named("1-runs", Life::Gone)
    };
    let news: [fn(&mut Watch, Head); 3] = [
        |watch, _| watch.gone("1-runs"),
        |watch, gone| watch.changed(gone),
        |watch, gone| watch.listed(vec![gone]),
    ];
    for happens in news {
        let mut watch = list(&[("1-runs", Life::Running)]);
        happens(&mut watch, gone());
        let frame = frame(&watch);
        assert!(frame.starts_with("Task of 1-runs"), "{frame}");
        assert!(frame.contains("This session was deleted."), "{frame}");
        assert_eq!(watch.unread(), None);
    }
}

#[test]
fn why_a_difference_cannot_be_shown_stays_on_its_page() {
    let mut watch = list(&[("1-runs", Life::Running)]);
    watch.typed(b"D");
    assert!(frame(&watch).contains("looking at the files"));
    watch.differs_unknown("the project folder is gone");
    watch.typed(b"x");
    let frame = frame(&watch);
    assert!(
        frame.contains("the project folder is gone") && !frame.contains("looking at"),
        "{frame}"
    );
}

#[test]
fn everything_is_drawn_anew_wherever_one_is() {
    for keys in ["", "?", "a", "t", "s"] {
        let mut watch = list(&[("1-asks", Life::Running)]);
        watch.typed(keys.as_bytes());
        let before = frame(&watch);
        assert_eq!(watch.typed(b"\x0c"), [Act::Redraw], "{keys:?}");
        assert_eq!(frame(&watch), before, "{keys:?}");
    }
}

#[test]
fn signs_of_several_code_points_are_drawn_in_a_width_that_is_sure() {
    let odd = "flag \u{1f1e9}\u{1f1ea}, family \u{1f468}\u{200d}\u{1f469}, ok \u{1f44d}\u{1f3fd} \
               \u{2764}\u{fe0f} 1\u{fe0f}\u{20e3} a\u{200d}b";
    let whole: fn(&Session, &Ask) -> Ask = with_document;
    let mut watch = Watch::new(Root::Session, (Colour::Off, Glyphs::Unicode), whole);
    watch.listed(vec![Head {
        task: odd.to_owned(),
        ..head("1-runs", Life::Running)
    }]);
    read_on(&mut watch);
    let frame = frame(&watch);
    let first = frame.lines().next().unwrap();
    let plain = "flag DE, family \u{1f468}\u{1f469}, ok \u{1f44d} \u{2764} 1 ab ";
    assert!(first.starts_with(plain), "{first}");
    assert_eq!(console::measure_text_width(first), 80, "{first}");
}

//! Where lines come from, and where two runs differ.

use serde_json::json;

use super::*;
use crate::engine::event::{Interruption, Note};
use crate::engine::manner::Manners;

fn records(events: Vec<Event>) -> Vec<Record> {
    (1..)
        .zip(events)
        .map(|(seq, event)| Record {
            seq,
            at: String::new(),
            phase: None,
            ticket: None,
            event,
        })
        .collect()
}

fn warned(text: &str) -> Event {
    Event::Warned {
        text: text.to_owned(),
    }
}

fn resumed() -> Event {
    Event::Resumed {
        version: "0".to_owned(),
        from: None,
        until: None,
        settings: None,
        manners: Manners::default(),
    }
}

fn note(kind: NoteKind, data: serde_json::Value) -> Event {
    Event::Note(Note {
        kind,
        text: "n".to_owned(),
        data,
    })
}

fn stopped(why: Interruption) -> Event {
    Event::Interrupted {
        why,
        reason: String::new(),
    }
}

#[test]
fn what_comes_from_outside_is_told_apart() {
    use Origin::{NewProcess, Outside, Program};
    let told = Event::Told {
        text: "t".to_owned(),
        to: None,
        letter: None,
    };
    let check = |events: Vec<Event>, expected: &[Origin]| {
        assert_eq!(origins(&records(events)), expected);
    };
    check(
        vec![
            note(NoteKind::Wall, json!("none")),
            warned("of the machine"),
            warned("as well"),
            told.clone(),
            warned("computed"),
        ],
        &[Program, Outside, Outside, Outside, Program],
    );
    check(
        vec![
            warned("computed"),
            stopped(Interruption::Limit),
            note(NoteKind::Fact, json!({})),
            resumed(),
            warned("of what was put back"),
        ],
        &[Program, Program, Outside, NewProcess, Outside],
    );
    // Killed: nothing says so but the line of the process that goes on.
    check(
        vec![told, warned("torn"), warned("lowered"), resumed()],
        &[Outside, NewProcess, NewProcess, NewProcess],
    );
    check(
        vec![stopped(Interruption::Signal), resumed()],
        &[NewProcess, NewProcess],
    );
    // A person's own command, and what is told of it; not what the program says behind that.
    check(
        vec![
            note(NoteKind::Hook, json!({"on": "asked"})),
            warned("Your command for 'asked' failed: exit 1."),
            warned("computed"),
            note(NoteKind::Hook, json!({"on": "asked"})),
            warned("computed"),
        ],
        &[Outside, Outside, Program, Outside, Program],
    );
}

#[test]
fn a_name_that_is_a_word_of_the_program_goes_where_it_is_a_name() {
    let started = json!({
        "event": "session_started", "schema": 1, "version": "0", "id": "i", "task": "t",
        "project": "/srv/work/p", "config": {}, "model": "m", "num_ctx": 1, "skill_hashes": {},
        "pipeline": "you may ask /home/ada", "pipeline_hash": "", "skills": {},
    });
    let started = serde_json::from_value(started).unwrap();
    let known = Known {
        people: ["may", "ada", "loop"].map(str::to_owned).to_vec(),
        ..Known::default()
    };
    let words = private_words(&records(vec![started]), &known);
    assert!(!words.contains(&"may".to_owned()), "{words:?}");
    assert!(!words.contains(&"loop".to_owned()), "{words:?}");
    for word in ["/may/", "~may", "may@", "ada", "/srv/work/p"] {
        assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
    }
}

#[test]
fn the_first_field_that_differs_is_named() {
    let one = |text: &str| records(vec![warned(text)]).remove(0);
    assert_eq!(first_difference(&one("a"), &one("a"), None), None);
    let long = "x".repeat(500);
    let found = first_difference(&one(&format!("{long}a")), &one(&format!("{long}b")), None);
    let found = found.unwrap();
    assert_eq!((found.seq, found.event.as_str()), (1, "warned"));
    assert_eq!(found.field, "text");
    assert!(found.recorded.ends_with("xa") && found.now.ends_with("xb"));
    assert!(found.recorded.chars().count() < 200);
    let other = records(vec![note(NoteKind::Fact, json!({"a": [1, {"b": "c"}]}))]).remove(0);
    let found = first_difference(&one("a"), &other, None).unwrap();
    assert_eq!(found.field, "event");
    let third = records(vec![note(NoteKind::Fact, json!({"a": [1, {"b": "d"}]}))]).remove(0);
    let found = first_difference(&other, &third, None).unwrap();
    assert_eq!(
        (found.field.as_str(), &*found.recorded, &*found.now),
        ("data.a.1.b", "c", "d")
    );
}

#[test]
fn ids_of_contents_may_have_other_names_as_long_as_the_same_is_the_same() {
    let tree = |digit: char| note(NoteKind::Snapshot, json!(digit.to_string().repeat(40)));
    let mut names = Names::default();
    let mut check = |left: char, right: char| {
        let (left, right) = (tree(left), tree(right));
        let (left, right) = (records(vec![left]), records(vec![right]));
        first_difference(&left[0], &right[0], Some(&mut names)).is_none()
    };
    assert!(check('1', 'a'));
    assert!(check('1', 'a'));
    assert!(check('2', 'b'));
    assert!(!check('1', 'b'), "one content, two names");
    assert!(!check('3', 'a'), "two contents, one name");
}

#[test]
fn contents_survive_the_file() {
    for bytes in [b"text\n".to_vec(), vec![0, 159, 255], Vec::new()] {
        let content = Content::of(bytes.clone());
        let text = serde_json::to_string(&content).unwrap();
        let back: Content = serde_json::from_str(&text).unwrap();
        assert_eq!(back.bytes(), Some(bytes));
    }
    assert_eq!(Content::Gone.bytes(), None);
    assert_eq!(Content::Hex("x".to_owned()).bytes(), None);
}

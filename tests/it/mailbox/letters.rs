//! Letters and journals on disk: whole or not there, the first one counts, nobody else reads them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use loop_orchestration::engine::ask::{Answer, Ask, AskId, AskKind, Reference};
use loop_orchestration::engine::event::Event;
use loop_orchestration::store::{
    AnswerLetter, Delivered, Durability, Follower, Found, Mailbox, Redactor, SessionFolder,
    StopLetter, TellLetter,
};
use tempfile::TempDir;

use crate::resume::stage::Stage;

struct Place {
    place: TempDir,
    mailbox: Mailbox,
}

fn place() -> Place {
    let place = TempDir::new().unwrap();
    let folder = SessionFolder {
        id: "x".to_owned(),
        path: place.path().to_owned(),
    };
    let secrets = [
        ("TOKEN".to_owned(), "hunter2-very-secret".to_owned()),
        ("WORD".to_owned(), "user".to_owned()),
    ];
    let mailbox = folder.mailbox(Redactor::new(secrets));
    Place { place, mailbox }
}

impl Place {
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.place.path().join("inbox")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn ask(sha256: &str) -> Ask {
    Ask {
        id: AskId("approve-prd".to_owned()),
        kind: AskKind::Document,
        text: "Is this what you want?".to_owned(),
        options: Vec::new(),
        why: String::new(),
        reference: Some(Reference {
            artifact: "prd.json".to_owned(),
            sha256: sha256.to_owned(),
            shown: String::new(),
        }),
        place: None,
    }
}

fn letter(text: &str) -> AnswerLetter {
    let answer = Answer {
        text: text.to_owned(),
        ..Answer::default()
    };
    AnswerLetter::to(&ask("a"), "process 1", "now".to_owned(), Some(answer))
}

fn tell(text: &str) -> TellLetter {
    TellLetter {
        at: String::new(),
        from: "process 1".to_owned(),
        text: text.to_owned(),
        to: None,
    }
}

#[test]
fn the_first_answer_stays_until_it_is_refused() {
    let place = place();
    let mailbox = &place.mailbox;
    let send = |text: &str| {
        mailbox
            .answer(12, &letter(text), Durability::Synced)
            .unwrap()
    };
    assert_eq!(mailbox.find_answer(12).unwrap(), None);
    assert_eq!(send("one"), Delivered::First);
    let first = Found::Letter(letter("one"));
    assert_eq!(send("two"), Delivered::Late(Box::new(first.clone())));
    assert_eq!(mailbox.find_answer(12).unwrap(), Some(first));
    assert_eq!(place.names(), ["answer-000012.json"]);
    mailbox.refuse_answer(12, "it has changed").unwrap();
    assert_eq!(send("two"), Delivered::First);
    let aside = fs::read_to_string(place.mailbox.folder().join(&place.names()[1])).unwrap();
    assert!(
        aside.contains("it has changed") && aside.contains("one"),
        "{aside}"
    );
    assert!(letter("x").is_to(&ask("a")) && !letter("x").is_to(&ask("b")));
}

#[test]
fn only_their_owner_reads_them_and_they_hold_no_secrets() {
    let place = place();
    let text = "the key is hunter2-very-secret";
    place
        .mailbox
        .answer(3, &letter(text), Durability::Buffered)
        .unwrap();
    place.mailbox.tell(&tell(text)).unwrap();
    for name in place.names() {
        let path = place.mailbox.folder().join(name);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let written = fs::read_to_string(path).unwrap();
        assert!(written.contains("the key is [redacted:TOKEN]"), "{written}");
    }
    let folder = fs::metadata(place.mailbox.folder()).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    // A secret that is a word of the format leaves the letter readable.
    let found = place.mailbox.find_answer(3).unwrap();
    assert!(matches!(found, Some(Found::Letter(_))), "{found:?}");
}

#[test]
fn words_come_in_their_order_and_what_is_none_is_moved_aside() {
    let place = place();
    let mailbox = &place.mailbox;
    let names: Vec<String> = (0..5)
        .map(|n| mailbox.tell(&tell(&n.to_string())).unwrap())
        .collect();
    fs::write(mailbox.folder().join("tell-0-broken.json"), "{").unwrap();
    fs::write(mailbox.folder().join("answer-000009.json"), "[]").unwrap();
    let mut sorted = names.clone();
    sorted.sort();
    let found = mailbox.tells().unwrap();
    assert_eq!(
        found
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>(),
        sorted
    );
    assert!(
        place
            .names()
            .contains(&"refused-tell-0-broken.json".to_owned())
    );
    assert!(matches!(
        mailbox.find_answer(9).unwrap(),
        Some(Found::Unreadable(_))
    ));
    for name in names {
        mailbox.remove(&name).unwrap();
        mailbox.remove(&name).unwrap();
    }
    assert!(mailbox.tells().unwrap().is_empty());
}

#[test]
fn a_wish_to_stop_counts_for_the_process_that_has_the_session() {
    let place = place();
    let wish = StopLetter {
        at: "now".to_owned(),
        from: "process 1".to_owned(),
    };
    let lock = place.place.path().join("lock");
    assert_eq!(place.mailbox.take_stop().unwrap(), None);
    let locked = fs::File::create(&lock).unwrap();
    place.mailbox.stop(&wish).unwrap();
    assert!(place.mailbox.is_stop_waiting());
    assert_eq!(place.mailbox.take_stop().unwrap(), Some(wish.clone()));
    assert!(!place.mailbox.is_stop_waiting());
    // One that a process before this one never took.
    place.mailbox.stop(&wish).unwrap();
    locked
        .set_modified(SystemTime::now() + Duration::from_secs(60))
        .unwrap();
    assert_eq!(place.mailbox.take_stop().unwrap(), None);
    assert!(!place.mailbox.is_stop_waiting());
}

#[test]
fn a_journal_is_followed_line_by_line() {
    let stage = Stage::new();
    stage.start(&mut || {});
    let path = stage.journal_path();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let folder = SessionFolder {
        id: String::new(),
        path: path.parent().unwrap().to_owned(),
    };
    fs::write(&path, lines[..3].concat()).unwrap();
    let (mut follower, records) = Follower::open(folder).unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(follower.news().unwrap(), []);
    // Half a line is none yet; nor is one that was torn and is cut off later.
    let half = &lines[4][..lines[4].len() / 2];
    fs::write(&path, lines[..4].concat() + half).unwrap();
    assert_eq!(follower.news().unwrap().len(), 1);
    assert_eq!(follower.news().unwrap(), []);
    fs::write(&path, lines[..4].concat()).unwrap();
    assert_eq!(follower.news().unwrap(), []);
    fs::write(&path, &text).unwrap();
    let rest = follower.news().unwrap();
    assert_eq!(rest.len(), lines.len() - 4);
    assert!(matches!(
        rest.last().unwrap().event,
        Event::SessionFinished { .. }
    ));
    // What does not follow from the line before is not taken.
    fs::write(&path, text.clone() + lines[4]).unwrap();
    assert_eq!(follower.news().unwrap(), []);
}

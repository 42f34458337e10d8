//! Questions, answered by somebody who types at the far end of a terminal.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use loop_orchestration::engine::ask::{Answer, Ask, AskKind, Reference, Verdict};
use loop_orchestration::engine::course::Course;
use loop_orchestration::engine::ports::{Operator, Response};
use loop_orchestration::ui::{Bell, Mode, Person, Screen, restore_terminal};

use super::{PATIENCE, ask, output, runtime};
use crate::support::pty::{self, Console};
use crate::support::vt::Vt;

fn document() -> Ask {
    Ask {
        options: Vec::new(),
        place: None,
        reference: Some(Reference {
            artifact: "prd.json".to_owned(),
            sha256: String::new(),
            shown: "# Todo\nA list.\n".to_owned(),
        }),
        text: "Is this what you want?".to_owned(),
        ..ask(AskKind::Document)
    }
}

fn plan() -> Ask {
    Ask {
        options: ["T1 Store", "T2 List", "T3 Docs"]
            .map(str::to_owned)
            .to_vec(),
        reference: Some(Reference {
            artifact: "plan.json".to_owned(),
            sha256: String::new(),
            shown: "T1 Store\nT2 List\nT3 Docs\n".to_owned(),
        }),
        ..ask(AskKind::Plan)
    }
}

/// A screen on that terminal, with a person who types into it.
fn at_terminal(near: &OwnedFd, size: (u16, u16), person: Person) -> Screen {
    let err = std::fs::File::from(near.try_clone().unwrap());
    let size = (size.0.into(), size.1.into());
    Screen::new(output(Mode::Terminal, Box::new(err), size), Some(person))
}

fn person(near: &OwnedFd) -> Person {
    Person {
        input: near.try_clone().unwrap(),
        bell: Bell::Rings,
        editor: None,
        read_back: Box::new(|_, _| Ok(String::new())),
    }
}

/// Asks each question in turn while the script types; the responses, and the screen at the end.
fn converse(
    asks: &[Ask],
    change: impl FnOnce(Person) -> Person,
    script: impl FnOnce(&mut Console) + Send + 'static,
) -> (Vec<Response>, Vt) {
    let (mut console, near) = pty::open(60, 30);
    let before = pty::modes(&near);
    let typist = std::thread::spawn(move || {
        script(&mut console);
        console
    });
    let mut screen = at_terminal(&near, (60, 30), change(person(&near)));
    let mut responses = Vec::new();
    for ask in asks {
        let answered = async { tokio::time::timeout(PATIENCE, screen.ask(ask)).await };
        responses.push(runtime().block_on(answered).expect("an answer in time"));
        assert_eq!(pty::modes(&near), before, "the terminal is given back");
    }
    drop(screen);
    let mut console = typist.join().unwrap();
    console.drain();
    (responses, console.screen)
}

fn same(person: Person) -> Person {
    person
}

fn text(text: &str, option: Option<&str>) -> Response {
    Response::Answer(Answer {
        text: text.to_owned(),
        option: option.map(str::to_owned),
        ..Answer::default()
    })
}

fn verdict(verdict: Verdict, text: &str) -> Response {
    Response::Answer(Answer {
        text: text.to_owned(),
        verdict: Some(verdict),
        ..Answer::default()
    })
}

#[test]
fn an_interview_question_explains_itself_and_takes_shorthand() {
    let (responses, screen) = converse(&[ask(AskKind::Interview)], same, |console| {
        console.wait_for("(no more");
        console.send("?\r");
        console.wait_for("why: It decides");
        console.send("\r");
        console.wait_for("in a few words");
        console.send("b, butt\x7f only on Linux\r");
    });
    assert_eq!(responses, [text("Web, but only on Linux", Some("B"))]);
    assert_eq!(screen.bells, 1);
    insta::assert_snapshot!(screen.text().trim_start(), @r"
    ── Question 2 of 5 ────────────────────────────────────────
    Where does it run?
      A) Terminal
      B) Web
    a letter or your own words, ? why, back, edit 1, skip, done
    (no more questions)
    > ?
    why: It decides the language.
    a letter or your own words, ? why, back, edit 1, skip, done
    (no more questions)
    >
    An answer in a few words will do; `skip` leaves it open.
    > b, but only on Linux
    → Web, but only on Linux
    ");
}

#[test]
fn the_interview_is_left_and_led_by_words() {
    let asks = [(); 5].map(|()| ask(AskKind::Interview));
    // All of it is typed ahead: nothing of an interview is lost to a quick typist.
    let (responses, _) = converse(&asks, same, |console| {
        console.wait_for("(no more");
        console.send("back\rdone\redit 1\rskip\r");
        console.wait_for("> skip");
        console.wait_for("(no more");
        console.send("\x03");
    });
    let skipped = Response::Answer(Answer {
        skipped: true,
        ..Answer::default()
    });
    assert_eq!(
        responses,
        [
            Response::Course(Course::Again(1)),
            Response::Course(Course::Done),
            Response::Course(Course::Again(1)),
            skipped,
            Response::Interrupted
        ]
    );
}

#[test]
fn a_paste_of_many_lines_is_one_answer() {
    let (responses, _) = converse(&[ask(AskKind::Question)], same, |console| {
        console.wait_for("your own words");
        console.send("\x1b[200~first\rsecond\x1b[201~");
        console.wait_for("second");
        console.send(" ä日\r");
    });
    assert_eq!(responses, [text("first\nsecond ä日", None)]);
}

#[test]
fn an_answer_over_the_limit_is_cut_with_a_warning() {
    let (responses, screen) = converse(&[ask(AskKind::Question)], same, |console| {
        console.wait_for("your own words");
        console.send(&format!("\x1b[200~{}\x1b[201~\r", "x".repeat(2_500)));
        console.wait_for("cut to its first 2000");
    });
    assert_eq!(responses, [text(&"x".repeat(2_000), None)]);
    assert!(screen.text().contains("warning: the answer was cut"));
}

#[test]
fn a_document_is_approved_or_sent_back_and_never_by_an_empty_line() {
    let asks = [document(), document(), document(), document()];
    let (responses, screen) = converse(&asks, same, |console| {
        console.wait_for("[q]uit");
        console.send("\r");
        console.wait_for("Nothing is approved");
        console.send("a\r");
        console.wait_for("[q]uit");
        console.send("s shorter\r");
        console.wait_for("[q]uit");
        console.send("s\r");
        console.wait_for("What should be different?");
        console.send("longer\r");
        console.wait_for("[q]uit");
        console.send("q\r");
    });
    let revise = |guidance: &str| {
        let decision = Verdict::Revise {
            guidance: guidance.to_owned(),
        };
        verdict(decision, guidance)
    };
    assert_eq!(
        responses,
        [
            verdict(Verdict::Approve, "approved"),
            revise("shorter"),
            revise("longer"),
            Response::Interrupted
        ]
    );
    assert!(screen.text().contains("# Todo\nA list.\n────"));
}

#[test]
fn what_an_editor_left_is_read_back_until_it_can_be_read() {
    let (responses, screen) = converse(
        &[document()],
        |person| Person {
            editor: Some("sed -i 's/bad/good/; t; s/Todo/bad/'".to_owned()),
            read_back: Box::new(|artifact, text| {
                if text.contains("bad") {
                    Err(vec![(1, "the title is missing".to_owned())])
                } else {
                    Ok(format!("{artifact}: {text}"))
                }
            }),
            ..person
        },
        |console| {
            console.wait_for("[q]uit");
            console.send("e\r");
            console.wait_for("line 1: the title is missing");
            console.wait_for("opens the editor again");
            console.send("\r");
        },
    );
    let content = "prd.json: # good\nA list.\n".to_owned();
    assert_eq!(
        responses,
        [verdict(Verdict::Replace { content }, "approved")]
    );
    assert!(screen.text().contains("\n    # bad\n"));
}

#[test]
fn a_plan_is_arranged_before_it_is_approved() {
    let (responses, _) = converse(&[plan()], same, |console| {
        console.wait_for("[q]uit");
        console.send("drop T2\r");
        console.wait_for("dropped: T2 List");
        console.send("up T3\r");
        console.wait_for("T3 Docs");
        console.send("a\r");
    });
    let tickets = vec!["T3".to_owned(), "T1".to_owned()];
    assert_eq!(
        responses,
        [verdict(Verdict::Arrange { tickets }, "approved: T3, T1")]
    );
}

#[test]
fn permission_is_a_clear_yes_or_it_is_no() {
    let asks = [(); 2].map(|()| Ask {
        options: Vec::new(),
        ..ask(AskKind::Permission)
    });
    let (responses, _) = converse(&asks, same, |console| {
        console.wait_for("y/N > ");
        console.send("perhaps\r");
        console.wait_for("Type y");
        console.send("Y\r");
        console.wait_for("Your permission");
        console.send("\r");
    });
    let no = Verdict::Reject { why: String::new() };
    assert_eq!(
        responses,
        [verdict(Verdict::Approve, "approved"), verdict(no, "")]
    );
}

#[test]
fn a_question_that_is_taken_back_names_the_words_that_were_not_sent_and_leaves_no_prompt() {
    let (mut console, near) = pty::open(40, 12);
    let before = pty::modes(&near);
    let (seen, is_seen) = tokio::sync::oneshot::channel();
    let typist = std::thread::spawn(move || {
        console.wait_for("your own words");
        console.send(&"half an answer ".repeat(5));
        console.wait_until(|screen| screen.text().matches("half").count() == 5);
        seen.send(()).unwrap();
        console
    });
    let mut screen = at_terminal(&near, (40, 12), person(&near));
    let question = ask(AskKind::Question);
    runtime().block_on(async {
        tokio::select! {
            response = screen.ask(&question) => panic!("answered: {response:?}"),
            result = is_seen => result.unwrap(),
        }
    });
    let mut console = typist.join().unwrap();
    console.drain();
    let text = console.screen.text();
    assert!(text.contains("Your words were not sent: half an"), "{text}");
    assert_eq!(
        text.matches("half").count(),
        5,
        "said once, typed line gone: {text}"
    );
    assert_eq!(console.screen.cursor().1, 0);
    assert_eq!(pty::modes(&near), before);
    let flags = rustix::fs::fcntl_getfl(&near).unwrap();
    assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK));
}

#[test]
fn a_process_that_leaves_at_once_gives_the_terminal_back() {
    let (mut console, near) = pty::open(60, 20);
    let before = pty::modes(&near);
    let watched = near.try_clone().unwrap();
    let during = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&during);
    let mut screen = at_terminal(
        &near,
        (60, 20),
        Person {
            editor: Some("sed -i s/Todo/Done/".to_owned()),
            read_back: Box::new(move |_, _| {
                seen.lock().unwrap().push(pty::modes(&watched));
                restore_terminal();
                seen.lock().unwrap().push(pty::modes(&watched));
                Ok(String::new())
            }),
            ..person(&near)
        },
    );
    let typist = std::thread::spawn(move || {
        console.wait_for("[q]uit");
        console.send("e\r");
        console
    });
    runtime().block_on(screen.ask(&document()));
    typist.join().unwrap();
    let during = std::mem::take(&mut *during.lock().unwrap());
    assert_ne!(during[0], before);
    assert_eq!(during[1], before);
}

//! Every event through a line and back, and lines that are not what was written.

use serde_json::{Value, json};

use super::*;
use crate::engine::artifact::ArtifactName;
use crate::engine::ask::{Answer, Ask, AskId, AskKind};
use crate::engine::call::{CallId, ToolCall};
use crate::engine::event::{
    AttemptNote, Audience, Author, ConversationStarted, Ended, Gate, Interruption, Note, NoteKind,
    Outcome, Proof, Purpose, Ran, Receipt, Replied, RequestKind, SessionStarted,
};
use crate::engine::manner::Manners;
use crate::engine::message::{Message, Role};
use crate::engine::protocol::Protocol;
use crate::engine::reply::Reply;
use crate::engine::tool::{ToolResult, ToolStatus};

/// One of each, with every optional part filled in.
#[expect(clippy::too_many_lines, reason = "a table")]
fn one_of_each() -> Vec<Event> {
    let text = || "two\nlines, \"quoted\" \\ ü \u{1b}".to_owned();
    vec![
        Event::SessionStarted(Box::new(SessionStarted {
            schema: SCHEMA,
            version: "0.1.0".to_owned(),
            id: "20260131-120000-abcd".to_owned(),
            task: text(),
            project: "/p".to_owned(),
            config: json!({"limits": {"max_turns": 3}}),
            model: "m".to_owned(),
            model_digest: "d".to_owned(),
            protocol: Protocol::Text,
            num_ctx: 8192,
            manners: Manners::default(),
            pipeline: text(),
            pipeline_hash: "h".to_owned(),
            skills: serde_json::Map::new(),
            skill_hashes: serde_json::Map::new(),
            from: Some("prd".to_owned()),
            until: Some("plan".to_owned()),
            forked_from: None,
        })),
        Event::PhaseEntered {
            name: "prd".to_owned(),
            reason: Some(text()),
        },
        Event::ConversationStarted(ConversationStarted {
            purpose: Purpose::Document(ArtifactName::Prd),
            model: "m".to_owned(),
            messages: vec![Message::text(Role::System, text())],
            tools: vec!["read_file".to_owned()],
            protocol: Protocol::Text,
        }),
        Event::TicketStarted {
            attempt: 1,
            tree: Some("t".to_owned()),
            seed: Some(2000),
            warmer: Some(0.2),
        },
        Event::AttemptFailed {
            attempt: 1,
            reason: text(),
            note: Some(AttemptNote {
                ended: Ended::Check,
                changed: vec![text()],
                ran: vec![Ran::default()],
                check: Some(Ran::default()),
                output: vec![text()],
                avoid: text(),
            }),
        },
        Event::Replied(Replied {
            reply: Reply {
                content: text(),
                tool_calls: vec![json!({"id": "", "function": {"name": "x", "arguments": {}}})],
                ..Reply::default()
            },
            to: RequestKind::Decision,
            ms: 5,
            estimated: None,
            prefix: None,
        }),
        Event::Repaired { what: vec![text()] },
        Event::ToolStarted {
            call: ToolCall {
                id: CallId("c1".to_owned()),
                name: "write_file".to_owned(),
                arguments: json!({"path": "a", "seq": 1.5, "sum": "x"}),
            },
            before: Some("b".to_owned()),
            after: Some("a".to_owned()),
        },
        Event::ToolFinished {
            id: CallId("c1".to_owned()),
            result: ToolResult::new(ToolStatus::Ok, text()),
            ms: 1,
            changed: vec!["a".to_owned()],
            tree: None,
            mode: None,
        },
        Event::Asked {
            ask: Ask {
                id: AskId("q".to_owned()),
                kind: AskKind::Interview,
                text: text(),
                options: vec![text()],
                why: text(),
                reference: None,
                place: Some((1, 5)),
            },
        },
        Event::Answered {
            id: AskId("q".to_owned()),
            answer: Answer::default(),
        },
        Event::ArtifactWritten {
            name: ArtifactName::Research,
            content: Value::from(text()),
            sha256: "s".to_owned(),
            by: Author::Model,
        },
        Event::Checked(Receipt {
            gate: Gate::Verify,
            command: text(),
            cwd: ".".to_owned(),
            exit: Some(0),
            signal: Some(9),
            timed_out: true,
            ms: 3,
            tests: Some(2),
            failing: vec!["test_a".to_owned()],
            output: text(),
            output_sha256: "s".to_owned(),
            tree_before: Some("a".to_owned()),
            tree_after: Some("b".to_owned()),
            sandbox: "full".to_owned(),
            criteria: Vec::new(),
            passed: true,
        }),
        Event::Compacted {
            summary: Message::text(Role::User, text()),
            keep_from: 3,
            before: 10,
            after: 5,
        },
        Event::Told {
            text: text(),
            to: Some(Audience::Ticket("T2".to_owned())),
            letter: Some("tell-1.json".to_owned()),
        },
        Event::Note(Note {
            kind: NoteKind::Fact,
            text: text(),
            data: json!([1, {"at": null}]),
        }),
        Event::Warned { text: text() },
        Event::TicketFinished {
            outcome: Outcome::Completed,
            reason: text(),
            proof: Proof::Shown,
            changed: vec!["a".to_owned()],
            tree: Some("ab12".to_owned()),
            diff: None,
            commit: None,
        },
        Event::PhaseFinished {
            outcome: Outcome::Blocked,
            reason: text(),
        },
        Event::Interrupted {
            why: Interruption::Limit,
            reason: text(),
        },
        Event::Resumed {
            version: "0.1.0".to_owned(),
            from: Some("plan".to_owned()),
            until: None,
            settings: None,
            manners: Manners::default(),
        },
        Event::SessionFinished {
            outcome: Outcome::Completed,
            reason: text(),
        },
    ]
}

fn records() -> Vec<Record> {
    (1..)
        .zip(one_of_each())
        .map(|(seq, event)| Record {
            seq,
            at: "2026-01-31T12:00:00.123Z".to_owned(),
            phase: (seq % 2 == 0).then(|| "implement".to_owned()),
            ticket: (seq % 4 == 0).then(|| "T2".to_owned()),
            event,
        })
        .collect()
}

#[test]
fn every_event_comes_back_as_it_was_written() {
    let (mut write, mut read) = (Chain::default(), Chain::default());
    for record in records() {
        let line = write.seal(body(&record).unwrap());
        let line = line.strip_suffix('\n').unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(read.next(line.as_bytes()), Ok(record));
    }
}

#[test]
fn no_event_has_a_key_of_the_envelope() {
    for event in one_of_each() {
        let value = serde_json::to_value(&event).unwrap();
        for key in ["seq", "at", "phase", "ticket", "sum"] {
            assert_eq!(value.get(key), None, "{value}");
        }
    }
}

#[test]
fn a_line_has_the_fixed_form() {
    let record = Record {
        seq: 1,
        at: "2026-01-31T12:00:00.123Z".to_owned(),
        phase: Some("implement".to_owned()),
        ticket: Some("T2".to_owned()),
        event: Event::Told {
            text: "x".to_owned(),
            to: None,
            letter: None,
        },
    };
    let mut chain = Chain::default();
    let expected = r#"{"seq":1,"at":"2026-01-31T12:00:00.123Z","phase":"implement","ticket":"T2","event":"told","text":"x""#;
    let sum = hex(&Sha256::digest(format!("{expected}}}"))[..8]);
    assert_eq!(
        chain.seal(body(&record).unwrap()),
        format!("{expected},\"sum\":\"{sum}\"}}\n")
    );
    let second = hex(&Sha256::digest(format!("{sum}{{}}"))[..8]);
    assert_eq!(
        chain.seal("{}".to_owned()),
        format!("{{,\"sum\":\"{second}\"}}\n"),
        "the second sum is over the first"
    );
}

#[test]
fn faults_are_told_apart() {
    let sealed = |text: &str| Chain::default().seal(text.to_owned());
    let check = |line: &str, expected: &str| {
        let fault = Chain::default()
            .next(line.trim_end().as_bytes())
            .unwrap_err();
        let found = format!("{fault:?}");
        assert!(found.contains(expected), "{found}");
    };
    check("", "Torn");
    check("{\"seq\":1}", "Torn");
    check(&sealed("{\"seq\":1}").replace('1', "2"), "Torn");
    check(
        &sealed("{\"event\":\"told\"}"),
        "Wrong(\"the first line has to be",
    );
    check(
        &sealed("{\"event\":\"session_started\",\"schema\":99,\"version\":\"9\",\"new\":{}}"),
        "Newer { schema: 99, version: \"9\" }",
    );
    check(
        &sealed("{\"event\":\"session_started\",\"schema\":1}"),
        "Wrong",
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, sealed: bool, text in ".*") {
        let line = if sealed {
            Chain::default().seal(text).into_bytes()
        } else {
            bytes
        };
        let _ = Chain::default().next(&line);
    }
}

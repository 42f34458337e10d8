//! Sessions made of random turns, without a server: what would be sent is counted by a tokenizer
//! that the estimate does not know.

use std::collections::BTreeSet;

use loop_orchestration::engine::context::{Extras, budget, compaction, files_to_outline, opening};
use loop_orchestration::engine::decide::{Effect, decide};
use loop_orchestration::engine::event::{
    Event, Gate, Note, NoteKind, Record, Replied, RequestKind, SessionStarted,
};
use loop_orchestration::engine::gate::told;
use loop_orchestration::engine::manner::Manners;
use loop_orchestration::engine::outline::outline;
use loop_orchestration::engine::protocol::{Protocol, written};
use loop_orchestration::engine::reply::{Reply, Usage};
use loop_orchestration::engine::session::{Conversation, Session};
use loop_orchestration::engine::settings::Settings;
use loop_orchestration::engine::tool::{ToolResult, ToolStatus};
use loop_orchestration::run::catalog::{Places, Trust, catalog};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Bytes of a token in text of one letter: from long words to text that is cut fine. What has no
/// such letter is ordinary.
const FINENESS: [(u8, f64); 4] = [(b'a', 6.0), (b'e', 4.0), (b'o', 3.0), (b'u', 2.5)];
const ORDINARY: f64 = 3.5;

/// One turn of a model.
#[derive(Clone, Debug)]
enum Turn {
    /// It reads files, each so long, of such letters.
    Reads(Vec<(usize, u8)>),
    /// It writes a file.
    Writes(usize, u8),
    /// It runs a command that says so much.
    Runs(usize, u8),
    /// It says that it is done.
    Claims,
    /// It rambles.
    Rambles(usize, u8),
}

fn turn() -> impl Strategy<Value = Turn> {
    let letter = || prop::sample::select(FINENESS.map(|(letter, _)| letter).to_vec());
    prop_oneof![
        6 => prop::collection::vec((0..40_000_usize, letter()), 1..6).prop_map(Turn::Reads),
        2 => (0..9_000_usize, letter()).prop_map(|(size, letter)| Turn::Writes(size, letter)),
        2 => (0..40_000_usize, letter()).prop_map(|(size, letter)| Turn::Runs(size, letter)),
        1 => Just(Turn::Claims),
        1 => (0..4_000_usize, letter()).prop_map(|(size, letter)| Turn::Rambles(size, letter)),
    ]
}

fn text(size: usize, letter: u8) -> String {
    char::from(letter).to_string().repeat(size)
}

/// What a server would count.
fn tokens(conversation: &Conversation) -> u64 {
    let messages = serde_json::to_vec(&conversation.messages).unwrap();
    let tools = serde_json::to_vec(conversation.offered_natively()).unwrap();
    let fineness = |byte: &u8| {
        let known = FINENESS.iter().find(|(letter, _)| letter == byte);
        1.0 / known.map_or(ORDINARY, |(_, bytes)| *bytes)
    };
    let count: f64 = messages.iter().chain(&tools).map(fineness).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let count = count.ceil() as u64;
    count
}

/// A session of one ticket, and what it came to.
struct Drive {
    session: Session,
    protocol: Protocol,
    turns: std::vec::IntoIter<Turn>,
    compactions: usize,
    requests: usize,
}

impl Drive {
    fn new(num_ctx: u64, protocol: Protocol, task: String, turns: Vec<Turn>) -> Self {
        let nowhere = std::path::Path::new("/nowhere");
        let places = Places {
            project: nowhere,
            skills: nowhere,
            pipeline: None,
            agreements: nowhere.join("none"),
        };
        let catalog = catalog(&places, Trust::LeaveOut).unwrap();
        let skills = catalog.skills.iter();
        let skills: Map<String, Value> = skills
            .map(|(name, skill)| (name.clone(), Value::from(skill.text.clone())))
            .collect();
        let mut settings = Settings::default();
        settings.limits.max_turns = 1_000;
        let started = SessionStarted {
            schema: 1,
            version: String::new(),
            id: "x".to_owned(),
            task,
            project: "/p".to_owned(),
            config: serde_json::to_value(settings).unwrap(),
            model: "tiny".to_owned(),
            model_digest: String::new(),
            protocol,
            num_ctx,
            manners: Manners::default(),
            pipeline: catalog.pipeline,
            pipeline_hash: String::new(),
            skills,
            skill_hashes: Map::new(),
            from: Some("implement".to_owned()),
            until: Some("implement".to_owned()),
            forked_from: None,
        };
        let first = record(1, Event::SessionStarted(Box::new(started)));
        Self {
            session: Session::begin(&first).unwrap(),
            protocol,
            turns: turns.into_iter(),
            compactions: 0,
            requests: 0,
        }
    }

    fn append(&mut self, event: Event) {
        let mut record = record(self.session.last_seq + 1, event);
        record.ticket.clone_from(&self.session.current_ticket);
        if let Event::TicketStarted { .. } = record.event {
            record.ticket = Some("T1".to_owned());
        }
        self.session.apply(&record);
    }

    fn append_all(&mut self, events: Vec<Event>) {
        for event in events {
            self.append(event);
        }
    }

    /// One step; false at the end.
    fn step(&mut self) -> bool {
        match decide(&self.session) {
            Effect::Record(events) => self.append_all(events),
            Effect::LookAtProject => self.append(Event::Note(Note {
                kind: NoteKind::Picture,
                text: String::new(),
                data: json!({}),
            })),
            Effect::WriteArtifact {
                name,
                content,
                by,
                then,
            } => {
                self.append(Event::ArtifactWritten {
                    name,
                    content,
                    sha256: String::new(),
                    by,
                });
                self.append_all(then);
            }
            Effect::RunBefore { id } => self.append(Event::Note(Note {
                kind: NoteKind::Baseline,
                text: String::new(),
                data: json!({"ticket": id}),
            })),
            Effect::StartTicket { attempt, .. } => self.append(Event::TicketStarted {
                attempt,
                tree: None,
                seed: None,
                warmer: None,
            }),
            Effect::OpenConversation(wanted) => {
                let started = opening(&self.session, &wanted, &Extras::default()).unwrap();
                self.append(Event::ConversationStarted(started));
            }
            Effect::CallModel { .. } => return self.request(),
            Effect::AskForDecision => self.reply(RequestKind::Decision, Reply::default()),
            Effect::RunTool { call, .. } => {
                let id = call.id.clone();
                let result = self.result(call.text("path").or(call.text("command")));
                self.append(Event::ToolStarted {
                    call,
                    before: None,
                    after: None,
                });
                self.append(Event::ToolFinished {
                    id,
                    result,
                    ms: 1,
                    changed: Vec::new(),
                    tree: None,
                    mode: None,
                });
            }
            Effect::RunGate(_) => {
                let output = format!("it fails:\n{}", text(3_000, b'u'));
                self.append(Event::Checked(told(Gate::Verdict, false, output)));
            }
            Effect::Compact => self.compact(),
            _ => return false,
        }
        true
    }

    fn compact(&mut self) {
        self.compactions += 1;
        let open = self.session.conversation.as_ref().unwrap();
        let (files, room) = files_to_outline(&self.session, open);
        let source = "def a_function(with, arguments):\n    pass\n".repeat(200);
        let outlines = files.iter().map(|path| outline(path, &source, room));
        let event = compaction(&self.session, open, &outlines.collect::<Vec<_>>());
        self.append(event);
    }

    /// What a tool says, cut as tools cut it; its length and letter are the last numbers of what
    /// it was asked for.
    fn result(&self, about: Option<&str>) -> ToolResult {
        let words = about
            .unwrap_or_default()
            .split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
        let (size, letter) = match numbers.as_slice() {
            [_, .., size, letter] => (*size, u8::try_from(*letter).unwrap()),
            _ => (10, b'a'),
        };
        let most = budget::result_chars(&self.session);
        ToolResult::new(ToolStatus::Ok, text(size.min(most), letter))
    }

    /// A request is as it has to be, and is answered by the next turn.
    fn request(&mut self) -> bool {
        self.requests += 1;
        let open = self.session.conversation.as_ref().unwrap();
        let window = budget::window(&self.session);
        let estimated = budget::prompt_tokens(&self.session, open);
        assert!(estimated + budget::reserve(&self.session, &open.model) <= window);
        let counted = tokens(open);
        assert!(counted <= window, "{counted} tokens, {estimated} estimated");
        let Some(turn) = self.turns.next() else {
            return false;
        };
        let mut reply = Reply {
            usage: Usage {
                prompt_tokens: counted,
                eval_tokens: 10,
                ..Usage::default()
            },
            ..Reply::default()
        };
        let number = self.requests;
        let mut calls = Vec::new();
        match turn {
            Turn::Reads(files) => {
                for (index, (size, letter)) in files.into_iter().enumerate() {
                    let path = format!("src/{number}_{index}_{size}_{letter}.py");
                    calls.push(("read_file", json!({"path": path})));
                }
            }
            Turn::Writes(size, letter) => {
                let content = text(size, letter);
                let path = format!("src/made_{number}.py");
                calls.push(("write_file", json!({"path": path, "content": content})));
            }
            Turn::Runs(size, letter) => {
                let command = format!("echo {number} {size} {letter}");
                calls.push(("run_command", json!({"command": command})));
            }
            Turn::Claims => reply.content.push_str("Done.\n[TASK_COMPLETE]"),
            Turn::Rambles(size, letter) => reply.content = text(size, letter),
        }
        for (name, arguments) in calls {
            match self.protocol {
                Protocol::Native => reply.tool_calls.push(json!({
                    "id": format!("w{number}"), "function": {"name": name, "arguments": arguments}
                })),
                Protocol::Text => {
                    reply.content.push_str(&written(name, &arguments).unwrap());
                    reply.content.push('\n');
                }
            }
        }
        self.reply(RequestKind::Turn, reply);
        true
    }

    fn reply(&mut self, to: RequestKind, reply: Reply) {
        self.append(Event::Replied(Replied {
            reply,
            to,
            ms: 1,
            estimated: None,
            prefix: None,
        }));
    }
}

fn record(seq: u64, event: Event) -> Record {
    Record {
        seq,
        at: String::new(),
        phase: Some("implement".to_owned()),
        ticket: None,
        event,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_larger_than_the_window(
        window in prop::sample::select(vec![4_096_u64, 8_192, 16_384, 32_768]),
        protocol in prop::sample::select(vec![Protocol::Native, Protocol::Text]),
        task in 0..9_000_usize,
        turns in prop::collection::vec(turn(), 1..60),
    ) {
        let mut drive = Drive::new(window, protocol, text(task, b'e'), turns);
        let mut steps = 0;
        while drive.step() {
            steps += 1;
            prop_assert!(steps < 5_000, "it goes round in circles");
        }
        prop_assert!(drive.requests > 0);
    }
}

#[test]
fn text_that_is_cut_finer_than_all_before_still_fits() {
    for window in [4_096, 8_192, 32_768] {
        for results in 1..16 {
            for protocol in [Protocol::Native, Protocol::Text] {
                let mut turns = vec![Turn::Reads(vec![(3_000, b'a')]); 4];
                turns.push(Turn::Reads(vec![(40_000, b'u'); results]));
                let mut drive = Drive::new(window, protocol, text(3_000, b'a'), turns);
                while drive.step() {}
            }
        }
    }
}

#[test]
fn a_compaction_says_where_the_work_stands() {
    check_summary(Protocol::Native);
    check_summary(Protocol::Text);
}

#[track_caller]
fn check_summary(protocol: Protocol) {
    let turns = vec![
        Turn::Writes(4_000, b'e'),
        Turn::Reads(vec![(9_000, b'e')]),
        Turn::Runs(9_000, b'o'),
        Turn::Claims,
        Turn::Reads(vec![(9_000, b'e'); 3]),
        Turn::Reads(vec![(9_000, b'e'); 3]),
        Turn::Reads(vec![(9_000, b'e'); 3]),
    ];
    let mut drive = Drive::new(8_192, protocol, "Build a todo app".to_owned(), turns);
    while drive.step() {}
    assert!(drive.compactions >= 2, "{}", drive.compactions);
    let open = drive.session.conversation.as_ref().unwrap();
    let summary = open.earlier_summary();
    for part in [
        "You are at ticket T1 (Build a todo app)",
        "- write_file src/made_1.py: ok",
        "- run_command echo 3 9000 111: ok",
        "Files touched, as they are now",
        "(400 lines)\n  1: def a_function(with, arguments)",
        "The last command was `echo 3 9000 111`. Its output:\no",
        "The last check failed and is still open:\n",
    ] {
        assert!(summary.contains(part), "no '{part}' in:\n{summary}");
    }
    let titles = summary.matches("# Work so far").count();
    assert_eq!(titles, 1, "the second replaces the first:\n{summary}");
}

#[test]
fn compactions_that_free_too_little_end_the_attempt_and_not_the_session() {
    let turns = vec![Turn::Rambles(10, b'e'); 3];
    let mut drive = Drive::new(
        8_192,
        Protocol::Native,
        "Build a todo app".to_owned(),
        turns,
    );
    while drive.session.conversation.is_none() || drive.requests == 0 {
        assert!(drive.step());
    }
    // The server counts far more than the window can hold, whatever is left out.
    let mut ends = BTreeSet::new();
    for _ in 0..200 {
        if matches!(decide(&drive.session), Effect::CallModel { .. }) {
            drive.append(Event::Note(Note {
                kind: NoteKind::Counted,
                text: String::new(),
                data: 9_000.into(),
            }));
        }
        let attempts = &drive.session.tickets["T1"].failed;
        ends.insert(attempts.len());
        match decide(&drive.session) {
            Effect::FinishTicket { reason, .. } => {
                assert!(
                    reason.contains("do not fit in the context window"),
                    "{reason}"
                );
                assert_eq!(ends, BTreeSet::from([0, 1, 2, 3]), "each attempt was tried");
                return;
            }
            Effect::Stop(..) => panic!("the session stops"),
            _ => assert!(drive.step()),
        }
    }
    panic!("it goes round in circles");
}

//! A run with every event in it, in the order of a run.

use serde_json::{Value, json};

use super::ask;
use crate::engine::artifact::ArtifactName;
use crate::engine::ask::{Answer, AnsweredBy, AskId, AskKind, Verdict};
use crate::engine::call::{CallId, ToolCall};
use crate::engine::event::{
    Author, ConversationStarted, Event, Gate, Interruption, Note, NoteKind, Outcome, Proof,
    Purpose, Receipt, Record, Replied, RequestKind, SessionStarted,
};
use crate::engine::manner::Manners;
use crate::engine::message::{Message, Role};
use crate::engine::protocol::Protocol;
use crate::engine::reply::{Reply, Usage};
use crate::engine::tool::{ToolResult, ToolStatus};

/// A run with every event in it.
pub(super) fn story() -> Vec<Record> {
    let mut story = vec![record(None, None, started())];
    story.extend(prd().map(|event| record(Some("prd"), None, event)));
    let opening = [
        entered("implement", Some("the plan has changed")),
        conversation(Purpose::Work),
    ];
    story.extend(opening.map(|event| record(Some("implement"), None, event)));
    story.extend(
        work()
            .into_iter()
            .map(|event| record(Some("implement"), Some("T2"), event)),
    );
    story.extend(end().map(|event| record(Some("implement"), None, event)));
    story
}

fn record(phase: Option<&str>, ticket: Option<&str>, event: Event) -> Record {
    Record {
        seq: 1,
        at: String::new(),
        phase: phase.map(str::to_owned),
        ticket: ticket.map(str::to_owned),
        event,
    }
}

fn entered(name: &str, reason: Option<&str>) -> Event {
    Event::PhaseEntered {
        name: name.to_owned(),
        reason: reason.map(str::to_owned),
    }
}

fn phase_over(outcome: Outcome, reason: &str) -> Event {
    Event::PhaseFinished {
        outcome,
        reason: reason.to_owned(),
    }
}

fn over(outcome: Outcome, proof: Proof, reason: &str) -> Event {
    Event::TicketFinished {
        outcome,
        reason: reason.to_owned(),
        proof,
        changed: Vec::new(),
        tree: None,
        diff: None,
        commit: None,
    }
}

fn prd() -> [Event; 13] {
    let tickets = json!({"tickets": [
        {"id": "T1", "title": "Keep todos in a file"},
        {"id": "T2", "title": "List what is due, sorted, with the overdue ones on top and marked"},
    ]});
    let question = ask(
        AskKind::Interview,
        "Where does it run?",
        &["Terminal", "Web"],
    );
    let guidance = Verdict::Revise {
        guidance: "smaller".to_owned(),
    };
    [
        entered("prd", None),
        note(
            NoteKind::Triage,
            "This is more than one ticket: an interview first.",
        ),
        conversation(Purpose::Questions),
        replied("{\"never\": \"shown\"}"),
        Event::Asked { ask: question },
        answered(AnsweredBy::File, "Terminal", None),
        answered(AnsweredBy::Model, "Python 3", None),
        answered(AnsweredBy::User, "", Some(guidance)),
        answered(AnsweredBy::Flag, "", Some(Verdict::Approve)),
        written(ArtifactName::Prd, Author::Model, Value::Null),
        written(ArtifactName::Prd, Author::User, Value::Null),
        written(ArtifactName::Tickets, Author::Program, tickets),
        phase_over(Outcome::Completed, "not shown"),
    ]
}

fn work() -> Vec<Event> {
    let many_lines: Vec<String> = (1..=15).map(|line| format!("line {line}")).collect();
    let mut work = vec![
        Event::TicketStarted {
            attempt: 1,
            tree: None,
            seed: None,
            warmer: None,
        },
        replied("I will look at the file first, and then write the list.\n\n[TASK_COMPLETE]"),
    ];
    work.extend(tools());
    work.extend([
        Event::Repaired { what: vec!["closed a string".to_owned(), "took a fence away".to_owned()] },
        note(NoteKind::Nudge, "never shown"),
        note(NoteKind::Correction, "There is no tool named cat.\nmore"),
        receipt(Gate::Verify, Some(1), Some(3), &many_lines.join("\n")),
        note(NoteKind::CheckFailed, "never shown"),
        receipt(Gate::Verify, None, None, ""),
        Event::AttemptFailed { attempt: 1, reason: "the checks still fail after three repairs".to_owned(), note: None },
        Event::TicketStarted { attempt: 2, tree: None, seed: Some(2000), warmer: None },
        receipt(Gate::Verify, Some(0), Some(5), "5 passed"),
        receipt(Gate::Changed, Some(0), Some(0), ""),
        Event::Compacted {
            summary: Message::text(Role::User, "never shown"),
            keep_from: 4,
            before: 28_000,
            after: 9_000,
        },
        Event::Told { text: "use tabs".to_owned(), to: None, letter: None },
        Event::Warned { text: "the model's window is smaller than asked: 8,192 tokens, not 32,768.\nhint: set num_ctx".to_owned() },
        over(Outcome::Completed, Proof::Shown, "5 tests"),
        over(Outcome::Completed, Proof::NotShown, ""),
        over(Outcome::Blocked, Proof::NotShown, "three attempts failed"),
        receipt(Gate::Run, Some(0), None, ""),
        note(NoteKind::TakenBack, "the change to src/todo.py broke the tests"),
    ]);
    work
}

fn end() -> [Event; 4] {
    [
        phase_over(Outcome::Blocked, "a ticket is blocked"),
        Event::Interrupted {
            why: Interruption::ServerGone,
            reason: "nothing for 10 minutes".to_owned(),
        },
        Event::Resumed {
            version: "0.1.0".to_owned(),
            from: None,
            until: None,
            settings: None,
            manners: Manners::default(),
        },
        Event::SessionFinished {
            outcome: Outcome::Blocked,
            reason: "1 of 2 tickets is blocked".to_owned(),
        },
    ]
}

fn started() -> Event {
    Event::SessionStarted(Box::new(SessionStarted {
        schema: 1,
        version: "0.1.0".to_owned(),
        id: "20260131-120000-ab12".to_owned(),
        task: "Build a todo app with due dates, for people who forget, in plain Python".to_owned(),
        project: "/home/somebody/projects/a-rather-long-name-for-a-folder/todo".to_owned(),
        config: Value::Null,
        model: "qwen3:8b".to_owned(),
        model_digest: String::new(),
        protocol: Protocol::Native,
        num_ctx: 32768,
        manners: Manners::default(),
        pipeline: String::new(),
        pipeline_hash: String::new(),
        skills: serde_json::Map::new(),
        skill_hashes: serde_json::Map::new(),
        from: None,
        until: None,
        forked_from: None,
    }))
}

fn conversation(purpose: Purpose) -> Event {
    Event::ConversationStarted(ConversationStarted {
        purpose,
        model: "qwen3:8b".to_owned(),
        messages: vec![Message::text(Role::System, "never shown")],
        tools: Vec::new(),
        protocol: Protocol::Native,
    })
}

fn replied(content: &str) -> Event {
    let usage = Usage {
        prompt_tokens: 2310,
        eval_tokens: 120,
        ..Usage::default()
    };
    Event::Replied(Replied {
        reply: Reply {
            content: content.to_owned(),
            usage,
            ..Reply::default()
        },
        to: RequestKind::Turn,
        ms: 4200,
        estimated: None,
        prefix: None,
    })
}

fn answered(answered_by: AnsweredBy, text: &str, verdict: Option<Verdict>) -> Event {
    Event::Answered {
        id: AskId("platform".to_owned()),
        answer: Answer {
            text: text.to_owned(),
            answered_by,
            verdict,
            ..Answer::default()
        },
    }
}

fn written(name: ArtifactName, by: Author, content: Value) -> Event {
    Event::ArtifactWritten {
        name,
        content,
        sha256: String::new(),
        by,
    }
}

fn note(kind: NoteKind, text: &str) -> Event {
    Event::Note(Note {
        kind,
        text: text.to_owned(),
        data: Value::Null,
    })
}

fn receipt(gate: Gate, exit: Option<i32>, tests: Option<u64>, output: &str) -> Event {
    Event::Checked(Receipt {
        gate,
        command: "python -m pytest -q tests/test_todo.py".to_owned(),
        cwd: ".".to_owned(),
        exit,
        signal: None,
        timed_out: exit.is_none(),
        ms: 812,
        tests,
        failing: Vec::new(),
        output: output.to_owned(),
        output_sha256: String::new(),
        tree_before: None,
        tree_after: None,
        sandbox: String::new(),
        criteria: Vec::new(),
        passed: exit == Some(0),
    })
}

/// A call and its end.
fn tool(name: &str, arguments: Value, status: ToolStatus, text: &str) -> [Event; 2] {
    let id = CallId("c1".to_owned());
    [
        Event::ToolStarted {
            call: ToolCall {
                id: id.clone(),
                name: name.to_owned(),
                arguments,
            },
            before: None,
            after: None,
        },
        Event::ToolFinished {
            id,
            result: ToolResult::new(status, text),
            ms: 812,
            changed: Vec::new(),
            tree: None,
            mode: None,
        },
    ]
}

fn tools() -> Vec<Event> {
    let edit = json!({"path": "src/todo.py", "old_text": "a\nb\n", "new_text": "a\nc\nd\ne\n"});
    let long =
        "python -m pytest -q --maxfail=1 --disable-warnings tests/unit tests/integration -k due";
    [
        tool(
            "read_file",
            json!({"path": "a.py", "start_line": 3}),
            ToolStatus::Ok,
            "text",
        ),
        tool("list_dir", json!({}), ToolStatus::Ok, "text"),
        tool(
            "search_files",
            json!({"pattern": "def .*", "glob": "*.py"}),
            ToolStatus::Ok,
            "",
        ),
        tool(
            "write_file",
            json!({"path": "b.py", "content": "1\n2\n"}),
            ToolStatus::Ok,
            "",
        ),
        tool("edit_file", edit.clone(), ToolStatus::Ok, ""),
        tool(
            "edit_file",
            edit,
            ToolStatus::Failed,
            "old_text was not found in src/todo.py\nmore",
        ),
        tool(
            "run_command",
            json!({"command": "pytest -q"}),
            ToolStatus::Ok,
            "exit 0\n1 passed",
        ),
        tool(
            "run_command",
            json!({"command": long}),
            ToolStatus::Failed,
            "exit code: 1\nfailed",
        ),
        tool(
            "run_command",
            json!({"command": "sleep 99"}),
            ToolStatus::TimedOut,
            "",
        ),
        tool(
            "run_command",
            json!({"command": "cat <<E\nx\nE"}),
            ToolStatus::Ok,
            "x\n[exit 0]",
        ),
        tool(
            "run_command",
            json!({"command": "rm -rf /"}),
            ToolStatus::Denied,
            "deletes all",
        ),
        tool(
            "write_file",
            json!({"path": "b\x1b[2J.py"}),
            ToolStatus::Unknown,
            "",
        ),
    ]
    .concat()
}

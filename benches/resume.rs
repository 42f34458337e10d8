//! Going on with a session of 10,000 events: reading and folding its journal, and from the start
//! of the process to its first request.
//!
//! Run it with `cargo bench --bench resume`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::time::Instant;

use loop_orchestration::engine::session::Session;
use loop_orchestration::store;
use support::home::{FILES, Home, Sandbox, copy, source};
use support::replies::{self, Chat};
use support::server::Server;
use support::table::{Table, Unit, ms};

const EVENTS: usize = 10_000;
const RUNS: usize = 15;

fn main() {
    let home = Home::new();
    let events = long_session(&home);
    let journal = home.journal();
    let kilobytes = std::fs::metadata(&journal).map_or(0, |file| file.len()) / 1024;

    let mut reading = Vec::new();
    let mut folding = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        let content = store::read(&journal).expect("a journal");
        reading.push(ms(began.elapsed()));
        let began = Instant::now();
        let session = Session::fold(&content.records).expect("a session");
        folding.push(ms(began.elapsed()));
        assert_eq!(session.last_seq, events as u64);
    }

    let kept = tempfile::tempdir().expect("a folder");
    copy(&home.path(), kept.path());
    let mut whole = Vec::new();
    for _ in 0..RUNS {
        std::fs::remove_dir_all(home.path()).expect("removed");
        copy(kept.path(), &home.path());
        let server = Server::start(1, script);
        let began = Instant::now();
        let mut child = home.spawn(
            &server.url,
            &["resume", "--yes", "--no-input", "--sandbox", "off"],
        );
        assert!(server.wait(&mut child), "the program ended before it asked");
        child.kill().expect("a child");
        child.wait().expect("a child");
        whole.push(ms(server.seen().chats[0].received.duration_since(began)));
    }
    let title = format!("resume of {events} events, {kilobytes} KB");
    let table = Table::new(&title, Unit::Ms);
    let both = reading.iter().zip(&folding).map(|(a, b)| a + b).collect();
    table.row("reading and checking the journal", reading, None);
    table.row("folding", folding, None);
    table.row("both", both, Some(100.0));
    table.row("process start to first request", whole, Some(100.0));
}

/// A session with that many events, stopped in the middle of a request.
fn long_session(home: &Home) -> usize {
    // `limits.tool_calls` would end the ticket before.
    std::fs::write(
        home.path().join("config.yaml"),
        "limits:\n  tool_calls: 100000\n",
    )
    .expect("written");
    // Three events a turn, and a few around them.
    let server = Server::start(EVENTS / 3 + 1, script);
    let mut child = home.start(&server.url, Sandbox::Off);
    let reached = server.wait(&mut child);
    child.kill().expect("a child");
    child.wait().expect("a child");
    assert!(
        reached,
        "the program ended early; {} requests came",
        server.seen().chats.len()
    );
    let content = store::read(&home.journal()).expect("a journal");
    content.records.len()
}

fn script(chat: usize, bytes: usize) -> Chat {
    match chat {
        0 => replies::simple(bytes),
        turn => replies::call(
            turn,
            "read_file",
            &format!(
                r#"{{"path":"{}","start_line":{},"end_line":{}}}"#,
                source(turn),
                // Other lines each time round: the same call again would be taken for a loop.
                1 + turn / FILES,
                8 + turn / FILES,
            ),
            bytes,
        ),
    }
}

//! What the program adds to a turn: from the last byte of a reply to the last byte of the next
//! request, at turns 5, 20 and 100, for turns that read, write a file and run a command.
//!
//! Run it with `cargo bench --bench turns`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::time::Instant;

use support::home::{Home, Sandbox, source};
use support::replies::{self, Chat};
use support::server::Server;
use support::table::{Table, Unit, ms};

const RUNS: usize = 8;
const LAST: usize = 103;
/// Turns that are looked at, with their neighbours, so that a median means something.
const AT: [usize; 3] = [5, 20, 100];
const NEIGHBOURS: usize = 2;

/// The reply to the chat of that number, whose body has that many bytes.
type Replies = fn(usize, usize) -> Chat;

fn main() {
    let table = Table::new("overhead a turn", Unit::Ms);
    kinds(&table);
    floors();
}

fn kinds(table: &Table) {
    let kinds: [(&str, Replies, Sandbox, Option<f64>); 4] = [
        ("read_file", read, Sandbox::Off, Some(0.5)),
        ("write_file, durably", write, Sandbox::Off, Some(5.0)),
        ("run_command true", run, Sandbox::Off, Some(2.8)),
        ("run_command true, sandbox", run, Sandbox::On, None),
    ];
    for (name, script, sandbox, limit) in kinds {
        let mut found: [Vec<f64>; AT.len()] = std::array::from_fn(|_| Vec::new());
        let mut bytes = 0;
        for _ in 0..RUNS {
            let seen = session(script, sandbox);
            for (place, turn) in AT.into_iter().enumerate() {
                for turn in turn - NEIGHBOURS..=turn + NEIGHBOURS {
                    // Chat 0 is the look at the task; the reply of turn n is that of chat n.
                    let (before, after) = (seen.chats[turn], seen.chats[turn + 1]);
                    let answered = before.answered.expect("an answer");
                    found[place].push(ms(after.received.duration_since(answered)));
                }
            }
            bytes = seen.chats[100].bytes;
        }
        let mut medians = Vec::new();
        for (turn, values) in AT.into_iter().zip(found) {
            medians.push(table.row(&format!("{name}, turn {turn}"), values, limit));
        }
        table.row(
            &format!("{name}, turn 100 ({} KB) over turn 5", bytes / 1024),
            vec![(medians[2] - medians[0]).max(0.0)],
            limit.map(|_| 1.0),
        );
    }
}

fn session(script: Replies, sandbox: Sandbox) -> support::server::Seen {
    let home = Home::new();
    let server = Server::start(LAST + 1, script);
    let mut child = home.start(&server.url, sandbox);
    let reached = server.wait(&mut child);
    child.kill().expect("a child");
    child.wait().expect("a child");
    assert!(
        reached,
        "the program ended before turn {LAST}; {} requests came",
        server.seen().chats.len()
    );
    server.seen()
}

fn read(chat: usize, bytes: usize) -> Chat {
    match chat {
        0 => replies::simple(bytes),
        turn => replies::call(
            turn,
            "read_file",
            &format!(r#"{{"path":"{}"}}"#, source(turn)),
            bytes,
        ),
    }
}

fn write(chat: usize, bytes: usize) -> Chat {
    let content = "some words that stand in a file\\n".repeat(60);
    match chat {
        0 => replies::simple(bytes),
        turn => replies::call(
            turn,
            "write_file",
            &format!(r#"{{"path":"made/file_{turn}.txt","content":"{content}"}}"#),
            bytes,
        ),
    }
}

fn run(chat: usize, bytes: usize) -> Chat {
    match chat {
        0 => replies::simple(bytes),
        turn => replies::call(
            turn,
            "run_command",
            &format!(r#"{{"command":"true {turn}"}}"#),
            bytes,
        ),
    }
}

/// What this machine takes for the same without the program.
fn floors() {
    let table = Table::new("this machine, without the program", Unit::Ms);
    let folder = tempfile::tempdir().expect("a folder");
    let mut synced = Vec::new();
    for number in 0..100 {
        let began = Instant::now();
        let path = folder.path().join(format!("{number}"));
        let mut file = std::fs::File::create(path).expect("a file");
        std::io::Write::write_all(&mut file, &[b'x'; 2000]).expect("written");
        file.sync_data().expect("synced");
        synced.push(ms(began.elapsed()));
    }
    table.row("one new file of 2 KB, synced", synced, None);
    let mut spawned = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        std::process::Command::new("bash")
            .args(["--noprofile", "--norc", "-c", "true"])
            .env_clear()
            .status()
            .expect("bash");
        spawned.push(ms(began.elapsed()));
    }
    table.row("bash -c true", spawned, None);
}

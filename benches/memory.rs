//! Peak memory at turn 20 and at turn 100 with a history of 220 KB.
//!
//! Run it with `cargo bench --bench memory`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use support::home::{Home, Sandbox, source};
use support::replies;
use support::server::Server;
use support::table::{Table, Unit};

const RUNS: usize = 5;

fn main() {
    let mut found: [Vec<f64>; 3] = std::array::from_fn(|_| Vec::new());
    let mut bytes = 0;
    for _ in 0..RUNS {
        let home = Home::new();
        let server = Server::start(102, |chat, bytes| match chat {
            0 => replies::simple(bytes),
            turn => replies::call(
                turn,
                "read_file",
                &format!(r#"{{"path":"{}"}}"#, source(turn)),
                bytes,
            ),
        });
        let mut child = home.start(&server.url, Sandbox::Off);
        server.watch(child.id());
        let reached = server.wait(&mut child);
        child.kill().expect("a child");
        child.wait().expect("a child");
        assert!(reached, "the program ended before turn 100");
        let seen = server.seen();
        for (place, turn) in [1, 20, 100].into_iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "megabytes")]
            found[place].push(seen.chats[turn].peak_kb as f64 / 1024.0);
        }
        bytes = seen.chats[100].bytes;
    }
    let table = Table::new("peak memory", Unit::Mb);
    let [first, twentieth, hundredth] = found;
    table.row("turn 1", first, None);
    table.row("turn 20", twentieth, Some(15.0));
    table.row(
        &format!("turn 100, history of {} KB", bytes / 1024),
        hundredth,
        Some(25.0),
    );
}

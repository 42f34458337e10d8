//! From the start of the process to the last byte of its first request to the model, with the
//! look at the server in it.
//!
//! Run it with `cargo bench --bench start`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::time::Instant;

use support::home::{Home, Sandbox, session};
use support::replies;
use support::server::Server;
use support::table::{Table, Unit, ms};

const RUNS: usize = 40;
/// Sessions of other projects in a home that has been in use for long.
const OTHERS: usize = 300;

fn main() {
    let mut whole = Vec::new();
    let mut with_history = Vec::new();
    let mut with_wall = Vec::new();
    let mut probes = Vec::new();
    let mut connections = 0;
    for _ in 0..RUNS {
        let home = Home::new();
        let (took, seen) = once(&home, Sandbox::Off);
        whole.push(took);
        probes = seen.probes;
        connections = seen.connections;
        let (took, _) = once(&home, Sandbox::Off);
        with_history.push(took);
        with_wall.push(once(&Home::new(), Sandbox::On).0);
    }
    let busy = Home::new();
    once(&busy, Sandbox::Off);
    let elsewhere = Home::new();
    elsewhere.take_sessions_of(&busy, OTHERS);
    let among_others = (0..RUNS)
        .map(|_| once(&elsewhere, Sandbox::Off).0)
        .collect();
    let table = Table::new("process start to first request", Unit::Ms);
    table.row("a first session", whole, Some(30.0));
    table.row("a second session of the project", with_history, Some(30.0));
    table.row(
        &format!("{OTHERS} sessions of another project"),
        among_others,
        Some(30.0),
    );
    table.row("a first session, with the sandbox", with_wall, None);
    let mut bare = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        std::process::Command::new(env!("CARGO_BIN_EXE_loop"))
            .arg("--version")
            .stdout(std::process::Stdio::null())
            .status()
            .expect("the program starts");
        bare.push(ms(began.elapsed()));
    }
    table.row("loop --version, start to exit", bare, None);
    report(&probes, connections);
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_loop")).map_or(0, |file| file.len());
    let table = Table::new("binary", Unit::Mb);
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    table.row("loop", vec![size as f64 / 1e6], Some(15.0));
}

fn once(home: &Home, sandbox: Sandbox) -> (f64, support::server::Seen) {
    let server = Server::start(1, |_, bytes| replies::simple(bytes));
    let mut command = home.command(&server.url, &session(sandbox));
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    assert!(server.wait(&mut child), "the program ended before it asked");
    child.kill().expect("a child");
    child.wait().expect("a child");
    let seen = server.seen();
    (ms(seen.chats[0].received.duration_since(began)), seen)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn report(probes: &[String], connections: usize) {
    println!(
        "probes before it: {} ({}); connections: {connections}",
        probes.len(),
        probes.join(" ")
    );
}

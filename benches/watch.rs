//! The live screen: how long a journal of 100,000 events takes to be seen, and what a screen costs
//! while nothing happens, and a run that waits for an answer.
//!
//! Run it with `cargo bench --bench watch`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use loop_orchestration::engine::call::CallId;
use loop_orchestration::engine::event::{Event, Record};
use loop_orchestration::run::watch::open;
use loop_orchestration::store::{
    Durability, Entry, OpenSession, Redactor, SessionFolder, SessionLock, Sessions, read,
};
use loop_orchestration::ui::watch::Watched;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use support::home::{FILES, Home, Sandbox, source};
use support::replies::{self, Chat};
use support::server::Server;
use support::table::{Table, Unit, ms};

const EVENTS: usize = 100_000;
/// Turns of the session that is repeated until there are so many events.
const TURNS: usize = 60;
const RUNS: usize = 9;
/// How long a process that does nothing is looked at.
const IDLE: Duration = Duration::from_secs(5);

fn main() {
    let home = Home::new();
    let folder = long_session(&home);
    let kilobytes = std::fs::metadata(folder.journal()).map_or(0, |file| file.len()) / 1024;

    let mut reading = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        let first_line = |first| Watched::begin(first).map_err(|error| error.to_string());
        let (watched, _) = open(&folder, first_line, Watched::apply).expect("a session");
        reading.push(ms(began.elapsed()));
        assert_eq!(watched.last_seq(), EVENTS as u64);
    }
    let mut frame = Vec::new();
    let mut seen = Vec::new();
    for _ in 0..RUNS {
        let mut command = home.command("127.0.0.1:1", &["watch", &folder.id, "--once"]);
        let began = Instant::now();
        let output = command.output().expect("the program");
        frame.push(ms(began.elapsed()));
        assert!(output.status.success(), "{output:?}");

        let began = Instant::now();
        let mut screen = Screen::start(&home, &folder.id);
        screen.wait_for(LAST);
        seen.push(ms(began.elapsed()));
    }
    let table = Table::new(
        &format!("watching {EVENTS} events, {kilobytes} KB"),
        Unit::Ms,
    );
    table.row("reading, checking and folding the journal", reading, None);
    table.row(
        "process start to one frame as text, and its end",
        frame,
        Some(300.0),
    );
    table.row(
        "process start to the whole screen in a terminal",
        seen,
        Some(300.0),
    );

    let table = Table::new(&format!("processor time of {IDLE:?} of a screen"), Unit::Ms);
    let one_percent = ms(IDLE) / 100.0;
    let still = Screen::start(&home, &folder.id).idles();
    table.row("nothing runs", vec![still], Some(one_percent));
    let _lock = SessionLock::acquire(&folder.path, &folder.id).expect("free");
    let running = Screen::start(&home, &folder.id).idles();
    table.row(
        "a session runs and nothing happens",
        vec![running],
        Some(one_percent),
    );

    let table = Table::new(
        &format!("processor time of {IDLE:?} of a run that waits for an answer"),
        Unit::Ms,
    );
    let waiting = waiting_run();
    table.row("nobody answers", vec![waiting], Some(one_percent));
}

/// Milliseconds of processor time of a run without a terminal that has asked something. It sends no
/// request meanwhile.
fn waiting_run() -> f64 {
    const QUESTION: &str =
        r#"{"simple":false,"questions":[{"id":"why","text":"Why?","options":[],"why":"to know"}]}"#;
    let home = Home::new();
    let server = Server::start(2, |_, bytes| replies::text(QUESTION, bytes));
    let run = |arguments: &[&str]| {
        let output = home.command(&server.url, arguments).output();
        let output = output.expect("the program");
        assert!(output.status.success(), "{output:?}");
    };
    run(&[
        "start",
        "Ask me",
        "--model",
        support::home::MODEL,
        "--detach",
    ]);
    run(&["answer", "--wait"]);
    let folder = home.journal().with_file_name("lock");
    let pid = std::fs::read_to_string(folder).expect("a process");
    let pid = pid.trim().parse().expect("a number");
    std::thread::sleep(Duration::from_secs(2));
    let (before, _) = (processor(pid), server.seen());
    std::thread::sleep(IDLE);
    let used = processor(pid) - before;
    let seen = server.seen();
    assert!(seen.chats.is_empty() && seen.probes.is_empty());
    run(&["stop"]);
    used
}

/// What stands on the screen once the last event was read.
const LAST: &[u8] = b"context";

/// A session of so many events: the turns of a real one, again and again, as attempts at tickets
/// are.
fn long_session(home: &Home) -> SessionFolder {
    let server = Server::start(TURNS, script);
    let mut child = home.start(&server.url, Sandbox::Off);
    let reached = server.wait(&mut child);
    child.kill().expect("a child");
    child.wait().expect("a child");
    assert!(reached, "the program ended early");
    let short = home.journal();
    let records = read(&short).expect("a journal").records;
    let kept = short.parent().expect("its folder").to_owned();
    let sessions = Sessions::at(home.path().join("sessions"));
    let Event::SessionStarted(mut started) = records[0].event.clone() else {
        unreachable!("a journal begins with its session")
    };
    "20200101-000000-long".clone_into(&mut started.id);
    let (mut session, _) =
        OpenSession::create(&sessions, *started, Redactor::default()).expect("a session");
    let is_work = |record: &Record| matches!(&record.event, Event::ConversationStarted(opening) if !opening.tools.is_empty());
    let begin = records.iter().position(is_work).expect("work");
    let calls = records.iter().filter(|record| is_call(record)).count() as u64;
    let mut write = |record: &Record, round: u64| {
        let entry = Entry {
            phase: record.phase.clone(),
            ticket: record.ticket.clone(),
            event: later(record.event.clone(), round * calls),
        };
        let added = session.journal.append(entry, Durability::Buffered);
        added.expect("written").record.seq
    };
    for record in &records[1..begin] {
        write(record, 0);
    }
    'written: for round in 0.. {
        for record in &records[begin..] {
            if write(record, round) == EVENTS as u64 {
                break 'written;
            }
        }
    }
    std::fs::remove_dir_all(kept).expect("removed");
    session.folder.clone()
}

fn is_call(record: &Record) -> bool {
    matches!(record.event, Event::ToolStarted { .. })
}

/// The same event in a later round: its calls have later numbers.
fn later(mut event: Event, calls: u64) -> Event {
    let move_on = |id: &mut CallId| {
        let number: u64 = id.0.trim_start_matches('c').parse().expect("a number");
        *id = CallId(format!("c{}", number + calls));
    };
    match &mut event {
        Event::ToolStarted { call, .. } => move_on(&mut call.id),
        Event::ToolFinished { id, .. } => move_on(id),
        _ => {}
    }
    event
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
                1 + turn / FILES,
                8 + turn / FILES,
            ),
            bytes,
        ),
    }
}

/// `loop watch` in a terminal of 80 columns.
struct Screen {
    child: Child,
    terminal: std::fs::File,
}

impl Screen {
    fn start(home: &Home, id: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let near = std::fs::File::options()
            .read(true)
            .write(true)
            .open(name.to_str().expect("a path"))
            .expect("opened");
        let end = || Stdio::from(near.try_clone().expect("a copy"));
        let mut command: Command = home.command("127.0.0.1:1", &["watch", id]);
        command.stdin(end()).stdout(end()).stderr(Stdio::null());
        Self {
            child: command.spawn().expect("the program starts"),
            terminal: master.into(),
        }
    }

    fn wait_for(&mut self, text: &[u8]) {
        let mut all = Vec::new();
        let mut bytes = [0; 16_384];
        while !all.windows(text.len()).any(|window| window == text) {
            let count = self.terminal.read(&mut bytes).expect("a screen");
            assert!(count > 0, "the screen is gone");
            all.extend_from_slice(&bytes[..count]);
        }
    }

    /// Milliseconds of processor time while nothing happens.
    fn idles(&mut self) -> f64 {
        self.wait_for(LAST);
        // What is still being drawn is over by then.
        std::thread::sleep(Duration::from_secs(2));
        let before = processor(self.child.id());
        std::thread::sleep(IDLE);
        processor(self.child.id()) - before
    }
}

/// Processor time of a process so far in milliseconds, counted by the scheduler in nanoseconds, of
/// all its threads.
fn processor(process: u32) -> f64 {
    let tasks = format!("/proc/{process}/task");
    let times = std::fs::read_dir(Path::new(&tasks)).expect("a process");
    let of_task = |task: std::fs::DirEntry| {
        let said = std::fs::read_to_string(task.path().join("schedstat")).expect("a task");
        let nanoseconds: f64 = said
            .split_whitespace()
            .next()
            .and_then(|number| number.parse().ok())
            .expect("a number");
        nanoseconds / 1e6
    };
    times.flatten().map(of_task).sum()
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

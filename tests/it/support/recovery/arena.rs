//! One whole run inside this process: the real client, journal, tools and git, a stand-in for the
//! server and the shell, and nobody at the keyboard. And the comparison of what it came to with a
//! run in which nothing went wrong.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use loop_orchestration::engine::ask::Ask;
use loop_orchestration::engine::event::Outcome;
use loop_orchestration::engine::floor::Floor;
use loop_orchestration::engine::ports::{Operator, Response, Update};
use loop_orchestration::engine::settings::{Approval, Settings};
use loop_orchestration::ollama::{Backoff, Server, ServerSettings};
use loop_orchestration::run::begin::{NewSession, Setup, start};
use loop_orchestration::run::catalog::{Places, Trust, catalog};
use loop_orchestration::run::health::Check;
use loop_orchestration::run::{Answers, Attendance, Ending, Interrupt, Surroundings, Unattended};
use loop_orchestration::store::Cards;
use tempfile::TempDir;

use super::speaker::Speaker;
use super::stand_in::{Ledger, Plan, StandIn};
use crate::support::journal::Journal;
use crate::support::pretend::{Pretend, RUNS};
use crate::support::project::TASK;

/// How long a server that is gone is waited for: it is back after two looks of a hundredth of it.
const SERVER_WAIT: Duration = Duration::from_secs(4);

/// What a run came to.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    /// How it ended, in words; nothing if it was completed.
    pub(crate) unfinished: Option<String>,
    /// The project's files, the trace of commands apart.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// How often each call was carried out, those that only read apart.
    pub(crate) executed: BTreeMap<String, usize>,
    /// The trace that commands left, sorted.
    pub(crate) trace: Vec<String>,
    /// Each ticket with its outcome and proof.
    pub(crate) tickets: Vec<String>,
    /// Why attempts were given up.
    pub(crate) failed_attempts: Vec<String>,
    /// The server's side.
    pub(crate) ledger: Ledger,
    /// The session as it stands in its journal.
    pub(crate) journal: Journal,
}

/// A run against the plan, compared with one in which nothing went wrong.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// What is not as it should be; nothing if the run survived.
    pub(crate) problems: Vec<String>,
    /// Requests beyond those of the clean run.
    pub(crate) extra_requests: i64,
    /// Tokens beyond those of the clean run.
    pub(crate) extra_tokens: i64,
}

/// Compares a run with a clean one.
pub(crate) fn judge(clean: &Ran, ran: &Ran) -> Cell {
    let mut problems = Vec::new();
    problems.extend(ran.unfinished.clone());
    if ran.tickets != clean.tickets {
        problems.push(format!("the tickets ended so: {}", ran.tickets.join(", ")));
    }
    for path in clean.files.keys().chain(ran.files.keys()) {
        let note = format!("{path} is another file than without the fault");
        if clean.files.get(path) != ran.files.get(path) && !problems.contains(&note) {
            problems.push(note);
        }
    }
    problems.extend(ran.failed_attempts.iter().cloned());
    let repeats = ran
        .ledger
        .thrown
        .iter()
        .filter(|(_, f)| f.repeats())
        .count();
    for call in clean.executed.keys().chain(ran.executed.keys()) {
        let times = |of: &Ran| of.executed.get(call).copied().unwrap_or_default();
        let (should, did) = (times(clean), times(ran));
        let most = if should == 0 { 0 } else { should + repeats };
        let note = format!("ran {did} times instead of {should}: {call}");
        if !(should..=most).contains(&did) && !problems.contains(&note) {
            problems.push(note);
        }
    }
    if repeats == 0 && ran.trace != clean.trace {
        problems.push(format!("commands left another trace: {:?}", ran.trace));
    }
    problems.extend(ran.ledger.misshapen.iter().cloned());
    let more = |ran: u64, clean: u64| ran.cast_signed() - clean.cast_signed();
    Cell {
        problems,
        extra_requests: more(ran.ledger.requests, clean.ledger.requests),
        extra_tokens: more(ran.ledger.tokens, clean.ledger.tokens),
    }
}

/// Nobody is there; what is shown tells the server how much time has passed.
struct Nobody<'a>(&'a mut StandIn);

impl Operator for Nobody<'_> {
    async fn ask(&mut self, _: &Ask) -> Response {
        Response::Unavailable
    }

    fn show(&mut self, update: Update<'_>) {
        match update {
            Update::Waiting(_) => self.0.waited_for(),
            _ => self.0.look_whether_to_go(),
        }
    }
}

/// A whole run.
pub(crate) fn run(plan: Plan, speaker: Speaker) -> Ran {
    // Nothing here is about what a disk keeps, so none is waited for where there is memory.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() {
        TempDir::new_in(memory)
    } else {
        TempDir::new()
    };
    let place = place.unwrap();
    let (project, sessions) = (place.path().join("project"), place.path().join("sessions"));
    fs::create_dir(&project).unwrap();
    fs::create_dir(&sessions).unwrap();
    let mut stand_in = StandIn::start(plan, speaker);
    let (_stop, interrupt) = Interrupt::new();
    let setup = Setup {
        sessions: sessions.clone(),
        state: vec![sessions.clone()],
        project: project.clone(),
        floor: Floor::default(),
        secrets: Vec::new(),
        answers: Answers::new(vec![("storage".to_owned(), "A".to_owned())]),
        unattended: Unattended::LetTheModelDecide,
        attendance: Attendance::Person,
        server_wait: SERVER_WAIT,
        interrupt,
        surroundings: Surroundings {
            search_path: only_git(place.path()),
            home: None,
            cargo_home: None,
            fetched_crates: None,
        },
    };
    let server = Server::new(&ServerSettings::new(&stand_in.url())).unwrap();
    let server = server.with_backoff(Backoff {
        first: Duration::ZERO,
        longest: Duration::ZERO,
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ending = runtime.block_on(async {
        let nobody = Nobody(&mut stand_in);
        let wall = |_: &Path, _: &Path| Ok(Pretend);
        let cards = Cards::at(&place.path().join("models"));
        let new = new_session(&project, place.path());
        let mut run = start(setup, new, server, (Check::Look, &cards), nobody, wall)
            .await
            .unwrap();
        run.drive().await
    });
    let unfinished = match ending {
        Ok(Ending::Finished(Outcome::Completed, _)) => None,
        other => Some(format!("it ended so: {other:?}")),
    };
    let mut files = contents(&project, &project);
    let trace = files.remove(RUNS).unwrap_or_default();
    let mut trace: Vec<String> = String::from_utf8(trace)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    trace.sort();
    let journal = journal(&sessions);
    Ran {
        unfinished,
        files,
        executed: executed(&journal),
        trace,
        tickets: tickets(&journal),
        failed_attempts: failed_attempts(&journal),
        ledger: stand_in.ledger(),
        journal,
    }
}

/// A search path with git and nothing else: looking at what is installed takes longer than a run.
fn only_git(place: &Path) -> OsString {
    let folder = place.join("bin");
    fs::create_dir(&folder).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let git = std::env::split_paths(&path)
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file());
    symlink(git.unwrap(), folder.join("git")).unwrap();
    folder.into_os_string()
}

fn new_session(project: &Path, place: &Path) -> NewSession {
    let none = place.join("none");
    let places = Places {
        project,
        skills: &none,
        pipeline: None,
        agreements: none.clone(),
    };
    let mut settings = Settings::default();
    settings.model.name = Some("tiny".to_owned());
    settings.approvals.documents = Approval::Yes;
    settings.approvals.plan = Approval::Yes;
    NewSession {
        task: TASK.to_owned(),
        config: serde_json::to_value(&settings).unwrap(),
        settings,
        catalog: catalog(&places, Trust::LeaveOut).unwrap(),
        from: None,
        until: None,
    }
}

fn contents(root: &Path, folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(root, &path));
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

fn journal(sessions: &Path) -> Journal {
    let found = contents(sessions, sessions);
    let (path, _) = found
        .iter()
        .find(|(path, _)| path.ends_with("/journal.jsonl"))
        .unwrap();
    Journal::read(&sessions.join(path))
}

fn executed(journal: &Journal) -> BTreeMap<String, usize> {
    let mut executed = BTreeMap::new();
    for line in journal.of("tool_started") {
        let name = line["call"]["name"].as_str().unwrap_or_default();
        if !["read_file", "list_dir", "search_files"].contains(&name) {
            let call = format!("{name} {}", line["call"]["arguments"]);
            *executed.entry(call).or_default() += 1;
        }
    }
    executed
}

fn tickets(journal: &Journal) -> Vec<String> {
    let ended = journal.of("ticket_finished").into_iter();
    ended
        .map(|line| {
            let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", word("ticket"), word("outcome"), word("proof"))
        })
        .collect()
}

fn failed_attempts(journal: &Journal) -> Vec<String> {
    let failed = journal.of("attempt_failed").into_iter();
    failed
        .map(|line| format!("an attempt was given up: {}", line["reason"]))
        .collect()
}

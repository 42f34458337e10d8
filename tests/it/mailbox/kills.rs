//! The run, the one who answers and the one who waits for questions, killed again and again at
//! moments that a seed chooses: no question is lost, none answered twice, none asked twice.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use loop_orchestration::store::SessionLock;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{answers, detach};
use crate::support::project::Project;
use crate::support::todo::todo_server;

const KILLS: usize = 50;

/// Answers whatever is asked, as the script of the docs does.
const ANSWERER: &str = r#"
while ask=$("$0" answer --wait); do
    name=$(printf '%s' "$ask" | cut -f 2)
    case $name in
    approve-*) "$0" answer "$name" --approve ;;
    *) "$0" answer "$name" --option A ;;
    esac
done"#;

/// A row of numbers that is the same every time.
struct Row(u64);

impl Row {
    fn next(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % most
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Run,
    Answerer,
    Watcher,
}

/// The three processes around one session.
struct Scene {
    project: Project,
    answerer: Option<Child>,
    watcher: Option<Child>,
}

impl Scene {
    fn run_pid(&self) -> Option<Pid> {
        let session = self.project.session();
        if !SessionLock::is_held(&session) {
            return None;
        }
        let text = fs::read_to_string(session.join("lock")).ok()?;
        Pid::from_raw(text.trim().parse().ok()?)
    }

    fn is_over(&self) -> bool {
        let journal = fs::read_to_string(self.project.session().join("journal.jsonl")).unwrap();
        journal.contains("\"event\":\"session_finished\"")
    }

    fn journal_bytes(&self) -> u64 {
        let journal = self.project.session().join("journal.jsonl");
        fs::metadata(journal).unwrap().len()
    }

    /// Starts again whoever is gone.
    fn complete(&mut self) {
        if self.run_pid().is_none() && !self.is_over() {
            // The lock is free a moment after the process is gone.
            self.project.run(&["resume", "--detach"]).exits(0);
        }
        let gone = |child: &mut Option<Child>| {
            child
                .as_mut()
                .is_none_or(|child| child.try_wait().unwrap().is_some())
        };
        if gone(&mut self.answerer) {
            let own = self.project.command(&[]);
            let mut command = Command::new("sh");
            command.args(["-c", ANSWERER]).arg(own.get_program());
            command.env_clear().current_dir(self.project.root());
            for (name, value) in own.get_envs() {
                command.env(name, value.unwrap_or_default());
            }
            self.answerer = Some(quiet(&mut command));
        }
        if gone(&mut self.watcher) {
            let mut command = self.project.command(&["answer", "--wait", "--json"]);
            self.watcher = Some(quiet(&mut command));
        }
    }

    /// Kills when the journal has grown by so much; false if the session is over before.
    fn kill(&mut self, victim: Victim, growth: u64) -> bool {
        let before = self.journal_bytes();
        let began = Instant::now();
        while self.journal_bytes() <= before + growth {
            if self.is_over() {
                return false;
            }
            // Whoever ended by itself meanwhile is needed again.
            self.complete();
            assert!(began.elapsed() < Duration::from_secs(60), "nothing goes on");
            std::thread::park_timeout(Duration::from_micros(300));
        }
        match victim {
            Victim::Run => {
                let Some(pid) = self.run_pid() else {
                    return false;
                };
                let _ = kill_process(pid, Signal::KILL);
                while SessionLock::is_held(&self.project.session()) {
                    std::thread::park_timeout(Duration::from_micros(300));
                }
            }
            Victim::Answerer => end(&mut self.answerer),
            Victim::Watcher => end(&mut self.watcher),
        }
        true
    }
}

fn quiet(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command.spawn().unwrap()
}

/// The process with everything that it has started.
fn end(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        let group = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        let _ = kill_process_group(group, Signal::KILL);
        child.wait().unwrap();
    }
}

/// Everything was asked once, answered once, and came to the end it would have come to.
fn check(project: &Project) {
    let journal = project.journal();
    journal.assert_whole();
    assert_eq!(journal.outcome(), Some("completed"));
    let expected = ["storage", "surface", "approve-prd", "approve-plan"];
    let asked = journal.of("asked").into_iter();
    let asked: Vec<_> = asked.map(|line| line["ask"]["id"].clone()).collect();
    assert_eq!(asked, expected);
    let answered: Vec<String> = answers(&journal).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(answered, expected);
    let runs = fs::read_to_string(project.root().join("runs.log")).unwrap_or_default();
    for ticket in ["T1", "T2"] {
        assert!(runs.lines().filter(|line| *line == ticket).count() <= 1);
    }
}

#[test]
fn fifty_kills_lose_no_question_and_answer_none_twice() {
    let mut row = Row(1_970);
    let mut kills = 0;
    while kills < KILLS {
        let server = todo_server();
        let project = Project::with(&server);
        detach(&project, &[]);
        let mut scene = Scene {
            project,
            answerer: None,
            watcher: None,
        };
        loop {
            scene.complete();
            let victim = [Victim::Run, Victim::Answerer, Victim::Watcher]
                [usize::try_from(row.next(3)).unwrap()];
            let growth = row.next(4_000);
            if kills == KILLS || !scene.kill(victim, growth) {
                break;
            }
            kills += 1;
        }
        let began = Instant::now();
        while !scene.is_over() {
            scene.complete();
            assert!(began.elapsed() < Duration::from_secs(60), "nothing goes on");
            std::thread::park_timeout(Duration::from_millis(1));
        }
        end(&mut scene.answerer);
        end(&mut scene.watcher);
        check(&scene.project);
    }
}

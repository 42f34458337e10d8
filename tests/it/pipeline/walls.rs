//! Whole runs on machines that have less of a wall than this one: the real program, started where
//! namespaces are refused, as in a container, and where Landlock is refused as well.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use landlock::{
    AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
};
use loop_orchestration::sandbox::landlock_version;
use serde_json::{Value, json};

use crate::sandbox_ground::say;
use crate::support::fake_ollama::FakeOllama;
use crate::support::journal::Journal;
use crate::support::project::{Project, Ran, TASK};
use crate::support::todo::{self, Says, todo_server};

/// What is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Without {
    Namespaces,
    Landlock,
}

/// In a second process: the program and its arguments.
const PROGRAM: &str = "LOOP_TEST_PROGRAM";

/// Not a test of its own: becomes the program, under as many layers of Landlock as a process may
/// have, so that the kernel refuses one more. A layer that handles files takes mounts away too.
#[test]
fn under_all_layers() {
    let Ok(program) = std::env::var(PROGRAM) else {
        return;
    };
    let words: Vec<String> = serde_json::from_str(&program).unwrap();
    for _ in 0..16 {
        let layer = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::MakeBlock)
            .unwrap()
            .create()
            .unwrap();
        layer.no_new_privs(true).restrict_self().unwrap();
    }
    let error = Command::new(&words[0]).args(&words[1..]).exec();
    panic!("{error}");
}

fn words(command: &Command) -> Vec<String> {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_str().unwrap().to_owned())
        .collect()
}

/// The command as it runs on such a machine.
fn on(machine: Without, command: &Command) -> Command {
    let mut there = match machine {
        Without::Landlock => {
            let mut there = Command::new(std::env::current_exe().unwrap());
            let test = "pipeline::walls::under_all_layers";
            let words = json!(words(command)).to_string();
            there.args(["--exact", test, "--nocapture"]);
            there.env(PROGRAM, words);
            there
        }
        Without::Namespaces if offers_namespaces() => {
            let mut there = Command::new("unshare");
            let refuse = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
            there.args(["--user", "--map-root-user", "bash", "-c", refuse, "bash"]);
            there.args(words(command));
            there
        }
        // This machine is such a one.
        Without::Namespaces => {
            let mut there = Command::new(command.get_program());
            there.args(command.get_args());
            there
        }
    };
    there.current_dir(command.get_current_dir().unwrap());
    // Its own environment, and nothing of the tests'.
    for (name, _) in std::env::vars_os() {
        there.env_remove(name);
    }
    for (name, value) in command.get_envs() {
        there.env(name, value.unwrap());
    }
    there.stdin(std::process::Stdio::null());
    there
}

fn offers_namespaces() -> bool {
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "true"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

fn run(machine: Without, project: &Project, arguments: &[&str]) -> Ran {
    let output = on(machine, &project.command(arguments)).output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn start(machine: Without, project: &Project, more: &[&str]) -> Ran {
    let root = project.root().display().to_string();
    let answers = project.answers_file().display().to_string();
    let mut all = vec!["start", TASK, "-C", &root, "--answers", &answers];
    all.extend(["--yes", "--no-input"]);
    all.extend(more);
    run(machine, project, &all)
}

fn doctor(machine: Without, project: &Project) -> Value {
    let ran = run(machine, project, &["doctor", "--json"]).exits(0);
    // A second process of the tests says a line before it becomes the program.
    let (_, json) = ran.stdout.split_at(ran.stdout.find('{').unwrap());
    serde_json::from_str(json).unwrap()
}

/// In its first ticket, the model first runs a command that is asked about.
fn curious() -> FakeOllama {
    todo::server(|asked| {
        if asked.ticket() != Some("T1") {
            return None;
        }
        let is_reply = |message: &Value| message["role"] == "assistant";
        let Some(spoken) = asked.messages().iter().position(is_reply) else {
            let call = json!({"command": "printenv > seen && echo x > $TMPDIR/left"});
            return Some(Says::call("run_command", call));
        };
        let mut later = asked.clone();
        later.0["messages"].as_array_mut()?.remove(spoken);
        Some(todo::says(&later))
    })
}

fn wall(journal: &Journal) -> Value {
    let notes = journal.of("note").into_iter();
    let mut notes = notes.filter(|line| line["kind"] == "wall");
    notes.next().unwrap()["data"].clone()
}

/// Receipts of commands that were to run: the tier each names, and whether it ran.
fn receipts(journal: &Journal) -> Vec<(&str, bool)> {
    let checks = journal.of("checked").into_iter();
    checks
        .filter(|line| line["gate"] == "verify" || line["gate"] == "run")
        .map(|line| (line["sandbox"].as_str().unwrap(), line["exit"].is_number()))
        .collect()
}

#[test]
fn where_namespaces_are_refused_the_run_goes_on_and_says_so_everywhere() {
    if landlock_version() == 0 {
        say("left out: a run behind a partial wall: this kernel has no Landlock");
        return;
    }
    let server = curious();
    let project = Project::with(&server)
        .answers("storage: A\nsurface: B\nallow-printenv-shows-the-environment: yes\n");
    let ran = start(Without::Namespaces, &project, &[]).exits(0);
    // At the start.
    ran.says("The sandbox for commands is partial, not full (full: user namespaces are refused")
        .says("`loop doctor` says what holds and what does not");
    // In the journal, in the question, in results, in receipts.
    let journal = project.journal();
    assert_eq!(wall(&journal), "partial");
    let asked = journal.of("asked").into_iter();
    let questions = asked.filter(|line| line.to_string().contains("sandbox partial, network off"));
    assert_eq!(questions.count(), 1);
    let results = journal.of("tool_finished").into_iter();
    let told = results.filter(|line| {
        let text = line["result"]["text"].as_str().unwrap_or_default();
        text.starts_with("exit code 0 (sandbox: partial)")
    });
    assert_eq!(told.count(), 3, "{:?}", journal.of("tool_finished"));
    let receipts = receipts(&journal);
    assert!(receipts.len() >= 3, "{receipts:?}");
    assert!(receipts.iter().all(|receipt| *receipt == ("partial", true)));
    // The work was done, with the home of the session.
    assert_eq!(journal.outcome(), Some("completed"));
    assert!(project.read("seen").contains("TMPDIR="));
    // For whoever asks.
    let found = doctor(Without::Namespaces, &project);
    assert_eq!(found["sandbox"]["tier"], "partial");
    let why = found["sandbox"]["shortcomings"][0].as_str().unwrap();
    assert!(why.contains("user namespaces are refused"), "{why}");
    let attacks = found["sandbox"]["attacks"].as_array().unwrap();
    let through = attacks.iter().filter(|attack| attack["stopped"] == false);
    let through: Vec<&Value> = through.map(|attack| &attack["attack"]).collect();
    assert!(
        through.contains(&&json!("change the mode of a file outside")),
        "{through:?}"
    );
    assert!(through.len() == 1 || landlock_version() < 6, "{through:?}");
}

#[test]
fn where_landlock_is_refused_too_no_command_runs_that_nobody_watches() {
    let server = todo_server();
    let project = Project::with(&server);
    let ran = start(Without::Landlock, &project, &[]).exits(1);
    ran.says("This machine has no sandbox for commands (full: ")
        .says("partial: ")
        .says("nobody is there to watch: they are refused")
        .says("`--sandbox off` runs them all the same");
    let journal = project.journal();
    assert_eq!(wall(&journal), "none");
    assert!(!project.root().join("runs.log").exists());
    let receipts = receipts(&journal);
    assert!(!receipts.is_empty());
    assert!(receipts.iter().all(|receipt| *receipt == ("none", false)));
    let found = doctor(Without::Landlock, &project);
    assert_eq!(found["sandbox"]["tier"], "none");
    assert_eq!(
        found["sandbox"]["shortcomings"].as_array().unwrap().len(),
        2
    );
    assert_eq!(found["holds"], true);
    // Unless somebody says that this is wanted.
    let aloud = Project::with(&server);
    start(Without::Landlock, &aloud, &["--sandbox", "off"])
        .exits(0)
        .says("Commands run without a sandbox, as you said");
    assert_eq!(wall(&aloud.journal()), "none");
    assert!(aloud.root().join("runs.log").exists());
}

#[test]
fn what_commands_leave_in_tmp_is_gone_with_the_session_and_not_before() {
    let server = curious();
    let project = Project::with(&server)
        .answers("storage: A\nsurface: B\nallow-printenv-shows-the-environment: yes\n");
    project.start_unattended(&["--until", "implement"]).exits(0);
    let left = project.session().join("tmp").join("left");
    assert!(left.exists());
    project.resume_unattended(&[]).exits(0);
    assert_eq!(project.journal().outcome(), Some("completed"));
    assert!(!left.parent().unwrap().exists());
    // A phase that is done again has one of its own again.
    project.resume_unattended(&["--from", "implement"]).exits(0);
    assert!(!left.exists());
}

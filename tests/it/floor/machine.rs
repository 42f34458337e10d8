//! The program itself on a machine that has a policy: in a file system of its own, where `/etc` has
//! one file more. A machine without user namespaces leaves these out; `run` tests the same from
//! inside.

#![expect(clippy::print_stderr, reason = "says what it leaves out")]

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::fake_ollama::{FakeModel, FakeOllama};
use crate::support::project::{Project, Ran, TASK};
use crate::support::todo::{self, Asked, Form, Says, todo_server};

/// A machine with a policy.
struct Machine {
    etc: TempDir,
    before: &'static str,
}

impl Machine {
    /// None if this machine cannot make one.
    fn with(policy: &str) -> Option<Self> {
        let etc = TempDir::new().unwrap();
        let folder = etc.path().join("loop-orchestration");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("policy.yaml"), policy).unwrap();
        let machine = Self { etc, before: ":" };
        let mut look = machine.wrap(&Command::new("true"));
        let made = look.stderr(Stdio::null()).status();
        if made.is_ok_and(|status| status.success()) {
            return Some(machine);
        }
        eprintln!("left out: this machine has no user namespaces with an /etc of their own");
        None
    }

    /// The same, but commands cannot have namespaces: the full wall is not to be had.
    fn without_namespaces(self) -> Self {
        Self {
            before: "echo 0 > /proc/sys/user/max_user_namespaces",
            ..self
        }
    }

    fn wrap(&self, inner: &Command) -> Command {
        let mut command = Command::new("unshare");
        let script = format!(
            "mount -t overlay overlay -o lowerdir=\"$1\":/etc /etc && shift && {} && exec \"$@\"",
            self.before
        );
        command
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                &script,
                "sh",
            ])
            .arg(self.etc.path())
            .arg(inner.get_program())
            .args(inner.get_args())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program there.
    fn run(&self, project: &Project, arguments: &[&str]) -> Ran {
        let inner = project.command(arguments);
        let mut command = self.wrap(&inner);
        command
            .env_clear()
            .current_dir(inner.get_current_dir().unwrap());
        let variables = inner.get_envs();
        command.envs(variables.filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `start` with everything approved and nobody there.
    fn start(&self, project: &Project, more: &[&str]) -> Ran {
        let answers = project.answers_file().display().to_string();
        let mut all = vec!["start", TASK, "--answers", &answers, "--yes", "--no-input"];
        all.extend(more);
        self.run(project, &all)
    }
}

#[test]
fn what_asks_for_less_exits_2_before_anything_happens() {
    let Some(machine) = Machine::with("sandbox: full\nnetwork: off\n") else {
        return;
    };
    let server = todo_server();
    let check = |project: &Project, more: &[&str], says: &str| {
        machine
            .start(project, more)
            .exits(2)
            .says(says)
            .says("/etc/loop-orchestration/policy.yaml demands `");
        assert!(project.sessions().is_empty());
    };
    let project = Project::with(&server);
    check(&project, &["--sandbox", "off"], "--sandbox: ");
    check(&project, &["--allow-network"], "--allow-network: ");
    let project = project.config("commands:\n  sandbox: off\n");
    check(&project, &[], "config.yaml:2: commands.sandbox");
    let project = project.config("commands:\n  network: on\n");
    check(&project, &[], "config.yaml:2: commands.network");
    assert!(server.chats().is_empty());
}

#[test]
fn a_policy_that_cannot_be_used_stops_every_command_that_could_do_anything() {
    let Some(machine) = Machine::with("netwrok: off\n") else {
        return;
    };
    let project = Project::without_server();
    for arguments in [
        &["start", TASK, "--no-input"][..],
        &["resume"],
        &["doctor"],
        &["demo"],
        &["config", "show"],
        &["debug", "screen"],
    ] {
        machine
            .run(&project, arguments)
            .exits(2)
            .says("/etc/loop-orchestration/policy.yaml:1: unknown key 'netwrok'")
            .says("did you mean network?");
    }
}

#[test]
fn a_server_that_is_not_allowed_is_never_asked() {
    let Some(machine) = Machine::with("hosts: [gpu.example]\n") else {
        return;
    };
    let server = todo_server();
    let project = Project::with(&server);
    let says = "/etc/loop-orchestration/policy.yaml allows gpu.example only";
    let refused = |arguments: &[&str]| {
        machine.run(&project, arguments).exits(2).says(says);
    };
    refused(&["start", TASK, "--no-input", "--host", "far.example"]);
    refused(&["doctor", "--host", "https://far.example"]);
    // What the client takes for the name stands before the backslash.
    refused(&["doctor", "--host", "far.example\\x.localhost"]);
    refused(&["doctor", "--host", "me:secret@far.example"]);
    assert!(project.sessions().is_empty());
    // This machine needs no entry.
    machine.start(&project, &["--until", "prd"]).exits(0);
    refused(&["resume", "--no-input", "--host", "far.example"]);
    let error = machine.run(&project, &["doctor", "--host", "me:secret@far.example"]);
    assert!(!error.stderr.contains("secret"), "{}", error.stderr);
}

#[test]
fn this_machine_can_be_ruled_out() {
    let Some(machine) = Machine::with("loopback: off\n") else {
        return;
    };
    let server = todo_server();
    let project = Project::with(&server);
    machine.start(&project, &[]).exits(2).says("loopback: off");
    assert!(server.chats().is_empty());
}

#[test]
fn a_session_that_began_without_it_is_held_to_it_when_it_goes_on() {
    let Some(machine) = Machine::with("network: off\n") else {
        return;
    };
    let server = todo_server();
    let project = Project::with(&server);
    let until = ["--until", "prd", "--allow-network"];
    project.start_unattended(&until).exits(0);
    let answers = project.answers_file().display().to_string();
    let resume = ["resume", "--answers", &answers, "--yes", "--no-input"];
    machine
        .run(&project, &resume)
        .exits(0)
        .says("It is off from here on");
    let journal = project.journal();
    let resumed = &journal.of("resumed")[0]["settings"]["commands"];
    assert_eq!(resumed["network"], "off");
    assert_eq!(resumed["sandbox"], "on");

    let project = Project::with(&server);
    let until = ["--until", "prd", "--sandbox", "off"];
    project.start_unattended(&until).exits(0);
    machine
        .run(&project, &["resume", "--no-input"])
        .exits(2)
        .says("the sandbox cannot be off")
        .says("--sandbox on");
    assert!(project.journal().of("resumed").is_empty());
    let resume = [&resume[..], &["--sandbox", "on"]].concat();
    machine.run(&project, &resume).exits(0);
}

#[test]
fn a_machine_whose_wall_is_less_starts_nothing() {
    let Some(machine) = Machine::with("sandbox: full\n") else {
        return;
    };
    let machine = machine.without_namespaces();
    let server = todo_server();
    let project = Project::with(&server);
    let says = "/etc/loop-orchestration/policy.yaml demands `sandbox: full`";
    machine.start(&project, &[]).exits(2).says(says);
    assert!(project.sessions().is_empty());
    machine.run(&project, &["demo"]).exits(2).says(says);
    let found = machine.run(&project, &["doctor", "--json"]).exits(1);
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found["holds"], false);
    let unmet = found["policy"]["floor"]["unmet"].as_str().unwrap();
    assert!(unmet.ends_with(says), "{unmet}");
    let told = machine.run(&project, &["doctor"]).exits(1).stdout;
    assert!(told.contains("NOT MET, commands do not run"), "{told}");
    project.start_unattended(&["--until", "prd"]).exits(0);
    machine
        .run(&project, &["resume", "--no-input"])
        .exits(2)
        .says(says);
    assert!(project.journal().of("resumed").is_empty());
}

#[test]
fn doctor_tells_what_is_demanded_and_that_it_is_met() {
    let policy = "hosts: []\nnetwork: off\ncommands:\n  git push: people do that\n";
    let Some(machine) = Machine::with(policy) else {
        return;
    };
    let server = FakeOllama::new().model(FakeModel::new("tiny"));
    let project = Project::with(&server);
    let found = machine.run(&project, &["doctor", "--json"]).exits(0);
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    let demands = json!({
        "file": "/etc/loop-orchestration/policy.yaml",
        "hosts": [],
        "loopback": "on",
        "sandbox": "none",
        "network": "off",
        "commands": [{"command": "git push", "why": "people do that"}],
    });
    let floor = json!({"demands": demands, "unmet": null});
    assert_eq!(found["policy"]["floor"], floor);
    assert_eq!(found["holds"], true);
    let told = machine.run(&project, &["doctor"]).exits(0).stdout;
    for text in [
        "floor     /etc/loop-orchestration/policy.yaml: met",
        "model served by this machine only",
        "sandbox at least partial",
        "network off for every command",
        "not run: git push (people do that)",
        "network   off for every command",
    ] {
        assert!(told.contains(text), "{text} is not in {told}");
    }
}

#[test]
fn commands_and_fetching_are_refused_whatever_is_answered_and_the_model_is_told_why() {
    let policy = "network: off\ncommands:\n  touch: files are written\n";
    let Some(machine) = Machine::with(policy) else {
        return;
    };
    let server = todo::server(|asked: &Asked| {
        if asked.form() == Some(Form::Plan) && !asked.last().contains("cannot be fetched") {
            let mut plan = todo::document(Form::Plan);
            plan["packages"] = json!(["pip:no-such-package-on-any-machine"]);
            return Some(Says::json(&plan));
        }
        if asked.ticket() != Some("T1") {
            return None;
        }
        let spoken = asked.messages().iter();
        let Some(spoken) = spoken.clone().position(|it| it["role"] == "assistant") else {
            let commands = ["cd . && touch ran", "git push"];
            let calls = commands.map(|line| ("run_command", json!({"command": line})));
            return Some(Says::Calls(calls.into()));
        };
        let mut later = asked.clone();
        later.0["messages"].as_array_mut()?.remove(spoken);
        Some(todo::says(&later))
    });
    // The person's own check, and answers that say yes to everything.
    let answers =
        "storage: A\nsurface: B\nfetch-packages: yes\nallow-git-reaches-other-machines: yes\n";
    let project = Project::with(&server)
        .answers(answers)
        .config("commands:\n  verify: ['touch checked && python3 -m unittest']\n");
    machine.start(&project, &[]).exits(1);
    let journal = project.journal();
    journal.assert_whole();
    let finished = journal.of("tool_finished").into_iter();
    let denied: Vec<&str> = finished
        .filter(|line| line["result"]["status"] == "denied")
        .filter_map(|line| line["result"]["text"].as_str())
        .collect();
    assert_eq!(
        denied[..2],
        [
            "This command was refused: it runs `touch`, which the administrator of this machine does not allow: files are written. Nobody here can allow it. Reach the goal in another way.",
            "This command was refused: it reaches other machines, and the administrator of this machine keeps the network off (/etc/loop-orchestration/policy.yaml). Nobody here can allow it. Use what is installed.",
        ]
    );
    let asked: Vec<&Value> = journal
        .of("asked")
        .into_iter()
        .map(|it| &it["ask"]["id"])
        .collect();
    assert!(!asked.contains(&&json!("allow-git-reaches-other-machines")));
    let answered = journal.of("answered").into_iter();
    let fetching: Vec<&Value> = answered.filter(|it| it["id"] == "fetch-packages").collect();
    let why = fetching[0]["answer"]["verdict"]["why"].as_str().unwrap();
    assert!(
        why.contains("the administrator of this machine keeps the network off"),
        "{why}"
    );
    let checks = journal.of("checked").into_iter();
    let refused = checks.filter(|it| it.to_string().contains("runs `touch`"));
    assert!(refused.count() > 0);
    for file in ["ran", "checked"] {
        assert!(!project.root().join(file).exists(), "{file}");
    }
}

#[test]
fn a_policy_can_be_tried_on_commands() {
    let Some(machine) = Machine::with("commands:\n  git push: people do that\n") else {
        return;
    };
    let project = Project::without_server();
    let lines = project.root().join("lines");
    fs::write(&lines, "{\"cmd\": \"cd a && git -C b push\"}\n").unwrap();
    let script = format!("exec \"$0\" debug screen < {}", lines.display());
    let mut inner = Command::new("sh");
    inner.args(["-c", &script, env!("CARGO_BIN_EXE_loop")]);
    let output = machine.wrap(&inner).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["class"], "dangerous");
    let why =
        "runs `git push`, which the administrator of this machine does not allow: people do that";
    assert_eq!(said["why"], why);
}

#[test]
fn a_project_that_holds_the_policy_is_none() {
    let Some(machine) = Machine::with("network: off\n") else {
        return;
    };
    let project = Project::without_server();
    for folder in ["/etc", "/etc/loop-orchestration"] {
        machine
            .run(&project, &["start", TASK, "--no-input", "-C", folder])
            .exits(2)
            .says("is no project folder");
    }
}

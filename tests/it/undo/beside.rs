//! A person works beside the run: what appears while a command of the model's runs is the
//! command's only where something says so, and no attempt writes back what is older than what the
//! person wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::fake_ollama::FakeOllama;
use crate::support::project::Project;
use crate::support::todo::{self, Says};

fn git(project: &Project, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(project.root())
        .env("HOME", project.home())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A repository with one commit.
fn repository(server: &FakeOllama) -> Project {
    let project = Project::with(server)
        .file(".gitignore", "__pycache__/\n")
        .file("mine.txt", "mine\n");
    let ada = "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n";
    fs::write(project.home().join(".gitconfig"), ada).unwrap();
    git(&project, &["init", "-q"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "Mine"]);
    project
}

/// The model makes these calls in T1 after it has built it.
fn building_and(calls: Vec<(&'static str, serde_json::Value)>) -> FakeOllama {
    todo::server(move |asked| {
        let is_it = asked.ticket() == Some("T1") && asked.form().is_none();
        (is_it && asked.turn() == 1).then(|| Says::Calls(calls.clone()))
    })
}

fn run(command: &str) -> (&'static str, serde_json::Value) {
    ("run_command", json!({"command": command}))
}

#[test]
fn what_appears_while_a_command_runs_is_not_committed_and_not_taken_back_unasked() {
    // Nothing in these words names the files: just so they look when a person writes them.
    let command = "n=not; echo 'my notes' > ${n}es.txt; m=min; echo more >> ${m}e.txt; python3 -m unittest test_add";
    let server = building_and(vec![run(command)]);
    let project = repository(&server);
    let told = "Appeared or changed while a command ran for T1, and nothing shows that the command did it: mine.txt, notes.txt. It may be yours, so it is in no commit, and loop undo asks first";
    project.start_unattended(&["--commit"]).exits(0).says(told);
    assert!(
        project
            .artifact("summary.md")
            .contains("mine.txt, notes.txt")
    );
    let open = git(&project, &["status", "--porcelain"]);
    assert_eq!(open, " M mine.txt\n?? notes.txt\n");
    let files = git(
        &project,
        &["log", "--format=", "--name-only", "main", "--not", "HEAD~3"],
    );
    assert!(!files.contains(".txt"), "{files}");
    let diff = project.run(&["diff", "T1"]).exits(0).stdout;
    assert!(diff.contains("it changed while a command ran"), "{diff}");
    project
        .run(&["undo", "all"])
        .exits(1)
        .says("left alone: notes.txt (it changed while a command ran, which may not have done it)");
    assert_eq!(project.read("notes.txt"), "my notes\n");
    assert_eq!(project.read("mine.txt"), "mine\nmore\n");
    assert!(!project.root().join("todo.py").exists());
}

#[test]
fn what_a_program_of_the_ticket_makes_is_committed_and_taken_back() {
    let program = "import json, os\nos.makedirs('made', exist_ok=True)\nfor n in range(2):\n    json.dump(n, open(f'made/part{n}.json', 'w'))\nopen('table.csv', 'w').write('a,b')\nprint('wrote', 'seed' + '.bin')\nopen('seed' + '.bin', 'w').write('x')\n";
    let server = building_and(vec![
        todo::write("gen.py", program),
        run(
            "python3 gen.py && for i in 1 2; do echo $i > part$i.txt; done && python3 -m unittest test_add",
        ),
    ]);
    let project = repository(&server);
    project
        .start_unattended(&["--commit", "--until", "implement"])
        .exits(0);
    assert!(!project.journal().says("Appeared or changed"));
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    let made = [
        "made/part0.json",
        "made/part1.json",
        "part1.txt",
        "part2.txt",
        "seed.bin",
        "table.csv",
    ];
    let files = git(&project, &["ls-files"]);
    for file in made {
        assert!(files.contains(file), "{file}: {files}");
    }
    project.run(&["undo", "all"]).exits(0);
    for file in made {
        assert!(!project.root().join(file).exists(), "{file}");
    }
}

/// What the model does to `calc.py` in T1, of which no attempt ever passes; the hand moves before
/// each request: it is given the attempt and the turn.
fn never_built(
    calls: impl Fn(usize, usize) -> Option<Says> + Send + 'static,
    hand: impl Fn(&Path, usize, usize) + Send + 'static,
) -> Project {
    let place = Arc::new(Mutex::new(PathBuf::new()));
    let (root, mut attempt) = (place.clone(), 0);
    let server = todo::server(move |asked| {
        if asked.form().is_some() || asked.ticket() != Some("T1") {
            return None;
        }
        attempt += usize::from(asked.turn() == 0);
        hand(&root.lock().unwrap(), attempt, asked.turn());
        Some(calls(attempt, asked.turn()).unwrap_or_else(|| Says::text("I am done.")))
    });
    let project = Project::with(&server)
        .file("calc.py", "def add(a, b):\n    return a - b\n")
        .config("limits:\n  attempts: 3\n");
    *place.lock().unwrap() = project.root();
    project.start_unattended(&["--until", "implement"]).exits(1);
    assert_eq!(project.journal().tickets()[0], ("T1", "blocked"));
    project
}

fn edit(old: &str, new: &str) -> Says {
    Says::Calls(vec![
        ("read_file", json!({"path": "calc.py"})),
        (
            "edit_file",
            json!({"path": "calc.py", "old_text": old, "new_text": new}),
        ),
    ])
}

const MINE: &str = "# mine\ndef add(a, b):\n    return a - b\n";

#[test]
fn what_a_person_wrote_during_the_first_attempt_is_there_after_the_third() {
    let project = never_built(
        |attempt, turn| (turn == 0).then(|| edit("a - b", &format!("a + b + {attempt}"))),
        |root, attempt, turn| {
            if (attempt, turn) == (1, 1) {
                fs::write(root.join("calc.py"), MINE).unwrap();
            }
        },
    );
    assert!(
        project
            .journal()
            .says("calc.py stays as it is after a failed attempt at T1")
    );
    assert_eq!(project.read("calc.py"), MINE);
    project.run(&["undo", "all"]).exits(0);
    assert_eq!(project.read("calc.py"), MINE);
}

#[test]
fn a_file_that_a_person_wrote_between_two_edits_of_the_model_stays() {
    let project = never_built(
        |attempt, turn| match (attempt, turn) {
            (1, 0) => Some(edit("a - b", "b + a")),
            (1, 1) => Some(edit("b + a", "a + b")),
            _ => None,
        },
        |root, attempt, turn| {
            if (attempt, turn) == (1, 1) {
                let text = fs::read_to_string(root.join("calc.py")).unwrap();
                fs::write(root.join("calc.py"), format!("# mine\n{text}")).unwrap();
            }
        },
    );
    assert!(
        project
            .journal()
            .says("somebody else changed it while it was worked on")
    );
    assert!(project.read("calc.py").starts_with("# mine\n"));
    project.run(&["undo", "all"]).exits(0);
    assert!(project.read("calc.py").starts_with("# mine\n"));
}

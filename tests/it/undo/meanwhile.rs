//! What a failed attempt left is taken back, what a person did to its files meanwhile is not; and
//! to know the one from the other takes no process while the model works.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::project::Project;
use crate::support::todo::{self, Says};

/// A project that was built although the first attempt at T1 made these calls, one a turn, and
/// gave up. The hand moves before each request of that attempt but the first, and once more when
/// everything was called.
fn after_a_failed_attempt(
    calls: Vec<Says>,
    hand: impl Fn(&Path, usize) + Send + 'static,
) -> Project {
    let place = Arc::new(Mutex::new(PathBuf::new()));
    let (root, mut attempts) = (place.clone(), 0);
    let server = todo::server(move |asked| {
        if asked.ticket() != Some("T1") || asked.form().is_some() {
            return None;
        }
        attempts += usize::from(asked.turn() == 0);
        if attempts > 1 {
            return None;
        }
        hand(&root.lock().unwrap(), asked.turn());
        let call = calls.get(asked.turn()).cloned();
        Some(call.unwrap_or_else(|| Says::text("I am done.")))
    });
    let project = Project::with(&server)
        .file("README.md", "read me\n")
        .config("limits:\n  attempts: 2\n");
    *place.lock().unwrap() = project.root();
    let programs = with_counted_git(&project);
    let project = project.variable("PATH", &programs);
    project.start_unattended(&["--until", "implement"]).exits(0);
    project
}

/// A search path whose git writes a line into the home before it is the real one.
fn with_counted_git(project: &Project) -> String {
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path)
        .map(|folder| folder.join("git"))
        .find(|program| program.is_file())
        .unwrap();
    let folder = project.home().join("programs");
    fs::create_dir(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$*\" >> '{}'\nexec '{}' \"$@\"\n",
        log_of(&project.root()).display(),
        real.display()
    );
    fs::write(folder.join("git"), script).unwrap();
    fs::set_permissions(folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{path}", folder.display())
}

fn log_of(root: &Path) -> PathBuf {
    root.with_file_name("home").join("git.log")
}

fn write_wrong() -> Says {
    Says::Calls(vec![todo::write("wrong.py", "no\n")])
}

fn run(command: &str) -> Says {
    Says::call("run_command", json!({"command": command}))
}

const STAYS: &str =
    "wrong.py stays as it is after a failed attempt at T1: somebody else changed it";

#[test]
fn what_a_person_adds_to_a_file_of_the_attempt_stays() {
    let project = after_a_failed_attempt(vec![write_wrong()], |root, turn| {
        if turn == 1 {
            fs::write(root.join("wrong.py"), "no\n# mine\n").unwrap();
        }
    });
    assert_eq!(project.read("wrong.py"), "no\n# mine\n");
    assert!(project.journal().says(STAYS));
}

#[test]
fn a_file_of_the_attempt_that_a_person_made_a_program_stays() {
    let project = after_a_failed_attempt(vec![write_wrong()], |root, turn| {
        if turn == 1 {
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(root.join("wrong.py"), mode).unwrap();
        }
    });
    assert_eq!(project.read("wrong.py"), "no\n");
    assert!(project.journal().says(STAYS));
}

#[test]
fn a_file_of_the_attempt_that_a_person_put_a_link_in_place_of_stays() {
    let project = after_a_failed_attempt(vec![write_wrong()], |root, turn| {
        if turn == 1 {
            // The same content, by another way.
            fs::rename(root.join("wrong.py"), root.join("moved.py")).unwrap();
            std::os::unix::fs::symlink("moved.py", root.join("wrong.py")).unwrap();
        }
    });
    assert!(project.root().join("wrong.py").is_symlink());
    assert!(project.journal().says(STAYS));
}

#[test]
fn whatever_the_model_made_of_a_file_in_several_ways_is_taken_back() {
    let edit = json!({"path": "README.md", "old_text": "read", "new_text": "do not read"});
    let calls = vec![
        write_wrong(),
        run("chmod +x wrong.py; echo more >> README.md"),
        Says::call("edit_file", edit),
        run("rm wrong.py; mkdir wrong.py; echo no > wrong.py/inside.txt"),
    ];
    let project = after_a_failed_attempt(calls, |_, _| {});
    assert!(!project.root().join("wrong.py").exists());
    assert_eq!(project.read("README.md"), "read me\n");
    assert!(!project.journal().says("stays as it is"));
}

#[test]
fn files_that_no_command_named_are_told_and_can_be_had_again() {
    let command = "n=min; echo mine > ${n}e.txt; r=READ; echo mine >> ${r}ME.md";
    let project = after_a_failed_attempt(vec![run(command)], |_, _| {});
    assert!(!project.root().join("mine.txt").exists());
    assert_eq!(project.read("README.md"), "read me\n");
    assert!(project.journal().says(
        "were put back as they were: README.md, mine.txt (if that was you: loop undo --redo)"
    ));
    project.run(&["undo", "--redo"]).exits(0);
    assert_eq!(project.read("mine.txt"), "mine\n");
    assert_eq!(project.read("README.md"), "read me\nmine\n");
    // They are nobody's work now.
    project.run(&["undo", "all"]).exits(0);
    assert_eq!(project.read("mine.txt"), "mine\n");
}

#[test]
fn no_turn_that_writes_one_file_or_changes_nothing_starts_git() {
    let edit = json!({"path": "wrong.py", "old_text": "no", "new_text": "not so"});
    let read = json!({"path": "wrong.py"});
    let calls = vec![
        write_wrong(),
        Says::call("edit_file", edit),
        Says::call("read_file", read),
        run("true"),
    ];
    let turns = calls.len() + 1;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let counts = seen.clone();
    let project = after_a_failed_attempt(calls, move |root, _| {
        let log = fs::read_to_string(log_of(root)).unwrap();
        counts.lock().unwrap().push(log);
    });
    let seen = seen.lock().unwrap();
    // Each request finds what the first one found: the snapshot before the attempt.
    assert!(seen[0].contains("write-tree"), "{}", seen[0]);
    assert_eq!(seen[..turns], vec![seen[0].clone(); turns]);
    assert!(!project.root().join("wrong.py").exists());
    let journal = project.journal();
    let is_of_the_file = |line: &&serde_json::Value| line["changed"] == json!(["wrong.py"]);
    let finished = journal.of("tool_finished");
    let written: Vec<_> = finished.into_iter().filter(is_of_the_file).collect();
    assert_eq!(written.len(), 2);
    for line in written {
        assert_eq!((&line["mode"], line.get("tree")), (&json!("plain"), None));
    }
}

//! What stands before a run: the folder, the model, the project's own instructions; and deleting.

use std::fs;

use super::{ends, program, program_in, start};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::{Project, TASK};
use crate::support::todo::{self, todo_server};

#[test]
fn in_the_home_folder_a_new_folder_is_offered() {
    let server = todo_server();
    let project = Project::with(&server);
    let mut command = project.command(&[TASK]);
    command.current_dir(project.home());
    let mut program = program_in(&project, &command, (80, 24), &[]);
    program.console.wait_for("This is your home folder.");
    program.console.send("y\r");
    program.console.wait_for("Question 1 of 2");
    program.console.send("\x03");
    ends(&mut program, 130);
    assert!(project.home().join("todo-app-python").is_dir());
}

#[test]
fn a_folder_that_is_not_there_is_offered_to_be_made() {
    let server = todo_server();
    let project = Project::with(&server);
    let wanted = project.root().join("new/place");
    let arguments = [TASK, "-C", wanted.to_str().unwrap()];
    let mut refused = program(&project, &arguments);
    refused.console.wait_for("There is no folder");
    refused.console.send("n\r");
    refused.console.wait_for("name one with -C DIR");
    ends(&mut refused, 2);
    assert!(!wanted.exists());
    let mut agreed = program(&project, &arguments);
    agreed.console.wait_for("There is no folder");
    agreed.console.send("y\r");
    agreed.console.wait_for("Question 1 of 2");
    agreed.console.send("\x03");
    ends(&mut agreed, 130);
    assert!(wanted.is_dir());
}

#[test]
fn ctrl_c_at_such_an_offer_leaves() {
    let project = Project::without_server();
    let mut program = program(&project, &[TASK, "-C", "nowhere"]);
    program.console.wait_for("There is no folder");
    program.console.send("\x03");
    ends(&mut program, 130);
    assert!(project.sessions().is_empty());
}

#[test]
fn without_a_model_one_is_offered_and_fetched_with_progress() {
    let pull = Script::stream()
        .raw("{\"status\":\"pulling manifest\"}\n{\"status\":\"pulling a1\",\"digest\":\"sha256:a1\",\"total\":2000000,\"completed\":1000000}\n")
        .raw("{\"status\":\"success\"}\n");
    let server = FakeOllama::new()
        .pulling(pull)
        .deciding(|request| todo::says(&todo::Asked(request.json.clone())).script(request));
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("No usable model is installed.");
    program.console.send("n\r");
    program.console.wait_for("ollama pull ");
    ends(&mut program, 5);
    let asked = server.requests();
    assert!(asked.iter().all(|request| request.path != "/api/pull"));
}

#[test]
fn a_model_is_fetched_when_the_person_agrees() {
    // What was fetched is there afterwards, as with a real server.
    let server = FakeOllama::new()
        .deciding(|request| todo::says(&todo::Asked(request.json.clone())).script(request));
    let project = Project::with(&server);
    let mut program = start(&project);
    program.console.wait_for("No usable model is installed.");
    program.console.send("y\r");
    program.console.wait_for("Question 1 of 2");
    program.console.send("\x03");
    ends(&mut program, 130);
    let asked = server.requests();
    assert_eq!(
        asked
            .iter()
            .filter(|request| request.path == "/api/pull")
            .count(),
        1
    );
}

#[test]
fn a_projects_own_instructions_are_asked_about_once() {
    let server = todo_server();
    let project = Project::with(&server).file(
        ".loop/skills/researcher/SKILL.md",
        "---\nname: researcher\ndescription: Looks around.\nmetadata:\n  tools: list_dir\n---\nLook around quickly. End with [PHASE_COMPLETE].\n",
    );
    {
        let mut program = start(&project);
        program.console.wait_for("brings its own instructions");
        program.console.send("y\r");
        program.console.wait_for("Question 1 of 2");
        program.console.send("\x03");
        ends(&mut program, 130);
    }
    let mut program = start(&project);
    program.console.wait_for("Question 1 of 2");
    assert!(!program.console.screen.text().contains("brings its own"));
    program.console.send("\x03");
    ends(&mut program, 130);
}

#[test]
fn deleting_asks_first() {
    let server = FakeOllama::new().model(FakeModel::new("tiny"));
    let project = Project::with(&server);
    project.start(&["--no-input"]).exits(5);
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap().to_owned();
    let mut refused = program(&project, &["sessions", "delete", &id]);
    refused.console.wait_for("can then no longer be taken back");
    refused.console.send("n\r");
    refused.console.wait_for("nothing was deleted");
    ends(&mut refused, 1);
    let mut agreed = program(&project, &["sessions", "delete", &id]);
    agreed.console.wait_for("can then no longer be taken back");
    agreed.console.send("y\r");
    agreed.console.wait_for("deleted ");
    ends(&mut agreed, 0);
    let left: Vec<_> = fs::read_dir(project.loop_home().join("sessions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, [".projects"], "nothing but the locks of projects");
}

//! What a project brings along decides nothing until a person has agreed to it.

use crate::support::project::Project;
use crate::support::todo::{Asked, todo_server};

/// A skill of the project's, with this sentence in it.
fn skill(sentence: &str) -> String {
    format!("---\nname: ticket-writer\ndescription: Cuts work into tickets.\n---\n{sentence}\n")
}

const PIPELINE: &str = "version: 1
phases:
  - name: think
    steps:
      - kind: interview
        skill: prd-interviewer
        questions: 5
        rounds: 0
        inputs: [task]
      - kind: document
        skill: prd-interviewer
        artifact: prd
        approval: document
        inputs: [task, interview]
  - name: cut
    steps:
      - kind: document
        skill: ticket-writer
        artifact: tickets
        inputs: [task, prd]
";

#[test]
fn skills_of_a_project_count_only_once_they_are_trusted_and_until_they_change() {
    let server = todo_server();
    let project = Project::with(&server).file(
        ".loop/skills/ticket-writer/SKILL.md",
        &skill("Sing in every ticket."),
    );
    let sings = |text: &str| {
        server.chats().iter().any(|chat| {
            let asked = Asked(chat.json.clone());
            asked.messages()[0]["content"]
                .as_str()
                .unwrap()
                .contains(text)
        })
    };
    project
        .start_unattended(&["--until", "tickets"])
        .exits(0)
        .says("--trust-project");
    assert!(!sings("Sing in every ticket."));
    project
        .start_unattended(&["--until", "tickets", "--trust-project"])
        .exits(0);
    assert!(sings("Sing in every ticket."));
    // Agreed to once: not asked for again.
    let ran = project.start_unattended(&["--until", "tickets"]).exits(0);
    assert!(!ran.stderr.contains("--trust-project"), "{}", ran.stderr);
    let project = project.file(
        ".loop/skills/ticket-writer/SKILL.md",
        &skill("Dance in every ticket."),
    );
    project
        .start_unattended(&["--until", "tickets"])
        .exits(0)
        .says("--trust-project");
    assert!(!sings("Dance in every ticket."));
}

#[test]
fn a_pipeline_of_a_project_counts_only_once_it_is_trusted() {
    let server = todo_server();
    let project = Project::with(&server).file(".loop/pipeline.yaml", PIPELINE);
    project.start_unattended(&["--until", "prd"]).exits(0);
    project
        .start_unattended(&["--until", "think"])
        .exits(2)
        .says("there is no phase 'think'");
    let server = todo_server();
    let project = Project::with(&server).file(".loop/pipeline.yaml", PIPELINE);
    project.start_unattended(&["--trust-project"]).exits(0);
    assert_eq!(
        project.journal().phases(),
        [("think", "completed"), ("cut", "completed")]
    );
}

#[test]
fn a_pipeline_is_checked_whole_before_the_model_is_asked() {
    let server = todo_server();
    let broken = PIPELINE
        .replace("ticket-writer", "poet")
        .replace("[task, prd]", "[task, moon]");
    let project = Project::with(&server).file(".loop/pipeline.yaml", &broken);
    let ran = project.start_unattended(&["--trust-project"]).exits(2);
    assert!(ran.stderr.contains("pipeline"), "{}", ran.stderr);
    assert!(server.chats().is_empty());
    assert!(project.sessions().is_empty());
}

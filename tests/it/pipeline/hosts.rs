//! The server that a session was begun with is the one it goes on with.

use serde_json::Value;

use crate::support::project::Project;
use crate::support::todo::todo_server;

#[test]
fn a_resume_finds_the_host_of_the_start_unless_it_names_another() {
    let (first, second) = (todo_server(), todo_server());
    // What is configured is no server at all.
    let project = Project::without_server();
    project
        .start_unattended(&["--host", &first.url(), "--until", "prd"])
        .exits(0);
    let asked = first.chats().len();
    project.resume_unattended(&["--until", "tickets"]).exits(0);
    assert!(first.chats().len() > asked);
    let asked = first.chats().len();
    project
        .resume_unattended(&["--host", &second.url(), "--until", "research"])
        .exits(0);
    assert_eq!(first.chats().len(), asked);
    let (asked, of_the_first) = (second.chats().len(), first.chats().len());
    assert!(asked > 0);
    // The other one is remembered from then on.
    project.resume_unattended(&["--yes"]).exits(0);
    assert!(second.chats().len() > asked);
    assert_eq!(first.chats().len(), of_the_first);
    assert_eq!(project.journal().outcome(), Some("completed"));
    assert_eq!(
        project.journal().0[0]["config"]["host"],
        Value::from(first.url())
    );
}

#[test]
fn a_host_with_a_password_is_not_written_down() {
    let server = todo_server();
    let project = Project::without_server();
    let host = server.url().replace("http://", "http://ada:canary-4711@");
    project
        .start_unattended(&["--host", &host, "--until", "prd"])
        .exits(0);
    let journal = project.journal();
    assert_eq!(journal.0[0]["config"]["host"], Value::Null);
    assert!(!journal.says("canary-4711"));
    project.resume_unattended(&[]).exits(5);
}

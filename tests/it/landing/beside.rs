//! A worktree is a folder of its own: whatever works in the project, it may be worked in.

use loop_orchestration::run::store::Sessions;

use super::repository;
use crate::support::project::Project;
use crate::support::todo::todo_server;

#[test]
fn a_worktree_is_worked_in_beside_a_session_of_the_project() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    let sessions = Sessions::at(project.loop_home().join("sessions"));
    let root = project.root().canonicalize().unwrap();
    let _works_there = sessions.claim(&root, "another").unwrap();
    project
        .start_unattended(&["--until", "plan"])
        .exits(6)
        .says("another session works in");
    let worktree = ["--worktree", "--until", "plan"];
    project.start_unattended(&worktree).exits(0);
    project.resume_unattended(&["--yes"]).exits(0);
}

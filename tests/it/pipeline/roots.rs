//! Folders that hold more than a project are no project.

use crate::support::project::Project;
use crate::support::todo::todo_server;

#[test]
fn folders_that_hold_more_than_a_project_are_refused_before_the_model_is_asked() {
    let server = todo_server();
    let project = Project::with(&server);
    let start = |folder: &str| {
        let task = ["start", "Build a todo app", "-C", folder];
        project.run(&[&task[..], &["--yes", "--no-input"]].concat())
    };
    let above = project.root().parent().unwrap().display().to_string();
    let state = project.loop_home().display().to_string();
    for (folder, why) in [
        ("/", "is the whole machine"),
        (above.as_str(), "is the home folder or holds it"),
        (state.as_str(), "where sessions and settings are kept"),
    ] {
        start(folder).exits(2).says(why).says("hint: ");
    }
    let home = project.home().display().to_string();
    start(&home).exits(2).says("home folder");
    assert!(server.requests().is_empty());
    assert!(project.sessions().is_empty());
}

//! What a commit leaves out, and when none is made.

use std::fs;

use super::{git, repository};
use crate::support::project::Project;
use crate::support::todo::todo_server;

#[test]
fn nothing_that_the_person_ignores_is_committed_and_no_merge_is_gone_between() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    fs::write(project.root().join(".git/info/exclude"), "runs.log\n").unwrap();
    git(&project, &["checkout", "-q", "-b", "other"]);
    git(&project, &["commit", "-q", "--allow-empty", "-m", "Other"]);
    git(&project, &["checkout", "-q", "main"]);
    let merge = [
        "merge",
        "-q",
        "--no-commit",
        "--no-ff",
        "-s",
        "ours",
        "other",
    ];
    git(&project, &merge);
    project
        .start_unattended(&["--commit"])
        .exits(2)
        .says("--commit cannot go between: a merge is under way");
    git(&project, &["merge", "--abort"]);
    project
        .start_unattended(&["--commit", "--until", "implement"])
        .exits(0);
    assert_eq!(project.read("runs.log"), "T1\nT2\n");
    let files = git(&project, &["ls-files"]);
    assert!(
        files.contains("todo.py") && !files.contains("runs.log"),
        "{files}"
    );
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
}

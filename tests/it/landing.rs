//! Where the work lands: commits on the person's branch, and a worktree with a branch of its own,
//! with the real program and the real git.

#![expect(clippy::unwrap_used, reason = "tests")]

mod beside;
mod between;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::project::Project;
use crate::support::pty::Program;
use crate::support::todo::{self, Says, todo_server};

const ADA: &str =
    "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n";

/// The person's own git.
fn git_in(project: &Project, folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("HOME", project.home())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn git(project: &Project, arguments: &[&str]) -> String {
    git_in(project, &project.root(), arguments)
}

/// The project as a repository of Ada's with one commit.
fn repository(project: Project) -> Project {
    fs::write(project.home().join(".gitconfig"), ADA).unwrap();
    let project = project
        .file(".gitignore", "__pycache__/\n")
        .file("mine.txt", "mine\n");
    git(&project, &["init", "-q"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "Mine"]);
    project
}

fn id(project: &Project) -> String {
    let folder = project.session();
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn each_ticket_becomes_a_commit_with_its_receipt() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    for hook in [
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
        "post-index-change",
    ] {
        let path = project.root().join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let ran = project.home().join("hook-ran");
        fs::write(&path, format!("#!/bin/sh\ntouch {}\n", ran.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    project.start_unattended(&["--commit"]).exits(0);
    assert!(!project.home().join("hook-ran").exists());
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    let subjects = git(&project, &["log", "--format=%s by %an <%ae>"]);
    let by = "by Ada <ada@example.org>";
    assert_eq!(
        subjects,
        format!(
            "Repair what the review found: no docstring {by}\nMark todos done {by}\nAdd todos {by}\nMine {by}"
        )
    );
    let files = |commit: &str| git(&project, &["show", "--format=", "--name-only", commit]);
    assert_eq!(files("HEAD"), "todo.py");
    assert_eq!(files("HEAD~1"), "runs.log\ntest_done.py");
    assert_eq!(files("HEAD~2"), "runs.log\ntest_add.py\ntodo.py");
    let message = git(&project, &["show", "-s", "--format=%B", "HEAD~1"]);
    assert!(
        message.starts_with(
            "Mark todos done\n\n- its test passes\n\n`python3 -m unittest test_done` exit 0, 1 test"
        ),
        "{message}"
    );
    assert!(
        message.ends_with(&format!("Loop-Session: {} T2", id(&project))),
        "{message}"
    );
    let commits: Vec<String> = project
        .journal()
        .of("ticket_finished")
        .iter()
        .map(|line| line["commit"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(commits[1], git(&project, &["rev-parse", "HEAD~1"]));
    assert!(
        project
            .artifact("summary.md")
            .contains(&format!("commit: {}", commits[0]))
    );
    let shown = project.run(&["sessions", "show", "--json"]).exits(0).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["tickets"][0]["commit"], commits[0].as_str());
    assert!(git(&project, &["reflog"]).contains("commit: Add todos"));
    assert_eq!(git(&project, &["fsck", "--strict"]), "");
}

#[test]
fn only_a_tickets_own_files_are_committed() {
    let server = todo::server(|asked| {
        if asked.ticket() == Some("T2") && asked.turn() > 0 {
            return Some(Says::text("I cannot."));
        }
        None
    });
    let project = repository(Project::with(&server));
    project.start_unattended(&["--commit"]).exits(1);
    assert_eq!(
        git(&project, &["log", "--format=%s", "-2"]),
        "Repair what the review found: no docstring\nAdd todos"
    );
    // What the blocked ticket wrote was taken back, and is in no commit.
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    assert!(!project.root().join("test_done.py").exists());
}

#[test]
fn signing_and_filters_of_the_person_hold() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    let gpg = project.home().join("gpg");
    fs::write(&gpg, "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho '-----BEGIN PGP SIGNATURE-----'\necho 'of Ada'\necho '-----END PGP SIGNATURE-----'\n").unwrap();
    fs::set_permissions(&gpg, fs::Permissions::from_mode(0o755)).unwrap();
    let more = format!(
        "{ADA}[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = {}\n[filter \"quiet\"]\n\tclean = tr a-z A-Z\n",
        gpg.display()
    );
    fs::write(project.home().join(".gitconfig"), more).unwrap();
    let project = project.file(".gitattributes", "*.log filter=quiet\n*.py text eol=crlf\n");
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "Filtered"]);
    project
        .start_unattended(&["--commit", "--until", "implement"])
        .exits(0);
    let commit = git(&project, &["cat-file", "commit", "HEAD"]);
    assert!(
        commit.contains("gpgsig -----BEGIN PGP SIGNATURE-----\n of Ada"),
        "{commit}"
    );
    assert_eq!(git(&project, &["show", "HEAD:runs.log"]), "T1\nT2");
    assert!(!git(&project, &["show", "HEAD:todo.py"]).contains('\r'));
}

#[test]
fn what_cannot_be_committed_to_is_refused_before_anything_begins() {
    let server = todo_server();
    let refused = |project: &Project, flag: &str, why: &str| {
        project.start_unattended(&[flag]).exits(2).says(why);
        assert_eq!(project.sessions().len(), 0);
    };
    let project = Project::with(&server);
    refused(&project, "--commit", "--commit needs a git repository");
    refused(&project, "--worktree", "--worktree needs a git repository");
    let project = repository(project);
    fs::write(project.home().join(".gitconfig"), "").unwrap();
    refused(
        &project,
        "--commit",
        "git has no user.name and user.email here",
    );
    fs::write(project.home().join(".gitconfig"), ADA).unwrap();
    fs::write(project.root().join("mine.txt"), "changed\n").unwrap();
    fs::write(project.root().join("new.txt"), "new\n").unwrap();
    refused(
        &project,
        "--commit",
        "this is open: mine.txt, new.txt\nhint: commit or stash it first",
    );
    git(&project, &["add", "."]);
    git(&project, &["commit", "-q", "-m", "Two"]);
    git(&project, &["checkout", "-q", "--detach"]);
    refused(&project, "--commit", "--commit needs a branch");
    refused(&project, "--worktree", "--worktree needs a branch");
    project.start(&["--commit", "--worktree"]).exits(2);
    // Before the first commit there is a branch, but nothing for a worktree to begin at.
    let empty = Project::with(&server);
    fs::write(empty.home().join(".gitconfig"), ADA).unwrap();
    git(&empty, &["init", "-q"]);
    refused(&empty, "--worktree", "--worktree needs a first commit");
    empty
        .start_unattended(&["--commit", "--until", "implement"])
        .exits(0);
    let subjects = git(&empty, &["log", "--format=%s"]);
    assert_eq!(subjects, "Mark todos done\nAdd todos");
}

#[test]
fn a_resume_can_begin_to_commit_and_a_folder_in_a_repository_is_enough() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    let inner = project.root().join("inner");
    fs::create_dir(&inner).unwrap();
    let inner = inner.display().to_string();
    let answers = project.answers_file().display().to_string();
    let arguments = [
        "start",
        "Build a todo app",
        "-C",
        &inner,
        "--yes",
        "--no-input",
        "--until",
        "plan",
        "--answers",
        &answers,
    ];
    project.run(&arguments).exits(0);
    project
        .resume_unattended(&["-C", &inner, "--worktree"])
        .exits(2)
        .says("this is a folder in one");
    project
        .resume_unattended(&["-C", &inner, "--commit", "--until", "implement"])
        .exits(0);
    let files = git(&project, &["show", "--format=", "--name-only", "HEAD"]);
    assert_eq!(files, "inner/runs.log\ninner/test_done.py");
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
}

#[test]
fn a_worktree_leaves_the_persons_checkout_alone_and_can_be_merged() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    fs::write(project.root().join("mine.txt"), "open work\n").unwrap();
    project
        .start_unattended(&["--worktree", "--until", "plan"])
        .exits(0);
    let is_warned = project.journal().says("can make git run programs");
    assert!(!is_warned, "the worktree is the session's own");
    // A resume finds it again, even if somebody took it away.
    fs::remove_dir_all(project.session().join("worktree")).unwrap();
    let ran = project.resume_unattended(&["--yes"]).exits(0);
    let branch = format!("loop/{}", id(&project));
    assert_eq!(git(&project, &["status", "--porcelain"]), "M mine.txt");
    assert_eq!(git(&project, &["log", "--format=%s"]), "Mine");
    assert_eq!(
        git(&project, &["log", "--format=%s", &branch]),
        "Repair what the review found: no docstring\nMark todos done\nAdd todos\nMine"
    );
    let root = project.root().canonicalize().unwrap();
    let command = format!("git -C {} merge {branch}", root.display());
    let told = format!("the work is on the branch {branch} (3 commits); merge it with: {command}");
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    let worktree = project.session().join("worktree");
    assert_eq!(git_in(&project, &worktree, &["status", "--porcelain"]), "");
    let shown = project.run(&["diff", "T2"]).exits(0).stdout;
    assert!(shown.contains("b/test_done.py"), "{shown}");
    // What is not merged stays when the session goes.
    let question = project.run(&["sessions", "delete", &id(&project)]).exits(3);
    assert!(
        question
            .stderr
            .contains("has 3 commits that are not merged, and stays"),
        "{}",
        question.stderr
    );
    project
        .run(&["sessions", "delete", &id(&project), "--yes"])
        .exits(0);
    assert_eq!(git(&project, &["worktree", "list"]).lines().count(), 1);
    git(&project, &["merge", "-q", &branch]);
    assert!(project.root().join("test_done.py").exists());
    assert_eq!(project.read("mine.txt"), "open work\n");
}

/// The program in a terminal, up to the question whether to merge.
fn asked_to_merge(project: &Project, answer: &str) -> Program {
    let answers = project.answers_file().display().to_string();
    let command = project.command(&[
        "start",
        "Build a todo app",
        "--answers",
        &answers,
        "--yes",
        "--worktree",
        "--until",
        "refactor",
    ]);
    let mut program = Program::start(&command, 100, 24);
    program.console.wait_for("into main? [y/N]");
    program.console.send(answer);
    program
}

#[test]
fn in_a_terminal_the_merge_is_offered() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    let mut program = asked_to_merge(&project, "y\r");
    program.console.wait_for("is merged into main");
    assert_eq!(program.wait(), 0);
    assert!(project.root().join("todo.py").exists());
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    // Nothing is lost with the branch of a session that is deleted.
    project
        .run(&["sessions", "delete", &id(&project), "--yes"])
        .exits(0);
    assert_eq!(git(&project, &["branch", "--list"]), "* main");
    assert_eq!(git(&project, &["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_merge_that_conflicts_is_not_begun() {
    let root = std::sync::Arc::new(std::sync::Mutex::new(
        None::<(std::path::PathBuf, std::path::PathBuf)>,
    ));
    let place = root.clone();
    let server = todo::server(move |asked| {
        // The person commits a file of the same name meanwhile.
        if asked.ticket() == Some("T2") && asked.turn() == 0 {
            let (root, home) = place.lock().unwrap().clone().unwrap();
            fs::write(root.join("todo.py"), "mine\n").unwrap();
            for arguments in [&["add", "."][..], &["commit", "-q", "-m", "Also mine"]] {
                let status = Command::new("git")
                    .args(arguments)
                    .current_dir(&root)
                    .env("HOME", &home)
                    .status();
                assert!(status.unwrap().success());
            }
        }
        None
    });
    let project = repository(Project::with(&server));
    *root.lock().unwrap() = Some((project.root(), project.home()));
    let mut program = asked_to_merge(&project, "y\r");
    program
        .console
        .wait_for("nothing was merged, since these files conflict: todo.py");
    assert_eq!(program.wait(), 0);
    assert_eq!(project.read("todo.py"), "mine\n");
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    assert!(!project.root().join(".git/MERGE_HEAD").exists());
}

#[tokio::test]
async fn a_commit_that_was_made_before_a_kill_is_not_made_again() {
    use loop_orchestration::config::Environment;
    use loop_orchestration::git::{Git, Repository};

    let project = repository(Project::without_server());
    let search_path = Environment::of_process().search_path();
    let found = Git::find(&search_path, Some(project.home()), &project.root()).unwrap();
    let found = Repository::find(&found, &project.root()).await.unwrap();
    let found = found.unwrap();
    let own = project.home().join("commit.git");
    fs::write(project.root().join("new.txt"), "new\n").unwrap();
    let commit = async |mark: &str| {
        let message = format!("New\n\n{mark}\n");
        let files = ["new.txt".into()];
        found.commit(&own, &files, &message, mark).await.unwrap()
    };
    let made = commit("Loop-Session: a T1").await.unwrap();
    // The index was not yet told when the power went.
    git(&project, &["rm", "-q", "--cached", "new.txt"]);
    fs::write(own.join("index.lock"), "").unwrap();
    assert_eq!(commit("Loop-Session: a T1").await, Some(made.clone()));
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    // The same content for another ticket is no commit of that ticket.
    assert_eq!(commit("Loop-Session: a T2").await, None);
    assert_eq!(git(&project, &["rev-parse", "HEAD"]), made);
}

fn hook(project: &Project, name: &str, text: &str) {
    let path = project.root().join(".git/hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn hooks_run_only_if_the_person_says_so_and_see_what_is_committed() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    hook(
        &project,
        "pre-commit",
        "#!/bin/sh\ngit diff --cached --name-only --diff-filter=A\ntest -z \"$(git diff --cached --name-only -- mine.txt)\"\n",
    );
    hook(
        &project,
        "commit-msg",
        "#!/bin/sh\nsed -i '1s/^/PROJ-7 /' \"$1\"\n",
    );
    project
        .start_unattended(&["--commit", "--commit-hooks", "--until", "implement"])
        .exits(0);
    assert_eq!(
        git(&project, &["log", "--format=%s"]),
        "PROJ-7 Mark todos done\nPROJ-7 Add todos\nMine"
    );
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    let journal = project.journal();
    let hooks: Vec<(String, String)> = journal
        .of("checked")
        .into_iter()
        .filter(|line| line["gate"] == "hook")
        .map(|line| {
            let word = |key: &str| line[key].as_str().unwrap().trim().to_owned();
            (word("command"), word("output"))
        })
        .collect();
    assert_eq!(hooks.len(), 4);
    assert_eq!(
        hooks[0],
        (
            "pre-commit".to_owned(),
            "runs.log\ntest_add.py\ntodo.py".to_owned()
        )
    );
    assert_eq!(hooks[1].0, "commit-msg");
}

#[test]
fn a_hook_that_refuses_means_no_commit_and_is_told() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    hook(
        &project,
        "pre-commit",
        "#!/bin/sh\necho 'the linter is not happy'\nexit 3\n",
    );
    project
        .start_unattended(&["--commit", "--commit-hooks", "--until", "implement"])
        .exits(0)
        .says("T1 is done, but could not be committed: the hook pre-commit ended with exit code 3: the linter is not happy");
    assert_eq!(git(&project, &["log", "--format=%s"]), "Mine");
    assert_eq!(
        project.journal().tickets(),
        [("T1", "completed"), ("T2", "completed")]
    );
}

#[test]
fn what_a_hook_changes_is_committed_with_the_ticket_and_taken_back_with_it() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    hook(
        &project,
        "pre-commit",
        "#!/bin/sh\ngrep -q formatted todo.py || echo '# formatted' >> todo.py\n",
    );
    project
        .start_unattended(&["--commit", "--commit-hooks", "--until", "implement"])
        .exits(0)
        .says("A commit hook changed files after the checks had passed: todo.py");
    assert!(git(&project, &["show", "HEAD:todo.py"]).ends_with("# formatted"));
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    assert!(!project.journal().says("Changed by somebody else"));
    project.run(&["undo", "--yes"]).exits(0);
    assert!(!project.root().join("todo.py").exists());
}

#[test]
fn hooks_run_behind_the_wall_and_only_where_commits_are_made() {
    let server = todo_server();
    let project = repository(Project::with(&server));
    let outside = project.home().join("hook-ran");
    let text = format!(
        "#!/bin/sh\ntouch {} 2>/dev/null\nexit 0\n",
        outside.display()
    );
    hook(&project, "pre-commit", &text);
    project
        .start_unattended(&["--commit-hooks"])
        .exits(2)
        .says("hint: add --commit");
    project
        .start_unattended(&["--worktree", "--commit-hooks"])
        .exits(2)
        .says("--commit-hooks does not go with --worktree");
    project
        .start_unattended(&["--commit", "--commit-hooks", "--until", "implement"])
        .exits(0);
    assert!(!outside.exists(), "a hook left the project");
    assert_eq!(git(&project, &["log", "--format=%s"]).lines().count(), 3);
}

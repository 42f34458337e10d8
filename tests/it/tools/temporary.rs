//! `/tmp` in the file tools: the session's own folder, the one that commands see under that name.

use super::*;

/// A project whose session has a temporary folder.
fn project() -> (Project, PathBuf) {
    let mut project = Project::new(&[("a.txt", "project\n")]);
    let tmp = project.temporary.path().join("tmp");
    fs::create_dir(&tmp).unwrap();
    let workspace = Workspace::open(&project.path(""), &[]).unwrap();
    project.workspace = workspace.with_tmp(&tmp).unwrap();
    (project, tmp)
}

#[test]
fn every_file_tool_finds_what_a_command_left_there() {
    let (project, tmp) = project();
    fs::create_dir(tmp.join("made")).unwrap();
    fs::write(tmp.join("made/log.txt"), "one\nneedle\n").unwrap();
    let read = project.run("read_file", json!({"path": "/tmp/made/log.txt"}));
    assert_eq!(read.status, ToolStatus::Ok);
    assert!(
        read.text.starts_with("/tmp/made/log.txt, lines 1-2"),
        "{}",
        read.text
    );
    // As `mktemp` may say it, and by another name of the same folder.
    for path in [tmp.join("made/log.txt"), "/var/tmp/made/log.txt".into()] {
        let path = path.display().to_string();
        assert_eq!(
            project.run("read_file", json!({"path": path})).status,
            ToolStatus::Ok,
            "{path}"
        );
    }
    let list = project.run("list_dir", json!({"path": "/tmp"}));
    assert_eq!(list.text, "/tmp, 1 entry\nmade/");
    let found = project.run("search_files", json!({"pattern": "needle", "path": "/tmp"}));
    assert_eq!(found.text, "/tmp/made/log.txt:2: needle");
    let edited = project.run(
        "edit_file",
        json!({"path": "/tmp/made/log.txt", "old_text": "needle", "new_text": "pin"}),
    );
    assert_eq!(edited.text, "edited /tmp/made/log.txt: line 2 is new");
    let written = project.run(
        "write_file",
        json!({"path": "/tmp/new/x.sh", "content": "echo\n"}),
    );
    assert_eq!(written.text, "created /tmp/new/x.sh, 1 lines");
    assert_eq!(fs::read_to_string(tmp.join("new/x.sh")).unwrap(), "echo\n");
    assert_eq!(project.text("a.txt"), "project\n");
}

#[test]
fn nothing_leads_out_of_it_and_it_is_no_way_into_the_project() {
    let (project, tmp) = project();
    symlink(project.outside(), tmp.join("out")).unwrap();
    symlink(project.outside().join("secret.txt"), tmp.join("secret")).unwrap();
    symlink(project.path("a.txt"), tmp.join("a")).unwrap();
    for path in [
        "/tmp/out/secret.txt",
        "/tmp/secret",
        "/tmp/a",
        "/tmp/../etc/passwd",
        "/tmp/../tmp/../etc/passwd",
    ] {
        let read = project.run("read_file", json!({"path": path}));
        assert_eq!(read.status, ToolStatus::Denied, "{path}: {}", read.text);
        assert!(!read.text.contains("OUTSIDE") && !read.text.contains("root:"));
    }
    let write = project.run(
        "write_file",
        json!({"path": "/tmp/out/new", "content": "x"}),
    );
    assert_eq!(write.status, ToolStatus::Denied, "{}", write.text);
    assert!(!project.outside().join("new").exists());
    assert!(!Path::new("/tmp/out/new").exists());
    // The project is not below it, whatever the machine's own folders are called.
    let missing = project.run("read_file", json!({"path": "/tmp/project/a.txt"}));
    assert_eq!(missing.status, ToolStatus::Failed, "{}", missing.text);
}

#[test]
fn what_is_written_there_is_no_change_of_the_project() {
    let (project, _) = project();
    let planned = project
        .plan("write_file", json!({"path": "/tmp/x", "content": "x"}))
        .unwrap();
    assert!(!Workspace::is_in_project(&planned.path));
    assert_eq!(commit(&project.workspace, &planned).status, ToolStatus::Ok);
    assert!(
        current_hash(&project.workspace, "/tmp/x")
            .unwrap()
            .is_some()
    );
    assert!(!project.path("x").exists());
    let planned = project
        .plan("write_file", json!({"path": "x", "content": "x"}))
        .unwrap();
    assert!(Workspace::is_in_project(&planned.path));
}

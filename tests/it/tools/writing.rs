//! Writing and editing: what reaches the disk, what is kept, what is refused.

use super::*;

fn edit(path: &str, old_text: &str, new_text: &str) -> Value {
    json!({"path": path, "old_text": old_text, "new_text": new_text})
}

#[test]
fn a_new_file_gets_its_folders() {
    let project = Project::new(&[]);
    assert_eq!(
        project.run(
            "write_file",
            json!({"path": "src/deep/a.py", "content": "x = 1\ny = 2\n"})
        ),
        ok("created src/deep/a.py, 2 lines")
    );
    assert_eq!(project.text("src/deep/a.py"), "x = 1\ny = 2\n");
    assert_eq!(project.mode("src/deep/a.py") & 0o600, 0o600);
    assert_eq!(project.mode("src/deep/a.py") & 0o133, 0);
    // Nothing but the file is left behind.
    assert_eq!(fs::read_dir(project.path("src/deep")).unwrap().count(), 1);
}

#[test]
fn a_plan_has_no_effect() {
    let project = Project::new(&[("a.txt", "old\n")]);
    project
        .plan("write_file", json!({"path": "new/b.txt", "content": "x"}))
        .unwrap();
    let planned = project
        .plan("edit_file", edit("a.txt", "old", "new"))
        .unwrap();
    assert_eq!(
        (planned.before_text.as_deref(), planned.after_text.as_str()),
        (Some("old\n"), "new\n")
    );
    assert!(!project.path("new").exists());
    assert_eq!(project.text("a.txt"), "old\n");
}

#[test]
fn a_file_that_changed_between_plan_and_commit_is_left_alone() {
    let project = Project::new(&[("a.txt", "old\n")]);
    let planned = project
        .plan("edit_file", edit("a.txt", "old", "new"))
        .unwrap();
    fs::write(project.path("a.txt"), "theirs\n").unwrap();
    let expected = failed("a.txt was changed by something else just now; read it again");
    assert_eq!(commit(&project.workspace, &planned), expected);
    assert_eq!(project.text("a.txt"), "theirs\n");
    let created = project
        .plan("write_file", json!({"path": "b.txt", "content": "mine\n"}))
        .unwrap();
    fs::write(project.path("b.txt"), "theirs\n").unwrap();
    assert_eq!(
        commit(&project.workspace, &created).status,
        ToolStatus::Failed
    );
    assert_eq!(project.text("b.txt"), "theirs\n");
}

#[test]
fn an_existing_file_must_have_been_read_before_it_is_replaced() {
    let mut project = Project::new(&[("src/a.py", "one\n"), ("empty.py", "")]);
    let write = json!({"path": "src/a.py", "content": "two\n"});
    assert_eq!(
        project.run("write_file", write.clone()),
        failed(
            "src/a.py exists (4 bytes) and you have not read it. Change a passage of it with \
             edit_file, or read it with read_file before you replace it whole"
        )
    );
    assert_eq!(project.text("src/a.py"), "one\n");
    project.read.insert("./src/../src/a.py".to_owned());
    assert_eq!(
        project.run("write_file", write.clone()),
        ok("replaced src/a.py, 1 lines")
    );
    assert_eq!(project.text("src/a.py"), "two\n");
    assert_eq!(
        project.run("write_file", write),
        ok("src/a.py has exactly this content already; nothing was written")
    );
    // There is nothing to lose in an empty one.
    let empty = project.run("write_file", json!({"path": "empty.py", "content": "x\n"}));
    assert_eq!(empty.status, ToolStatus::Ok);
}

#[test]
fn mode_line_ends_mark_and_last_newline_are_kept() {
    let mut project = Project::new(&[
        ("run.sh", "#!/bin/sh\necho one\n"),
        ("dos.txt", "\u{feff}one\r\ntwo\r\nthree\r\n"),
        ("mixed.txt", "one\r\ntwo\nthree\r\n"),
        ("open.txt", "one\ntwo"),
    ]);
    fs::set_permissions(project.path("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let check = |name: &str, arguments: Value, path: &str, expected: &str| {
        let result = project.run(name, arguments);
        assert_eq!(result.status, ToolStatus::Ok, "{}", result.text);
        assert_eq!(project.text(path), expected);
    };
    check(
        "edit_file",
        edit("run.sh", "one", "two"),
        "run.sh",
        "#!/bin/sh\necho two\n",
    );
    assert_eq!(project.mode("run.sh"), 0o755);
    check(
        "edit_file",
        edit("dos.txt", "one\ntwo\n", "1\n2\n2b\n"),
        "dos.txt",
        "\u{feff}1\r\n2\r\n2b\r\nthree\r\n",
    );
    check(
        "edit_file",
        edit("mixed.txt", "two\nthree", "2\n3"),
        "mixed.txt",
        "one\r\n2\r\n3\r\n",
    );
    check(
        "edit_file",
        edit("open.txt", "two", "2"),
        "open.txt",
        "one\n2",
    );
    project.read.insert("dos.txt".to_owned());
    let result = project.run("write_file", json!({"path": "dos.txt", "content": "a\nb"}));
    assert_eq!(result.status, ToolStatus::Ok);
    assert_eq!(project.text("dos.txt"), "\u{feff}a\r\nb\r\n");
}

#[test]
fn edits_say_what_they_did() {
    let project = Project::new(&[("a.py", "def f():\n    return 1\n\ndef g():\n    return 2\n")]);
    let check = |old: &str, new: &str, expected: &str| {
        assert_eq!(
            project.run("edit_file", edit("a.py", old, new)),
            ok(expected)
        );
    };
    check("return 1", "return 3", "edited a.py: line 2 is new");
    check(
        "4: def g():\n5:     return 2",
        "4: def g():\n5:     x = 2\n6:     return x",
        "edited a.py: lines 4-6 are new (line numbers in old_text were left out)",
    );
    check(
        "x = 2\nreturn x",
        "return 4",
        "edited a.py: line 5 is new (old_text matched but for white space; the file's \
         indentation was kept)",
    );
    check(
        "\n\ndef g():\n    return 4",
        "",
        "edited a.py: removed a passage at line 2",
    );
    assert_eq!(project.text("a.py"), "def f():\n    return 3\n");
}

#[test]
fn an_edit_that_fits_nowhere_or_twice_changes_nothing() {
    let text = "def f(a):\n    return a\n\ndef g(a):\n    return a\n";
    let project = Project::new(&[("a.py", text)]);
    let check = |old: &str, new: &str, expected: &str| {
        assert_eq!(
            project.run("edit_file", edit("a.py", old, new)),
            failed(expected)
        );
    };
    check(
        "return a",
        "return b",
        "old_text stands 2 times in a.py (lines 2, 5); add lines around it until it is the only one",
    );
    check(
        "def g(b):\n    return b",
        "x",
        "old_text does not stand in a.py. The nearest text is, numbered:\n4: def g(a):\n5:     \
         return a\nCopy old_text from there, without the numbers.",
    );
    check(
        "qqqqqqqqqqqq",
        "def g(a):",
        "old_text does not stand in a.py; new_text does, at line 4: the edit may have been made \
         already; nothing in it is like it. Read the file again",
    );
    check(
        "",
        "x",
        "old_text is empty: copy the passage of a.py that is to be replaced",
    );
    check(
        "return a",
        "return a",
        "old_text and new_text are the same: nothing would change",
    );
    assert_eq!(
        project.run("edit_file", edit("b.py", "x", "y")),
        failed("b.py does not exist; did you mean a.py?\nwrite_file creates a file")
    );
    assert_eq!(project.text("a.py"), text);
}

#[test]
fn a_hard_link_is_broken_not_written_through() {
    let project = Project::new(&[]);
    fs::hard_link(
        project.outside().join("secret.txt"),
        project.path("link.txt"),
    )
    .unwrap();
    assert_eq!(
        project.run("edit_file", edit("link.txt", "OUTSIDE", "changed")),
        ok("edited link.txt: line 1 is new; other hard links to it keep the old text")
    );
    assert_eq!(project.text("link.txt"), "changed\n");
    let outside = fs::read_to_string(project.outside().join("secret.txt")).unwrap();
    assert_eq!(outside, "OUTSIDE\n");
}

#[test]
fn a_link_stays_a_link_and_its_target_is_written() {
    let project = Project::new(&[("real/a.txt", "old\n")]);
    symlink("real/a.txt", project.path("link")).unwrap();
    symlink("nowhere", project.path("dangling")).unwrap();
    let planned = project
        .plan("edit_file", edit("link", "old", "new"))
        .unwrap();
    assert_eq!(planned.path, "real/a.txt");
    assert_eq!(commit(&project.workspace, &planned).status, ToolStatus::Ok);
    assert_eq!(project.text("real/a.txt"), "new\n");
    assert!(
        fs::symlink_metadata(project.path("link"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(
        project.run("write_file", json!({"path": "dangling", "content": "x"})),
        failed("dangling is a symbolic link that leads nowhere")
    );
}

#[test]
fn what_can_not_be_written_is_refused_with_the_reason() {
    let mut project = Project::new(&[("locked.txt", "x\n"), ("file", "x\n"), ("folder/a", "x\n")]);
    fs::set_permissions(
        project.path("locked.txt"),
        fs::Permissions::from_mode(0o444),
    )
    .unwrap();
    project.read.insert("locked.txt".to_owned());
    let write = |path: &str| project.run("write_file", json!({"path": path, "content": "y\n"}));
    assert_eq!(
        write("locked.txt"),
        denied("locked.txt is marked read-only (mode 0444); leave it as it is")
    );
    assert_eq!(
        write("file/below.txt"),
        failed("a part of file/below.txt is a file, so nothing can stand below it")
    );
    assert_eq!(
        write("folder"),
        failed("folder is a folder: list_dir shows what is in it")
    );
    assert_eq!(
        write("new/"),
        failed("new/ names a folder; give the name of a file in it")
    );
    assert_eq!(write("../new.txt").status, ToolStatus::Denied);
    assert_eq!(write("/tmp/../new.txt").status, ToolStatus::Denied);
    assert_eq!(
        write("a\0b"),
        failed("the path holds a NUL character; no file can have that name")
    );
    assert_eq!(write(&"n".repeat(300)).status, ToolStatus::Failed);
}

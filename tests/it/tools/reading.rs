//! Reading, listing and searching.

use super::*;

/// Numbered lines: `{before}1`, `{before}2`, …
fn lines(before: &str, count: usize) -> String {
    let lines: Vec<String> = (1..=count).map(|n| format!("{before}{n}")).collect();
    lines.join("\n") + "\n"
}

#[test]
fn lines_come_numbered() {
    let project = Project::new(&[("src/a.py", "one\ntwo\nthree\n")]);
    assert_eq!(
        project.read_file("src/a.py"),
        ok("src/a.py, lines 1-3 of 3\n1: one\n2: two\n3: three")
    );
    assert_eq!(
        project.run(
            "read_file",
            json!({"path": "./src/../src/a.py", "start_line": 2, "end_line": 2})
        ),
        ok("src/a.py, lines 2-2 of 3\n2: two")
    );
    assert_eq!(
        project.run("read_file", json!({"path": "src/a.py", "start_line": 9})),
        failed("src/a.py has only 3 lines")
    );
    assert_eq!(
        project.run(
            "read_file",
            json!({"path": "src/a.py", "start_line": 3, "end_line": 1})
        ),
        failed("end_line 1 stands before start_line 3; give them in order")
    );
}

#[test]
fn a_long_file_says_how_to_go_on_and_going_on_shows_all_of_it() {
    let text = lines("text of line ", 500);
    let mut project = Project::new(&[("long.txt", &text)]);
    project.max_chars = 2_000;
    let mut seen = Vec::new();
    let mut start = 1;
    loop {
        let result = project.run(
            "read_file",
            json!({"path": "long.txt", "start_line": start}),
        );
        assert!(result.text.chars().count() <= 2_000);
        seen.extend(result.text.lines().filter_map(|line| {
            line.split_once(": text of line ")
                .map(|(_, n)| n.to_owned())
        }));
        match result.text.rsplit_once("go on with start_line ") {
            Some((_, next)) => start = next.trim_end_matches(']').parse().unwrap(),
            None => break,
        }
    }
    let expected: Vec<String> = (1..=500).map(|line| line.to_string()).collect();
    assert_eq!(seen, expected);
}

#[test]
fn odd_contents_are_told() {
    let project = Project::new(&[("empty.txt", ""), ("mark.txt", "\u{feff}a\r\nb\r\n")]);
    fs::write(project.path("image.png"), b"\x89PNG\0\0").unwrap();
    fs::write(project.path("latin.txt"), b"caf\xe9\n").unwrap();
    fs::write(project.path("line.txt"), "x".repeat(9_000)).unwrap();
    assert_eq!(
        project.read_file("empty.txt"),
        ok("empty.txt is empty (0 lines)")
    );
    assert_eq!(
        project.read_file("mark.txt"),
        ok("mark.txt, lines 1-2 of 2\n1: a\n2: b")
    );
    assert_eq!(
        project.read_file("image.png"),
        failed("image.png is a binary file (6 bytes); it can not be read or edited as text")
    );
    assert_eq!(
        project.read_file("latin.txt"),
        failed("latin.txt is not valid UTF-8 text (5 bytes); it can not be read or edited as text")
    );
    let line = project.read_file("line.txt").text;
    assert!(
        line.ends_with("x [cut: this line has 9000 characters]"),
        "{line}"
    );
}

#[test]
fn a_huge_file_is_read_in_part_only() {
    let project = Project::new(&[]);
    let text = lines("line ", 1_200_000);
    fs::write(project.path("huge.log"), text).unwrap();
    let whole = project.read_file("huge.log");
    assert_eq!(whole.status, ToolStatus::Failed);
    assert!(
        whole.text.contains("give start_line and end_line"),
        "{}",
        whole.text
    );
    let part = project.run(
        "read_file",
        json!({"path": "huge.log", "start_line": 1_100_000, "end_line": 1_100_001}),
    );
    assert!(
        part.text
            .ends_with("\n1100000: line 1100000\n1100001: line 1100001"),
        "{}",
        part.text
    );
    let beyond = project.run(
        "read_file",
        json!({"path": "huge.log", "start_line": 9_000_000}),
    );
    assert!(
        beyond.text.contains("hold 1200000 lines"),
        "{}",
        beyond.text
    );
    let edit = project.run(
        "edit_file",
        json!({"path": "huge.log", "old_text": "line 5\n", "new_text": "x"}),
    );
    assert!(
        edit.text.contains("are not read or changed as a whole"),
        "{}",
        edit.text
    );
}

#[test]
fn a_wrong_path_is_answered_with_the_nearest() {
    let project = Project::new(&[("src/todo.py", "x\n"), ("tests/test_todo.py", "x\n")]);
    let check = |path: &str, expected: ToolResult| {
        assert_eq!(project.read_file(path), expected, "{path}");
    };
    check(
        "todo.py",
        failed("todo.py does not exist; did you mean src/todo.py?"),
    );
    check(
        "src/tod.py",
        failed("src/tod.py does not exist; did you mean src/todo.py?"),
    );
    check(
        "zzz",
        failed("zzz does not exist; look at the list of files first"),
    );
    check(
        "/src/todo.py",
        denied("/src/todo.py leads out of the project; did you mean src/todo.py?"),
    );
    check(
        "/etc/passwd",
        denied("/etc/passwd leads out of the project; use a path relative to the project folder"),
    );
    check(
        "src",
        failed("src is a folder: list_dir shows what is in it"),
    );
    check(
        "src/todo.py/x",
        failed("a part of src/todo.py/x is a file, so nothing can stand below it"),
    );
    check(
        "../outside/secret.txt",
        denied(
            "../outside/secret.txt leads out of the project; use a path relative to the project folder",
        ),
    );
    check(
        " ",
        failed("the path is empty: name one relative to the project, such as src/main.py"),
    );
    let inside = project.path("src/todo.py");
    check(
        inside.to_str().unwrap(),
        ok("src/todo.py, lines 1-1 of 1\n1: x"),
    );
    assert_eq!(
        project.run("list_dir", json!({"path": "src/todo.py"})),
        failed("src/todo.py is a file, not a folder: use read_file")
    );
}

#[test]
fn git_and_state_are_out_of_reach_by_every_name() {
    let project = Project::new(&[
        (".git/config", "secret\n"),
        ("sub/.GIT/config", "secret\n"),
        ("state/journal.jsonl", "secret\n"),
        (".gitignore", "target\n"),
    ]);
    symlink(".git", project.path("alias")).unwrap();
    symlink("../state", project.path("sub/alias")).unwrap();
    symlink(project.path(".git/config"), project.path("absolute")).unwrap();
    for path in [
        ".git/config",
        "sub/../.git/config",
        "sub/.GIT/config",
        "alias/config",
        "absolute",
        "state/journal.jsonl",
        "STATE/journal.jsonl",
        "sub/alias/journal.jsonl",
    ] {
        let read = project.read_file(path);
        assert_eq!(read.status, ToolStatus::Denied, "{path}: {}", read.text);
        let write = project.run("write_file", json!({"path": path, "content": "x"}));
        assert_eq!(write.status, ToolStatus::Denied, "{path}: {}", write.text);
    }
    for path in [
        ".git/hooks/new",
        "alias/new",
        "new/.git/config",
        "state/new",
    ] {
        let write = project.run("write_file", json!({"path": path, "content": "x"}));
        assert_eq!(write.status, ToolStatus::Denied, "{path}: {}", write.text);
    }
    for path in ["alias", "state", "sub/alias"] {
        let list = project.run("list_dir", json!({ "path": path }));
        assert_eq!(list.status, ToolStatus::Denied, "{path}: {}", list.text);
        let search = project.run("search_files", json!({"path": path, "pattern": "secret"}));
        assert_eq!(search.status, ToolStatus::Denied, "{path}: {}", search.text);
    }
    assert!(
        !project
            .run("search_files", json!({"pattern": "secret"}))
            .text
            .contains(".git")
    );
    assert_eq!(project.read_file(".gitignore").status, ToolStatus::Ok);
}

#[test]
fn links_inside_are_followed_even_when_absolute() {
    let project = Project::new(&[("real/a.txt", "text\n")]);
    symlink(project.path("real"), project.path("absolute")).unwrap();
    symlink("real/a.txt", project.path("relative")).unwrap();
    let expected = ok("real/a.txt, lines 1-1 of 1\n1: text");
    assert_eq!(project.read_file("absolute/a.txt"), expected);
    assert_eq!(project.read_file("relative"), expected);
}

#[test]
fn what_is_no_plain_file_does_not_hang() {
    let project = Project::new(&[("a.txt", "x\n")]);
    fifo(&project.path("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(project.path("socket")).unwrap();
    symlink("/dev/zero", project.path("device")).unwrap();
    let text = |path: &str| project.read_file(path);
    assert_eq!(
        text("pipe"),
        denied("pipe is a pipe, a socket or a device, not a plain file")
    );
    assert_eq!(
        text("socket"),
        denied("socket is a pipe, a socket or a device, not a plain file")
    );
    assert_eq!(text("device").status, ToolStatus::Denied);
    let write = project.run("write_file", json!({"path": "pipe", "content": "x"}));
    assert_eq!(write.status, ToolStatus::Denied);
    assert_eq!(
        project.run("search_files", json!({"pattern": "x"})),
        ok("a.txt:1: x")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn odd_names_are_shown_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let project = Project::new(&[("ä b.txt", "x\n")]);
    let odd = OsStr::from_bytes(b"bad\xff\x1b[31mname");
    fs::write(project.workspace.root().join(odd), "needle\n").unwrap();
    assert_eq!(
        project.run("list_dir", json!({})),
        ok("., 2 entries\nbad\\xff\\x1b[31mname  7 bytes\nä b.txt  2 bytes")
    );
    assert_eq!(
        project.run("search_files", json!({"pattern": "needle"})),
        ok("bad\\xff\\x1b[31mname:1: needle")
    );
    symlink(odd, project.path("plain")).unwrap();
    assert_eq!(project.read_file("plain").status, ToolStatus::Ok);
    let edit = json!({"path": "plain", "old_text": "needle", "new_text": "x"});
    assert!(
        project
            .run("edit_file", edit)
            .text
            .contains("not a name in UTF-8")
    );
}

#[test]
fn a_folder_is_listed_sorted_with_what_is_ignored() {
    let project = Project::new(&[
        ("src/main.rs", "fn main() {}\n"),
        ("target/debug/x", "x"),
        (".gitignore", "/target\n*.log\n!keep.log\n"),
        ("a.log", "x"),
        ("keep.log", "x"),
        (".git/HEAD", "x"),
    ]);
    symlink("src", project.path("link")).unwrap();
    assert_eq!(
        project.run("list_dir", json!({})),
        ok(
            "., 6 entries\n.gitignore  24 bytes\na.log  1 byte  (ignored)\nkeep.log  1 byte\n\
             link -> src\nsrc/\ntarget/  (ignored)"
        )
    );
    assert_eq!(
        project.run("list_dir", json!({"path": "link"})),
        ok("src, 1 entry\nmain.rs  13 bytes")
    );
    fs::create_dir(project.path("none")).unwrap();
    assert_eq!(
        project.run("list_dir", json!({"path": "none"})),
        ok("none is empty")
    );
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let mut project = Project::new(&[]);
    for index in 0..200 {
        fs::write(project.path(&format!("file-{index:03}")), "").unwrap();
    }
    project.max_chars = 1_000;
    let result = project.run("list_dir", json!({})).text;
    assert!(result.chars().count() <= 1_000);
    assert!(
        result.starts_with("., 200 entries\nfile-000  0 bytes\n"),
        "{result}"
    );
    assert!(result.contains("of 200 entries are not shown"), "{result}");
}

#[test]
fn search_finds_lines_in_order() {
    let project = Project::new(&[
        ("b.py", "import os\nx = 1\n"),
        ("a/z.py", "import sys\n"),
        ("a/z.txt", "import nothing\n"),
        ("target/gen.py", "import generated\n"),
        (".gitignore", "target/\n"),
        (".hidden/x.py", "import hidden\n"),
    ]);
    let search = |arguments: Value| project.run("search_files", arguments);
    assert_eq!(
        search(json!({"pattern": "^import"})),
        ok("a/z.py:1: import sys\na/z.txt:1: import nothing\nb.py:1: import os")
    );
    assert_eq!(
        search(json!({"pattern": "import", "glob": "*.py"})),
        ok("a/z.py:1: import sys\nb.py:1: import os")
    );
    assert_eq!(
        search(json!({"pattern": "import", "glob": "a/*.py"})),
        ok("a/z.py:1: import sys")
    );
    assert_eq!(
        search(json!({"pattern": "import", "path": "b.py"})),
        ok("b.py:1: import os")
    );
    // Named outright, what is ignored or hidden is searched.
    assert_eq!(
        search(json!({"pattern": "import", "path": "target"})),
        ok("target/gen.py:1: import generated")
    );
    assert_eq!(
        search(json!({"pattern": "import", "path": ".hidden"})),
        ok(".hidden/x.py:1: import hidden")
    );
    assert_eq!(
        search(json!({"pattern": "nowhere", "path": "a", "glob": "*.py"})),
        ok(
            "no line matches nowhere in 1 files named *.py below a; ignored, hidden and binary \
             files were left out"
        )
    );
}

#[test]
fn the_rules_above_a_folder_hold_inside_it() {
    let project = Project::new(&[
        (".gitignore", "*.log\nbuild/\n"),
        ("sub/.gitignore", "!keep.log\n"),
        ("sub/a.log", "needle\n"),
        ("sub/keep.log", "needle\n"),
        ("sub/build/x", "needle\n"),
        ("sub/deep/.gitignore", "!a.log\n"),
        ("sub/deep/a.log", "needle\n"),
        ("sub/x.txt", "needle\n"),
    ]);
    for path in [".", "sub"] {
        assert_eq!(
            project.run("search_files", json!({"pattern": "needle", "path": path})),
            ok("sub/deep/a.log:1: needle\nsub/keep.log:1: needle\nsub/x.txt:1: needle"),
            "{path}"
        );
    }
}

#[test]
fn a_bad_expression_is_searched_as_text() {
    let project = Project::new(&[("a.py", "print(x[0]\n")]);
    let result = project.run("search_files", json!({"pattern": "x[0"}));
    assert_eq!(result.status, ToolStatus::Ok);
    assert!(
        result.text.starts_with("note: not a regular expression ("),
        "{}",
        result.text
    );
    assert!(
        result.text.ends_with("\na.py:1: print(x[0]"),
        "{}",
        result.text
    );
    let result = project.run("search_files", json!({"pattern": "a\nb"}));
    assert!(
        result.text.contains("a match lies within one line"),
        "{}",
        result.text
    );
    let result = project.run("search_files", json!({"pattern": "a", "glob": "a["}));
    assert!(
        result.text.contains("the glob can not be used"),
        "{}",
        result.text
    );
}

#[test]
fn many_matches_are_cut_and_say_so() {
    let text = "needle\n".repeat(1_000);
    let mut project = Project::new(&[("a.txt", &text)]);
    project.max_chars = 1_500;
    let result = project
        .run("search_files", json!({"pattern": "needle"}))
        .text;
    assert!(result.chars().count() <= 1_500);
    assert!(
        result.ends_with("narrow the pattern, the path or the glob]"),
        "{result}"
    );
}

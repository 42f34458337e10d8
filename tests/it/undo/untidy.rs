//! A repository in the middle of somebody's work is, after a session and its undo, byte for byte
//! what it was: files, links, modes, index, `HEAD`, branches, the repository's own folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::project::Project;
use crate::support::todo::{self, Says};

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=P", "-c", "user.email=p@example.org"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Everything below a folder: path to type, mode and content.
pub(super) fn picture(root: &Path) -> BTreeMap<PathBuf, String> {
    fn add(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let mode = metadata.permissions().mode();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if name.ends_with("__pycache__") {
                continue;
            }
            if metadata.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.insert(name, format!("-> {}", target.display()));
            } else if metadata.is_dir() {
                found.insert(name, format!("folder {mode:o}"));
                add(root, &path, found);
            } else {
                let content = fs::read(&path).unwrap();
                found.insert(name, format!("{mode:o} {}", content.escape_ascii()));
            }
        }
    }
    let mut found = BTreeMap::new();
    add(root, root, &mut found);
    found
}

/// Work of every kind, half done.
fn untidy(project: &Project) {
    let root = project.root();
    let write = |name: &str, content: &[u8]| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let module = project.home().join("module");
    fs::create_dir(&module).unwrap();
    fs::write(module.join("inner.txt"), "inner\n").unwrap();
    git(&module, &["init", "-q", "-b", "main"]);
    git(&module, &["add", "."]);
    git(&module, &["commit", "-q", "-m", "one"]);

    git(&root, &["init", "-q", "-b", "main"]);
    write(
        ".gitattributes",
        b"*.bin filter=lfs -text\n*.crlf text eol=crlf\n",
    );
    write(".gitignore", b"*.log\nbuild/\nlocal.cfg\n");
    write("big.bin", POINTER.as_bytes());
    write("dos.txt", b"one\r\ntwo\r\n");
    write("forced.crlf", b"a\r\nb\r\n");
    write("tool.sh", b"#!/bin/sh\n");
    fs::set_permissions(root.join("tool.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    write("staged.txt", b"old\n");
    write("both.txt", b"old\n");
    write("plain.txt", b"old\n");
    write("gone.txt", b"to be removed\n");
    write("deep/er/file.txt", b"deep\n");
    symlink("plain.txt", root.join("link")).unwrap();
    let path = module.display().to_string();
    git(&root, &["submodule", "--quiet", "add", &path, "module"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "-q", "-m", "one"]);
    git(&root, &["branch", "other"]);

    write("staged.txt", b"staged\n");
    write("new-staged.txt", b"new\n");
    git(&root, &["add", "staged.txt", "new-staged.txt"]);
    write("both.txt", b"staged\n");
    git(&root, &["add", "both.txt"]);
    write("both.txt", b"and then changed\n");
    write("plain.txt", b"unstaged\n");
    fs::remove_file(root.join("gone.txt")).unwrap();
    write("untracked.txt", b"untracked\n");
    write("private.txt", b"closed\n");
    fs::set_permissions(root.join("private.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    write("secret.txt", b"nobody else's\n");
    fs::set_permissions(root.join("secret.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    write("hidden.sh", b"#!/bin/sh\n");
    fs::set_permissions(root.join("hidden.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    write("noise.log", b"ignored\n");
    // It is written over by a tool, and no snapshot holds it.
    write("local.cfg", b"key=1\n");
    fs::set_permissions(root.join("local.cfg"), fs::Permissions::from_mode(0o600)).unwrap();
    write("build/out.o", b"\0\x01ignored");
    write("module/inner.txt", b"changed in the submodule\n");
    write("bytes", &(0..=255).collect::<Vec<u8>>());
}

/// What the model does to all of it before it builds the first ticket; its second never succeeds.
const HAVOC: &str = "echo more >> plain.txt; echo more >> both.txt; echo more >> staged.txt; \
    printf 'three\\r\\n' >> dos.txt; tr -d '\\r' < forced.crlf > x && cat x > forced.crlf && rm x; \
    echo x >> bytes; echo real > big.bin; chmod -x tool.sh; chmod +x plain.txt; \
    rm link && echo file > link; rm untracked.txt; rm -r deep && echo now-a-file > deep; \
    ln -s todo.py second-link; echo more >> module/inner.txt; echo more >> private.txt; \
    echo back > gone.txt; rm secret.txt; mv hidden.sh x && cat x > hidden.sh && rm x; mkdir -p a/b && echo new > a/b/c; rm new-staged.txt";

#[test]
fn an_untidy_repository_is_byte_for_byte_what_it_was() {
    let server = todo::server(|asked| {
        if asked.form().is_some() {
            return None;
        }
        match (asked.ticket(), asked.turn()) {
            (Some("T1"), 1) => Some(Says::Calls(vec![
                (
                    "edit_file",
                    json!({"path": "local.cfg", "old_text": "key=1", "new_text": "key=2"}),
                ),
                (
                    "run_command",
                    json!({"command": format!("{HAVOC}; python3 -m unittest test_add")}),
                ),
            ])),
            (Some("T2"), 0) => Some(Says::Calls(vec![todo::write(
                "test_done.py",
                "import unittest\n\nclass Never(unittest.TestCase):\n    def test_it(self):\n        self.fail('never')\n",
            )])),
            (Some("T2"), 1) => Some(Says::call(
                "run_command",
                json!({"command": "echo again >> plain.txt"}),
            )),
            (Some("T2"), _) => Some(Says::text("[TASK_COMPLETE]")),
            _ => None,
        }
    });
    let project = Project::with(&server);
    untidy(&project);
    let before = picture(&project.root());
    let status = git(&project.root(), &["status", "--porcelain=v2", "--branch"]);
    project.start_unattended(&[]).exits(1);
    let journal = project.journal();
    assert_eq!(journal.tickets(), [("T1", "completed"), ("T2", "blocked")]);
    let during = picture(&project.root());
    assert_ne!(during, before);
    assert_eq!(
        during[Path::new("deep")].split(' ').nth(1),
        Some("now-a-file\\n")
    );
    assert!(
        during[Path::new("local.cfg")].contains("key=2"),
        "{during:?}"
    );
    // The repository itself was not touched by any of it.
    let own = |all: &BTreeMap<PathBuf, String>| -> BTreeMap<PathBuf, String> {
        let own = all.iter().filter(|(path, _)| path.starts_with(".git"));
        own.map(|(path, text)| (path.clone(), text.clone()))
            .collect()
    };
    assert_eq!(own(&during), own(&before));
    let ran = project.run(&["undo", "all"]).exits(0);
    assert!(!ran.stderr.contains("left alone"), "{}", ran.stderr);
    assert!(ran.stderr.contains("put back: local.cfg"), "{}", ran.stderr);
    let after = picture(&project.root());
    for (path, text) in &before {
        assert_eq!(after.get(path), Some(text), "{}", path.display());
    }
    assert_eq!(after, before);
    assert_eq!(
        git(&project.root(), &["status", "--porcelain=v2", "--branch"]),
        status
    );
}

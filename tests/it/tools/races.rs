//! A folder and a symbolic link to the outside change places while the tools work.

#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::*;

/// Runs `work` while `inside/` and a link to the outside are exchanged again and again.
fn while_exchanging(project: &Project, work: impl FnOnce()) {
    let (folder, link) = (project.path("inside"), project.path("other"));
    symlink(project.outside(), &link).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                renameat_with(CWD, &folder, CWD, &link, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        over.store(true, Ordering::Relaxed);
        worked.unwrap();
    });
}

#[test]
fn no_read_escapes() {
    let project = Project::new(&[("inside/secret.txt", "INSIDE\n")]);
    while_exchanging(&project, || {
        let mut inside = 0_u32;
        for _ in 0..30_000 {
            let planned = project.plan(
                "edit_file",
                json!({"path": "inside/secret.txt", "old_text": "INSIDE", "new_text": "x"}),
            );
            match planned {
                Ok(planned) => {
                    assert_eq!(planned.before_text.as_deref(), Some("INSIDE\n"));
                    inside += 1;
                }
                Err(result) => assert!(!result.text.contains("OUTSIDE"), "{}", result.text),
            }
        }
        assert!(inside > 0, "the race never let the tool in");
    });
}

#[test]
fn no_write_escapes() {
    let project = Project::new(&[("inside/secret.txt", "INSIDE\n")]);
    while_exchanging(&project, || {
        for index in 0..200 {
            let content = format!("text {index}\n");
            let path = format!("inside/new-{index}.txt");
            // Whether it gets in depends on the moment; where it lands does not.
            project.run("write_file", json!({"path": path, "content": content}));
        }
    });
    let left: Vec<_> = fs::read_dir(project.outside())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["secret.txt"]);
    assert_eq!(
        fs::read_to_string(project.outside().join("secret.txt")).unwrap(),
        "OUTSIDE\n"
    );
}

//! What keeping the content of a large project takes: the first time, and later with ten files
//! changed.
//!
//! Run it with `cargo bench --bench snapshots`.

#![expect(
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use loop_orchestration::git::{Git, Snapshots};
use support::table::{Table, Unit, ms};

const RUNS: usize = 5;
const LATER: usize = 10;
const FILES_EACH: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let table = Table::new("snapshots", Unit::Ms);
    runtime.block_on(measure(&table, 20_000, Some((2_000.0, 150.0))));
    runtime.block_on(measure(&table, 100_000, None));
}

async fn measure(table: &Table, files: usize, limits: Option<(f64, f64)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("project");
    make(&project, files);
    let path = std::env::var_os("PATH").expect("PATH");
    let git = Git::find(&path, None, &project).expect("git");
    let (mut first, mut later, mut same) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let session = folder.path().join(format!("session{run}"));
        std::fs::create_dir(&session).expect("a folder");
        let mut snapshots = Snapshots::open(git.clone(), &session, &project);
        first.push(time(&mut snapshots).await);
        for round in 0..LATER {
            for file in 0..10 {
                let path = project.join(place(file * files / 10));
                std::fs::write(path, format!("changed {run} {round}\n")).expect("a file");
            }
            later.push(time(&mut snapshots).await);
        }
        same.push(time(&mut snapshots).await);
    }
    let name = |what: &str| format!("{files} files, {what}");
    table.row(&name("the first"), first, limits.map(|limits| limits.0));
    table.row(&name("ten changed"), later, limits.map(|limits| limits.1));
    table.row(&name("none changed"), same, limits.map(|limits| limits.1));
}

async fn time(snapshots: &mut Snapshots) -> f64 {
    let began = Instant::now();
    snapshots.take().await.expect("a snapshot");
    ms(began.elapsed())
}

fn place(number: usize) -> String {
    let folder = number / FILES_EACH;
    format!(
        "part{}/folder{folder}/file{}.py",
        folder / 20,
        number % FILES_EACH
    )
}

fn make(project: &Path, files: usize) {
    for number in 0..files {
        let path = project.join(place(number));
        if number % FILES_EACH == 0 {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        }
        let mut text = String::new();
        for line in 0..40 {
            writeln!(text, "line {line} of file {number}").expect("a String");
        }
        std::fs::write(path, text).expect("a file");
    }
}

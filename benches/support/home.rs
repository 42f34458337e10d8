//! A home and a project of their own for every run, and the program started in them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The model that the stand-in server has.
pub(crate) const MODEL: &str = "qwen3:8b";
/// A window that holds the longest history measured here.
pub(crate) const NUM_CTX: usize = 262_144;
/// How many files there are to read.
pub(crate) const FILES: usize = 128;

/// A home and a project, gone when dropped.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty home; a project with files of 2 KB.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("project");
        std::fs::create_dir_all(project.join("src")).unwrap();
        std::fs::create_dir_all(folder.path().join("home")).unwrap();
        std::fs::write(project.join("README.md"), "# A project\n").unwrap();
        for number in 0..FILES {
            let mut text = String::new();
            for line in 0..40 {
                writeln!(
                    text,
                    "line {line} of file {number}: some words to fill it up"
                )
                .unwrap();
            }
            std::fs::write(project.join(source(number)), text).unwrap();
        }
        Self { folder }
    }

    /// The folder of everything the program keeps.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Starts the program with these arguments, its output thrown away.
    pub(crate) fn spawn(&self, server: &str, arguments: &[&str]) -> Child {
        self.command(server, arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    }

    /// The program with these arguments.
    pub(crate) fn command(&self, server: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loop"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("LOOP_HOME", self.path())
            .env("OLLAMA_HOST", server)
            .current_dir(self.folder.path().join("project"))
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Starts a session on the task that all of them have.
    pub(crate) fn start(&self, server: &str, sandbox: Sandbox) -> Child {
        self.spawn(server, &session(sandbox))
    }

    /// Takes the only session of another home over, so many times.
    pub(crate) fn take_sessions_of(&self, other: &Self, times: usize) {
        let journal = other.journal();
        let from = journal.parent().expect("its folder");
        for number in 0..times {
            let id = format!("20200101-{number:06}-aaaa");
            copy(from, &self.path().join("sessions").join(id));
        }
    }

    /// The journal of the only session.
    pub(crate) fn journal(&self) -> PathBuf {
        let sessions = std::fs::read_dir(self.path().join("sessions")).expect("sessions");
        let mut journals = sessions
            .map(|entry| entry.unwrap().path().join("journal.jsonl"))
            .filter(|path| path.exists());
        journals.next().expect("a session")
    }
}

/// Whether commands have a wall around them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sandbox {
    /// As it is without an option.
    On,
    /// What the limits speak of.
    Off,
}

/// The arguments of every session that is measured.
pub(crate) fn session(sandbox: Sandbox) -> [&'static str; 12] {
    [
        "start",
        "Look through the files of the project",
        "--model",
        MODEL,
        "--num-ctx",
        "262144",
        "--max-turns",
        "9999",
        "--yes",
        "--no-input",
        "--sandbox",
        match sandbox {
            Sandbox::On => "on",
            Sandbox::Off => "off",
        },
    ]
}

/// A file to read.
pub(crate) fn source(number: usize) -> String {
    format!("src/file_{:03}.txt", number % FILES)
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

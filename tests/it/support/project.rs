//! A project folder with a home of its own, and the program run in it with a clean environment.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::fake_ollama::FakeOllama;
use super::journal::Journal;

/// What every test says it wants.
pub(crate) const TASK: &str = "Build a todo app in Python";

/// A project, a home and the program's own folder, all gone at the end.
pub(crate) struct Project {
    place: TempDir,
    environment: Vec<(String, String)>,
}

/// What a run of the program came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Stops the test unless the program ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Stops the test unless the program said this to the person.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "'{text}' is not in:\n{}",
            self.stderr
        );
        self
    }
}

impl Project {
    /// An empty project whose model is served there.
    pub(crate) fn with(server: &FakeOllama) -> Self {
        let project = Self::without_server();
        project.variable("OLLAMA_HOST", &server.url())
    }

    /// An empty project; the server's port is one where nothing listens.
    pub(crate) fn without_server() -> Self {
        Self::in_place(TempDir::new().unwrap())
    }

    /// The same for a project of very many files: in memory, where the machine offers that.
    pub(crate) fn large(server: &FakeOllama) -> Self {
        let memory = Path::new("/dev/shm");
        let place = TempDir::new_in(memory).or_else(|_| TempDir::new());
        let project = Self::in_place(place.unwrap());
        project.variable("OLLAMA_HOST", &server.url())
    }

    fn in_place(place: TempDir) -> Self {
        for folder in ["project", "home", "loop"] {
            fs::create_dir(place.path().join(folder)).unwrap();
        }
        let project = Self {
            place,
            environment: Vec::new(),
        };
        project
            .variable("OLLAMA_HOST", "127.0.0.1:1")
            .answers("storage: A\nsurface: command line\napprove-prd: yes\napprove-plan: yes\n")
    }

    /// Sets an environment variable for the program.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the answers.
    pub(crate) fn answers(self, yaml: &str) -> Self {
        fs::write(self.answers_file(), yaml).unwrap();
        self
    }

    /// Writes the configuration.
    pub(crate) fn config(self, yaml: &str) -> Self {
        fs::write(self.loop_home().join("config.yaml"), yaml).unwrap();
        self
    }

    /// Writes a file into the project.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.place.path().join("project")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.place.path().join("home")
    }

    pub(crate) fn loop_home(&self) -> PathBuf {
        self.place.path().join("loop")
    }

    pub(crate) fn answers_file(&self) -> PathBuf {
        self.place.path().join("answers.yaml")
    }

    /// A file of the project.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// The program with these arguments, in the project, nobody at the keyboard.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loop"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home())
            .env("LOOP_HOME", self.loop_home())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.root())
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn start_arguments(&self, more: &[&str]) -> Vec<String> {
        let root = self.root().display().to_string();
        let mut arguments: Vec<String> = ["start", TASK, "-C", &root].map(str::to_owned).into();
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        arguments
    }

    /// `start` with the task and these options.
    pub(crate) fn start(&self, more: &[&str]) -> Ran {
        let arguments = self.start_arguments(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments)
    }

    /// `start` with answers, everything approved and nobody there.
    pub(crate) fn start_unattended(&self, more: &[&str]) -> Ran {
        let answers = self.answers_file().display().to_string();
        let mut all = vec!["--answers", &answers, "--yes", "--no-input"];
        all.extend(more);
        self.start(&all)
    }

    /// `resume` likewise.
    pub(crate) fn resume_unattended(&self, more: &[&str]) -> Ran {
        let answers = self.answers_file().display().to_string();
        let mut all = vec!["resume", "--answers", &answers, "--no-input"];
        all.extend(more);
        self.run(&all)
    }

    /// The program in the background, silent.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// `start_unattended` in the background.
    pub(crate) fn spawn_start(&self) -> Child {
        let answers = self.answers_file().display().to_string();
        let arguments = self.start_arguments(&["--answers", &answers, "--yes", "--no-input"]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.spawn(&arguments)
    }

    /// The folders of all sessions.
    pub(crate) fn sessions(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.loop_home().join("sessions")) else {
            return Vec::new();
        };
        let mut folders: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("journal.jsonl").is_file())
            // A session that is not whole yet is staged under a hidden name.
            .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'))
            .collect();
        folders.sort();
        folders
    }

    /// The folder of the only session.
    #[track_caller]
    pub(crate) fn session(&self) -> PathBuf {
        let [folder] = &self.sessions()[..] else {
            panic!("one session was expected: {:?}", self.sessions())
        };
        folder.clone()
    }

    /// The folder of the session with that id.
    pub(crate) fn session_named(&self, id: &str) -> PathBuf {
        self.loop_home().join("sessions").join(id)
    }

    /// The journal of the only session.
    #[track_caller]
    pub(crate) fn journal(&self) -> Journal {
        Journal::read(&self.session().join("journal.jsonl"))
    }

    /// An artifact of the only session, as text.
    #[track_caller]
    pub(crate) fn artifact(&self, name: &str) -> String {
        fs::read_to_string(self.session().join("artifacts").join(name)).unwrap()
    }
}

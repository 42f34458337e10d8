//! Sessions of different kinds, each run by the real program against the stand-in server: what
//! `tests/recordings` is made of, and what replay is tried with.

#![expect(clippy::unwrap_used, reason = "a scene stops where it fails")]

mod beside;

use std::path::Path;

use serde_json::json;

use super::fake_ollama::{FakeModel, FakeOllama, Script};
use super::project::Project;
use super::stuck::{NOTE, stuck};
use super::todo::{self, Asked, Form, Says};

pub(crate) use beside::{in_repository, several};

/// A session of some kind.
pub(crate) struct Scene {
    /// What it shows; the name of its recording.
    pub(crate) name: &'static str,
    run: fn() -> Project,
}

/// Every scene.
pub(crate) const SCENES: [Scene; 15] = [
    Scene {
        name: "a-simple-task",
        run: simple,
    },
    Scene {
        name: "the-whole-pipeline",
        run: pipeline,
    },
    Scene {
        name: "a-blocked-ticket",
        run: blocked,
    },
    Scene {
        name: "repaired-calls-in-text",
        run: in_text,
    },
    Scene {
        name: "questions-answered-later",
        run: questions,
    },
    Scene {
        name: "refactoring-taken-back",
        run: taken_back,
    },
    Scene {
        name: "a-project-with-files",
        run: with_files,
    },
    Scene {
        name: "several-questions-at-once",
        run: several_questions,
    },
    Scene {
        name: "a-person-is-called",
        run: beside::called,
    },
    Scene {
        name: "told-on-the-way",
        run: beside::told,
    },
    Scene {
        name: "undone-and-done-again",
        run: beside::undone,
    },
    Scene {
        name: "forked-at-a-ticket",
        run: beside::forked,
    },
    Scene {
        name: "the-best-of-three",
        run: beside::best_of_three,
    },
    Scene {
        name: "the-critic-is-heard",
        run: beside::criticised,
    },
    Scene {
        name: "in-a-worktree",
        run: beside::in_a_worktree,
    },
];

impl Scene {
    /// Runs it to its end.
    pub(crate) fn run(&self) -> Project {
        (self.run)()
    }
}

/// Records the only session of the project.
#[track_caller]
pub(crate) fn record(project: &Project, file: &Path, options: &[&str]) {
    let session = project.session();
    let id = session.file_name().unwrap().to_str().unwrap();
    let file = file.display().to_string();
    let all = [&["sessions", "export", id, "--replay", &file], options].concat();
    project.run(&all).exits(0);
}

fn simple() -> Project {
    let server = todo::server(|asked| match asked.form() {
        Some(Form::Questions) => Some(Says::json(&json!({"simple": true, "questions": []}))),
        Some(_) => None,
        None => Some(match asked.turn() {
            0 => Says::Calls(vec![
                todo::write("greet.py", "def greet():\n    return 'hello'\n"),
                todo::write(
                    "test_greet.py",
                    "import unittest\nfrom greet import greet\n\n\nclass Greet(unittest.TestCase):\n    def test_greet(self):\n        self.assertEqual(greet(), 'hello')\n",
                ),
            ]),
            _ => Says::text("Done.\n[TASK_COMPLETE]"),
        }),
    });
    let project = Project::with(&server);
    project
        .run(&["start", "add a greet function", "--no-input"])
        .exits(0);
    project
}

fn pipeline() -> Project {
    let server = todo::todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    project
}

/// The model never makes the second ticket work, and says each time that it does.
fn blocked() -> Project {
    let server = todo::server(|asked| {
        if asked.form().is_some() || asked.ticket() != Some("T2") {
            return None;
        }
        Some(match asked.turn() {
            0 => Says::Calls(vec![todo::write(
                "test_done.py",
                "import unittest\n\n\nclass Done(unittest.TestCase):\n    def test_done(self):\n        self.fail('not yet')\n",
            )]),
            _ => Says::text("It works now.\n[TASK_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    project
}

/// Without tool calls of its own, the model writes blocks: one is left open, one has a typing error
/// in a name, one reply is nothing that can be used.
fn in_text() -> Project {
    let server = FakeOllama::new()
        .model(FakeModel::new("mute").capabilities(&["completion"]))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            let broken = match (asked.form(), asked.ticket(), asked.turn()) {
                (None, Some("T1"), 0) => Some("<write_file>\n<path>todo.py</path>\n<content>"),
                (None, Some("T2"), 0) => Some("<list_files>\n<path>.</path>\n</list_files>"),
                _ => None,
            };
            if let Some(text) = broken {
                return Script::stream().text(text).done_with("stop", 500, 20);
            }
            let mut later = asked.clone();
            if matches!(asked.ticket(), Some("T1" | "T2")) && asked.form().is_none() {
                let messages = later.0["messages"].as_array_mut().unwrap();
                let place = messages.iter().position(|m| m["role"] == "assistant");
                messages.remove(place.unwrap());
            }
            todo::says(&later).script(request)
        });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    project
}

/// The interview is answered from a file, the PRD waits for an answer, and so does a question of
/// the model's: three runs.
fn questions() -> Project {
    let server = todo::server(|asked| {
        let asks = vec![(
            "ask_user",
            json!({"question": "Tabs or blanks?", "options": ["tabs", "blanks"]}),
        )];
        (asked.form().is_none() && asked.ticket() == Some("T1")).then(|| todo::after(asks, asked))
    });
    let project = Project::with(&server).answers("storage: A\nsurface: B, but only on Linux\n");
    let file = project.answers_file().display().to_string();
    project.start(&["--answers", &file, "--no-input"]).exits(3);
    let project = project.answers("approve-prd: yes\napprove-plan: yes\n");
    project.resume_unattended(&[]).exits(3);
    let project = project.answers("Tabs or blanks?: blanks, please\n");
    project.resume_unattended(&[]).exits(0);
    project
}

/// The repair of the review's findings breaks a test that was green.
fn taken_back() -> Project {
    let server = todo::server(|asked| {
        (asked.form().is_none() && asked.is_repair()).then(|| match asked.turn() {
            0 => Says::call("read_file", json!({"path": "todo.py"})),
            1 => Says::call(
                "edit_file",
                json!({"path": "todo.py", "old_text": "def add(items, text):", "new_text": "def put(items, text):"}),
            ),
            _ => Says::text("It is tidier now.\n[PHASE_COMPLETE]"),
        })
    });
    let project = Project::with(&server);
    project.start_unattended(&[]);
    project
}

/// A project that holds files, some of them ignored; a person adds one between two runs, and
/// commands change others.
fn with_files() -> Project {
    let server = todo::server(|asked| {
        (asked.form().is_none() && asked.ticket() == Some("T2") && asked.turn() == 1).then(|| {
            Says::call(
                "run_command",
                json!({"command": "mv notes/old.txt notes/moved.txt && printf '\\000\\377' > data.bin && chmod +x todo.py && python3 -m unittest test_done"}),
            )
        })
    });
    let project = Project::with(&server)
        .file("notes/old.txt", "to be kept\n")
        .file(".gitignore", "own.log\n")
        .file("own.log", "not kept\n");
    project.start_unattended(&["--until", "plan"]).exits(0);
    let project = project.file("notes/new.txt", "by the person\n");
    project.resume_unattended(&[]).exits(0);
    project
}

/// The first ticket is blocked, and the model asks something in one that goes on beside it.
pub(crate) fn asks_beside_a_blocked_ticket() -> FakeOllama {
    todo::server(|asked| {
        let asks = vec![(
            "ask_user",
            json!({"question": "Tabs or blanks?", "options": ["tabs", "blanks"]}),
        )];
        Some(match asked.ticket() {
            Some("T3") => todo::after(asks, asked),
            _ => stuck(asked),
        })
    })
}

/// Both questions are open when the run stops, and are answered from elsewhere before it goes on.
fn several_questions() -> Project {
    let server = asks_beside_a_blocked_ticket();
    let project = Project::with(&server);
    let answers = project.answers_file().display().to_string();
    project
        .start(&["--answers", &answers, "--no-input"])
        .exits(3);
    let retry = format!("retry {NOTE}");
    project.run(&["answer", "blocked-T1", &retry]).exits(0);
    let open = project.run(&["answer"]).exits(0).stdout;
    let question = open.split('\t').nth(1).unwrap();
    project.run(&["answer", question, "B"]).exits(0);
    project.run(&["resume", "--no-input"]).exits(0);
    project
}

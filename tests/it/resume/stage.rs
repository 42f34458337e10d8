//! A whole run inside the test's own process: the todo model, a person who is never there, and
//! commands that only pretend. Its project, its session and its journal can be put back to what
//! they were after any line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use loop_orchestration::engine::ask::Ask;
use loop_orchestration::engine::floor::Floor;
use loop_orchestration::engine::ports::{ChatRequest, Model, Operator, Progress, Response, Update};
use loop_orchestration::engine::reply::{Done, Fault, Reply, Usage};
use loop_orchestration::engine::settings::{Approval, BestOf, Settings};
use loop_orchestration::engine::window::Loaded;
use loop_orchestration::run::begin::{NewSession, Setup, start_with};
use loop_orchestration::run::catalog::{Places, Trust, catalog};
use loop_orchestration::run::health::Chosen;
use loop_orchestration::run::reopen::{Changes, reopen};
use loop_orchestration::run::{Answers, Attendance, Ending, Interrupt, Surroundings, Unattended};
use loop_orchestration::store::Sessions;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::journal::Journal;
use crate::support::pretend::Pretend;
use crate::support::todo::{self, Asked, Says};

/// Everything below a folder: files with their bytes, folders without.
pub(crate) type Content = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// A project and a folder of sessions.
pub(crate) struct Stage {
    place: TempDir,
    attendance: Attendance,
    floor: Floor,
    says: fn(&Asked) -> Says,
    instead: Instead,
    answers: Vec<(String, String)>,
    settings: Settings,
}

/// What a model says instead of what it says otherwise, if it does.
pub(crate) type Instead = fn(&Asked) -> Option<Says>;

/// A scripted model, without a server.
struct Scripted {
    says: fn(&Asked) -> Says,
    instead: Instead,
}

impl Model for Scripted {
    async fn chat(
        &mut self,
        request: &ChatRequest<'_>,
        _: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Fault> {
        let asked = Asked(json!({
            "messages": request.messages, "tools": request.tools, "format": request.format,
            "options": {"seed": request.sampling.seed},
        }));
        let mut reply = Reply {
            done: Done::Stop,
            usage: Usage {
                prompt_tokens: asked.0.to_string().len() as u64 / 4,
                eval_tokens: 50,
                ..Usage::default()
            },
            ..Reply::default()
        };
        match (self.instead)(&asked).unwrap_or_else(|| (self.says)(&asked)) {
            Says::Text(text) => reply.content = text,
            Says::Calls(calls) => {
                let call = |(index, (name, arguments)): (usize, (&str, Value))| json!({"id": format!("call_{index}"), "function": {"index": index, "name": name, "arguments": arguments}});
                reply.tool_calls = calls.into_iter().enumerate().map(call).collect();
            }
        }
        Ok(reply)
    }

    async fn loaded(&mut self, _: &str) -> Option<Loaded> {
        Some(Loaded {
            window: Some(16_384),
            ..Loaded::default()
        })
    }

    async fn is_there(&mut self, _: &str) -> bool {
        true
    }
}

/// Nobody; told of each line that was written.
struct Nobody<'a>(&'a mut dyn FnMut());

impl Operator for Nobody<'_> {
    async fn ask(&mut self, _: &Ask) -> Response {
        Response::Unavailable
    }

    fn show(&mut self, update: Update<'_>) {
        if let Update::Recorded(_) = update {
            (self.0)();
        }
    }
}

impl Stage {
    /// An empty project.
    pub(crate) fn new() -> Self {
        let place = TempDir::new().unwrap();
        fs::create_dir(place.path().join("project")).unwrap();
        fs::create_dir(place.path().join("sessions")).unwrap();
        Self {
            place,
            attendance: Attendance::Person,
            floor: Floor::default(),
            says: todo::says,
            instead: |_| None,
            answers: vec![("storage".to_owned(), "A".to_owned())],
            settings: Settings::default(),
        }
    }

    /// With another model than the one that builds the todo app.
    pub(crate) fn played_by(self, says: fn(&Asked) -> Says) -> Self {
        Self { says, ..self }
    }

    /// With other words of the model in some places.
    pub(crate) fn spoken_by(self, instead: Instead) -> Self {
        Self { instead, ..self }
    }

    fn model(&self) -> Scripted {
        Scripted {
            says: self.says,
            instead: self.instead,
        }
    }

    /// With an answer known beforehand.
    pub(crate) fn answer(mut self, question: &str, answer: &str) -> Self {
        self.answers.push((question.to_owned(), answer.to_owned()));
        self
    }

    /// With so many attempts at each ticket that are compared.
    pub(crate) fn best_of(mut self, many: u32) -> Self {
        self.settings.best_of = Some(BestOf::Each(many));
        self
    }

    pub(crate) fn attended_by(self, attendance: Attendance) -> Self {
        Self { attendance, ..self }
    }

    /// From now on an administrator demands this.
    pub(crate) fn demand(&mut self, floor: Floor) {
        self.floor = floor;
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.place.path().join("project")
    }

    fn sessions(&self) -> PathBuf {
        self.place.path().join("sessions")
    }

    /// The journal of the only session.
    pub(crate) fn journal_path(&self) -> PathBuf {
        let mut folders = fs::read_dir(self.sessions())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("journal.jsonl").is_file());
        let folder = folders.next().unwrap();
        assert!(folders.next().is_none(), "a second session appeared");
        folder.join("journal.jsonl")
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::read(&self.journal_path())
    }

    fn setup(&self) -> Setup {
        let (stop, interrupt) = Interrupt::new();
        // Nobody ever says stop; the sender has to live as long as the run.
        std::mem::forget(stop);
        Setup {
            sessions: self.sessions(),
            state: vec![self.sessions()],
            project: self.project(),
            floor: self.floor.clone(),
            secrets: Vec::new(),
            answers: Answers::new(self.answers.clone()),
            unattended: Unattended::LetTheModelDecide,
            attendance: self.attendance,
            server_wait: Duration::from_secs(2),
            interrupt,
            surroundings: Surroundings {
                search_path: std::env::var_os("PATH").unwrap(),
                home: None,
                cargo_home: None,
                fetched_crates: None,
            },
        }
    }

    /// A whole new session; told of each line that was written.
    pub(crate) fn start(&self, each_line: &mut dyn FnMut()) -> Ending {
        self.start_with(self.model(), each_line)
    }

    /// The same with a model of the test's own.
    pub(super) fn start_with(&self, model: impl Model, each_line: &mut dyn FnMut()) -> Ending {
        let project = self.project();
        let none = self.place.path().join("none");
        let places = Places {
            project: &project,
            skills: &none,
            pipeline: None,
            agreements: none.clone(),
        };
        let mut settings = self.settings.clone();
        settings.approvals.documents = Approval::Yes;
        settings.approvals.plan = Approval::Yes;
        let new = NewSession {
            task: "Build a todo app in Python".to_owned(),
            config: serde_json::to_value(&settings).unwrap(),
            settings,
            catalog: catalog(&places, Trust::LeaveOut).unwrap(),
            from: None,
            until: None,
        };
        let chosen = Chosen {
            name: "tiny".to_owned(),
            num_ctx: 16_384,
            ..Chosen::default()
        };
        block_on(async {
            let nobody = Nobody(each_line);
            let mut run = start_with(
                self.setup(),
                new,
                chosen,
                model,
                nobody,
                |_: &Path, _: &Path| Ok(Pretend),
            )
            .unwrap();
            run.drive().await.unwrap()
        })
    }

    /// Goes on with the only session; none if it is over.
    pub(crate) fn resume(&self) -> Option<Ending> {
        let folder = Sessions::at(self.sessions()).find("-").unwrap();
        let reopened = reopen(folder, &[]).unwrap();
        let changes = Changes::default();
        if reopened.is_over(&changes).is_some() {
            return None;
        }
        block_on(async {
            let mut nothing = || {};
            let nobody = Nobody(&mut nothing);
            let model = self.model();
            let run = reopened.resume(
                self.setup(),
                changes,
                model,
                nobody,
                |_: &Path, _: &Path| Ok(Pretend),
            );
            Some(run.unwrap().drive().await.unwrap())
        })
    }

    /// Everything that is there.
    pub(crate) fn content(&self) -> Content {
        content(self.place.path())
    }

    /// Puts everything back to what it was.
    pub(crate) fn put_back(&self, content: &Content) {
        for folder in ["project", "sessions"] {
            fs::remove_dir_all(self.place.path().join(folder)).unwrap();
        }
        for (path, bytes) in content {
            match bytes {
                None => fs::create_dir_all(path).unwrap(),
                Some(bytes) => fs::write(path, bytes).unwrap(),
            }
        }
    }
}

/// Everything below a folder.
pub(crate) fn content(root: &Path) -> Content {
    let mut content = Content::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                content.insert(path.clone(), None);
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                content.insert(path, Some(bytes));
            }
        }
    }
    content
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

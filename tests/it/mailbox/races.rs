//! Two who answer the same question at the same instant, a thousand times: one answer counts, and
//! the other one hears so.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use loop_orchestration::engine::ask::{Ask, AskId, AskKind};
use loop_orchestration::engine::event::{Event, Interruption};
use loop_orchestration::engine::floor::Floor;
use loop_orchestration::engine::ports::{ChatRequest, Model, Operator, Progress, Response, Update};
use loop_orchestration::engine::reply::{Done, Fault, Reply};
use loop_orchestration::engine::settings::Settings;
use loop_orchestration::engine::window::Loaded;
use loop_orchestration::error::{Error, ErrorKind};
use loop_orchestration::run::begin::{NewSession, Setup, start_with};
use loop_orchestration::run::catalog::{Places, Trust, catalog};
use loop_orchestration::run::given::Given;
use loop_orchestration::run::health::Chosen;
use loop_orchestration::run::post::{self, Sender};
use loop_orchestration::run::{Answers, Attendance, Ending, Interrupt, Surroundings, Unattended};
use loop_orchestration::store::{SessionFolder, Sessions, read};
use serde_json::json;
use tempfile::TempDir;

use crate::support::pretend::Pretend;

/// Questions of one session: the most that an interview may have.
const QUESTIONS: usize = 20;
const SESSIONS: usize = 50;

/// Questions as they are asked; none at the end.
type Told = mpsc::Sender<Option<AskId>>;

/// A model that asks.
struct Curious;

impl Model for Curious {
    async fn chat(
        &mut self,
        _: &ChatRequest<'_>,
        _: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Fault> {
        let question = |n| json!({"id": format!("q{n}"), "text": format!("What about {n}?"), "options": [], "why": "it matters"});
        let questions: Vec<_> = (1..=QUESTIONS).map(question).collect();
        Ok(Reply {
            content: json!({"simple": false, "questions": questions}).to_string(),
            done: Done::Stop,
            ..Reply::default()
        })
    }

    async fn loaded(&mut self, _: &str) -> Option<Loaded> {
        None
    }

    async fn is_there(&mut self, _: &str) -> bool {
        true
    }
}

/// A person who answers every second question, at the same instant as somebody elsewhere.
struct Person {
    asked: mpsc::Sender<Option<AskId>>,
    together: Arc<Barrier>,
    count: usize,
}

impl Operator for Person {
    async fn ask(&mut self, ask: &Ask) -> Response {
        if ask.kind != AskKind::Interview {
            self.asked.send(None).unwrap();
            return Response::Interrupted;
        }
        self.count += 1;
        self.asked.send(Some(ask.id.clone())).unwrap();
        if self.count.is_multiple_of(2) {
            return std::future::pending().await;
        }
        self.together.wait();
        Response::Answer(loop_orchestration::engine::ask::Answer {
            text: "typed".to_owned(),
            ..Default::default()
        })
    }

    fn show(&mut self, _: Update<'_>) {}
}

fn setup(place: &Path) -> Setup {
    let (stop, interrupt) = Interrupt::new();
    std::mem::forget(stop);
    Setup {
        sessions: place.join("sessions"),
        state: vec![place.join("sessions")],
        project: place.join("project"),
        floor: Floor::default(),
        secrets: Vec::new(),
        answers: Answers::default(),
        unattended: Unattended::Stop,
        attendance: Attendance::Person,
        server_wait: Duration::from_secs(1),
        interrupt,
        surroundings: Surroundings {
            search_path: std::env::var_os("PATH").unwrap(),
            home: None,
            cargo_home: None,
            fetched_crates: None,
        },
    }
}

fn new_session(place: &Path) -> NewSession {
    let (project, none) = (place.join("project"), place.join("none"));
    let places = Places {
        project: &project,
        skills: &none,
        pipeline: None,
        agreements: none.clone(),
    };
    let mut catalog = catalog(&places, Trust::LeaveOut).unwrap();
    let most = format!("questions: {QUESTIONS}");
    catalog.pipeline = catalog.pipeline.replacen("questions: 5", &most, 1);
    let settings = Settings::default();
    NewSession {
        task: "Ask me".to_owned(),
        config: serde_json::to_value(&settings).unwrap(),
        settings,
        catalog,
        from: None,
        until: Some("prd".to_owned()),
    }
}

/// Sends an answer at the same instant as the others; whether it counted.
fn send(folder: &SessionFolder, id: &AskId, name: &str, together: &Barrier) -> Result<(), Error> {
    let sender = Sender {
        name: name.to_owned(),
        secrets: Vec::new(),
    };
    let given = Given::Text(format!("sent by {name}"));
    together.wait();
    post::answer(folder, (id, None), |ask| given.read(ask), &sender).map(drop)
}

/// One who is told of questions and answers them: all of them, or every second one.
fn answerer(
    place: &Path,
    name: &'static str,
    together: &Arc<Barrier>,
    every_one: bool,
) -> (Told, JoinHandle<Vec<Result<(), Error>>>) {
    let (tell, told) = mpsc::channel::<Option<AskId>>();
    let (sessions, together) = (Sessions::at(place.join("sessions")), Arc::clone(together));
    let thread = std::thread::spawn(move || {
        let mut results = Vec::new();
        let mut count = 0;
        while let Ok(Some(id)) = told.recv() {
            count += 1;
            if every_one || count % 2 == 0 {
                let folder = sessions.find("-").unwrap();
                results.push(send(&folder, &id, name, &together));
            }
        }
        results
    });
    (tell, thread)
}

/// One session: each question is answered by two at once. How many answers from elsewhere counted,
/// and how many came too late.
fn session() -> (usize, usize) {
    let place = TempDir::new().unwrap();
    for folder in ["project", "sessions"] {
        fs::create_dir(place.path().join(folder)).unwrap();
    }
    let together = Arc::new(Barrier::new(2));
    let (first, one) = answerer(place.path(), "one", &together, true);
    let (second, other) = answerer(place.path(), "other", &together, false);
    let (asked, told) = mpsc::channel::<Option<AskId>>();
    let both = std::thread::spawn(move || {
        for id in told {
            first.send(id.clone()).unwrap();
            second.send(id).unwrap();
        }
    });
    let person = Person {
        asked,
        together,
        count: 0,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let chosen = Chosen {
            name: "curious".to_owned(),
            num_ctx: 16_384,
            ..Chosen::default()
        };
        let (setup, new) = (setup(place.path()), new_session(place.path()));
        let wall = |_: &Path, _: &Path| Ok(Pretend);
        let mut run = start_with(setup, new, chosen, Curious, person, wall).unwrap();
        let ending = run.drive().await.unwrap();
        let is_stopped = matches!(
            ending,
            Ending::Stopped(Interruption::Signal | Interruption::Limit, _)
        );
        assert!(
            is_stopped || matches!(ending, Ending::Finished(..)),
            "{ending:?}"
        );
    });
    both.join().unwrap();
    let results = [one.join().unwrap(), other.join().unwrap()];
    let folder = Sessions::at(place.path().join("sessions"))
        .find("-")
        .unwrap();
    let records = read(&folder.journal()).unwrap().records;
    let answers: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Answered { id, answer } => Some((id.0.clone(), answer.clone())),
            _ => None,
        })
        .collect();
    let mut ids: Vec<&str> = answers.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids.len(), QUESTIONS);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), QUESTIONS, "a question was answered twice");
    let sent = answers
        .iter()
        .filter(|(_, answer)| answer.from.is_some())
        .count();
    for (_, answer) in &answers {
        let expected = match &answer.from {
            Some(from) => format!("sent by {from}"),
            None => "typed".to_owned(),
        };
        assert_eq!(answer.text, expected);
    }
    let mut late = 0;
    let results = results.into_iter().flatten();
    for error in results.filter_map(Result::err) {
        assert_eq!(error.kind, ErrorKind::Incomplete, "{error}");
        let is_told = ["was answered already by", "it was answered by"]
            .iter()
            .any(|words| error.message.contains(words));
        assert!(is_told, "{error}");
        late += 1;
    }
    // Of two who send, one counts; of one who sends and one who types, either.
    assert_eq!(sent + late, QUESTIONS / 2 * 3);
    (sent, late)
}

#[test]
fn two_answers_at_once_a_thousand_times_one_counts() {
    let (mut sent, mut late) = (0, 0);
    for _ in 0..SESSIONS {
        let (counted, told) = session();
        sent += counted;
        late += told;
    }
    assert_eq!(sent + late, 1_500);
    // Those who send win every race among themselves, and lose as often.
    assert!(sent >= 500 && late >= 500, "{sent} {late}");
}

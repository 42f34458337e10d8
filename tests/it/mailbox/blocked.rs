//! A blocked ticket is asked about beside the work that goes on, and answered from elsewhere: while
//! the others are worked on, when nothing else can go on, or when the session is over because of it.

use serde_json::json;

use loop_orchestration::run::listening::{Heard, Listener, Scope};
use loop_orchestration::store::{SessionLock, Sessions};

use super::{answer_up_to, answers, detach, next_ask, until, until_over};
use crate::attempts::scenes::stuck;
use crate::support::project::Project;
use crate::support::todo::{self, Says};

#[test]
fn a_run_without_a_terminal_waits_for_what_becomes_of_a_blocked_ticket() {
    let server = todo::server(|asked| Some(stuck(asked)));
    let project = Project::with(&server);
    detach(&project, &[]);
    answer_up_to(&project, "blocked-T1");
    // The other ticket goes on meanwhile, whatever is waited for.
    until(&project, |journal| {
        journal.tickets().contains(&("T3", "completed"))
    });
    assert_eq!(next_ask(&project), "blocked-T1");
    for words in ["no", "yes"] {
        let refused = project.run(&["answer", "blocked-T1", words]).exits(2);
        refused.says("can mean two things").says("skip, or stop");
    }
    let skip = ["answer", "blocked-T1", "skip", "it", "please"];
    let said = project.run(&skip).exits(0).stderr;
    assert!(said.lines().next().unwrap().ends_with(": skip"), "{said}");
    let journal = until_over(&project);
    journal.assert_whole();
    assert_eq!(
        journal.tickets()[2..],
        [("T1", "skipped"), ("T2", "blocked")]
    );
}

#[test]
fn a_session_that_is_over_because_of_it_goes_on_with_the_answer() {
    let server = todo::server(|asked| Some(stuck(asked)));
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let listed = project.run(&["answer"]).exits(0).stdout;
    assert!(listed.contains("\tblocked-T1\t"), "{listed}");
    project
        .run(&["stop"])
        .exits(1)
        .says("is over already (blocked)");
    let id = project
        .session()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    project
        .run(&["resume", &id, "--no-input"])
        .exits(1)
        .says(&format!("loop answer -s {id} blocked-T1"));
    project
        .run(&["answer", "blocked-T1", "skip"])
        .exits(0)
        .says("go on with: loop resume");
    project.run(&["resume", &id, "--no-input"]).exits(1);
    let journal = project.journal();
    journal.assert_whole();
    let last = answers(&journal).pop().unwrap();
    assert_eq!((last.0.as_str(), last.1.as_str()), ("blocked-T1", "skip"));
    assert!(journal.tickets().contains(&("T1", "skipped")));
}

#[test]
fn after_the_answer_stop_everything_says_what_works() {
    let server = todo::server(|asked| {
        if asked.form() == Some(todo::Form::Review) {
            return Some(Says::json(&json!({"findings": [], "verdict": "pass"})));
        }
        Some(stuck(asked))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let id = project.session();
    let id = id.file_name().unwrap().to_str().unwrap();
    assert!(project.artifact("summary.md").contains("loop answer -s"));
    project.run(&["answer", "blocked-T1", "stop"]).exits(0);
    project.run(&["resume", id, "--no-input"]).exits(130);
    let summary = project.artifact("summary.md");
    let words = format!("You said stop because of T1: `loop resume {id}` asks about it again.");
    assert!(summary.contains(&words), "{summary}");
    assert!(!summary.contains("loop answer"), "{summary}");
    let shown = project.run(&["sessions", "show"]).exits(0).stdout;
    assert!(shown.contains(&words), "{shown}");
    project
        .run(&["answer", "blocked-T1", "retry in another way"])
        .exits(1)
        .says(&format!("hint: it is asked again by: loop resume {id}"));
    project.run(&["resume", id, "--no-input"]).exits(1);
    let summary = project.artifact("summary.md");
    assert!(summary.contains("loop answer -s"), "{summary}");
    project
        .run(&["answer", "blocked-T1", "retry in another way"])
        .exits(0);
    project.run(&["resume", id, "--no-input"]).exits(1);
    // What was looked at again is told once.
    let summary = project.artifact("summary.md");
    let nothing = "The review found nothing that had to be repaired.";
    assert_eq!(summary.matches(nothing).count(), 1, "{summary}");
    project.journal().assert_whole();
}

#[test]
fn who_listens_to_all_hears_a_session_that_was_over_and_goes_on() {
    let server = todo::server(|asked| Some(stuck(asked)));
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(1);
    let folder = project.session();
    let mut listener = Listener::new(Scope::All(Sessions::at(folder.parent().unwrap())));
    assert!(matches!(listener.look().unwrap(), Heard::Nobody));
    let id = folder.file_name().unwrap().to_string_lossy();
    let _lock = SessionLock::acquire(&folder, &id).unwrap();
    assert!(matches!(listener.look().unwrap(), Heard::Question(_)));
}

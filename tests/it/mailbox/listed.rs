//! What is said of sessions and questions to those who look in, or name them wrongly.

use serde_json::Value;

use super::{answer_up_to, answers, detach, next_ask, until};
use crate::attempts::scenes::stuck;
use crate::support::fake_ollama::{FakeModel, FakeOllama, gate};
use crate::support::project::{Project, TASK};
use crate::support::todo::{self, Asked, todo_server};

/// The states of all sessions, the newest first.
fn states(project: &Project) -> Vec<String> {
    let ran = project.run(&["sessions", "list", "--json"]).exits(0);
    let list: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    let state = |entry: &Value| entry["state"].as_str().unwrap().to_owned();
    list.iter().map(state).collect()
}

#[test]
fn a_run_up_to_a_phase_and_a_fork_are_listed_as_what_they_are() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    assert_eq!(states(&project), ["phase done"]);
    let fork = project.run(&["fork", "--at", "prd"]).exits(0);
    let mut both = states(&project);
    both.sort();
    assert_eq!(both, ["forked", "phase done"]);
    let id = fork.stdout.trim();
    let shown = project.run(&["sessions", "list"]).exits(0);
    assert!(shown.stderr.contains("loop resume "), "{}", shown.stderr);
    // Once it went on it is a session like any other.
    project.run(&["resume", id, "--no-input"]).exits(3);
    assert!(!states(&project).contains(&"forked".to_owned()));
    // With another model too.
    project
        .run(&["fork", "--at", "prd", "--model", "tiny"])
        .exits(0);
    assert!(states(&project).contains(&"forked".to_owned()));
}

#[test]
fn a_question_whose_answer_is_on_its_way_waits_for_nobody() {
    let server = todo_server();
    let project = Project::with(&server);
    project.run(&["start", TASK, "--no-input"]).exits(3);
    let frame = || project.run(&["watch", "--once"]).exits(0).stdout;
    let open = frame();
    assert!(open.contains("Where are todos kept?"), "{open}");
    assert!(!open.contains("answer sent"), "{open}");
    project
        .run(&["answer", "storage", "--option", "A"])
        .exits(0);
    let sent = frame();
    assert!(sent.contains("answer sent"), "{sent}");
}

#[test]
fn an_answer_without_a_question_is_named_as_it_was_typed() {
    let project = Project::without_server();
    for (arguments, what) in [
        (&["answer", "--option", "A"][..], "--option A answers"),
        (&["answer", "--approve"], "--approve answers"),
        (&["answer", "--reject", "no"], "--reject answers"),
    ] {
        let refused = project.run(arguments).exits(2);
        assert!(refused.stderr.contains(what), "{}", refused.stderr);
    }
}

#[test]
fn who_has_the_session_or_the_project_can_be_stopped_from_here() {
    let server = todo_server();
    let project = Project::with(&server);
    let id = detach(&project, &[]);
    assert_eq!(next_ask(&project), "storage");
    let stop = format!("loop stop -s {id}");
    for arguments in [&["resume", &id][..], &["start", TASK, "--no-input"]] {
        let refused = project.run(arguments).exits(6);
        assert!(refused.stderr.contains(&stop), "{}", refused.stderr);
    }
    project.run(&["stop", "-s", &id]).exits(0);
    assert_eq!(states(&project), ["stopped"]);
}

#[test]
fn a_ticket_is_told_by_its_name_in_lower_case() {
    let (open, gate) = gate();
    let mut gate = Some(gate);
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            if asked.ticket() == Some("T1")
                && let Some(gate) = gate.take()
            {
                gate.wait();
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server);
    detach(&project, &[]);
    answer_up_to(&project, "approve-plan");
    project.run(&["answer", "approve-plan", "yes"]).exits(0);
    until(&project, |journal| !journal.of("ticket_started").is_empty());
    project
        .run(&["tell", "--ticket", "t2", "in English"])
        .exits(0)
        .says("it is for T2");
    drop(open);
    let journal = super::until_over(&project);
    let told = journal.of("told");
    assert_eq!(told[0]["to"]["ticket"], "T2", "{told:?}");
    assert!(answers(&journal).len() > 3);
}

#[test]
fn a_blocked_ticket_is_told_by_its_question_and_counted_as_what_it_is() {
    let server = todo::server(|asked| Some(stuck(asked)));
    let project = Project::with(&server);
    detach(&project, &[]);
    answer_up_to(&project, "blocked-T1");
    // The other ticket goes on meanwhile.
    until(&project, |journal| {
        journal.tickets().contains(&("T3", "completed"))
    });
    assert_eq!(next_ask(&project), "blocked-T1");
    let frame = project.run(&["watch", "--once"]).exits(0).stdout;
    assert!(frame.contains("waits for you"), "{frame}");
    assert!(frame.contains(" done, 1 blocked"), "{frame}");
    let refused = project.run(&["tell", "--ticket", "t1", "x"]).exits(1);
    assert!(
        refused.stderr.contains("blocked-T1 \"retry"),
        "{}",
        refused.stderr
    );
    project
        .run(&["answer", "blocked-T1"])
        .exits(0)
        .says("\"retry AND WHAT TO DO DIFFERENTLY\", skip, or stop");
    project.run(&["stop"]).exits(0);
}

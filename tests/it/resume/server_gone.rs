//! A server that goes away in the middle of a run and comes back.

use std::net::TcpListener;
use std::time::Duration;

use loop_orchestration::engine::event::Outcome;
use loop_orchestration::ollama::{Backoff, Server, ServerSettings};
use loop_orchestration::run::Ending;

use super::stage::Stage;
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::todo::{self, Asked};

#[test]
fn a_server_that_is_restarted_costs_no_turn() {
    // The reply in which the first ticket is built is cut; then the server is gone.
    let mut cut = false;
    let first = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            if !cut && asked.ticket() == Some("T1") && asked.turn() == 1 {
                cut = true;
                return Script::stream().text("half").cut();
            }
            todo::says(&asked).script(request)
        });
    let address = first.url().replace("http://", "");
    let none = Backoff {
        first: Duration::ZERO,
        longest: Duration::ZERO,
    };
    let model = Server::new(&ServerSettings::new(&first.url())).unwrap();
    let stage = Stage::new();
    let (mut before, mut after) = (Some(first), None);
    let mut chats = Vec::new();
    let ending = stage.start_with(model.with_backoff(none), &mut || {
        let journal = stage.journal();
        if journal.says("asked for again (1 of 3)")
            && let Some(server) = before.take()
        {
            chats.extend(server.chats());
        }
        if journal.says("Waiting up to") && after.is_none() {
            let listener = TcpListener::bind(&address).unwrap();
            let server = FakeOllama::listening(listener).model(FakeModel::new("tiny"));
            after = Some(
                server.deciding(|request| todo::says(&Asked(request.json.clone())).script(request)),
            );
        }
    });
    assert!(
        matches!(ending, Ending::Finished(Outcome::Completed, _)),
        "{ending:?}"
    );
    let journal = stage.journal();
    journal.assert_whole();
    let warnings = journal.of("warned");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    let waited = warnings[2]["text"].as_str().unwrap();
    assert!(waited.contains(&address), "{waited}");
    // The turn that was cut is asked for again, byte for byte but for nothing.
    chats.extend(after.unwrap().chats());
    let place = chats
        .iter()
        .position(|chat| {
            let asked = Asked(chat.json.clone());
            asked.ticket() == Some("T1") && asked.turn() == 1
        })
        .unwrap();
    assert_eq!(chats[place].body, chats[place + 1].body);
    assert_eq!(chats.len(), journal.of("replied").len() + 1);
}

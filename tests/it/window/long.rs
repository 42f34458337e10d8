//! A long conversation: what each request shares with the one before it.

use serde_json::json;

use crate::support::fake_ollama::script::RequestSeen;
use crate::support::fake_ollama::{FakeModel, FakeOllama, shapes};
use crate::support::project::Project;
use crate::support::todo::{self, Asked, Says};

const TURNS: usize = 100;

/// Tools and messages as they stand in the body.
fn prompt(request: &RequestSeen) -> &str {
    let body = std::str::from_utf8(&request.body).unwrap();
    let start = body.find("\"tools\":").unwrap();
    body[start..].strip_suffix("]}").unwrap()
}

#[test]
fn a_hundred_turns_share_their_prefix() {
    let server = todo::server(|asked| {
        let turn = asked.turn();
        (asked.is_research() && turn < TURNS).then(|| {
            let path = format!("src/file_{}.py", turn % 20);
            Says::call(
                "read_file",
                json!({"path": path, "start_line": 1 + turn / 20}),
            )
        })
    })
    .model(FakeModel::new("wide").window(262_144));
    let mut project = Project::with(&server);
    for number in 0..20 {
        let source = format!("def function_{number}(argument):\n    return {number}\n").repeat(30);
        project = project.file(&format!("src/file_{number}.py"), &source);
    }
    project
        .start_unattended(&[
            "--model",
            "wide",
            "--num-ctx",
            "262144",
            "--max-turns",
            "200",
            "--until",
            "research",
        ])
        .exits(0);
    let chats = server.chats();
    let chats: Vec<&RequestSeen> = chats
        .iter()
        .filter(|chat| Asked(chat.json.clone()).is_research())
        .collect();
    assert_eq!(chats.len(), TURNS + 1);
    for pair in chats.windows(2) {
        let (before, now) = (prompt(pair[0]), prompt(pair[1]));
        assert!(now.starts_with(before), "history was changed");
    }
    // The journal says the same of every request but the first of each conversation.
    let journal = project.journal();
    let replied = journal.of("replied");
    let shared: Vec<(u64, u64)> = replied
        .iter()
        .filter(|line| line["phase"] == "research")
        .filter_map(|line| {
            Some((
                line["prefix"]["shared"].as_u64()?,
                line["prefix"]["of"].as_u64()?,
            ))
        })
        .collect();
    assert_eq!(shared.len(), TURNS + 1);
    for (shared, of) in &shared[1..] {
        assert!(shared * 100 >= of * 99, "{shared} of {of}");
    }
    assert!(!journal.says("changed within a conversation"));
    // What was estimated is near what was counted, and errs on the high side.
    for line in &replied[2..] {
        let Some(estimated) = line["estimated"].as_u64() else {
            continue;
        };
        let counted = line["reply"]["usage"]["prompt_tokens"].as_u64().unwrap();
        assert!(estimated * 100 >= counted * 80, "{estimated} for {counted}");
        assert!(
            estimated * 100 <= counted * 160,
            "{estimated} for {counted}"
        );
    }
}

#[test]
fn a_prefix_that_we_broke_is_a_warning_that_names_what_changed() {
    // A model that thinks, until it says in the middle of a ticket that it cannot.
    let mut refused = false;
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny").capabilities(&["completion", "tools", "thinking"]))
        .deciding(move |request| {
            let asked = Asked(request.json.clone());
            if !refused && asked.ticket() == Some("T1") && asked.turn() == 1 {
                refused = true;
                return shapes::no_thinking();
            }
            todo::says(&asked).script(request)
        });
    let project = Project::with(&server).config("model:\n  think: on\n");
    project.start_unattended(&[]).exits(0);
    let journal = project.journal();
    let warned = journal.of("warned").into_iter();
    let warned: Vec<&str> = warned.filter_map(|line| line["text"].as_str()).collect();
    let broken = "think changed within a conversation, so the model had to read all of it again";
    assert_eq!(
        warned.iter().filter(|text| **text == broken).count(),
        1,
        "{warned:?}"
    );
    let moved = journal.of("replied").into_iter();
    let moved: Vec<_> = moved
        .filter(|line| line["prefix"]["moved"] == "think")
        .collect();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["ticket"], "T1");
}

//! What is taken out of a recording that goes to somebody else, and what is not written over.

use serde_json::{Value, json};

use super::{lines, recorded, repeat, repeats, replay};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::{self, Asked, todo_server};

/// Everything that the recording says.
fn said(project: &Project, option: &str) -> String {
    let lines = lines(&recorded(project, &[option]));
    lines.iter().map(Value::to_string).collect()
}

fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    name.trim().to_owned()
}

#[test]
fn what_is_nobodys_business_is_taken_out_and_the_rest_still_repeats() {
    let server = todo::server(|asked| {
        let look = vec![
            (
                "read_file",
                json!({"path": "private.txt", "of no interest": true}),
            ),
            ("read_file", json!({"path": ".env"})),
            ("read_file", json!({"path": "private.txt"})),
            (
                "run_command",
                json!({"command": "pwd; uname -n; echo $SECRET_NAME; git var GIT_AUTHOR_IDENT"}),
            ),
        ];
        let is_first = |asked: &Asked| asked.form().is_none() && asked.ticket() == Some("T1");
        is_first(asked).then(|| todo::after(look, asked))
    });
    let project = Project::with(&server)
        .config("commands:\n  env: [SECRET_NAME]\n")
        .variable("SECRET_NAME", "of no interest")
        .variable("USER", "adalov")
        .variable("GIT_COMMITTER_EMAIL", "committer@example.org")
        .file(".env", "API_TOKEN=canary-4711-canary\n")
        .file("where.txt", "somewhere\n");
    std::fs::write(
        project.home().join(".gitconfig"),
        "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n",
    )
    .unwrap();
    let place = |path: std::path::PathBuf| path.display().to_string();
    let secrets = [
        place(project.home()),
        place(project.root()),
        place(project.loop_home()),
        machine(),
        "of no interest".to_owned(),
        "adalov".to_owned(),
        "Ada Lovelace".to_owned(),
        "ada@example.org".to_owned(),
        "committer@example.org".to_owned(),
        "SECRET_NAME".to_owned(),
        place(project.home()).replace('/', "%2F"),
        format!("file://{}", place(project.root())),
        machine().to_uppercase(),
    ];
    let project = project.file("private.txt", &format!("{}\n", secrets.join("\n")));
    project.start_unattended(&[]).exits(0);
    repeats(&project);
    let whole = lines(&recorded(&project, &[]));
    let whole: String = whole.iter().map(Value::to_string).collect();
    for option in ["--redact", "--redact=contents"] {
        let text = said(&project, option);
        assert!(!text.contains("canary-4711"), "{option}");
        for secret in &secrets {
            assert!(whole.contains(secret), "{secret} is nowhere");
            assert!(!text.contains(secret), "{secret} is in it with {option}");
        }
        let holds_code = text.contains("def add(items");
        assert_eq!(holds_code, option == "--redact", "{option}");
    }
    let file = recorded(&project, &["--redact"]);
    assert_eq!(repeat(&project, &file)["difference"], Value::Null);
    let file = recorded(&project, &["--redact=contents"]);
    replay(&project, &file, &[])
        .exits(2)
        .says("it can be looked at, not repeated");
    project
        .run(&["sessions", "export", "--redact"])
        .exits(2)
        .says("--replay");
}

#[test]
fn a_name_that_comes_in_pieces_or_in_another_writing_is_taken_out() {
    let server = FakeOllama::new()
        .model(FakeModel::new("tiny"))
        .deciding(|request| {
            let asked = Asked(request.json.clone());
            if !asked.is_research() {
                return todo::says(&asked).script(request);
            }
            let pieces = [
                "Thanks, ada",
                "lov! {\"at\":\"x\\nad",
                "alov\"} user%3D",
                "ada",
                "lov by ADAL",
                "OV.\n[PHASE_COMPLETE]",
            ];
            let stream = Script::stream();
            pieces
                .iter()
                .fold(stream, |stream, piece| stream.text(piece))
                .done()
        });
    let project = Project::with(&server).variable("USER", "adalov");
    project.start_unattended(&["--until", "research"]).exits(0);
    let whole = said(&project, "--redact").to_lowercase();
    assert!(whole.contains("[phase_complete]"));
    assert!(!whole.contains("adalov"), "{whole}");
    let file = recorded(&project, &["--redact"]);
    assert_eq!(repeat(&project, &file)["difference"], Value::Null);
}

#[test]
fn without_contents_nothing_is_left_that_somebody_wrote() {
    let server = todo::server(|asked| {
        let command = "cat > f.txt <<EOF\nunspeakable\nEOF";
        let calls = vec![
            ("run_command", json!({"command": command})),
            (
                "write_file",
                json!({"path": "g.txt", "content": "unspeakable\n"}),
            ),
        ];
        let is_first = asked.form().is_none() && asked.ticket() == Some("T1");
        is_first.then(|| todo::after(calls, asked))
    });
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let lines = lines(&recorded(&project, &["--redact=contents"]));
    let text: String = lines.iter().map(Value::to_string).collect();
    assert!(!text.contains("unspeakable"));
    assert!(text.contains("g.txt"));
    // Each of these events holds words; none is left of any, but for names that tell what happened.
    for (event, places) in [
        ("replied", &["/reply/content", "/reply/thinking"][..]),
        ("tool_started", &["/call/arguments/command"]),
        ("tool_finished", &["/result/text"]),
        ("artifact_written", &["/content"]),
        ("checked", &["/command", "/output"]),
        ("asked", &["/ask/text", "/ask/why"]),
        ("answered", &["/answer/text"]),
        ("note", &["/text"]),
        ("ticket_finished", &["/reason"]),
        ("session_started", &["/task", "/skills"]),
        ("session_finished", &["/reason"]),
    ] {
        let mut found = 0;
        for line in &lines {
            let record = &line["record"];
            for place in places.iter().filter(|_| record["event"] == event) {
                if let Some(value) = record.pointer(place) {
                    found += 1;
                    assert!(is_masked(value), "{event}{place}: {value}");
                }
            }
        }
        assert!(found > 0, "{event}");
    }
}

fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text
            .chars()
            .all(|letter| letter == 'x' || !letter.is_alphanumeric()),
        Value::Array(items) => items.iter().all(is_masked),
        Value::Object(map) => map.values().all(is_masked),
        _ => true,
    }
}

#[test]
fn nothing_is_written_over_but_a_recording_of_the_same_session() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let export = |file: &str| project.run(&["sessions", "export", "--replay", file]);
    export("-").exits(2).says("hint:");
    assert!(!project.root().join("-").exists());
    let project = project.file("notes.txt", "mine\n");
    let export = |file: &str| project.run(&["sessions", "export", "--replay", file]);
    export("notes.txt").exits(2).says("hint:");
    assert_eq!(project.read("notes.txt"), "mine\n");
    export("a.replay").exits(0);
    export("a.replay").exits(0);
    let first = project.session();
    project.start_unattended(&["--until", "prd"]).exits(0);
    let both = project.sessions();
    let second = both.iter().find(|folder| **folder != first).unwrap();
    let second = second.file_name().unwrap().to_str().unwrap();
    project
        .run(&["sessions", "export", second, "--replay", "a.replay"])
        .exits(2)
        .says("no recording of this session");
}

//! `loop doctor`: what it finds against a stand-in server, and what its exit code says.

use loop_orchestration::sandbox::landlock_version;
use serde_json::{Value, json};

use crate::support::fake_ollama::{FakeModel, FakeOllama};
use crate::support::project::{Project, Ran};

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap();
    object.keys().map(String::as_str).collect()
}

#[test]
fn everything_in_order_is_told_and_exits_0() {
    let server = FakeOllama::new().model(FakeModel::new("tiny").window(8_192));
    let project = Project::with(&server);
    let found = json(&project.run(&["doctor", "--json"]).exits(0));
    let sections = ["server", "sandbox", "git", "policy", "config", "holds"];
    assert_eq!(keys(&found), sections);
    assert_eq!(found["holds"], true);
    assert_eq!(found["server"]["url"], server.url());
    assert_eq!(found["server"]["this_machine"], true);
    assert!(found["server"]["version"].is_string());
    let mut model = found["server"]["model"].clone();
    let why = model["window_reason"].take();
    assert!(why.as_str().unwrap().starts_with("8192 tokens: "), "{why}");
    let expected = json!({
        "name": "tiny", "capabilities": ["completion", "tools"], "protocol": "native",
        "trained_window": 8_192,
        "window": 8_192, "window_reason": null, "card": null, "loaded": null, "advice": null,
        "manner": {"think": "off", "tools": "native", "edits": "replace", "answer": "quarter"},
    });
    assert_eq!(model, expected);
    assert!(found["git"]["version"].is_string());
    assert_eq!(found["policy"]["network"], "off");
    assert_eq!(found["policy"]["project_refused"], Value::Null);
    let open = landlock_version() < 4 || found["sandbox"]["tier"] == "none";
    assert_eq!(found["policy"]["model_in_reach"].is_string(), open);
    assert_eq!(found["config"]["exists"], false);
    let attacks = found["sandbox"]["attacks"].as_array().unwrap();
    let tried: Vec<&Value> = attacks.iter().map(|attack| &attack["attack"]).collect();
    for attack in [
        "write outside the project",
        "type into the terminal",
        "leave a process behind",
        "outlive this program when it is killed",
        "connect to the model's server",
        "connect to the model's server with the network on",
    ] {
        assert!(tried.contains(&&json!(attack)), "{tried:?}");
    }
    for attack in attacks {
        assert_eq!(keys(attack), ["attack", "stopped", "promised"]);
        assert!(attack["stopped"] == true || attack["promised"] == false);
    }
    // It asks, and changes nothing.
    assert!(server.chats().is_empty());
    assert!(project.sessions().is_empty());
    assert_eq!(std::fs::read_dir(project.root()).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(project.loop_home()).unwrap().count(), 0);
}

#[test]
fn the_same_for_a_person_a_line_for_each_thing() {
    let server = FakeOllama::new().model(FakeModel::new("tiny"));
    let project = Project::with(&server).config("commands:\n  network: on\n");
    let ran = project.run(&["doctor", "--model", "tiny"]).exits(0);
    for text in [
        "tiny (completion, tools)",
        "trained for 32768",
        "off; sampling: the model's own",
        "none; loop models probe tiny finds out",
        "no; the first request loads it",
        "write outside the project: ",
        "on for commands, ports 80, 443, 22, 53 of TCP, any of UDP",
        "redirects are not followed",
        "512 processes",
    ] {
        assert!(ran.stdout.contains(text), "{text} is not in {}", ran.stdout);
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn where_nothing_keeps_commands_from_the_model_it_is_said() {
    let project = Project::without_server();
    let host = "127.0.0.1:443";
    let ran = project.run(&["doctor", "--host", host]).exits(5);
    let expected = "a command with the network on can reach the model's server: ";
    assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    let found = json(&project.run(&["doctor", "--json", "--host", host]).exits(5));
    assert!(found["policy"]["model_in_reach"].is_string(), "{found}");
}

#[test]
fn a_server_or_model_that_cannot_be_used_exits_5_after_everything_else_is_told() {
    let check = |project: &Project, what: &str| {
        let ran = project.run(&["doctor"]).exits(5);
        for text in [what, "hint: ", "sandbox", "sessions"] {
            assert!(ran.stdout.contains(text), "{text} is not in {}", ran.stdout);
        }
        let found = json(&project.run(&["doctor", "--json"]).exits(5));
        assert_eq!(found["server"]["model"], Value::Null);
        let problem = found["server"]["problem"]["what"].as_str().unwrap();
        assert!(problem.contains(what), "{problem}");
    };
    check(&Project::without_server(), "Is it running?");
    check(&Project::with(&FakeOllama::new()), "no usable model");
    let server = FakeOllama::new().model(FakeModel::new("mute").capabilities(&["completion"]));
    let missing = Project::with(&server).variable("LOOP_MODEL", "absent");
    check(&missing, "not found");
}

#[test]
fn a_model_without_tool_calls_of_its_own_is_told() {
    let server = FakeOllama::new().model(FakeModel::new("mute").capabilities(&["completion"]));
    let project = Project::with(&server);
    let ran = project.run(&["doctor"]).exits(0);
    let words = "text protocol: the model has no tool calls of its own";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    let found = json(&project.run(&["doctor", "--json"]).exits(0));
    assert_eq!(found["server"]["model"]["protocol"], "text");
}

#[test]
fn a_sandbox_that_was_switched_off_promises_little_and_says_so() {
    let server = FakeOllama::new().model(FakeModel::new("tiny"));
    let project = Project::with(&server).config("commands:\n  sandbox: off\n");
    let found = json(&project.run(&["doctor", "--json"]).exits(0));
    assert_eq!(found["sandbox"]["tier"], "none");
    assert_eq!(found["sandbox"]["configured"], "off");
    let attacks = found["sandbox"]["attacks"].as_array().unwrap();
    let outside = &attacks
        .iter()
        .find(|it| it["attack"] == "write outside the project");
    assert_eq!(outside.unwrap()["promised"], false);
    // Even then git is put right.
    let hook = attacks.iter().find(|it| it["attack"] == "plant a git hook");
    assert_eq!(hook.unwrap()["stopped"], true);
    let ran = project.run(&["doctor"]).exits(0);
    assert!(ran.stdout.contains("switched off"), "{}", ran.stdout);
}

#[test]
fn a_folder_that_is_no_project_and_bad_configuration_are_named() {
    let server = FakeOllama::new().model(FakeModel::new("tiny"));
    let project = Project::with(&server);
    let found = json(&project.run(&["doctor", "--json", "-C", "/"]).exits(0));
    assert_eq!(
        found["policy"]["project_refused"],
        "`/` is the whole machine"
    );
    project.run(&["doctor", "-C", "/nonexistent"]).exits(2);
    let project = project.config("nonsense: true\n");
    project.run(&["doctor"]).exits(2).says("nonsense");
}

//! What a start asks for without being told, and that it stays so.

use serde_json::json;

use super::{json, manners, tools};
use crate::support::fake_ollama::{FakeModel, FakeOllama, Script};
use crate::support::project::Project;
use crate::support::todo::{self, Asked};

/// The todo model under other names.
fn serving(models: impl IntoIterator<Item = FakeModel>) -> FakeOllama {
    let server = FakeOllama::new().deciding(|request| {
        let asked = Asked(request.json.clone());
        todo::says(&asked).script(request)
    });
    models.into_iter().fold(server, FakeOllama::model)
}

fn thinking(name: &str) -> FakeModel {
    FakeModel::new(name)
        .capabilities(&["completion", "tools", "thinking"])
        .window(8_192)
}

#[test]
fn each_family_is_talked_to_in_its_own_way_by_data() {
    let check = |name: &str, config: &str, expected: serde_json::Value| {
        let server = serving([thinking(name)]);
        let project = Project::with(&server).config(config);
        project.start_unattended(&["--until", "prd"]).exits(0);
        let mut expected = expected;
        expected["num_ctx"] = 8_192.into();
        expected["num_predict"] = 2_048.into();
        expected["model"] = name.into();
        assert_eq!(manners(&server), [expected]);
    };
    check(
        "qwen3:8b",
        "",
        json!({"think": false, "temperature": 0.7, "top_p": 0.8, "top_k": 20}),
    );
    check(
        "gpt-oss:20b",
        "",
        json!({"think": "medium", "temperature": 1.0, "top_p": 1.0}),
    );
    check("unheard-of:1b", "", json!({"think": false}));
    check(
        "gpt-oss:20b",
        "model: {think: off, temperature: 0, num_predict: 2048}\n",
        json!({"think": false, "temperature": 0.0, "top_p": 1.0}),
    );
}

#[test]
fn what_was_chosen_is_frozen_and_a_resume_sends_the_same() {
    let server = serving([thinking("qwen3:8b"), thinking("gpt-oss:20b")]);
    let project = Project::with(&server).variable("LOOP_MODEL", "qwen3:8b");
    project.start_unattended(&["--until", "prd"]).exits(0);
    let journal = project.journal();
    let frozen = &journal.of("session_started")[0]["manners"];
    assert_eq!(frozen["models"]["qwen3:8b"]["tuning"]["top_k"], 20);
    assert_eq!(frozen["models"]["qwen3:8b"]["think"], "off");
    let why = frozen["window"].as_str().unwrap();
    assert!(why.starts_with("8192 tokens: "), "{why}");

    // What the configuration says now is for the next session.
    let project = project.config("model: {temperature: 0.1, think: on, num_ctx: 4096}\n");
    let until = ["--until", "tickets", "--yes"];
    project.resume_unattended(&until).exits(0);
    let before = manners(&server);
    assert_eq!(before.len(), 1, "{before:?}");

    // Another model, named for the rest, is talked to in its own way.
    project
        .resume_unattended(&["--until", "research", "--model", "gpt-oss:20b", "--yes"])
        .exits(0);
    let after = manners(&server);
    assert_eq!(after.len(), 2, "{after:?}");
    assert_eq!(after[1]["model"], "gpt-oss:20b");
    assert_eq!(after[1]["think"], "medium");
    assert_eq!(after[1]["num_ctx"], before[0]["num_ctx"]);
}

#[test]
fn a_window_that_is_loaded_already_is_used() {
    let start = |loaded: u64| {
        let server = serving([FakeModel::new("tiny").window(65_536)]).loaded("tiny", loaded);
        let project = Project::with(&server);
        let ran = project.start_unattended(&["--until", "prd"]).exits(0);
        let num_ctx = server.chats()[0].json["options"]["num_ctx"].as_u64();
        (num_ctx.unwrap(), ran.stderr.replace('\n', " "))
    };
    let (num_ctx, said) = start(24_000);
    assert_eq!(num_ctx, 24_000);
    assert!(said.contains("loaded with this window already"), "{said}");
    let (num_ctx, said) = start(2_048);
    assert!(num_ctx >= 8_192);
    assert!(said.contains("loaded with 2048 at the moment"), "{said}");
}

#[test]
fn a_model_that_is_half_on_the_card_is_told_once_with_what_helps() {
    let server = serving([FakeModel::new("tiny").on_gpu_up_to(8_192)]);
    let project = Project::with(&server);
    let options = ["--until", "tickets", "--num-ctx", "16384"];
    project.start_unattended(&options).exits(0);
    let journal = project.journal();
    let warned: Vec<_> = journal
        .of("warned")
        .into_iter()
        .filter(|line| line["text"].as_str().unwrap().contains("graphics card"))
        .collect();
    assert_eq!(warned.len(), 1);
    let text = warned[0]["text"].as_str().unwrap();
    for part in ["80 %", "--num-ctx 8192", "OLLAMA_KV_CACHE_TYPE=q8_0"] {
        assert!(text.contains(part), "{text}");
    }
    let doctor = project.run(&["doctor"]).exits(0).stdout;
    assert!(
        doctor.contains("80 % of it on the graphics card"),
        "{doctor}"
    );
    assert!(doctor.contains("a smaller quantisation"), "{doctor}");
}

#[test]
fn the_installed_models_are_listed_with_what_is_known_of_each() {
    let server = serving([
        thinking("qwen3:8b").size(5_225_388_164),
        FakeModel::new("huge:900b").size(900_000_000_000),
        FakeModel::new("far:cloud").remote("https://elsewhere"),
    ]);
    let project = Project::with(&server);
    let list = project.run(&["models", "list"]).exits(0);
    let lines: Vec<Vec<&str>> = list
        .stdout
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(lines[0], ["NAME", "SIZE", "WINDOW", "FITS", "CARD", "CAN"]);
    assert_eq!(lines[1][..3], ["qwen3:8b", "5.2 GB", "8192 of 8192"]);
    assert_eq!(lines[1][4..], ["not probed", "completion, tools, thinking"]);
    assert_eq!(lines[2][3], "no");
    assert_eq!(lines[3][3], "runs in the cloud: refused");
    assert_eq!(list.stderr, "");

    let all = json(&project.run(&["models", "list", "--json"]).exits(0));
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(all[0]["trained_window"], 8_192);
    assert_eq!(all[0]["runs"], "here");
    assert_eq!(all[1]["fits"], false);
    assert_eq!(all[2]["runs"], "elsewhere");
    // It only asks.
    assert!(server.chats().is_empty());

    let nothing = FakeOllama::new();
    let empty = Project::with(&nothing);
    empty
        .run(&["models", "list"])
        .exits(0)
        .says("no model is installed");
    let gone = Project::without_server();
    gone.run(&["models", "list"])
        .exits(5)
        .says("Is it running?");
}

#[test]
fn a_model_is_fetched_by_name() {
    let server = FakeOllama::new();
    let project = Project::with(&server);
    project
        .run(&["models", "pull", "tiny:1b"])
        .exits(0)
        .says("tiny:1b is installed");
    let list = project.run(&["models", "list"]).exits(0);
    assert!(list.stdout.contains("tiny:1b"), "{}", list.stdout);
    let failing = FakeOllama::new().pulling(
        Script::stream()
            .raw("{\"status\":\"pulling manifest\"}\n")
            .error_line("pull model manifest: file does not exist"),
    );
    Project::with(&failing)
        .run(&["models", "pull", "absent"])
        .exits(5)
        .says("model 'absent' not found");
    Project::with(&failing)
        .run(&["models", "pull", "big:cloud"])
        .exits(5)
        .says("cloud");
}

#[test]
fn without_a_card_every_tool_of_a_skill_is_offered() {
    let server = serving([FakeModel::new("tiny")]);
    let project = Project::with(&server);
    project.start_unattended(&["--until", "implement"]).exits(0);
    let builds = server
        .chats()
        .into_iter()
        .find(|chat| tools(chat).contains(&"write_file"));
    assert!(tools(&builds.unwrap()).contains(&"edit_file"));
}

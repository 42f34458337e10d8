//! Recorded sessions, repeated without a model: sessions of every kind come to the same, and what
//! was changed in a recording is found at its place.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod asks;
mod canaries;
mod damaged;
mod kills;
mod outside;
mod private;

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::project::{Project, Ran};
use crate::support::scenes::{SCENES, record};
use crate::support::todo::{self, Form, Says, todo_server};

/// The most bytes of a recording that is kept with the code.
const MOST_BYTES: u64 = 60_000;

/// Records the only session of the project and repeats it; it must come to the same.
#[track_caller]
pub(crate) fn repeats(project: &Project) {
    let repeated = repeat(project, &recorded(project, &[]));
    assert_eq!(repeated["difference"], Value::Null, "{repeated:#}");
    assert_eq!(repeated["same"], repeated["lines"]);
    assert_eq!(repeated["lines"], project.journal().0.len());
}

fn recorded(project: &Project, options: &[&str]) -> PathBuf {
    let file = project.loop_home().join("a.replay");
    record(project, &file, options);
    file
}

fn replay(project: &Project, file: &Path, options: &[&str]) -> Ran {
    let file = file.display().to_string();
    project.run(&[&["replay", &file], options].concat())
}

#[track_caller]
fn repeat(project: &Project, file: &Path) -> Value {
    let ran = replay(project, file, &["--json"]);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
}

/// The lines of a recording.
fn lines(file: &Path) -> Vec<Value> {
    let mut text = String::new();
    let packed = std::fs::File::open(file).unwrap();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Writes these lines as a recording.
fn put(file: &Path, lines: &[Value]) {
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for line in lines {
        writeln!(packed, "{line}").unwrap();
    }
    std::fs::write(file, packed.finish().unwrap()).unwrap();
}

/// The place of the first recorded line for which that holds.
#[track_caller]
fn place(lines: &[Value], is_it: impl Fn(&Value) -> bool) -> usize {
    lines
        .iter()
        .position(|line| is_it(&line["record"]))
        .unwrap()
}

#[test]
fn every_recording_repeats_under_this_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let project = Project::without_server();
    for scene in SCENES {
        let file = folder.join(format!("{}.replay", scene.name));
        let bytes = std::fs::metadata(&file).unwrap().len();
        assert!(bytes < MOST_BYTES, "{}: {bytes} bytes", scene.name);
        let ran = replay(&project, &file, &[]);
        assert_eq!(
            ran.code,
            Some(0),
            "{}: {}{}\nif this is what you wanted: tests/recordings/README.md",
            scene.name,
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn every_scene_repeats_with_names_and_without_and_is_recorded_the_same_each_time() {
    for scene in SCENES {
        let project = scene.run();
        repeats(&project);
        let file = recorded(&project, &[]);
        let first = std::fs::read(&file).unwrap();
        assert_eq!(std::fs::read(recorded(&project, &[])).unwrap(), first);
        // So does what is sent to somebody else.
        let repeated = repeat(&project, &recorded(&project, &["--redact"]));
        let difference = &repeated["difference"];
        assert_eq!(*difference, Value::Null, "{}: {repeated:#}", scene.name);
    }
}

#[test]
fn what_nobody_could_foresee_repeats_as_well() {
    // A reply that is cut, a question at a marker, a suspicious command that nobody is asked about,
    // a limit, guidance to a document, and a phase that is done again.
    let mut cuts = 0;
    let server = todo::server(move |asked| {
        if asked.form().is_some() || asked.ticket() != Some("T1") {
            return None;
        }
        cuts += 1;
        let calls = vec![("run_command", json!({"command": "git push origin main"}))];
        Some(match cuts {
            1 => Says::text("<write_file>"),
            _ => todo::after(calls, asked),
        })
    });
    let project = Project::with(&server).answers("storage: A\nsurface: B\napprove-prd: shorter\n");
    let file = project.answers_file().display().to_string();
    project.start(&["--answers", &file, "--no-input"]).exits(3);
    project.resume_unattended(&["--yes", "--max-turns", "1"]);
    project.resume_unattended(&["--max-turns", "9", "--from", "implement"]);
    project.run(&["undo", "T1", "--yes"]);
    repeats(&project);
}

#[test]
fn a_changed_reply_is_found_at_its_place() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let file = recorded(&project, &[]);
    let whole = lines(&file);
    let reply = place(&whole, |record| {
        record["event"] == "replied"
            && record["reply"]["tool_calls"][0].is_object()
            && record["ticket"] == "T1"
    });
    let seq = whole[reply]["record"]["seq"].as_u64().unwrap();
    let mut changed = whole.clone();
    changed[reply]["record"]["reply"]["tool_calls"][0]["function"]["arguments"]["path"] =
        json!("other.py");
    put(&file, &changed);
    let found = &repeat(&project, &file)["difference"];
    assert_eq!(
        (&found["seq"], &found["event"]),
        (&json!(seq + 1), &json!("tool_started"))
    );
    assert_eq!(
        (&found["field"], &found["recorded"], &found["now"]),
        (
            &json!("call.arguments.path"),
            &json!("todo.py"),
            &json!("other.py")
        )
    );
    // A reply that is missing, a check that came to something else, another answer.
    let mut changed = whole.clone();
    changed.remove(reply);
    for (number, line) in (1..).zip(changed.iter_mut().filter(|line| line["record"].is_object())) {
        line["record"]["seq"] = json!(number);
    }
    put(&file, &changed);
    assert_eq!(repeat(&project, &file)["difference"]["seq"], json!(seq));

    let check = place(&whole, |record| {
        record["event"] == "checked" && record["gate"] == "verify"
    });
    let mut changed = whole.clone();
    changed[check]["record"]["exit"] = json!(1);
    changed[check]["record"]["passed"] = json!(false);
    put(&file, &changed);
    let found = &repeat(&project, &file)["difference"];
    let after = whole[check]["record"]["seq"].as_u64().unwrap();
    assert!(found["seq"].as_u64().unwrap() > after, "{found}");

    let answer = place(&whole, |record| record["event"] == "answered");
    let mut changed = whole.clone();
    changed[answer]["record"]["answer"]["text"] = json!("on the moon");
    put(&file, &changed);
    let found = &repeat(&project, &file)["difference"];
    assert!(found["now"].to_string().contains("on the moon"), "{found}");
}

#[test]
fn a_changed_prompt_is_found_in_the_request() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&["--until", "prd"]).exits(0);
    let file = recorded(&project, &[]);
    let mut changed = lines(&file);
    let request = changed.iter().position(|line| line["request"].is_object());
    let request = request.unwrap();
    changed[request]["request"]["sha256"] = json!("0".repeat(64));
    put(&file, &changed);
    let found = replay(&project, &file, &[]).exits(1).stdout;
    assert!(found.contains("at request"), "{found}");
    let skill = place(&changed, |record| record["event"] == "session_started");
    let mut changed = lines(&file);
    let skills = changed[skill]["record"]["skills"].as_object_mut().unwrap();
    for text in skills.values_mut() {
        *text = json!(format!("{}\nBe brief.\n", text.as_str().unwrap()));
    }
    put(&file, &changed);
    let found = replay(&project, &file, &[]).exits(1).stdout;
    assert!(
        found.contains("conversation_started in prd, at messages.0.content"),
        "{found}"
    );
    assert!(found.contains("now:      …"), "{found}");
}

#[test]
fn what_is_no_recording_is_refused() {
    let project = Project::without_server();
    let file = project.loop_home().join("x.replay");
    let refused = |words: &str| {
        replay(&project, &file, &[])
            .exits(2)
            .says(words)
            .says("hint:");
    };
    refused("cannot read");
    std::fs::write(&file, "no such thing").unwrap();
    refused("cannot unpack");
    put(
        &file,
        &[json!({"head": {"replay": 99, "version": "9.9.9", "session": "s", "folder": "/s"}})],
    );
    refused("recorded by version 9.9.9");
    put(&file, &[json!({"song": 1})]);
    refused("'song' is nothing of a recording");
}

#[test]
fn a_recording_cannot_write_outside_its_scratch_copy() {
    let server = todo_server();
    let project = Project::with(&server);
    project.start_unattended(&[]).exits(0);
    let file = recorded(&project, &[]);
    let target = project.home().join("planted");
    let whole = lines(&file);
    for path in [
        target.display().to_string(),
        format!("../../../../../../..{}", target.display()),
    ] {
        let mut changed = whole.clone();
        let planted = json!({"file": {"seq": 1, "path": path, "content": {"text": "x"}}});
        changed.insert(1, planted);
        put(&file, &changed);
        replay(&project, &file, &[]).exits(2);
        assert!(!target.exists());
    }
}

#[test]
fn a_session_that_never_touched_its_project_repeats_with_the_files_that_are_there() {
    let server = todo::server(|asked| {
        let look = vec![
            ("read_file", json!({"path": "notes.txt"})),
            ("search_files", json!({"pattern": "kept"})),
        ];
        asked.is_research().then(|| todo::after(look, asked))
    });
    let project = Project::with(&server).file("notes.txt", "to be kept\n");
    project.start_unattended(&["--until", "research"]).exits(0);
    repeats(&project);
    let simple = todo::server(|asked| {
        (asked.form() == Some(Form::Questions)).then(|| Says::text("no JSON at all"))
    });
    let project = Project::with(&simple);
    project.start_unattended(&["--until", "prd"]);
    repeats(&project);
}

//! What is handed to somebody else: all of a session but its secrets.

use std::fs;

use loop_orchestration::engine::artifact::ArtifactName;
use loop_orchestration::engine::event::Event;
use loop_orchestration::store::{Redactor, archive, markdown, read};
use serde_json::json;

use super::{entry, finished, place, session, told};

/// The files of an archive: names and texts.
fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
            (entry.path().unwrap().display().to_string(), text)
        })
        .collect()
}

#[test]
fn an_export_holds_everything_but_secrets() {
    let place = place();
    let call = entry(Event::Told {
        text: "use later-s3cret\n```\nfenced".to_owned(),
        to: None,
        letter: None,
    });
    session(&place, "20260131-120000-abcd", vec![call, finished()]);
    let folder = place.sessions.find("abcd").unwrap();
    let document = json!({"title": "later-s3cret"});
    folder
        .write_artifact(
            ArtifactName::Prd,
            &document,
            Some("# Todo"),
            &Redactor::default(),
        )
        .unwrap();
    let redactor = Redactor::new([("LATER".to_owned(), "later-s3cret".to_owned())]);

    let text = markdown(&folder, &redactor).unwrap();
    assert!(text.starts_with("# Build a todo app\n"), "{text}");
    assert!(
        text.contains("````\nuse [redacted:LATER]\n```\nfenced\n````\n"),
        "{text}"
    );
    assert!(text.contains("## prd.md\n\n```md\n# Todo\n```\n"), "{text}");
    assert!(text.contains("[implement T1] session completed"), "{text}");

    let mut bytes = Vec::new();
    archive(&folder, &redactor, &mut bytes).unwrap();
    let files = unpacked(&bytes);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["journal.jsonl", "artifacts/prd.json", "artifacts/prd.md"];
    assert_eq!(names, expected.map(|name| format!("{}/{name}", folder.id)));
    assert!(files.iter().all(|(_, text)| !text.contains("later-s3cret")));
    let copy = folder.path.join("copy.jsonl");
    fs::write(&copy, &files[0].1).unwrap();
    assert_eq!(
        read(&copy).unwrap().records.len(),
        3,
        "it can be read again"
    );
}

#[test]
fn a_damaged_session_can_still_be_exported() {
    let place = place();
    let path = session(
        &place,
        "20260131-120000-abcd",
        vec![told("one"), told("two")],
    );
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("one", "eno")).unwrap();
    let folder = place.sessions.find("abcd").unwrap();
    assert!(markdown(&folder, &Redactor::default()).is_err());
    let mut bytes = Vec::new();
    archive(&folder, &Redactor::default(), &mut bytes).unwrap();
    assert!(unpacked(&bytes)[0].1.contains("eno"));
}

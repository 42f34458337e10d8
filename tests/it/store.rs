//! Sessions on a real disk: what a kill, a full hand and a second process leave behind.

#![expect(clippy::unwrap_used, reason = "tests")]

mod export;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use loop_orchestration::engine::artifact::ArtifactName;
use loop_orchestration::engine::event::{Event, Interruption, Outcome, SCHEMA, SessionStarted};
use loop_orchestration::engine::manner::Manners;
use loop_orchestration::engine::protocol::Protocol;
use loop_orchestration::error::{Error, ErrorKind};
use loop_orchestration::store::{
    Durability, Entry, Listed, OpenSession, Redactor, SessionLock, SessionState, Sessions,
    StoreError, read,
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

struct Place {
    _home: TempDir,
    sessions: Sessions,
}

fn place() -> Place {
    let home = TempDir::new().unwrap();
    let sessions = Sessions::at(home.path().join("sessions"));
    Place {
        _home: home,
        sessions,
    }
}

fn started(id: &str, project: &str) -> SessionStarted {
    SessionStarted {
        schema: SCHEMA,
        version: "0.1.0".to_owned(),
        id: id.to_owned(),
        task: "Build a todo app".to_owned(),
        project: project.to_owned(),
        config: Value::Null,
        model: "m".to_owned(),
        model_digest: String::new(),
        protocol: Protocol::Native,
        num_ctx: 8192,
        manners: Manners::default(),
        pipeline: String::new(),
        pipeline_hash: String::new(),
        skills: Map::new(),
        skill_hashes: Map::new(),
        from: None,
        until: None,
    }
}

fn told(text: &str) -> Entry {
    entry(Event::Told {
        text: text.to_owned(),
        to: None,
        letter: None,
    })
}

fn entry(event: Event) -> Entry {
    Entry {
        phase: Some("implement".to_owned()),
        ticket: Some("T1".to_owned()),
        event,
    }
}

fn finished() -> Entry {
    entry(Event::SessionFinished {
        outcome: Outcome::Completed,
        reason: String::new(),
    })
}

/// A session with these lines after its first.
fn session(place: &Place, id: &str, entries: Vec<Entry>) -> PathBuf {
    let (mut session, _) =
        OpenSession::create(&place.sessions, started(id, "/p"), Redactor::default()).unwrap();
    for entry in entries {
        session.journal.append(entry, Durability::Buffered).unwrap();
    }
    session.folder.journal()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_session_is_private_and_whole() {
    let place = place();
    let path = session(&place, "20260131-120000-abcd", vec![told("one")]);
    let folder = path.parent().unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(folder), 0o700);
    assert!(folder.join("artifacts").is_dir());
    let names: Vec<_> = fs::read_dir(place.sessions.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["20260131-120000-abcd"], "nothing staged is left");
    let content = read(&path).unwrap();
    assert_eq!(content.warnings, Vec::<String>::new());
    assert_eq!(content.good_bytes, fs::metadata(&path).unwrap().len());
    let numbers: Vec<_> = content.records.iter().map(|record| record.seq).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_reopened_journal_goes_on_where_it_ended() {
    let place = place();
    let path = session(&place, "20260131-120000-abcd", vec![told("one")]);
    let folder = place.sessions.find("abcd").unwrap();
    let (mut again, content) = OpenSession::open(folder, Redactor::default()).unwrap();
    assert_eq!(content.records.len(), 2);
    let appended = again
        .journal
        .append(told("two"), Durability::Synced)
        .unwrap();
    assert_eq!(appended.record.seq, 3);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().last(), Some(appended.line.as_str()));
    assert_eq!(read(&path).unwrap().records[2], appended.record);
}

#[test]
fn any_torn_last_line_is_cut_and_said() {
    let place = place();
    let path = session(
        &place,
        "20260131-120000-abcd",
        vec![told("one"), told("two")],
    );
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    let mut torn: Vec<Vec<u8>> = (last + 1..whole.len())
        .map(|end| whole[..end].to_vec())
        .collect();
    torn.push([&whole[..last], b"garbage\n"].concat());
    torn.push([&whole[..last], &[0; 100][..]].concat());
    for bytes in torn {
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path).unwrap().records.len(), 2);
        let folder = place.sessions.find("abcd").unwrap();
        let (mut again, content) = OpenSession::open(folder, Redactor::default()).unwrap();
        assert_eq!(content.warnings.len(), 1);
        assert!(
            content.warnings[0].contains("journal.jsonl:3:"),
            "{content:?}"
        );
        assert_eq!(fs::read(&path).unwrap(), whole[..last]);
        again
            .journal
            .append(told("2"), Durability::Buffered)
            .unwrap();
        assert_eq!(read(&path).unwrap().records.len(), 3);
    }
}

#[test]
fn any_other_bad_line_is_refused_by_its_number() {
    let place = place();
    let path = session(
        &place,
        "20260131-120000-abcd",
        vec![told("one"), told("two")],
    );
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let check = |content: &str, line: u64, hint: &str| {
        fs::write(&path, content).unwrap();
        match read(&path).unwrap_err() {
            StoreError::BadLine {
                line: found,
                reason,
                ..
            } => {
                assert_eq!(found, line, "{reason}");
                assert!(reason.contains(hint), "{reason}");
            }
            other => panic!("{other}"),
        }
    };
    check(&text.replace("one", "eno"), 2, "checksum");
    let gap = format!("{}\n{}\n{}\n", lines[0], lines[2], lines[2]);
    check(&gap, 2, "checksum");
    let twice = format!("{}\n{}\n{}\n{}\n", lines[0], lines[1], lines[1], lines[2]);
    check(&twice, 3, "checksum");
    check(&format!("{}\n\n{}\n", lines[0], lines[1]), 2, "too short");
    check(&lines[0][..50], 1, "not complete");
    check("", 1, "empty");
    assert!(!text.contains("eno"));
    let error = Error::from(read(&path).unwrap_err());
    assert_eq!(error.kind, ErrorKind::Session);
    assert!(error.hint.is_some());
}

#[test]
fn a_journal_of_a_later_format_is_refused_and_left_alone() {
    let place = place();
    let (later, _) = OpenSession::create(
        &place.sessions,
        SessionStarted {
            schema: SCHEMA + 1,
            version: "9.9".to_owned(),
            ..started("20260131-120000-abcd", "/p")
        },
        Redactor::default(),
    )
    .unwrap();
    let folder = later.folder.clone();
    drop(later);
    let before = fs::read(folder.journal()).unwrap();
    let error = OpenSession::open(folder.clone(), Redactor::default()).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error}");
    assert!(error.to_string().contains("9.9"));
    assert_eq!(fs::read(folder.journal()).unwrap(), before);
}

#[test]
fn a_session_belongs_to_one_process_at_a_time() {
    let place = place();
    let (session, _) = OpenSession::create(
        &place.sessions,
        started("20260131-120000-abcd", "/p"),
        Redactor::default(),
    )
    .unwrap();
    let folder = session.folder.clone();
    assert!(folder.is_running());
    let error = OpenSession::open(folder.clone(), Redactor::default()).unwrap_err();
    let holder = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&holder), "{error}");
    assert_eq!(Error::from(error).kind, ErrorKind::Session);
    assert!(place.sessions.delete(&folder).is_err());
    assert!(folder.journal().exists());
    drop(session);
    assert!(!folder.is_running());
    let lock = SessionLock::acquire(&folder.path, &folder.id).unwrap();
    drop(lock);
    place.sessions.delete(&folder).unwrap();
    assert_eq!(fs::read_dir(place.sessions.root()).unwrap().count(), 0);
}

#[test]
fn the_list_is_the_folders_newest_first_with_the_damaged_ones() {
    let place = place();
    assert_eq!(place.sessions.list().unwrap(), []);
    let interrupted = entry(Event::Interrupted {
        why: Interruption::NeedsInput,
        reason: String::new(),
    });
    session(
        &place,
        "20260101-000000-aaaa",
        vec![told(&"long ".repeat(40_000)), finished()],
    );
    session(&place, "20260102-000000-bbbb", vec![interrupted]);
    session(&place, "20260103-000000-cccc", vec![told("x")]);
    let late = entry(Event::Warned {
        text: "late ".repeat(30_000),
    });
    session(
        &place,
        "20260104-000000-dddd",
        vec![finished(), late.clone(), late],
    );
    fs::create_dir(place.sessions.root().join("20260105-000000-eeee")).unwrap();
    fs::create_dir(place.sessions.root().join(".staging-20260105-000000-ffff")).unwrap();
    let states: Vec<_> = place
        .sessions
        .list()
        .unwrap()
        .into_iter()
        .map(|listed| match listed {
            Listed::Readable(head) => {
                assert_eq!(head.task, "Build a todo app");
                assert_eq!(head.phase.as_deref(), Some("implement"));
                (head.folder.id[16..].to_owned(), head.state.words())
            }
            Listed::Damaged { folder, reason } => {
                assert!(reason.contains("journal.jsonl"), "{reason}");
                (folder.id[16..].to_owned(), "damaged")
            }
        })
        .collect();
    let expected = [
        ("eeee", "damaged"),
        ("dddd", "completed"),
        ("cccc", "interrupted"),
        ("bbbb", "needs input"),
        ("aaaa", "completed"),
    ];
    assert_eq!(states, expected.map(|(id, state)| (id.to_owned(), state)));
}

#[test]
fn sessions_are_found_by_part_of_an_id_and_by_project() {
    let place = place();
    session(&place, "20260101-000000-aaaa", vec![told("x")]);
    session(&place, "20260102-000000-aaab", vec![told("x")]);
    session(&place, "20260103-000000-cccc", vec![finished()]);
    let find = |part: &str| place.sessions.find(part).map(|folder| folder.id);
    assert_eq!(find("aaab").unwrap(), "20260102-000000-aaab");
    assert_eq!(find("20260103").unwrap(), "20260103-000000-cccc");
    let error = find("aaa").unwrap_err();
    assert!(
        error.to_string().contains("20260101-000000-aaaa"),
        "{error}"
    );
    assert_eq!(Error::from(error).kind, ErrorKind::Usage);
    assert!(matches!(find("zz"), Err(StoreError::UnknownSession { .. })));
    assert!(matches!(find(""), Err(StoreError::UnknownSession { .. })));
    let id = |folder: Option<loop_orchestration::store::SessionFolder>| folder.map(|f| f.id);
    let newest = place.sessions.newest(Path::new("/p")).unwrap();
    assert_eq!(id(newest).as_deref(), Some("20260103-000000-cccc"));
    let unfinished = place.sessions.newest_unfinished(Path::new("/p")).unwrap();
    assert_eq!(id(unfinished).as_deref(), Some("20260102-000000-aaab"));
    assert_eq!(id(place.sessions.newest(Path::new("/q")).unwrap()), None);
}

#[test]
fn a_running_session_is_listed_as_running() {
    let place = place();
    let id = place.sessions.free_id();
    assert_eq!(id.len(), 20, "{id}");
    let _open = OpenSession::create(&place.sessions, started(&id, "/p"), Redactor::default());
    let list = place.sessions.list().unwrap();
    let [Listed::Readable(head)] = &list[..] else {
        panic!("{list:?}")
    };
    assert_eq!(head.state, SessionState::Running);
}

#[test]
fn secrets_never_reach_the_disk() {
    let place = place();
    let redactor = Redactor::new([("TOKEN".to_owned(), "s3cret\"value".to_owned())]);
    let (mut session, _) = OpenSession::create(
        &place.sessions,
        started("20260131-120000-abcd", "/p"),
        redactor.clone(),
    )
    .unwrap();
    let appended = session
        .journal
        .append(told("say s3cret\"value now"), Durability::Buffered)
        .unwrap();
    assert_eq!(appended.record.event, told("say s3cret\"value now").event);
    assert_eq!(
        appended.shown().event,
        told("say [redacted:TOKEN] now").event
    );
    let content = read(&session.folder.journal()).unwrap();
    assert_eq!(&content.records[1], appended.shown());
    let sha256 = session
        .folder
        .write_artifact(
            ArtifactName::Prd,
            &json!({"title": "s3cret\"value"}),
            Some("# s3cret\"value"),
            &redactor,
        )
        .unwrap();
    assert_eq!(sha256.len(), 64);
    let text = session.folder.read_artifact(ArtifactName::Prd).unwrap();
    assert_eq!(
        text.as_deref(),
        Some("{\n  \"title\": \"[redacted:TOKEN]\"\n}\n")
    );
    let copy = fs::read_to_string(session.folder.artifacts().join("prd.md")).unwrap();
    assert_eq!(copy, "# [redacted:TOKEN]");
    assert_eq!(mode(&session.folder.artifact(ArtifactName::Prd)), 0o600);
    let research = session.folder.read_artifact(ArtifactName::Research);
    assert_eq!(research.unwrap(), None);
}

#[test]
fn a_home_that_is_a_file_is_said() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let sessions = Sessions::at(file.join("sessions"));
    let error = OpenSession::create(&sessions, started("x", "/p"), Redactor::default());
    let error = Error::from(error.unwrap_err());
    assert_eq!(error.kind, ErrorKind::Session);
    assert!(error.to_string().contains("file/sessions"), "{error}");
    assert!(error.to_string().contains("LOOP_HOME"), "{error}");
}

#[test]
fn what_a_killed_process_half_made_is_swept_away() {
    let place = place();
    let root = place.sessions.root().to_owned();
    let hour = std::time::Duration::from_secs(3600);
    for name in [
        ".staging-old",
        ".deleting-old",
        ".staging-new",
        "20260101-000000-aaaa",
    ] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    for name in [".staging-old", ".deleting-old", "20260101-000000-aaaa"] {
        let then = std::time::SystemTime::now() - hour;
        fs::File::open(root.join(name))
            .unwrap()
            .set_modified(then)
            .unwrap();
    }
    session(&place, "20260131-120000-abcd", vec![]);
    let mut names: Vec<_> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    let expected = [
        ".staging-new",
        "20260101-000000-aaaa",
        "20260131-120000-abcd",
    ];
    assert_eq!(names, expected, "only what is old and has no name yet goes");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_byte_is_never_taken_for_the_truth(at: proptest::sample::Index, byte: u8) {
        let place = place();
        let path = session(&place, "20260131-120000-abcd", vec![told("one"), told("two")]);
        let whole = read(&path).unwrap().records;
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        proptest::prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        fs::write(&path, &bytes).unwrap();
        if let Ok(content) = read(&path) {
            // Without the newline between them, the last two lines are one.
            proptest::prop_assert!(matches!(content.records.len(), 1 | 2));
            proptest::prop_assert!(whole.starts_with(&content.records));
            proptest::prop_assert_eq!(content.warnings.len(), 1);
        }
    }
}

//! Recordings that are damaged, were edited, or come from another program: each is told in words
//! with the exit code of its kind, nothing is written elsewhere, and nothing breaks.

use std::path::Path;

use serde_json::{Value, json};

use super::{lines, place, put, replay};
use crate::support::project::{Project, Ran};

fn recording(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    folder.join(format!("{name}.replay"))
}

#[track_caller]
fn told(ran: &Ran, code: i32, what: &str) {
    assert_eq!(ran.code, Some(code), "{what}: {ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{what}: {ran:?}");
    let words = if code == 2 {
        ran.stderr.starts_with("error: ") && ran.stderr.contains("\nhint: ")
    } else {
        ran.stdout.contains("the first difference is in line ")
    };
    assert!(words, "{what}: {ran:?}");
}

#[test]
fn bytes_that_are_damaged_are_told() {
    let project = Project::without_server();
    let file = project.loop_home().join("x.replay");
    let whole = std::fs::read(recording("a-simple-task")).unwrap();
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&file, bytes).unwrap();
        told(&replay(&project, &file, &[]), 2, what);
    };
    for length in [
        0,
        1,
        9,
        20,
        whole.len() / 2,
        whole.len() - 9,
        whole.len() - 1,
    ] {
        check(&whole[..length], &format!("cut after {length} bytes"));
    }
    for at in [0, 3, 40, whole.len() / 3, whole.len() / 2, whole.len() - 6] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&file, &bytes).unwrap();
        let ran = replay(&project, &file, &[]);
        // Some bits of the head of such a file mean nothing.
        assert!(matches!(ran.code, Some(0 | 2)), "byte {at}: {ran:?}");
        assert!(at < 10 || ran.code == Some(2), "byte {at}: {ran:?}");
    }
    check(b"{\"head\":{}}\n", "not packed");
    put(&file, &[]);
    told(&replay(&project, &file, &[]), 2, "empty");
    told(&replay(&project, &project.root(), &[]), 2, "a folder");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn lines_that_are_edited_are_told() {
    let project = Project::without_server();
    let file = project.loop_home().join("x.replay");
    let whole = lines(&recording("the-whole-pipeline"));
    let of = |event: &str| place(&whole, |record| record["event"] == event);
    let (start, reply) = (of("session_started"), of("replied"));
    let (tool, checked) = (of("tool_started"), of("checked"));
    let set = |line: usize, pointer: &str, value: Value| {
        let mut changed = whole.clone();
        *changed[line].pointer_mut(pointer).expect(pointer) = value;
        changed
    };
    let without = |line: usize| {
        let mut changed = whole.clone();
        changed.remove(line);
        changed
    };
    let with = |line: Value| {
        let mut changed = whole.clone();
        changed.insert(1, line);
        changed
    };
    let file_of = |path: &str, kind: &str, content: Value| {
        with(json!({"file": {"seq": 1, "path": path, "kind": kind, "content": content}}))
    };
    let text = || json!({"text": "x"});
    let elsewhere = project.home().join("elsewhere").display().to_string();
    let mut below_a_link = file_of("l/elsewhere", "plain", text());
    let home = project.home().display().to_string();
    below_a_link.insert(
        1,
        json!({"file": {"seq": 1, "path": "l", "kind": "link", "content": {"text": home}}}),
    );
    let mut swapped = whole.clone();
    swapped.swap(reply, reply + 3);
    let record = "/record";
    let cases: Vec<(&str, i32, Vec<Value>)> = vec![
        ("no head", 2, without(0)),
        ("an older format", 2, set(0, "/head/replay", json!(0))),
        ("a newer format", 2, set(0, "/head/replay", json!(2))),
        ("a format of words", 2, set(0, "/head/replay", json!("1"))),
        ("no start", 2, without(start)),
        ("a line is missing", 2, without(reply)),
        ("lines change places", 2, swapped),
        ("another schema", 2, set(start, "/record/schema", json!(99))),
        (
            "an id that leads up",
            2,
            set(start, "/record/id", json!("../../../../elsewhere")),
        ),
        (
            "an id that leads elsewhere",
            2,
            set(start, "/record/id", json!(elsewhere)),
        ),
        ("no id", 2, set(start, "/record/id", json!(""))),
        ("an id of nothing", 2, set(start, "/record/id", json!(".."))),
        (
            "another pipeline",
            2,
            set(start, "/record/pipeline", json!("- {")),
        ),
        (
            "a limit of words",
            2,
            set(start, "/record/config/limits", json!("few")),
        ),
        (
            "an unknown event",
            2,
            set(reply, "/record/event", json!("sung")),
        ),
        ("an event of nothing", 2, set(reply, record, json!({}))),
        (
            "a reply of nothing",
            2,
            set(reply, "/record/reply", Value::Null),
        ),
        ("a negative time", 2, set(reply, "/record/ms", json!(-1))),
        ("a path of nothing", 2, file_of("", "plain", text())),
        ("a path up", 2, file_of("../elsewhere", "plain", text())),
        ("a path elsewhere", 2, file_of(&elsewhere, "plain", text())),
        ("a path below a link", 2, below_a_link),
        ("a file of no kind", 2, file_of("a", "song", text())),
        (
            "a file beyond the end",
            2,
            file_of("a", "plain", json!({"letters": "zz"})),
        ),
        (
            "more tokens than can be counted",
            2,
            set(reply, "/record/reply/usage/prompt_tokens", json!(u64::MAX)),
        ),
        (
            "a call of nothing",
            1,
            set(tool, "/record/call/name", json!("")),
        ),
        (
            "a call of another",
            1,
            set(tool, "/record/call/id", json!("c99")),
        ),
        (
            "a phase of nowhere",
            1,
            set(reply, "/record/phase", json!("nowhere")),
        ),
        (
            "a check of another",
            1,
            set(checked, "/record/command", json!("true")),
        ),
        ("no such window", 1, set(start, "/record/num_ctx", json!(0))),
        ("another task", 1, set(start, "/record/task", json!("Sing"))),
        (
            "a project that is there",
            1,
            file_of("todo.py", "plain", text()),
        ),
    ];
    assert!(cases.len() >= 30);
    for (what, code, changed) in cases {
        put(&file, &changed);
        told(&replay(&project, &file, &[]), code, what);
        assert!(!Path::new(&elsewhere).exists(), "{what}");
    }
}

#[test]
fn a_recording_repeats_wherever_and_whoever_one_is() {
    let file = recording("the-whole-pipeline").display().to_string();
    let config =
        "limits:\n  max_turns: 1\nmodel:\n  name: another\ncommands:\n  verify: ['false']\n";
    let project = Project::without_server().config(config);
    let inner = project.root().join("größe mit leer");
    std::fs::create_dir(&inner).unwrap();
    let repeats = |variables: &[(&str, &str)], folder: &Path, mask: &str| {
        let program = project.command(&["replay", &file]);
        let mut shell = std::process::Command::new("sh");
        let line = format!("umask {mask}; exec \"$0\" replay \"$1\"");
        shell
            .args(["-c", &line])
            .arg(program.get_program())
            .arg(&file);
        shell.env_clear();
        let own = program
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        shell.envs(own).envs(variables.iter().copied());
        let ran = shell.current_dir(folder).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(
            said.contains("identical, all "),
            "{variables:?} {mask}: {ran:?}"
        );
    };
    let root = project.root();
    repeats(
        &[("COLUMNS", "20"), ("LINES", "5"), ("TERM", "dumb")],
        &root,
        "022",
    );
    repeats(
        &[("COLUMNS", "400"), ("TERM", "xterm-256color")],
        &root,
        "077",
    );
    repeats(
        &[("TZ", "Pacific/Kiritimati"), ("LC_ALL", "de_DE.UTF-8")],
        &inner,
        "000",
    );
    repeats(
        &[("TZ", "UTC"), ("LANG", "C"), ("LC_ALL", "C")],
        Path::new("/"),
        "027",
    );
    let home = inner.display().to_string();
    repeats(
        &[
            ("HOME", &home),
            ("USER", "somebody"),
            ("LOGNAME", "somebody"),
        ],
        &inner,
        "022",
    );
    repeats(
        &[("LOOP_MODEL", "other"), ("OLLAMA_HOST", "gpu.invalid:1")],
        &root,
        "022",
    );
}

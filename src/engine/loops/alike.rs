//! When two calls are the same call, and two results the same result. Results of commands that
//! failed are compared without what differs every time: durations, times of day, addresses, names
//! of temporary files, numbers of processes.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::rules::rules;
use crate::engine::call::ToolCall;
use crate::engine::tool::ToolResult;

/// Characters of a line that is quoted.
const LINE_MOST: usize = 160;

/// A mark of anything, to tell it from others within one run of the program.
pub(super) fn mark(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The mark of a call: its tool and its arguments, whatever their order; a path and a command
/// however they are spelt.
pub(super) fn call_mark(call: &ToolCall) -> u64 {
    let mut arguments: Vec<(&str, String)> = call
        .arguments
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| {
            let text = match (key.as_str(), value.as_str()) {
                ("path", Some(path)) => path_name(path),
                ("command", Some(command)) => command.trim().to_owned(),
                (_, Some(text)) => text.to_owned(),
                (_, None) => value.to_string(),
            };
            (key.as_str(), text)
        })
        // The project's own folder is what is meant where no path is given.
        .filter(|(key, text)| *key != "path" || !text.is_empty())
        .collect();
    arguments.sort_unstable();
    mark((&call.name, arguments))
}

/// A path as it is compared; empty for the project's own folder.
pub(super) fn path_name(path: &str) -> String {
    let path = path.trim().trim_end_matches('/');
    let path = path.trim_start_matches("./");
    if path == "." {
        String::new()
    } else {
        path.to_owned()
    }
}

/// The mark of a result as it is.
pub(super) fn result_mark(result: &ToolResult) -> u64 {
    mark((result.status.word(), &result.text))
}

/// The mark of a failure without what differs every time.
pub(super) fn failure_mark(result: &ToolResult) -> u64 {
    mark((result.status.word(), steady(&result.text)))
}

/// The line of an output that says most about a failure.
pub(in crate::engine) fn telling_line(text: &str) -> String {
    const SIGNS: [&str; 8] = [
        "error",
        "exception",
        "assert",
        "panicked",
        "failed",
        "not found",
        "no such",
        "denied",
    ];
    let lines = || {
        text.lines()
            .rev()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let telling = lines().find(|line| {
        let line = line.to_lowercase();
        // A count of failures says nothing about any of them.
        !line.starts_with("failed (") && SIGNS.iter().any(|sign| line.contains(sign))
    });
    let line = telling.or_else(|| lines().next()).unwrap_or_default();
    line.chars().take(LINE_MOST).collect()
}

/// Whether a command only looks: what it is made of are commands that change no file.
pub(super) fn only_looks(command: &str) -> bool {
    let looking = &rules().looking;
    let mut command = command.to_owned();
    for harmless in &looking.harmless {
        command = command.replace(harmless, " ");
    }
    if looking.unless.iter().any(|word| command.contains(word)) {
        return false;
    }
    command
        .split(['|', ';', '&', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .all(|part| {
            looking.commands.iter().any(|known| {
                part.strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
            })
        })
}

/// A text without what differs every time: each such word is replaced by `_`.
fn steady(text: &str) -> String {
    let mut steady = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let varying = if before.is_alphanumeric() || before == '_' {
            0
        } else {
            varying(rest)
        };
        if varying > 0 {
            steady.push('_');
            before = ' ';
            rest = &rest[varying..];
        } else {
            steady.push(next);
            before = next;
            rest = &rest[next.len_utf8()..];
        }
    }
    steady
}

/// Bytes at the start of the text that differ every time; 0 if they do not.
fn varying(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes[0] {
        b'0' if bytes.get(1) == Some(&b'x') => {
            let digits = span(&text[2..], |byte| byte.is_ascii_hexdigit());
            if digits >= 6 { digits + 2 } else { 0 }
        }
        b'0'..=b'9' => number(text),
        b'/' => TEMPORARY
            .iter()
            .filter_map(|folder| text.strip_prefix(folder))
            .map(|name| text.len() - name.len() + span(name, is_of_a_name))
            .next()
            .unwrap_or(0),
        b't' if text.starts_with("tmp") => {
            let name = span(&text[3..], |byte| {
                byte.is_ascii_alphanumeric() || byte == b'_'
            });
            if name >= 6 { name + 3 } else { 0 }
        }
        b'p' if text.starts_with("pid ") => {
            let digits = span(&text[4..], |byte| byte.is_ascii_digit());
            if digits > 0 { digits + 4 } else { 0 }
        }
        b'(' => {
            // Rust names a thread by its number: thread 'main' (1234) panicked.
            let digits = span(&text[1..], |byte| byte.is_ascii_digit());
            let close = text[1 + digits..].starts_with(") panicked");
            if digits > 0 && close { digits + 2 } else { 0 }
        }
        _ => 0,
    }
}

const TEMPORARY: [&str; 4] = [
    "/tmp/",
    "/var/tmp/",
    "/var/folders/",
    "/private/var/folders/",
];

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

/// Bytes of a duration (`0.03s`, `12 ms`), a time of day or a date; 0 for any other number.
fn number(text: &str) -> usize {
    const UNITS: [&str; 14] = [
        "seconds", "second", "minutes", "minute", "secs", "sec", "msec", "ms", "µs", "us", "ns",
        "min", "s", "m",
    ];
    let length = span(text, |byte| byte.is_ascii_digit() || b".:,".contains(&byte));
    let digits = text[..length].trim_end_matches(['.', ':', ',']);
    if digits.matches(':').count() == 2 {
        return digits.len();
    }
    let rest = &text[digits.len()..];
    if digits.len() == 4 && is_a_date(text) {
        return 10 + usize::from(text[10..].starts_with('T'));
    }
    let (gap, unit) = match rest.strip_prefix(' ') {
        Some(unit) => (1, unit),
        None => (0, rest),
    };
    let found = UNITS.iter().find(|known| {
        // A single letter after a blank is a word of its own.
        (gap == 0 || known.len() > 1)
            && unit
                .strip_prefix(**known)
                .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    });
    found.map_or(0, |unit| digits.len() + gap + unit.len())
}

fn is_a_date(text: &str) -> bool {
    text.len() >= 10
        && text
            .bytes()
            .take(10)
            .enumerate()
            .all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

fn span(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::call::CallId;
    use crate::engine::tool::ToolStatus;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn call(name: &str, arguments: Value) -> u64 {
        call_mark(&ToolCall {
            id: CallId("c1".to_owned()),
            name: name.to_owned(),
            arguments,
        })
    }

    #[test]
    fn spelling_and_order_make_no_other_call() {
        let read = |path: &str| call("read_file", json!({"path": path, "start_line": 2}));
        assert_eq!(read("src/a.py"), read(" ./src/a.py"));
        assert_eq!(
            read("src/a.py"),
            call(
                "read_file",
                json!({"start_line": 2, "end_line": null, "path": "src/a.py"})
            )
        );
        assert_ne!(read("src/a.py"), read("src/b.py"));
        assert_ne!(
            read("a"),
            call("list_dir", json!({"path": "a", "start_line": 2}))
        );
        assert_eq!(
            call("list_dir", json!({})),
            call("list_dir", json!({"path": "./"}))
        );
        assert_ne!(
            call("write_file", json!({"path": "a", "content": "x"})),
            call("write_file", json!({"path": "a", "content": "x\n"}))
        );
    }

    #[test]
    fn what_differs_every_time_makes_no_other_failure() {
        for (one, other) in [
            ("Ran 3 tests in 0.001s", "Ran 3 tests in 1.250s"),
            ("2 failed in 12 ms", "2 failed in 9 ms"),
            ("took 3 seconds", "took 12 seconds"),
            (
                "<Foo object at 0x7f3a2c001d90>",
                "<Foo object at 0x7fffabcd0000>",
            ),
            ("/tmp/tmpab12_x/out: no", "/tmp/tmpzz99_q/out: no"),
            ("in tmpab12cd34", "in tmpxy98zw76"),
            ("2026-01-31T12:00:01 boom", "2026-02-01T09:30:59 boom"),
            ("at 12:00:01.123: boom", "at 09:30:59.001: boom"),
            (
                "thread 'main' (4711) panicked at a.rs:3",
                "thread 'main' (99) panicked at a.rs:3",
            ),
            ("killed (pid 812)", "killed (pid 9)"),
            ("test a ... ok (0.00s)", "test a ... ok (0.31s)"),
        ] {
            assert_eq!(steady(one), steady(other), "{one}");
        }
    }

    #[test]
    fn what_a_change_changes_makes_another_failure() {
        for (one, other) in [
            ("Ran 3 tests in 0.001s", "Ran 4 tests in 0.001s"),
            ("a.py:12: error", "a.py:13: error"),
            ("1 != 2", "1 != 3"),
            ("expected 5 m", "expected 6 m"),
            ("port 0x1f", "port 0x2f"),
            ("/src/tmp/a", "/src/tmp/b"),
            ("version 1.2.3", "version 1.2.4"),
            ("left: 10, right: 12", "left: 10, right: 13"),
            ("v10s", "v11s"),
            ("tmp_a", "tmp_b"),
            ("3 errors", "2 errors"),
        ] {
            assert_ne!(steady(one), steady(other), "{one}");
        }
    }

    #[test]
    fn the_telling_line_is_found() {
        for (output, line) in [
            (
                "Traceback\n  File \"a.py\", line 3\nNameError: name 'x' is not defined\n\nFAILED (errors=1)\n",
                "NameError: name 'x' is not defined",
            ),
            ("exit code 2\nusage: tool FILE\n\n", "usage: tool FILE"),
            (
                "bash: foo: command not found",
                "bash: foo: command not found",
            ),
            ("", ""),
        ] {
            assert_eq!(telling_line(output), line);
        }
    }

    #[test]
    fn commands_that_look_and_commands_that_may_change() {
        for command in [
            "ls",
            "ls -la src",
            "cat a.py | head -20",
            "cd src && grep -rn foo . 2>/dev/null",
            "git status; git diff",
            "find . -name '*.py'",
            "sed -n 1,20p a.py",
            "cat missing 2>&1",
        ] {
            assert!(only_looks(command), "{command}");
        }
        for command in [
            "lsof -i",
            "sed -i s/a/b/ a.py",
            "echo x > a.py",
            "find . -delete",
            "cat $(make name)",
            "ls && make",
            "python3 a.py",
            "git commit -m x",
            "cat a | tee b",
        ] {
            assert!(!only_looks(command), "{command}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let result = ToolResult::new(ToolStatus::Failed, text.clone());
            prop_assert_eq!(failure_mark(&result), failure_mark(&result));
            telling_line(&text);
            only_looks(&text);
        }
    }
}

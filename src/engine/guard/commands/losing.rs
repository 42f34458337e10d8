//! Whether the failure of a test reaches the end of what a check runs, or gets lost on the way.

use super::runners::{Does, does};
use super::shell::{Join, Piece, pieces};
use crate::engine::guard::gate::{Form, Gate, Read, looks_like_check};
use crate::engine::guard::language::Language;

/// Why a part of a gate cannot fail, in the words that stand there.
pub(super) fn cannot_fail(gate: &Gate, read: Read<'_>) -> Option<String> {
    match gate.form {
        Form::Recipe => gate.text.lines().find_map(|line| {
            let plain = line.trim_start_matches(['@', '+', ' ']);
            let ignores = plain.starts_with('-') && !plain.starts_with("--");
            let plain = plain.trim_start_matches(['@', '-', '+', ' ']);
            let tests = pieces(plain).iter().any(|piece| is_check(piece, read));
            if ignores && tests {
                return Some(line.to_owned());
            }
            lost_in(plain, Errors::AtTheEnd, read)
        }),
        Form::Script => {
            let first = gate.text.lines().next().unwrap_or_default();
            let strict = first.starts_with("#!") && first.contains(" -e");
            lost_in(
                &gate.text,
                if strict {
                    Errors::AtOnce
                } else {
                    Errors::AtTheEnd
                },
                read,
            )
        }
        Form::Program(language) => program_cannot_fail(&gate.text, language),
    }
}

/// When a failing command ends a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Errors {
    AtOnce,
    /// Only the last command's failure counts.
    AtTheEnd,
}

fn is_check(piece: &Piece, read: Read<'_>) -> bool {
    match does(&piece.words) {
        Does::Tests | Does::Target { .. } | Does::Script { .. } => true,
        Does::File(path) => read(&path).is_some(),
        Does::Inline(code) => looks_like_check(&code),
        Does::Nothing | Does::Something => false,
    }
}

/// The words by which the failure of a check gets lost.
fn lost_in(text: &str, errors: Errors, read: Read<'_>) -> Option<String> {
    let pieces = pieces(text);
    let mut errors = errors;
    let mut pipes = Pipes::EndWell;
    for at in 0..pieces.len() {
        let piece = &pieces[at];
        match piece.words[0].as_str() {
            "set" => {
                errors = errors.set_by(piece);
                if piece.words.iter().any(|word| word == "pipefail") {
                    pipes = Pipes::Fail;
                }
            }
            "trap" if calls_it_success(piece.words.get(1)) => return Some(says(piece)),
            "exit" if ends_before_a_check(&pieces, at, read) => return Some(says(piece)),
            first if replaces_a_tool(first) => return Some(says(piece)),
            _ => {}
        }
        if is_check(piece, read) && is_lost(&pieces, at, errors, pipes) {
            let next = pieces.get(at + 1);
            return Some(next.map_or_else(
                || says(piece),
                |next| format!("{} {} {}", says(piece), sign(piece.then), says(next)),
            ));
        }
    }
    None
}

/// Whether a pipe fails where a command in front of its last does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pipes {
    EndWell,
    Fail,
}

impl Errors {
    /// `set -e` and `set +e`.
    fn set_by(self, piece: &Piece) -> Self {
        let has = |sign: char| {
            let mut words = piece.words[1..].iter();
            words
                .any(|word| word.starts_with(sign) && !word.starts_with("--") && word.contains('e'))
        };
        if has('+') {
            Self::AtTheEnd
        } else if has('-') || piece.words.iter().any(|word| word == "errexit") {
            Self::AtOnce
        } else {
            self
        }
    }
}

fn says(piece: &Piece) -> String {
    piece.words.join(" ")
}

fn calls_it_success(code: Option<&String>) -> bool {
    code.is_some_and(|code| code.contains("exit 0") || code == "true")
}

/// An `exit 0` that is reached in any case, with a check behind it.
fn ends_before_a_check(pieces: &[Piece], at: usize, read: Read<'_>) -> bool {
    let piece = &pieces[at];
    let is_success = piece.words.get(1).is_none_or(|code| code == "0");
    let before = at.checked_sub(1).map(|at| pieces[at].then);
    let is_reached = piece.depth == 0 && !matches!(before, Some(Join::Or | Join::And));
    is_success && is_reached && pieces[at + 1..].iter().any(|piece| is_check(piece, read))
}

/// A function of the name of a tool.
fn replaces_a_tool(first: &str) -> bool {
    const PROGRAMS: &[&str] = &[
        "python", "python3", "node", "cargo", "go", "npm", "exit", "make",
    ];
    first
        .strip_suffix("()")
        .is_some_and(|name| PROGRAMS.contains(&name) || does(&[name.to_owned()]) == Does::Tests)
}

fn is_lost(pieces: &[Piece], at: usize, errors: Errors, pipes: Pipes) -> bool {
    /// At the end of a pipe: ends well whatever comes in.
    const TAKING: &[&str] = &[
        "tee", "cat", "tail", "head", "sed", "tr", "sort", "less", "true", "awk", "ts",
    ];
    let (piece, rest) = (&pieces[at], &pieces[at + 1..]);
    let fails_somewhere = pieces.iter().any(fails);
    match (piece.then, rest.first()) {
        (Join::Or, Some(next)) => {
            let in_block = |other: &&Piece| other.depth >= next.depth && next.depth > piece.depth;
            let answers = fails(next)
                || rest.iter().take_while(in_block).any(fails)
                || does(&next.words) != Does::Nothing
                || (next.words[0].contains('=') && fails_somewhere);
            !answers
        }
        (Join::Pipe, Some(_)) if pipes == Pipes::EndWell => {
            let last = rest.iter().find(|other| other.then != Join::Pipe);
            last.is_some_and(|last| TAKING.contains(&last.words[0].as_str()))
        }
        (Join::Background, _) => !pieces.iter().any(|piece| piece.words[0] == "wait"),
        _ if piece.is_condition => !fails_somewhere,
        (Join::Next, Some(_)) => errors == Errors::AtTheEnd && !rest.iter().any(keeps_status),
        _ => false,
    }
}

const fn sign(join: Join) -> &'static str {
    match join {
        Join::And => "&&",
        Join::Or => "||",
        Join::Pipe => "|",
        Join::Background => "&",
        Join::Next => ";",
    }
}

/// Whether a command ends with a failure.
fn fails(piece: &Piece) -> bool {
    match piece.words[0].as_str() {
        "exit" | "return" => piece.words.get(1).is_some_and(|code| code != "0"),
        "false" => true,
        _ => false,
    }
}

/// Whether a command passes on how one before it ended.
fn keeps_status(piece: &Piece) -> bool {
    piece.words.iter().any(|word| word.contains("$?"))
        || (fails(piece) && piece.words[0] != "false")
}

/// Programs that start a test tool and forget how it ended.
fn program_cannot_fail(text: &str, language: Language) -> Option<String> {
    let line_with = |mark: &str| {
        let mut lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with(['#', '/']));
        lines
            .find(|line| line.contains(mark))
            .map(|line| line.trim().to_owned())
    };
    match language {
        Language::Python => {
            let uses_status = [
                "returncode",
                "check=True",
                "check_call",
                "check_output",
                "sys.exit(sub",
                "sys.exit(os",
                "exit(pytest",
                "SystemExit(",
                "wasSuccessful",
                "sys.exit(1",
                "sys.exit(main",
                "sys.exit(run",
                "sys.exit(not",
                "raise ",
            ]
            .iter()
            .any(|mark| text.contains(mark));
            if uses_status {
                return None;
            }
            [
                "unittest.main(exit=False",
                "pytest.main(",
                "subprocess.run(",
                "subprocess.call(",
                "os.system(",
                "TextTestRunner(",
            ]
            .iter()
            .find_map(|mark| line_with(mark))
            .filter(|line| !line.contains("sys.exit(") && !line.contains("raise"))
        }
        Language::JavaScript => {
            let ends_well =
                line_with("process.exit(0)").or_else(|| line_with("process.exitCode = 0"))?;
            let fails = [
                "process.exit(1",
                "process.exitCode = 1",
                "throw ",
                "assert",
                "expect(",
            ]
            .iter()
            .any(|mark| text.contains(mark));
            (!fails).then_some(ends_well)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn check(text: &str, form: Form, expected: Option<&str>) {
        let gate = Gate {
            path: "x".to_owned(),
            part: "test".to_owned(),
            text: text.to_owned(),
            form,
        };
        assert_eq!(cannot_fail(&gate, &nothing).as_deref(), expected, "{text}");
    }

    #[test]
    fn what_loses_a_failure_is_seen() {
        for (text, lost) in [
            ("pytest || true", "pytest || true"),
            ("-pytest", "-pytest"),
            ("@-cargo test", "@-cargo test"),
            ("pytest; exit 0", "pytest ; exit 0"),
            ("pytest; echo done", "pytest ; echo done"),
            ("pytest | tee log", "pytest | tee log"),
            ("pytest || echo failed", "pytest || echo failed"),
            ("pytest &", "pytest"),
        ] {
            check(text, Form::Recipe, Some(lost));
        }
        for (text, lost) in [
            ("#!/bin/sh\npytest\nexit 0\n", "pytest ; exit 0"),
            (
                "pytest\npython3 -m unittest\n",
                "pytest ; python3 -m unittest",
            ),
            ("#!/bin/sh\nexit 0\npytest\n", "exit 0"),
            ("set -e\nset +e\npytest\necho ok\n", "pytest ; echo ok"),
            ("set -e\npytest || :\n", "pytest || :"),
            ("trap 'exit 0' EXIT\npytest\n", "trap exit 0"),
            ("pytest() { return 0; }\npytest\n", "pytest()"),
            ("if pytest; then echo ok; fi\n", "pytest ; echo ok"),
        ] {
            let says = cannot_fail(
                &Gate {
                    path: "x".to_owned(),
                    part: String::new(),
                    text: text.to_owned(),
                    form: Form::Script,
                },
                &nothing,
            );
            assert!(
                says.as_deref().is_some_and(|says| says.starts_with(lost)),
                "{text}: {says:?}"
            );
        }
    }

    #[test]
    fn what_can_fail_is_left_alone() {
        for text in [
            "pytest",
            "@pytest -q",
            "cd app && npm test",
            "pytest || exit 1",
            "pytest || { echo no; exit 1; }",
            "mkdir -p out; pytest",
            "cargo fmt --check && cargo test",
        ] {
            check(text, Form::Recipe, None);
        }
        for text in [
            "#!/bin/sh\nset -e\npytest\necho ok\n",
            "#!/bin/sh -e\npytest\nexit 0\n",
            "#!/bin/bash\nset -euo pipefail\npytest | tee log\n",
            "pytest\nstatus=$?\necho ended\nexit $status\n",
            "if [ \"$1\" = --help ]; then\n  echo use\n  exit 0\nfi\npytest\n",
            "if ! pytest; then echo no; exit 1; fi\n",
            "pytest\n",
            "set -e\npytest\nnpm test\nexit 0\n",
        ] {
            check(text, Form::Script, None);
        }
    }
}

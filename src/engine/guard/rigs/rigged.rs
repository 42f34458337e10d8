//! Lines that decide the outcome of tests in the tests' place: that end the process as if all were
//! well, exchange what asserts, drop tests, or print what a test tool would.

use super::exchanged::{compares, exchanges, of, sets_members, speaks_of_tools};
use super::plugins::TAKEN_OUT;
use super::printed::{computed, printed};
use crate::engine::guard::files::Role;
use crate::engine::guard::finding::{Finding, Rule};
use crate::engine::guard::language::Language;
use crate::engine::guard::source::apart::{is_script, started_alone};
use crate::engine::guard::source::code::Code;

/// What was added to a file that rigs the outcome, if anything was. A source may end and leave as
/// programs do where that is not reached by who loads it; `is_loaded` says that some file does.
pub(in crate::engine::guard) fn rigged(
    path: &str,
    role: Role,
    (before, now): (Option<&str>, &str),
    is_loaded: bool,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(language) = Language::of(path) {
        let code = Code::read(now, language);
        let old: Vec<String> = before
            .map(|text| {
                signs(&Code::read(text, language), role, path, is_loaded)
                    .into_iter()
                    .map(|(_, sign)| sign)
                    .collect()
            })
            .unwrap_or_default();
        let is_new =
            |sign: &String, old: &[String]| old.iter().filter(|other| *other == sign).count() == 0;
        if role == Role::Other && before.is_none_or(|text| !has(text, language, sets_members)) {
            found.extend(meddling(path, before, &code));
        }
        for (line, sign) in signs(&code, role, path, is_loaded) {
            if is_new(&sign, &old) {
                let what = format!(
                    "`{path}`, line {line}: `{sign}` decides the outcome of tests without them"
                );
                found.push(Finding::new(Rule::Rigged, what));
            }
        }
    }
    let old: Vec<String> = before
        .map(|text| printed(path, text))
        .unwrap_or_default()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let is_for_tests = matches!(role, Role::Test | Role::Configuration);
    let filled = |text: &str| {
        if is_for_tests {
            computed(path, text)
        } else {
            Vec::new()
        }
    };
    let old_filled = before.map(filled).unwrap_or_default();
    for (line, text) in filled(now) {
        if !old_filled.iter().any(|(_, other)| *other == text) {
            let what =
                format!("`{path}`, line {line}: `{text}` prints what only a test tool has to say");
            found.push(Finding::new(Rule::FakeOutput, what));
        }
    }
    for (line, text) in printed(path, now) {
        if !old.contains(&text) {
            let what =
                format!("`{path}`, line {line}, prints `{text}` as if a test tool had said it");
            found.push(Finding::new(Rule::FakeOutput, what));
        }
    }
    found.truncate(3);
    found
}

/// Whether a text has lines of a sort.
fn has(text: &str, language: Language, lines: fn(&Code<'_>) -> Vec<(usize, String)>) -> bool {
    !lines(&Code::read(text, language)).is_empty()
}

/// A source that newly gets hold of a test tool, and sets members of others.
fn meddling(path: &str, before: Option<&str>, code: &Code<'_>) -> Option<Finding> {
    let is_new = newly_speaks(path, before, code).is_some();
    let sets = sets_members(code).into_iter().next().filter(|_| is_new);
    sets.map(|(line, sign)| {
        let what = format!("`{path}`, line {line}: `{sign}`, in a source that gets hold of a test tool, may decide the outcome of tests without them");
        Finding::new(Rule::Rigged, what)
    })
}

/// A source, which is no test, that speaks of a test tool and did not before.
fn newly_speaks(path: &str, before: Option<&str>, code: &Code<'_>) -> Option<String> {
    let did = before.is_some_and(|text| has(text, code.language, speaks_of_tools));
    let (line, sign) = speaks_of_tools(code).into_iter().next().filter(|_| !did)?;
    Some(format!(
        "`{path}`, which is no test, speaks of a test tool in line {line}: `{sign}`"
    ))
}

/// What a person and a critic should know of a source.
pub(in crate::engine::guard) fn noteworthy(
    path: &str,
    role: Role,
    before: Option<&str>,
    now: &str,
) -> Vec<String> {
    let Some(language) = Language::of(path).filter(|_| role == Role::Other) else {
        return Vec::new();
    };
    let code = Code::read(now, language);
    let old = before.map(|text| computed(path, text)).unwrap_or_default();
    let prints = computed(path, now)
        .into_iter()
        .find(|(_, said)| !old.iter().any(|(_, other)| other == said))
        .map(|(line, said)| {
            format!("`{path}`, line {line}, prints what looks like the outcome of tests: `{said}`")
        });
    newly_speaks(path, before, &code)
        .into_iter()
        .chain(prints)
        .collect()
}

/// In files of tests: the process is ended.
const ENDS: &[(Language, &[&str])] = &[
    (Language::Python, &["os._exit("]),
    (Language::Rust, &["process::exit(0)"]),
    (Language::Go, &["os.Exit(0)"]),
    (
        Language::Java,
        &[
            "System.exit(0)",
            "Runtime.getRuntime().halt(0)",
            "exitProcess(0)",
        ],
    ),
    (Language::CSharp, &["Environment.Exit(0)"]),
    (Language::Ruby, &["exit!"]),
    (Language::Elixir, &["System.halt(0)", "System.stop(0)"]),
    (Language::C, &["_exit(0)", "quick_exit(0)"]),
];

/// In files of tests, outside of every function.
const ENDS_OUTSIDE: &[(Language, &[&str])] = &[
    (
        Language::Python,
        &[
            "sys.exit(0)",
            "sys.exit()",
            "exit(0)",
            "exit()",
            "quit()",
            "raiseSystemExit",
        ],
    ),
    (
        Language::JavaScript,
        &["process.exit(0)", "process.exit()", "Deno.exit(0)"],
    ),
    (Language::Php, &["exit(0);", "exit;", "die;"]),
    (Language::Ruby, &["exit", "exit0", "exit(0)"]),
];

/// What keeps a test tool from saying how it ended.
const SILENCES: &[(Language, &[&str])] = &[(
    Language::Python,
    &[
        "os.dup2(",
        "os.close(2)",
        "os.close(1)",
        "os.execv",
        "os.execl",
        "sys.stderr=",
        "sys.__stderr__=",
    ],
)];

/// The error output becomes what it was, or the same with another encoding.
const RESTORES: &[&str] = &[
    "sys.stderr=sys.__stderr__",
    "sys.stderr=io.TextIOWrapper(sys.stderr",
    "sys.stderr=codecs.getwriter(",
];

/// How a child is made that has to end by itself.
const FORKS: &[&str] = &["fork(", "forkpty(", "preexec_fn="];

/// Hooks of pytest that decide which tests run and how they end.
const HOOKS: &[&str] = &[
    "defpytest_runtest_makereport(",
    "defpytest_pyfunc_call(",
    "defpytest_runtest_protocol(",
    "defpytest_cmdline_main(",
    "defpytest_ignore_collect(",
    "defpytest_report_teststatus(",
    "defpytest_runtest_call(",
    "defpytest_terminal_summary(",
    "defpytest_runtestloop(",
    "defpytest_collection(",
    "defpytest_exception_interact(",
];

/// Whether a process ends with a failure.
fn fails(bare: &str) -> bool {
    let code = bare.split_once("os._exit(").map_or("", |(_, code)| code);
    code.starts_with(|c: char| ('1'..='9').contains(&c))
}

/// For each line whether it is executed when its module is loaded, and not when something in it is
/// called or it is started by itself.
fn at_import(code: &Code<'_>) -> Vec<bool> {
    let mut around: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for line in code.lines() {
        let Some(indent) = code.indentation(&line) else {
            found.push(false);
            continue;
        };
        around.retain(|outer| *outer < indent);
        found.push(around.is_empty());
        let text = code.text[line].trim();
        let is_apart = ["def ", "async def ", "if __name__"];
        if is_apart.iter().any(|begins| text.starts_with(begins)) {
            around.push(indent);
        }
    }
    found
}

fn signs(code: &Code<'_>, role: Role, path: &str, is_loaded: bool) -> Vec<(usize, String)> {
    let is_for_tests = matches!(role, Role::Test | Role::Configuration);
    let is_hook_file = path.ends_with("conftest.py");
    // Whoever forks has to end the child like this.
    let all = code.bare(0..code.text.len());
    let forks = FORKS.iter().any(|sign| all.contains(sign));
    let imported = at_import(code);
    let alone = started_alone(code);
    let is_program = role == Role::Other && !is_loaded && is_script(code);
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let indent = code.indentation(&line);
        let tight: String = code
            .without_comments(line.clone())
            .split_whitespace()
            .collect();
        // What stands in a text does nothing.
        let bare: String = code.bare(line.clone()).split_whitespace().collect();
        if bare.is_empty() {
            continue;
        }
        let is_alone = role == Role::Other && alone.get(number).copied().unwrap_or_default();
        let exchanged = exchanges(code.language, &tight, &bare);
        let calls_it_success = code.language == Language::JavaScript
            && bare.contains("process.exitCode=0")
            && !is_alone
            && (!is_program || all.contains("process.on("));
        let ends = is_for_tests
            && !forks
            && !fails(&bare)
            && of(ENDS, code.language)
                .iter()
                .any(|sign| bare.contains(sign));
        // A source ends whatever loads it.
        let outside = if code.language == Language::Python {
            imported.get(number).copied().unwrap_or_default()
        } else {
            indent == Some(0)
        };
        let is_judged =
            is_for_tests || matches!(code.language, Language::Python | Language::JavaScript);
        let ends_outside = is_judged
            && outside
            && !is_alone
            && !is_program
            && of(ENDS_OUTSIDE, code.language)
                .iter()
                .any(|sign| bare.starts_with(sign));
        let silences = (outside || is_for_tests)
            && !forks
            && !is_alone
            && !RESTORES.iter().any(|sign| bare.contains(sign))
            && of(SILENCES, code.language)
                .iter()
                .any(|sign| bare.contains(sign) && !compares(&bare, sign));
        let silences = silences && (outside || !bare.starts_with("sys."));
        let leaves = code.language == Language::Python
            && bare.contains("os._exit(")
            && !forks
            && !is_alone
            && !fails(&bare);
        let hooks = is_hook_file
            && (HOOKS.iter().any(|sign| bare.starts_with(sign))
                || TAKEN_OUT.iter().any(|sign| bare.contains(sign))
                || bare.contains("exitstatus=0"));
        if exchanged || calls_it_success || ends || ends_outside || silences || leaves || hooks {
            found.push((number + 1, code.text[line].trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests;

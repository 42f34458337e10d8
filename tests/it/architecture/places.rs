//! What is done in one place only: printing, starting processes, reading the environment, writing
//! the journal, `unsafe`; and what the engine never does.

use super::imports::{Import, imports};
use super::source::Source;
use super::{allows, catches, holds};

/// The imports of a file of the program that the rule is about, unless the file may have them.
fn imports_outside(source: &Source, places: &[&str], is_meant: fn(&Import) -> bool) -> Vec<String> {
    if !source.path.starts_with("src/") || places.iter().any(|place| source.is_in(place)) {
        return Vec::new();
    }
    imports(source)
        .into_iter()
        .filter(is_meant)
        .map(|import| source.says(import.line, &import.path.join("::")))
        .collect()
}

/// The words of a file of the program that the rule is about, unless the file may have them.
fn words_outside(source: &Source, places: &[&str], words: &[&str]) -> Vec<String> {
    if !source.path.starts_with("src/") || places.iter().any(|place| source.is_in(place)) {
        return Vec::new();
    }
    source
        .tokens
        .iter()
        .filter(|token| words.contains(&token.text.as_str()))
        .map(|token| source.says(token.line, &token.text))
        .collect()
}

/// Input and output, processes, the clock, randomness, the environment, and crates that are made
/// of them.
const NOT_IN_THE_ENGINE: [&str; 22] = [
    "cap_std",
    "fastrand",
    "getrandom",
    "jiff",
    "libc",
    "rand",
    "reqwest",
    "rustix",
    "tempfile",
    "tokio",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::collections::hash_map::RandomState",
    "std::hash::RandomState",
    "core::time::Instant",
];

fn impure_engine(source: &Source) -> Vec<String> {
    if !source.is_in("src/engine/") {
        return Vec::new();
    }
    let is_a_word_of_ports = |import: &Import| {
        source.is_in("src/engine/ports.rs")
            && (import.is_below("std::io::Result") || import.is_below("std::io::Error"))
    };
    imports(source)
        .into_iter()
        .filter(|import| NOT_IN_THE_ENGINE.iter().any(|name| import.is_below(name)))
        .filter(|import| !is_a_word_of_ports(import))
        .map(|import| source.says(import.line, &import.path.join("::")))
        .chain(words_outside(source, &[], &["Instant", "SystemTime"]))
        .collect()
}

#[test]
fn the_engine_is_pure() {
    let rule = impure_engine;
    for code in [
        "use tokio::sync::mpsc;",
        "fn f() { reqwest::get(); }",
        "use std::{collections::BTreeMap, fs};",
        "use std::process::Command;",
        "fn f() { std::env::var(\"X\"); }",
        "use std::time::{Duration, Instant};",
        "fn f() -> SystemTime {}",
        "use rand::Rng;",
        "use std::net::TcpStream;",
        "use std::io::Write as _;",
        "fn f() -> std::io::Result<()> {}",
    ] {
        catches(rule, "src/engine/session/fold.rs", code);
    }
    catches(rule, "src/engine/ports.rs", "use std::io::Read;");
    allows(
        rule,
        "src/engine/ports.rs",
        "fn f() -> std::io::Result<()> {}",
    );
    allows(
        rule,
        "src/engine/ask.rs",
        "use std::time::Duration;\nfn f() { g(\"std::fs, Instant\") } // std::fs",
    );
    allows(rule, "src/store/lock.rs", "use std::fs;");
    holds(rule);
}

/// The names of the default pipeline, read where they are defined.
fn phase_names() -> Vec<&'static str> {
    include_str!("../../../src/engine/pipeline.yaml")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- name: "))
        .collect()
}

fn phase_by_name(source: &Source) -> Vec<String> {
    if !source.is_in("src/engine/decide/") && !source.is_in("src/engine/decide.rs") {
        return Vec::new();
    }
    let names = phase_names();
    source
        .literals
        .iter()
        .filter(|literal| names.contains(&literal.text.trim()))
        .map(|literal| {
            source.says(
                literal.line,
                &format!("the phase \"{}\" by name", literal.text),
            )
        })
        .collect()
}

#[test]
fn decisions_know_no_phase_by_name() {
    assert_eq!(
        phase_names(),
        [
            "prd",
            "tickets",
            "research",
            "plan",
            "implement",
            "refactor"
        ]
    );
    for name in phase_names() {
        catches(
            phase_by_name,
            "src/engine/decide/work.rs",
            &format!("fn f() {{ phase.name == \"{name}\" }}"),
        );
    }
    catches(
        phase_by_name,
        "src/engine/decide/mod.rs",
        "match name { r#\"plan\"# => 1 }",
    );
    allows(
        phase_by_name,
        "src/engine/decide/mod.rs",
        "// \"plan\"\nfn f() { note(\"the plan is approved\") }",
    );
    allows(
        phase_by_name,
        "src/engine/artifact/name.rs",
        "const NAME: &str = \"plan\";",
    );
    holds(phase_by_name);
}

fn printing(source: &Source) -> Vec<String> {
    words_outside(
        source,
        &["src/ui/", "src/cli/"],
        &["println", "eprintln", "print", "eprint", "dbg"],
    )
}

#[test]
fn only_the_screen_and_the_command_line_print() {
    catches(printing, "src/run/driver.rs", "fn f() { println!(\"x\"); }");
    catches(printing, "src/store/lock.rs", "fn f() { eprintln!(); }");
    catches(printing, "src/main.rs", "fn main() { print!(\"x\"); }");
    allows(printing, "src/cli/mod.rs", "fn f() { println!(\"x\"); }");
    allows(printing, "src/ui/standard.rs", "fn f() { eprint!(\"x\"); }");
    allows(printing, "src/run/driver.rs", "fn f() { g(\"println!\"); }");
    holds(printing);
}

fn unsafe_code(source: &Source) -> Vec<String> {
    words_outside(source, &["src/sandbox/"], &["unsafe", "unsafe_code"])
}

#[test]
fn only_the_sandbox_is_unsafe() {
    catches(
        unsafe_code,
        "src/tools/read.rs",
        "fn f() { unsafe { g() } }",
    );
    catches(
        unsafe_code,
        "src/ui/prompt/raw.rs",
        "#![expect(unsafe_code, reason = \"x\")]",
    );
    allows(unsafe_code, "src/sandbox/plain.rs", "unsafe fn f() {}");
    allows(
        unsafe_code,
        "src/tools/read.rs",
        "// unsafe\nfn unsafely() {}",
    );
    holds(unsafe_code);
}

/// `config` reads the environment; the command line its arguments and where it was started. What
/// only takes a text apart reads nothing.
fn environment(source: &Source) -> Vec<String> {
    const OF_THE_PROCESS: [&str; 4] = ["args", "args_os", "current_dir", "current_exe"];
    const OF_TEXT: [&str; 3] = ["consts", "join_paths", "split_paths"];
    let places = ["src/config/"];
    if source.is_in("src/main.rs") || source.is_in("src/cli/") {
        imports_outside(source, &places, |import| {
            import.is_below("std::env")
                && import
                    .path
                    .get(2)
                    .is_some_and(|name| !OF_THE_PROCESS.contains(&name.as_str()))
        })
    } else {
        imports_outside(source, &places, |import| {
            import.is_below("std::env")
                && import
                    .path
                    .get(2)
                    .is_none_or(|name| !OF_TEXT.contains(&name.as_str()))
        })
    }
}

#[test]
fn only_the_configuration_reads_the_environment() {
    catches(
        environment,
        "src/ollama/host.rs",
        "fn f() { std::env::var(\"OLLAMA_HOST\"); }",
    );
    catches(environment, "src/run/begin.rs", "use std::env;");
    catches(
        environment,
        "src/cli/start.rs",
        "use std::env;\nfn f() { env::var(\"X\"); }",
    );
    catches(environment, "src/main.rs", "use std::env::{args, vars};");
    allows(
        environment,
        "src/config/environment.rs",
        "fn f() { std::env::vars_os(); }",
    );
    allows(
        environment,
        "src/cli/mod.rs",
        "use std::env;\nfn f() { env::args_os(); }",
    );
    allows(
        environment,
        "src/run/begin.rs",
        "const VERSION: &str = env!(\"CARGO_PKG_VERSION\");",
    );
    holds(environment);
}

/// Files are opened for appending by the journal alone, and only the store makes one.
fn journal_writing(source: &Source) -> Vec<String> {
    let appending = source.tokens.windows(4).filter_map(|four| {
        let words: String = four.iter().map(|token| token.text.as_str()).collect();
        (words == ".append(true").then(|| source.says(four[0].line, ".append(true)"))
    });
    let in_journal = !source.path.starts_with("src/") || source.is_in("src/store/journal.rs");
    let made = imports_outside(source, &["src/store/"], |import| {
        import.path.iter().any(|name| name == "Journal")
    });
    let named = source
        .literals
        .iter()
        .filter(|literal| literal.text == "journal.jsonl");
    let in_store = !source.path.starts_with("src/") || source.is_in("src/store/");
    appending
        .filter(|_| !in_journal)
        .chain(words_outside(
            source,
            &["src/store/journal.rs"],
            &["APPEND", "O_APPEND"],
        ))
        .chain(made)
        .chain(
            named
                .filter(|_| !in_store)
                .map(|literal| source.says(literal.line, &literal.text)),
        )
        .collect()
}

#[test]
fn only_the_journal_writes_the_journal() {
    let rule = journal_writing;
    catches(
        rule,
        "src/store/session.rs",
        "fn f() { OpenOptions::new().append(true).open(p) }",
    );
    catches(
        rule,
        "src/tools/write.rs",
        "fn f() { open(p, OFlags::WRONLY | OFlags::APPEND) }",
    );
    catches(rule, "src/run/begin.rs", "use crate::store::Journal;");
    catches(
        rule,
        "src/cli/sessions.rs",
        "fn f() { store::Journal::create(p) }",
    );
    catches(
        rule,
        "src/run/begin.rs",
        "fn f() { folder.join(\"journal.jsonl\") }",
    );
    allows(
        rule,
        "src/store/journal.rs",
        "fn f() { OpenOptions::new().append(true).open(p) }",
    );
    allows(rule, "src/store/session.rs", "use super::journal::Journal;");
    allows(
        rule,
        "src/ui/display.rs",
        "fn f() { lines.append(&mut held); }",
    );
    holds(rule);
}

/// `sandbox` for what a model chose, `git` for git, the survey for versions of toolchains, one file
/// of the screen for the person's own editor, and one of the command line for this program itself.
fn starting_processes(source: &Source) -> Vec<String> {
    let places = [
        "src/sandbox/",
        "src/git.rs",
        "src/git/",
        "src/tools/survey_versions.rs",
        "src/ui/prompt/document.rs",
        "src/cli/detach.rs",
    ];
    imports_outside(source, &places, |import| {
        const OF_THIS_PROCESS: [&str; 4] = ["ExitCode", "Termination", "exit", "id"];
        let about_this_process = || {
            import
                .path
                .get(2)
                .is_none_or(|name| OF_THIS_PROCESS.contains(&name.as_str()))
        };
        import.is_below("tokio::process")
            || import.is_below("std::os::unix::process")
            || (import.is_below("std::process") && !about_this_process())
    })
}

#[test]
fn processes_are_started_in_few_places() {
    let rule = starting_processes;
    catches(
        rule,
        "src/tools/shell.rs",
        "fn f() { std::process::Command::new(\"ls\"); }",
    );
    catches(
        rule,
        "src/tools/shell.rs",
        "use std::process::{Command, ExitCode};",
    );
    catches(rule, "src/run/gate.rs", "use tokio::process::Command;");
    catches(
        rule,
        "src/run/gate.rs",
        "use std::process;\nfn f() { process::Command::new(\"ls\"); }",
    );
    catches(
        rule,
        "src/ollama/pull.rs",
        "use std::os::unix::process::CommandExt;",
    );
    allows(
        rule,
        "src/sandbox/plain.rs",
        "fn f() { tokio::process::Command::new(\"bash\"); }",
    );
    allows(rule, "src/git.rs", "use std::process::Command;");
    allows(
        rule,
        "src/tools/survey_versions.rs",
        "use std::process::Command;",
    );
    allows(rule, "src/error.rs", "use std::process::ExitCode;");
    allows(rule, "src/store/lock.rs", "fn f() { std::process::id(); }");
    holds(rule);
}

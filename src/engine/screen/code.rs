//! Code in other languages on the command line: what its words and its quoted texts say. A
//! courtesy only; what code does is for the wall.

use super::argument::{Argument, HOME, operands};
use super::code_texts::{may_be_changed, placed, quoted};
use super::findings::Findings;
use super::places::{Place, place};
use super::scene::{Feed, Inner, Scene};
use super::{files, named};

/// Words that remove or change files.
const CHANGES: &[&str] = &[
    "rmtree",
    "unlink",
    "remove",
    "rmSync",
    "rmdirSync",
    "unlinkSync",
    "rm_rf",
    "rm_r",
    "rmdir",
    "removedirs",
    "writeFileSync",
    "write_text",
    "truncate",
    "chmod",
    "rename",
    "move(",
    "'w'",
    "\"w\"",
    "'a'",
    "\"a\"",
    "fs.rm",
    "File.delete",
    "FileUtils",
];

/// Words that run a command line.
const RUNS: &[&str] = &[
    "system(",
    "system ",
    "System.cmd",
    "Sys.command",
    "os:cmd",
    "os.execute",
    "popen",
    "subprocess",
    "child_process",
    "execSync",
    "spawn",
    "shell_exec",
    "passthru",
    "exec(",
    "exec ",
    "qx",
    "`",
    "getline",
    "| \"",
    "|\"",
];

/// Words that reach other machines.
const FETCHES: &[&str] = &[
    "urllib",
    "urlopen",
    "requests.",
    "http.client",
    "https.get",
    "http.get",
    "fetch(",
    "Net::HTTP",
    "LWP",
    "IO::Socket",
    "socket.socket",
    "create_connection",
    "fsockopen",
    "TCPSocket",
    "open-uri",
    "axios",
    "httpx",
];

/// Whether a program runs code from its command line.
pub(super) fn is_interpreter(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(
        plain,
        "python"
            | "pypy"
            | "perl"
            | "ruby"
            | "node"
            | "nodejs"
            | "php"
            | "lua"
            | "luajit"
            | "deno"
            | "bun"
            | "awk"
            | "gawk"
            | "mawk"
            | "nawk"
            | "tclsh"
            | "Rscript"
            | "R"
            | "julia"
            | "elixir"
            | "iex"
            | "erl"
            | "raku"
            | "groovy"
            | "scala"
            | "ocaml"
            | "octave"
            | "racket"
            | "guile"
            | "sbcl"
            | "ipython"
            | "tsx"
            | "ts-node"
    )
}

/// Looks at an interpreter's operands.
pub(super) fn rule(name: &str, rest: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    if name.ends_with("awk") {
        let with_value = ["-F", "-v", "-f", "-i", "--include"];
        let words = operands(rest, &with_value);
        if let Some((program, inputs)) = words.split_first() {
            // The program of awk is full of `system` and of fields; only what it runs counts.
            run_texts(&program.text, scene, findings);
            if program.text.contains('>') {
                for target in quoted(&program.text)
                    .into_iter()
                    .filter(|text| text.starts_with('/'))
                {
                    files::write(&Argument::known(target), scene, findings);
                }
            }
            files::look(inputs, scene, findings);
            if rest.iter().any(|word| word.text == "inplace") {
                for target in inputs {
                    files::write(target, scene, findings);
                }
            }
        }
        return;
    }
    if let Some(at) = rest.iter().position(|word| word.text == "-m") {
        module(rest.get(at + 1..).unwrap_or_default(), scene, findings);
        return;
    }
    let mut given = false;
    for (at, word) in rest.iter().enumerate() {
        let program = match given_by(name, &word.text) {
            Some(Given::Next) => rest.get(at + 1).cloned(),
            Some(Given::Here(text)) => Some(Argument::known(text)),
            None => None,
        };
        if let Some(program) = program {
            given = true;
            code(&program, scene, findings);
        }
    }
    if matches!(name, "perl" | "ruby") && rest.iter().any(|word| changes_in_place(&word.text)) {
        for target in rest.iter().filter(|word| !word.is_option()) {
            files::write(target, scene, findings);
        }
    }
    if name == "php" && rest.iter().any(|word| word.text == "-S") && !scene.bounded {
        findings.suspicious("opens a listening socket");
    }
    if matches!(rest.first(), Some(word) if word.text == "eval") {
        given = true;
        if let Some(program) = rest.get(1) {
            code(program, scene, findings);
        }
    }
    let words = operands(rest, &[]);
    let reads_input = words.is_empty() || words.first().is_some_and(|word| word.text == "-");
    if !given && reads_input && !rest.iter().any(|word| word.text.starts_with("--")) {
        match &scene.feed {
            Feed::Fetched => findings.dangerous("runs what comes from the network"),
            Feed::Text(text) | Feed::Document(text) => {
                code(&Argument::known(text.as_str()), scene, findings);
            }
            Feed::Unknown if rest.is_empty() => {
                findings.suspicious("runs what another command writes");
            }
            Feed::Nothing | Feed::Unknown => {}
        }
    }
    if words.first().is_some_and(|word| word.fetched) {
        findings.dangerous("runs what comes from the network");
    }
    files::secrets(rest, scene, findings);
}

/// Where an option has a program.
enum Given<'a> {
    /// In the next word.
    Next,
    /// Behind it in the same word.
    Here(&'a str),
}

/// Whether an option has a program: `-c`, `-Ic`, `-e`, `-lne`, `--eval=…`, `-c'…'`.
fn given_by<'a>(name: &str, text: &'a str) -> Option<Given<'a>> {
    if let Some(long) = text.strip_prefix("--") {
        let (option, value) = long
            .split_once('=')
            .map_or((long, None), |(o, v)| (o, Some(v)));
        let known = matches!(option, "eval" | "print" | "execute" | "command" | "run");
        return known.then(|| value.map_or(Given::Next, Given::Here));
    }
    let letters = text
        .strip_prefix('-')
        .filter(|letters| !letters.is_empty())?;
    let mut takes: &[char] = match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "python" | "pypy" | "ipython" | "guile" => &['c'],
        "php" => &['r', 'B', 'R', 'E'],
        "node" | "nodejs" | "bun" | "deno" | "tsx" | "ts-node" => &['e', 'p'],
        _ => &['e', 'E'],
    };
    if letters == "eval" {
        takes = &['l'];
    }
    let end = letters
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(letters.len());
    let option = letters[..end].find(takes)?;
    if letters.len() == end && letters.ends_with(takes) {
        return Some(Given::Next);
    }
    // Words of letters alone are other options; what has more is the program itself.
    (end < letters.len()).then(|| Given::Here(&letters[option + 1..]))
}

/// `-i`, `-pi`, `-i.bak`: files are changed where they are.
fn changes_in_place(text: &str) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    let end = letters
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(letters.len());
    let shorts = &letters[..end];
    shorts.len() < 6 && shorts.contains('i') && shorts.chars().all(|c| "pinlaew0is".contains(c))
}

fn module(rest: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    if let Some((module, rest)) = rest.split_first() {
        findings.hold(module, rest);
    }
    match rest.first().map(|word| word.text.as_str()) {
        Some("pip" | "ensurepip") => named::rule("pip", &rest[1..], scene, findings),
        Some("twine") => findings.suspicious("changes services elsewhere"),
        Some("http.server" | "smtpd" | "SimpleHTTPServer") if !scene.bounded => {
            findings.suspicious("opens a listening socket");
        }
        _ => {}
    }
    files::secrets(rest, scene, findings);
}

/// Looks at a program in another language.
pub(super) fn code(program: &Argument, scene: &Scene, findings: &mut Findings) {
    if program.fetched {
        findings.dangerous("runs what comes from the network");
    }
    let text = program.text.as_str();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let evaluates = has(&["exec(", "eval(", "eval ", "Function("]);
    if has(FETCHES) {
        if has(&["pty.spawn", "os.dup2", "/bin/sh", "/bin/bash"]) {
            findings.dangerous("gives a shell to another machine");
        }
        if talks_to_this_machine(text) {
            // Its own server, in a test.
        } else {
            if evaluates {
                findings.dangerous("runs what comes from the network");
            }
            findings.reaches("reaches the network");
        }
    }
    let forks = text.matches("fork").count();
    if forks > 1 || (forks == 1 && has(&["while", "for", "loop"])) {
        findings.dangerous("starts itself again and again");
    }
    if has(&["environ", "process.env)", "ENV.each", "%ENV"]) && has(&["print", "log", "dump"]) {
        findings.suspicious("shows the environment");
    }
    if has(&[
        "kill(-1",
        "kill(9, -1",
        "kill -9, -1",
        "kill 9, -1",
        "kill KILL => -1",
    ]) {
        findings.dangerous("ends every process there is");
    }
    let changes = has(CHANGES);
    for (at, quoted) in placed(text) {
        let changes = changes && may_be_changed(text, at, quoted);
        let path = quoted.replacen("~/", &format!("{HOME}/"), 1);
        match place(&path, scene) {
            Place::Secret => {
                findings.dangerous(format!(
                    "looks at `{quoted}`, which holds keys or passwords"
                ));
            }
            Place::OtherProcess => findings.dangerous("looks into another process"),
            Place::Home | Place::System | Place::Device | Place::Kernel | Place::Toolchain
                if changes && quoted.starts_with(['/', '~']) =>
            {
                findings.dangerous(format!("changes `{quoted}`, which is outside the project"));
            }
            Place::Above if changes && quoted.starts_with("..") => {
                findings.dangerous(format!("changes `{quoted}`, which is outside the project"));
            }
            _ => {}
        }
    }
    if changes && has(&["expanduser", "Path.home", "homedir", "HOME"]) {
        findings.dangerous("changes files in the home folder");
    }
    if has(&["b64decode", "fromhex", "atob(", "unhexlify"]) {
        findings.suspicious("runs code that is made when it runs");
    }
    run_texts(text, scene, findings);
}

/// Whether code names addresses, and all of them are this machine's, but not the model's server.
fn talks_to_this_machine(text: &str) -> bool {
    let mut addresses = text.split("://").skip(1).peekable();
    addresses.peek().is_some()
        && !text.contains(":11434")
        && addresses.all(|address| {
            ["localhost", "127.0.0.1", "[::1]"]
                .iter()
                .any(|own| address.starts_with(own))
        })
}

/// Looks at the quoted texts of code that runs commands.
fn run_texts(text: &str, scene: &Scene, findings: &mut Findings) {
    let runs = RUNS.iter().any(|word| text.contains(word));
    if !runs {
        return;
    }
    let quoted = quoted(text);
    for command in &quoted {
        if command.contains(['/', ' ', '~']) || command.chars().all(char::is_alphanumeric) {
            let command = command.replace("\\\"", "\"");
            scene.clone().follow(Inner::Line(&command), findings);
        }
    }
    // `["rm", "-rf", "/"]` is one command in pieces.
    let words: Vec<Argument> = quoted.iter().map(|word| Argument::known(*word)).collect();
    scene.clone().follow(Inner::Words(&words), findings);
    if quoted.is_empty() || text.contains(" + ") {
        findings.obscure("runs a command that is known only when it runs");
    }
}

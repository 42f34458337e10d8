//! Code in other languages on the command line: what its words and its quoted texts say. A
//! courtesy only; what code does is for the wall.

use super::argument::{Argument, HOME, operands};
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
    )
}

/// Looks at an interpreter's operands.
pub(super) fn rule(name: &str, rest: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    if name.ends_with("awk") {
        let with_value = ["-F", "-v", "-f"];
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
        }
        return;
    }
    if let Some(at) = rest.iter().position(|word| word.text == "-m") {
        module(rest.get(at + 1..).unwrap_or_default(), scene, findings);
        return;
    }
    let flags = [
        "-c", "-e", "-E", "-r", "-p", "-pe", "-ne", "-le", "-i", "--eval", "--print",
    ];
    let mut given = false;
    for (at, word) in rest.iter().enumerate() {
        let text = word.text.as_str();
        if (flags.contains(&text)
            || (name == "perl" && text.starts_with('-') && text.ends_with('e')))
            && let Some(program) = rest.get(at + 1)
        {
            given = true;
            code(program, scene, findings);
        }
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

fn code(program: &Argument, scene: &Scene, findings: &mut Findings) {
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
    let changes = has(CHANGES);
    for quoted in quoted(text) {
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

/// The texts between quotes.
fn quoted(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['"', '\'', '`']) {
        let quote = &rest[start..=start];
        let after = &rest[start + 1..];
        let Some(end) = after.find(quote) else { break };
        if end > 0 {
            found.push(&after[..end]);
        }
        rest = &after[end + 1..];
    }
    found
}

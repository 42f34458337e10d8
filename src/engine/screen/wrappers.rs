//! Commands whose operands are another command: what is left when they are taken off.

use super::argument::{Argument, operands};
use super::files;
use super::findings::Findings;
use super::named;
use super::places::{Place, place};
use super::scene::{Feed, Inner, Scene};

/// Wrappers, and their options that take a value of their own.
const WRAPPERS: &[(&str, &[&str], usize)] = &[
    ("nice", &["-n", "--adjustment"], 0),
    ("ionice", &["-c", "-n", "-p"], 0),
    ("chrt", &["-p"], 1),
    ("taskset", &["-c"], 1),
    ("timeout", &["-s", "--signal", "-k", "--kill-after"], 1),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("unbuffer", &[], 0),
    ("time", &["-f", "-o"], 0),
    ("builtin", &[], 0),
    ("exec", &["-a"], 0),
    ("busybox", &[], 0),
    ("toybox", &[], 0),
    ("then", &[], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    (
        "sudo",
        &["-u", "-g", "-h", "-p", "-C", "-D", "-U", "-r", "-t"],
        0,
    ),
    ("doas", &["-u", "-C"], 0),
    ("pkexec", &["--user"], 0),
    ("chroot", &[], 1),
    ("unshare", &[], 0),
    ("nsenter", &["-t", "--target"], 0),
    ("strace", &["-e", "-o", "-p", "-s", "-u"], 0),
    ("ltrace", &["-e", "-o", "-p"], 0),
    ("watch", &["-n", "--interval"], 0),
    ("flock", &["-w", "-E"], 1),
    ("xvfb-run", &["-s", "-n"], 0),
    ("faketime", &["-f"], 1),
];

/// The command inside, if `name` is a wrapper.
pub(super) fn unwrap(
    name: &str,
    rest: &[Argument],
    scene: &mut Scene,
    findings: &mut Findings,
) -> Option<Vec<Argument>> {
    match name {
        "command" => {
            if rest
                .first()
                .is_some_and(|word| matches!(word.text.as_str(), "-v" | "-V"))
            {
                return Some(vec![]);
            }
            return Some(operands(rest, &[]).to_vec());
        }
        "env" => return Some(env(rest, scene, findings)),
        "xargs" | "parallel" => return Some(xargs(rest, scene, findings)),
        _ => {}
    }
    let (_, with_value, skipped) = WRAPPERS.iter().find(|(wrapper, ..)| *wrapper == name)?;
    named::rule(name, rest, scene, findings);
    let mut inner = operands(rest, with_value);
    inner = inner.get(*skipped..).unwrap_or_default();
    if name == "exec" && inner.is_empty() {
        return Some(vec![]);
    }
    match inner {
        // One operand of `watch` and `flock -c` is a command line.
        [line] if line.text.contains(' ') => {
            scene.clone().follow(Inner::Line(&line.text), findings);
            Some(vec![])
        }
        inner => Some(inner.to_vec()),
    }
}

fn env(rest: &[Argument], scene: &mut Scene, findings: &mut Findings) -> Vec<Argument> {
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        let text = word.text.as_str();
        let split = text
            .strip_prefix("--split-string=")
            .or_else(|| text.strip_prefix("-S").filter(|inner| !inner.is_empty()));
        match text {
            "-S" | "--split-string" | "-vS" => {
                let line = rest.get(at + 1).cloned().unwrap_or_default();
                return split_line(&line.text, rest.get(at + 2..).unwrap_or_default());
            }
            _ if split.is_some() => {
                let line = split.unwrap_or_default();
                return split_line(line, rest.get(at + 1..).unwrap_or_default());
            }
            "-u" | "--unset" | "-C" | "--chdir" => at += 2,
            _ if word.is_option() => at += 1,
            _ => match text.split_once('=') {
                Some((name, value)) => {
                    named::assignment(name, &Argument::known(value), findings);
                    at += 1;
                }
                None => break,
            },
        }
    }
    let inner = rest.get(at..).unwrap_or_default().to_vec();
    if inner.is_empty() && scene.spreads {
        findings.suspicious("shows the environment to another command");
    }
    inner
}

fn split_line(line: &str, rest: &[Argument]) -> Vec<Argument> {
    line.split_whitespace()
        .map(Argument::known)
        .chain(rest.iter().cloned())
        .collect()
}

/// `xargs`: its operands, and after them what it reads.
fn xargs(rest: &[Argument], scene: &mut Scene, findings: &mut Findings) -> Vec<Argument> {
    let with_value = [
        "-I",
        "-n",
        "-P",
        "-L",
        "-d",
        "-a",
        "-s",
        "-E",
        "-j",
        "--max-args",
        "--max-procs",
        "--arg-file",
        "--delimiter",
    ];
    let mut inner = operands(rest, &with_value).to_vec();
    if inner.is_empty() {
        return inner;
    }
    let read = match &scene.feed {
        Feed::Text(text) | Feed::Document(text) => {
            text.split_whitespace().map(Argument::known).collect()
        }
        _ => vec![Argument::unknown()],
    };
    let replaced = rest
        .iter()
        .position(|word| word.text == "-I")
        .and_then(|at| rest.get(at + 1));
    match replaced {
        Some(mark) if read.len() == 1 => {
            for word in &mut inner {
                word.text = word.text.replace(&mark.text, &read[0].text);
            }
        }
        _ => inner.extend(read.clone()),
    }
    if read
        .iter()
        .any(|word| place(&word.text, scene) == Place::Secret)
    {
        files::secrets(&read, scene, findings);
    }
    inner
}

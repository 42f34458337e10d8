//! Commands whose operands are another command: what is left when they are taken off.

use super::argument::{Argument, operands};
use super::findings::Findings;
use super::places::{Place, place};
use super::scene::{Audience, Feed, Inner, Scene};
use super::{files, named, runners, variables};

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
    ("prlimit", &["-p", "-o"], 0),
    ("setarch", &[], 1),
    ("linux32", &[], 0),
    ("linux64", &[], 0),
    ("i386", &[], 0),
    ("x86_64", &[], 0),
    (
        "numactl",
        &[
            "-N",
            "-m",
            "-C",
            "-i",
            "-p",
            "--membind",
            "--physcpubind",
            "--cpunodebind",
        ],
        0,
    ),
    ("fakeroot", &["-l", "-s", "-i", "-b"], 0),
    ("runuser", &["-u", "-g", "-G", "-s"], 0),
    ("setpriv", &[], 0),
    ("gosu", &[], 1),
    ("su-exec", &[], 1),
    ("chpst", &["-u", "-b", "-e", "-m", "-d", "-o"], 0),
    ("cgexec", &["-g"], 0),
    ("dbus-run-session", &[], 0),
    ("rlwrap", &["-f", "-H"], 0),
    ("torsocks", &[], 0),
    ("proxychains", &["-f"], 0),
    ("proxychains4", &["-f"], 0),
    ("valgrind", &[], 0),
    ("entr", &[], 0),
    (
        "watchexec",
        &["-w", "-e", "-f", "-i", "-s", "-d", "--exts", "--watch"],
        0,
    ),
    ("catchsegv", &[], 0),
    (
        LOADER,
        &["--library-path", "--preload", "--argv0", "--audit"],
        0,
    ),
];

/// The loader of programs: `ld-linux-x86-64.so.2`, `ld-musl-x86_64.so.1`.
const LOADER: &str = "ld-linux";

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
    if let Some(inner) = runners::carried(name, rest) {
        named::rule(name, rest, scene, findings);
        return Some(inner.to_vec());
    }
    let known = |wrapper: &str| {
        wrapper == name || (wrapper == LOADER && (name.starts_with("ld-") || name == "ld.so"))
    };
    let (_, with_value, skipped) = WRAPPERS.iter().find(|(wrapper, ..)| known(wrapper))?;
    named::rule(name, rest, scene, findings);
    let mut inner = operands(rest, with_value);
    inner = operands(inner.get(*skipped..).unwrap_or_default(), &[]);
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
    let mut folder = None;
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
            "-C" | "--chdir" => {
                folder = rest.get(at + 1).cloned();
                at += 2;
            }
            "-u" | "--unset" => at += 2,
            _ if text.starts_with("--chdir=") => {
                folder = text
                    .split_once('=')
                    .map(|(_, folder)| Argument::known(folder));
                at += 1;
            }
            _ if word.is_option() => at += 1,
            _ => match text.split_once('=') {
                Some((name, value)) => {
                    variables::assignment(name, &Argument::known(value), scene, findings);
                    at += 1;
                }
                None => break,
            },
        }
    }
    let inner = rest.get(at..).unwrap_or_default().to_vec();
    if let Some(folder) = folder {
        let mut there = scene.clone();
        files::change_folder(&folder, &mut there);
        there.follow(Inner::Words(&inner), findings);
        return Vec::new();
    }
    if inner.is_empty() && scene.spreads && scene.audience == Audience::Anyone {
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

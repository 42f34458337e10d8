//! Programs that run what they are given: shells, interpreters, git, containers; and those that
//! reach other machines or other processes.

use super::argument::{Argument, OWN_PROCESS, operands};
use super::findings::Findings;
use super::places::{Place, place};
use super::scene::{Feed, Inner, Scene};
use super::{code, elsewhere, files, find, git, runners, shells, variables};

/// Looks at a command of this sort. Says whether it was one.
pub(super) fn rule(
    name: &str,
    rest: &[Argument],
    scene: &mut Scene,
    findings: &mut Findings,
) -> bool {
    match name {
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "fish" | "mksh" => {
            shells::shell(rest, scene, findings);
        }
        "eval" => shells::eval(rest, scene, findings),
        "trap" => {
            if let Some(handler) = operands(rest, &[]).first() {
                shells::line(handler, scene, findings);
            }
        }
        "alias" => {
            for word in rest {
                if let Some((_, value)) = word.text.split_once('=') {
                    scene.clone().follow(Inner::Line(value), findings);
                }
            }
        }
        "source" | "." => shells::script(rest, scene, findings),
        "export" | "declare" | "typeset" | "local" | "readonly" => {
            elsewhere::rule(name, rest, scene, findings);
            for word in rest {
                if let Some((name, value)) = word.text.split_once('=') {
                    let value = Argument::known(value);
                    variables::assignment(name, &value, scene, findings);
                    scene.set(name, value);
                }
            }
        }
        "git" => git::rule(rest, scene, findings),
        name if git::is_verb(name) => {
            let verb = name.strip_prefix("git-").map(Argument::known);
            let words: Vec<Argument> = verb.into_iter().chain(rest.iter().cloned()).collect();
            git::rule(&words, scene, findings);
        }
        "find" | "fd" | "fdfind" => find::rule(name, rest, scene, findings),
        "kill" => kill(rest, findings),
        "curl" | "wget" | "http" | "https" | "xh" | "aria2c" => fetch(rest, scene, findings),
        "make" | "gmake" => {
            let file = rest.iter().position(|word| word.text == "-f");
            let file = file.and_then(|at| rest.get(at + 1));
            if file.is_some_and(Argument::is_dynamic) || scene.feed != Feed::Nothing {
                findings.suspicious("runs rules that are known only when it runs");
            }
            for word in rest {
                if let Some((name, value)) = word.text.split_once('=') {
                    variables::assignment(name, &Argument::known(value), scene, findings);
                }
            }
            for folder in runners::values(rest, &["-C", "--directory"]) {
                if !matches!(
                    place(&folder.text, scene),
                    Place::Inside | Place::Project | Place::Temporary | Place::Unknown
                ) {
                    findings.suspicious(format!(
                        "runs the rules of `{}`, which is outside the project",
                        folder.shown()
                    ));
                }
            }
        }
        name if code::is_interpreter(name) => code::rule(name, rest, scene, findings),
        name => return elsewhere::rule(name, rest, scene, findings),
    }
    true
}

fn kill(rest: &[Argument], findings: &mut Findings) {
    if rest.first().is_some_and(|word| word.text == "-l") {
        return;
    }
    // The first option is a signal, unless it is the only word there is.
    let signal = rest.len() > 1 && rest[0].is_option();
    let with_value = rest
        .first()
        .is_some_and(|word| matches!(word.text.as_str(), "-s" | "-n"));
    let targets = &rest[usize::from(signal) + usize::from(with_value && signal)..];
    for target in targets.iter().filter(|word| word.text != "--") {
        match target.text.as_str() {
            // Its own group.
            "0" => {}
            "1" | "-1" => findings.dangerous("ends every process there is"),
            text if text.starts_with('%') || text == OWN_PROCESS.to_string() => {}
            _ => findings.suspicious("signals a process that it may not have started"),
        }
    }
}

fn fetch(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    files::secrets(rest, scene, findings);
    for (at, word) in rest.iter().enumerate() {
        if matches!(word.text.as_str(), "-o" | "-O" | "--output" | "-P")
            && let Some(target) = rest.get(at + 1).filter(|target| !target.is_option())
            && place(&target.text, scene) != Place::Unknown
            && !target.text.contains("://")
        {
            files::write(target, scene, findings);
        }
        let sent = word.text.strip_prefix('@').map(Argument::known);
        if let Some(file) = sent {
            files::read(&file, scene, findings);
        }
    }
    let own = |text: &str| {
        let host = text.split("://").last().unwrap_or(text);
        ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]
            .iter()
            .any(|name| host.starts_with(name))
    };
    let hosts: Vec<&str> = operands_with_a_host(rest);
    if hosts.iter().any(|host| host.contains(":11434")) {
        findings.suspicious("talks to the model's server");
    } else if hosts.is_empty() || hosts.iter().any(|host| !own(host)) {
        findings.reaches("reaches other machines");
        findings.fetch();
    }
}

fn operands_with_a_host(rest: &[Argument]) -> Vec<&str> {
    rest.iter()
        .filter(|word| !word.is_option())
        .map(|word| word.text.as_str())
        .filter(|text| text.contains("://") || text.starts_with("localhost") || is_host(text))
        .collect()
}

fn is_host(text: &str) -> bool {
    text.starts_with("127.") || text.contains(".example") || text.contains(".com")
}

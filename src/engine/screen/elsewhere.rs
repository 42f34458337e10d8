//! Commands that give a shell or files to other machines, or change this machine beside its files:
//! what their operands say about them.

use super::argument::{Argument, HOME, operands};
use super::files;
use super::findings::Findings;
use super::places::{Place, place};
use super::scene::Scene;

/// Looks at a command of this sort. Says whether it was one.
pub(super) fn rule(name: &str, rest: &[Argument], scene: &Scene, findings: &mut Findings) -> bool {
    let words: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    match name {
        "nc" | "ncat" | "netcat" => sockets(&words, findings),
        "socat" => {
            let runs = words.iter().any(|word| {
                let word = word.to_ascii_lowercase();
                word.contains("exec:") || word.contains("system:")
            });
            if runs {
                findings.dangerous("gives a shell to whoever connects");
            }
            findings.suspicious("opens a socket");
        }
        "openssl" if matches!(words.first(), Some(&("s_client" | "s_server"))) => {
            findings.reaches("reaches other machines");
        }
        "at" | "batch" if !matches!(words.as_slice(), ["-l" | "-c", ..]) => {
            findings.dangerous("plants a job that runs later");
        }
        "ssh-keygen" => keys(rest, scene, findings),
        "docker" | "podman" | "nerdctl" => container(rest, scene, findings),
        "date"
            if words
                .iter()
                .any(|word| *word == "-s" || word.starts_with("--set")) =>
        {
            findings.dangerous("changes the clock of the machine");
        }
        "hostname" if !operands(rest, &[]).is_empty() => {
            findings.dangerous("changes the name of the machine");
        }
        "ifconfig" | "route" if words.len() > 1 => {
            findings.dangerous("changes the network of the machine");
        }
        "set" | "declare" | "export"
            if (scene.spreads || scene.into_file)
                && matches!(words.as_slice(), [] | ["-p" | "-x"]) =>
        {
            findings.suspicious("shows the environment to another command");
        }
        "unset" if words.iter().any(|word| word.starts_with("HIST")) => {
            findings.suspicious("removes traces");
        }
        "ed" | "ex" => {
            for target in operands(rest, &["-c", "-p", "-s"]) {
                files::write(target, scene, findings);
            }
            findings.suspicious("edits by commands that can start programs");
        }
        "sqlite3" => {
            if let Some(file) = operands(rest, &["-cmd", "-separator"]).first() {
                files::write(file, scene, findings);
            }
            if words
                .iter()
                .any(|word| word.contains(".shell") || word.contains(".system"))
            {
                findings.suspicious("lets a database run commands");
            }
        }
        _ => return false,
    }
    true
}

fn sockets(words: &[&str], findings: &mut Findings) {
    let runs = |word: &&str| {
        matches!(*word, "--exec" | "--sh-exec" | "--lua-exec")
            || (word.starts_with('-') && !word.starts_with("--") && word.contains(['e', 'c']))
    };
    let is_look = words
        .iter()
        .any(|word| word.starts_with('-') && word.contains('z'))
        && words
            .iter()
            .any(|word| matches!(*word, "localhost" | "127.0.0.1" | "::1"));
    if words.iter().any(runs) {
        findings.dangerous("gives a shell to whoever connects");
    } else if !is_look {
        findings.suspicious("opens a socket");
    }
}

/// A key for a test is a file like any other; one without a place becomes the person's own.
fn keys(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let file = rest.iter().position(|word| word.text == "-f");
    match file.and_then(|at| rest.get(at + 1)) {
        Some(file) => files::write(file, scene, findings),
        None => findings.suspicious("makes or changes keys in the home folder"),
    }
}

fn container(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let words: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    if let ["compose", "config", ..] = words.as_slice() {
        return;
    }
    let opens = |text: &str| {
        let mount = ["--volume=", "--mount=", "-v"]
            .into_iter()
            .find_map(|option| text.strip_prefix(option))
            .unwrap_or(text);
        let source = mount.split(',').find_map(|part| {
            part.strip_prefix("source=")
                .or_else(|| part.strip_prefix("src="))
        });
        let source = source.or_else(|| mount.split_once(':').map(|(source, _)| source));
        let is_far = source
            .filter(|source| source.starts_with(['/', HOME]))
            .is_some_and(|source| {
                !matches!(
                    place(source, scene),
                    Place::Inside | Place::Project | Place::Temporary | Place::Nowhere
                )
            });
        is_far
            || text == "--privileged"
            || text.contains("docker.sock")
            || text.starts_with("--cap-add=SYS")
            || text.starts_with("--device=")
            || matches!(
                text,
                "--pid=host" | "--net=host" | "--network=host" | "--ipc=host"
            )
    };
    if words.iter().any(|text| opens(text)) {
        findings.dangerous("gives a container more of the machine than the project");
    }
    findings.suspicious("starts or changes containers, which have the rights of the machine");
}

//! git: what makes it run programs, what loses work, what reaches other machines.

use super::argument::{Argument, operands};
use super::findings::Findings;
use super::scene::{Inner, Scene};
use super::shells::line;
use super::{files, runners};

/// Keys whose value git runs, or that make it read other configuration.
const RUNNING_KEYS: &[&str] = &[
    "core.fsmonitor",
    "core.hookspath",
    "core.sshcommand",
    "core.editor",
    "core.pager",
    "core.askpass",
    "core.gitproxy",
    "core.worktree",
    "core.attributesfile",
    "sequence.editor",
    "gpg.program",
    "gpg.ssh.program",
    "init.templatedir",
];

/// The same for whole sections.
const RUNNING_SECTIONS: &[&str] = &[
    "alias.",
    "filter.",
    "include.",
    "includeif.",
    "credential.",
    "pager.",
    "browser.",
    "difftool.",
    "mergetool.",
    "trailer.",
    "url.",
    "protocol.",
    "remote.",
    "uploadpack.",
];

/// Verbs that reach further than the project: git's folder has a program for each.
const VERBS: &[&str] = &[
    "push",
    "pull",
    "fetch",
    "clone",
    "ls-remote",
    "send-email",
    "remote-https",
    "send-pack",
    "fetch-pack",
    "http-push",
    "http-fetch",
    "imap-send",
    "config",
    "submodule",
    "remote",
    "archive",
    "daemon",
    "reset",
    "clean",
    "checkout",
    "filter-branch",
    "subtree",
    "credential",
    "difftool",
    "rebase",
    "bisect",
    "gc",
    "prune",
    "reflog",
    "stash",
    "branch",
    "update-ref",
    "worktree",
    "rm",
];

/// Looks at a git command.
pub(super) fn rule(rest: &[Argument], scene: &mut Scene, findings: &mut Findings) {
    for (at, word) in rest.iter().enumerate() {
        let setting = match word.text.as_str() {
            "-c" => rest.get(at + 1).map(|word| word.text.as_str()),
            text => text.strip_prefix("--config-env="),
        };
        if let Some((key, _)) = setting.and_then(|setting| setting.split_once('='))
            && runs(key)
        {
            findings.dangerous(format!("makes git run a program (`{key}`)"));
        }
    }
    if rest
        .iter()
        .any(|word| word.text.starts_with("--exec-path="))
    {
        findings.suspicious("makes git run programs from elsewhere");
    }
    let with_value = ["-c", "-C", "--git-dir", "--work-tree", "--namespace"];
    let words = operands(rest, &with_value);
    let Some((verb, rest)) = words.split_first() else {
        return;
    };
    let has = |options: &[&str]| {
        rest.iter()
            .any(|word| options.contains(&word.text.as_str()))
    };
    let second = rest.first().map_or("", |word| word.text.as_str());
    if throws_away(verb.text.as_str(), rest, findings) {
        return;
    }
    match verb.text.as_str() {
        "config" => config(rest, findings),
        "push" | "pull" | "fetch" | "clone" | "ls-remote" | "send-email" | "remote-https"
        | "send-pack" | "fetch-pack" | "http-push" | "http-fetch" | "imap-send"
        | "request-pull" => {
            findings.reaches("reaches other machines");
            findings.fetch();
            run_values(
                rest,
                &["--upload-pack", "--receive-pack", "--exec", "-u"],
                scene,
                findings,
            );
        }
        "subtree" if matches!(second, "push" | "pull" | "add") => {
            findings.reaches("reaches other machines");
        }
        "submodule" if matches!(second, "add" | "update" | "init") => {
            findings.reaches("fetches from other machines");
        }
        "submodule" if second == "foreach" => match operands(&rest[1..], &[]) {
            [command] => line(command, scene, findings),
            words => {
                scene.clone().follow(Inner::Words(words), findings);
            }
        },
        "difftool" => run_values(rest, &["-x", "--extcmd"], scene, findings),
        "credential" if second == "fill" => findings.dangerous("shows keys or passwords"),
        "worktree" if second == "add" => {
            if let Some(folder) = operands(&rest[1..], &["-b", "-B", "--reason"]).first() {
                files::write(folder, scene, findings);
            }
        }
        "remote" if matches!(second, "update" | "show") => {
            findings.reaches("reaches other machines");
        }
        "remote" if rest.iter().any(|word| word.text.contains("ext::")) => {
            findings.dangerous("makes git run a program (`ext::`)");
        }
        "archive" if rest.iter().any(|word| word.text.starts_with("--remote")) => {
            findings.suspicious("reaches other machines");
        }
        "archive" | "format-patch" | "diff" | "show" => {
            for target in runners::values(rest, &["-o", "--output", "--output-directory"]) {
                files::write(&target, scene, findings);
            }
        }
        "daemon" | "instaweb" => findings.suspicious("opens a listening socket"),
        "apply" if has(&["--unsafe-paths"]) => {
            findings.suspicious("may write outside the project");
        }
        "bisect" if second == "run" => {
            scene.follow(Inner::Words(&rest[1..]), findings);
        }
        "rebase" => run_values(rest, &["-x", "--exec"], scene, findings),
        "rm" => files::delete(rest, scene, findings),
        "grep" => {
            let pager = rest.iter().find_map(|word| {
                let long = word.text.strip_prefix("--open-files-in-pager=");
                long.or_else(|| word.text.strip_prefix("-O"))
            });
            if let Some(pager) = pager.filter(|pager| !pager.is_empty()) {
                line(&Argument::known(pager), scene, findings);
            }
        }
        "commit" | "tag" | "notes" | "log" | "stash" => {}
        _ => files::secrets(rest, scene, findings),
    }
}

/// The verbs that git also has as programs of their own.
pub(super) fn is_verb(program: &str) -> bool {
    let verb = program.strip_prefix("git-").unwrap_or_default();
    VERBS.contains(&verb)
}

/// Options whose value git runs as a command line.
fn run_values(rest: &[Argument], options: &[&str], scene: &Scene, findings: &mut Findings) {
    for value in runners::values(rest, options) {
        line(&value, scene, findings);
    }
}

/// What loses work that no copy holds. Says whether it was that.
fn throws_away(verb: &str, rest: &[Argument], findings: &mut Findings) -> bool {
    let has = |options: &[&str]| {
        rest.iter()
            .any(|word| options.contains(&word.text.as_str()))
    };
    let second = rest.first().map_or("", |word| word.text.as_str());
    match verb {
        "filter-branch" | "filter-repo" => findings.loses("rewrites the history"),
        "reset" if has(&["--hard", "--merge"]) => {
            findings.loses("throws away changes that are not committed");
        }
        // One file is an edit like any other; all of them is the person's work.
        "checkout" | "restore" if has(&["--staged", "-S"]) && !has(&["--worktree", "-W"]) => {}
        "checkout" | "restore" | "switch"
            if has(&["-f", "--force", "--discard-changes"])
                || rest
                    .iter()
                    .any(|word| matches!(word.text.as_str(), "." | ":/" | "./")) =>
        {
            findings.loses("throws away changes that are not committed");
        }
        "clean"
            if rest
                .iter()
                .any(|word| word.is_option() && word.text.contains('f')) =>
        {
            findings.loses("removes files that git does not know");
        }
        "reflog" if matches!(second, "expire" | "delete") => {
            findings.loses("removes the way back to earlier commits");
        }
        "gc" | "prune" if rest.iter().any(|word| word.text.starts_with("--prune=")) => {
            findings.loses("removes the way back to earlier commits");
        }
        "stash" if matches!(second, "drop" | "clear") => {
            findings.loses("throws away changes that were set aside");
        }
        "branch" if has(&["-D"]) || (has(&["-d", "--delete"]) && has(&["-f", "--force"])) => {
            findings.loses("throws away commits that are on no other branch");
        }
        "update-ref" if has(&["-d", "--delete"]) => {
            findings.loses("throws away a branch");
        }
        "worktree" if second == "remove" && has(&["-f", "--force"]) => {
            findings.loses("throws away changes that are not committed");
        }
        _ => return false,
    }
    true
}

fn config(rest: &[Argument], findings: &mut Findings) {
    let reads = rest.iter().any(|word| {
        matches!(
            word.text.as_str(),
            "--get" | "--get-all" | "--get-regexp" | "-l" | "--list" | "get" | "list"
        )
    });
    if reads {
        return;
    }
    if rest
        .iter()
        .any(|word| matches!(word.text.as_str(), "-e" | "--edit" | "edit"))
    {
        findings.suspicious("waits for an editor, and there is none");
    }
    let beyond = rest.iter().any(|word| {
        matches!(word.text.as_str(), "--global" | "--system")
            || word.text.starts_with("--file")
            || word.text == "-f"
    });
    let words: Vec<&str> = rest
        .iter()
        .map(|word| word.text.as_str())
        .filter(|text| !text.starts_with("--") && !matches!(*text, "set" | "unset"))
        .collect();
    if words.len() < 2 && !rest.iter().any(|word| word.text.starts_with("--unset")) {
        return;
    }
    let key = words.first().copied().unwrap_or_default();
    if runs(key) {
        findings.dangerous(format!("makes git run a program (`{key}`)"));
    } else if beyond {
        findings.dangerous("changes the person's own git configuration");
    }
}

fn runs(key: &str) -> bool {
    let key = key.to_lowercase();
    RUNNING_KEYS.contains(&key.as_str())
        || RUNNING_SECTIONS
            .iter()
            .any(|section| key.starts_with(section))
        || (key.starts_with("diff.") && (key.ends_with(".command") || key.ends_with(".textconv")))
        || key == "diff.external"
        || (key.starts_with("merge.") && key.ends_with(".driver"))
}

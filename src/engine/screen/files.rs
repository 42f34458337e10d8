//! Commands that make, change, remove, copy or read files: what they are pointed at decides.

use super::argument::{Argument, HOME, UNKNOWN, operands};
use super::findings::Findings;
use super::named;
use super::places::{Place, place};
use super::scene::Scene;
use super::verdict::Class;

/// Looks at a command of this sort. Says whether it was one.
pub(super) fn rule(
    name: &str,
    rest: &[Argument],
    scene: &mut Scene,
    findings: &mut Findings,
) -> bool {
    match name {
        "rm" | "rmdir" | "unlink" | "shred" | "wipe" | "srm" | "trash" => {
            delete(rest, scene, findings);
        }
        "mv" | "rename" => move_away(rest, scene, findings),
        "ln" if rest
            .iter()
            .any(|word| is_short(&word.text) && word.is_option() && word.text.contains('s')) =>
        {
            link(rest, scene, findings);
        }
        "cp" | "install" | "ln" | "rsync" => copy(rest, scene, findings),
        "touch" | "mkdir" | "mkfifo" | "tee" | "truncate" | "fallocate" | "split" | "patch" => {
            for target in operands_anywhere(rest) {
                write(target, scene, findings);
            }
            if named::huge(rest) {
                findings.suspicious("may fill the disk");
            }
        }
        "chmod" | "chown" | "chgrp" | "chattr" | "setfacl" | "setfattr" => {
            permissions(name, rest, scene, findings);
        }
        "dd" => dd(rest, scene, findings),
        "sed" | "gsed" => sed(rest, scene, findings),
        "tar" | "bsdtar" | "unzip" | "cpio" | "7z" => archive(rest, scene, findings),
        "cd" | "pushd" => {
            let target = operands(rest, &[]).first();
            let home = Argument::known(HOME);
            change_folder(target.unwrap_or(&home), scene);
        }
        "popd" => scene.folder = UNKNOWN.to_string(),
        "cat" | "tac" | "less" | "more" | "head" | "tail" | "base64" | "xxd" | "od" | "strings"
        | "hexdump" | "sort" | "uniq" | "cut" | "tr" | "nl" | "wc" | "diff" | "cmp" | "jq"
        | "yq" | "gzip" | "zip" | "bat" => look(rest, scene, findings),
        _ => return false,
    }
    true
}

pub(super) fn operands_anywhere(rest: &[Argument]) -> impl Iterator<Item = &Argument> {
    let end = rest.iter().position(|word| word.text == "--");
    rest.iter().enumerate().filter_map(move |(at, word)| {
        let after_the_end = end.is_some_and(|end| at > end);
        let operand = after_the_end || (!word.is_option() && word.text != "--");
        operand.then_some(word)
    })
}

/// The shell stands somewhere else from here on.
pub(super) fn change_folder(target: &Argument, scene: &mut Scene) {
    scene.folder = if target.text == "-" || target.is_dynamic() || target.glob {
        UNKNOWN.to_string()
    } else if target.text.starts_with(['/', HOME]) {
        target.text.clone()
    } else {
        format!("{}/{}", scene.folder, target.text)
    };
}

/// The targets go away.
pub(super) fn delete(targets: &[Argument], scene: &Scene, findings: &mut Findings) {
    for target in operands_anywhere(targets) {
        delete_one(target, scene, findings);
    }
}

fn delete_one(target: &Argument, scene: &Scene, findings: &mut Findings) {
    let shown = target.shown();
    match place(&target.text, scene) {
        Place::Inside | Place::Temporary | Place::Nowhere => {}
        Place::Project => findings.loses(format!("removes the whole project (`{shown}`)")),
        Place::GitControl => findings.loses(format!("removes git's own files (`{shown}`)")),
        Place::Unknown => findings.suspicious(format!(
            "removes something that is known only when it runs (`{shown}`)"
        )),
        Place::Above
        | Place::Device
        | Place::Kernel
        | Place::OtherProcess
        | Place::Secret
        | Place::Home
        | Place::Toolchain
        | Place::System => {
            findings.dangerous(format!("removes `{shown}`, which is outside the project"));
        }
    }
}

/// Something is written there.
pub(super) fn write(target: &Argument, scene: &Scene, findings: &mut Findings) {
    let shown = target.shown();
    let class = match place(&target.text, scene) {
        Place::Inside | Place::Project | Place::Temporary | Place::Nowhere | Place::Unknown => {
            return;
        }
        Place::GitControl => {
            findings.dangerous(format!(
                "changes `{shown}`, which decides what git runs on this machine"
            ));
            return;
        }
        Place::Above | Place::Toolchain => Class::Suspicious,
        Place::Device
        | Place::Kernel
        | Place::OtherProcess
        | Place::Secret
        | Place::Home
        | Place::System => Class::Dangerous,
    };
    findings.add(
        class,
        format!("writes to `{shown}`, which is outside the project"),
    );
}

/// The content of that is read.
pub(super) fn read(target: &Argument, scene: &Scene, findings: &mut Findings) {
    secret(target, scene, findings);
    let place = place(&target.text, scene);
    if matches!(
        target.text.as_str(),
        "/proc/self/environ" | "/proc/thread-self/environ"
    ) {
        findings.suspicious("shows the environment");
    }
    if matches!(place, Place::Home | Place::Above) {
        findings.suspicious(format!(
            "reads `{}`, which is outside the project",
            target.shown()
        ));
    }
}

/// Operands that are read.
pub(super) fn look(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    secrets(rest, scene, findings);
    for target in operands_anywhere(rest) {
        read(target, scene, findings);
    }
}

/// Keys, passwords and other processes, wherever they stand in the operands.
pub(super) fn secrets(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    for word in rest {
        secret(word, scene, findings);
        for separator in ['=', '@', ':'] {
            if let Some((_, after)) = word.text.split_once(separator) {
                secret(&Argument::known(after), scene, findings);
            }
        }
    }
}

fn secret(word: &Argument, scene: &Scene, findings: &mut Findings) {
    let shown = word.shown();
    match place(&word.text, scene) {
        Place::Secret if word.text.starts_with("/etc/") => {
            findings.suspicious(format!("looks at `{shown}`, which holds passwords"));
        }
        Place::Secret => {
            findings.dangerous(format!("looks at `{shown}`, which holds keys or passwords"));
        }
        Place::OtherProcess => {
            findings.dangerous(format!("looks into another process (`{shown}`)"));
        }
        _ => {}
    }
}

fn move_away(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let words: Vec<&Argument> = operands_anywhere(rest).collect();
    if let Some((target, sources)) = words.split_last() {
        write(target, scene, findings);
        for source in sources {
            delete_one(source, scene, findings);
        }
        if target.text == "/dev/null" {
            findings.suspicious("moves files into nothing");
        }
    }
}

fn copy(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let words: Vec<&Argument> = operands_anywhere(rest).collect();
    if let Some((target, sources)) = words.split_last() {
        write(target, scene, findings);
        for source in sources {
            read(source, scene, findings);
        }
        if words.len() == 1 {
            read(target, scene, findings);
        }
    }
    if rest.iter().any(|word| word.text.starts_with("--delete")) {
        findings.suspicious("removes what the source does not have");
    }
    if words.iter().any(|word| is_remote(&word.text)) {
        findings.suspicious("exchanges files with another machine");
    }
}

/// A link says where its target is as seen from the link itself.
fn link(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let words: Vec<&Argument> = operands_anywhere(rest).collect();
    let Some((link, sources)) = words.split_last() else {
        return;
    };
    write(link, scene, findings);
    let folder = link.text.rsplit_once('/').map_or(".", |(folder, _)| folder);
    for source in sources {
        let seen = if source.text.starts_with(['/', HOME, UNKNOWN]) {
            source.text.clone()
        } else {
            format!("{folder}/{}", source.text)
        };
        read(&Argument::known(seen), scene, findings);
    }
}

/// `host:path`, as scp and rsync know it.
fn is_remote(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(host, _)| !host.is_empty() && !host.contains('/'))
}

fn permissions(name: &str, rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let recursive = rest
        .iter()
        .any(|word| word.is_option() && (word.text == "--recursive" || word.text.contains('R')));
    let mut words = operands_anywhere(rest);
    let mode = words.next().map_or("", |word| word.text.as_str());
    if name == "chmod" {
        let numeric = mode.chars().all(|digit| digit.is_digit(8)) && mode.len() > 3;
        let special = numeric && !mode.trim_start_matches('0').is_empty() && {
            let digits = mode.trim_start_matches('0');
            digits.len() == 4 && digits.starts_with(['2', '4', '6', '7'])
        };
        let symbolic = mode.contains("+s") || mode.contains("=s") || mode.contains("+xs");
        if special || symbolic {
            findings.dangerous("makes a program run with the rights of its owner");
        }
    }
    let open = matches!(mode, "777" | "0777" | "666" | "a+rwx" | "000");
    for target in words {
        if recursive && open && place(&target.text, scene) == Place::Project {
            findings.suspicious("changes who may read and write the whole project");
        }
        write(target, scene, findings);
    }
}

fn dd(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let value = |key: &str| {
        rest.iter()
            .find_map(|word| word.text.strip_prefix(key))
            .map(Argument::known)
    };
    if let Some(source) = value("if=") {
        read(&source, scene, findings);
    }
    if let Some(target) = value("of=") {
        write(&target, scene, findings);
    }
    let number = |key: &str| value(key).and_then(|value| named::bytes(&value.text));
    let size = number("bs=").unwrap_or(512);
    let endless = value("if=").is_some_and(|source| source.text.starts_with("/dev/"));
    match number("count=") {
        Some(count) if count.saturating_mul(size) < named::HUGE => {}
        None if !endless => {}
        _ => findings.suspicious("may fill the disk"),
    }
}

fn sed(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    let in_place = rest
        .iter()
        .any(|word| word.text.starts_with("-i") || word.text.starts_with("--in-place"));
    let given = rest
        .iter()
        .any(|word| matches!(word.text.as_str(), "-e" | "-f" | "--expression"));
    let mut words = operands_anywhere(rest);
    let script = words.next().map_or("", |word| word.text.as_str());
    let runs = script.split([';', '\n', '{', '}']).any(|part| {
        let part = part.trim();
        let command = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',' || c == '$');
        command == "e"
            || command.starts_with("e ")
            || (part.starts_with('s') && part.ends_with("/e"))
            || (part.starts_with('/') && part.ends_with("/e"))
    });
    if runs {
        findings.suspicious("lets sed run commands");
    }
    for target in written_by_sed(script) {
        write(&Argument::known(target), scene, findings);
    }
    if given {
        for target in operands_anywhere(rest) {
            secret(target, scene, findings);
        }
    }
    for target in words {
        if in_place {
            write(target, scene, findings);
        } else {
            read(target, scene, findings);
        }
    }
}

/// The files of `w FILE`, as a command or as a flag of `s/…/…/`.
fn written_by_sed(script: &str) -> Vec<&str> {
    let parts = script.split([';', '\n', '{', '}']);
    parts
        .filter_map(|part| {
            let (before, target) = part.rsplit_once("w ")?;
            let address = |c: char| c.is_ascii_digit() || matches!(c, ',' | '$' | ' ' | '!');
            let flag = before.rsplit('/').next().unwrap_or_default();
            let is_command = before.trim().chars().all(address)
                || (before.starts_with('/') && flag.chars().all(address));
            let is_flag = before.starts_with('s')
                && before.matches('/').count() >= 3
                && flag
                    .chars()
                    .all(|c| c.is_ascii_digit() || "gpiIme".contains(c));
            (is_command || is_flag).then_some(target.trim())
        })
        .collect()
}

fn archive(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    for (at, word) in rest.iter().enumerate() {
        let text = word.text.as_str();
        if matches!(text, "-C" | "-d" | "--directory") {
            if let Some(folder) = rest.get(at + 1) {
                write(folder, scene, findings);
            }
        } else if let Some(folder) = text.strip_prefix("--directory=") {
            write(&Argument::known(folder), scene, findings);
        } else if text.starts_with("--to-command") || text.starts_with("--checkpoint-action") {
            findings.suspicious("lets an archive run commands");
        } else if text == "--remove-files" {
            findings.suspicious("removes the files that it packs");
            delete(rest.get(at + 1..).unwrap_or_default(), scene, findings);
        } else if text == "--absolute-names" || (at == 0 && is_short(text) && text.contains('P')) {
            findings.suspicious("unpacks to wherever the archive says");
        }
    }
    secrets(rest, scene, findings);
    for word in operands_anywhere(rest) {
        read(word, scene, findings);
    }
}

fn is_short(text: &str) -> bool {
    text.len() < 8 && !text.starts_with("--")
}

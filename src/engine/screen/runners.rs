//! Programs that carry a command among their operands, behind a verb or as a line of its own: which
//! words are that command. Data where it can be; what the command does is for its own rules.

use super::argument::{Argument, operands};
use super::scene::{Inner, Scene};
use super::shells::line;
use super::{code, findings::Findings};

/// Programs, the verbs behind which a command stands, their options that take a value, and the
/// words between the verb and the command.
type Runner = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    usize,
);

const RUNNERS: &[Runner] = &[
    (
        &["npm", "pnpm", "yarn"],
        &["exec", "x", "dlx"],
        &[
            "-p",
            "--package",
            "-w",
            "--workspace",
            "-F",
            "--filter",
            "-C",
            "--dir",
            "--cwd",
            "-c",
            "--call",
        ],
        0,
    ),
    (&["bun"], &["x"], &[], 0),
    (
        &["poetry", "pdm", "rye", "hatch", "pixi"],
        &["run"],
        &["-C", "-P", "-p", "-e"],
        0,
    ),
    (
        &["pipenv", "devbox", "dotenv", "foreman", "honcho"],
        &["run"],
        &["-f", "-e"],
        0,
    ),
    (
        &["uv"],
        &["run"],
        &[
            "--with",
            "--with-requirements",
            "--with-editable",
            "-p",
            "--python",
            "--extra",
            "--group",
            "--only-group",
            "--project",
            "--directory",
            "--env-file",
            "--index",
            "-w",
        ],
        0,
    ),
    (&["pipx"], &["run"], &["--spec", "--python"], 0),
    (
        &["conda", "mamba", "micromamba"],
        &["run"],
        &["-n", "--name", "-p", "--prefix", "--cwd"],
        0,
    ),
    (
        &[
            "bundle", "rbenv", "pyenv", "nodenv", "asdf", "mise", "opam", "stack", "cabal",
        ],
        &["exec", "x"],
        &[],
        0,
    ),
    (&["direnv"], &["exec"], &[], 1),
    (&["rustup"], &["run"], &[], 1),
    (&["nvm", "fnm"], &["exec", "run"], &["--using"], 1),
    (
        &["perf"],
        &["stat", "record", "trace"],
        &[
            "-o",
            "--output",
            "-e",
            "--event",
            "-F",
            "-C",
            "-I",
            "-r",
            "--call-graph",
        ],
        0,
    ),
];

/// Options whose value is a command line.
const LINES: &[(&[&str], &[&str])] = &[
    (
        &["script", "su", "runuser", "sg", "flock"],
        &["-c", "--command"],
    ),
    (&["nix-shell"], &["--run", "--command"]),
    (&["npm", "npx"], &["-c", "--call"]),
    (&["nodemon"], &["-x", "--exec"]),
    (&["entr", "cargo"], &["-s", "--shell"]),
    (&["sort"], &["--compress-program"]),
    (
        &["tar", "bsdtar"],
        &[
            "-I",
            "--use-compress-program",
            "--to-command",
            "--rsh-command",
            "--info-script",
            "--new-volume-script",
            "--checkpoint-action",
        ],
    ),
    (&["zip"], &["-TT", "--unzip-command"]),
    (&["rsync"], &["-e", "--rsh", "--rsync-path"]),
    (
        &["gdb", "lldb"],
        &[
            "-ex",
            "-iex",
            "--eval-command",
            "--init-eval-command",
            "-o",
            "-O",
            "--one-line",
        ],
    ),
    (&["expect"], &["-c"]),
    (&["mapfile", "readarray", "complete", "compgen"], &["-C"]),
    (&["rg"], &["--pre", "--hostname-bin"]),
    (&["fzf"], &["--preview"]),
    (&["make", "gmake"], &["--eval"]),
    (&["man"], &["-P", "--pager"]),
    (&["xterm", "gnome-terminal", "konsole"], &["-e"]),
];

/// The command that a runner carries, if this is one.
pub(super) fn carried<'a>(name: &str, rest: &'a [Argument]) -> Option<&'a [Argument]> {
    if matches!(name, "npx" | "bunx" | "uvx") {
        return Some(operands(
            rest,
            &["-p", "--package", "--from", "--with", "-c", "--call"],
        ));
    }
    if name == "nix" {
        let at = rest
            .iter()
            .position(|word| matches!(word.text.as_str(), "-c" | "--command"))?;
        return rest.get(at + 1..);
    }
    let (.., with_value, skipped) = RUNNERS.iter().find(|(names, verbs, with_value, _)| {
        let verb = operands(rest, with_value).first();
        names.contains(&name) && verb.is_some_and(|verb| verbs.contains(&verb.text.as_str()))
    })?;
    let behind = operands(rest, with_value).get(1..).unwrap_or_default();
    let inner = operands(behind, with_value)
        .get(*skipped..)
        .unwrap_or_default();
    Some(operands(inner, &[]))
}

/// Looks at the lines that a program takes as values of its options.
pub(super) fn lines(name: &str, rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    if name == "hyperfine" {
        for word in rest.iter().filter(|word| !word.is_option()) {
            line(word, scene, findings);
        }
    }
    if name == "start-stop-daemon" {
        daemon(rest, scene, findings);
    }
    for (_, options) in LINES.iter().filter(|(names, _)| names.contains(&name)) {
        for value in values(rest, options) {
            run(name, &value, scene, findings);
        }
    }
}

/// One of them, without the words that some programs want before it.
fn run(name: &str, value: &Argument, scene: &Scene, findings: &mut Findings) {
    if matches!(name, "gdb" | "lldb" | "expect") {
        code::code(value, scene, findings);
    }
    if matches!(name, "make" | "gmake") {
        findings.suspicious("runs rules that stand in the command line");
    }
    let text = value.text.replace("$(shell ", "$(").replace("spawn ", "");
    let text = text.trim_start_matches(['!', '|', ' ']);
    let text = ["exec=", "shell ", "platform shell ", "system "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    let value = Argument {
        text: text.to_owned(),
        ..value.clone()
    };
    line(&value, scene, findings);
}

/// The values of options: `-c VALUE`, `-qc VALUE`, `--command=VALUE`.
pub(super) fn values(rest: &[Argument], options: &[&str]) -> Vec<Argument> {
    let mut found = Vec::new();
    for (at, word) in rest.iter().enumerate() {
        let text = word.text.as_str();
        let is_cluster = |option: &str| {
            option.len() == 2
                && text.len() > 2
                && !text.starts_with("--")
                && text.ends_with(&option[1..])
                && text[1..].chars().all(|letter| letter.is_ascii_alphabetic())
        };
        let attached = options.iter().find_map(|option| {
            let value = text.strip_prefix(option)?;
            value.strip_prefix('=').filter(|_| option.len() > 2)
        });
        if let Some(value) = attached {
            found.push(Argument {
                text: value.to_owned(),
                ..word.clone()
            });
        } else if text.starts_with('-')
            && options
                .iter()
                .any(|option| *option == text || is_cluster(option))
        {
            found.extend(rest.get(at + 1).cloned());
        }
    }
    found
}

/// `start-stop-daemon --exec PROGRAM -- ARGUMENTS`.
fn daemon(rest: &[Argument], scene: &Scene, findings: &mut Findings) {
    findings.suspicious("outlives the call");
    let mut words = values(rest, &["-x", "--exec", "-a", "--startas"]);
    words.truncate(1);
    let arguments = rest.iter().skip_while(|word| word.text != "--").skip(1);
    words.extend(arguments.cloned());
    scene.clone().follow(Inner::Words(&words), findings);
}

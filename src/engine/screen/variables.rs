//! Variables that change which program or library others run.

use super::argument::{Argument, HOME};
use super::findings::Findings;
use super::places::{Place, place};
use super::scene::Scene;
use super::shells::line;

/// Variables that hold a program, or a command line, for another program to run.
const PROGRAMS: &[&str] = &[
    "CC",
    "CXX",
    "CPP",
    "LD",
    "AR",
    "AS",
    "FC",
    "MAKE",
    "SHELL",
    "RUSTC",
    "RUSTDOC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CMAKE_C_COMPILER_LAUNCHER",
    "CMAKE_CXX_COMPILER_LAUNCHER",
    "LESSOPEN",
    "LESSCLOSE",
    "MANPAGER",
    "BROWSER",
    "GIT_SSH",
    "RSYNC_RSH",
    "CVS_RSH",
    "npm_config_script_shell",
    "EDITOR",
    "VISUAL",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "PAGER",
    "GIT_PAGER",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
];

/// Variables that hold options, and the options with which these run or load a file.
const OPTIONS: &[(&str, &[&str])] = &[
    ("MAKEFLAGS", &["eval", "SHELL=", "-f"]),
    ("GNUMAKEFLAGS", &["eval", "SHELL=", "-f"]),
    (
        "NODE_OPTIONS",
        &[
            "-r",
            "--require",
            "--import",
            "--loader",
            "--experimental-loader",
        ],
    ),
    ("GOFLAGS", &["-toolexec", "-exec"]),
    ("JAVA_TOOL_OPTIONS", &["-javaagent", "-agent"]),
    ("JDK_JAVA_OPTIONS", &["-javaagent", "-agent"]),
    ("_JAVA_OPTIONS", &["-javaagent", "-agent"]),
    (
        "TAR_OPTIONS",
        &[
            "-I",
            "--to-command",
            "--checkpoint-action",
            "--use-compress-program",
        ],
    ),
    ("RUSTFLAGS", &["linker="]),
];

/// Looks at a variable that is given a value.
pub(super) fn assignment(name: &str, value: &Argument, scene: &Scene, findings: &mut Findings) {
    let text = value.text.as_str();
    let runs_a_file = format!("makes other programs run a file (`{name}`)");
    if is_program(name) {
        program(value, runs_a_file, scene, findings);
        return;
    }
    if let Some((_, options)) = OPTIONS.iter().find(|(known, _)| *known == name) {
        let has = |word: &str| options.iter().any(|option| word.starts_with(option));
        if text.split_whitespace().any(has) || text.contains("--eval") {
            findings.suspicious(runs_a_file);
        }
        return;
    }
    match name {
        "LD_PRELOAD" | "LD_AUDIT" | "DYLD_INSERT_LIBRARIES" => {
            findings.suspicious(format!("puts code into other programs (`{name}`)"));
        }
        "HISTFILE" | "HISTSIZE" | "HISTFILESIZE" => findings.suspicious("removes traces"),
        "GIT_DIR"
        | "GIT_EXEC_PATH"
        | "GIT_CONFIG_GLOBAL"
        | "GIT_CONFIG_SYSTEM"
        | "GIT_CONFIG_PARAMETERS"
        | "GIT_TEMPLATE_DIR"
            if text != "/dev/null" && text != ".git" =>
        {
            findings.suspicious(format!("makes git read other settings (`{name}`)"));
        }
        "BASH_ENV" | "ENV" | "PROMPT_COMMAND" | "PYTHONSTARTUP" | "PYTHONBREAKPOINT"
        | "PERL5OPT" | "RUBYOPT" | "LUA_INIT" | "GIT_SSH_COMMAND" | "GIT_EXTERNAL_DIFF"
        | "GIT_CONFIG_COUNT" | "GIT_PROXY_COMMAND"
            if (name != "ENV" || text.contains('/'))
                && (name != "PYTHONBREAKPOINT" || text.contains('.')) =>
        {
            findings.suspicious(runs_a_file);
        }
        "PATH"
            if text
                .split(':')
                .any(|folder| matches!(folder, "" | ".") || folder.starts_with("/tmp")) =>
        {
            findings.suspicious("lets files of the project stand for commands (`PATH`)");
        }
        _ => {}
    }
}

fn is_program(name: &str) -> bool {
    PROGRAMS.contains(&name)
        || (name.starts_with("CARGO_TARGET_")
            && (name.ends_with("_RUNNER") || name.ends_with("_LINKER")))
}

/// A program of the machine, by its name or below its folders, is what such variables are for.
fn program(value: &Argument, runs_a_file: String, scene: &Scene, findings: &mut Findings) {
    let text = value.text.trim_start_matches(['|', '-', ' ']);
    line(
        &Argument {
            text: text.to_owned(),
            ..value.clone()
        },
        scene,
        findings,
    );
    let first = text.split_whitespace().next().unwrap_or_default();
    let own = first.contains(['/', HOME]) && place(first, scene) != Place::System;
    if own || text.contains([';', '|', '&', '$', '`', '>']) {
        findings.suspicious(runs_a_file);
    }
}

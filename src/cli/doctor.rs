//! `loop doctor`: what is in force and what is not, for a person or as one JSON object.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::{DoctorArgs, RunOptions};
use super::compose::{self, print, print_json};
use crate::config::{Environment, Loaded};
use crate::engine::floor::Reachable;
use crate::engine::protocol::Protocol;
use crate::engine::settings::Switch;
use crate::error::{Error, ErrorKind, Result};
use crate::run::doctor::{
    Diagnosis, ModelFound, Patient, PolicyFound, SandboxFound, ServerFound, examine,
};
use crate::run::store::Cards;
use crate::run::{CommandEnvironment, Surroundings};

/// Looks at everything, prints it, and says by its exit code whether a run could begin.
pub(super) fn doctor(args: DoctorArgs) -> Result<ExitCode> {
    let run = RunOptions {
        model: args.model,
        host: args.host,
        config: args.config,
        ..RunOptions::default()
    };
    let loaded = compose::configuration(&run)?;
    let project = compose::existing_project(args.project.as_deref().unwrap_or(Path::new(".")))?;
    let environment = Environment::of_process();
    let commands = &loaded.config.commands;
    let variables = environment.variables();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sessions = &loaded.paths.sessions;
    let patient = Patient {
        server: compose::server(&loaded)?,
        model: loaded.config.model.clone(),
        cards: Cards::at(&loaded.paths.models),
        environment: CommandEnvironment::from_vars(variables, &commands.env),
        sandbox: commands.sandbox,
        network: commands.network,
        project,
        floor: loaded.floor.clone(),
        state: compose::state(&loaded),
        ground: if sessions.is_dir() {
            sessions.clone()
        } else {
            environment
                .path("TMPDIR")
                .unwrap_or_else(|| PathBuf::from("/tmp"))
        },
        surroundings: Surroundings {
            search_path: environment.search_path(),
            home: environment.home(),
            cargo_home: environment.path("CARGO_HOME"),
            fetched_crates: None,
        },
    };
    let found = compose::block_on(examine(patient))?;
    if args.json {
        print_json(&as_json(&found, &loaded)?)?;
    } else {
        print(&as_text(&found, &loaded))?;
    }
    Ok(match (found.holds(), &found.server.problem) {
        (false, _) => ExitCode::from(ErrorKind::Incomplete.code()),
        (true, Some(_)) => ExitCode::from(ErrorKind::Model.code()),
        (true, None) => ExitCode::SUCCESS,
    })
}

fn as_json(found: &Diagnosis, loaded: &Loaded) -> Result<String> {
    let bug = |error: serde_json::Error| Error::new(ErrorKind::Bug, error.to_string());
    let mut all = serde_json::to_value(found).map_err(bug)?;
    all["config"] = json!({
        "file": loaded.paths.config_file,
        "exists": loaded.paths.config_file.is_file(),
        "sessions": loaded.paths.sessions,
    });
    all["holds"] = json!(found.holds());
    serde_json::to_string_pretty(&all).map_err(bug)
}

/// The report, a line for each thing.
#[derive(Default)]
struct Report(String);

impl Report {
    fn line(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.0, "{name:9} {value}"); // silent-ok: a String
    }
}

fn as_text(found: &Diagnosis, loaded: &Loaded) -> String {
    let mut report = Report::default();
    server(&found.server, &mut report);
    sandbox(&found.sandbox, &mut report);
    let git = &found.git;
    let person = match (&git.name, &git.email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        _ => "no name and address set".to_owned(),
    };
    match (&git.version, &git.problem) {
        (Some(version), _) => report.line("git", &format!("{version}, {person}")),
        (None, problem) => report.line("git", problem.as_deref().unwrap_or("not found")),
    }
    let policy = &found.policy;
    let project = policy.project.display();
    match &policy.project_refused {
        None => report.line("project", &project.to_string()),
        Some(why) => report.line("project", &format!("NOT A PROJECT FOLDER: {why}")),
    }
    if let Some(home) = &policy.home {
        let text = format!("{}: commands see its toolchains only", home.display());
        report.line("home", &text);
    }
    floor(policy, loaded, &mut report);
    let ports: Vec<String> = policy.ports.iter().map(u16::to_string).collect();
    report.line(
        "network",
        &match (policy.network, loaded.floor.network) {
            (_, Reachable::Off) => "off for every command".to_owned(),
            (Switch::Off, Reachable::Ask) => {
                "off for commands; on for one that fetches packages, after a question".to_owned()
            }
            (Switch::On, Reachable::Ask) => format!(
                "on for commands, ports {} of TCP, any of UDP",
                ports.join(", ")
            ),
        },
    );
    if let Some(why) = &policy.model_in_reach {
        let text = format!("a command with the network on can reach the model's server: {why}");
        report.line("", &text);
    }
    report.line(
        "ourselves",
        &format!(
            "connections to {} only: redirects are not followed, proxies not used",
            found.server.url
        ),
    );
    let file = loaded.paths.config_file.display();
    let is_there = if loaded.paths.config_file.is_file() {
        ""
    } else {
        " (not there; loop config init writes one)"
    };
    report.line("config", &format!("{file}{is_there}"));
    report.line("sessions", &loaded.paths.sessions.display().to_string());
    report.0
}

/// What an administrator demands, and whether it is met.
fn floor(policy: &PolicyFound, loaded: &Loaded, report: &mut Report) {
    let file = loaded.paths.policy.display();
    let Some(floor) = &policy.floor else {
        report.line("floor", &format!("none: there is no {file}"));
        return;
    };
    let met = match &floor.unmet {
        None => "met",
        Some(_) => "NOT MET, commands do not run",
    };
    report.line("floor", &format!("{file}: {met}"));
    for demand in floor.demands.demands() {
        report.line("", &demand);
    }
    if let Some(why) = &floor.unmet {
        report.line("", why);
    }
}

fn server(found: &ServerFound, report: &mut Report) {
    let place = if found.this_machine {
        ""
    } else {
        ", which is not this machine: file contents go there"
    };
    let version = match &found.version {
        Some(version) => format!("Ollama {version}"),
        None => "no answer".to_owned(),
    };
    report.line("server", &format!("{}: {version}{place}", found.url));
    if let Some(found) = &found.model {
        model(found, report);
    }
    if let Some(problem) = &found.problem {
        report.line("", &format!("NOT USABLE: {}", problem.what));
        if let Some(hint) = &problem.hint {
            report.line("", &format!("hint: {hint}"));
        }
    }
}

fn model(found: &ModelFound, report: &mut Report) {
    let can = found.capabilities.join(", ");
    report.line("model", &format!("{} ({can})", found.name));
    if found.protocol == Protocol::Text {
        report.line("", "text protocol: the model has no tool calls of its own");
    }
    let trained = match found.trained_window {
        Some(tokens) => format!("trained for {tokens}"),
        None => "what it was trained for is unknown".to_owned(),
    };
    report.line("window", &found.window_reason);
    report.line("", &trained);
    let manner = &found.manner;
    let think = manner.think.word();
    let sampling = serde_json::to_string(&manner.tuning).unwrap_or_default(); // silent-ok: numbers
    let sampling = match sampling.trim_matches(['{', '}']) {
        "" => "the model's own".to_owned(),
        values => values.replace('"', "").replace(':', " ").replace(',', ", "),
    };
    report.line("thinking", &format!("{think}; sampling: {sampling}"));
    match &found.card {
        None => report.line(
            "card",
            &format!(
                "none; loop models probe {} finds out what it can do",
                found.name
            ),
        ),
        Some(card) => {
            report.line("card", card.verdict.words());
            for (what, how) in card.advice.lines() {
                report.line("", &format!("{what}: {how}"));
            }
        }
    }
    let text = match &found.loaded {
        None => "no; the first request loads it".to_owned(),
        Some(loaded) => {
            let window = loaded
                .window
                .map_or_else(String::new, |tokens| format!(", window {tokens} tokens"));
            format!("{}{window}", loaded.place())
        }
    };
    report.line("loaded", &text);
    if let Some(advice) = &found.advice {
        report.line("", advice);
    }
}

fn sandbox(found: &SandboxFound, report: &mut Report) {
    let off = match found.configured {
        Switch::On => "",
        Switch::Off => " (switched off)",
    };
    let landlock = match found.landlock {
        None => String::new(),
        Some(0) => ", no Landlock".to_owned(),
        Some(version) => format!(", Landlock {version}"),
    };
    report.line("sandbox", &format!("{}{off}{landlock}", found.tier));
    for why in &found.shortcomings {
        report.line("", &format!("not {why}"));
    }
    if let Some(problem) = &found.problem {
        report.line("", &format!("COULD NOT BE TRIED: {problem}"));
    }
    for attack in &found.attacks {
        let how = match (attack.stopped, attack.promised) {
            (true, _) => "stopped",
            (false, false) => "not stopped, not promised",
            (false, true) => "NOT STOPPED, though promised",
        };
        report.line("", &format!("{}: {how}", attack.attack));
    }
    let limits = &found.limits;
    let memory = match limits.memory_bytes {
        Some(bytes) => format!("{} MB", bytes / 1_000_000),
        None => "half of the machine's".to_owned(),
    };
    report.line(
        "limits",
        &format!(
            "{} processes, {} open files, {} MB a file, memory {memory}, {} MB of disk stay free",
            limits.processes,
            limits.open_files,
            limits.file_bytes / 1_000_000,
            limits.free_disk_bytes / 1_000_000
        ),
    );
}

//! The command line: reads it, puts a run together, and turns what came of it into an exit code.
//! One file a command; nothing here decides about a session.

mod answer;
mod args;
mod card;
mod compose;
mod config;
mod debug;
mod demo;
mod demo_model;
mod demo_stage;
mod detach;
mod diff;
mod doctor;
mod landing;
mod models;
mod pull;
mod resume;
mod sessions;
mod shell;
mod signals;
mod skills;
mod start;
mod tell;
mod undo;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::config::nearest;
use crate::error::{Error, Result};
use args::{Cli, RunOptions, SessionsAction, Verb};

/// Does what the command line asks for.
pub fn dispatch() -> ExitCode {
    signals::report_bugs();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // silent-ok: nobody can be told that telling failed.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            error.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    match cli.verb {
        Some(Verb::Start(start)) => start::start(&start.task.join(" "), &start.run),
        Some(Verb::Resume(resume)) => {
            resume::resume(resume.id.or(resume.session).as_deref(), &resume.run)
        }
        Some(Verb::Sessions { action }) => sessions::sessions(action),
        Some(Verb::Answer(args)) => answer::answer(&args),
        Some(Verb::Tell(args)) => tell::tell(&args),
        Some(Verb::Stop(args)) => tell::stop(&args),
        Some(Verb::Watch(watch)) => watch::watch(&watch),
        Some(Verb::Diff(diff)) => diff::diff(&diff),
        Some(Verb::Undo(undo)) => undo::undo(&undo),
        Some(Verb::Skills { action }) => skills::skills(action),
        Some(Verb::Config { action }) => config::config(action),
        Some(Verb::Doctor(doctor)) => doctor::doctor(doctor),
        Some(Verb::Models { action }) => models::models(action),
        Some(Verb::Demo(demo)) => demo::demo(&demo),
        Some(Verb::Debug { action }) => debug::debug(action),
        Some(Verb::Completions { shell }) => shell::completions(shell),
        Some(Verb::Man) => shell::man(),
        None => without_verb(&cli.task, cli.resume, cli.list, &cli.run),
    }
}

/// `loop "a sentence"`, `loop --resume [ID]`, `loop --list`, or nothing at all.
fn without_verb(
    task: &[String],
    resume: Option<String>,
    list: bool,
    run: &RunOptions,
) -> Result<ExitCode> {
    if list {
        return sessions::sessions(SessionsAction::List { json: run.json });
    }
    if let Some(id) = resume {
        return resume::resume(Some(id.as_str()).filter(|id| !id.is_empty()), run);
    }
    let sentence = task.join(" ");
    match sentence.split_whitespace().count() {
        0 => Err(Error::usage("say what you want: loop \"Build a todo app\"")
            .hint("loop demo shows the whole thing without a model; loop --help lists everything")),
        1 => Err(unknown_verb(sentence.trim())),
        _ => start::start(&sentence, run),
    }
}

fn unknown_verb(word: &str) -> Error {
    let command = Cli::command();
    let verbs: Vec<&str> = command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .map(clap::Command::get_name)
        .collect();
    let error = Error::usage(format!("'{word}' is not a command"));
    match nearest(word, verbs.iter().copied()) {
        Some(verb) => error.hint(format!(
            "did you mean `loop {verb}`? A task needs two words or more: loop \"{word} …\""
        )),
        None => error.hint(format!(
            "the commands are {}; a task needs two words or more",
            verbs.join(", ")
        )),
    }
}

/// Tells a person what went wrong, on standard error.
fn report(error: &Error) {
    compose::say(&format!("error: {error}"));
}

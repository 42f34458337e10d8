//! `loop demo --model NAME`: the demo's project with a person's own model, and the card at its end.
//! The card can be shown to others: it names no server, no folder and no person.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use super::args::{DemoArgs, RunOptions};
use super::compose;
use super::demo_stage::{Audience, Stage, ended, tell};
use super::signals;
use crate::config::{Environment, frozen};
use crate::engine::event::{Event, Outcome, Proof, Record};
use crate::engine::session::Session;
use crate::engine::settings::{Approval, Approvals};
use crate::engine::summary::thousands;
use crate::error::Result;
use crate::run::begin::{NewSession, Setup, start};
use crate::run::catalog::{Places, Trust, catalog};
use crate::run::health::{Check, remote_warning};
use crate::run::store::{Cards, read};
use crate::run::{Attendance, Ending, Interrupt, Unattended, demo as content, model_port};

/// Builds the demo's project with that model.
pub(super) async fn work(args: &DemoArgs, name: &str, stage: &Stage) -> Result<ExitCode> {
    let run = RunOptions {
        model: Some(name.to_owned()),
        yes: true,
        no_input: true,
        ..RunOptions::default()
    };
    let loaded = compose::configuration(&run)?;
    let (stop, interrupt) = Interrupt::new();
    compose::check_wall(&loaded.config.commands, &loaded.floor, &stage.project)?;
    let server = compose::server(&loaded)?;
    signals::listen(stop);
    let url = server.url().to_owned();
    let mut settings = loaded.config.settings();
    settings.approvals = Approvals {
        documents: Approval::Yes,
        plan: Approval::Yes,
    };
    let catalog = catalog(
        &Places {
            project: &stage.project,
            skills: &stage.project.join("skills"),
            pipeline: None,
            agreements: stage.project.join("trusted.json"),
        },
        Trust::LeaveOut,
    )?;
    let setup = Setup {
        sessions: stage.sessions.clone(),
        answers: content::answers(),
        unattended: Unattended::LetTheModelDecide,
        attendance: Attendance::Nobody,
        ..compose::setup(&loaded, &run, stage.project.clone(), interrupt)?
    };
    let mut session = start(
        setup,
        NewSession {
            task: content::TASK.to_owned(),
            settings,
            config: frozen(&loaded.config),
            catalog,
            from: None,
            until: None,
        },
        server,
        (Check::Look, &Cards::at(&loaded.paths.models)),
        Audience::new(args, &Environment::of_process()),
        compose::wall(
            Environment::of_process(),
            loaded.config.commands.clone(),
            loaded.floor.clone(),
            compose::Commands {
                person: Vec::new(),
                model_port: model_port(&url),
            },
        ),
    )
    .await?;
    if let Some(warning) = remote_warning(&url) {
        session.operator().say(&warning);
    }
    let names = session.session().pipeline.names();
    let names = names.into_iter().map(str::to_owned).collect();
    session.operator().set_phases(names);
    let ending = session.drive().await?;
    session.operator().settle();
    let records = read(&session.store().folder.journal())?.records;
    let home = Environment::of_process().home();
    let mut hidden = vec![
        (stage.project.display().to_string(), "PROJECT"),
        (stage.sessions.display().to_string(), "SESSIONS"),
        (url, "SERVER"),
    ];
    hidden.extend(home.map(|home| (home.display().to_string(), "~")));
    let card = shareable(&card(session.session(), &ending, &records), &hidden);
    tell(&card, session.operator())?;
    Ok(match ending {
        Ending::Finished(Outcome::Completed, _) => ExitCode::SUCCESS,
        other => ended(&other),
    })
}

/// The card without what belongs to a person's machine.
fn shareable(card: &str, hidden: &[(String, &str)]) -> String {
    hidden
        .iter()
        .filter(|(secret, _)| secret.len() > 1)
        .fold(card.to_owned(), |card, (secret, name)| {
            card.replace(secret, name)
        })
}

fn card(session: &Session, ending: &Ending, records: &[Record]) -> String {
    let mut text = format!("\nloop demo --model {}\n\n", session.started.model);
    let mut row = |what: &str, says: &str| {
        let _ = writeln!(text, "{what:<12}{says}"); // silent-ok: a String
    };
    row("finished", &finished(ending));
    row("tickets", &tickets(session));
    let count = |wanted: fn(&Event) -> bool| records.iter().filter(|r| wanted(&r.event)).count();
    let begun = count(|event| matches!(event, Event::TicketStarted { .. }));
    let failed = count(|event| matches!(event, Event::AttemptFailed { .. }));
    row("attempts", &format!("{begun} begun, {failed} failed"));
    row("repairs", &repairs(records));
    let loops: u64 = session.loops.values().sum();
    if loops > 0 {
        row(
            "circles",
            &format!("{loops} times told that it goes in circles"),
        );
    }
    let totals = session.totals;
    row(
        "tokens",
        &format!(
            "{} read, {} written, in {} calls of the model",
            thousands(totals.prompt_tokens),
            thousands(totals.eval_tokens),
            totals.calls
        ),
    );
    row(
        "time",
        &format!(
            "{} s in the model{}, {} s in tools and checks",
            totals.model_ms / 1000,
            speed(totals.eval_tokens, totals.eval_ms),
            totals.tool_ms / 1000
        ),
    );
    let manner = session.manner(&session.started.model);
    let is_native = session.protocol(&session.started.model).is_native();
    let tools = if is_native {
        "native tool calls"
    } else {
        "text protocol"
    };
    row(
        "how",
        &format!(
            "window {} tokens, {tools}, thinking {}",
            thousands(session.num_ctx),
            manner.think.word()
        ),
    );
    for (what, why) in failures(session, ending) {
        row("failed", &format!("{what}: {why}"));
    }
    let wall = session.wall.as_deref().unwrap_or("none");
    row(
        "program",
        &format!("loop {}, sandbox {wall}", session.started.version),
    );
    text
}

fn finished(ending: &Ending) -> String {
    match ending {
        Ending::Finished(Outcome::Completed, _) => "yes".to_owned(),
        Ending::Finished(_, reason) | Ending::Stopped(_, reason) | Ending::Reached(reason) => {
            format!("no: {}", first_line(reason))
        }
    }
}

fn tickets(session: &Session) -> String {
    let ended = |proof: Proof| {
        let ends = session
            .tickets
            .values()
            .filter_map(|progress| progress.ended.as_ref());
        ends.filter(|end| end.outcome == Outcome::Completed && end.proof == proof)
            .count()
    };
    format!(
        "{} of {} done and shown by tests that ran, {} done but not shown",
        ended(Proof::Shown),
        session.ticket_ids().len(),
        ended(Proof::NotShown)
    )
}

/// What had to be repaired in replies, by kind.
fn repairs(records: &[Record]) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        if let Event::Repaired { what } = &record.event {
            for one in what {
                *kinds.entry(one).or_default() += 1;
            }
        }
    }
    if kinds.is_empty() {
        return "none".to_owned();
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} × {kind}"))
        .collect();
    kinds.join(", ")
}

/// Tokens a second, where the server told the time.
fn speed(tokens: u64, ms: u64) -> String {
    match tokens.saturating_mul(1000).checked_div(ms) {
        Some(speed) if speed > 0 => format!(" (writing {speed} tokens/s)"),
        _ => String::new(),
    }
}

fn failures(session: &Session, ending: &Ending) -> Vec<(String, String)> {
    let mut failures: Vec<(String, String)> = session
        .ticket_ids()
        .into_iter()
        .filter_map(|id| {
            let end = session.tickets.get(id)?.ended.as_ref()?;
            (end.outcome == Outcome::Blocked).then(|| (id.to_owned(), first_line(&end.reason)))
        })
        .collect();
    if let (true, Ending::Stopped(_, reason)) = (failures.is_empty(), ending) {
        failures.push(("the run".to_owned(), first_line(reason)));
    }
    failures
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

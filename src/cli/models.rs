//! `loop models`: what is installed, fetching a model, and finding out what one can do.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{ModelsAction, RunOptions, ServerArgs};
use super::compose::{self, print, say};
use super::pull;
use crate::config::Loaded;
use crate::engine::card::{Came, Card, Verdict};
use crate::engine::window::gigabytes;
use crate::error::{Error, ErrorKind, Result};
use crate::run::inventory::{Listed, Runs, list};
use crate::run::probe::probe;
use crate::run::store::Cards;

/// Does what was asked.
pub(super) fn models(action: ModelsAction) -> Result<ExitCode> {
    match action {
        ModelsAction::List { server, json } => {
            let loaded = configuration(server)?;
            let server = compose::server(&loaded)?;
            let cards = Cards::at(&loaded.paths.models);
            let all = compose::block_on(list(&server, &loaded.config.model, &cards))?;
            print(&if json { as_json(&all)? } else { table(&all) })?;
            if all.is_empty() && !json {
                say("no model is installed\nhint: loop models pull qwen3:8b fetches one");
            }
        }
        ModelsAction::Pull { name, server } => {
            named(&name)?;
            let server = compose::server(&configuration(server)?)?;
            compose::block_on(pull::fetch(&server, &name))?;
            say(&format!(
                "{name} is installed\nhint: loop models probe {name} finds out what it can do"
            ));
        }
        ModelsAction::Probe { name, server, json } => return probe_one(&name, server, json),
    }
    Ok(ExitCode::SUCCESS)
}

/// A name of nothing is no model's.
fn named(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::usage("the name of the model is empty")
            .hint("loop models list shows what is installed"));
    }
    Ok(())
}

fn configuration(server: ServerArgs) -> Result<Loaded> {
    compose::configuration(&RunOptions {
        host: server.host,
        config: server.config,
        ..RunOptions::default()
    })
}

fn probe_one(name: &str, server: ServerArgs, json: bool) -> Result<ExitCode> {
    named(name)?;
    let loaded = configuration(server)?;
    let mut server = compose::server(&loaded)?;
    let cards = Cards::at(&loaded.paths.models);
    say(&format!(
        "probing {name}: it takes some minutes, changes nothing and runs no command"
    ));
    let mut tell = |step: &str| say(&format!("  {step}"));
    let work = probe(&mut server, name, &loaded.config.model, &cards, &mut tell);
    let (card, file) = compose::block_on(work)?;
    if json {
        print(&card_json(&card, file.as_deref())?)?;
    } else {
        print(&card_text(&card))?;
    }
    match &file {
        Some(file) => say(&format!(
            "kept in {}; the next start uses these settings",
            file.display()
        )),
        None => say("not kept: the server tells no digest of this model"),
    }
    Ok(ExitCode::SUCCESS)
}

fn card_text(card: &Card) -> String {
    let judged = card.measured.judge();
    let mut lines = vec![format!("{}: {}", card.title(), judged.verdict.words())];
    for row in &judged.rows {
        let sign = match row.came {
            Came::Well => "+",
            Came::Partly => "~",
            Came::Badly => "-",
            Came::Measured => " ",
        };
        lines.push(format!("{sign} {:16} {}", row.what, row.detail));
    }
    lines.push("settings that follow:".to_owned());
    for (what, how) in judged.advice.lines() {
        lines.push(format!("  {what:16} {how}"));
    }
    lines.join("\n") + "\n"
}

fn card_json(card: &Card, file: Option<&Path>) -> Result<String> {
    let judged = card.measured.judge();
    pretty(&json!({
        "model": card.model,
        "digest": card.digest,
        "server": card.server,
        "verdict": judged.verdict,
        "rows": judged.rows,
        "advice": judged.advice,
        "measured": card.measured,
        "file": file,
    }))
}

fn as_json(all: &[Listed]) -> Result<String> {
    pretty(&json!(all))
}

fn pretty(value: &serde_json::Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(ErrorKind::Bug, error.to_string()))?;
    Ok(text + "\n")
}

/// Aligned columns under their names.
fn table(all: &[Listed]) -> String {
    let head = ["NAME", "SIZE", "WINDOW", "FITS", "CARD", "CAN"].map(str::to_owned);
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(all.iter().map(cells)).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", line.join("  ").trim_end())
    });
    lines.collect()
}

fn cells(model: &Listed) -> [String; 6] {
    let tokens = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let fits = match (model.runs, model.fits) {
        (Runs::Elsewhere, _) => "runs in the cloud: refused",
        (Runs::Here, Some(true)) => "yes",
        (Runs::Here, Some(false)) => "no",
        (Runs::Here, None) => "not known",
    };
    let card = model.card.map_or("not probed", Verdict::words);
    [
        model.name.clone(),
        format!("{} GB", gigabytes(model.bytes)),
        format!(
            "{} of {}",
            tokens(model.window),
            tokens(model.trained_window)
        ),
        fits.to_owned(),
        card.to_owned(),
        model.capabilities.join(", "),
    ]
}

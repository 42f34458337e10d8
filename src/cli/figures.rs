//! `loop sessions show --timeline` and `--stats`: what happened when, and where time and tokens
//! went. Reads journals, folds none, and prints.

use serde_json::json;

use super::compose::{print, print_dressed, print_json, say};
use crate::engine::stats::{Stats, across, own_stats, stats};
use crate::engine::timeline::timeline as in_time;
use crate::error::Result;
use crate::run::store::{Listed, SessionFolder, Sessions, read};
use crate::ui::{Colour, dressed, figures, figures_across, results_width, timeline};

/// Everything that happened in a session, with its times.
pub(super) fn show_timeline(folder: &SessionFolder, colour: Option<Colour>) -> Result<()> {
    let content = read(&folder.journal())?;
    content.warnings.iter().for_each(|warning| say(warning));
    let text = timeline(&in_time(&content.records), results_width(), colour);
    print_dressed(&text)
}

/// The numbers of a session.
pub(super) fn show_stats(folder: &SessionFolder, json: bool, colour: Option<Colour>) -> Result<()> {
    let stats = stats(&read(&folder.journal())?.records);
    if json {
        return print_json(&json!(stats).to_string());
    }
    print_dressed(&dressed(&figures(&stats), colour))
}

/// The numbers of all sessions together; what a fork has from another one is counted there.
pub(super) fn show_stats_of_all(sessions: &Sessions, json: bool) -> Result<()> {
    let mut all: Vec<Stats> = Vec::new();
    for entry in sessions.list()? {
        match entry {
            Listed::Readable(head) => all.push(own_stats(&read(&head.folder.journal())?.records)),
            Listed::Damaged { folder, reason } => {
                say(&format!("left out: {} ({reason})", folder.id));
            }
        }
    }
    let sum = across(&all);
    if json {
        return print_json(&json!(sum).to_string());
    }
    print(&figures_across(&sum))
}

//! The arguments of `loop sessions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Redact;

/// `loop sessions`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SessionsAction {
    /// Every session, newest first.
    List {
        /// As one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// One session; without an ID, the newest of this project.
    Show {
        /// Any unambiguous part of an id.
        id: Option<String>,
        /// What to look at.
        #[command(flatten)]
        figures: FiguresArgs,
        /// Every feature with its tickets, their checks and commits, and what no check shows.
        #[arg(long)]
        trace: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete sessions for good.
    Delete {
        /// Any unambiguous part of an id.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Write a session into one readable file, or everything into a .tar.gz.
    Export {
        /// Any unambiguous part of an id.
        id: Option<String>,
        /// The file; its ending decides: .tar.gz, or anything else for text. Standard output if absent.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Record it for `loop replay` instead, into this file.
        #[arg(long, value_name = "FILE", conflicts_with = "output")]
        replay: Option<PathBuf>,
        /// With --replay: names of people and machines, their addresses, home and project folders, and
        /// the names and values of passed variables become x, however they are written; it still
        /// repeats. =contents: so does every word that somebody wrote, to be looked at only.
        #[arg(long, value_enum, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "private", requires = "replay")]
        redact: Option<Redact>,
    },
}

/// What happened when, and what it took.
#[derive(Clone, Copy, Debug, Args)]
pub(in crate::cli) struct FiguresArgs {
    /// What happened, line by line, with the time since the start and how long it took.
    #[arg(long, conflicts_with_all = ["stats", "json"])]
    pub timeline: bool,
    /// Time, tokens, repairs and waiting, by phase and ticket; with --json as one object.
    #[arg(long)]
    pub stats: bool,
    /// With --stats: all sessions together.
    #[arg(long, requires = "stats", conflicts_with = "id")]
    pub all: bool,
}

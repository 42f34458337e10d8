//! What `loop watch` takes.

use clap::Args;

use super::ColorChoice;

/// `loop watch`.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArgs {
    /// Any unambiguous part of a session's id; all sessions if absent.
    pub id: Option<String>,
    /// Print one frame as text, for scripts and pictures; needs no terminal.
    #[arg(long)]
    pub once: bool,
    /// Columns of that frame; those of the terminal, or 80, if absent.
    #[arg(long, value_name = "N", requires = "once", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub width: Option<u16>,
    /// Rows of that frame; 24 if absent.
    #[arg(long, value_name = "N", requires = "once", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub height: Option<u16>,
    /// Colours.
    #[arg(long, value_enum)]
    pub color: Option<ColorChoice>,
}

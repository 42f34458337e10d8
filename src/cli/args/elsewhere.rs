//! The arguments of what a person says to a session from another terminal: answer, tell, stop.

use clap::Args;

/// `loop answer`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 answered, listed, or (--wait) something waits for an answer; 1 not answered: somebody was faster, the question is gone, or what is to be approved has changed; (--wait) what was waited for ended and asks nothing; 2 unknown question or session; 4 (--wait) the time is up."
)]
pub(in crate::cli) struct AnswerArgs {
    /// The question, such as approve-prd, ID/approve-prd, or approve-prd@55 for the one of that line.
    pub ask: Option<String>,
    /// The answer in words, or an option's letter; without any the question is shown in full.
    pub text: Vec<String>,
    /// The letter of an option.
    #[arg(long, value_name = "LETTER")]
    pub option: Option<String>,
    /// Yes to a document, a plan or a command.
    #[arg(long)]
    pub approve: bool,
    /// Not like this, and why; a document or plan is written again with that in mind.
    #[arg(long, value_name = "WHY")]
    pub reject: Option<String>,
    /// Wait until something needs an answer, and print it.
    #[arg(long, conflicts_with_all = ["ask", "option", "approve", "reject"])]
    pub wait: bool,
    /// The longest to wait: 90, 90s, 15m, 2h.
    #[arg(long, value_name = "T", requires = "wait")]
    pub timeout: Option<String>,
    /// Any unambiguous part of a session's id; all sessions if absent.
    #[arg(short = 's', long = "session", value_name = "ID")]
    pub session: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `loop tell`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TellArgs {
    /// What, in a sentence or more; `-` for what standard input says.
    #[arg(required = true)]
    pub text: Vec<String>,
    /// For this ticket, such as T3: it opens with it.
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub ticket: Option<String>,
    /// For the conversation at hand and every later one.
    #[arg(long)]
    pub all: bool,
    /// Any unambiguous part of a session's id; the newest session of this project if absent.
    #[arg(short = 's', long = "session", value_name = "ID")]
    pub session: Option<String>,
}

/// `loop stop`.
#[derive(Debug, Args)]
pub(in crate::cli) struct StopArgs {
    /// Any unambiguous part of a session's id; the newest session of this project if absent.
    #[arg(short = 's', long = "session", value_name = "ID")]
    pub session: Option<String>,
}

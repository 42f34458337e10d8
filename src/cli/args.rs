//! The command line as types. Its names are fixed: scripts depend on them.

mod elsewhere;
mod sessions;
mod watch;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::settings::BestOf;

pub(super) use elsewhere::{AnswerArgs, StopArgs, TellArgs};
pub(super) use sessions::SessionsAction;
pub(super) use watch::WatchArgs;

/// Turns a sentence into working, tested code in your project, with a local model.
#[derive(Debug, Parser)]
#[command(
    name = "loop",
    version,
    about,
    after_help = "Examples:\n  loop \"Build a todo app in Python\"   be asked, approve a plan, get working code\n  loop resume                         go on where the last run here stopped\n  loop sessions list                  what there is\n  loop demo                           see it work, without a model\n\nExit codes: 0 completed, 1 not completed, 2 usage, 3 needs input, 4 limit reached, 5 no model, 6 session locked or unreadable, 70 bug, 130 interrupted.",
    args_conflicts_with_subcommands = true,
    subcommand_precedence_over_arg = true
)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// A sentence of two words or more: the same as `loop start`.
    #[arg(value_name = "TASK")]
    pub task: Vec<String>,
    /// The same as `loop resume`.
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "")]
    pub resume: Option<String>,
    /// The same as `loop sessions list`.
    #[arg(long)]
    pub list: bool,
    /// How to run.
    #[command(flatten)]
    pub run: RunOptions,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Begin a new session: interview, plan, build, check.
    Start(StartArgs),
    /// Go on with a session; without an ID, the newest unfinished one of this project.
    Resume(ResumeArgs),
    /// List, show, delete or export sessions.
    Sessions {
        /// What to do with them.
        #[command(subcommand)]
        action: SessionsAction,
    },
    /// List what waits for an answer in all sessions, answer it, or wait until something does.
    Answer(AnswerArgs),
    /// Tell the model of a running session something.
    #[command(hide = true)]
    Tell(TellArgs),
    /// Stop a running session as Ctrl-C would.
    #[command(hide = true)]
    Stop(StopArgs),
    /// The live screen: one session, or all of them. Leave it with q; the sessions go on.
    Watch(WatchArgs),
    /// What a session changed in the project, or one of its tickets; needs no git repository.
    Diff(DiffArgs),
    /// Take back what a session changed, or one of its tickets; --redo puts it there again.
    Undo(UndoArgs),
    /// Show the skills in force, and where each comes from.
    Skills {
        /// What to show.
        #[command(subcommand)]
        action: SkillsAction,
    },
    /// Show the configuration, its path, or write a commented file with the defaults.
    Config {
        /// What to do.
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// What is in force and what is not: server, model, window, sandbox, git, policy.
    Doctor(DoctorArgs),
    /// Show the installed models, fetch one, or find out what one can do.
    Models {
        /// What to do.
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// The whole pipeline in a temporary folder with a built-in scripted model: no Ollama needed.
    Demo(DemoArgs),
    /// Show what the program would make of commands or replies, without doing any of it.
    #[command(hide = true)]
    Debug {
        /// What to look at.
        #[command(subcommand)]
        action: DebugAction,
    },
    /// Make a new session of another one's beginning, with the project of that moment in a folder.
    #[command(hide = true)]
    Fork(ForkArgs),
    /// Repeat a recorded session without a model, and say whether it comes to the same.
    #[command(hide = true)]
    Replay(ReplayArgs),
    /// Print a completion script for a shell.
    #[command(hide = true)]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    #[command(hide = true)]
    Man,
}

/// `loop start`.
#[derive(Debug, Args)]
pub(super) struct StartArgs {
    /// What you want, in a sentence or more.
    #[arg(value_name = "TASK")]
    pub task: Vec<String>,
    /// How to run.
    #[command(flatten)]
    pub run: RunOptions,
}

/// `loop resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// Any unambiguous part of a session's id.
    pub id: Option<String>,
    /// The same, as an option.
    #[arg(
        short = 's',
        long = "session",
        value_name = "ID",
        conflicts_with = "id"
    )]
    pub session: Option<String>,
    /// How to run.
    #[command(flatten)]
    pub run: RunOptions,
}

/// `loop diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A ticket, such as T1; the whole session if absent.
    pub ticket: Option<String>,
    /// Any unambiguous part of a session's id; the newest session of this project if absent.
    #[arg(short = 's', long = "session", value_name = "ID")]
    pub session: Option<String>,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `loop undo`.
#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// A ticket, such as T1, or all, which is meant if absent.
    #[arg(value_name = "TICKET|all")]
    pub ticket: Option<String>,
    /// Any unambiguous part of a session's id; the newest session of this project if absent.
    #[arg(short = 's', long = "session", value_name = "ID")]
    pub session: Option<String>,
    /// Do not ask; files that somebody else has changed since are left alone.
    #[arg(long)]
    pub yes: bool,
    /// Put there again what the last undo took back; with its name, only if it was that one.
    #[arg(long)]
    pub redo: bool,
}

/// `loop doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// The project folder; the current one if absent.
    #[arg(short = 'C', long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The model.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Where Ollama is served, as `OLLAMA_HOST` is written.
    #[arg(long, value_name = "URL")]
    pub host: Option<String>,
    /// A configuration file instead of the usual one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `loop demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Build the same project with this model of your own, and end in a card that can be shared.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Build the project in this folder and keep it.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Only results.
    #[arg(short, long)]
    pub quiet: bool,
    /// Journal lines on standard output.
    #[arg(long)]
    pub json: bool,
    /// Colours.
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// Options of `start` and `resume`.
#[derive(Debug, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one flag of the command line"
)]
pub(super) struct RunOptions {
    /// The project folder; the current one if absent.
    #[arg(short = 'C', long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The model.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Where Ollama is served, as `OLLAMA_HOST` is written.
    #[arg(long, value_name = "URL")]
    pub host: Option<String>,
    /// The context window in tokens.
    #[arg(long, value_name = "N")]
    pub num_ctx: Option<u64>,
    /// A configuration file instead of the usual one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// YAML with answers: question id or text, and the answer.
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Approve documents, the plan and the verify commands it lists.
    #[arg(long)]
    pub yes: bool,
    /// Never prompt.
    #[arg(long)]
    pub no_input: bool,
    /// Begin with this phase.
    #[arg(long, value_name = "PHASE")]
    pub from: Option<String>,
    /// Stop after this phase.
    #[arg(long, value_name = "PHASE")]
    pub until: Option<String>,
    /// Most turns of one attempt at a phase or ticket.
    #[arg(long, alias = "max-iterations", value_name = "N")]
    pub max_turns: Option<u32>,
    /// Make N attempts at each ticket and keep the one that passes with the fewest changed lines;
    /// `after-failure:N` only where the first attempt has failed.
    #[arg(long, value_name = "N")]
    pub best_of: Option<BestOf>,
    /// A command that shows that the work is right (repeatable).
    #[arg(long, value_name = "CMD")]
    pub verify: Vec<String>,
    /// One commit for each ticket on the current branch, which must be clean.
    #[arg(long, conflicts_with = "worktree")]
    pub commit: bool,
    /// Work in a worktree of the session's own, on a branch of its own, with a commit for each ticket.
    #[arg(long)]
    pub worktree: bool,
    /// Run your commit hooks at those commits, behind the same wall as other commands.
    #[arg(long)]
    pub commit_hooks: bool,
    /// Whether commands run behind the operating system's walls.
    #[arg(long, value_enum, value_name = "on|off")]
    pub sandbox: Option<OnOff>,
    /// Commands may reach the network.
    #[arg(long)]
    pub allow_network: bool,
    /// Use the project's own pipeline and skills (.loop/), as they are now.
    #[arg(long)]
    pub trust_project: bool,
    /// Do not look at the server first.
    #[arg(long)]
    pub skip_check: bool,
    /// Go on without this terminal: prints the session's id; questions wait for `loop answer`.
    #[arg(long, conflicts_with = "json")]
    pub detach: bool,
    // The process that goes on without a terminal.
    #[arg(long, hide = true, conflicts_with = "json")]
    pub detached: bool,
    /// Journal lines on standard output.
    #[arg(long)]
    pub json: bool,
    /// Only results and questions.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More of what happens.
    #[arg(short, long)]
    pub verbose: bool,
    /// Colours.
    #[arg(long, value_enum)]
    pub color: Option<ColorChoice>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOff {
    // On.
    On,
    // Off.
    Off,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    // On a terminal.
    Auto,
    // Everywhere.
    Always,
    // Nowhere.
    Never,
}

/// What is taken out of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Redact {
    // Home folders, names of machines and of variables.
    Private,
    // The same, and what is in files.
    Contents,
}

/// `loop fork`.
#[derive(Debug, Args)]
pub(super) struct ForkArgs {
    /// Where it is cut: after the line of that number, or before a phase or a ticket.
    #[arg(long, value_name = "SEQ|PHASE|TICKET")]
    pub at: String,
    /// Another model for what follows.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// The folder for the project, empty or not there yet; one beside the project if absent.
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
    /// Any unambiguous part of a session's id; the newest session of this project if absent.
    #[arg(short = 's', long = "session", value_name = "ID")]
    pub session: Option<String>,
}

/// `loop replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// A file made with `loop sessions export ID --replay FILE`.
    pub file: PathBuf,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `loop skills`.
#[derive(Debug, Subcommand)]
pub(super) enum SkillsAction {
    /// Names, and where each comes from.
    List {
        /// The project folder.
        #[arg(short = 'C', long, value_name = "DIR")]
        project: Option<PathBuf>,
    },
    /// The text of one skill.
    Show {
        /// Its name.
        name: String,
        /// The project folder.
        #[arg(short = 'C', long, value_name = "DIR")]
        project: Option<PathBuf>,
    },
}

/// `loop models`.
#[derive(Debug, Subcommand)]
pub(super) enum ModelsAction {
    /// The installed models: size, window, what they can do, their cards, whether they fit.
    List {
        /// Which server.
        #[command(flatten)]
        server: ServerArgs,
        /// As one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Fetch a model.
    Pull {
        /// Its name, such as qwen3:8b.
        name: String,
        /// Which server.
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Find out in a few minutes what a model can do, and keep the result as its card.
    Probe {
        /// Its name.
        name: String,
        /// Which server.
        #[command(flatten)]
        server: ServerArgs,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Which server a command asks.
#[derive(Debug, Args)]
pub(super) struct ServerArgs {
    /// Where Ollama is served, as `OLLAMA_HOST` is written.
    #[arg(long, value_name = "URL")]
    pub host: Option<String>,
    /// A configuration file instead of the usual one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `loop config`.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    /// What is in force, and where each value comes from.
    Show {
        /// A configuration file instead of the usual one.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Where the file is looked for.
    Path,
    /// Write the commented file with the defaults.
    Init {
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// `loop debug`: JSON lines in, JSON lines out.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum DebugAction {
    /// {"cmd"} on standard input, {"class","why"} for each on standard output.
    Screen,
    /// Replies of a model on standard input, what would be executed for each on standard output.
    Parse,
}

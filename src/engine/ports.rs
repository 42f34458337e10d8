//! What the engine needs from the world, as traits: a model, a person, a wall around commands.
//! Each has at least two implementations; anything with one is a plain function elsewhere.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::ask::{Answer, Ask};
use super::call::ToolCall;
use super::course::Course;
use super::event::Record;
use super::manner::Tuning;
use super::message::Message;
use super::prefix::Prefix;
use super::reply::{Fault, Reply};
use super::settings::ThinkSetting;
use super::window::Loaded;

/// Something that answers a conversation: a server, or a script.
pub trait Model {
    /// Sends one request and waits for the whole reply. Deltas go to `on_progress` as they come.
    /// Dropping the future closes the connection, which stops the model.
    fn chat(
        &mut self,
        request: &ChatRequest<'_>,
        on_progress: &mut dyn FnMut(Progress),
    ) -> impl Future<Output = Result<Reply, Fault>>;

    /// How the model is loaded: the window that is really in force, and where it stands; none if
    /// that cannot be known.
    fn loaded(&mut self, model: &str) -> impl Future<Output = Option<Loaded>>;

    /// Whether the model can be asked again after its server went away.
    fn is_there(&mut self, model: &str) -> impl Future<Output = bool>;

    /// What the request of the last reply shared with the one before it; none if there was none.
    fn prefix(&self) -> Option<Prefix> {
        None
    }
}

/// One request. Everything that stays the same through a conversation comes first.
#[derive(Clone, Copy, Debug)]
pub struct ChatRequest<'a> {
    /// The model's name.
    pub model: &'a str,
    /// Identifies the conversation and its compactions: as long as it stays the same, `messages`
    /// only ever grows, so what was serialised before can be kept. A request beside the
    /// conversation has none.
    pub conversation: Option<u64>,
    /// The messages, oldest first.
    pub messages: &'a [Message],
    /// Tool schemas, or none; never together with `format`.
    pub tools: &'a [Value],
    /// The schema the reply must have, for documents and forced decisions.
    pub format: Option<&'a Value>,
    /// Sampling and limits.
    pub sampling: Sampling,
    /// Whether the model is to think.
    pub think: &'a Think,
    /// How long the model stays loaded, such as `30m`.
    pub keep_alive: &'a str,
}

/// Options of a request. Only what was configured is sent, but for the first two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// The context window in tokens.
    pub num_ctx: u64,
    /// Most tokens to generate.
    pub num_predict: u64,
    /// How words are picked; what is not set is the model's own.
    pub tuning: Tuning,
    /// Only if set; changed when the same request is tried again.
    pub seed: Option<u64>,
}

/// The `think` field: always sent, since leaving it out means "on".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Think {
    /// `false`.
    Off,
    /// `true`.
    On,
    /// `"low"`, `"medium"`, `"high"` or `"max"`.
    Level(String),
}

impl From<ThinkSetting> for Think {
    fn from(setting: ThinkSetting) -> Self {
        let level = |word: &str| Self::Level(word.to_owned());
        match setting {
            ThinkSetting::Auto | ThinkSetting::Off => Self::Off,
            ThinkSetting::On => Self::On,
            ThinkSetting::Low => level("low"),
            ThinkSetting::Medium => level("medium"),
            ThinkSetting::High => level("high"),
            ThinkSetting::Max => level("max"),
        }
    }
}

/// What a model is doing, told while a request is under way.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The request is out; nothing has come back, and the server does not say where it stands.
    Waiting,
    /// The server does not list the model as loaded: it loads it, or makes room for it.
    Loading {
        /// A model that is loaded meanwhile.
        beside: Option<String>,
    },
    /// The model is loaded and reads the prompt, unless somebody else's request is in front: the
    /// server does not tell these two apart.
    Reading {
        /// Tokens of the prompt that are new to it, estimated.
        tokens: u64,
        /// How long that takes at the speed measured so far.
        expected: Option<Duration>,
    },
    /// The model is loaded, and reading should have been over long ago: most likely it works for
    /// somebody else.
    Busy,
    /// A piece of reasoning.
    Thinking(String),
    /// A piece of text.
    Text(String),
    /// A call came in; its tool's name.
    Call(String),
    /// The client tries again: why, and after how long.
    Retrying {
        /// What went wrong.
        why: String,
        /// How long it waits.
        after: Duration,
    },
}

/// The person in front of the program, or whoever stands in for them.
pub trait Operator {
    /// Asks, and waits for the answer. Dropping the future takes the question back and leaves
    /// the terminal as it was.
    fn ask(&mut self, ask: &Ask) -> impl Future<Output = Response>;

    /// Shows what has happened or is happening. Must not block.
    fn show(&mut self, update: Update<'_>);
}

/// What comes back from a person.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// An answer.
    Answer(Answer),
    /// None: the interview goes another way.
    Course(Course),
    /// Nobody can be asked.
    Unavailable,
    /// Ctrl-C at the prompt.
    Interrupted,
}

/// Something to show.
#[derive(Clone, Debug)]
pub enum Update<'a> {
    /// A line of the journal, byte for byte.
    Written(&'a str),
    /// What that line says.
    Recorded(&'a Record),
    /// What the model is doing. The numbers say which turn it is.
    Model(&'a Progress),
    /// A turn begins.
    Turn {
        /// Counted from 1 in this attempt at a phase or ticket.
        turn: u32,
        /// The most there may be.
        max: u32,
        /// Estimated tokens of the prompt.
        prompt_tokens: u64,
        /// The context window.
        num_ctx: u64,
    },
    /// A call is about to run.
    ToolRunning(&'a ToolCall),
    /// The difference an edit made, as unified text.
    Diff {
        /// Path below the project.
        path: &'a str,
        /// The file before, or none.
        before: Option<&'a str>,
        /// The file after.
        after: &'a str,
    },
    /// Text for the person: a banner, a summary, a hint.
    Say(&'a str),
    /// The run waits for something that is not the model: a server, a lock, a check.
    Waiting(&'a str),
}

/// A command, made confined.
pub trait Confine {
    /// Runs the command to its end or its limit, and leaves nothing of it alive. Dropping the
    /// future kills it as well. An error means that it could not be started.
    fn run(&self, command: &Command) -> impl Future<Output = std::io::Result<Finished>>;

    /// The tier in force, as shown everywhere: `full`, `partial`, `none`.
    fn tier(&self) -> &'static str;

    /// Why no better tier is in force, a reason for each; nothing if none was tried.
    fn shortcomings(&self) -> Vec<String> {
        Vec::new()
    }

    /// What a person is to be told since this was last asked: what a command did that was put
    /// right, a line for each. Also of commands whose future was dropped.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A command to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The line, for `bash -c`.
    pub line: String,
    /// Absolute folder to start in.
    pub folder: PathBuf,
    /// The most time it may take.
    pub timeout: Duration,
    /// Whether the project may be written.
    pub access: Access,
    /// Whether there is a network.
    pub network: Network,
    /// Bytes of output that are kept: head and tail.
    pub output_limit: usize,
}

/// What a command may do to the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Look only.
    Read,
    /// Look and write.
    Write,
}

/// What a command may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Nothing, or its own loopback only.
    Off,
    /// Everything but the model's server, where that can be enforced.
    On,
    /// What `On` reaches and the person's mirrors; the caches of package tools take in what comes.
    /// For the one command that fetches packages.
    Fetch,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Exit code, if it exited.
    pub exit: Option<i32>,
    /// Signal, if one ended it.
    pub signal: Option<i32>,
    /// Why the program ended it, if it did.
    pub stopped: Option<Stopped>,
    /// Output and errors in the order in which they came; head and tail if it was long.
    pub output: String,
    /// Bytes of output there were in all.
    pub output_bytes: u64,
    /// SHA-256 of all the output, in hexadecimal.
    pub output_sha256: String,
    /// Wall time.
    pub took: Duration,
}

/// Why the program ended a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its time ran out.
    Timeout,
    /// It wrote too much.
    OutputFlood,
    /// It took too much memory.
    Memory,
    /// It filled the disk.
    Disk,
}

//! The seven tools as data: names, what the model is told of them, what they may do, and the
//! shape of a result. What they do is in `tools/`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The tools there are. A skill lists the ones it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Lines of a file.
    ReadFile,
    /// A whole file.
    WriteFile,
    /// One passage of a file.
    EditFile,
    /// Entries of a folder.
    ListDir,
    /// Lines that match.
    SearchFiles,
    /// A shell command.
    RunCommand,
    /// A question to the person.
    AskUser,
}

impl Tool {
    /// Every tool, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::ReadFile,
        Self::WriteFile,
        Self::EditFile,
        Self::ListDir,
        Self::SearchFiles,
        Self::RunCommand,
        Self::AskUser,
    ];

    /// The name on the wire and in skills.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadFile => "read_file",
            Self::WriteFile => "write_file",
            Self::EditFile => "edit_file",
            Self::ListDir => "list_dir",
            Self::SearchFiles => "search_files",
            Self::RunCommand => "run_command",
            Self::AskUser => "ask_user",
        }
    }

    /// The tool of that exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Whether it can change the project: only these wait for the disk.
    pub const fn effect(self) -> ToolEffect {
        match self {
            Self::ReadFile | Self::ListDir | Self::SearchFiles => ToolEffect::Reads,
            Self::WriteFile | Self::EditFile => ToolEffect::WritesOneFile,
            Self::RunCommand => ToolEffect::RunsACommand,
            Self::AskUser => ToolEffect::AsksAPerson,
        }
    }

    /// What is sent to the model: `{"type":"function","function":{name,description,parameters}}`.
    /// Only keywords that the server keeps (type, description, enum, items, properties, required).
    pub fn schema(self) -> Value {
        let (description, properties, required) = match self {
            Self::ReadFile => (
                "Read a text file. Lines come numbered; the numbers are not part of the file.",
                json!({
                    "path": {"type": "string", "description": "file, relative to the project"},
                    "start_line": {"type": "integer", "description": "first line, counted from 1"},
                    "end_line": {"type": "integer", "description": "last line, included"}
                }),
                json!(["path"]),
            ),
            Self::WriteFile => (
                "Create a file, or replace a whole file that you have read. Missing folders are made.",
                json!({
                    "path": {"type": "string", "description": "file, relative to the project"},
                    "content": {"type": "string", "description": "the complete new text of the file"}
                }),
                json!(["path", "content"]),
            ),
            Self::EditFile => (
                "Replace one passage of a file. old_text must be copied exactly and occur once.",
                json!({
                    "path": {"type": "string", "description": "file, relative to the project"},
                    "old_text": {"type": "string", "description": "the passage as it stands, without line numbers"},
                    "new_text": {"type": "string", "description": "what replaces it"}
                }),
                json!(["path", "old_text", "new_text"]),
            ),
            Self::ListDir => (
                "List the entries of a folder.",
                json!({
                    "path": {"type": "string", "description": "folder, relative to the project; the project itself if absent"}
                }),
                json!([]),
            ),
            Self::SearchFiles => (
                "Find lines that match a regular expression. Ignored files are left out.",
                json!({
                    "pattern": {"type": "string", "description": "regular expression"},
                    "path": {"type": "string", "description": "folder or file to search"},
                    "glob": {"type": "string", "description": "only files of this name pattern, such as *.py"}
                }),
                json!(["pattern"]),
            ),
            Self::RunCommand => (
                "Run a shell command in the project folder and get its output. No network, no input.",
                json!({
                    "command": {"type": "string", "description": "the command line, run by bash"},
                    "timeout_seconds": {"type": "integer", "description": "longest time it may take"}
                }),
                json!(["command"]),
            ),
            Self::AskUser => (
                "Ask the person one question. Only when you cannot find out or decide yourself.",
                json!({
                    "question": {"type": "string", "description": "one clear question"},
                    "options": {"type": "array", "items": {"type": "string"}, "description": "answers to choose from"}
                }),
                json!(["question"]),
            ),
        };
        json!({
            "type": "function",
            "function": {
                "name": self.name(),
                "description": description,
                "parameters": {"type": "object", "properties": properties, "required": required}
            }
        })
    }
}

/// What a tool can do to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolEffect {
    /// Nothing.
    Reads,
    /// Writes exactly one file, whose content after is known before.
    WritesOneFile,
    /// Anything the sandbox allows.
    RunsACommand,
    /// Waits for a person.
    AsksAPerson,
}

/// How a tool call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    /// It did what was asked.
    Ok,
    /// It could not.
    Failed,
    /// It was not allowed.
    Denied,
    /// Its time ran out.
    TimedOut,
    /// The program was killed while it ran; it may have happened.
    Unknown,
}

impl ToolStatus {
    /// The word the model and the person see.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::TimedOut => "timed_out",
            Self::Unknown => "unknown",
        }
    }
}

/// What the model is told about a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// How it ended.
    pub status: ToolStatus,
    /// The text, already capped; it says so when it was cut.
    pub text: String,
}

impl ToolResult {
    /// A result of that status.
    pub fn new(status: ToolStatus, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// The content of the tool message: the status word, then the text.
    pub fn for_model(&self) -> String {
        match self.status {
            ToolStatus::Ok => self.text.clone(),
            other => format!("[{}] {}", other.word(), self.text),
        }
    }
}

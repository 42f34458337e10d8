//! Executes one call: every tool there is, matched exhaustively. A call that writes a file comes
//! back as a plan, since its start must be on record before its effect; a question comes back
//! too, since only the driver can ask a person.

use std::collections::BTreeSet;

use super::list::list_dir;
use super::planned::PlannedWrite;
use super::read::{Range, read_file};
use super::search::{Search, search_files};
use super::shell;
use super::workspace::Workspace;
use super::write::plan_write;
use crate::engine::call::ToolCall;
use crate::engine::ports::{Access, Confine};
use crate::engine::settings::CommandSettings;
use crate::engine::tool::{Tool, ToolResult, ToolStatus};

/// Characters of a result unless the caller has less room.
pub const DEFAULT_MAX_CHARS: usize = 8_000;

/// What calls are executed with.
#[derive(Debug)]
pub struct Toolbox<'a, C> {
    /// The project.
    pub workspace: &'a Workspace,
    /// Where commands run.
    pub confine: &'a C,
    /// How commands run.
    pub settings: &'a CommandSettings,
    /// What commands may do to the project.
    pub access: Access,
    /// Paths that were read or written in this conversation.
    pub read: &'a BTreeSet<String>,
    /// Characters of a result.
    pub max_chars: usize,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// It is over.
    Result(ToolResult),
    /// A file is ready to be written: journal the start, then `commit`.
    Planned(PlannedWrite),
    /// A person is to be asked.
    Question {
        /// The question.
        question: String,
        /// Answers to choose from.
        options: Vec<String>,
    },
}

/// Executes a call as far as that goes without a record or a person.
pub async fn execute<C: Confine>(call: &ToolCall, toolbox: &Toolbox<'_, C>) -> Executed {
    let Some(tool) = Tool::named(&call.name) else {
        let names: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
        return failed(format!(
            "there is no tool {}; there are {}",
            call.name,
            names.join(", ")
        ));
    };
    let Toolbox {
        workspace,
        max_chars,
        ..
    } = *toolbox;
    match tool {
        Tool::ReadFile => match call.text("path") {
            Some(path) => {
                let range = Range {
                    start: call.number("start_line"),
                    end: call.number("end_line"),
                };
                Executed::Result(read_file(workspace, path, range, max_chars))
            }
            None => needs(tool, "path"),
        },
        Tool::ListDir => {
            let path = folder_argument(call);
            Executed::Result(list_dir(workspace, path, max_chars))
        }
        Tool::SearchFiles => match call.text("pattern") {
            Some(pattern) => {
                let search = Search {
                    pattern,
                    path: folder_argument(call),
                    glob: call.text("glob"),
                };
                Executed::Result(search_files(workspace, search, max_chars))
            }
            None => needs(tool, "pattern"),
        },
        Tool::WriteFile | Tool::EditFile => match plan_write(workspace, call, toolbox.read) {
            Ok(planned) => Executed::Planned(planned),
            Err(result) => Executed::Result(result),
        },
        Tool::RunCommand => match call.text("command") {
            Some(line) if !line.trim().is_empty() => {
                Executed::Result(run_command(line, call, toolbox).await)
            }
            _ => needs(tool, "command"),
        },
        Tool::AskUser => match call.text("question") {
            Some(question) => Executed::Question {
                question: question.to_owned(),
                options: call
                    .arguments
                    .get("options")
                    .and_then(serde_json::Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(serde_json::Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            },
            None => needs(tool, "question"),
        },
    }
}

async fn run_command<C: Confine>(
    line: &str,
    call: &ToolCall,
    toolbox: &Toolbox<'_, C>,
) -> ToolResult {
    let command = shell::command(
        line,
        toolbox.workspace.root(),
        call.number("timeout_seconds"),
        toolbox.settings,
        toolbox.access,
    );
    match toolbox.confine.run(&command).await {
        Ok(finished) => shell::describe(
            &command,
            &finished,
            toolbox.confine.tier(),
            toolbox.max_chars,
        ),
        Err(error) => ToolResult::new(
            ToolStatus::Failed,
            format!("the command could not be started: {error}"),
        ),
    }
}

/// The project itself if no folder is named.
fn folder_argument(call: &ToolCall) -> &str {
    call.text("path")
        .filter(|path| !path.is_empty())
        .unwrap_or(".")
}

fn needs(tool: Tool, argument: &str) -> Executed {
    failed(format!("{} needs the text {argument}", tool.name()))
}

fn failed(text: String) -> Executed {
    Executed::Result(ToolResult::new(ToolStatus::Failed, text))
}

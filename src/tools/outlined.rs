//! The outline of a file of the project as it is now, for a conversation that was shortened. The
//! file is opened as any tool opens it; what an outline is, is the engine's.

use super::read::whole_text;
use super::workspace::Workspace;
use crate::engine::outline::outline;

/// The outline in about so many bytes; of what is no text, its name and what it is.
pub fn outlined(workspace: &Workspace, path: &str, room: usize) -> String {
    match workspace.open_file(path) {
        Ok(file) => match whole_text(&file) {
            Ok(text) => outline(path, &text, room),
            Err(_) => format!("{path} ({}, no text)", file.size()),
        },
        Err(_) => format!("{path} (not there any more)"),
    }
}

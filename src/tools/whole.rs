//! The text of a file of the project for the program itself, opened as any tool opens it.

use super::read::whole_text;
use super::workspace::Workspace;

/// None: there is no such file, it must not be read, or it is no text.
pub fn whole(workspace: &Workspace, path: &str) -> Option<String> {
    let file = workspace.open_file(path).ok()?; // silent-ok: as said above
    whole_text(&file).ok() // silent-ok: as said above
}

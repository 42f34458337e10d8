//! The words in which the tools refuse or fail: what is wrong with a path, and what might have
//! been meant. Written for a model that will try again.

use std::io;
use std::path::{Path, PathBuf};

use super::clean::escape_name;
use super::ignored::project_files;
use crate::engine::tool::{ToolResult, ToolStatus};

/// Nothing is there: says so, and what in the project might have been meant.
pub(super) fn missing(project: &Path, place: &Path) -> ToolResult {
    let asked = shown(place);
    let names: Vec<String> = project_files(project).collect();
    let last = place.file_name().unwrap_or_default().to_string_lossy();
    let mut near: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| name.rsplit('/').next() == Some(&last))
        .collect();
    if near.is_empty() {
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        near = similar::get_close_matches(asked.as_str(), &all, 3, 0.6);
    }
    near.truncate(3);
    let advice = if near.is_empty() {
        "look at the list of files first".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    failed(format!("{asked} does not exist; {advice}"))
}

/// Any other error of the system in words.
pub(super) fn trouble(project: &Path, place: &Path, error: &io::Error) -> ToolResult {
    let name = shown(place);
    if is_escape(error) {
        return outside(&name, None);
    }
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) => missing(project, place),
        (io::ErrorKind::NotADirectory, _) => failed(format!(
            "a part of {name} is a file, so nothing can stand below it"
        )),
        (io::ErrorKind::PermissionDenied, _) => {
            denied(format!("the system does not permit access to {name}"))
        }
        (_, Some(code)) if code == rustix::io::Errno::NXIO.raw_os_error() => {
            denied(not_plain(place))
        }
        _ => failed(format!("{name}: {error}")),
    }
}

/// A path as it is shown to a model or a person: what is not plain text is escaped.
pub(super) fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return ".".to_owned();
    }
    escape_name(path.as_os_str())
}

/// It can not be done.
pub(super) fn failed(text: impl Into<String>) -> ToolResult {
    ToolResult::new(ToolStatus::Failed, text)
}

/// It may not be done.
pub(super) fn denied(text: impl Into<String>) -> ToolResult {
    ToolResult::new(ToolStatus::Denied, text)
}

/// What is no plain file.
pub(super) fn not_plain(place: &Path) -> String {
    format!(
        "{} is a pipe, a socket or a device, not a plain file",
        shown(place)
    )
}

/// What is not below the project.
pub(super) fn outside(asked: &str, meant: Option<PathBuf>) -> ToolResult {
    let advice = meant.map_or_else(
        || "use a path relative to the project folder".to_owned(),
        |path| format!("did you mean {}?", shown(&path)),
    );
    denied(format!("{asked} leads out of the project; {advice}"))
}

/// cap-std reports an escape without an errno; the kernel as "cross-device".
pub(super) fn is_escape(error: &io::Error) -> bool {
    (error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none())
        || error.kind() == io::ErrorKind::CrossesDevices
}

//! A write that is planned: one file as it is and as it will be. Refuses what can not be written
//! at all; opens nothing and writes nothing.

use super::refusal::{denied, failed, shown};
use super::text::sha256;
use super::workspace::Target;
use crate::engine::tool::ToolResult;

/// One file as it is and as it will be. Nothing has happened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWrite {
    /// Path below the project, symbolic links followed.
    pub path: String,
    /// SHA-256 of the file now; none if there is none.
    pub before_hash: Option<String>,
    /// SHA-256 it will have.
    pub after_hash: String,
    /// The text now.
    pub before_text: Option<String>,
    /// The text it will have.
    pub after_text: String,
    /// What the model is told when it is done.
    pub done: String,
}

/// The plan for a target, with what must not be forgotten about it.
pub(super) fn plan(
    target: &Target,
    before_text: Option<String>,
    after_text: String,
    mut done: String,
) -> Result<PlannedWrite, ToolResult> {
    let Some(path) = target.real.to_str() else {
        return Err(failed(format!(
            "{} is not a name in UTF-8; such files can only be read",
            shown(&target.real)
        )));
    };
    if let Some(existing) = &target.existing {
        if existing.mode & 0o222 == 0 {
            return Err(denied(format!(
                "{path} is marked read-only (mode {:04o}); leave it as it is",
                existing.mode
            )));
        }
        if existing.links > 1 {
            done.push_str("; other hard links to it keep the old text");
        }
    }
    Ok(PlannedWrite {
        path: path.to_owned(),
        before_hash: before_text.as_deref().map(|text| sha256(text.as_bytes())),
        after_hash: sha256(after_text.as_bytes()),
        before_text,
        after_text,
        done,
    })
}

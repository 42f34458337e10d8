//! `list_dir`: the entries of one folder, sorted, folders marked by a slash, ignored ones said to
//! be so. `.git` is not an entry for a model.

use std::fmt::Write as _;

use super::clean::escape_name;
use super::ignored::Rules;
use super::refusal::{shown, trouble};
use super::text::kilobytes;
use super::workspace::Workspace;
use crate::engine::tool::{ToolResult, ToolStatus};

/// Performs `list_dir`.
pub(super) fn list_dir(workspace: &Workspace, path: &str, max_chars: usize) -> ToolResult {
    let folder = match workspace.open_folder(path) {
        Ok(folder) => folder,
        Err(refusal) => return refusal,
    };
    let (root, below) = workspace.split(&folder.real);
    let rules = Rules::inside(&root.path, below);
    let entries = match folder.dir.entries() {
        Ok(entries) => entries,
        Err(error) => return trouble(workspace.root(), &folder.real, &error),
    };
    let here = root.path.join(below);
    // A folder comes with its slash, so that names sort alike on every system.
    let mut rows: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_name().eq_ignore_ascii_case(".git"))
        .map(|entry| {
            let name = entry.file_name();
            let kind = entry.file_type().ok();
            let is_dir = kind.is_some_and(|kind| kind.is_dir());
            let mut row = escape_name(&name);
            if is_dir {
                row.push('/');
            } else if kind.is_some_and(|kind| kind.is_symlink()) {
                let to = folder.dir.read_link_contents(&name).ok();
                let to = to.map_or_else(|| "?".to_owned(), |to| shown(&to));
                // silent-ok: writing to a string can not fail.
                let _ = write!(row, " -> {to}");
            } else if kind.is_some_and(|kind| kind.is_file()) {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                // silent-ok: writing to a string can not fail.
                let _ = write!(row, "  {}", kilobytes(bytes));
            } else {
                row.push_str("  (not a plain file)");
            }
            if rules.ignore(&here.join(&name), is_dir) {
                row.push_str("  (ignored)");
            }
            row
        })
        .collect();
    rows.sort_unstable();
    let total = rows.len();
    if total == 0 {
        return ToolResult::new(ToolStatus::Ok, format!("{} is empty", shown(&folder.real)));
    }
    let mut text = format!("{}, {total} entries", shown(&folder.real));
    if total == 1 {
        text = format!("{}, 1 entry", shown(&folder.real));
    }
    let mut left = max_chars.saturating_sub(150).max(100);
    for (index, row) in rows.iter().enumerate() {
        let chars = row.chars().count() + 1;
        if chars > left {
            // silent-ok: writing to a string can not fail.
            let _ = write!(
                text,
                "\n[cut: {} of {total} entries are not shown; list a folder below, or use search_files]",
                total - index
            );
            break;
        }
        left -= chars;
        text.push('\n');
        text.push_str(row);
    }
    ToolResult::new(ToolStatus::Ok, text)
}

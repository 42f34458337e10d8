//! Writing one file in two steps: a plan that only looks and knows the hash before and after, and
//! a commit that writes only if the file still is what was planned for. Writes are atomic and on
//! the disk when they return; they keep the file's mode, line ends and byte order mark.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use cap_fs_ext::{FollowSymlinks, OpenOptionsExt, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::fs::{Dir, OpenOptions};

use super::edit::plan_edit;
use super::planned::{PlannedWrite, plan};
use super::read::{MAX_WHOLE, whole_text};
use super::refusal::{failed, shown, trouble};
use super::root::sync_folder;
use super::text::{in_the_manner_of, kilobytes, sha256};
use super::workspace::{Target, Workspace};
use crate::engine::call::ToolCall;
use crate::engine::event::FileMode;
use crate::engine::tool::{Tool, ToolResult, ToolStatus};

/// Plans `write_file` or `edit_file`. `read` are the paths that were read or written in this
/// conversation. A refusal, or nothing to do, is a result for the model.
pub fn plan_write(
    workspace: &Workspace,
    call: &ToolCall,
    read: &BTreeSet<String>,
) -> Result<PlannedWrite, ToolResult> {
    let argument = |key: &str| {
        call.text(key)
            .ok_or_else(|| failed(format!("{} needs the text {key}", call.name)))
    };
    match Tool::named(&call.name) {
        Some(Tool::WriteFile) => {
            let (path, content) = (argument("path")?, argument("content")?);
            plan_whole(workspace, path, content, read)
        }
        Some(Tool::EditFile) => plan_edit(
            workspace,
            argument("path")?,
            argument("old_text")?,
            argument("new_text")?,
        ),
        _ => Err(failed(format!("{} writes no file", call.name))),
    }
}

fn plan_whole(
    workspace: &Workspace,
    path: &str,
    content: &str,
    read: &BTreeSet<String>,
) -> Result<PlannedWrite, ToolResult> {
    if content.len() as u64 > MAX_WHOLE {
        return Err(failed(format!(
            "the content has {}; write less than {} MB",
            kilobytes(content.len() as u64),
            MAX_WHOLE / 1024 / 1024
        )));
    }
    let target = workspace.target(path)?;
    let name = shown(&target.real);
    let lines = content.lines().count();
    let Some(existing) = &target.existing else {
        let done = format!("created {name}, {lines} lines");
        return plan(&target, None, content.to_owned(), done);
    };
    if existing.bytes > 0 && !was_read(workspace, &target, path, read) {
        return Err(failed(format!(
            "{name} exists ({}) and you have not read it. Change a passage of it with edit_file, \
             or read it with read_file before you replace it whole",
            existing.size()
        )));
    }
    let before = whole_text(existing)?;
    let after = in_the_manner_of(&before, content);
    if after == before {
        return Err(ToolResult::new(
            ToolStatus::Ok,
            format!("{name} has exactly this content already; nothing was written"),
        ));
    }
    let done = format!("replaced {name}, {lines} lines");
    plan(&target, Some(before), after, done)
}

/// Whether the file was read under any of its names.
fn was_read(workspace: &Workspace, target: &Target, asked: &str, read: &BTreeSet<String>) -> bool {
    let asked = workspace.place(asked).ok();
    read.iter()
        .filter_map(|path| workspace.place(path).ok())
        .any(|path| path == target.real || Some(&path) == asked.as_ref())
}

/// Carries a plan out, if the file still is what was planned for.
pub fn commit(workspace: &Workspace, planned: &PlannedWrite) -> ToolResult {
    let real = Path::new(&planned.path);
    match write_durably(workspace, real, planned) {
        Ok(Written::Done) => ToolResult::new(ToolStatus::Ok, planned.done.clone()),
        Ok(Written::ChangedMeanwhile) => failed(format!(
            "{} was changed by something else just now; read it again",
            shown(real)
        )),
        Err(error) => trouble(workspace.root(), real, &error),
    }
}

/// SHA-256 of a file as it is now; none if there is none.
pub fn current_hash(workspace: &Workspace, path: &str) -> Result<Option<String>, ToolResult> {
    let place = workspace.place(path)?;
    let Some(opened) = workspace.open_file_at(&place)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let read = (&opened.file).take(MAX_WHOLE + 1).read_to_end(&mut bytes);
    read.map_err(|error| trouble(workspace.root(), &place, &error))?;
    Ok(Some(sha256(&bytes)))
}

/// What a file is now, besides its content; none if there is none, or none that may be touched.
pub fn current_mode(workspace: &Workspace, path: &str) -> Option<FileMode> {
    let place = workspace.place(path).ok()?; // silent-ok: as said above
    let opened = workspace.open_file_at(&place).ok()??; // silent-ok: as said above
    Some(if opened.mode & 0o100 == 0 {
        FileMode::Plain
    } else {
        FileMode::Executable
    })
}

enum Written {
    Done,
    ChangedMeanwhile,
}

/// A file as it stands in its folder.
struct Standing {
    hash: String,
    mode: u32,
    owner: (u32, u32),
}

fn write_durably(
    workspace: &Workspace,
    real: &Path,
    planned: &PlannedWrite,
) -> io::Result<Written> {
    let name = real.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = workspace.make_parent(real)?;
    let standing = standing(&folder, Path::new(name))?;
    if standing.as_ref().map(|file| &file.hash) != planned.before_hash.as_ref() {
        return Ok(Written::ChangedMeanwhile);
    }
    let temporary = write_beside(&folder, planned.after_text.as_bytes(), standing.as_ref())?;
    if let Err(error) = folder.rename(&temporary, &folder, name) {
        // silent-ok: the first error is the one to tell.
        let _ = folder.remove_file(&temporary);
        return Err(error);
    }
    sync_folder(&folder)?;
    Ok(Written::Done)
}

/// The file of that name, never through a symbolic link.
fn standing(folder: &Dir, name: &Path) -> io::Result<Option<Standing>> {
    let mut options = OpenOptions::new();
    options.read(true).nonblock(true).follow(FollowSymlinks::No);
    let file = match folder.open_with(name, &options) {
        Ok(file) => file.into_std(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    let mut bytes = Vec::new();
    if metadata.is_file() {
        file.take(MAX_WHOLE + 1).read_to_end(&mut bytes)?;
    }
    Ok(Some(Standing {
        // What is no plain file is never what was planned for.
        hash: if metadata.is_file() {
            sha256(&bytes)
        } else {
            String::new()
        },
        mode: metadata.mode() & 0o7777,
        owner: (metadata.uid(), metadata.gid()),
    }))
}

/// Writes a new file with an unused name in the folder and waits for the disk. Gives its name.
fn write_beside(folder: &Dir, bytes: &[u8], like: Option<&Standing>) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .follow(FollowSymlinks::No)
        // A new file gets what the person's umask leaves; one with a history is private until it
        // has that history's mode.
        .mode(if like.is_some() { 0o600 } else { 0o644 });
    for attempt in 0..100 {
        let temporary = format!(".loop-{}-{attempt}.tmp", std::process::id());
        let file = match folder.open_with(&temporary, &options) {
            Ok(file) => file.into_std(),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        return match fill(file, bytes, like) {
            Ok(()) => Ok(temporary),
            Err(error) => {
                // silent-ok: the first error is the one to tell.
                let _ = folder.remove_file(&temporary);
                Err(error)
            }
        };
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "files named .loop-*.tmp are in the way; remove them",
    ))
}

fn fill(mut file: std::fs::File, bytes: &[u8], like: Option<&Standing>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(like) = like {
        let metadata = file.metadata()?;
        if (metadata.uid(), metadata.gid()) != like.owner {
            let (uid, gid) = like.owner;
            // silent-ok: only root can give a file away; for others it becomes theirs.
            let _ = std::os::unix::fs::fchown(&file, Some(uid), Some(gid));
        }
        file.set_permissions(Permissions::from_mode(like.mode))?;
    }
    file.sync_data()
}

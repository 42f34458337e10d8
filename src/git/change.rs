//! What differs between two snapshots, as git lists it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Below the project.
    pub path: PathBuf,
    /// How.
    pub kind: ChangeKind,
}

/// How a file differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// Its content, its mode or its type is another.
    Modified,
    /// It is not there any more.
    Removed,
}

/// How much of a file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// Below the project.
    pub path: PathBuf,
    /// Lines added and removed; none for a binary file.
    pub lines: Option<(u64, u64)>,
}

/// A change with what it takes to go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: PathBuf,
    /// What the file was; none if it was not there.
    pub(super) before: Option<Blob>,
    /// What the file is; none if it is not there.
    pub(super) after: Option<Blob>,
}

/// A file's content and type in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) kind: BlobKind,
    pub(super) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlobKind {
    Plain,
    Executable,
    Symlink,
}

impl Difference {
    pub(super) fn change(&self) -> Change {
        let kind = match (&self.before, &self.after) {
            (None, _) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(_), Some(_)) => ChangeKind::Modified,
        };
        Change {
            path: self.path.clone(),
            kind,
        }
    }
}

pub(super) fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// `:100644 100755 ID ID M NUL path NUL`, as `diff-tree --raw -z` writes it.
pub(super) fn parse_raw(said: &[u8]) -> Option<Vec<Difference>> {
    let mut fields = said.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        let head = std::str::from_utf8(head).ok()?.strip_prefix(':')?;
        let mut words = head.split(' ');
        let (mode_before, mode_after) = (words.next()?, words.next()?);
        let (id_before, id_after) = (words.next()?, words.next()?);
        found.push(Difference {
            path: path(fields.next()?),
            before: blob(mode_before, id_before)?,
            after: blob(mode_after, id_after)?,
        });
    }
    Some(found)
}

/// The outer option is none if the mode is none of ours.
#[expect(
    clippy::option_option,
    reason = "unreadable, absent and present are three things"
)]
pub(super) fn blob(mode: &str, id: &str) -> Option<Option<Blob>> {
    let kind = match mode {
        "000000" => return Some(None),
        "100644" => BlobKind::Plain,
        "100755" => BlobKind::Executable,
        "120000" => BlobKind::Symlink,
        _ => return None,
    };
    let id = id.to_owned();
    Some(Some(Blob { kind, id }))
}

/// `added TAB removed TAB path NUL`, as `diff-tree --numstat -z` writes it.
pub(super) fn parse_numstat(said: &[u8]) -> Option<Vec<FileStat>> {
    said.split(|byte| *byte == 0)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let mut fields = entry.splitn(3, |byte| *byte == b'\t');
            let mut number = || {
                let text = std::str::from_utf8(fields.next()?).ok()?;
                Some(text.parse::<u64>().ok())
            };
            let (added, removed) = (number()?, number()?);
            Some(FileStat {
                path: path(fields.next()?),
                lines: added.zip(removed),
            })
        })
        .collect()
}

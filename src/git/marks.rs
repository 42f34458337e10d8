//! Files as a walk sees them: a path, and what is another after every change of the file. The
//! kernel sets the time of a change, and nobody without rights over its clock can set it back.
//! Reads no file.

use std::cmp::Ordering;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file changed twice within one tick of the clock has one time. This is more than the ticks of
/// all file systems.
const TICK: Duration = Duration::from_secs(3);

/// A file or symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    /// Relative to the project.
    pub(super) path: PathBuf,
    pub(super) mark: Mark,
}

/// What is another after every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    changed: (i64, i64),
    inode: u64,
    bytes: u64,
}

impl Mark {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            bytes: metadata.len(),
        }
    }

    /// Whether a change after that moment is sure to show in the mark.
    pub(super) fn is_settled_at(&self, moment: SystemTime) -> bool {
        let seconds = u64::try_from(self.changed.0).unwrap_or_default();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        changed + TICK < moment
    }
}

/// The order of git's index. Comparing paths part by part takes longer than finding them.
pub(super) fn in_order(one: &Path, other: &Path) -> Ordering {
    let (one, other) = (one.as_os_str(), other.as_os_str());
    one.as_encoded_bytes().cmp(other.as_encoded_bytes())
}

/// How two looks at a project differ.
#[derive(Debug, Default)]
pub(super) struct Difference<'a> {
    /// Only in the first.
    pub(super) gone: Vec<&'a Marked>,
    /// Only in the second.
    pub(super) new: Vec<&'a Marked>,
    /// In both, first and second.
    pub(super) both: Vec<(&'a Marked, &'a Marked)>,
}

/// Compares two looks, each in the order of git's index.
pub(super) fn compare<'a>(before: &'a [Marked], after: &'a [Marked]) -> Difference<'a> {
    let mut difference = Difference::default();
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return difference,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => in_order(&one.path, &other.path),
        };
        match order {
            Ordering::Less => difference.gone.extend(before.next()),
            Ordering::Greater => difference.new.extend(after.next()),
            Ordering::Equal => difference.both.extend(before.next().zip(after.next())),
        }
    }
}

//! The folders of a project, level by level, without following links and within bounds: for looks
//! that come before and after every command. Reads no file.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

/// A project with more folders is looked at in part, the upper levels first.
const MOST_FOLDERS: usize = 20_000;

/// Folders are followed this deep.
const DEEPEST: usize = 24;

/// What tools fill with packages and results: looked at, but not into what is in it.
const FILLED_BY_TOOLS: &[&str] = &[
    "node_modules",
    "target",
    "__pycache__",
    "site-packages",
    ".venv",
    "venv",
    ".tox",
    ".gradle",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "bower_components",
    "DerivedData",
];

/// What an entry of a folder is; what a link leads to is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A plain file.
    File,
    /// A symbolic link.
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: OsString,
    /// What it is.
    pub kind: Kind,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All that there is.
    Whole,
    /// What is within the bounds.
    InPart,
}

/// Shows every folder of a project with its entries; paths are relative to the project. Folders
/// named `.git` are entries, but not looked into.
pub fn each_folder(project: &Path, look: &mut dyn FnMut(&Path, &[Entry])) -> Seen {
    let mut coverage = Seen::Whole;
    let mut open = VecDeque::from([(PathBuf::new(), 0)]);
    let mut left = MOST_FOLDERS;
    while let Some((folder, depth)) = open.pop_front() {
        // What cannot be listed has no entries; a command of the person's own may have removed it.
        let Ok(entries) = std::fs::read_dir(project.join(&folder)) else {
            continue;
        };
        let entries: Vec<Entry> = entries.flatten().map(|entry| seen(&entry)).collect();
        look(&folder, &entries);
        let filled = folder
            .file_name()
            .is_some_and(|name| FILLED_BY_TOOLS.iter().any(|filled| name == *filled));
        for entry in entries {
            if entry.kind != Kind::Folder || entry.name == ".git" {
                continue;
            }
            if left == 0 || depth == DEEPEST {
                coverage = Seen::InPart;
                continue;
            }
            let below = folder.join(&entry.name);
            // A repository among packages is found without looking into every package.
            if filled
                && project
                    .join(&below)
                    .join(".git")
                    .symlink_metadata()
                    .is_err()
            {
                continue;
            }
            left -= 1;
            open.push_back((below, depth + 1));
        }
    }
    coverage
}

fn seen(entry: &DirEntry) -> Entry {
    let kind = match entry.file_type() {
        Ok(kind) if kind.is_dir() => Kind::Folder,
        Ok(kind) if kind.is_file() => Kind::File,
        Ok(kind) if kind.is_symlink() => Kind::Link,
        Ok(_) | Err(_) => Kind::Other,
    };
    Entry {
        name: entry.file_name(),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_of_tools_are_looked_at_and_not_into() {
        let root = tempfile::tempdir().unwrap();
        for folder in [
            "src/deep",
            "node_modules/a/src",
            "node_modules/b/.git",
            ".git/hooks",
        ] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        std::os::unix::fs::symlink("/", root.path().join("src/link")).unwrap();
        let mut folders = Vec::new();
        each_folder(root.path(), &mut |folder, _| {
            folders.push(folder.display().to_string());
        });
        folders.sort();
        let expected = ["", "node_modules", "node_modules/b", "src", "src/deep"];
        assert_eq!(folders, expected);
    }
}

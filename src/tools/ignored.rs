//! Which entries of a project its `.gitignore` files leave out, with or without a repository, and
//! nothing above the project has a say. Owns the walk; what is found is opened elsewhere.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{Match, WalkBuilder};

/// The most names that are compared with a wrong one.
const MAX_NAMES: usize = 3_000;

/// Plain files below a folder of the project (or the file itself), sorted, as paths relative to the
/// project. `folder` is real and relative. Named outright, a hidden or ignored one is looked into.
pub(super) fn files_below(root: &Path, folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let root = root.to_path_buf();
    let wanted = folder
        .iter()
        .fold(root.clone(), |path, part| path.join(part));
    // From the top, so that every rule on the way down holds.
    let start = if is_left_out(&root, folder) {
        wanted.clone()
    } else {
        root.clone()
    };
    WalkBuilder::new(start)
        .parents(false)
        .require_git(false)
        .git_global(false)
        .follow_links(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            entry.path().starts_with(&wanted) || wanted.starts_with(entry.path())
        })
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter_map(move |entry| entry.path().strip_prefix(&root).ok().map(Path::to_path_buf))
}

/// Names of the project's files, for suggestions.
pub(super) fn project_files(root: &Path) -> impl Iterator<Item = String> + use<> {
    files_below(root, Path::new(""))
        .take(MAX_NAMES)
        .filter_map(|path| path.to_str().map(str::to_owned))
}

/// The rules that hold inside a folder, deepest first.
pub(super) struct Rules(Vec<Gitignore>);

impl Rules {
    /// The rules for the entries of a folder of the project.
    pub(super) fn inside(root: &Path, folder: &Path) -> Self {
        Self(
            folder
                .ancestors()
                .map(|part| rules_of(&root.join(part)))
                .collect(),
        )
    }

    /// Whether the entry of that absolute path is ignored.
    pub(super) fn ignore(&self, path: &Path, is_dir: bool) -> bool {
        is_ignored(&self.0, path, is_dir)
    }
}

/// Whether a walk from the top would not come to a place: it is hidden or ignored.
fn is_left_out(root: &Path, place: &Path) -> bool {
    let hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let rules = Rules::inside(root, place.parent().unwrap_or(place));
    place.iter().any(hidden)
        || place
            .ancestors()
            .filter(|part| !part.as_os_str().is_empty())
            .any(|part| {
                let path = root.join(part);
                rules.ignore(&path, path.is_dir())
            })
}

fn rules_of(folder: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    // silent-ok: a bad or missing rule file ignores nothing, as with git.
    let _ = builder.add(folder.join(".gitignore"));
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// The deepest rule that speaks of a path decides.
fn is_ignored(rules: &[Gitignore], path: &Path, is_dir: bool) -> bool {
    rules
        .iter()
        .filter(|rules| path.starts_with(rules.path()))
        .find_map(|rules| match rules.matched(path, is_dir) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        })
        .unwrap_or(false)
}

//! Which Python packages are installed, told from the folders in which they stand. No Python is
//! started: one that belongs to a project could be anything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::surroundings::Surroundings;

/// Folders that hold installed packages: the project's own environment first.
fn package_folders(project: &Path, surroundings: &Surroundings) -> Vec<PathBuf> {
    let mut prefixes = vec![project.join(".venv"), project.join("venv")];
    prefixes.extend(
        surroundings
            .program_folders(project)
            .into_iter()
            .filter(|folder| folder.join("python3").exists())
            .filter_map(|folder| folder.parent().map(Path::to_path_buf)),
    );
    prefixes.extend(surroundings.home.as_ref().map(|home| home.join(".local")));
    let mut folders = Vec::new();
    for prefix in prefixes {
        for library in children(&prefix.join("lib"), |name| name.starts_with("python3")) {
            folders.push(library.join("site-packages"));
            folders.push(library.join("dist-packages"));
        }
    }
    folders.sort();
    folders.dedup();
    folders.retain(|folder| folder.is_dir());
    folders
}

/// Whether a package is installed, by the name of its distribution or its module.
pub(super) fn has_distribution(project: &Path, surroundings: &Surroundings, name: &str) -> bool {
    let wanted = normal(name);
    package_folders(project, surroundings).iter().any(|folder| {
        [name.to_owned(), wanted.replace('-', "_")]
            .iter()
            .any(|module| {
                folder.join(module).is_dir() || folder.join(format!("{module}.py")).is_file()
            })
            || distributions(folder).any(|found| normal(&found) == wanted)
    })
}

/// How pytest can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pytest {
    /// `python3 -m pytest`: the Python that commands use has it.
    Module,
    /// As a program of its own, in an environment of its own, as pipx installs it.
    Program,
    /// It is not there.
    Absent,
}

/// How pytest can be run: the first `python3` of `PATH` knows what stands in its own folders and in
/// the user's, and in no other Python's.
pub(super) fn pytest(project: &Path, surroundings: &Surroundings) -> Pytest {
    let program = surroundings.program(project, "pytest");
    let python = surroundings.program(project, "python3");
    let folder = python.as_deref().and_then(Path::parent);
    let of_it = |prefix: &Path| {
        children(&prefix.join("lib"), |name| name.starts_with("python3"))
            .iter()
            .flat_map(|library| ["site-packages", "dist-packages"].map(|end| library.join(end)))
            .any(|packages| packages.join("pytest").is_dir())
    };
    let venvs = [project.join(".venv")];
    let home = surroundings.home.as_ref().map(|home| home.join(".local"));
    let prefixes = venvs.iter().map(PathBuf::as_path);
    let mut prefixes = prefixes
        .chain(folder.and_then(Path::parent))
        .chain(home.as_deref());
    let stands_beside = folder.is_some() && program.as_deref().and_then(Path::parent) == folder;
    match program {
        _ if stands_beside || prefixes.any(of_it) => Pytest::Module,
        Some(_) => Pytest::Program,
        None => Pytest::Absent,
    }
}

/// The names of all installed distributions, sorted.
pub(super) fn installed(project: &Path, surroundings: &Surroundings) -> Vec<String> {
    package_folders(project, surroundings)
        .iter()
        .flat_map(|folder| distributions(folder).collect::<Vec<_>>())
        .collect::<BTreeSet<String>>()
        .into_iter()
        .collect()
}

/// `Flask-2.0.dist-info` and `flask.egg-info` stand for `Flask` and `flask`.
fn distributions(folder: &Path) -> impl Iterator<Item = String> {
    children(folder, |name| {
        name.ends_with(".dist-info") || name.ends_with(".egg-info")
    })
    .into_iter()
    .filter_map(|path| {
        let stem = path.file_stem()?.to_str()?;
        Some(stem.split('-').next()?.to_owned())
    })
}

/// A name as package indexes compare names.
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// The entries of a folder whose names are wanted, sorted.
pub(super) fn children(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(&wanted))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

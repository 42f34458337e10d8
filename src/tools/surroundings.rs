//! What the person's machine offers, as the caller read it from the environment. Looks for
//! programs by name only; starts none and reads no environment itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the person's machine offers, read from the environment by the caller.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The value of `PATH`.
    pub search_path: OsString,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// Cargo's folder, if it is not `.cargo` in the home folder.
    pub cargo_home: Option<PathBuf>,
    /// Where this session has put crates that it fetched, if it has.
    pub fetched_crates: Option<PathBuf>,
}

impl Surroundings {
    /// The folders of `PATH` that are absolute and not part of the project: what stands in the
    /// project is not run outside the sandbox.
    pub(super) fn program_folders(&self, project: &Path) -> Vec<PathBuf> {
        std::env::split_paths(&self.search_path)
            .filter(|folder| folder.is_absolute() && !folder.starts_with(project))
            .collect()
    }

    /// Where a program is, by looking only.
    pub(super) fn program(&self, project: &Path, name: &str) -> Option<PathBuf> {
        self.program_folders(project)
            .into_iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }

    /// Cargo's folder.
    pub(super) fn cargo_home(&self) -> Option<PathBuf> {
        self.cargo_home
            .clone()
            .or_else(|| Some(self.home.as_ref()?.join(".cargo")))
    }
}

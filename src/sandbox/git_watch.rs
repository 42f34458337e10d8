//! Holds the guard of git's files over each command, whether the command ends or is dropped in the
//! middle, and remembers what a person is to be told. How the guard works: `git_guard.rs`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::environment::Environment;
use super::git_guard::GitGuard;
use super::policy::Policy;

/// The guard over the commands of a session.
#[derive(Debug)]
pub(super) struct GitWatch {
    project: PathBuf,
    aside: PathBuf,
    told: Mutex<Vec<String>>,
}

/// The guard over one command. Dropping it puts back as well: the command must have ended by then.
#[derive(Debug)]
pub(super) struct Watching<'a> {
    watch: &'a GitWatch,
    guard: Option<GitGuard>,
}

/// Puts back what a command changed whose program was killed. What was put back, a line for each.
pub fn recover(project: &Path, session_tmp: &Path) -> io::Result<Vec<String>> {
    let guard = GitGuard::left_over(project, &aside(session_tmp))?;
    Ok(guard.map(GitGuard::put_back).unwrap_or_default())
}

/// Beside what commands see as `/tmp`, and so not in it.
fn aside(session_tmp: &Path) -> PathBuf {
    session_tmp.with_file_name("guard")
}

impl GitWatch {
    pub(super) fn new(policy: &Policy) -> Self {
        Self {
            project: policy.project.clone(),
            aside: aside(&policy.session_tmp),
            told: Mutex::default(),
        }
    }

    /// Looks before a command.
    pub(super) fn begin(&self) -> io::Result<Watching<'_>> {
        let guard = GitGuard::look(&self.project, &self.aside)?;
        Ok(Watching {
            watch: self,
            guard: Some(guard),
        })
    }

    /// What was put back since this was last asked.
    pub(super) fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watching<'_> {
    /// The environment in which git runs nothing that stands in the project.
    pub(super) fn disarm(&self, environment: Environment) -> Environment {
        const COUNT: &str = "GIT_CONFIG_COUNT";
        let settings = self.guard.iter().flat_map(GitGuard::disarming);
        let taken = environment.get(COUNT).and_then(|count| count.to_str());
        let first: usize = taken.and_then(|count| count.parse().ok()).unwrap_or(0); // silent-ok: none
        let mut next = first;
        let mut environment = environment;
        for setting in settings {
            environment = environment
                .with(format!("GIT_CONFIG_KEY_{next}"), setting.key)
                .with(format!("GIT_CONFIG_VALUE_{next}"), setting.value);
            next += 1;
        }
        if next == first {
            return environment;
        }
        environment.with(COUNT, next.to_string())
    }

    /// Looks again after the command, and puts back.
    pub(super) fn end(mut self) -> Vec<String> {
        self.put_back()
    }

    fn put_back(&mut self) -> Vec<String> {
        let lines = self
            .guard
            .take()
            .map(GitGuard::put_back)
            .unwrap_or_default();
        let mut told = self
            .watch
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        told.extend(lines.iter().cloned());
        lines
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.put_back();
    }
}

//! What commands of a session may touch. Made from the user's configuration, never from the
//! project's: a project can only be looked at more strictly.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::screen::SECRETS;

/// What commands of a session may touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The project folder.
    pub project: PathBuf,
    /// A folder of the session's own that commands see as `/tmp`.
    pub session_tmp: PathBuf,
    /// The person's home folder, if there is one: empty for commands but for `read`.
    pub home: Option<PathBuf>,
    /// What may be read beside the system: toolchains and their caches.
    pub read: Vec<PathBuf>,
    /// What may be written beside the project.
    pub write: Vec<PathBuf>,
    /// What does not exist for commands, even below what may be read.
    pub hidden: Vec<PathBuf>,
    /// Caches of package tools: read by every command, filled by one that fetches packages.
    pub caches: Vec<PathBuf>,
    /// A folder of the session's own that commands do not see: what was fetched stands there, so
    /// that the person's own caches stay as they are.
    pub layers: PathBuf,
    /// Where commands with a network may connect to.
    pub ports: Vec<u16>,
    /// The port of the model's server, which a mirror's must not open.
    pub model_port: Option<u16>,
    /// How much they may use.
    pub limits: Limits,
}

/// How much a command may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Processes and threads.
    pub processes: u64,
    /// Open files of one process.
    pub open_files: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of memory of all processes; none for half of the machine's.
    pub memory_bytes: Option<u64>,
    /// Bytes that stay free on the project's disk.
    pub free_disk_bytes: u64,
}

/// Beside what commands see as `/tmp`: a folder in which a command starts to find it in the place
/// of the project, which it then does not see.
pub const STAND_IN: &str = "instead";

impl Default for Limits {
    fn default() -> Self {
        Self {
            processes: 512,
            open_files: 4096,
            file_bytes: 4 << 30,
            memory_bytes: None,
            free_disk_bytes: 1 << 30,
        }
    }
}

/// Below home: toolchains and the caches they read.
const TOOLCHAINS: &[&str] = &[
    ".cargo/bin",
    ".cargo/env",
    ".cargo/config.toml",
    ".cargo/config",
    ".cargo/registry",
    ".cargo/git",
    ".rustup",
    ".npm",
    ".nvm",
    ".fnm",
    ".volta",
    ".local/share/pnpm",
    ".cache/pnpm",
    ".yarn",
    ".bun",
    ".deno",
    ".pyenv",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/pipx",
    ".local/share/uv",
    ".cache/uv",
    ".cache/pip",
    ".conda",
    "miniconda3",
    "anaconda3",
    ".rbenv",
    ".gem",
    ".asdf",
    ".local/share/mise",
    ".sdkman",
    ".m2/repository",
    ".m2/wrapper",
    ".gradle/caches",
    ".gradle/wrapper",
    "go",
    ".cache/ms-playwright",
    ".dotnet",
    ".nuget/packages",
    ".opam",
    ".ghcup",
    ".juliaup",
    ".julia",
    ".elan",
    ".nix-profile",
    ".gitconfig",
    ".config/git",
];

/// Below home: caches that a package tool fills while it fetches.
const CACHES: &[&str] = &[
    ".cargo/registry",
    ".cargo/git",
    ".npm/_cacache",
    ".cache/pip",
];

/// Below home, hidden besides the secrets that screening knows: what was typed may hold passwords.
const HISTORIES: &[&str] = &[".bash_history", ".zsh_history"];

/// Where the system lives, for a command that sees the real one.
pub(super) const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/proc",
    "/sys",
    "/run/current-system",
];

/// Elsewhere: passwords of the machine, which root's own commands could read.
const SYSTEM_SECRETS: &[&str] = &[
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/sudoers.d",
];

/// The folder of layers, beside the session's `/tmp`.
const LAYERS: &str = "caches";

/// Where crates stand that a session has fetched, by the session's folder.
pub fn fetched_crates(session: &Path) -> PathBuf {
    session.join(LAYERS).join("cargo-registry/upper/cache")
}

impl Policy {
    /// That folder, if it is the one that is to stand in the place of the project.
    pub(super) fn stand_in(&self, folder: &Path) -> Option<PathBuf> {
        let place = self.session_tmp.with_file_name(STAND_IN);
        let named = folder.file_name() == place.file_name();
        // silent-ok: what is not there stands for nothing.
        let is_it = named && folder.canonicalize().ok()? == place.canonicalize().ok()?;
        is_it.then_some(place)
    }

    /// The usual policy of a project: toolchains readable, secrets hidden, nothing else writable.
    pub fn new(project: PathBuf, session_tmp: PathBuf, home: Option<PathBuf>) -> Self {
        let below_home = |names: &[&str]| -> Vec<PathBuf> {
            home.iter()
                .flat_map(|home| names.iter().map(|name| home.join(name)))
                .collect()
        };
        let mut hidden = below_home(SECRETS);
        hidden.extend(below_home(HISTORIES));
        hidden.extend(SYSTEM_SECRETS.iter().map(PathBuf::from));
        Self {
            read: below_home(TOOLCHAINS),
            write: Vec::new(),
            caches: below_home(CACHES),
            layers: session_tmp.with_file_name(LAYERS),
            hidden,
            ports: vec![80, 443, 22, 53],
            model_port: None,
            limits: Limits::default(),
            project,
            session_tmp,
            home,
        }
    }

    /// The same policy, which opens what stands in `PATH` of a Python environment of the person's:
    /// one that was activated is a toolchain, wherever below home it is. It is known by the file
    /// or folder that its maker leaves there (PEP 405; conda).
    #[must_use]
    pub fn with_environments(mut self, search_path: &OsStr) -> Self {
        let Some(home) = self.home.clone() else {
            return self;
        };
        let is_one = |folder: &Path| {
            folder.starts_with(&home)
                && folder != home
                && !self.project.starts_with(folder)
                && (folder.join("pyvenv.cfg").is_file() || folder.join("conda-meta").is_dir())
        };
        let environments: Vec<PathBuf> = std::env::split_paths(search_path)
            .filter_map(|folder| Some(folder.parent()?.to_path_buf()))
            .filter(|folder| is_one(folder))
            .collect();
        self.read.extend(environments);
        self
    }

    /// Whether a command that sees the real file system may read what is there.
    pub(super) fn opens(&self, path: &Path) -> bool {
        let own = [&self.project, &self.session_tmp].into_iter();
        own.chain(&self.read)
            .chain(&self.write)
            .map(PathBuf::as_path)
            .chain(SYSTEM.iter().map(Path::new))
            .any(|open| path.starts_with(open))
    }

    /// The same policy with the paths behind links: a home that is a link is still a home.
    #[must_use]
    pub(super) fn resolved(mut self) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some(home) = self.home.take() {
            let real_home = real(&home);
            let listed = self.read.iter_mut().chain(&mut self.hidden);
            for path in listed.chain(&mut self.caches) {
                if let Ok(below) = path.strip_prefix(&home) {
                    *path = real_home.join(below);
                }
            }
            self.home = Some(real_home);
        }
        for path in &mut self.write {
            *path = real(path);
        }
        self.project = real(&self.project);
        self.session_tmp = real(&self.session_tmp);
        if let Some((folder, name)) = self.layers.parent().zip(self.layers.file_name()) {
            self.layers = real(folder).join(name);
        }
        self
    }

    /// Why this folder cannot be a project, if so: what commands may write must not hold the
    /// person's own files or this program's.
    pub fn refusal(project: &Path, home: Option<&Path>, state: &[&Path]) -> Option<String> {
        let shown = project.display();
        if project.parent().is_none() {
            return Some(format!("`{shown}` is the whole machine"));
        }
        if home.is_some_and(|home| home.starts_with(project)) {
            return Some(format!("`{shown}` is the home folder or holds it"));
        }
        state
            .iter()
            .find(|state| state.starts_with(project))
            .map(|state| {
                format!(
                    "`{shown}` holds `{}`, where sessions and settings are kept",
                    state.display()
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_behind_a_link_is_the_folder_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink("real", root.join("home")).unwrap();
        let home = root.join("home");
        let policy = Policy::new(home.join("p"), home.clone(), Some(home)).resolved();
        assert_eq!(policy.home, Some(root.join("real")));
        assert_eq!(policy.session_tmp, root.join("real"));
        assert!(policy.hidden.contains(&root.join("real/.ssh")));
        assert!(policy.read.contains(&root.join("real/.cargo/bin")));
    }

    #[test]
    fn an_environment_in_the_path_is_open_and_nothing_else_of_home() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let made = |path: &str| std::fs::create_dir_all(home.join(path)).unwrap();
        let marked = |path: &str| std::fs::write(home.join(path).join("pyvenv.cfg"), "").unwrap();
        for path in [
            "venvs/dev/bin",
            "notes/bin",
            "work/bin",
            "work/project",
            "bin",
        ] {
            made(path);
        }
        made("conda/envs/a/conda-meta");
        made("conda/envs/a/bin");
        for path in ["venvs/dev", "work", ""] {
            marked(path);
        }
        let names = [
            "venvs/dev/bin",
            "notes/bin",
            "work/bin",
            "bin",
            "conda/envs/a/bin",
        ];
        let search = std::env::join_paths(names.map(|name| home.join(name))).unwrap();
        let policy = Policy::new(
            home.join("work/project"),
            home.join("t"),
            Some(home.clone()),
        );
        let before = policy.read.len();
        let policy = policy.with_environments(&search);
        assert_eq!(
            policy.read[before..],
            [home.join("venvs/dev"), home.join("conda/envs/a")]
        );
    }

    #[test]
    fn folders_that_hold_more_than_a_project_are_refused() {
        let check = |project: &str, refused: bool| {
            let home = Some(Path::new("/home/u"));
            let state = Path::new("/home/u/.local/share/loop");
            let refusal = Policy::refusal(Path::new(project), home, &[state]);
            assert_eq!(refusal.is_some(), refused, "{project}: {refusal:?}");
        };
        check("/", true);
        check("/home", true);
        check("/home/u", true);
        check("/home/u/.local", true);
        check("/home/u/project", false);
        check("/srv/project", false);
    }
}

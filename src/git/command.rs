//! Finding git and running it: an environment and a configuration of our own, bytes in, bytes
//! out, killed when nobody waits any more.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::error::GitError;

/// Settings that stand above every file: nothing is started, bytes stay as they are.
const SETTINGS: [&str; 12] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.symlinks=true",
    "core.fileMode=true",
    "core.quotePath=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// The git that is installed.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    search_path: OsString,
    pub(super) home: Option<PathBuf>,
}

/// Who the person is to git.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `user.name`
    pub name: Option<String>,
    /// `user.email`
    pub email: Option<String>,
}

impl Git {
    /// Looks for git on a search path. Places that are relative or inside the project do not
    /// count: what lies there may be the model's.
    pub fn find(
        search_path: &OsStr,
        home: Option<PathBuf>,
        project: &Path,
    ) -> Result<Self, GitError> {
        let folders: Vec<&Path> = search_path
            .as_bytes()
            .split(|byte| *byte == b':')
            .map(|folder| Path::new(OsStr::from_bytes(folder)))
            .filter(|folder| folder.is_absolute() && !folder.starts_with(project))
            .collect();
        let program = folders
            .iter()
            .map(|folder| folder.join("git"))
            .find(|program| program.is_file())
            .ok_or(GitError::Missing)?;
        Ok(Self {
            program,
            search_path: folders
                .iter()
                .map(|folder| folder.as_os_str())
                .collect::<Vec<_>>()
                .join(OsStr::new(":")),
            home,
        })
    }

    /// The installed version, such as `2.47.3`.
    pub async fn version(&self) -> Result<String, GitError> {
        let mut command = self.sealed();
        command.arg("version");
        let said = run(command, "version", Vec::new()).await?;
        let said = String::from_utf8_lossy(&said);
        Ok(said.trim().trim_start_matches("git version ").to_owned())
    }

    /// The person's name and address as git knows them in that project, read as data.
    pub async fn identity(&self, project: &Path) -> Result<Identity, GitError> {
        // A repository that git refuses to look at leaves what holds everywhere.
        for folder in [project, Path::new("/")] {
            let mut command = self.bare();
            self.at_home(&mut command);
            command.current_dir(folder).args([
                "config",
                "--null",
                "--get-regexp",
                r"^user\.(name|email)$",
            ]);
            let output = output(command, Vec::new()).await?;
            if output.status.success() {
                return Ok(parse_identity(&output.stdout));
            }
            // 1 says that neither is set.
            if output.status.code() == Some(1) {
                break;
            }
        }
        Ok(Identity::default())
    }

    /// A command as the person would give it, in a folder of theirs and with their configuration,
    /// but that no hook runs and nothing watches.
    pub(super) fn as_the_person(&self, folder: &Path) -> Command {
        let mut command = self.bare();
        self.at_home(&mut command);
        command.current_dir(folder);
        for setting in &SETTINGS[..2] {
            command.args(["-c", setting]);
        }
        command
    }

    /// Where keys and programs of the person find what they need.
    pub(super) fn at_home(&self, command: &mut Command) {
        if let Some(home) = &self.home {
            command.env("HOME", home);
        }
    }

    /// A command in a repository of ours.
    pub(super) fn command(&self, git_dir: &Path, work_tree: &Path) -> Command {
        let mut command = self.sealed();
        command
            .env("GIT_DIR", git_dir)
            .env("GIT_WORK_TREE", work_tree)
            .current_dir(work_tree);
        command
    }

    /// A command that reads no configuration but its repository's.
    pub(super) fn sealed(&self) -> Command {
        let mut command = self.bare();
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    fn bare(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", &self.search_path)
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_PAGER", "cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

/// Runs a command to its end and gives what it wrote.
pub(super) async fn run(command: Command, what: &str, input: Vec<u8>) -> Result<Vec<u8>, GitError> {
    let output = output(command, input).await?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    // Nothing is ignored.
    if what == "check-ignore" && output.status.code() == Some(1) {
        return Ok(Vec::new());
    }
    if what == "merge-tree" && output.status.code() == Some(1) {
        let mut fields = output.stdout.split(|byte| *byte == 0);
        // The first is the tree.
        let files = fields.by_ref().skip(1).filter(|path| !path.is_empty());
        let files = files.map(|path| String::from_utf8_lossy(path).into_owned());
        return Err(GitError::Conflicts {
            files: files.collect(),
        });
    }
    Err(GitError::Failed {
        what: what.to_owned(),
        detail: match String::from_utf8_lossy(&output.stderr).trim() {
            "" => output.status.to_string(),
            said => said.to_owned(),
        },
    })
}

async fn output(mut command: Command, input: Vec<u8>) -> Result<std::process::Output, GitError> {
    let mut child = command.spawn().map_err(|error| {
        let folder = command.as_std().get_current_dir();
        match folder.filter(|folder| !folder.exists()) {
            Some(gone) => GitError::Gone(gone.to_owned()),
            None => GitError::Start(error),
        }
    })?;
    let stdin = child.stdin.take();
    let feed = async move {
        if let Some(mut stdin) = stdin {
            // silent-ok: a git that ends early says why by its status.
            let _ = stdin.write_all(&input).await;
        }
    };
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    output.map_err(GitError::Start)
}

/// `key LF value NUL`, weakest first.
fn parse_identity(said: &[u8]) -> Identity {
    let mut identity = Identity::default();
    for entry in said.split(|byte| *byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        match entry.split_once('\n') {
            Some(("user.name", value)) => identity.name = Some(value.to_owned()),
            Some(("user.email", value)) => identity.email = Some(value.to_owned()),
            _ => {}
        }
    }
    identity
}

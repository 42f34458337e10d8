//! A small machine to attack: a project, a home with a key, a folder outside, and walls around
//! commands that run in the project.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use loop_orchestration::engine::ports::{Access, Command, Confine, Finished, Network};
use loop_orchestration::sandbox::{Environment, Launcher, Plain, Policy, Tier, Wall};
use tempfile::TempDir;

/// Where grounds are made, if not below the build folder: a person who is not root may not
/// write there.
pub(crate) const GROUND_FOLDER: &str = "LOOP_TEST_GROUND";

/// Where git stops to look for a repository.
pub(crate) const CEILING: &str = "GIT_CEILING_DIRECTORIES";

/// What must not be read or changed.
pub(crate) const CANARY: &str = "canary-7c1f";

/// The folders, gone when it is dropped.
pub(crate) struct Ground {
    root: Option<TempDir>,
    pub(crate) project: PathBuf,
    pub(crate) home: PathBuf,
    pub(crate) outside: PathBuf,
    pub(crate) tmp: PathBuf,
}

/// A folder that can be written here and that a full wall does not cover: the build folder, unless
/// the checkout itself stands in a covered place.
pub(crate) fn base() -> PathBuf {
    const COVERED: [&str; 9] = [
        "/tmp", "/var/tmp", "/run", "/mnt", "/media", "/srv", "/root", "/home", "/dev",
    ];
    let build = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let others = ["/var/lib", "/opt", "/usr/local", "/var/cache"].map(PathBuf::from);
    [build.clone()]
        .into_iter()
        .chain(others)
        .filter(|folder| !COVERED.iter().any(|covered| folder.starts_with(covered)))
        .find(|folder| tempfile::tempdir_in(folder).is_ok())
        .unwrap_or(build)
}

impl Ground {
    /// Not below `/tmp`, which commands behind a full wall do not see anyway.
    pub(crate) fn new() -> Self {
        let base = std::env::var_os(GROUND_FOLDER).map_or_else(base, PathBuf::from);
        let root = tempfile::Builder::new()
            .prefix("ground")
            .tempdir_in(base)
            .unwrap();
        let mut ground = Self::at(&root.path().canonicalize().unwrap());
        ground.root = Some(root);
        ground
    }

    /// The same in a folder that somebody else removes.
    pub(crate) fn at(path: &Path) -> Self {
        let below = |name: &str| {
            let folder = path.join(name);
            fs::create_dir_all(&folder).unwrap();
            folder
        };
        let ground = Self {
            project: below("project"),
            home: below("home"),
            outside: below("outside"),
            tmp: below("tmp"),
            root: None,
        };
        below("home/.ssh");
        // The tests may run inside a repository. git ends here, whatever its environment says.
        fs::write(path.join(".git"), "the way up ends here").unwrap();
        fs::write(ground.home.join(".ssh/id"), CANARY).unwrap();
        fs::write(ground.home.join("notes"), CANARY).unwrap();
        fs::write(ground.outside.join("file"), CANARY).unwrap();
        ground
    }

    /// A repository in the project, as a person would have made it.
    pub(crate) fn with_git(self) -> Self {
        let script = "git init -q -b main . && git config user.name n && \
                      git config user.email e@example.com && echo a > a && git add a && \
                      git commit -q -m one && mkdir -p .git/hooks .git/info";
        let made = std::process::Command::new("bash")
            .args(["-c", script])
            .current_dir(&self.project)
            // A hook that runs the tests names its own repository in the environment.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env(CEILING, self.ceiling())
            .status()
            .unwrap();
        assert!(made.success());
        self
    }

    /// git does not go up into this folder: it counts only above where git starts.
    pub(crate) fn ceiling(&self) -> &Path {
        self.project.parent().unwrap()
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::new(
            self.project.clone(),
            self.tmp.clone(),
            Some(self.home.clone()),
        )
    }

    /// What commands see: the paths of this machine, by name.
    pub(crate) fn environment(&self, more: &[(&str, String)]) -> Environment {
        let mut vars: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), std::env::var_os("PATH").unwrap()),
            ("HOME".into(), self.home.clone().into()),
            ("LC_OUT".into(), self.outside.clone().into()),
            ("LC_HOME".into(), self.home.clone().into()),
        ];
        vars.extend(
            more.iter()
                .map(|(name, value)| ((*name).into(), value.into())),
        );
        // A command that breaks the project's repository must not find one around it.
        vars.push((CEILING.into(), self.ceiling().into()));
        Environment::from_vars(vars, &[CEILING.to_owned()])
    }

    pub(crate) fn plain(&self, more: &[(&str, String)]) -> Plain {
        Plain::new(self.environment(more)).grace(Duration::from_millis(100))
    }

    pub(crate) fn wall(&self, most: Tier, more: &[(&str, String)]) -> Wall {
        self.wall_with(self.policy(), most, more)
    }

    pub(crate) fn wall_with(&self, policy: Policy, most: Tier, more: &[(&str, String)]) -> Wall {
        Wall::new(policy, self.environment(more), launcher())
            .at_most(most)
            .grace(Duration::from_millis(200))
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        Command {
            line: line.to_owned(),
            folder: self.project.clone(),
            timeout: Duration::from_secs(120),
            access: Access::Write,
            network: Network::Off,
            output_limit: 20_000,
        }
    }

    pub(crate) async fn run(&self, wall: &impl Confine, line: &str) -> Finished {
        wall.run(&self.command(line)).await.unwrap()
    }
}

/// The program, as the launcher.
pub(crate) fn launcher() -> Launcher {
    Launcher::at(Path::new(env!("CARGO_BIN_EXE_loop"))).unwrap()
}

/// Says something to whoever runs the tests, also when they pass.
pub(crate) fn say(text: &str) {
    use std::io::Write as _;
    // silent-ok: nobody is there to be told.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The tiers this machine has, the best one first. Says what it leaves out.
pub(crate) fn tiers(ground: &Ground) -> Vec<Tier> {
    let mut tiers = Vec::new();
    for tier in [Tier::Full, Tier::Partial, Tier::None] {
        let wall = ground.wall(tier, &[]);
        if wall.probed().tier == tier {
            tiers.push(tier);
        } else {
            say(&format!(
                "left out: tier {tier}: {:?}",
                wall.probed().refused
            ));
        }
    }
    tiers
}

/// A pipe in the file system that a process holds open for as long as it lives.
pub(crate) fn lifeline(folder: &Path) -> PathBuf {
    let path = folder.join("alive");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
    path
}

/// The reading end of a lifeline that nobody has opened yet.
pub(crate) fn listen(path: &Path) -> fs::File {
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NONBLOCK;
    let read = rustix::fs::open(path, flags, rustix::fs::Mode::empty()).unwrap();
    rustix::fs::fcntl_setfl(&read, rustix::fs::OFlags::empty()).unwrap();
    read.into()
}

/// Waits until nobody holds the other end any more: hangs, and fails so, if somebody lives.
pub(crate) fn wait_for_death(mut alive: fs::File) {
    std::io::copy(&mut alive, &mut std::io::sink()).unwrap();
}
